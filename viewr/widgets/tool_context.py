"""The document as the tools see it, and how the template wants drawings to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from viewr.model.annotation import Annotation, DrawingKey, Drawn
from viewr.model.frame_point import FramePoint, frame_at_points, frame_points, is_film
from viewr.model.labelmap import Box, LabelArray, Labelmap
from viewr.model.measure import MEASURES, Measure
from viewr.model.qc_marks import WHERE
from viewr.model.state import LabelmapKey
from viewr.model.template import LISTING, Field, Group, Template
from viewr.model.volume import Volume
from viewr.tools.catalog import TOOLS
from viewr.widgets.slice_view_missing import lacks_data
from viewr.widgets.slice_view_texts import scale_note
from viewr.workspace.document import Document
from viewr.workspace.frames import is_shown_frame
from viewr.workspace.localizer import map_belongs, may_link
from viewr.workspace.look import initial_look

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_PLAIN = Group("", marker_size=6, marker_type="Dot", line_width=2, color=(255, 214, 64))
_WHERE = Group("", marker_size=15, marker_type="Circle", line_width=2, color=(255, 204, 0))


class DrawingFields:
    """What the template says of viewports: the form fields that drawings belong to, and how each view begins.

    Attributes
    ----------
    start : mapping
        Viewport -> its look at first.
    """

    def __init__(self, template: Template | None = None) -> None:
        self._contexts = {context.name: context.fields for context in template.contexts} if template else {}
        self._found: dict[DrawingKey, Field | None] = {}
        self.start = initial_look(template).viewports if template else {}

    def field(self, key: DrawingKey) -> Field | None:
        """The field of a drawing; ids of listing rows in its path are passed over."""
        if key not in self._found:
            self._found[key] = _find(self._contexts.get(key[0], ()), key[1].split("/"))
        return self._found[key]

    def group(self, key: DrawingKey, number: int) -> Group:
        """How an object of a group looks."""
        field = self.field(key)
        groups = field.groups if field else ()
        if 0 <= number < len(groups):
            return groups[number]
        return groups[0] if groups else _WHERE if key[1].endswith(WHERE) else _PLAIN

    def limit(self, key: DrawingKey) -> int:
        """How many objects a field may hold; 0: any number."""
        field = self.field(key)
        number = field.extra.get("max_number") if field else 0
        return int(number) if isinstance(number, (int, float)) and number > 0 else 0


def _find(fields: tuple[Field, ...], path: list[str]) -> Field | None:
    for field in fields:
        if field.name == path[0]:
            rest = path[2:] if field.control == LISTING else path[1:]
            return _find(field.children, rest) if rest else field
    return None


def belongs(viewport: SliceViewport, volume: Volume, item: Drawn) -> bool:
    """Whether the place of a drawing means the same in this viewport's scan; in a film, in the frame that it shows."""
    if not item.scan or item.scan == viewport.scan_key[1]:
        return not is_film(volume) or on_shown_frame(viewport, item)
    origin = viewport.document.volumes.get((viewport.key[0], item.scan))
    return origin is None or may_link(origin, volume)


def on_shown_frame(viewport: SliceViewport, item: Drawn) -> bool:
    """Whether a drawing is of the frame that a viewport shows; always where it is of another scan."""
    scene = viewport.scene
    if scene is None or item.scan != scene.look.scan:
        return True
    return is_shown_frame(scene.volume, scene.look.frame, item.frames)


