"""JSON forms of what the embedded task supervisor stores."""

from __future__ import annotations

from typing import Any

from viewr.demo.supervisor_store import Group, StoredTask, SupervisorStore, Tag, TaskGroup, TaskTemplate, User
from viewr.demo.supervisor_work import group_status

API = "/api/v1"


def link(kind: str, ident: Any) -> str | None:
    return None if ident is None else f"{API}/{kind}/{ident}"


def links(kind: str, idents: list[int]) -> list[str | None]:
    return [link(kind, ident) for ident in idents]


def tag_summary(tag: Tag) -> dict[str, Any]:
    return {"uri": link("tags", tag.id), "name": tag.name}


def tag_detail(tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "uri": link("tags", tag.id), "tasks": f"{API}/tags/{tag.id}/tasks"}


def task_summary(store: SupervisorStore, task: StoredTask) -> dict[str, Any]:
    return {
        "uri": link("tasks", task.id),
        "id": str(task.id),
        "status": task.status,
        "project": task.project,
        "template": link("task_templates", task.template),
        "tags": [tag_summary(store.tags[tag]) for tag in task.tags if tag in store.tags],
    }


def task_list(
    store: SupervisorStore, tasks: list[StoredTask], limit: int | None = None, offset: int | None = None
) -> dict[str, Any]:
    """The envelope of a list; `total_tasks` is null because the real server fills another name."""
    return {
        "tasks": [task_summary(store, task) for task in tasks],
        "total_tasks": None,
        "limit": limit,
        "offset": offset,
    }


def task_detail(store: SupervisorStore, task: StoredTask) -> dict[str, Any]:
    plain = (
        "project", "content", "status", "callback_url", "callback_content", "generator_url", "application_name",
        "application_version", "create_time", "update_time",
    )  # fmt: skip
    return {
        "uri": link("tasks", task.id),
        "template": link("task_templates", task.template),
        "lock": f"{API}/tasks/{task.id}/lock",
        "tags": links("tags", task.tags),
        "users": links("users", task.users),
        "groups": links("groups", task.groups),
        "users_via_group": links("users", store.users_via_group(task)),
        **{name: getattr(task, name) for name in plain},
    }


def lock_state(store: SupervisorStore, task: StoredTask, error: str | None = None) -> dict[str, Any]:
    holder = store.users.get(task.lock) if task.lock is not None else None
    return {
        "lock": link("users", holder.id) if holder else None,
        "username": holder.username if holder else None,
        "error": error,
    }


def template_detail(template: TaskTemplate) -> dict[str, Any]:
    return {"uri": link("task_templates", template.label), "label": template.label, "content": template.content}


def taskgroup_summary(store: SupervisorStore, group: TaskGroup) -> dict[str, Any]:
    status = group_status(store.children(group))
    return {"url": link("taskgroups", group.id), "id": str(group.id), "label": group.label, "status": status}


def taskgroup_detail(store: SupervisorStore, group: TaskGroup) -> dict[str, Any]:
    return {
        **taskgroup_summary(store, group),
        "callback_url": group.callback_url,
        "callback_content": group.callback_content,
        "tasks": [task_summary(store, task) for task in store.children(group)],
    }


def user_detail(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "uri": link("users", user.id),
        "name": user.name,
        "active": user.active,
        "email": user.email,
        "create_time": user.create_time,
        "assignment_weight": user.assignment_weight,
        "tasks": f"{API}/users/{user.id}/tasks",
        "groups": f"{API}/users/{user.id}/groups",
    }


def group_detail(group: Group) -> dict[str, Any]:
    return {
        "groupname": group.groupname,
        "uri": link("groups", group.id),
        "name": group.name,
        "create_time": group.create_time,
        "tasks": f"{API}/groups/{group.id}/tasks",
        "users": f"{API}/groups/{group.id}/users",
    }
