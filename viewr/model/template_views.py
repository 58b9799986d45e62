"""Viewports and presets of a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, cast

from viewr.model.document_text import Members
from viewr.model.geometry import Orientation
from viewr.model.labelmap import Label
from viewr.model.template import AnnotationSpec, Context, Preset, ScanSpec, Viewport
from viewr.model.template_item import Item, closest, shown

ORIENTATIONS = {
    "transversal": "Transversal", "transverse": "Transversal", "axial": "Transversal",
    "coronal": "Coronal", "sagittal": "Sagittal",
}  # fmt: skip
_PROJECTIONS = {"none": "none", "": "none", "min": "min", "max": "max"}
_INTERPOLATIONS = {"nearest": "nearest", "linear": "linear"}
_REQUIRED = ("type", "name", "scan", "annotation", "x", "y", "linked")
_KEYS = (
    *_REQUIRED, "orientation", "label", "projection", "projection_slab", "slice_highlight_interval", "interpolation",
    "fused",
)  # fmt: skip
#: Wider gaps than this in a grid are closed: a layout would lay out every empty row.
_MAX_GRID = 64
#: More views than this are no use to anybody, and take all memory.
MAX_VIEWPORTS = 100


def read_viewports(
    item: Item, scans: Iterable[ScanSpec], annotations: Iterable[AnnotationSpec]
) -> tuple[Viewport, ...]:
    """The viewports of a context, each with a name and a cell of its own; remarks on what they name in vain."""
    viewports: list[Viewport] = []
    items: list[Item] = []
    for member in item.items():
        if len(viewports) >= MAX_VIEWPORTS:
            member.error(f"There are more than {MAX_VIEWPORTS} viewports; the others are left out.")
            break
        if isinstance(member.value, Members):
            viewports.append(_unique(_viewport(member, len(viewports) + 1), viewports, member))
            items.append(member)
        else:
            member.error(f"A viewport must be a mapping, not {shown(member.value)}; it is left out.")
    for viewport, member in zip(viewports, items, strict=True):
        _check_viewport(member, viewport, [scan.name for scan in scans], annotations)
    return tuple(_placed(viewports, items))


def _check_viewport(item: Item, viewport: Viewport, scans: list[str], annotations: Iterable[AnnotationSpec]) -> None:
    labels = {annotation.name: annotation.labels for annotation in annotations}
    if viewport.scan and viewport.scan not in scans:
        item.child("scan").warn(_lacks(viewport, "scan", viewport.scan, scans))
    if viewport.fused and viewport.fused not in scans:
        item.child("fused").warn(_lacks(viewport, "scan", viewport.fused, scans))
    if viewport.annotation is not None and viewport.annotation not in labels:
        item.child("annotation").warn(_lacks(viewport, "annotation", viewport.annotation, labels))
        return
    candidates = labels.get(viewport.annotation or "", ())
    if viewport.label is not None and find_label(candidates, viewport.label) is None:
        names = [label.name for label in candidates]
        item.child("label").warn(_lacks(viewport, "label", viewport.label, names))


def _lacks(viewport: Viewport, kind: str, name: str, names: Iterable[str]) -> str:
    return f"The viewport '{viewport.name}' names the {kind} '{name}', which does not exist.{closest(name, names)}"


def find_label(labels: Iterable[Label], text: str) -> Label | None:
    """The label whose value is `text`, else the one of that name."""
    labels = tuple(labels)
    by_value = next((label for label in labels if str(label.value) == text.strip()), None)
    return by_value or next((label for label in labels if label.name == text), None)


def _viewport(item: Item, number: int) -> Viewport:
    item.require(*(key for key in _REQUIRED if key not in ("type", "annotation")))
    item.unknown(_KEYS)
    interpolation = cast(Literal["nearest", "linear"], item.choice("interpolation", _INTERPOLATIONS, "nearest"))
    return Viewport(
        name=item.text("name", f"viewport {number}"),
        scan=item.text("scan"),
        annotation=item.text("annotation") or None,
        x=item.integer("x", 0),
        y=item.integer("y", 0),
        linked=item.boolean("linked", False),
        orientation=cast(Orientation, item.choice("orientation", ORIENTATIONS, "Transversal")),
        label=_label(item.child("label").value),
        projection=_projection(item),
        projection_slab=item.integer("projection_slab", 5, minimum=1),
        slice_highlight_interval=max(0, item.integer("slice_highlight_interval", 0)),
        interpolation=interpolation,
        fused=item.text("fused") or None,
    )


def _label(value: Any) -> str | None:
    """The label shown alone; a number is the value of a label."""
    return None if value in (None, "") or isinstance(value, dict | list) else str(value)


def _projection(item: Item) -> Literal["none", "min", "max"]:
    return cast(Literal["none", "min", "max"], item.choice("projection", _PROJECTIONS, "none"))


def _unique(viewport: Viewport, others: Iterable[Viewport], item: Item) -> Viewport:
    names = {other.name for other in others}
    if viewport.name not in names:
        return viewport
    number = next(number for number in range(2, len(names) + 3) if f"{viewport.name} {number}" not in names)
    name = f"{viewport.name} {number}"
    item.warn(f"There are two viewports named '{viewport.name}'; this one becomes '{name}'.")
    return replace(viewport, name=name)


def _placed(viewports: list[Viewport], items: list[Item]) -> list[Viewport]:
    columns = _normalise([viewport.x for viewport in viewports])
    rows = _normalise([viewport.y for viewport in viewports])
    taken: set[tuple[int, int]] = set()
    placed = []
    for viewport, item, x, y in zip(viewports, items, columns, rows, strict=True):
        column = x
        while (column, y) in taken:
            column += 1
        if column != x:
            item.warn(f"Another viewport is at column {viewport.x}, row {viewport.y}; this one moves to the right.")
        taken.add((column, y))
        placed.append(replace(viewport, x=column, y=y))
    return placed


def _normalise(positions: list[int]) -> list[int]:
    """Positions counted from 0; where the gaps are absurd, they are closed."""
    if not positions:
        return []
    low = min(positions)
    if max(positions) - low < _MAX_GRID:
        return [position - low for position in positions]
    ranks = {position: rank for rank, position in enumerate(sorted(set(positions)))}
    return [ranks[position] for position in positions]


def read_preset(item: Item, number: int) -> Preset:
    """A preset with the values of its viewports brought to one form; only what it names is in it."""
    name = item.text("__name__", f"Preset {number}")
    viewports = {}
    for key, member in item.members():
        if key == "__name__":
            continue
        if isinstance(member.value, Members):
            viewports[key] = MappingProxyType(_changes(member))
        else:
            member.warn(f"The preset '{name}' must give a mapping for '{key}', not {shown(member.value)}.")
    return Preset(name, MappingProxyType(viewports))


def _changes(item: Item) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if item.has("scan"):
        changes["scan"] = item.text("scan")
    if item.has("annotation"):
        changes["annotation"] = item.text("annotation") or None
    if item.has("fused"):
        changes["fused"] = item.text("fused") or None
    if item.has("orientation"):
        changes["orientation"] = item.choice("orientation", ORIENTATIONS, "Transversal")
    if item.has("projection"):
        changes["projection"] = _projection(item)
    if item.has("projection_slab"):
        changes["projection_slab"] = item.integer("projection_slab", 5, minimum=1)
    return changes


def check_presets(root: Item, presets: Iterable[Preset], contexts: Iterable[Context]) -> None:
    """Remark on viewports, scans and annotations that presets name and no context has."""
    contexts = tuple(contexts)
    for item, preset in zip(root.child("presets").items(), presets, strict=True):
        for key, changes in preset.viewports.items():
            holders = [context for context in contexts if preset_targets(key, context)]
            if not holders:
                names = [viewport.name for context in contexts for viewport in context.viewports]
                item.child(key).warn(f"No viewport is named '{key}'.{closest(key, names)}")
            else:
                _check_changes(item.child(key), changes, holders)


def _check_changes(item: Item, changes: Mapping[str, Any], contexts: list[Context]) -> None:
    scans = {scan.name for context in contexts for scan in context.scans}
    annotations = {annotation.name for context in contexts for annotation in context.annotations}
    for key, names in (("scan", scans), ("fused", scans), ("annotation", annotations)):
        name = changes.get(key)
        if name and name not in names:
            kind = "scan" if key == "fused" else key
            item.child(key).warn(f"The {kind} '{name}' does not exist.{closest(name, names)}")


def preset_targets(key: str, context: Context) -> list[Viewport]:
    """The viewports of a context that a name in a preset means: by name, or as context.viewport."""
    by_name = [viewport for viewport in context.viewports if viewport.name == key]
    prefix = f"{context.name}."
    if by_name or not key.startswith(prefix):
        return by_name
    return [viewport for viewport in context.viewports if viewport.name == key.removeprefix(prefix)]
