"""Failures of the network as sentences that a user can act on."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from viewr.model.errors import NetworkError
from viewr.net.address import host_port


class UnreachableError(NetworkError):
    """No whole answer came back; whether the request arrived is unknown.

    Attributes
    ----------
    repeatable : bool
        Whether trying again soon may help.
    """

    def __init__(self, message: str, hint: str = "", *, repeatable: bool = True) -> None:
        super().__init__(message, hint)
        self.repeatable = repeatable


class WrongServerError(NetworkError):
    """Something answers, but it is not the kind of server that belongs to this address."""


class ServerFaultError(NetworkError):
    """The server itself failed (HTTP 5xx)."""


#: What may come out of requests and urllib3 while a request is sent or an answer is read.
FOREIGN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)

_NETWORK_HINT = "Check the address, the network and the VPN."


def translate(exc: BaseException, url: str, connect_timeout: float, read_timeout: float) -> UnreachableError:
    """One sentence for what a library raised; names the host, never the path or query.

    Parameters
    ----------
    exc : BaseException
        One of `FOREIGN`.
    url : str
        Where the request went.
    connect_timeout, read_timeout : float
        Seconds, for the message.
    """
    host = host_port(url)
    causes = list(_causes(exc))
    if _any(causes, socket.gaierror, urllib3.exceptions.NameResolutionError):
        return UnreachableError(f"No server named {host} is known here.", _NETWORK_HINT, repeatable=False)
    if _any(causes, urllib3.exceptions.ProxyError, requests.exceptions.ProxyError):
        return UnreachableError(
            f"The proxy does not pass requests on to {host}.", "Check the proxy settings, or exempt this host."
        )
    if _any(causes, ssl.SSLError, urllib3.exceptions.SSLError, requests.exceptions.SSLError):
        return _tls(host, causes)
    if any(isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED for cause in causes):
        return UnreachableError(f"Nothing answers at {host}.", "Check the address and whether the server runs.")
    if _any(causes, urllib3.exceptions.NewConnectionError):
        return UnreachableError(f"{host} cannot be reached from here.", _NETWORK_HINT)
    if _any(causes, urllib3.exceptions.ConnectTimeoutError, requests.exceptions.ConnectTimeout):
        return UnreachableError(f"{host} does not answer (tried for {connect_timeout:g} s).", _NETWORK_HINT)
    if _any(causes, urllib3.exceptions.ReadTimeoutError, requests.exceptions.ReadTimeout, TimeoutError):
        return UnreachableError(
            f"{host} did not answer within {read_timeout:g} s.", "Try again later.", repeatable=False
        )
    return UnreachableError(f"The connection to {host} broke off.", "Check the network and try again.")


def _tls(host: str, causes: list[BaseException]) -> UnreachableError:
    text = " ".join(str(cause) for cause in causes)
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return UnreachableError(f"{host} does not speak HTTPS.", "Check the address and the port.", repeatable=False)
    if "CERTIFICATE" not in text.upper() and "match" not in text:
        return UnreachableError(f"No secure connection to {host} could be made.", _NETWORK_HINT, repeatable=False)
    return UnreachableError(
        f"The certificate of {host} is not trusted.",
        "Ask your administrator for the file of trusted certificates and name it in the settings.",
        repeatable=False,
    )


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and everything it wraps, however the library stored it."""
    seen: set[int] = set()
    todo: list[object] = [exc]
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)
