"""The sessions of the HTTP library: one per request in flight, cookies shared, nothing taken from the environment."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

from viewr import __version__
from viewr.net.address import is_local

USER_AGENT = f"ViewR/{__version__}"
#: Bytes read and sent at a time: large enough that the interpreter's work does not count beside hashing.
BLOCK = 1 << 18


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, blocksize=BLOCK, **kwargs)


class Sessions:
    """Hands out one `requests.Session` at a time to each caller and takes it back, connection and all.

    Parameters
    ----------
    verify : bool or str
        Whether certificates are checked, or the file of trusted ones.
    """

    def __init__(self, verify: bool | str) -> None:
        self._verify = verify
        self._idle: list[requests.Session] = []
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self) -> Iterator[requests.Session]:
        with self._lock:
            session = self._idle.pop() if self._idle else None
        session = session or self._make()
        try:
            yield session
        finally:
            with self._lock:
                self._idle.append(session)

    def close(self) -> None:
        """Close the connections that nobody uses at the moment."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def _make(self) -> requests.Session:
        session = requests.Session()
        # The environment would add passwords from netrc and override the certificate file.
        session.trust_env = False
        session.verify = self._verify
        session.headers.clear()
        session.headers.update({"User-Agent": USER_AGENT})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(pool_connections=4, pool_maxsize=1))
        return session


class SharedCookies:
    """Cookies of one server, shared by all requests in flight; put on a request as its authentication."""

    def __init__(self) -> None:
        # Without TLS cookies only ever go to this machine, where a tunnel may end: secure ones as well.
        self._jar = RequestsCookieJar(policy=DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._lock:
            header: str | None = get_cookie_header(self._jar, request)  # type: ignore[no-untyped-call]
        if header:
            request.headers["Cookie"] = header
        return request

    def keep(self, response: requests.Response) -> None:
        """Take over the cookies of an answer."""
        with self._lock:
            extract_cookies_to_jar(self._jar, response.request, response.raw)  # type: ignore[no-untyped-call]

    def set(self, name: str, value: str, domain: str, path: str = "/") -> None:
        # http.cookiejar files a host without a dot under ".local".
        full = domain if "." in domain else f"{domain}.local"
        with self._lock:
            self._jar.set(name, value, domain=full, path=path)

    def get(self, name: str) -> str:
        """Value of a cookie, "" when there is none."""
        with self._lock:
            return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")

    def clear(self) -> None:
        with self._lock:
            self._jar.clear()


def proxies_for(url: str, explicit: Mapping[str, str] | None, trust_env: bool) -> dict[str, str]:
    """Proxy per scheme for an address; none for this machine."""
    if is_local(url):
        return {}
    if explicit is not None:
        return dict(explicit)
    return dict(requests.utils.get_environ_proxies(url)) if trust_env else {}
