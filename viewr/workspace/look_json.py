"""The look of a task as JSON and back: viewports, windows, positions, layouts; for drafts, never for results.

Only what differs from how the template begins is written. What is read is a file's word: each value is checked by
itself, and what is bad or unknown stays as the template has it. The tool in the hand, what is selected and the second
window do not come back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from viewr.model.reformat import ORIENTATIONS
from viewr.model.state import LabelmapKey, Layout, Links, Look, ViewportKey, ViewportLook
from viewr.model.template import Context, Template
from viewr.render.shade import LUTS
from viewr.workspace import look_values as values
from viewr.workspace.layouts import LAYOUTS
from viewr.workspace.look_values import BadValue, Check

log = logging.getLogger(__name__)

#: Raised when what is written means something else than before; other formats are left out whole.
FORMAT = 1
#: Viewports that a reader may have added to those of a template.
MOST_EXTRA = 12
#: Labels of an annotation that are kept as hidden.
MOST_HIDDEN = 4096


def _as_is(value: Any) -> Any:
    return value


def _as_list(value: Any) -> list[Any]:
    return list(value)


def _viewport_checks(context: Context) -> dict[str, Check]:
    """Member of a viewport -> what it may be."""
    scans = {scan.name for scan in context.scans}
    annotations = {spec.name for spec in context.annotations}
    return {
        "scan": values.one_of(scans), "annotation": values.one_of({*annotations, ""}),
        "orientation": values.one_of(ORIENTATIONS), "window": values.window, "inverted": values.flag,
        "mm_per_pixel": values.optional(values.number(1e-5, 1e4)),
        "pan_mm": values.several(values.number(-values.FARTHEST, values.FARTHEST), 2, 2), "linked": values.flag,
        "interpolation": values.one_of(("nearest", "linear", "cubic")),
        "projection": values.one_of(("none", "min", "max", "mean")), "slab_slices": values.whole(1, 100_000),
        "label": values.text(500), "highlight_interval": values.whole(0, 100_000), "anatomical": values.flag,
        "lut": values.one_of({*LUTS, ""}), "gamma": values.number(0.01, 100), "turned": values.whole(0, 3),
        "flipped": values.flag, "frame": values.several(values.whole(0, 10**6), 0, 8),
        "fused": values.one_of({*scans, ""}), "fused_window": values.window, "fused_lut": values.one_of(LUTS),
        "fused_opacity": values.share, "also": values.several(values.one_of(annotations), 0, len(annotations)),
        "extra": values.flag,
    }  # fmt: skip


#: How members are written that are not JSON by themselves.
_WRITERS: dict[str, Check] = {
    "window": values.window_to_json, "fused_window": values.window_to_json, "pan_mm": _as_list, "frame": _as_list,
    "also": _as_list,
}  # fmt: skip
#: Members of the look that are one value.
_SINGLE: dict[str, Check] = {
    "brush_mm": values.number(0.1, 1000), "overlays_hidden": values.flag, "overlay_opacity": values.number(0, 10),
    "overlay_outline": values.flag, "crosshair": values.flag, "reference_lines": values.flag,
    "strip": values.optional(values.flag),
}  # fmt: skip


# --- writing -------------------------------------------------------------------------------------------------------


def look_to_json(look: Look, start: Look) -> dict[str, Any]:
    """What of a look is kept, but for the localizers and what was aligned by hand (`look_places`).

    Parameters
    ----------
    start : Look
        What the template begins with.
    """
    viewports = [
        {"key": list(key), **_viewport_to_json(port, start.viewports.get(key, ViewportLook()))}
        for key, port in look.viewports.items()
    ]
    return {
        **{name: getattr(look, name) for name in _SINGLE if getattr(look, name) != getattr(start, name)},
        "context": look.context, "viewports": [port for port in viewports if len(port) > 1],
        "positions": [[list(key), list(place)] for key, place in look.positions.items()],
        "active": _key_to_json(look.active), "maximised": _key_to_json(look.maximised),
        "labels": [[list(key), label] for key, label in look.labels.items() if start.labels.get(key) != label],
        "hidden": [[list(key), sorted(held)] for key, held in look.hidden_labels.items() if held],
        "axes": [[name, values.reformat_to_json(axes)] for name, axes in look.axes.items()],
        "links": [[name, vars(links)] for name, links in look.links.items()],
        "layouts": [[name, _layout_to_json(layout)] for name, layout in look.layouts.items()],
    }  # fmt: skip


def _viewport_to_json(port: ViewportLook, start: ViewportLook) -> dict[str, Any]:
    return {
        name: _WRITERS.get(name, _as_is)(value)
        for name, value in vars(port).items()
        if value != getattr(start, name)
    }  # fmt: skip


def _key_to_json(key: ViewportKey | None) -> list[str] | None:
    return list(key) if key is not None else None


def _layout_to_json(layout: Layout) -> dict[str, Any]:
    before = layout.before
    kept = None if before is None else [before[0], before[1], list(before[2])]
    return {"name": layout.name, "cells": list(layout.cells), "before": kept}


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """A look that is put together, and what was left out of the file."""

    template: Template
    look: Look
    contexts: dict[str, Context]
    bad: list[str] = field(default_factory=list)

    def taken(self, name: str, check: Check, value: Any, default: Any) -> Any:
        """A value if it is good, else the default."""
        try:
            return check(value)
        except (BadValue, KeyError, TypeError, ValueError, OverflowError):
            self.bad.append(name)
            return default

    def entries(self, data: Mapping[str, Any], name: str, most: int = 200) -> Iterator[tuple[Any, Any]]:
        """Pairs of a list."""
        held = data.get(name, [])
        good = isinstance(held, list) and len(held) <= most
        for one in held if good else ():
            if isinstance(one, list) and len(one) == 2:
                yield one[0], one[1]
            else:
                self.bad.append(name)
        if not good:
            self.bad.append(name)

    def viewport_key(self, value: Any) -> ViewportKey:
        """One of the viewports that there are."""
        key = _pair(value)
        if key not in self.look.viewports:
            raise BadValue
        return key

    def annotation_key(self, value: Any) -> LabelmapKey:
        key = _pair(value)
        if key[1] not in {spec.name for spec in self.contexts[key[0]].annotations}:
            raise BadValue
        return key


def _pair(value: Any) -> tuple[str, str]:
    first, second = values.several(values.text(500), 2, 2)(value)
    return first, second


def read_look(data: Mapping[str, Any], start: Look, template: Template) -> Look:
    """The look that a file holds, on top of what the template begins with; bad values are left out."""
    reading = _Reading(template, start, {context.name: context for context in template.contexts})
    for name, check in _SINGLE.items():
        if name in data:
            reading.look = replace(
                reading.look, **{name: reading.taken(name, check, data[name], getattr(start, name))}
            )
    _read_viewports(reading, data)
    _read_contexts(reading, data)
    _read_places(reading, data)
    _read_labels(reading, data)
    if reading.bad:
        log.info("look of a task: %d values were left out (%s)", len(reading.bad), ", ".join(sorted({*reading.bad})))
    return reading.look


def _read_viewports(reading: _Reading, data: Mapping[str, Any]) -> None:
    held = data.get("viewports", [])
    viewports = dict(reading.look.viewports)
    for one in held if isinstance(held, list) else ():
        key = reading.taken("viewports", _pair, one.get("key") if isinstance(one, Mapping) else None, None)
        if key is None or key[0] not in reading.contexts:
            continue
        port = _read_viewport(reading, one, reading.contexts[key[0]], viewports.get(key))
        extra = sum(each.extra for each in viewports.values())
        if key in viewports or (port.extra and port.scan and extra < MOST_EXTRA):
            viewports[key] = replace(port, extra=key not in reading.look.viewports)
    reading.look = replace(reading.look, viewports=viewports)


def _read_viewport(
    reading: _Reading, data: Mapping[str, Any], context: Context, start: ViewportLook | None
) -> ViewportLook:
    port = start or ViewportLook()
    fields = {
        name: reading.taken(f"viewport {name}", check, data[name], getattr(port, name))
        for name, check in _viewport_checks(context).items()
        if name in data
    }  # fmt: skip
    return replace(port, **fields)


def _read_contexts(reading: _Reading, data: Mapping[str, Any]) -> None:
    """What is said of whole contexts."""
    known = values.one_of(reading.contexts)
    front = reading.taken("context", known, data.get("context", reading.look.context), reading.look.context)
    axes = {name: axes for name, axes in _by_context(reading, data, "axes", values.reformat) if axes is not None}
    links = {name: links for name, links in _by_context(reading, data, "links", _links) if links is not None}
    layouts = {}
    for name, layout in _by_context(reading, data, "layouts", _layout):
        if layout is not None and all((name, cell) in reading.look.viewports for cell in layout.cells):
            layouts[name] = layout
    reading.look = replace(reading.look, context=front, axes=axes, links=links, layouts=layouts)


def _by_context(reading: _Reading, data: Mapping[str, Any], name: str, check: Check) -> Iterator[tuple[str, Any]]:
    for context, value in reading.entries(data, name):
        if isinstance(context, str) and context in reading.contexts:
            yield context, reading.taken(name, check, value, None)


def _links(value: Any) -> Links:
    if not isinstance(value, Mapping):
        raise BadValue
    return Links(**{name: values.flag(value[name]) for name in vars(Links()) if name in value})


def _layout(value: Any) -> Layout:
    name = values.one_of(LAYOUTS)(value["name"])
    cells = values.several(values.text(500), 1, len(LAYOUTS[name]))(value["cells"])
    if len(set(cells)) < len(cells):
        raise BadValue
    before = value.get("before")
    if before is None:
        return Layout(name, cells)
    shared, zoom, middle = before
    checks = _viewport_checks(Context(""))
    return Layout(name, cells, (values.flag(shared), checks["mm_per_pixel"](zoom), checks["pan_mm"](middle)))


def _read_places(reading: _Reading, data: Mapping[str, Any]) -> None:
    """Where the viewports stand, and which of them is in front."""
    positions = {}
    for key, place in reading.entries(data, "positions"):
        port = reading.taken("positions", reading.viewport_key, key, None)
        found = reading.taken("positions", values.point, place, None)
        if port is not None and found is not None:
            positions[port] = found
    keys = {
        name: reading.taken(name, values.optional(reading.viewport_key), data.get(name), None)
        for name in ("active", "maximised")
    }  # fmt: skip
    active = keys["active"] or reading.look.active
    reading.look = replace(reading.look, positions=positions, active=active, maximised=keys["maximised"])


def _read_labels(reading: _Reading, data: Mapping[str, Any]) -> None:
    labels, hidden = dict(reading.look.labels), {}
    for key, value in reading.entries(data, "labels"):
        name = reading.taken("labels", reading.annotation_key, key, None)
        label = reading.taken("labels", values.whole(0, 65535), value, None)
        if name is not None and label in _label_values(reading.contexts[name[0]], name[1]):
            labels[name] = label
    for key, value in reading.entries(data, "hidden"):
        name = reading.taken("hidden", reading.annotation_key, key, None)
        held = reading.taken("hidden", values.several(values.whole(0, 65535), 0, MOST_HIDDEN), value, None)
        if name is not None and held is not None:
            hidden[name] = frozenset(held)
    reading.look = replace(reading.look, labels=labels, hidden_labels=hidden)


def _label_values(context: Context, annotation: str) -> list[int]:
    return [label.value for spec in context.annotations if spec.name == annotation for label in spec.labels]
