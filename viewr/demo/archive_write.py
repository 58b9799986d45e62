"""What the embedded archive lets a caller change: items, their fields, resources."""

from __future__ import annotations

import html
import re
import shutil
from typing import Any

from werkzeug import Response

from viewr.demo.archive_browse import find_resource
from viewr.demo.archive_call import Call, Refused
from viewr.demo.archive_catalog import Node
from viewr.demo.archive_tables import type_covers

_NO_EDIT = "Specified user account has insufficient edit privileges for sessions in this project."
_NO_DELETE = "Specified user account has insufficient delete privileges for sessions in this project."

#: Query parameters that are no fields.
_CONTROL = {
    "xsiType", "format", "event_reason", "event_action", "event_type", "event_comment", "XNAT_CSRF",
    "allowDataDeletion", "req_format", "inbody", "activate", "quarantine", "triggerPipelines",
}  # fmt: skip

#: Abstract types: a scan or session must be of a concrete one.
_ABSTRACT = {"xnat:imageScanData", "xnat:imageSessionData", "xnat:experimentData", "xnat:imageAssessorData"}


def put_resource(call: Call) -> Response:
    """Make a resource; the right to edit is tested before 409."""
    node = call.target()
    if not call.may_edit(node):
        raise Refused(403, _NO_EDIT)
    ref = call.path.names["resources"]
    if "'" in ref or "," in ref:
        raise Refused(400, "The label holds a character that is not allowed.")
    with call.catalog.change():
        if call.catalog.resource(node, ref) is not None:
            raise Refused(409, "Specified resource already exists.")
        call.catalog.add_resource(node, ref, call.query)
    return Response("", mimetype="text/plain")


def delete_resource(call: Call) -> Response:
    node = call.target()
    if not call.may_delete(node):
        raise Refused(403, _NO_DELETE)
    resource = call.catalog.resource(node, call.path.names["resources"])
    if resource is not None:
        call.catalog.remove_resource(find_resource(call, node))
        shutil.rmtree(resource.folder, ignore_errors=True)
    return Response("", mimetype="text/plain")


def put_node(call: Call) -> Response:
    """Make an item or change its fields."""
    kind = call.path.kind
    parent = _parent(call)
    ref = call.path.names[kind]
    if not call.may_edit(parent):
        raise Refused(403, _NO_EDIT)
    asked = call.query.get("xsiType")
    if asked in _ABSTRACT:
        raise Refused(400, f"{asked} is abstract.")
    node = call.catalog.find(kind, parent, ref) if parent.kind != kind else parent
    if node is None:
        return _create(call, kind, parent, ref, asked)
    if asked is not None and asked != node.xsi_type:
        raise Refused(409, f"The item is of type {node.xsi_type}.")
    call.catalog.update(node, _fields(call, node.xsi_type))
    return Response("" if kind == "scans" else node.ident, mimetype="text/plain")


def delete_node(call: Call) -> Response:
    node = call.target()
    if not call.may_delete(node):
        raise Refused(403, _NO_DELETE)
    call.catalog.remove(node)
    return Response("", mimetype="text/plain")


def _parent(call: Call) -> Node:
    """What the item lies in, or the item itself where the path begins with it."""
    kinds = list(call.path.names)
    if len(kinds) == 1:
        return call.target()
    names = {kind: call.path.names[kind] for kind in kinds[:-1]}
    path = type(call.path)(call.path.prefix, names, "")
    return Call(call.request, call.environ, path, call.account, call.catalog, call.switches).target()


def _create(call: Call, kind: str, parent: Node, label: str, xsi_type: str | None) -> Response:
    if kind == "subjects":
        xsi_type = xsi_type or "xnat:subjectData"
    if xsi_type is None or (kind == "assessors" and not re.fullmatch(r"[\w .-]+", label)):
        raise Refused(417, "Need PUT Contents")
    if kind == "experiments" and parent.kind != "subjects":
        raise Refused(404, "A session needs a subject.")
    node = call.catalog.add(kind, parent, label, xsi_type)
    call.catalog.update(node, _fields(call, xsi_type))
    if kind == "scans":
        return Response("", mimetype="text/plain")
    return Response(node.ident, 201, mimetype="text/plain")


def _fields(call: Call, xsi_type: str) -> dict[str, Any]:
    """Fields of the query. A path of another type is dropped without a word, as in the real archive."""
    fields: dict[str, Any] = {}
    for name, value in call.query.items():
        if name in _CONTROL:
            continue
        stored = None if value == "NULL" else html.escape(value, quote=False)
        head, _, rest = name.partition("/")
        if ":" not in head:
            fields[name] = stored
        elif type_covers(head, xsi_type):
            fields[_field_name(rest)] = stored
    return fields


def _field_name(path: str) -> str:
    custom = re.fullmatch(r"fields/field\[name=([^\]]+)\]/field", path)
    return f"fields/{custom[1]}" if custom else path