class DocumentContext:
    """The `ToolContext` of one viewport.

    Attributes
    ----------
    grabbing : bool
        A measure is taken hold of without a measuring tool.
    """

    def __init__(self, viewport: SliceViewport, fields: DrawingFields) -> None:
        self._viewport = viewport
        self._document: Document = viewport.document
        self.fields = fields
        self.message = ""
        self.grabbing = False

    @property
    def labelmap_key(self) -> LabelmapKey:
        look = self._document.state.look.viewports.get(self._viewport.key)
        return self._viewport.key[0], look.annotation if look else ""

    @property
    def labelmap(self) -> Labelmap | None:
        labelmap = self._document.labelmaps.get(self.labelmap_key)
        volume = self._document.volumes.get(self._viewport.scan_key)
        fits = labelmap is not None and volume is not None and map_belongs(labelmap.grid, volume)
        return labelmap if labelmap is not None and labelmap.editable and fits else None

    @property
    def label(self) -> int:
        labelmap = self.labelmap
        first = labelmap.labels[0].value if labelmap is not None and labelmap.labels else 1
        return self._document.state.look.labels.get(self.labelmap_key, first)

    @property
    def brush_mm(self) -> float:
        return self._document.state.look.brush_mm

    @property
    def target(self) -> DrawingKey | None:
        if self.measures:
            return self._viewport.key[0], MEASURES
        target = self._document.state.look.target
        return target if target is not None and target[0] == self._viewport.key[0] else None

    @property
    def target_name(self) -> str:
        return self._document.state.look.target_name

    @property
    def group(self) -> int:
        return self._document.state.look.group

    @property
    def scan(self) -> str:
        return self._viewport.scan_key[1]

    @property
    def frames(self) -> tuple[FramePoint, ...]:
        scene = self._viewport.scene
        return frame_points(scene.volume, scene.look.frame) if scene is not None else ()

    @property
    def limit(self) -> int:
        return self.fields.limit(self.target) if self.target else 0

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        return self._document.state.annotation.drawings.get(self.target, ()) if self.target else ()

    @property
    def drawn_here(self) -> tuple[Drawn, ...]:
        scene = self._viewport.scene
        here = (item for item in self.drawn if scene is not None and belongs(self._viewport, scene.volume, item))
        return tuple(item for item in here if not isinstance(item, Measure) or on_shown_frame(self._viewport, item))

    @property
    def selected(self) -> int | None:
        selected = self._document.state.look.selected
        return selected[1] if selected is not None and selected[0] == self.target else None

    def select(self, item: int | None) -> None:
        key = self.target
        self._document.look(selected=None if item is None or key is None else (key, item))

    def edit(self, text: str, change: Callable[[Annotation], Annotation]) -> None:
        self._document.edit(text, change)

    @property
    def measures(self) -> bool:
        """Whether a measuring tool is in the hand, or the hand without a tool has hold of a measure."""
        if self.grabbing:
            return True
        spec = TOOLS.get(self._document.state.look.tool)
        return spec is not None and spec.kind == "measure"

    def measured(self, measure: Measure) -> Measure:
        from viewr.imaging.measure import measured_values

        volume, frame = self._measured_on(measure)
        note = scale_note(volume) if volume is not None else None
        unit = "px" if note is None else f"mm {note}".strip()
        loaded = self._document.arriving.get((self._viewport.key[0], measure.scan))
        lacking = volume is not None and lacks_data(volume, loaded, measure.points)
        values = measured_values(measure, volume, frame, unit, lacking)
        if note is not None and any(value.unit.startswith("px") for value in values):
            self.tell("This part of the picture has no scale of its own: measured in pixels.")
        return replace(measure, values=values)

    def _measured_on(self, measure: Measure) -> tuple[Volume | None, tuple[int, ...]]:
        """The scan that a measure was taken on, whatever this viewport shows, and its frame, else that shown."""
        scene = self._viewport.scene
        own = self._document.volumes.get((self._viewport.key[0], measure.scan))
        if own is not None and measure.frames:
            return own, frame_at_points(own, measure.frames)
        if own is None or scene is None or own is scene.volume:
            return (scene.volume, scene.view.frame) if scene is not None else (None, ())
        wanted = self._viewport.key[0], measure.scan
        looks = self._document.state.look.viewports.items()
        return own, next((look.frame for key, look in looks if (key[0], look.scan) == wanted), ())

    def patch(self, box: Box, values: LabelArray, text: str) -> None:
        self._document.patch(self.labelmap_key, box, values, text)

    def begin(self, text: str) -> None:
        self._document.begin(text)

    def commit(self) -> None:
        self._document.commit()

    def cancel(self) -> None:
        self._document.cancel()

    def tell(self, sentence: str) -> None:
        self.message = sentence
        self._viewport.update()
