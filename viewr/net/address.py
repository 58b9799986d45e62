"""Addresses of servers: what the user typed, what is safe, what may stand in a log."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from viewr.model.errors import NetworkError

_PRIVATE_PARENTS = ("subjects",)


def clean_url(url: str) -> str:
    """Address without user, query, fragment and trailing slashes; a bare host becomes HTTPS, this machine HTTP.

    Raises
    ------
    NetworkError
        If it is no web address at all.
    """
    text = url.strip()
    if "://" not in text:
        text = f"{'http' if is_loopback(_host_of(f'//{text}')) else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NetworkError(f"'{text}' is not a web address.", "It looks like https://host or https://host/path.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path.rstrip("/"), "", ""))


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_port(url: str) -> str:
    """Host and, where it is written, port: what messages name."""
    return urlsplit(url).netloc.rsplit("@", 1)[-1]


def same_host(one: str, other: str) -> bool:
    return _host_of(one) == _host_of(other)


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine, without asking any name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    return is_loopback(_host_of(url))


def is_safe(url: str) -> bool:
    """Whether credentials may travel to this address: encrypted, or never leaving this machine."""
    return urlsplit(url).scheme == "https" or is_local(url)


def require_safe(url: str) -> None:
    """Raise `NetworkError` unless credentials may travel to this address."""
    if not is_safe(url):
        raise NetworkError(
            f"{host_port(url)} is addressed without encryption, so no password is sent there.",
            "Use an address that begins with https://.",
        )


def redirected(url: str, location: str) -> str:
    """Target of a redirect; refuses to leave HTTPS for HTTP."""
    target = urljoin(url, location)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise NetworkError(
            f"{host_port(url)} sends on to an address without encryption.", "Ask the server's administrator."
        )
    return target


def loggable(url: str) -> str:
    """Path of an address without query and without subject labels, which may hold what names a person."""
    path = urlsplit(url).path
    for parent in _PRIVATE_PARENTS:
        path = re.sub(rf"(/{parent})/[^/]+(/experiments/[^/]+)?", r"\1/*", path)
    return re.sub(r"(/projects/[^/]+/experiments)/[^/]+", r"\1/*", path)


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
