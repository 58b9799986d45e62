"""Artefacts and their places, for templates of quality control that have no fields of their own for them.

They are among the answers of a context, or of the row of a scan, under a name that no field can have; a result holds
them in its reserved member as ``qc``: ``{"tags": {"motion": "present"}, "where": [{"pos": [x, y, z], "scan": "T1"}]}``,
and ``{"scans": [{"scan": "T1", "tags": ..., "where": ...}]}`` where each scan has its own verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from viewr.model.annotation import DrawingKey, Drawn
from viewr.model.answers import ROW_ID, get_answer, with_value
from viewr.model.drawn_json import read_marker
from viewr.model.frame_point import points_value
from viewr.model.marker import Marker
from viewr.model.template import SCAN_ROWS, Context, walk_fields

#: Among the answers of a context or of a row; no field of a template can be called so.
QC = "__qc__"
TAGS, WHERE = f"{QC}/tags", f"{QC}/where"
#: Names in results and what is printed on the buttons.
USUAL_TAGS = {
    "motion": "Motion", "noise": "Noise", "wrap": "Wrap-around", "metal": "Metal", "field_of_view": "Field of view",
    "wrong_protocol": "Wrong protocol",
}  # fmt: skip
#: Not looked for, then what was said.
TAG_STATES = (None, "present", "absent")


def qc_value(context: Context, answers: Mapping[str, Any], drawings: Mapping[DrawingKey, Sequence[Drawn]]) -> Any:
    """What a result holds of these marks; empty if there are none. Places in patient LPS, mm."""
    value = _said(answers, drawings.get((context.name, WHERE), ()))
    scans = []
    for path, row in _scan_rows(context, answers):
        said = _said(row, drawings.get((context.name, f"{path}/{row.get(ROW_ID)}/{WHERE}"), ()))
        scans += [{"scan": str(row.get("scan") or ""), **said}] if said else []
    return {**value, "scans": scans} if scans else value


def _said(answers: Mapping[str, Any], drawn: Sequence[Drawn]) -> dict[str, Any]:
    held = get_answer(answers, TAGS)
    tags = {name: state for name, state in held.items() if state} if isinstance(held, Mapping) else {}
    markers = [item for item in drawn if isinstance(item, Marker)]
    where = [{"pos": list(item.pos), "scan": item.scan, **points_value(item.frames)} for item in markers]
    return {**({"tags": tags} if tags else {}), **({"where": where} if where else {})}


def _scan_rows(context: Context, answers: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, field in walk_fields(context.fields):
        if SCAN_ROWS in field.extra:
            rows = get_answer(answers, path)
            yield from ((path, row) for row in (rows if isinstance(rows, list | tuple) else ()))


def read_qc(
    data: Any, context: Context, answers: dict[str, Any]
) -> tuple[dict[str, Any], dict[DrawingKey, tuple[Drawn, ...]]]:
    """Answers with the marks of an earlier result, and the markers; what is none, or of no row, is left out."""
    drawings: dict[DrawingKey, tuple[Drawn, ...]] = {}
    if not isinstance(data, Mapping):
        return answers, drawings
    found = [("", data)]
    listed = data.get("scans")
    rows = {str(row.get("scan") or ""): f"{path}/{row.get(ROW_ID)}/" for path, row in _scan_rows(context, answers)}
    for one in listed if isinstance(listed, list) else ():
        name = str(one.get("scan") or "") if isinstance(one, Mapping) else ""
        found += [(rows[name], one)] if name in rows and isinstance(one, Mapping) else []
    for prefix, said in found:
        tags, markers = _read_tags(said.get("tags")), _read_places(said.get("where"))
        if tags:
            answers = with_value(answers, f"{prefix}{TAGS}", tags)
        if markers:
            drawings[context.name, f"{prefix}{WHERE}"] = markers
    return answers, drawings


def _read_tags(data: Any) -> dict[str, str]:
    held = data if isinstance(data, Mapping) else {}
    return {name: held[name] for name in USUAL_TAGS if held.get(name) in TAG_STATES[1:]}


def _read_places(data: Any) -> tuple[Drawn, ...]:
    items = [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []
    read = (read_marker(item, number) for number, item in enumerate(items, 1))
    places = (marker for marker in read if isinstance(marker, Marker))
    return tuple(
        Marker(place.pos, id=number, scan=place.scan, frames=place.frames) for number, place in enumerate(places, 1)
    )
