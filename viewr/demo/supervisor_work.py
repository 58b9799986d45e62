"""What the embedded task supervisor does with tasks: make, distribute, finish."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from viewr.demo.supervisor_store import StoredTask, SupervisorStore, TaskGroup, TaskTemplate, User, next_id, now

log = logging.getLogger(__name__)


class NotFound(LookupError):
    """A name or number in a request belongs to nothing."""


class Contradiction(ValueError):
    """The members of a request exclude each other."""


def find_template(store: SupervisorStore, ref: Any) -> TaskTemplate:
    """The template of an id, a label or a URI."""
    return _find(store.templates, ref, "label", "TaskTemplate")


def find_taskgroup(store: SupervisorStore, ref: Any) -> TaskGroup:
    return _find(store.taskgroups, ref, "label", "TaskGroup")


def find_user(store: SupervisorStore, ref: Any) -> User:
    return _find(store.users, ref, "username", "User")


def make_task(store: SupervisorStore, arguments: Mapping[str, Any]) -> StoredTask:
    """Store a task from the members of a POST; raises `NotFound` or `Contradiction`."""
    users, groups = arguments.get("users"), arguments.get("groups")
    within = arguments.get("distribute_in_group")
    task = StoredTask(
        id=next_id(store.tasks),
        project=text_or_none(arguments.get("project")),
        template=find_template(store, arguments["template"]).id,
        content=as_text(arguments["content"]),
        users=[find_user(store, user).id for user in users or ()],
        groups=[_find(store.groups, group, "groupname", "Group").id for group in groups or ()],
    )
    for name in ("callback_url", "callback_content", "generator_url", "application_name", "application_version"):
        setattr(task, name, text_or_none(arguments.get(name)))
    if users is None and groups is None:
        task.users = [_least_loaded(store, within).id]
    elif within is not None:
        raise Contradiction("Cannot distribute in a group and give users or groups.")
    task.tags = [store.tag_named(str(name)).id for name in arguments.get("tags") or ()]
    store.save(task)
    return task


def make_taskgroup(store: SupervisorStore, arguments: Mapping[str, Any]) -> TaskGroup:
    """Store a group and its tasks; with `distribute_in_group` one member gets them all."""
    group = TaskGroup(
        next_id(store.taskgroups), str(arguments["label"]), arguments["callback_url"], arguments["callback_content"]
    )
    within = arguments.get("distribute_in_group")
    reader = _least_loaded(store, within).id if within is not None else None
    store.save(group)
    for child in arguments["tasks"]:
        members = dict(child)
        if reader is not None:
            members = {key: value for key, value in members.items() if key not in ("groups", "distribute_in_group")}
            members["users"] = [reader]
        task = make_task(store, members)
        task.parent = group.id
        store.save(task)
    return group


def set_status(store: SupervisorStore, task: StoredTask, status: str) -> None:
    """Change the status in memory. `done` sends the callback at once, each time, before anything is stored."""
    task.status = status
    task.update_time = now()
    if status == "done" and task.callback_url is not None:
        _send_callback(task.callback_url, task.callback_content)
    if task.parent is not None and task.parent in store.taskgroups:
        _child_changed(store, store.taskgroups[task.parent], task)


def group_status(children: Iterable[StoredTask]) -> str:
    states = [child.status for child in children]
    if all(state == "done" for state in states):
        return "done"
    return "aborted" if "aborted" in states else "queued"


def as_text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content)


def text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def _find(table: Mapping[int, Any], ref: Any, name: str, kind: str) -> Any:
    if isinstance(ref, str) and "/" in ref:
        ref = ref.rsplit("/", 1)[1]
    try:
        ref = int(ref)
    except (TypeError, ValueError):
        found = next((thing for thing in table.values() if getattr(thing, name) == ref), None)
    else:
        found = table.get(ref)
    if found is None:
        raise NotFound(f"Could not find {kind} with identifier {ref!r}")
    return found


def _least_loaded(store: SupervisorStore, group: Any) -> User:
    """Who has the least of the last tasks, five for each member, weighed by assignment weight."""
    if group is None:
        members = list(store.users.values())
    else:
        members = [store.users[user] for user in _find(store.groups, group, "groupname", "Group").users]
    members = [user for user in members if user.assignment_weight > 0]
    if not members:
        raise Contradiction("Did not find any users to distribute the task among!")
    load = dict.fromkeys((user.id for user in members), 0.0)
    assigned = [task for task in store.tasks.values() if load.keys() & {*task.users, *store.users_via_group(task)}]
    for task in assigned[-5 * len(members) :]:
        for user in task.users:
            if user in load:
                load[user] += 1.0 / len(task.users) / store.users[user].assignment_weight
    return store.users[min(load, key=load.__getitem__)]


def _child_changed(store: SupervisorStore, group: TaskGroup, changed: StoredTask) -> None:
    children = [changed if child.id == changed.id else child for child in store.children(group)]
    if any(child.status == "aborted" for child in children):
        for child in children:
            child.status = "aborted"
    elif all(child.status == "done" for child in children) and group.callback_url and not group.callback_fired:
        group.callback_fired = True
        _send_callback(group.callback_url, group.callback_content)
    store.save(group, *children)


def _send_callback(url: str, content: str | None) -> None:
    threading.Thread(target=_put_callback, args=(url, content), name="supervisor-callback", daemon=True).start()


def _put_callback(url: str, content: str | None) -> None:
    import requests

    try:
        answer = requests.put(url, json=json.loads(content or ""), timeout=30)
    except (requests.RequestException, ValueError) as exc:
        log.warning("The callback of a task failed: %s", type(exc).__name__)
    else:
        log.info("The callback of a task was answered with %d.", answer.status_code)
