"""What the tool in the hand does with the mouse and keys of a viewport, and what it draws there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from viewr.tools.base import GestureRunner, Pointer, PointerKind
from viewr.tools.catalog import TOOLS, ToolSpec
from viewr.tools.marker import delete_selected
from viewr.tools.measure import held_measure, measuring
from viewr.tools.polygon import delete_under
from viewr.widgets import keymap
from viewr.widgets.slice_view_drawings import paint_brush, paint_drawings, paint_message, paint_preview
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.tool_context import DocumentContext, DrawingFields

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_BUTTONS = {Qt.MouseButton.LeftButton: "left", Qt.MouseButton.MiddleButton: "middle",
            Qt.MouseButton.RightButton: "right"}  # fmt: skip
_MODIFIERS = {Qt.KeyboardModifier.ShiftModifier: "shift", Qt.KeyboardModifier.ControlModifier: "ctrl",
              Qt.KeyboardModifier.AltModifier: "alt"}  # fmt: skip
_KEYS = {Qt.Key.Key_Return: "enter", Qt.Key.Key_Enter: "enter", Qt.Key.Key_Backspace: "backspace",
         Qt.Key.Key_Delete: "delete"}  # fmt: skip
_CURSORS = {"arrow": Qt.CursorShape.ArrowCursor, "cross": Qt.CursorShape.CrossCursor,
            "hand": Qt.CursorShape.OpenHandCursor, "disc": Qt.CursorShape.BlankCursor}  # fmt: skip


class ToolHand:
    """The tool in the hand, in one viewport.

    Attributes
    ----------
    over_measure : bool
        The mouse is over a measure that can be taken hold of without a tool.
    """

    def __init__(self, viewport: SliceViewport, fields: DrawingFields) -> None:
        self._viewport = viewport
        self.context = DocumentContext(viewport, fields)
        self.runner = GestureRunner(self.context)
        self._place: QPointF | None = None
        self._last: Pointer | None = None
        self.over_measure = False

    @property
    def spec(self) -> ToolSpec:
        return TOOLS.get(self._viewport.document.state.look.tool, TOOLS["window"])

    # --- mouse and keys ----------------------------------------------------------------------------------------

    def pointer(self, kind: PointerKind, event: QMouseEvent) -> bool:
        """Give the tool what the mouse did; False if it has no use for it."""
        scene, function = self._viewport.scene, self.spec.function
        if scene is None or (function is None and not self.runner.active):
            return False
        pointer = self._last = _pointer(kind, scene, event)
        self._place = event.position()
        if self.runner.active:
            return self._feed(pointer)
        if kind == "press" and function is not None and not self._refused():
            self.context.message = ""
            if self.spec.kind in ("drawing", "measure"):
                self._viewport.cine.stop()  # what is drawn belongs to the frame that was aimed at
            self.runner.start(function, pointer)
        # a second click in quick succession is a click: it must not maximise the view in the middle of marking
        return kind in ("press", "double")

    def _feed(self, pointer: Pointer) -> bool:
        taken = self.runner.feed(pointer)
        self.context.grabbing &= self.runner.active
        self._viewport.update()
        return taken

    def grab(self, event: QMouseEvent) -> bool:
        """Take hold of a measure without a measuring tool; False if there is none under the mouse."""
        scene = self._viewport.scene
        pointer = _pointer("press", scene, event) if scene is not None else None
        if pointer is None or not self._feels_measure(pointer):
            return False
        self._viewport.cine.stop()
        self.context.grabbing, self._last = True, pointer
        self.runner.start(measuring("distance"), pointer)
        return True

    def _feels_measure(self, pointer: Pointer) -> bool:
        """Whether there is a measure under the mouse, for a hand that holds no tool."""
        look = self._viewport.document.state.look
        if look.tool != "window" or look.overlays_hidden or not self._may_measure:
            return False
        with self._grabbing():
            return held_measure(pointer, self.context) is not None

    @contextmanager
    def _grabbing(self) -> Iterator[None]:
        """Tools see the measures, whatever tool is in the hand."""
        before, self.context.grabbing = self.context.grabbing, True
        yield
        self.context.grabbing = before

    @property
    def _may_measure(self) -> bool:
        document = self._viewport.document
        return document.for_looking or not document.read_only

    def _refused(self) -> bool:
        document = self._viewport.document
        if document.read_only and not self.context.measures:
            self.context.tell("This task is open for reading only.")
        elif document.state.look.overlays_hidden:
            key = keymap.hint("overlays.hide", " (") + ")" if keymap.keys_of("overlays.hide") else ""
            self.context.tell(f"Overlays are hidden; show them before drawing{key}.")
        else:
            return False
        return True

    def hover(self, event: QMouseEvent) -> None:
        """The mouse moved without a drag."""
        self._place = event.position()
        scene = self._viewport.scene
        if scene is not None:
            self._last = _pointer("move", scene, event)
            if self.runner.active:
                self.runner.feed(self._last)
            self.over_measure = self._feels_measure(self._last)
        self.set_cursor()

    def set_cursor(self) -> None:
        shape = Qt.CursorShape.SizeAllCursor if self.over_measure else _CURSORS[self.spec.cursor]
        if self._viewport.cursor().shape() != shape:
            self._viewport.setCursor(shape)

    def leave(self) -> None:
        self._place, self.over_measure = None, False

    def cancel(self) -> bool:
        """Take back the gesture in progress; without one put a drawing tool down."""
        self.context.message = ""
        if self.runner.cancel():
            self.context.grabbing = False
            self._viewport.update()
            return True
        if self.spec.kind != "view":
            self._viewport.document.look(tool="window", target=None, target_name="")
            return True
        return False

    def key(self, key: Qt.Key) -> bool:
        """Keys of the gesture in progress and of what is selected."""
        name = _KEYS.get(key)
        if name is not None and self._last is not None and self.spec.kind in ("drawing", "measure"):
            return self._drawing_key(name, self._last)
        return name == "delete" and self.spec.kind == "view" and self._may_measure and self._delete_measure()

    def _delete_measure(self) -> bool:
        """Delete the selected measure without a measuring tool; False if none is selected."""
        with self._grabbing():
            return delete_selected(self.context)

    def _drawing_key(self, name: str, last: Pointer) -> bool:
        if self.runner.active:
            pointer = Pointer("key", last.lps, last.uv, last.plane, last.mm_per_pixel, key=name)
            return self._feed(pointer)
        if name not in ("delete", "backspace") or (self._viewport.document.read_only and not self.context.measures):
            return False
        polygon = self._viewport.document.state.look.tool == "polygon"
        return (polygon and delete_under(last, self.context)) or delete_selected(self.context)

    # --- painting ----------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """What is drawn, the gesture's preview, the outline of the brush."""
        paint_drawings(painter, self._viewport, scene, self.context.fields)
        if self.runner.preview is not None:
            paint_preview(painter, scene, self.runner.preview)
        if self.spec.cursor == "disc" and self._place is not None:
            paint_brush(painter, scene, self._place, self.context.brush_mm)
        if self.context.message:
            paint_message(painter, scene, self.context.message)


def _pointer(kind: PointerKind, scene: Scene, event: QMouseEvent) -> Pointer:
    place = event.position()
    held = event.buttons() | event.button()
    return Pointer(
        kind=kind, lps=scene.under(place), uv=(place.x(), place.y()), plane=scene.view.plane,
        mm_per_pixel=scene.mm_per_pixel,
        buttons=frozenset(name for button, name in _BUTTONS.items() if held & button),
        modifiers=frozenset(name for modifier, name in _MODIFIERS.items() if event.modifiers() & modifier),
    )  # fmt: skip
