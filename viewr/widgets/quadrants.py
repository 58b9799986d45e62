"""Quarters of a picture, one after the other, each as large as the view: how mammograms are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.slice_view_scene import Scene

#: Right and down from the middle, in quarters of the picture: clockwise from the upper left.
QUADRANTS = ((-1, -1), (1, -1), (1, 1), (-1, 1))
#: Parts of a mm by which a place may miss its quarter and still be it.
_NEAR = 0.5


def quadrant_of(scene: Scene) -> int | None:
    """Which quarter is shown; None for another part."""
    for number in range(len(QUADRANTS)):
        zoom, pan = _place(scene, number)
        near = all(abs(a - b) < _NEAR for a, b in zip(scene.pan_mm, pan, strict=True))
        if near and abs(scene.mm_per_pixel / zoom - 1) < 1e-3:
            return number
    return None


def next_quadrant(viewport: SliceViewport) -> None:
    """The next quarter; after the last one the whole picture."""
    scene = viewport.scene
    if scene is None:
        return
    now = quadrant_of(scene)
    if now == len(QUADRANTS) - 1:
        viewport.fit()
        return
    zoom, pan = _place(scene, 0 if now is None else now + 1)
    viewport.look_at(mm_per_pixel=zoom, pan_mm=pan)


def _place(scene: Scene, number: int) -> tuple[float, tuple[float, float]]:
    """Mm per pixel and shift at which a quarter fills the view."""
    wide, tall = scene.stack.extent
    right, down = QUADRANTS[number]
    zoom = max(wide / 2 / scene.size[0], tall / 2 / scene.size[1])
    return zoom, (right * wide / 4, down * tall / 4)
