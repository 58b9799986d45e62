"""The picture of the volume under the reader's hands: it paints what it is given and says what the mouse and keys ask.

Left drag turns, middle drag moves, right drag and the wheel change the size, Shift+left drag changes window and
level; a click goes to the place under it. The handles of the clipping box, while they are shown, come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewr.render.volume_camera import TURN_PER_SIDE, VolumeCamera
from viewr.render.volume_messages import Recipe
from viewr.widgets import colours, keymap
from viewr.widgets.slice_view_mouse import window_moves
from viewr.widgets.volume_view_box import ClipHandles
from viewr.widgets.volume_view_look import dragged_window
from viewr.widgets.volume_view_paint import paint_cube, paint_hints, paint_ring, paint_sentence, paint_words

if TYPE_CHECKING:
    from viewr.widgets.volume_view import VolumeView

Key = Qt.Key
#: Logical pixels that the mouse may move in a click.
CLICK = 3.0
#: Factor on mm per pixel for a notch of the wheel, and for a drag over the height of the view.
NOTCH, ZOOM_PER_SIDE = 0.87, 6.0
#: Radians of an arrow key.
STEP = TURN_PER_SIDE / 18

#: Said until the reader has dragged for the first time.
HINTS = ("Drag: turn.  Click: bring the slices there", "Right drag, wheel: size.  Middle drag: move",
         "Shift+drag: window.  Ctrl+drag: tilt", "A P L R H F: from that side.  Space: rotate")  # fmt: skip

#: Keys to the sides of the patient, with the words that some prefer.
SIDES = {Key.Key_A: "A", Key.Key_P: "P", Key.Key_L: "L", Key.Key_R: "R", Key.Key_H: "H", Key.Key_F: "F",
         Key.Key_S: "H", Key.Key_I: "F"}  # fmt: skip
_TURNS = {Key.Key_Left: (-STEP, 0.0), Key.Key_Right: (STEP, 0.0), Key.Key_Up: (0.0, -STEP), Key.Key_Down: (0.0, STEP)}


class VolumeCanvas(QWidget):
    """Shows pictures of a volume.

    Attributes
    ----------
    sentence : str
        Shown instead of a picture.
    """

    def __init__(self, view: VolumeView) -> None:
        super().__init__(view)
        self.view = view
        self.sentence = self._note = ""
        self._image = QImage()
        self._press: QPointF | None = None
        self._last = QPointF()
        self._dragging = self._handled = False
        self.handles = ClipHandles(view)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setAccessibleName("Volume view")

    @property
    def picture(self) -> QImage:
        """The picture as it came, without words and marks."""
        return self._image

    def show_picture(self, image: QImage, recipe: Recipe) -> None:
        self._image = image
        if not recipe.moving:
            self._note = ""
        self.update()

    def clear(self) -> None:
        """Show no picture until the next one comes."""
        self._image, self._note = QImage(), ""
        self.update()

    def note(self, sentence: str) -> None:
        """Show a sentence over the picture until a fine one comes."""
        self._note = sentence
        self.update()

    def say(self, sentence: str) -> None:
        """Show a sentence instead of a picture; "" shows the picture again."""
        self.sentence = sentence
        self.update()

    def show_handles(self, shown: bool) -> None:
        """Show the clipping box with its handles, or hide them; a drag of one ends."""
        self.handles.release()
        self.handles.shown = shown
        self.setMouseTracking(shown)
        self.unsetCursor()
        self.update()

    @property
    def extent(self) -> tuple[float, float]:
        return float(self.width()), float(self.height())

    # --- painting ----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(500, 500)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            # A painter that outlives its event, in a traceback for one, ends the program.
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        look = self.view.look
        if self.sentence or look is None or self._image.isNull():
            paint_sentence(painter, QRectF(self.rect()), self.sentence or "The volume is being prepared …")
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(QRectF(self.rect()), self._image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        self._paint_places(painter, look.camera)
        self.handles.paint(painter, self.devicePixelRatioF())
        if self.view.has_sides:
            paint_cube(painter, look.camera, self.height())
        paint_words(painter, self.view.words(), self.extent, self.devicePixelRatioF(), self._note)
        if not self._handled:
            paint_hints(painter, HINTS, self.extent, self.devicePixelRatioF())

    def _paint_places(self, painter: QPainter, camera: VolumeCamera) -> None:
        for marker, colour in self.view.markers:
            u, v = camera.to_uv(marker.pos, self.extent)
            paint_ring(painter, (float(u), float(v)), QColor(*colour))
        if self.view.localizer is not None:
            u, v = camera.to_uv(self.view.localizer, self.extent)
            paint_ring(painter, (float(u), float(v)), colours.CROSSHAIR, 4.0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.on_resized((float(event.oldSize().width()), float(event.oldSize().height())))

    # --- mouse -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.handles.held:
            return  # another button while a face is dragged
        plain = event.button() == Qt.MouseButton.LeftButton and event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and self.handles.press(event.position()):
            self._press = None
            return
        self._press = self._last = event.position()
        self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.handles.held:
            self._drag_face(event)
            return
        if not event.buttons():
            self._hover(event.position())
        if self._press is None or self.view.look is None:
            return
        moved = event.position() - self._press
        if not self._dragging and abs(moved.x()) + abs(moved.y()) <= CLICK:
            return
        self._dragging = self._handled = True
        step, self._last = event.position() - self._last, event.position()
        self._drag(event.buttons(), event.modifiers(), step)

    def _drag_face(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.handles.move(event.position())
        else:
            self.handles.release()  # the button came up where nobody saw it
        self.update()

    def _hover(self, at: QPointF) -> None:
        cursor = self.handles.hover(at)
        if cursor is None:
            self.unsetCursor()
        else:
            self.setCursor(cursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.handles.held:
            if event.button() == Qt.MouseButton.LeftButton:
                self.handles.release()
                self._hover(event.position())
            return
        click = self._press is not None and not self._dragging and not self._image.isNull()
        self._press, self._dragging = None, False
        if click and event.button() == Qt.MouseButton.LeftButton:
            self.view.go_to(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        if not self.handles.held:
            self._hover(QPointF(-1e6, -1e6))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None
        if not self.handles.open(event.position()):
            self.view.toggle_alone()

    def wheelEvent(self, event: QWheelEvent) -> None:
        look = self.view.look
        if look is not None:
            at = event.position()
            factor = NOTCH ** (event.angleDelta().y() / 120)
            self.view.change(camera=look.camera.zoomed(factor, (at.x(), at.y()), self.extent))
        event.accept()

    def _drag(self, buttons: Qt.MouseButton, modifiers: Qt.KeyboardModifier, step: QPointF) -> None:
        look = self.view.look
        assert look is not None
        side, camera = min(self.extent), look.camera
        if buttons & Qt.MouseButton.LeftButton and modifiers & Qt.KeyboardModifier.ShiftModifier:
            wider, higher = window_moves(step)
            self.view.change(window=dragged_window(look.window, wider / side, higher / side))
        elif buttons & Qt.MouseButton.LeftButton and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.view.change(camera=camera.rolled(step.x() / side * TURN_PER_SIDE))
        elif buttons & Qt.MouseButton.LeftButton:
            turn = TURN_PER_SIDE / side
            self.view.change(camera=camera.turned(step.x() * turn, step.y() * turn))
        elif buttons & Qt.MouseButton.MiddleButton:
            self.view.change(camera=camera.panned(step.x(), step.y()))
        elif buttons & Qt.MouseButton.RightButton:
            middle = self.width() / 2, self.height() / 2
            self.view.change(camera=camera.zoomed(ZOOM_PER_SIDE ** (step.y() / side), middle, self.extent))

    # --- keys --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Key.Key_Escape and self.handles.take_back():
            self.update()
            return
        if keymap.actions_by_key("view").get(keymap.chosen(event)) == "layout.volume":
            self.view.leave()
            return
        silent = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if event.modifiers() & ~silent or not self._key(Key(event.key())):
            super().keyPressEvent(event)

    def _key(self, key: Qt.Key) -> bool:
        look = self.view.look
        action = _actions(self.view).get(key)
        if action is not None:
            action()
            return True
        if look is None:
            return False
        if key in SIDES:
            self.view.change(camera=look.camera.seen_from(SIDES[key]))
        elif key in _TURNS:
            self.view.change(camera=look.camera.turned(*_TURNS[key]))
        elif key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus):
            factor = 1 / NOTCH if key == Key.Key_Minus else NOTCH
            self.view.change(camera=replace(look.camera, mm_per_pixel=look.camera.mm_per_pixel * factor))
        elif Key.Key_1 <= key <= Key.Key_9:
            self.view.choose_preset_number(key - Key.Key_1)
        else:
            return False
        return True


def _actions(view: VolumeView) -> dict[Qt.Key, Callable[[], None]]:
    return {
        Key.Key_Space: view.toggle_playing, Key.Key_0: view.reset, Key.Key_C: view.toggle_clip,
        Key.Key_G: view.toggle_surfaces, Key.Key_X: view.toggle_localizer, Key.Key_Escape: view.leave,
    }  # fmt: skip
