"""The lines about slices and frames that a template demands to be seen, and the way to them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from viewr.model.geometry import Orientation
from viewr.model.template import Template
from viewr.model.volume import Volume
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.slice_view_reading import LEAST_SHARE, share_in_view
from viewr.widgets.submit_sheet import SheetLine
from viewr.workspace.document import Document
from viewr.workspace.read_record import to_see, unread, unread_text

#: In place of a field's path, before the name of the scan.
UNREAD = "__unread__/"


def unread_lines(template: Template, document: Document) -> list[SheetLine]:
    """A line for each scan that has not been seen in full though the template demands it."""
    left = unread(template, document.volumes, document.seen)
    return [
        SheetLine(key[0], UNREAD + key[1], unread_text(key[1], ranges, to_see(document.volumes[key])[0]))
        for key, ranges in left.items()
    ]


def show_unread(viewports: Iterable[SliceViewport], scan: str) -> None:
    """Bring the first slice or frame of a scan that was not seen onto the screen, and the keyboard to it."""
    held = [port for port in viewports if port.isVisible() and port.scan_key[1] == scan and port.scene is not None]
    if not held:
        return
    port = next((port for port in held if port.scene is not None and port.scene.stack.axis == 2), held[0])
    volume = port.document.volumes[port.scan_key]
    if port.scene is not None and port.scene.stack.oblique:
        port.straighten()
    if port.scene is not None and port.scene.view.projection != "none":
        port.look_at(projection="none")
    if port.scene is not None and port.scene.stack.axis != 2:
        port.look_at(orientation=stored_orientation(volume), anatomical=False)
    unit, count = to_see(volume)
    left = port.document.seen.unseen(port.scan_key, count)
    if port.scene is not None and share_in_view(port.scene) < LEAST_SHARE:
        port.fit()
    stack = port.scene.stack if port.scene is not None else None
    if left and unit == "frame":
        port.cine.stop()
        port.cine.show(left[0][0])
    elif left and stack is not None and stack.voxels is not None:
        port.show_slice(int(np.flatnonzero(stack.voxels == left[0][0])[0]))
    port.setFocus()


def stored_orientation(volume: Volume) -> Orientation:
    """The orientation whose slices are those of the scan."""
    normal = np.cross(volume.grid.affine[:3, 0], volume.grid.affine[:3, 1])
    axis = int(np.argmax(np.abs(normal)))
    names: dict[int, Orientation] = {0: "Sagittal", 1: "Coronal", 2: "Transversal"}
    return names[axis]
