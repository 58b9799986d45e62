"""Lists of the embedded archive: columns, filters and the formats they are sent in."""

from __future__ import annotations

import csv
import fnmatch
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug import Response

from viewr.demo.archive_catalog import Node

#: Columns of each list when none are asked for.
COLUMNS = {
    "projects": ("ID", "secondary_ID", "name", "description", "pi_firstname", "pi_lastname", "URI"),
    "subjects": ("ID", "project", "label", "insert_date", "insert_user", "URI"),
    "experiments": ("ID", "project", "date", "xsiType", "label", "insert_date", "URI"),
    "scans": ("xnat_imagescandata_id", "ID", "type", "quality", "xsiType", "note", "series_description", "URI"),
    "assessors": ("ID", "project", "label", "date", "xsiType", "insert_date", "session_ID", "session_label", "URI"),
}

RESOURCE_COLUMNS = (
    "xnat_abstractresource_id", "label", "element_name", "category", "cat_id", "cat_desc", "file_count", "file_size",
    "tags", "content", "format",
)  # fmt: skip
FILE_COLUMNS = (
    "Name", "Size", "URI", "collection", "file_tags", "file_format", "file_content", "cat_ID", "digest",
)  # fmt: skip

#: Columns that a list of a kind knows beside what is stored in the fields.
_KNOWN = {
    "projects": {"ID", "name", "secondary_ID", "description"},
    "subjects": {"ID", "label", "project"},
    "experiments": {"ID", "label", "project", "subject_ID", "subject_label", "date", "note", "modality", "UID"},
    "scans": {"ID", "type", "quality", "note", "condition", "series_description", "modality", "frames", "UID"},
    "assessors": {"ID", "label", "project", "date"},
}

#: Query parameters that are not filters.
_CONTROL = {
    "format", "columns", "sortBy", "sortOrder", "limit", "offset", "fields", "all", "file_stats", "guest", "accessible",
    "creatableTypes", "restrict", "stamp", "recursive", "XNAT_CSRF",
}  # fmt: skip


def node_value(node: Node, facts: Mapping[str, str], column: str) -> str | None:
    """The value of a column as text; None for a column that this kind does not know.

    Parameters
    ----------
    facts : mapping
        What the node alone does not tell: URI, project, subject_ID ...
    column : str
        Shortcut ("quality") or schema path ("xnat:mrScanData/quality").
    """
    if "/" in column and ":" in column.split("/", 1)[0]:
        return path_value(node, column)
    if column in facts:
        return facts[column]
    simple = {"ID": node.ident, "label": node.label, "xsiType": node.xsi_type, "insert_date": node.inserted}
    if column in simple:
        return simple[column]
    if column in node.fields:
        return str(node.fields[column])
    return "" if column in COLUMNS[node.kind] or column in _KNOWN[node.kind] else None


def path_value(node: Node, path: str) -> str | None:
    """The value at a schema path; empty when the path belongs to another type."""
    xsi_type, _, rest = path.partition("/")
    if not type_covers(xsi_type, node.xsi_type):
        return ""
    lowered = {name.lower(): value for name, value in node.fields.items()}
    simple = {"id": node.ident, "label": node.label, **lowered}
    return str(simple.get(rest.lower(), ""))


def type_covers(asked: str, stored: str) -> bool:
    """Whether a path of one type applies to a thing of another: itself or a parent type."""
    parents = {"xnat:experimentData", "xnat:imageSessionData", "xnat:subjectAssessorData"}
    if asked.lower() == stored.lower():
        return True
    if stored.endswith("ScanData"):
        return asked == "xnat:imageScanData"
    return stored.endswith("SessionData") and asked in parents


def node_rows(nodes: list[tuple[Node, dict[str, str]]], kind: str, query: Mapping[str, str]) -> list[dict[str, str]]:
    """Rows of a list: filtered, sorted, cut to the columns that were asked for."""
    filters = {name: value for name, value in query.items() if name not in _CONTROL}
    kept = [(node, facts) for node, facts in nodes if _passes(node, facts, filters)]
    rows = [_row(node, facts, node_columns(kind, query)) for node, facts in kept]
    if query.get("sortBy"):
        rows.sort(key=lambda row: row.get(query["sortBy"], ""), reverse=query.get("sortOrder") == "desc")
    start = int(query.get("offset") or 0)
    end = start + int(query["limit"]) if query.get("limit") else None
    return rows[start:end]


def table(rows: list[dict[str, str]], columns: Sequence[str], query: Mapping[str, str], title: str = "") -> Response:
    """A list as JSON (the default), CSV or XML; every value is text. An empty list still has its columns."""
    wanted = query.get("format", "json")
    heads = list(rows[0]) if rows else [column.lower() if "/" in column else column for column in columns]
    if wanted == "csv":
        return Response(_csv(rows, heads), mimetype="text/csv")
    if wanted == "xml":
        return Response(_xml(rows, heads), mimetype="text/xml")
    result: dict[str, Any] = {"Result": rows, "totalRecords": str(len(rows))}
    if title:
        result = {"Columns": [{"key": "URI", "serverRoot": ""}], **result, "title": title}
    return Response(json.dumps({"ResultSet": result}), content_type="application/json;charset=UTF-8")


def node_columns(kind: str, query: Mapping[str, str]) -> list[str]:
    if "columns" not in query:
        return list(COLUMNS[kind])
    asked = [column for column in query["columns"].split(",") if column]
    return list(dict.fromkeys([*asked, "ID", "URI"]))


def _row(node: Node, facts: Mapping[str, str], columns: list[str]) -> dict[str, str]:
    values = {column: node_value(node, facts, column) for column in columns}
    # The real archive answers a path with its lower-cased form.
    return {
        (column.lower() if "/" in column else column): value for column, value in values.items() if value is not None
    }


def _passes(node: Node, facts: Mapping[str, str], filters: Mapping[str, str]) -> bool:
    for name, wanted in filters.items():
        value = node_value(node, facts, name)
        if value is not None and not any(fnmatch.fnmatchcase(value, choice) for choice in wanted.split(",")):
            return False
    return True


def _csv(rows: list[dict[str, str]], heads: list[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, heads, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _xml(rows: list[dict[str, str]], heads: list[str]) -> bytes:
    from xml.etree import ElementTree

    root = ElementTree.Element("ResultSet", totalRecords=str(len(rows)))
    results = ElementTree.SubElement(ElementTree.SubElement(root, "results"), "columns")
    for name in heads:
        ElementTree.SubElement(results, "column").text = name
    listed = ElementTree.SubElement(root, "rows")
    for row in rows:
        line = ElementTree.SubElement(listed, "row")
        for value in row.values():
            ElementTree.SubElement(line, "cell").text = value
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True))
