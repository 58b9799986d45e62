"""What a template puts on the screen before the reader touches anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from viewr.model.state import Look, Projection, ViewportKey, ViewportLook
from viewr.model.template import Context, Preset, Template, Viewport


def viewport_look(viewport: Viewport) -> ViewportLook:
    """How a viewport of the template starts."""
    return ViewportLook(
        scan=viewport.scan,
        annotation=viewport.annotation or "",
        orientation=viewport.orientation,
        linked=viewport.linked,
        interpolation=viewport.interpolation,
        projection=viewport.projection,
        slab_slices=max(1, viewport.projection_slab),
        label=viewport.label or "",
        highlight_interval=max(0, viewport.slice_highlight_interval),
        fused=viewport.fused or "",
    )


def initial_look(template: Template) -> Look:
    """The look of all contexts as the template describes them; the first context in front."""
    first = template.contexts[0] if template.contexts else Context("default")
    viewports = {
        (context.name, viewport.name): viewport_look(viewport)
        for context in template.contexts
        for viewport in context.viewports
    }
    labels = {
        (context.name, annotation.name): annotation.labels[0].value
        for context in template.contexts
        for annotation in context.annotations
        if annotation.labels
    }
    active = (first.name, first.viewports[0].name) if first.viewports else None
    return Look(context=first.name, viewports=viewports, labels=labels, active=active)


#: Members of a template's preset, and the members of a look that they set.
_PRESET_FIELDS = {"scan": "scan", "orientation": "orientation", "annotation": "annotation",
                  "fused": "fused", "projection": "projection", "projection_slab": "slab_slices"}  # fmt: skip


#: What one scan was shown with says nothing about the next.
_OF_THE_SCAN: dict[str, Any] = {"window": None, "inverted": False, "lut": "", "gamma": 1.0, "turned": 0,
                                "flipped": False, "fused": "", "fused_window": None}  # fmt: skip


def _preset_fields(values: dict[str, Any]) -> dict[str, Any]:
    fields = {_PRESET_FIELDS[name]: value for name, value in values.items() if name in _PRESET_FIELDS}
    for name in ("annotation", "scan", "fused"):
        if name in fields:
            fields[name] = fields[name] or ""
    if "projection" in fields:
        fields["projection"] = cast(Projection, fields["projection"] or "none")
    return fields


def apply_preset(look: Look, preset: Preset) -> dict[ViewportKey, ViewportLook]:
    """The viewports after a preset: only what it names changes, in every viewport of that name."""
    viewports = dict(look.viewports)
    for name, values in preset.viewports.items():
        for key, viewport in viewports.items():
            if name in (key[1], f"{key[0]}.{key[1]}"):
                viewports[key] = changed_viewport(viewport, _preset_fields(dict(values)))
    return viewports


def changed_viewport(viewport: ViewportLook, fields: dict[str, Any]) -> ViewportLook:
    """The viewport with other members; another scan begins with its own window and colours, and as it was stored."""
    if fields.get("scan", viewport.scan) != viewport.scan:
        fields = {**_OF_THE_SCAN, **fields}
    return replace(viewport, **fields)


def show_scan(look: Look, template: Template, context: str, scan: str) -> dict[ViewportKey, ViewportLook]:
    """The viewports with one scan in all those of a context: as the preset made for it says, if there is one."""
    for preset in template.presets:
        if {values.get("scan") for values in preset.viewports.values()} == {scan}:
            return apply_preset(look, preset)
    return {
        key: changed_viewport(viewport, {"scan": scan}) if key[0] == context else viewport
        for key, viewport in look.viewports.items()
    }


def look_at_scan(look: Look, template: Template, context: str, scan: str) -> dict[str, Any]:
    """What of the look changes when the reader turns to a scan.

    Where each scan of the context has a viewport of its own, as in mammography, all stay and that one is active; else
    the scan comes into all viewports, as `show_scan` has it.
    """
    own = {key: port for key, port in look.viewports.items() if key[0] == context}
    shown = [port.scan for port in own.values()]
    if len(shown) > 1 and sorted(shown) == sorted(spec.name for spec in template.context(context).scans):
        return {"active": next(key for key, port in own.items() if port.scan == scan)}
    return {"viewports": show_scan(look, template, context, scan)}
