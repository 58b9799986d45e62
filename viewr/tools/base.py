"""What a tool is: a generator over what the pointer does, which asks a context for edits and sees no widget.

A gesture begins with a press. The tool then yields what it wants drawn as a preview and is sent the next pointer, until
it returns; its memory is its local variables.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal, Protocol

from viewr.model.annotation import Annotation, DrawingKey, Drawn
from viewr.model.frame_point import FramePoint
from viewr.model.geometry import Plane
from viewr.model.labelmap import Box, LabelArray, Labelmap
from viewr.model.marker import Point
from viewr.model.measure import Measure

PointerKind = Literal["press", "move", "release", "double", "key"]

#: Logical pixels from a point or line within which a press takes hold of it.
REACH = 8.0


@dataclass(frozen=True, eq=False)
class Pointer:
    """What the mouse (or, within a gesture, a key) did.

    Attributes
    ----------
    lps : Point
        Patient position, mm, on the shown plane.
    uv : tuple of float
        Position in the viewport, logical pixels.
    mm_per_pixel : float
        Millimetres of the patient per logical pixel.
    buttons : frozenset of {"left", "middle", "right"}
    modifiers : frozenset of {"shift", "ctrl", "alt"}
    key : str
        For kind "key": "enter", "backspace" or "delete".
    """

    kind: PointerKind
    lps: Point
    uv: tuple[float, float]
    plane: Plane
    mm_per_pixel: float
    buttons: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    key: str = ""

    @property
    def reach_mm(self) -> float:
        """How near is near enough to take hold of something."""
        return REACH * self.mm_per_pixel


@dataclass(frozen=True)
class Preview:
    """What a gesture wants drawn before it is done: a line through points of the patient, its corners, a measure."""

    line: tuple[Point, ...] = ()
    corners: tuple[Point, ...] = ()
    measure: Measure | None = None


class ToolContext(Protocol):
    """The document as a tool sees it, in the viewport in which the gesture began."""

    @property
    def labelmap(self) -> Labelmap | None:
        """The annotation shown, if its voxels may be written."""

    @property
    def label(self) -> int:
        """Voxel value in the hand."""

    @property
    def brush_mm(self) -> float:
        """Diameter of the brush."""

    @property
    def target(self) -> DrawingKey | None:
        """The form field that markers and contours go to."""

    @property
    def target_name(self) -> str:
        """The landmark whose turn it is."""

    @property
    def group(self) -> int:
        """Group of the next marker or contour."""

    @property
    def scan(self) -> str:
        """Scan of the viewport."""

    @property
    def frames(self) -> tuple[FramePoint, ...]:
        """The frame that the viewport shows."""

    @property
    def limit(self) -> int:
        """How many objects the target may hold; 0: any number."""

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """What the target holds."""

    @property
    def drawn_here(self) -> tuple[Drawn, ...]:
        """What of it the viewport shows: nothing in another scan's space or of another frame."""

    @property
    def selected(self) -> int | None:
        """Id of the selected object of the target."""

    def select(self, item: int | None) -> None:
        """Select an object of the target by its id."""

    def edit(self, text: str, change: Callable[[Annotation], Annotation]) -> None:
        """Change drawings."""

    def measured(self, measure: Measure) -> Measure:
        """The measure with its values."""

    def patch(self, box: Box, values: LabelArray, text: str) -> None:
        """Write voxels of `labelmap`."""

    def begin(self, text: str) -> None:
        """All edits from now on are one undo step."""

    def commit(self) -> None:
        """The step is whole."""

    def cancel(self) -> None:
        """Take the step back."""

    def tell(self, sentence: str) -> None:
        """Say why nothing happens."""


Gesture = Generator[Preview | None, Pointer, None]
Tool = Callable[[Pointer, ToolContext], Gesture]


class GestureRunner:
    """Runs one gesture at a time."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._gesture: Gesture | None = None
        self.preview: Preview | None = None

    @property
    def active(self) -> bool:
        return self._gesture is not None

    def start(self, tool: Tool, press: Pointer) -> None:
        """Begin a gesture; it may be over at once."""
        self.cancel()
        gesture = tool(press, self._context)
        try:
            self.preview = next(gesture)
            self._gesture = gesture
        except StopIteration:
            self.preview = None

    def feed(self, pointer: Pointer) -> bool:
        """Hand the next pointer to the gesture; False if there is none."""
        if self._gesture is None:
            return False
        try:
            self.preview = self._gesture.send(pointer)
        except StopIteration:
            self._gesture, self.preview = None, None
        return True

    def cancel(self) -> bool:
        """Take the gesture back; False if there was none."""
        gesture, self._gesture, self.preview = self._gesture, None, None
        if gesture is None:
            return False
        gesture.close()
        self._context.cancel()
        return True
