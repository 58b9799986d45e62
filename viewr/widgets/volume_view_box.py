"""The clipping box over the picture of a volume: its edges, and a handle in the middle of each face, to be dragged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewr.render.volume_clip import (
    CopyFrame,
    Edge,
    Handle,
    edges_of,
    handle_at,
    handles_of,
    place_of,
    shares_of,
    with_face,
)
from viewr.render.volume_pick import ClipBox, whole_box
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import text_image

if TYPE_CHECKING:
    from viewr.model.geometry import FloatArray, Grid
    from viewr.widgets.volume_view import VolumeView

#: Logical pixels: radius of a handle, and from how far it is taken.
RADIUS, REACH = 6.0, 10.0
#: Dark below light: seen on bone, on air and on the white ground of a PET.
_RIM, _LIGHT, _HIDDEN = QColor(0, 0, 0, 190), QColor(255, 255, 255), QColor(255, 255, 255, 110)
_FAINT = QColor(190, 194, 200, 170)
_CURSORS = (Qt.CursorShape.SizeHorCursor, Qt.CursorShape.SizeFDiagCursor, Qt.CursorShape.SizeVerCursor,
            Qt.CursorShape.SizeBDiagCursor)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Grip:
    """A handle in the reader's hand: where it was taken, and the box as it was then."""

    handle: Handle
    press: QPointF
    before: ClipBox
    grid: Grid


class ClipHandles:
    """What the mouse does to the clipping box while it is shown.

    Attributes
    ----------
    shown : bool
        With the panel of its sliders.
    """

    def __init__(self, view: VolumeView) -> None:
        self._view = view
        self.shown = False
        self._grip: _Grip | None = None
        self._under: tuple[int, bool] | None = None

    @property
    def held(self) -> bool:
        """Whether a face is being dragged."""
        return self._grip is not None

    # --- mouse -------------------------------------------------------------------------------------------------

    def press(self, at: QPointF) -> bool:
        """Take the handle at a position; False where there is none."""
        handle, look, grid = self._at(at), self._view.look, self._view.grid
        if handle is None or look is None or grid is None:
            return False
        self._grip = _Grip(handle, at, look.clip, grid)
        return True

    def move(self, at: QPointF) -> None:
        """Drag the face that is held."""
        grip, look, frame = self._grip, self._view.look, self._view.frame
        if grip is None or look is None or frame is None:
            return
        if self._view.grid is not grip.grid:
            self.release()  # another scan came under the hand
            return
        step, handle = at - grip.press, grip.handle
        place = place_of(handle.dragged((step.x(), step.y())), handle.axis, grip.grid, frame)
        self._view.change(clip=with_face(look.clip, handle.axis, handle.upper, place))

    def release(self) -> None:
        self._grip = None

    def take_back(self) -> bool:
        """End a drag with the box as it was before; False if there is none."""
        grip, self._grip = self._grip, None
        if grip is None:
            return False
        if self._view.grid is grip.grid:
            self._view.change(clip=grip.before)
        return True

    def open(self, at: QPointF) -> bool:
        """Bring the face under a position back to the edge of the scan; False where there is none."""
        handle, look, grid = self._at(at), self._view.look, self._view.grid
        if handle is None or look is None or grid is None:
            return False
        outer = whole_box(grid)[int(handle.upper)][handle.axis]
        self._view.change(clip=with_face(look.clip, handle.axis, handle.upper, outer))
        return True

    def hover(self, at: QPointF) -> Qt.CursorShape | None:
        """Light the handle under a position; the cursor that says which way it goes, None where there is none."""
        handle = self._at(at)
        self._under = None if handle is None else (handle.axis, handle.upper)
        return None if handle is None else cursor_along(handle.per_share)

    def _at(self, at: QPointF) -> Handle | None:
        return handle_at(self._handles(), (at.x(), at.y()), REACH)

    def _handles(self) -> list[Handle]:
        box = self._box()
        look = self._view.look
        return handles_of(*box, look.camera, self._view.canvas.extent) if box is not None and look is not None else []

    def _box(self) -> tuple[FloatArray, CopyFrame] | None:
        look, grid, frame = self._view.look, self._view.grid, self._view.frame
        if not self.shown or look is None or grid is None or frame is None:
            return None
        return shares_of(look.clip, grid, frame), frame

    # --- painting ----------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, scale: float) -> None:
        box, look = self._box(), self._view.look
        if box is None or look is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for edge in edges_of(*box, look.camera, self._view.canvas.extent):
            _paint_edge(painter, edge)
        for handle in reversed(self._handles()):
            self._paint_handle(painter, handle, scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_handle(self, painter: QPainter, handle: Handle, scale: float) -> None:
        held = None if self._grip is None else (self._grip.handle.axis, self._grip.handle.upper)
        lit = (handle.axis, handle.upper) == (held or self._under)
        middle = QPointF(*handle.at.tolist())
        painter.setPen(QPen(_RIM, 2.0))
        painter.setBrush(colours.ACCENT if lit else _FAINT if handle.behind else _LIGHT)
        radius = RADIUS - 1 if handle.behind and not lit else RADIUS
        painter.drawEllipse(middle, radius, radius)
        if lit:
            words = text_image(self._view.face_name(handle.axis, handle.upper), colours.TEXT.name(), False, 12, scale)
            painter.drawImage(_beside(middle, words.deviceIndependentSize().width(), *self._view.canvas.extent), words)


def _beside(handle: QPointF, words: float, width: float, height: float) -> QPointF:
    """Where words of that length go: at the right of a handle, at its left where the picture ends."""
    right = handle.x() + 2 * RADIUS
    left = max(handle.x() - 2 * RADIUS - words, 4.0)
    return QPointF(right if right + words <= width - 4 else left, min(max(handle.y() - 8, 4.0), height - 22))


def _paint_edge(painter: QPainter, edge: Edge) -> None:
    line = QLineF(QPointF(*edge.first.tolist()), QPointF(*edge.last.tolist()))
    if edge.hidden:
        painter.setPen(QPen(_RIM, 2.0))
        painter.drawLine(line)
        painter.setPen(QPen(_HIDDEN, 1.0, Qt.PenStyle.DashLine))
    else:
        painter.setPen(QPen(_RIM, 3.0))
        painter.drawLine(line)
        painter.setPen(QPen(_LIGHT, 1.2))
    painter.drawLine(line)


def cursor_along(direction_uv: FloatArray) -> Qt.CursorShape:
    """The double arrow that is nearest to a direction of the picture."""
    angle = np.degrees(np.arctan2(direction_uv[1], direction_uv[0])) % 180
    return _CURSORS[round(angle / 45) % 4]
