"""The session with an XNAT server: signing in, staying signed in, and what its refusals mean."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from viewr.archive.base import NoRightError, NotThereError, ResourceRef
from viewr.model.errors import ArchiveError, NetworkError, SignInError
from viewr.model.progress import Progress
from viewr.net.address import clean_url, host_port, require_safe, same_host
from viewr.net.credentials import BasicAuth
from viewr.net.failures import ServerFaultError, UnreachableError, WrongServerError
from viewr.net.http import Answer, Body, Http, HttpOptions, Stream
from viewr.net.transport import SharedCookies

log = logging.getLogger(__name__)

_ALIAS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SESSION_ID = re.compile(r"[A-Za-z0-9._-]{8,200}")
_BUSY = (429, 502, 503, 504)
_QUOTE = "/:!$&'()*,;=@~"


class XnatSession:
    """One signed-in session, shared by all threads; signs in again when the server has forgotten it.

    Parameters
    ----------
    url, user, password : str
        Address and account, or alias token and its secret.
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
        self.user = user
        self.given_url = clean_url(url)
        self._password = password
        self._cookies = SharedCookies()
        self.http = Http(self.given_url, cookies=self._cookies, options=options, sleep=sleep)
        self._lock = threading.Lock()
        self._generation = 0  # counts sign-ins; 0 = signed out

    def sign_in(self) -> None:
        """Open a session, unless one is open."""
        with self._lock:
            if not self._generation:
                self._open_session()

    def sign_out(self) -> None:
        """Close the session on the server: an account may only have so many."""
        with self._lock:
            open_now, self._generation = self._generation, 0
        if open_now:
            try:
                self.http.send("DELETE", "/data/JSESSION", accept="*/*")
            except NetworkError:
                log.info("could not sign out; the session expires by itself")
        self._cookies.clear()
        self.http.close()

    def keep_alive(self) -> None:
        """Renew the session, or open a new one when it has expired."""
        self.checked(self.call("GET", "/data/JSESSION", accept="text/plain"), "keep the session")

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Callable[[], Body] | None = None,
        once: bool = False,
        **kwargs: Any,
    ) -> Answer:
        """Answer of one call, whatever its status, signed in again in between when needed.

        Parameters
        ----------
        method, path : str
            Every write that comes here is harmless when repeated, or verified afterwards.
        body : callable, optional
            Makes the body anew for each attempt.
        once : bool
            Do not repeat a write after a failure on the way.
        **kwargs
            As for `Http.stream`.
        """
        for renewed in (False, True):
            generation = self._ready()
            answer = self._send(method, path, body, once, kwargs)
            if not _signed_out(answer):
                return answer
            if not renewed:
                self._renew(generation)
        raise self._refused()

    @contextmanager
    def open(
        self, path: str, *, page: bool = False, progress: Progress | None = None, **kwargs: Any
    ) -> Iterator[Stream]:
        """Answer of a GET while its body is still to come; `page`: a web page is what is wanted."""
        for renewed in (False, True):
            generation = self._ready()
            with self.http.stream("GET", path, accept="*/*", progress=progress, **kwargs) as stream:
                if stream.status != 401 and (page or stream.status != 200 or stream.content_type != "text/html"):
                    yield stream
                    return
            if not renewed:
                self._renew(generation)
        raise self._refused()

    def table(self, path: str, columns: str = "", **params: str) -> list[dict[str, str]]:
        """Rows of a listing, every value as text."""
        query = {"format": "json", **({"columns": columns} if columns else {}), **params}
        answer = self.checked(self.call("GET", path, params=query), "list this").json()
        rows = answer.get("ResultSet", {}).get("Result") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise WrongServerError(f"{self.http.host} sends a listing without rows.", "Check the address.")
        return [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]

    def checked(self, answer: Answer | Stream, what: str) -> Any:
        """The answer, if its status is good; else what the status means. `what` completes "may not ..."."""
        if answer.status in (200, 201):
            return answer
        if answer.status == 403:
            raise NoRightError(
                f"The account '{self.user}' may not {what} at {self.http.host}.",
                "Ask the project's owner for the right to do so.",
            )
        if answer.status == 404:
            raise NotThereError(
                f"{self.http.host} has nothing there, or does not show it to '{self.user}'.",
                "Ask whether it was moved, and whether the account belongs to the project.",
            )
        if answer.status >= 500 or answer.status in _BUSY:
            raise ServerFaultError(
                f"{self.http.host} reports a fault of its own (HTTP {answer.status}).", "Try again later."
            )
        raise ArchiveError(f"{self.http.host} refuses what was asked (HTTP {answer.status}).", "Report this fault.")

    def _send(
        self, method: str, path: str, body: Callable[[], Body] | None, once: bool, kwargs: dict[str, Any]
    ) -> Answer:
        """Send; a write is repeated here, a reading request below."""
        attempts = 1 if once or method == "GET" else 1 + self.http.options.retries
        for attempt in range(attempts):
            last = attempt == attempts - 1
            try:
                answer = self.http.send(method, path, body=body() if body else None, **kwargs)
            except UnreachableError as exc:
                if last or not exc.repeatable:
                    raise
            else:
                if last or answer.status not in _BUSY:
                    return answer
            self.http.wait(attempt, kwargs.get("progress"))
        raise AssertionError

    def _ready(self) -> int:
        """Sign in if that has not happened; returns which sign-in the coming request rests on."""
        with self._lock:
            if not self._generation:
                self._open_session()
            return self._generation

    def _renew(self, generation: int) -> None:
        """Sign in again, unless another thread has done so since."""
        with self._lock:
            if self._generation == generation:
                log.info("the session with %s has expired, signing in again", self.http.host)
                self._open_session()

    def _open_session(self) -> None:
        self._cookies.clear()
        self.http.base_url = self._final_base()
        require_safe(self.http.base_url)
        if _ALIAS.fullmatch(self.user):
            token = BasicAuth(self.user, self._password)
            answer = self.http.get("/data/JSESSION", auth=token, accept="text/plain")
        else:
            form = {"username": self.user, "password": self._password}
            answer = self.http.send("PUT", "/data/services/auth", form=form, accept="text/plain")
        self._take_session(answer)
        self._generation += 1

    def _take_session(self, answer: Answer) -> None:
        if answer.is_html and answer.status == 200:
            raise SignInError(
                f"{self.http.host} answers with a web page instead of signing '{self.user}' in.",
                "Check the address, then name and password; a login page or a proxy may stand in between.",
            )
        if answer.status in (401, 403) or _signed_out(answer):
            raise self._refused()
        if answer.status == 404:
            raise WrongServerError(f"{self.http.host} is no XNAT server at this address.", "Check the address.")
        self.checked(answer, "sign in")
        session_id = answer.text.strip()
        if not _SESSION_ID.fullmatch(session_id):
            raise WrongServerError(f"{self.http.host} does not answer as an XNAT server does.", "Check the address.")
        if not self._cookies.get("JSESSIONID"):
            self._cookies.set("JSESSIONID", session_id, urlsplit(self.http.base_url).hostname or "")
        # Without its session an archive may answer as to a guest, who sees less and is not told.
        if _signed_out(self.http.get("/data/auth", accept="text/plain")):
            raise WrongServerError(
                f"{self.http.host} forgets the session at once.", "A proxy in between may be dropping cookies."
            )

    def _final_base(self) -> str:
        """Address that the server really has: a write to one that redirects would be lost."""
        answer = self.http.get(self.given_url + "/", anonymous=True, accept="*/*")
        if answer.status >= 500:
            self.checked(answer, "sign in")
        final = answer.url.split("?", 1)[0]
        if not same_host(final, self.given_url):
            raise WrongServerError(
                f"{host_port(self.given_url)} sends on to {host_port(final)}.",
                "If that is right, put that address into the settings.",
            )
        # The start page sends on to the page for signing in, below /app.
        return clean_url(re.sub(r"(/app(/.*)?|/[^/]*\.(html?|jsp|vm))$", "", final))

    def _refused(self) -> SignInError:
        return SignInError(
            f"{self.http.host} refuses the name '{self.user}'.",
            "Check name and password; the password may have expired.",
        )


def scan_path(experiment: str, scan: str = "") -> str:
    """Path of an experiment, or of one of its scans, by ID."""
    path = f"/data/experiments/{quote(experiment, safe='')}"
    return f"{path}/scans/{_scan_segment(scan)}" if scan else path


def resource_path(ref: ResourceRef) -> str:
    return f"{scan_path(ref.experiment, ref.scan)}/resources/{quote(ref.label, safe='')}"


def file_path(ref: ResourceRef, path: str) -> str:
    """Path of a file; the colons of a timestamp stay as they are, or the archive would store them as %3A."""
    return f"{resource_path(ref)}/files/{quoted(path)}"


def quoted(path: str) -> str:
    """A path of the archive's own, fit to be asked for."""
    return quote(path, safe=_QUOTE)


def _scan_segment(scan: str) -> str:
    return quote(scan.replace("/", "[SLASH]").replace(",", "[COMMA]"), safe="[]")


def _signed_out(answer: Answer) -> bool:
    """Whether an answer means that there is no session: a refusal, or a page for signing in where data belongs."""
    if answer.status == 401:
        return True
    page = answer.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))
    return answer.status == 200 and (page or b"Login.vm" in answer.body[:4096])
