"""The way to a task supervisor: finding its API, testing the account, and what its refusals mean."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from viewr.model.errors import SignInError, SupervisorError
from viewr.model.progress import Progress
from viewr.net.address import clean_url, host_port, origin, require_safe, same_host
from viewr.net.credentials import BasicAuth
from viewr.net.failures import ServerFaultError, WrongServerError
from viewr.net.http import Answer, Http, HttpOptions

#: Major versions of the API that this program understands.
UNDERSTOOD = (1,)
_VERSIONS = "/-/versions"


class TaskGoneError(SupervisorError):
    """The task is deleted or no longer assigned to the account; the supervisor does not tell which."""


@dataclass(frozen=True)
class Server:
    """Final address without a trailing slash, version of the software, absolute path of the API."""

    url: str
    version: str
    api: str


class Connection:
    """Requests to one task supervisor in the name of one account; safe from several threads.

    Parameters
    ----------
    url, user, password : str
        Address and account.
    options : HttpOptions, optional
        How to reach servers from here.
    sleep : callable, optional
        Waits for so many seconds.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        options: HttpOptions | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.given_url = re.sub(r"(/-/versions|/api/v\d+)$", "", clean_url(url))
        self.user = user
        self.http = Http(self.given_url, auth=BasicAuth(user, password), options=options, sleep=sleep)
        self._server: Server | None = None
        self._lock = threading.Lock()

    def connect(self) -> Server:
        """Find the API and test the account with it, once."""
        with self._lock:
            if self._server is None:
                self._server = self._find()
            return self._server

    def forget(self) -> None:
        """Look for the API anew at the next request."""
        with self._lock:
            self._server = None

    def get(self, path: str, params: Mapping[str, str | int] | None = None, progress: Progress | None = None) -> Any:
        """Parsed answer of a GET below the API; refusals raise."""
        return self.checked(self.send("GET", path, params=params, progress=progress)).json()

    def send(self, method: str, path: str, **kwargs: Any) -> Answer:
        """Answer of any call below the API, whatever its status, except that a refused account raises."""
        server = self.connect()
        answer = self.http.send(method, server.api + path, **kwargs)
        self._refuse_account(answer)
        return answer

    def checked(self, answer: Answer) -> Answer:
        """The answer, if it is a good one; else what its status means."""
        self._refuse_account(answer)
        if answer.status >= 500:
            raise ServerFaultError(
                f"{self.http.host} reports a fault of its own (HTTP {answer.status}).",
                "Try again later; tell its administrator if it stays.",
            )
        if answer.status == 403:
            raise SupervisorError(
                f"The account '{self.user}' may not do this at {self.http.host}; perhaps it has no role.",
                "Ask the study's coordinator to give the account a role.",
            )
        if answer.status != 200:
            raise self._odd(answer)
        return answer

    def _odd(self, answer: Answer) -> WrongServerError:
        what = "answers with a web page" if answer.is_html else "does not answer as a task supervisor does"
        return WrongServerError(
            f"{self.http.host} {what} (HTTP {answer.status}).",
            "Check that the address is that of the task supervisor.",
        )

    def _refuse_account(self, answer: Answer) -> None:
        if answer.status == 401:
            raise SignInError(
                f"{self.http.host} refuses the name '{self.user}'.",
                "Check name and password; capital letters count.",
            )

    def _find(self) -> Server:
        self.http.base_url = self.given_url
        answer = self.http.get(_VERSIONS, anonymous=True)
        final = self._final_url(answer)
        if answer.status == 404:
            raise WrongServerError(
                f"{self.http.host} has no task supervisor at this address, or one that is too old.",
                "Check the address; TaskManager 6 is needed.",
            )
        if answer.status >= 500:
            self.checked(answer)
        if answer.status != 200:
            raise self._odd(answer)
        versions = as_mapping(answer.json())
        self.http.base_url = origin(final)
        prefix = urlsplit(final).path
        return Server(final, as_text(versions.get("version")), self._signed_in(choose_api(versions), prefix))

    def _final_url(self, answer: Answer) -> str:
        """Address that the server really has, after redirects, fit to receive a password."""
        final = answer.url.split("?", 1)[0].removesuffix("/").removesuffix(_VERSIONS).rstrip("/")
        if not same_host(final, self.given_url):
            raise WrongServerError(
                f"{self.http.host} sends on to {host_port(final)}.",
                "If that is right, put that address into the settings.",
            )
        require_safe(final)
        return final

    def _signed_in(self, api: str, prefix: str) -> str:
        """Path of the API at which the account works; a proxy may have added a prefix unknown to the server."""
        candidates = [api] if not prefix or api.startswith(prefix + "/") else [api, prefix + api]
        for path in candidates:
            answer = self.http.get(f"{path}/tags")
            if answer.status == 404 and path != candidates[-1]:
                continue
            self.checked(answer).json()
        return path


def choose_api(answer: Any) -> str:
    """Absolute path of the newest API that this program understands, without a trailing slash.

    Parameters
    ----------
    answer : mapping
        What ``/-/versions`` says: ``{"version": "6.6.0", "api_versions": {"1.0": "/api/v1/"}}``.
    """
    offered = as_mapping(as_mapping(answer).get("api_versions"))
    usable = sorted((numbers(version), as_text(path)) for version, path in offered.items())
    usable = [(version, path) for version, path in usable if version[0] in UNDERSTOOD and path.startswith("/")]
    if not usable:
        raise WrongServerError(
            f"The task supervisor speaks version {', '.join(map(str, offered)) or 'unknown'} of its language only.",
            "This program understands version 1: update the one or the other.",
        )
    return usable[-1][1].rstrip("/")


def numbers(version: str) -> tuple[int, ...]:
    """Version as numbers, so that 1.10 comes after 1.9; what is no number counts as 0."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4]) or (0,)


def last_part(link: Any) -> str:
    """Id at the end of a link, "" for none."""
    return unquote(as_text(link).rstrip("/").rsplit("/", 1)[-1])


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value, if it is an object; else this is another kind of server."""
    if not isinstance(value, Mapping):
        raise WrongServerError("The task supervisor answers in a form that is not known.", "Check the address.")
    return value


def as_text(value: Any) -> str:
    """The value as text, "" for null."""
    return "" if value is None else str(value)
