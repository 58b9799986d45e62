"""Layouts of a context's viewports, one key away; more cells than the template has viewports get extra ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from viewr.model.geometry import Orientation
from viewr.model.reformat import ORIENTATIONS
from viewr.model.state import Layout, Look, ViewportKey, ViewportLook
from viewr.render.stack import build_stack
from viewr.render.turn import carried
from viewr.workspace.document import Document
from viewr.workspace.localizer import links_of, may_link, move_to, position_of, volume_of
from viewr.workspace.look import changed_viewport

#: (column, row, columns, rows)
Cell = tuple[int, int, int, int]

#: Name -> the cells of a layout, in the order in which viewports fill them.
LAYOUTS: dict[str, tuple[Cell, ...]] = {
    "1": ((0, 0, 1, 1),),
    "2 beside": ((0, 0, 1, 1), (1, 0, 1, 1)),
    "2 above": ((0, 0, 1, 1), (0, 1, 1, 1)),
    "3": ((0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1)),
    "2x2": ((0, 0, 1, 1), (1, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 1)),
    "1+3": ((0, 0, 2, 3), (2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1)),
}
#: What the layouts are called; "" is the template's own.
TITLES = {
    "1": "One view", "2 beside": "Two beside each other", "2 above": "Two above each other",
    "3": "Three beside each other", "2x2": "Two by two", "1+3": "One large, three small",
    "": "As the template has it",
}  # fmt: skip


def own_keys(look: Look, context: str) -> list[ViewportKey]:
    """The template's viewports of a context, in its order."""
    return [key for key, viewport in look.viewports.items() if key[0] == context and not viewport.extra]


def shown_keys(look: Look, context: str) -> list[ViewportKey]:
    """The viewports that a context has on the screen, in the order of their cells."""
    layout = look.layouts.get(context)
    if layout is None:
        return own_keys(look, context)
    keys = [(context, name) for name in layout.cells]
    return [key for key in keys if key in look.viewports]


def set_layout(document: Document, context: str, name: str) -> None:
    """Show another layout; the template's viewports first, and the active one among them."""
    _end_comparison(document, context)
    look = document.state.look
    if name not in LAYOUTS:
        document.look(layouts={key: held for key, held in look.layouts.items() if key != context}, maximised=None,
                      active=_active_of(look, own_keys(look, context)))  # fmt: skip
        return
    count = len(LAYOUTS[name])
    own = own_keys(look, context)
    keys = own[:count]
    if look.active in own and look.active not in keys:
        keys[-1] = look.active
    _show(document, context, name, _with_extras(document, context, keys, count), keys)


def _with_extras(
    document: Document, context: str, keys: list[ViewportKey], count: int
) -> dict[ViewportKey, ViewportLook]:
    """All viewports with enough extra ones, whose keys are added to `keys`."""
    viewports = dict(document.state.look.viewports)
    while len(keys) < count:
        key = _extra_key(viewports, context, keys)
        if key not in viewports or _repeats(viewports, key, keys):
            viewports[key] = _extra_look(document, context, viewports, keys)
        keys.append(key)
    return viewports


def _repeats(viewports: dict[ViewportKey, ViewportLook], key: ViewportKey, keys: list[ViewportKey]) -> bool:
    """Whether a viewport shows what another one does, from when it stood beside fewer."""
    shown = {(viewports[each].scan, viewports[each].orientation) for each in keys}
    return (viewports[key].scan, viewports[key].orientation) in shown


def _extra_key(viewports: dict[ViewportKey, ViewportLook], context: str, taken: list[ViewportKey]) -> ViewportKey:
    """The first extra viewport that is not on the screen; a name of the template's is left to it."""
    number = 1
    while (key := (context, f"extra {number}")) in taken or (key in viewports and not viewports[key].extra):
        number += 1
    return key


def _extra_look(
    document: Document, context: str, viewports: dict[ViewportKey, ViewportLook], keys: list[ViewportKey]
) -> ViewportLook:
    """A scan that no cell shows yet; else the first viewport's in an orientation that none shows."""
    shown = {viewports[key].scan for key in keys}
    base = viewports[keys[0]] if keys else ViewportLook()
    fresh = {"linked": True, "mm_per_pixel": None, "pan_mm": (0.0, 0.0), "extra": True}
    for owner, scan in document.volumes:
        if owner == context and scan not in shown:
            return changed_viewport(base, {**fresh, "scan": scan, "annotation": "", "projection": "none"})
    used = {viewports[key].orientation for key in keys if viewports[key].scan == base.scan}
    spare = next((name for name in ORIENTATIONS if name not in used), base.orientation)
    doubled = _cuts_alike(document, context, base.scan, spare, {viewports[key].orientation for key in keys})
    return replace(base, orientation=spare, linked=True, mm_per_pixel=None, pan_mm=(0.0, 0.0), extra=True,
                   anatomical=base.anatomical or doubled)  # fmt: skip


def _cuts_alike(document: Document, context: str, scan: str, orientation: Orientation, used: set[Orientation]) -> bool:
    """Whether the true slices of an oblique scan are the same in an orientation as in one that is shown."""
    volume = document.volumes.get((context, scan))
    if volume is None:
        return False
    return build_stack(volume, orientation).axis in {build_stack(volume, other).axis for other in used}


def _show(
    document: Document, context: str, name: str, viewports: dict[ViewportKey, ViewportLook], keys: list[ViewportKey]
) -> None:
    look = document.state.look
    layouts = {**look.layouts, context: Layout(name, tuple(key[1] for key in keys))}
    document.look(viewports=viewports, layouts=layouts, maximised=None, active=_active_of(look, keys))


