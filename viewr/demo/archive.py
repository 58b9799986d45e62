"""The embedded archive: XNAT's REST interface, its unpleasant behaviour included."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from werkzeug import Request, Response

from viewr.demo import archive_browse as browse
from viewr.demo import archive_files as files
from viewr.demo import archive_write as write
from viewr.demo.archive_call import Call, Refused
from viewr.demo.archive_catalog import Catalog
from viewr.demo.archive_paths import RestPath, parse_path
from viewr.demo.archive_services import Services
from viewr.demo.archive_sessions import Session, Sessions
from viewr.demo.archive_transfer import PIECE
from viewr.demo.switches import Switches

log = logging.getLogger(__name__)

_BROWSER = re.compile(r"MSIE|Mozilla|AppleWebKit|Opera")
_LOGIN_PATH = "/app/template/Login.vm"
_LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>XNAT</title></head>"
    f'<body><form action="{_LOGIN_PATH}"><input name="username"/></form></body></html>\n'
)
_WRITES = {"PUT", "POST", "DELETE"}

#: (what the path names, method) -> who answers.
_ROUTES: dict[tuple[str, str], Callable[[Call], Response]] = {
    ("nodes", "GET"): browse.list_nodes,
    ("node", "GET"): browse.show_node,
    ("node", "PUT"): write.put_node,
    ("node", "POST"): write.put_node,
    ("node", "DELETE"): write.delete_node,
    ("resources", "GET"): browse.list_resources,
    ("resource", "GET"): browse.show_resource,
    ("resource", "PUT"): write.put_resource,
    ("resource", "DELETE"): write.delete_resource,
    ("files", "GET"): files.read_files,
    ("files", "HEAD"): files.read_files,
    ("files", "PUT"): files.upload,
    ("files", "POST"): files.upload,
    ("files", "DELETE"): files.delete_files,
}


class Archive:
    """A WSGI application over a folder of projects.

    Parameters
    ----------
    root : Path
        Folder of the catalog and the files.
    """

    def __init__(self, root: Path, switches: Switches) -> None:
        self.catalog = Catalog(root)
        self.sessions = Sessions(switches)
        self.switches = switches
        self._services = Services(self.catalog, self.sessions, switches)

    def close(self) -> None:
        self.catalog.close()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        # What the client sent, still encoded: XNAT does not decode names as others do.
        raw = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
        try:
            response = self._answer(request, environ, raw)
        except Refused as refused:
            response = Response(refused.text, refused.status, mimetype="text/plain")
        _drain(environ)
        self._mark_time(response)
        return response(environ, start_response)

    def _answer(self, request: Request, environ: dict[str, Any], raw: str) -> Response:
        if self.switches.archive_delay:
            time.sleep(self.switches.archive_delay)
        if self.switches.take("archive_unavailable"):
            raise Refused(503, "Service Unavailable")
        path = unquote(raw).rstrip("/") or "/"
        if path in ("/", _LOGIN_PATH):
            return Response(_LOGIN_PAGE, mimetype="text/html")
        if path == "/data/services/auth":
            response, session = self._services.sign_in(request)
            return _with_cookie(response, session)
        session_or_none, is_new = self._session(request)
        if session_or_none is None:
            return self._not_signed_in(request)
        response = self._signed_in(request, environ, raw, session_or_none, is_new)
        return _with_cookie(response, session_or_none) if is_new else response

    def _signed_in(
        self, request: Request, environ: dict[str, Any], raw: str, session: Session, is_new: bool
    ) -> Response:
        by_browser = not is_new and request.method in _WRITES and _is_browser(request)
        if by_browser and request.args.get("XNAT_CSRF") != session.csrf:
            raise Refused(403, "The request has no valid CSRF token.")
        path = unquote(raw).rstrip("/")
        response = self._services.answer(request, path, session)
        if response is not None:
            return response
        if path == "/data/services/refresh/catalog":
            return self._refresh(request, environ, session)
        rest_path = parse_path(raw)
        route = _ROUTES.get((_subject(rest_path), request.method)) if rest_path else None
        if rest_path is None or route is None:
            raise Refused(404, "There is no such resource.")
        return route(self._call(request, environ, rest_path, session))

    def _call(self, request: Request, environ: dict[str, Any], path: RestPath, session: Session) -> Call:
        return Call(request, environ, path, session.account, self.catalog, self.switches)

    def _refresh(self, request: Request, environ: dict[str, Any], session: Session) -> Response:
        """`POST /data/services/refresh/catalog?resource=/archive/...`."""
        named = request.args.get("resource", "").removeprefix("/archive")
        path = parse_path("/data" + named)
        if path is None or "resources" not in path.names:
            raise Refused(400, "The resource is missing.")
        call = self._call(request, environ, path, session)
        node = call.target()
        if not call.may_edit(node):
            raise Refused(403, "The right to edit is missing.")
        files.refresh(call, browse.find_resource(call, node))
        return Response("", mimetype="text/plain")

    def _session(self, request: Request) -> tuple[Session | None, bool]:
        """The session of the cookie, else a new one for each call with a password."""
        session = self.sessions.find(request.cookies.get("JSESSIONID", ""))
        if session is not None:
            return session, False
        given = request.authorization
        if given is None or given.type != "basic":
            return None, False
        return self.sessions.open(given.username or "", given.password or ""), True

    def _not_signed_in(self, request: Request) -> Response:
        if _is_browser(request):
            return Response("", 302, {"Location": _LOGIN_PATH})
        if self.switches.html_instead_of_401:
            return Response(_LOGIN_PAGE, mimetype="text/html")
        headers = {"WWW-Authenticate": 'Basic realm="XNAT Protected Area"'}
        return Response("Unauthorized", 401, headers, mimetype="text/plain")

    def _mark_time(self, response: Response) -> None:
        """Every answer says when the session will end; clients need the quotes."""
        value = f'"{int(time.time() * 1000)},{int(self.switches.session_seconds * 1000)}"'
        response.headers.add("Set-Cookie", f"SESSION_EXPIRATION_TIME={value}; Path=/")


def _drain(environ: dict[str, Any]) -> None:
    """Read what is left of the body, so that the connection can go on."""
    body = environ["wsgi.input"]
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    while chunked or getattr(body, "remaining", 0):
        if not body.read(PIECE):
            return


def _with_cookie(response: Response, session: Session) -> Response:
    response.headers.add("Set-Cookie", f"JSESSIONID={session.ident}; Path=/; HttpOnly")
    return response


def _is_browser(request: Request) -> bool:
    return _BROWSER.search(request.headers.get("User-Agent", "")) is not None


def _subject(path: RestPath) -> str:
    if path.collection in ("files", "resources"):
        return path.collection
    if path.collection:
        return "nodes"
    return "resource" if path.kind == "resources" else "node"
