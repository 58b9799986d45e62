"""One HTTP layer for all servers: TLS, proxy, time-outs, repetition, limits, and failures as plain sentences."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from viewr.model.errors import NetworkError, SettingsError
from viewr.model.progress import Progress
from viewr.net.address import clean_url, host_port, loggable, redirected, require_safe, same_host
from viewr.net.failures import FOREIGN, ServerFaultError, UnreachableError, WrongServerError, translate
from viewr.net.transport import BLOCK, Sessions, SharedCookies, proxies_for

log = logging.getLogger(__name__)

#: What a small answer (a listing, a task, a template) may weigh at most, in bytes.
SMALL = 64 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 502, 503, 504)
_MAX_HOPS = 5

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]
Query = Mapping[str, str | int] | list[tuple[str, str]]


class Body(Protocol):
    """What a request may send: read piece by piece, its length known beforehand."""

    def read(self, size: int = -1, /) -> bytes: ...

    def __len__(self) -> int: ...


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


@dataclass(frozen=True)
class Answer:
    """A whole answer in memory. `url` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        return self.content_type == "application/json" or self.content_type.endswith("+json")

    @property
    def is_html(self) -> bool:
        start = self.body[:200].lstrip().lower()
        return self.content_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body parsed; raises `WrongServerError` when it is something else."""
        host = host_port(self.url)
        if not self.is_json:
            kind = "a web page" if self.is_html else f"'{self.content_type or 'nothing known'}'"
            raise WrongServerError(
                f"{host} answers with {kind} where data was expected (HTTP {self.status}).",
                "Check the address; a login page or a proxy may stand in between.",
            )
        try:
            return json.loads(self.body)
        except ValueError:
            raise WrongServerError(f"{host} sends data that cannot be read.", "Try again later.") from None


class Stream:
    """An answer whose body is still to come."""

    def __init__(self, response: requests.Response, fail: Callable[[BaseException], NetworkError]) -> None:
        self._response = response
        self._fail = fail
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.url: str = response.url

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()

    def chunks(self, progress: Progress | None = None) -> Iterator[bytes]:
        """The body piece by piece; raises `UnreachableError` when it breaks off, `Cancelled` when not wanted."""
        encoded = bool(self.headers.get("Content-Encoding"))
        try:
            for chunk in self._response.raw.stream(BLOCK, decode_content=encoded):
                if progress is not None:
                    progress.check()
                yield chunk
        except FOREIGN as exc:
            raise self._fail(exc) from None

    def whole(self, limit: int = SMALL, progress: Progress | None = None) -> Answer:
        """The rest of the body in memory; raises `WrongServerError` when it is larger than `limit` bytes."""
        body = bytearray()
        for chunk in self.chunks(progress):
            body += chunk
            if len(body) > limit:
                raise WrongServerError(
                    f"{host_port(self.url)} answers with more than {limit / 2**20:.0f} MB where a short answer was "
                    "expected.",
                    "Check the address.",
                )
        return Answer(self.status, self.headers, bytes(body), self.url)


class Http:
    """Requests to one server; safe from several threads at once.

    Parameters
    ----------
    base_url : str
        Address; paths of requests that begin with "/" are appended to it.
    auth : callable, optional
        Puts credentials on a request; they only ever go to this host, encrypted or on this machine.
    cookies : SharedCookies, optional
        Cookies that all requests share.
    options : HttpOptions, optional
    sleep : callable, optional
        Waits for so many seconds; replaced in tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth | None = None,
        cookies: SharedCookies | None = None,
        options: HttpOptions | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = clean_url(base_url)
        self.options = options or HttpOptions()
        self._auth = auth
        self._cookies = cookies
        self._sleep = sleep
        self._sessions = Sessions(_trusted(self.options))
        self._proxies: dict[str, dict[str, str]] = {}
        # The library below writes whole addresses, with their queries, into its own log.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

    @property
    def host(self) -> str:
        return host_port(self.base_url)

    def close(self) -> None:
        self._sessions.close()

    def reach(self) -> None:
        """Raise `NetworkError` unless something answers there; sends no credentials."""
        try:
            answer = self.send("GET", self.base_url + "/", anonymous=True, accept="*/*")
        finally:
            self.close()
        if answer.status >= 500:
            raise ServerFaultError(
                f"{self.host} reports a fault of its own (HTTP {answer.status}).", "Tell its administrator."
            )

    def get(self, path: str, **kwargs: Any) -> Answer:
        """`send` with GET."""
        return self.send("GET", path, **kwargs)

    def send(self, method: str, path: str, *, limit: int = SMALL, **kwargs: Any) -> Answer:
        """Send a request and return the whole answer, whatever its status; arguments as `stream`."""
        progress = kwargs.get("progress")
        for attempt in range(self._attempts(method)):
            try:
                with self._open(method, path, **kwargs) as stream:
                    answer = stream.whole(limit, progress)
            except UnreachableError as exc:
                if not exc.repeatable or attempt == self._attempts(method) - 1:
                    raise
            else:
                if answer.status not in _BUSY:
                    return answer
            if attempt < self._attempts(method) - 1:
                self.wait(attempt, progress)
        return answer

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "application/json",
        auth: Auth | None = None,
        anonymous: bool = False,
        read_timeout: float | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Stream]:
        """Send one request, not repeated, and hand out the answer while its body is still to come.

        Parameters
        ----------
        method, path : str
            Path below the base address, already quoted, or a whole address.
        params, json, form, body, headers, accept
            Query; one of three kinds of body; further headers; what is wanted.
        auth : callable, optional
            Instead of the usual one.
        anonymous : bool
            Send no credentials at all.
        read_timeout : float, optional
            Seconds, instead of the usual ones.
        progress : Progress, optional
            Asked before the request goes out.
        """
        with self._open(
            method,
            path,
            params=params,
            json=json,
            form=form,
            body=body,
            headers=headers,
            accept=accept,
            auth=auth,
            anonymous=anonymous,
            read_timeout=read_timeout,
            progress=progress,
        ) as stream:
            yield stream

    def wait(self, attempt: int, progress: Progress | None = None) -> None:
        """Wait before the next attempt, longer each time, and stop waiting when nobody wants the result."""
        left = self.options.retry_wait * 2**attempt
        while left > 0:
            if progress is not None:
                progress.check()
            self._sleep(min(left, 0.1))
            left -= 0.1

    def _attempts(self, method: str) -> int:
        return 1 + self.options.retries if method in ("GET", "HEAD") else 1

    @contextmanager
    def _open(
        self, method: str, path: str, *, progress: Progress | None = None, anonymous: bool = False, **kwargs: Any
    ) -> Iterator[Stream]:
        if progress is not None:
            progress.check()
        url = path if "://" in path else self.base_url + path
        with self._sessions.borrow() as session:
            response = self._follow(session, method, url, anonymous, kwargs)
            read_timeout = kwargs.get("read_timeout") or self.options.read_timeout
            try:
                yield Stream(response, lambda exc: self._translated(exc, response.url, read_timeout))
            finally:
                _give_back(response)

    def _follow(
        self, session: requests.Session, method: str, url: str, anonymous: bool, kwargs: dict[str, Any]
    ) -> requests.Response:
        """Send, and follow redirects of reading requests; credentials never leave the host."""
        for _ in range(_MAX_HOPS):
            response = self._once(session, method, url, anonymous or not same_host(url, self.base_url), kwargs)
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            target = redirected(url, location)
            if method not in ("GET", "HEAD"):
                raise WrongServerError(
                    f"{host_port(url)} sends on to {host_port(target)} instead of accepting data.",
                    "Put the address that the server really has into the settings.",
                )
            url, kwargs = target, {**kwargs, "params": None}
        raise WrongServerError(f"{host_port(url)} sends on and on in a circle.", "Check the address.")

    def _once(
        self, session: requests.Session, method: str, url: str, anonymous: bool, kwargs: dict[str, Any]
    ) -> requests.Response:
        auth = _nobody if anonymous else self._credentials(kwargs.get("auth"))
        if auth is not _nobody:
            require_safe(url)
        read_timeout = kwargs.get("read_timeout") or self.options.read_timeout
        started = time.monotonic()
        try:
            response = session.request(
                method,
                url,
                params=kwargs.get("params"),
                json=kwargs.get("json"),
                data=kwargs.get("form") or kwargs.get("body"),
                headers={"Accept": kwargs.get("accept") or "*/*", **(kwargs.get("headers") or {})},
                auth=auth,
                timeout=(self.options.connect_timeout, read_timeout),
                proxies=self._proxies_for(url),
                allow_redirects=False,
                stream=True,
            )
        except FOREIGN as exc:
            log.info("%s %s%s failed: %s", method, host_port(url), loggable(url), type(exc).__name__)
            raise self._translated(exc, url, read_timeout) from None
        except (UnicodeError, ValueError):
            raise NetworkError(f"{host_port(url)} cannot be asked like this.", "Check the address.") from None
        if self._cookies is not None and not anonymous:
            self._cookies.keep(response)
        spent = (time.monotonic() - started) * 1000
        log.debug("%s %s%s: %d in %.0f ms", method, host_port(url), loggable(url), response.status_code, spent)
        return response

    def _credentials(self, auth: Auth | None) -> Auth:
        parts = [part for part in (auth or self._auth, self._cookies) if part is not None]
        if not parts:
            return _nobody

        def put(request: requests.PreparedRequest) -> requests.PreparedRequest:
            for part in parts:
                request = part(request)
            return request

        return put

    def _translated(self, exc: BaseException, url: str, read_timeout: float) -> UnreachableError:
        return translate(exc, url, self.options.connect_timeout, read_timeout)

    def _proxies_for(self, url: str) -> dict[str, str]:
        key = urlsplit(url).scheme + "://" + host_port(url)
        if key not in self._proxies:
            self._proxies[key] = proxies_for(url, self.options.proxies, self.options.trust_env)
        return self._proxies[key]


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _give_back(response: requests.Response) -> None:
    """Keep the connection for the next request, unless its body was not read to the end."""
    original = getattr(response.raw, "_original_response", None)
    if original is not None and original.isclosed():
        response.raw.release_conn()
    else:
        response.close()


def _trusted(options: HttpOptions) -> bool | str:
    """What the library checks certificates against."""
    if not options.verify:
        return False
    named = options.ca_file
    if not named and options.trust_env:
        named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or ""
    if named and not Path(named).exists():
        raise SettingsError(f"There is no file of trusted certificates '{named}'.", "Correct it in the settings.")
    return named or True
