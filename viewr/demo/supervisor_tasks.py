"""Routes of the embedded task supervisor for tasks and their locks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request

from viewr.demo import supervisor_views as views
from viewr.demo.supervisor_access import current_user, json_arguments, may, needs, refuse, required, store, switches
from viewr.demo.supervisor_store import StoredTask, User, now
from viewr.demo.supervisor_work import (
    Contradiction,
    NotFound,
    as_text,
    find_template,
    make_task,
    set_status,
    text_or_none,
)

tasks = Blueprint("tasks", __name__, url_prefix=views.API)

#: Members of a PUT that only `task_update_all` may change, as they are.
PLAIN = ("callback_url", "callback_content", "generator_url", "application_name", "application_version")


@tasks.get("/tasks")
@needs("task_read", "task_read_all")
def list_tasks() -> Any:
    wanted = request.args
    user = _asked_user()
    found = [task for task in store().tasks.values() if store().is_assigned(task, user)]
    for keep in _filters():
        found = [task for task in found if keep(task)]
    limit, offset = wanted.get("limit", type=int), wanted.get("offset", type=int)
    found = sorted(found, key=lambda task: task.id)[max(offset or 0, 0) :]
    if limit and limit > 0:
        found = found[:limit]
    return jsonify(views.task_list(store(), found, limit, offset))


@tasks.post("/tasks")
@needs("task_add")
def add_task() -> Any:
    arguments = json_arguments()
    required(arguments, "project", "template", "content")
    try:
        task = make_task(store(), arguments)
    except NotFound as exc:
        refuse(404, str(exc))
    except Contradiction as exc:
        refuse(400, str(exc))
    return jsonify(views.task_detail(store(), task)), 201


@tasks.get("/tasks/<int:ident>")
@needs("task_read", "task_read_all")
def show_task(ident: int) -> Any:
    return jsonify(views.task_detail(store(), _visible(ident, "task_read_all")))


@tasks.put("/tasks/<int:ident>")
@needs("task_update_status", "task_update_status_all", "task_update_user", "task_update_all")
def change_task(ident: int) -> Any:
    stored = _visible(ident, "task_update_status_all", "task_update_all")
    task = copy.deepcopy(stored)
    arguments = {name: value for name, value in json_arguments().items() if value is not None}
    for name, change in _CHANGES.items():
        if name in arguments:
            change(task, arguments[name])
    if task != stored:
        task.update_time = now()
        store().save(task)
    return jsonify(views.task_detail(store(), task))


@tasks.delete("/tasks/<int:ident>")
@needs("task_delete")
def remove_task(ident: int) -> Any:
    task = store().tasks.get(ident)
    if task is None:
        refuse(404, "Could not find selected task")
    store().delete(task)
    return jsonify(None)


@tasks.get("/tasks/<int:ident>/lock")
@needs("task_read", "task_read_all")
def show_lock(ident: int) -> Any:
    task = _visible(ident, "task_read_all")
    return jsonify({"lock": None, "error": None} if task.lock is None else views.lock_state(store(), task))


@tasks.put("/tasks/<int:ident>/lock")
@needs("task_read", "task_update_lock_all", "task_update_all")
def take_lock(ident: int) -> Any:
    task = _lockable(ident)
    wanted = json_arguments().get("lock")
    mighty = may("task_update_lock_all", "task_update_all")
    user = _user_to_lock(task, wanted) if wanted else current_user()
    if task.lock is not None and task.lock != user.id and not (wanted and mighty):
        return _lock_refused(task, 409, "Task already locked!")
    if wanted and user != current_user() and not mighty:
        return _lock_refused(task, 403, "You may not lock this task to another user")
    _store_lock(task, user)
    answer = views.lock_state(store(), task)
    thief = store().user_named(switches().take("lose_next_lock_to"))
    if thief is not None:
        _store_lock(task, thief)
    return jsonify(answer)


@tasks.delete("/tasks/<int:ident>/lock")
@needs("task_read", "task_update_lock_all", "task_update_all")
def release_lock(ident: int) -> Any:
    task = _lockable(ident)
    foreign = task.lock is not None and task.lock != current_user().id
    if foreign and not may("task_update_lock_all", "task_update_all"):
        text = "You are not authorized to release the lock of a task, assigned to someone else!"
        return jsonify(lock=None, username=None, error=text), 403
    _store_lock(task, None)
    return jsonify(views.lock_state(store(), task))


def _asked_user() -> User:
    name = request.args.get("user")
    if name is None or not may("task_read_all"):
        return current_user()
    user = store().user_named(name)
    if user is None:
        refuse(404, f"Could not find User with identifier {name!r}")
    return user


def _filters() -> list[Callable[[StoredTask], bool]]:
    """Conditions of the query; a tag that nobody knows is no condition at all."""
    wanted = request.args
    checks: list[Callable[[StoredTask], bool]] = []
    for name in ("project", "status", "application_name"):
        if name in wanted:
            checks.append(_equals(name, wanted[name]))
    if "template" in wanted:
        try:
            checks.append(_equals("template", find_template(store(), wanted["template"]).id))
        except NotFound as exc:
            refuse(404, str(exc))
    known = {tag.name: tag.id for tag in store().tags.values()}
    checks.extend(_has_tag(known[name]) for name in wanted.getlist("tag") if name in known)
    return checks


def _equals(name: str, value: Any) -> Callable[[StoredTask], bool]:
    return lambda task: getattr(task, name) == value


def _has_tag(tag: int) -> Callable[[StoredTask], bool]:
    return lambda task: tag in task.tags


def _visible(ident: int, *permissions: str) -> StoredTask:
    task = store().tasks.get(ident)
    if task is None or not (may(*permissions) or store().is_assigned(task, current_user())):
        refuse(404, "Could not find selected task")
    return task


def _lockable(ident: int) -> StoredTask:
    task = store().tasks.get(ident)
    seen = task is not None and store().is_assigned(task, current_user())
    if task is None or not (seen or may("task_update_lock_all", "task_update_all")):
        text = f"Could not find the specified task lock (task {ident} does not exist)!"
        _stop(404, {"lock": None, "username": None, "error": text})
    return task


def _user_to_lock(task: StoredTask, wanted: Any) -> User:
    """Only a JSON number counts as an id; everything else is a user name."""
    user = store().users.get(wanted) if isinstance(wanted, int) else store().user_named(str(wanted))
    if user is None:
        text = f"Could not find the specified user to update lock to (user {wanted} does not exist)!"
        _stop(404, views.lock_state(store(), task, text))
    return user


def _lock_refused(task: StoredTask, status: int, text: str) -> Response:
    return make_response(jsonify(views.lock_state(store(), task, text)), status)


def _stop(status: int, body: dict[str, Any]) -> NoReturn:
    abort(make_response(jsonify(body), status))


def _store_lock(task: StoredTask, user: User | None) -> None:
    task.lock = user.id if user else None
    task.update_time = now()
    store().save(task)


def _check(allowed: str, *permissions: str) -> None:
    if not may(*permissions):
        refuse(403, f"You are not authorized to update the {allowed}")


def _change_project(task: StoredTask, value: Any) -> None:
    _check("project name", "task_update_all")
    task.project = str(value)


def _change_template(task: StoredTask, value: Any) -> None:
    _check("template", "task_update_all")
    try:
        task.template = find_template(store(), value).id
    except NotFound as exc:
        refuse(404, str(exc))


def _change_content(task: StoredTask, value: Any) -> None:
    _check("content", "task_update_all")
    if not isinstance(value, str):
        # The real server forgot an import here.
        refuse(500, "Internal Server Error")
    task.content = as_text(value)


def _change_status(task: StoredTask, value: Any) -> None:
    _check("status", "task_update_status", "task_update_status_all", "task_update_all")
    set_status(store(), task, str(value))


def _change_plain(name: str) -> Callable[[StoredTask, Any], None]:
    def change(task: StoredTask, value: Any) -> None:
        _check(name.replace("_", " "), "task_update_all")
        setattr(task, name, text_or_none(value))

    return change


def _change_tags(task: StoredTask, value: Any) -> None:
    _check("tags", "task_update_all")
    task.tags = [tag if isinstance(tag, int) else store().tag_named(str(tag)).id for tag in value]


def _change_users(task: StoredTask, value: Any) -> None:
    _check("users", "task_update_user", "task_update_all")
    task.users = [_assignee(user) for user in value]


def _assignee(ref: Any) -> int:
    user = store().users.get(ref) if isinstance(ref, int) else store().user_named(str(ref))
    if user is None:
        refuse(404, f"Could not find all users (user {ref} not found)")
    return user.id


def _change_groups(task: StoredTask, value: Any) -> None:
    _check("groups", "task_update_user", "task_update_all")
    by_name = {group.groupname: group.id for group in store().groups.values()}
    ids = [group if isinstance(group, int) else by_name.get(str(group)) for group in value]
    if any(ident not in store().groups for ident in ids):
        refuse(404, "Could not find all groups")
    task.groups = [ident for ident in ids if ident is not None]


# In the order of the real server: members before a refused one have had their effect, callbacks included.
_CHANGES: dict[str, Callable[[StoredTask, Any], None]] = {
    "project": _change_project,
    "template": _change_template,
    "content": _change_content,
    "status": _change_status,
    **{name: _change_plain(name) for name in PLAIN},
    "tags": _change_tags,
    "users": _change_users,
    "groups": _change_groups,
}
