"""Routes of the embedded task supervisor for templates, tags, task groups, users and groups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from viewr.demo import supervisor_views as views
from viewr.demo.supervisor_access import current_user, json_arguments, may, needs, refuse, required, store
from viewr.demo.supervisor_store import Group, Tag, TaskGroup, TaskTemplate, User, next_id
from viewr.demo.supervisor_work import (
    Contradiction,
    NotFound,
    as_text,
    find_taskgroup,
    find_template,
    make_taskgroup,
)

others = Blueprint("others", __name__, url_prefix=views.API)


@others.get("/task_templates")
@needs("task_read", "task_read_all")
def list_templates() -> Any:
    labels = [template.label for template in store().templates.values()]
    return jsonify(task_templates=[views.link("task_templates", label) for label in labels])


@others.post("/task_templates")
@needs("template_add")
def add_template() -> Any:
    arguments = json_arguments()
    required(arguments, "label", "content")
    label = str(arguments["label"])
    if any(template.label == label for template in store().templates.values()):
        refuse(500, "Internal Server Error")
    template = TaskTemplate(next_id(store().templates), label, as_text(arguments["content"]))
    store().save(template)
    return jsonify(views.template_detail(template)), 201


@others.get("/task_templates/<ref>")
@needs("task_read", "task_read_all")
def show_template(ref: str) -> Any:
    return jsonify(views.template_detail(_template(ref)))


@others.put("/task_templates/<ref>")
@needs("template_update")
def change_template(ref: str) -> Any:
    template, arguments = _template(ref), json_arguments()
    if arguments.get("label") is not None:
        template.label = str(arguments["label"])
    if arguments.get("content") is not None:
        template.content = as_text(arguments["content"])
    store().save(template)
    return jsonify(views.template_detail(template))


@others.delete("/task_templates/<ref>")
@needs("template_delete")
def remove_template(ref: str) -> Any:
    template = _template(ref)
    orphans = [task for task in store().tasks.values() if task.template == template.id]
    for task in orphans:
        task.template = None
    store().save(*orphans)
    store().delete(template)
    return jsonify(None)


@others.get("/tags")
@needs()
def list_tags() -> Any:
    return jsonify(tags=[views.tag_summary(tag) for tag in store().tags.values()])


@others.post("/tags")
@needs("tag_add")
def add_tag() -> Any:
    arguments = json_arguments()
    required(arguments, "name")
    return jsonify(views.tag_detail(store().tag_named(str(arguments["name"])))), 201


@others.get("/tags/<int:ident>")
@needs()
def show_tag(ident: int) -> Any:
    return jsonify(views.tag_detail(_tag(ident)))


@others.put("/tags/<int:ident>")
@needs("tag_update")
def change_tag(ident: int) -> Any:
    """Answers 200 and changes nothing, as the real server does."""
    return jsonify(views.tag_detail(_tag(ident)))


@others.get("/tags/<int:ident>/tasks")
@needs("task_read", "task_read_all")
def list_tag_tasks(ident: int) -> Any:
    """All tasks of the tag, assigned to the caller or not."""
    tag = _tag(ident)
    return jsonify(views.task_list(store(), [task for task in store().tasks.values() if tag.id in task.tags]))


@others.get("/taskgroups")
@needs("task_read", "task_read_all")
def list_taskgroups() -> Any:
    groups = [views.taskgroup_summary(store(), group) for group in store().taskgroups.values()]
    status = request.args.get("status")
    return jsonify(taskgroups=[group for group in groups if status is None or group["status"] == status])


@others.post("/taskgroups")
@needs("task_add", "task_update_all")
def add_taskgroup() -> Any:
    arguments = json_arguments()
    required(arguments, "label", "callback_url", "callback_content", "tasks")
    try:
        group = make_taskgroup(store(), arguments)
    except NotFound as exc:
        refuse(404, str(exc))
    except Contradiction as exc:
        refuse(400, str(exc))
    return jsonify(views.taskgroup_detail(store(), group)), 201


@others.get("/taskgroups/<ref>")
@needs("task_read", "task_read_all")
def show_taskgroup(ref: str) -> Any:
    return jsonify(views.taskgroup_detail(store(), _taskgroup(ref)))


@others.get("/users")
@needs("user_read_all")
def list_users() -> Any:
    return jsonify(users=views.links("users", list(store().users)))


@others.get("/users/<ident>")
@needs("user_read", "user_read_all")
def show_user(ident: str) -> Any:
    return jsonify(views.user_detail(_user(ident)))


@others.get("/users/<ident>/tasks")
@needs("task_read", "task_read_all", "user_read", "user_read_all")
def list_user_tasks(ident: str) -> Any:
    user = _user(ident)
    assigned = [task for task in store().tasks.values() if store().is_assigned(task, user)]
    return jsonify(views.task_list(store(), assigned))


@others.get("/users/<ident>/groups")
@needs("user_read", "user_read_all")
def list_user_groups(ident: str) -> Any:
    user = _user(ident)
    member_of = [group.id for group in store().groups.values() if user.id in group.users]
    return jsonify(groups=views.links("groups", member_of))


@others.get("/groups")
@needs("group_read_all")
def list_groups() -> Any:
    return jsonify(groups=views.links("groups", list(store().groups)))


@others.get("/groups/<ident>")
@needs("group_read", "group_read_all")
def show_group(ident: str) -> Any:
    return jsonify(views.group_detail(_group(ident)))


@others.get("/groups/<ident>/users")
@needs("group_read", "group_read_all")
def list_group_users(ident: str) -> Any:
    return jsonify(users=views.links("users", _group(ident).users))


def _template(ref: str) -> TaskTemplate:
    try:
        return find_template(store(), ref)
    except NotFound as exc:
        refuse(404, str(exc))


def _taskgroup(ref: str) -> TaskGroup:
    try:
        return find_taskgroup(store(), ref)
    except NotFound as exc:
        refuse(404, str(exc))


def _tag(ident: int) -> Tag:
    tag = store().tags.get(ident)
    if tag is None:
        refuse(404, "Could not find tag")
    return tag


def _user(ident: str) -> User:
    """The user of a number; plain users see themselves only."""
    user = store().users.get(int(ident)) if ident.isdecimal() else None
    if not may("user_read_all") and user != current_user():
        refuse(403, "You are not authorized to get this information")
    if user is None:
        refuse(404, "Could not find user")
    return user


def _group(ident: str) -> Group:
    group = store().groups.get(int(ident)) if ident.isdecimal() else None
    if group is None:
        refuse(404, "Could not find group")
    if not may("group_read_all") and current_user().id not in group.users:
        refuse(403, "You are not a member of this group")
    return group
