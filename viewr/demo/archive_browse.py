"""What the embedded archive answers to readers: lists, items, catalogs."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import quoteattr

from werkzeug import Response

from viewr.demo.archive_call import Call, Refused, ancestors, uri
from viewr.demo.archive_catalog import Catalog, Node, Resource
from viewr.demo.archive_tables import RESOURCE_COLUMNS, node_columns, node_rows, table


def list_nodes(call: Call) -> Response:
    """Projects, subjects, experiments, scans or assessors below what the path names."""
    kind = call.path.collection
    parents: list[Node | None] = [*call.targets()] or [None]
    nodes = [node for parent in parents for node in call.catalog.children(kind, parent) if call.may_read(node)]
    rows = node_rows([(node, _facts(call, node)) for node in nodes], kind, call.query)
    return table(rows, node_columns(kind, call.query), call.query)


def show_node(call: Call) -> Response:
    """One item as JSON; XML where nobody asked for JSON."""
    node = call.target()
    if call.query.get("format") != "json":
        return Response(_item_xml(node), mimetype="text/xml")
    return Response(json.dumps({"items": [_item(call.catalog, node)]}), content_type="application/json;charset=UTF-8")


def list_resources(call: Call) -> Response:
    """Resources of the target; with `all=true` those of its scans and assessors as well."""
    nodes = call.targets(fall_back=True)
    if call.query.get("all") == "true":
        below = [
            child for node in nodes for kind in ("scans", "assessors") for child in call.catalog.children(kind, node)
        ]
        nodes = [*nodes, *below]
    rows = [_resource_row(call.catalog, node, found) for node in nodes for found in call.catalog.resources(node)]
    return table(rows, RESOURCE_COLUMNS, call.query)


def show_resource(call: Call) -> Response:
    """The catalog of a resource, in XML whatever format is asked for."""
    node = call.target()
    resource = find_resource(call, node)
    return Response(_catalog_xml(call.catalog, node, resource), mimetype="text/xml")


def find_resource(call: Call, node: Node) -> Resource:
    """The resource that the path names, by label or number."""
    ref = call.path.names["resources"]
    resource = call.catalog.resource(node, ref)
    if resource is None:
        if call.catalog.resource_exists(ref):
            raise Refused(403, "The resource belongs to another item.")
        raise Refused(404, "Unable to find the specified catalog.")
    return resource


def _facts(call: Call, node: Node) -> dict[str, str]:
    chain = {step.kind: step for step in ancestors(call.catalog, node)}
    facts = {"URI": uri(call, node, plain=True), "insert_user": "admin", "project": chain["projects"].ident}
    if "subjects" in chain:
        facts |= {"subject_ID": chain["subjects"].ident, "subject_label": chain["subjects"].label}
    if node.kind == "assessors":
        facts |= {"session_ID": chain["experiments"].ident, "session_label": chain["experiments"].label}
        facts["xnat:imageassessordata/id"] = node.ident
    if node.kind == "scans":
        facts["xnat_imagescandata_id"] = str(node.pk)
    return facts


def _item(catalog: Catalog, node: Node) -> dict[str, Any]:
    fields = dict(node.fields)
    custom = {name: fields.pop(name) for name in list(fields) if name.startswith("fields/")}
    chain = {step.kind: step for step in ancestors(catalog, node)}
    data: dict[str, Any] = {"ID": node.ident, **fields}
    if node.kind in ("subjects", "experiments", "assessors"):
        data |= {"label": node.label, "project": chain["projects"].ident}
    if node.kind == "experiments":
        data["subject_ID"] = chain["subjects"].ident
    if node.kind == "scans":
        data["image_session_ID"] = chain["experiments"].ident
    children = [_custom_fields(node, custom)] if custom else []
    return {"children": children, "meta": _meta(node.xsi_type), "data_fields": data}


def _custom_fields(node: Node, custom: dict[str, Any]) -> dict[str, Any]:
    items = [
        {
            "children": [],
            "meta": {"isHistory": False, "xsi:type": f"{node.xsi_type}_field"},
            "data_fields": {"name": name.removeprefix("fields/"), "field": value},
        }
        for name, value in custom.items()
    ]
    return {"field": "fields/field", "items": items}


def _meta(xsi_type: str) -> dict[str, Any]:
    return {
        "isHistory": False,
        "xsi:type": xsi_type,
        "start_date": "Mon Jan 01 00:00:00 UTC 2024",
        "create_event_id": 1,
    }


def _item_xml(node: Node) -> str:
    tag = node.xsi_type.removeprefix("xnat:").removesuffix("Data")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xnat:{tag} xmlns:xnat="http://nrg.wustl.edu/xnat" '
        f"ID={quoteattr(node.ident)} label={quoteattr(node.label)}/>\n"
    )


def _resource_row(catalog: Catalog, node: Node, resource: Resource) -> dict[str, str]:
    entries = catalog.entries(resource)
    sizes = [
        path.stat().st_size for path in (catalog.file(resource, entry.path) for entry in entries) if path.is_file()
    ]
    level = "" if node.kind in ("projects", "subjects", "experiments") else node.kind
    return {
        "xnat_abstractresource_id": str(resource.pk),
        "label": resource.label,
        "element_name": "xnat:resourceCatalog",
        "category": level or "resources",
        "cat_id": node.ident,
        "cat_desc": str(node.fields.get("type", node.xsi_type)),
        "file_count": str(len(entries)),
        "file_size": str(sum(sizes)),
        "tags": resource.tags,
        "content": resource.content,
        "format": resource.format,
    }


def _catalog_xml(catalog: Catalog, node: Node, resource: Resource) -> str:
    dicom = resource.format == "DICOM" or resource.label == "DICOM"
    kind, entry_kind = ("DCMCatalog", "cat:dcmEntry") if dicom else ("Catalog", "cat:entry")
    lines = []
    for entry in catalog.entries(resource):
        attributes = {"URI": entry.path, "UID": entry.uid, "instanceNumber": entry.instance, "format": entry.format}
        attributes |= {"content": entry.content, "digest": entry.digest, "tags": entry.tags}
        shown = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items() if value)
        lines.append(f'  <cat:entry xsi:type="{entry_kind}" {shown}/>')
    uid = f" UID={quoteattr(str(node.fields['UID']))}" if dicom and node.fields.get("UID") else ""
    body = "\n".join(lines)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<cat:{kind} xmlns:cat="http://nrg.wustl.edu/catalog" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{uid}>\n'
        f" <cat:entries>\n{body}\n </cat:entries>\n</cat:{kind}>\n"
    )
