"""Calls of the embedded archive beside its data: sessions, tokens, site information."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response

from viewr.demo.archive_call import Refused
from viewr.demo.archive_catalog import Catalog
from viewr.demo.archive_schema import schema
from viewr.demo.archive_sessions import Session, Sessions
from viewr.demo.switches import Switches

VERSION = "1.8.10"

QUALITY_LABELS = ["usable", "questionable", "unusable"]


@dataclass(frozen=True)
class Services:
    """Answers what is no path of the archive's data; each method returns None for a path it does not know."""

    catalog: Catalog
    sessions: Sessions
    switches: Switches

    def sign_in(self, request: Request) -> tuple[Response, Session]:
        """`PUT /data/services/auth` with a form body."""
        if request.method not in ("PUT", "POST"):
            raise Refused(405, "The method is not allowed.")
        session = self.sessions.open(request.form.get("username", ""), request.form.get("password", ""))
        if session is None or request.form.get("provider", "localdb") not in ("localdb", ""):
            raise Refused(401 if session is None else 400, "Login attempt failed.")
        return _text(session.ident), session

    def answer(self, request: Request, path: str, session: Session) -> Response | None:
        """A call of somebody who is signed in."""
        return self._data(request, path, session) or self._tokens(path, session) or self._xapi(request, path, session)

    def _data(self, request: Request, path: str, session: Session) -> Response | None:
        if path == "/data/JSESSION":
            if request.method == "DELETE":
                self.sessions.close(session.ident)
                return _text("")
            csrf = f"; XNAT_CSRF={session.csrf}" if request.args.get("CSRF") == "true" else ""
            return _text(session.ident + csrf)
        if path == "/data/auth":
            return _text(f"User '{session.account.username}' is logged in")
        if path == "/data/search/elements":
            return _json({"ResultSet": {"Result": [], "totalRecords": "0"}})
        if path == "/data/services/scan-quality-labels":
            return _json({"site": QUALITY_LABELS})
        if path.startswith("/data/services/scan-quality-labels/"):
            return _json({path.rsplit("/", 1)[1]: QUALITY_LABELS})
        return None

    def _tokens(self, path: str, session: Session) -> Response | None:
        head, _, rest = path.partition("/data/services/tokens/")
        if head or not rest:
            return None
        action, *given = rest.split("/")
        if action == "issue":
            alias, secret = self.sessions.issue_alias(session.account)
            ends = int((time.time() + 2 * 86400) * 1000)
            user = {"xdatUserId": session.account.username, "singleUse": False, "estimatedExpirationTime": ends}
            return _json({"alias": alias, "secret": secret, **user})
        if action == "validate" and len(given) == 2:
            user_name = self.sessions.alias_user(*given)
            return _json({"valid": user_name} if user_name else {})
        if action == "invalidate" and given:
            self.sessions.drop_alias(given[0])
            return _json({"result": "OK"})
        return None

    def _xapi(self, request: Request, path: str, session: Session) -> Response | None:
        simple: dict[str, Any] = {
            "/xapi/siteConfig/buildInfo": {"version": VERSION, "buildNumber": "viewr-demo"},
            "/xapi/schemas": ["xnat", "xdat"],
            "/xapi/siteConfig/uptime": {"Seconds": str(int(time.monotonic()))},
        }
        if path in simple:
            return _json(simple[path])
        if path in ("/xapi/siteConfig/buildInfo/version", "/xapi/users/username"):
            return _text(VERSION if path.endswith("version") else session.account.username)
        if path in ("/xapi/schemas/xnat", "/xapi/schemas/xdat"):
            empty = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'
            return Response(schema() if path.endswith("xnat") else empty, mimetype="text/xml")
        if path == "/xapi/access/projects":
            roles = self.catalog.projects_of(session.account.username)
            return _json([{"ID": project, "role": role} for project, role in roles])
        if path == "/xapi/viewr/switches":
            return self._set_switches(request, session)
        return None

    def _set_switches(self, request: Request, session: Session) -> Response:
        """Not of XNAT: lets tests in other processes make the servers misbehave."""
        if session.account.role != "coordinator":
            raise Refused(403, "Only the coordinator may do this.")
        if request.method == "PUT":
            try:
                self.switches.set(request.get_json())
            except (TypeError, ValueError) as exc:
                raise Refused(400, str(exc)) from exc
        return _json(self.switches.values())


def _text(text: str) -> Response:
    return Response(text, mimetype="text/plain")


def _json(value: Any) -> Response:
    return Response(json.dumps(value), content_type="application/json;charset=UTF-8")
