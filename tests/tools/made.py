"""A tool context without a document, and pointers on an axial plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from viewr.model.annotation import Annotation, Drawn
from viewr.model.frame_point import FramePoint
from viewr.model.geometry import Grid, Plane, anatomical_plane
from viewr.model.labelmap import Box, Label, LabelArray, Labelmap, box_slices, clip_box, empty_labelmap
from viewr.model.marker import Point
from viewr.model.measure import Measure, geometric_values
from viewr.tools.base import Pointer, PointerKind

KEY = ("default", "field")
PLANE = anatomical_plane("Transversal", (0.0, 0.0, 0.0))


@dataclass
class FakeContext:
    """Writes at once; remembers what it was asked for."""

    labelmap: Labelmap | None = None
    label: int = 1
    brush_mm: float = 2.0
    target: tuple[str, str] | None = KEY
    target_name: str = ""
    group: int = 0
    scan: str = "CT"
    frames: tuple[FramePoint, ...] = ()
    limit: int = 0
    selected: int | None = None
    annotation: Annotation = field(default_factory=Annotation)
    log: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        return self.annotation.drawings.get(KEY, ())

    @property
    def drawn_here(self) -> tuple[Drawn, ...]:
        return self.drawn

    def select(self, item: int | None) -> None:
        self.selected = item

    def edit(self, text: str, change: Callable[[Annotation], Annotation]) -> None:
        self.annotation = change(self.annotation)

    def measured(self, measure: Measure) -> Measure:
        return replace(measure, values=geometric_values(measure))

    def patch(self, box: Box, values: LabelArray, text: str) -> None:
        assert self.labelmap is not None
        assert clip_box(box, self.labelmap.grid.shape) == box
        self.labelmap.array[box_slices(box)] = values
        self.boxes.append(box)

    def begin(self, text: str) -> None:
        self.log.append(f"begin {text}")

    def commit(self) -> None:
        self.log.append("commit")

    def cancel(self) -> None:
        self.log.append("cancel")

    def tell(self, sentence: str) -> None:
        self.log.append(sentence)


def pointer(kind: PointerKind, x: float, y: float, z: float = 0.0, plane: Plane = PLANE, **fields: object) -> Pointer:
    return Pointer(kind, (x, y, z), (0.0, 0.0), plane, 0.1, **fields)  # type: ignore[arg-type]


def key(name: str) -> Pointer:
    return Pointer("key", (0.0, 0.0, 0.0), (0.0, 0.0), PLANE, 0.1, key=name)


def labelmap(shape: tuple[int, int, int] = (11, 11, 3), affine: np.ndarray | None = None) -> Labelmap:
    """Empty; its middle voxel at the origin."""
    if affine is None:
        affine = np.eye(4)
        affine[:3, 3] = [-(size // 2) for size in shape]
    return empty_labelmap(Grid(shape, affine), (Label(1), Label(2)))


def close(first: Point, second: Point) -> bool:
    return bool(np.allclose(first, second))
