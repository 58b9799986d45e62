"""What a template's `quality` member does: rows for scans in the form, and verdicts on scans in the archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from viewr.model.annotation import Annotation
from viewr.model.answers import ROW_ID, get_answer, with_answer
from viewr.model.template import Context, Field, Template, walk_fields
from viewr.model.template_values import start_values, with_row_id
from viewr.workspace.places import ScanTarget

#: (context name, scan name of the template)
ScanKey = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """What is written to a scan: `note` None keeps the note that is there, "" clears it."""

    target: ScanTarget
    quality: str
    note: str | None = None


def with_scan_rows(annotation: Annotation, template: Template, scans: Mapping[ScanKey, ScanTarget]) -> Annotation:
    """The answers with one row for each scan in the listing of verdicts; rows that are there stay as they are."""
    path = _path((template.quality or {}).get("listing"))
    for context, listing in _contexts_with(template, path):
        rows = list(get_answer(annotation.answers.get(context.name, {}), path) or [])
        known = {row.get("scan") for row in rows}
        start = start_values(listing.children)
        for name in (scan.name for scan in context.scans if (context.name, scan.name) in scans):
            if name not in known and "scan" in start:
                rows.append(with_row_id({**start, "scan": name}, _free(rows)))
        annotation = with_answer(annotation, context.name, path, rows)
    return annotation


def with_series_uids(annotation: Annotation, template: Template, uids: Mapping[ScanKey, str]) -> Annotation:
    """The answers with the series of each row, where the form asks for it."""
    path = _path((template.quality or {}).get("listing"))
    for context, listing in _contexts_with(template, path):
        if not any(child.name == "series_uid" for child in listing.children):
            continue
        rows = [
            {**row, "series_uid": row.get("series_uid") or uids.get((context.name, str(row.get("scan"))), "")}
            for row in get_answer(annotation.answers.get(context.name, {}), path) or []
        ]
        annotation = with_answer(annotation, context.name, path, rows)
    return annotation


def verdicts(annotation: Annotation, template: Template, scans: Mapping[ScanKey, ScanTarget]) -> list[Verdict]:
    """What the answers say of scans; answers without a counterpart in the template's map say nothing."""
    quality = template.quality or {}
    listing, field = _path(quality.get("listing")), _path(quality.get("field"))
    found: list[Verdict] = []
    for context, _ in _contexts_with(template, listing or field):
        answers = annotation.answers.get(context.name, {})
        rows = (get_answer(answers, listing) or []) if listing else [answers]
        for row in rows:
            name = str(row.get("scan") or "") if listing else _scan_name(quality, context)
            target = scans.get((context.name, name))
            value = _mapped(quality.get("map"), get_answer(row, field))
            if target is not None and value is not None:
                found.append(Verdict(target, value, _note(quality, row)))
    return found


def unjudged(annotation: Annotation, template: Template, scans: Mapping[ScanKey, ScanTarget]) -> list[str]:
    """Names of scans of the session without a row in the listing; rows without a verdict are the form's to find."""
    path = _path((template.quality or {}).get("listing"))
    found: list[str] = []
    for context, listing in _contexts_with(template, path):
        rows = get_answer(annotation.answers.get(context.name, {}), path) or []
        known = {row.get("scan") for row in rows}
        if any(child.name == "scan" for child in listing.children):
            found += [name for held, name in scans if held == context.name and name not in known]
    return found


def _path(name: Any) -> str:
    return str(name or "").replace(".", "/")


def _contexts_with(template: Template, path: str) -> Iterator[tuple[Context, Field]]:
    for context in template.contexts:
        for found, field in walk_fields(context.fields):
            if path and found == path:
                yield context, field


def _free(rows: list[Any]) -> int:
    taken = {str(row.get(ROW_ID)) for row in rows}
    return next(number for number in range(1, len(rows) + 2) if f"r{number}" not in taken)


def _scan_name(quality: Mapping[str, Any], context: Context) -> str:
    """The scan that is judged: the named one, else the only one."""
    return str(quality.get("scan") or (context.scans[0].name if len(context.scans) == 1 else ""))


def _mapped(table: Any, value: Any) -> str | None:
    if value is None or not isinstance(table, Mapping):
        return None
    found = {str(key): str(item) for key, item in table.items()}
    return found.get("true" if value is True else "false" if value is False else str(value), found.get(str(value)))


def _note(quality: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    """The note to be written; None if the reader never touched it, "" if they emptied it."""
    value = get_answer(row, _path(quality["note"])) if quality.get("note") else None
    return None if value is None else str(value).strip()
