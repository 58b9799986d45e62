"""One HTTP layer for all servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HttpOptions:
    """How to reach servers from this machine.

    Attributes
    ----------
    ca_file : str
        File of trusted certificates (PEM) used instead of the built-in ones; "" for those.
    proxies : mapping or None
        Proxy per scheme, such as ``{"https": "http://proxy:3128"}``; None asks the environment.
    trust_env : bool
        Whether proxies and certificate files named in the environment count.
    connect_timeout, read_timeout : float
        Seconds.
    verify : bool
        Check certificates; False only for a test set-up.
    retries : int
        How often a GET is repeated after the first failure.
    retry_wait : float
        Seconds before the first repetition; doubled each time.
    """

    ca_file: str = ""
    proxies: Mapping[str, str] | None = None
    trust_env: bool = True
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    verify: bool = True
    retries: int = 3
    retry_wait: float = 0.5
