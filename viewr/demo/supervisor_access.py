"""Signing in at the embedded task supervisor, what each role may, and how it refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, current_app, g, jsonify, make_response, request

from viewr.demo.accounts import find_account
from viewr.demo.supervisor_store import SupervisorStore, User
from viewr.demo.switches import Switches

PERMISSIONS = {
    "user": {"task_read", "task_update_status", "user_read", "group_read"},
    "superuser": {
        "task_read_all", "task_update_status_all", "task_update_user", "task_update_lock_all", "tag_add", "tag_update",
        "user_read_all", "user_update_assignment_weight", "group_read_all", "group_update",
    },
    "admin": {
        "task_read_all", "task_update_all", "task_add", "task_delete", "template_add", "template_update",
        "template_delete", "tag_add", "tag_update", "tag_delete", "user_read_all", "user_update_all", "user_add",
        "user_delete", "group_read_all", "group_add", "group_update", "group_delete", "meta_read_all", "meta_update",
        "meta_add", "roles_manage",
    },
}  # fmt: skip

View = TypeVar("View", bound=Callable[..., Any])


def store() -> SupervisorStore:
    found: SupervisorStore = current_app.extensions["supervisor_store"]
    return found


def switches() -> Switches:
    found: Switches = current_app.extensions["switches"]
    return found


def current_user() -> User:
    user: User = g.user
    return user


def may(*permissions: str) -> bool:
    """Whether the signed-in user has one of these permissions."""
    return any(permission in PERMISSIONS[role] for role in current_user().roles for permission in permissions)


def refuse(status: int, message: str) -> NoReturn:
    abort(make_response(jsonify(message=message), status))


def needs(*permissions: str) -> Callable[[View], View]:
    """Let a view run only for an account with one of these permissions; none = any account."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            _sign_in()
            if permissions and not may(*permissions):
                _refuse_permission()
            with store().guard:
                return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def json_arguments() -> dict[str, Any]:
    """Members of the JSON body; without a JSON body there are none, and nothing is said about it."""
    if not request.is_json:
        return {}
    if not request.get_data(cache=True).strip():
        return {}
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def required(arguments: dict[str, Any], *names: str) -> None:
    """Answer 400 when one of these members is missing."""
    missing = {name: "Missing required parameter in the JSON body" for name in names if arguments.get(name) is None}
    if missing:
        abort(make_response(jsonify(errors=missing, message="Input payload validation failed"), 400))


def _sign_in() -> None:
    credentials = request.authorization
    account = None
    if credentials is not None and credentials.type == "basic":
        account = find_account(credentials.username or "", credentials.password or "")
    user = store().user_named(account.username) if account else None
    if user is None or not user.active:
        abort(_unauthorised())
    g.user = user


def _unauthorised() -> Response:
    text = "You are not authenticated. Please supply the correct credentials."
    if _wants_json():
        response = jsonify(meta={"code": 401}, response={"error": text})
    else:
        response = make_response(text)
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Basic realm="TaskManager DefaultProject"'
    return response


def _refuse_permission() -> NoReturn:
    text = "You do not have permission to view this resource."
    if _wants_json():
        abort(make_response(jsonify(meta={"code": 403}, response={"error": text}), 403))
    refuse(403, text)


def _wants_json() -> bool:
    return request.is_json or request.accept_mimetypes.best == "application/json"