def _active_of(look: Look, keys: list[ViewportKey]) -> ViewportKey | None:
    return look.active if look.active in keys or not keys else keys[0]


def swap_scan(document: Document, key: ViewportKey, scan: str) -> None:
    """Show another scan in a viewport; zoom and middle stay the same place where both share a space."""
    look = document.state.look
    held, after = look.viewports[key], document.volumes.get((key[0], scan))
    before = volume_of(document, key)
    fields: dict[str, Any] = {"scan": scan, "mm_per_pixel": None, "pan_mm": (0.0, 0.0)}
    if scan != held.scan:
        # All views of a scan show the same point in time; that of another scan means nothing here.
        others = (each.frame for other, each in look.viewports.items() if (other[0], each.scan) == (key[0], scan))
        fields["frame"] = next(others, ())
    positions = {name: place for name, place in look.positions.items() if name != key}
    if before is not None and after is not None and may_link(before, after):
        positions = dict(look.positions)
        if held.mm_per_pixel is not None:
            middles = [build_stack(each, held.orientation, held.anatomical).middle for each in (before, after)]
            way = middles[0].center - middles[1].center
            x, y = carried(held.pan_mm, (held.turned, held.flipped), (0, False))  # a scan begins as it was stored
            pan = x + float(way @ middles[1].right), y + float(way @ middles[1].down)
            fields.update(mm_per_pixel=held.mm_per_pixel, pan_mm=pan)
    document.look(viewports={**look.viewports, key: changed_viewport(held, fields)}, positions=positions)


# --- the second window -----------------------------------------------------------------------------------------


def move_away(document: Document, keys: list[ViewportKey]) -> None:
    """Put viewports into the second window."""
    look = document.state.look
    document.look(away=tuple(dict.fromkeys((*look.away, *keys))), maximised=None)


def bring_back(document: Document, keys: list[ViewportKey]) -> None:
    """Put viewports beside the form again."""
    look = document.state.look
    document.look(away=tuple(key for key in look.away if key not in keys), maximised=None)


def away_keys(look: Look, context: str) -> list[ViewportKey]:
    """The viewports of a context that are in the second window."""
    return [key for key in look.away if key[0] == context and key in look.viewports]


# --- comparing -----------------------------------------------------------------------------------------------------


def comparable(document: Document, key: ViewportKey) -> list[str]:
    """Scans that can stand beside a viewport's: first those that no viewport of the template shows, such as priors."""
    look = document.state.look
    own = look.viewports[key].scan
    shown = {look.viewports[each].scan for each in own_keys(look, key[0])}
    scans = [scan for owner, scan in document.volumes if owner == key[0] and scan != own]
    return sorted(scans, key=lambda scan: scan in shown)


def compare_with(document: Document, key: ViewportKey, scan: str) -> None:
    """Another scan beside a viewport's, in the same orientation, linked by position and zoom."""
    look, here = document.state.look, position_of(document, key)
    other = _extra_key(dict(look.viewports), key[0], [key])
    fields = {"scan": scan, "annotation": "", "linked": True, "extra": True, "mm_per_pixel": None,
              "pan_mm": (0.0, 0.0)}  # fmt: skip
    viewports = {**look.viewports, key: replace(look.viewports[key], linked=True),
                 other: changed_viewport(look.viewports[key], fields)}  # fmt: skip
    before = _before_comparison(document, key)
    links = {**look.links, key[0]: replace(links_of(document, key[0]), zoom=True)}
    layouts = {**look.layouts, key[0]: Layout("2 beside", (key[1], other[1]), before)}
    document.look(viewports=viewports, layouts=layouts, links=links, maximised=None,
                  active=_active_of(look, [key, other]))  # fmt: skip
    if here is not None:
        move_to(document, key, here)


def _before_comparison(document: Document, key: ViewportKey) -> tuple[bool, float | None, tuple[float, float]]:
    held, own = document.state.look.layouts.get(key[0]), document.state.look.viewports[key]
    if held is not None and held.before is not None:
        return held.before
    return links_of(document, key[0]).zoom, own.mm_per_pixel, own.pan_mm


def _end_comparison(document: Document, context: str) -> None:
    """The zoom is shared, and the first view looks, as before two scans were compared."""
    look = document.state.look
    held = look.layouts.get(context)
    if held is None or held.before is None:
        return
    zoom, mm_per_pixel, pan_mm = held.before
    main = (context, held.cells[0])
    viewports = {**look.viewports, main: replace(look.viewports[main], mm_per_pixel=mm_per_pixel, pan_mm=pan_mm)}
    links = {**look.links, context: replace(links_of(document, context), zoom=zoom)}
    document.look(viewports=viewports, links=links, layouts={**look.layouts, context: replace(held, before=None)})


def compare_next(document: Document, key: ViewportKey) -> None:
    """Compare with the first scan, then with the next; after the last the template's layout again.

    Those that no viewport of the template shows come into question; where there are none, all others.
    """
    look = document.state.look
    keys = shown_keys(look, key[0])
    if len(keys) == 2 and look.viewports[keys[1]].extra:
        main, now = keys[0], look.viewports[keys[1]].scan
    else:
        main, now = key, ""
    shown = {look.viewports[each].scan for each in own_keys(look, key[0])}
    scans = comparable(document, main)
    scans = [scan for scan in scans if scan not in shown] or scans
    following = scans[scans.index(now) + 1 :] if now in scans else scans
    if following:
        compare_with(document, main, following[0])
    elif now:
        set_layout(document, key[0], "")
