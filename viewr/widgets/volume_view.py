"""The volume view: a scan, its labels, markers and contours in space, linked with the slices beside it.

The pictures come from a process of their own (`viewr.render.volume_worker`); here is what the reader sees and asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewr.model.geometry import FloatArray, Grid
from viewr.model.marker import Marker, Point
from viewr.model.state import Change, ViewportKey
from viewr.model.volume import Volume
from viewr.render.stack import has_patient_axes
from viewr.render.volume_clip import CopyFrame, crop_of, with_face
from viewr.render.volume_messages import Recipe
from viewr.render.volume_pick import pick, whole_box
from viewr.render.volume_presets import PRESETS, presets_for, window_for
from viewr.render.volume_reduce import frame_of
from viewr.widgets.slice_view_window import default_window
from viewr.widgets.tool_context import DrawingFields
from viewr.widgets.volume_view_canvas import VolumeCanvas
from viewr.widgets.volume_view_look import VolumeLook, clip_around, first_look, spun
from viewr.widgets.volume_view_marks import balls_of, lines_of, localizer_lines, markers_of
from viewr.widgets.volume_view_open import no_volume
from viewr.widgets.volume_view_panel import ClipPanel, VolumeBar, side_name
from viewr.widgets.volume_view_pictures import FINE_PIXELS, VolumePictures
from viewr.widgets.volume_view_surfaces import SETTLE, LabelSurfaces
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.frames import frame_axes
from viewr.workspace.localizer import as_point, position_of, show_point, volume_of

#: Milliseconds between two steps of the rotating view.
TICK = 20


def obstacle(volume: Volume | None, is_whole: bool) -> str:
    """Why a scan cannot be shown as a volume, one sentence; "" if it can."""
    if volume is None or not is_whole:
        return "The scan is still loading; its volume is shown as soon as all slices are there."
    return no_volume(volume)


class VolumeView(QWidget):
    """Shows the scan of a viewport as a volume.

    Parameters
    ----------
    document : Document
    key : (context, viewport)
        The viewport whose scan is shown.
    shown_rectangles : callable, optional
        Gives the corners, shape (4, 3) LPS, of what each slice of the context shows.
    """

    close_requested = Signal()
    #: alone in its context, or beside the slices again
    alone_toggled = Signal()

    def __init__(
        self, document: Document, key: ViewportKey, fields: DrawingFields | None = None,
        shown_rectangles: Callable[[], list[FloatArray]] | None = None, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("volumeView")
        self.document, self.key = document, key
        self.look: VolumeLook | None = None
        self.markers: list[tuple[Marker, tuple[int, int, int]]] = []
        self.localizer: Point | None = None
        self._fields = fields or DrawingFields()
        self._rectangles = shown_rectangles
        self._volume: Volume | None = None
        #: where the copy lies that is rendered; None until it is made
        self.frame: CopyFrame | None = None
        self._bar: VolumeBar | None = None
        self._clip: ClipPanel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.canvas = VolumeCanvas(self)
        self._column.addWidget(self.canvas, 1)
        self.pictures = VolumePictures(self._recipe, self)
        self.surfaces = LabelSurfaces(document, key[0], self.pictures, self)
        self._ticks = QTimer(self, interval=TICK)
        self._ticks.timeout.connect(self._turn_on)
        self._ticked = 0.0
        self._shown_frame: tuple[int, ...] = ()
        self._frames = QTimer(self, interval=SETTLE, singleShot=True)
        self._frames.timeout.connect(self._send_volume)
        self._connect()
        # Not now: the view has no size yet, and a process takes longer to start than a key may.
        QTimer.singleShot(0, self, self._load)

    def _connect(self) -> None:
        self.pictures.arrived.connect(self._on_picture)
        self.pictures.started.connect(self._on_started)
        self.pictures.reduced.connect(self._on_reduced)
        self.pictures.surfaced.connect(self._on_surfaces)
        self.pictures.gave_up.connect(self.canvas.say)
        self.pictures.trouble.connect(self.canvas.note)
        self.document.changed.connect(self._on_changed)
        self.document.filled.connect(self._on_filled)
        # Whatever way the view goes: no process is left behind.
        self.destroyed.connect(_closer(self.pictures))

    # --- the scan ----------------------------------------------------------------------------------------------

    @property
    def scan_key(self) -> ScanKey:
        look = self.document.state.look.viewports.get(self.key)
        return self.key[0], look.scan if look else ""

    def _load(self) -> None:
        """Begin with the scan as it is in the document now."""
        volume = volume_of(self.document, self.key)
        arrived = self.document.arriving.get(self.scan_key)
        sentence = obstacle(volume, arrived is None or bool(arrived.all()))
        self.canvas.say(sentence)
        if sentence:
            self._forget()
        if sentence or volume is None or volume is self._volume:
            return
        self._forget()
        self._volume, self._labelled = volume, False
        self.surfaces.show_scan(volume)
        self.look = self._first_look(volume)
        self._add_controls(volume)
        self._gather()
        if self.pictures.process is None:
            self.pictures.start()
        else:
            self._send_volume()
            self.surfaces.send_all(afresh=False)

    def _forget(self) -> None:
        """Show nothing of the scan before: its picture would be taken for that of the next."""
        self._ticks.stop()
        self.surfaces.show_scan(None)
        self._frames.stop()
        self.pictures.forget()
        self.canvas.clear()
        self._remove_controls()
        self._volume = self.frame = self.look = self.localizer = None
        self.markers, self._lines, self._annotation, self._constant = [], (), None, False

    def _first_look(self, volume: Volume) -> VolumeLook:
        return first_look(volume, self._own_window(volume), self.canvas.extent, self._labelled)

    def _on_surfaces(self, some: bool) -> None:
        """Labels inside an opaque scan would be hidden: the first that come make it less dense."""
        if some and not self._labelled:
            self._labelled = True
            self.change(labelled=True)

    def _own_window(self, volume: Volume) -> Any:
        look = self.document.state.look.viewports.get(self.key)
        return (look.window if look else None) or default_window(volume)

    def _frame(self) -> tuple[int, ...]:
        look = self.document.state.look.viewports.get(self.key)
        return look.frame if look else ()

    def _on_started(self) -> None:
        """Tell a process that knows nothing yet."""
        self._send_volume()
        self.surfaces.send_all(afresh=True)

    def _send_volume(self) -> None:
        """Have the copy made anew: of another scan, or of another point in time of this one."""
        if self._volume is not None:
            self._shown_frame = self._frame()
            self.pictures.show_volume(self._volume, self._shown_frame)

    def _on_reduced(self, reduced: dict[str, Any]) -> None:
        if self._volume is None:
            return
        self.frame = CopyFrame(np.array(reduced["affine"]), tuple(reduced["shape"]))
        self._constant = bool(reduced["constant"])
        self.pictures.moved()

    def _on_filled(self, key: ScanKey, _k: int) -> None:
        if key == self.scan_key and self._volume is None:
            self._load()

    # --- controls ----------------------------------------------------------------------------------------------

    def _add_controls(self, volume: Volume) -> None:
        bar = self._bar = VolumeBar(presets_for(volume), self)
        clip = self._clip = ClipPanel(volume.grid, self.has_sides, self)
        clip.hide()
        self._column.insertWidget(0, bar)
        self._column.addWidget(clip)
        bar.preset_chosen.connect(self.choose_preset)
        bar.strength_chosen.connect(self._on_strength)
        bar.speed_chosen.connect(self._on_speed)
        bar.surfaces.clicked.connect(self.toggle_surfaces)
        bar.clip.toggled.connect(self._on_clip_toggled)
        bar.play.clicked.connect(self.toggle_playing)
        bar.reset.clicked.connect(self.reset)
        bar.close_button.clicked.connect(self.leave)
        clip.face_moved.connect(self._on_face)
        clip.slices_wanted.connect(self.clip_to_slices)
        clip.all_wanted.connect(self.clip_nothing)
        self._show_look()

    def _remove_controls(self) -> None:
        for old in (self._bar, self._clip):
            if old is not None:
                self._column.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._bar = self._clip = None
        self.canvas.show_handles(False)

    def _show_look(self) -> None:
        if self.look is not None and self._bar is not None and self._clip is not None:
            self._bar.surfaces.setVisible(bool(self.surfaces.shown()))
            self._bar.show_look(self.look)
            self._clip.show_clip(self.look.clip)

    def change(self, **fields: Any) -> None:
        """Change how the volume is shown."""
        if self.look is None:
            return
        self.look = replace(self.look, **fields)
        if "camera" not in fields:
            self._show_look()
        self.pictures.moved()

    def choose_preset(self, name: str) -> None:
        if self._volume is not None:
            self.change(preset=name, window=window_for(PRESETS[name], self._own_window(self._volume)))

    def choose_preset_number(self, number: int) -> None:
        offered = presets_for(self._volume) if self._volume is not None else []
        if number < len(offered):
            self.choose_preset(offered[number])

    def reset(self, _checked: bool = False) -> None:
        """As at the start."""
        if self._volume is not None:
            self._ticks.stop()
            self.look = self._first_look(self._volume)
            self._show_look()
            if self.pictures.process is None:
                self.canvas.say("")
                self.pictures.start_afresh()
            self.pictures.moved()

    def toggle_surfaces(self, _checked: bool = False) -> None:
        if self.look is not None:
            self.change(surfaces_shown=not self.look.surfaces_shown)

    def toggle_localizer(self, _checked: bool = False) -> None:
        if self.look is not None:
            self.look = replace(self.look, localizer_shown=not self.look.localizer_shown)
            self._gather()
            self.pictures.moved()

    def toggle_clip(self, _checked: bool = False) -> None:
        if self._bar is not None:
            self._bar.clip.toggle()

    def clip_to_slices(self) -> None:
        """Cut away what no slice beside shows."""
        if self._volume is not None and self._rectangles is not None:
            self.change(clip=clip_around(self._volume.grid, self._rectangles()))

    def clip_nothing(self) -> None:
        if self._volume is not None:
            self.change(clip=whole_box(self._volume.grid))

    def toggle_playing(self, _checked: bool = False) -> None:
        """Begin or end to turn the patient."""
        if self.look is None:
            return
        playing = not self.look.playing
        self._ticked = time.monotonic()
        if playing:
            self._ticks.start()
        else:
            self._ticks.stop()
        self.change(playing=playing)

    def toggle_alone(self) -> None:
        self.alone_toggled.emit()

    def leave(self, _checked: bool = False) -> None:
        self.close_requested.emit()

    def _on_strength(self, strength: float) -> None:
        self.change(chosen=strength)

    def _on_speed(self, speed: float) -> None:
        self.change(degrees_per_second=speed)

    def _on_clip_toggled(self, shown: bool) -> None:
        if self._clip is not None:
            self._clip.setVisible(shown)
        self.canvas.show_handles(shown)

    def _on_face(self, axis: int, upper: bool, place: float) -> None:
        if self.look is not None:
            self.change(clip=with_face(self.look.clip, axis, upper, place))

    def _turn_on(self) -> None:
        if self.look is not None:
            now = time.monotonic()
            self.look = spun(self.look, now - self._ticked)
            self._ticked = now
            self.pictures.moved()

    # --- the document ------------------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        if volume_of(self.document, self.key) is not self._volume or self._volume is None:
            self._load()
        if self._volume is None:
            return
        if self.surfaces.follow(change):
            self._show_look()
        if self._frame() != self._shown_frame:
            self._frames.start()
        if self._gather():
            self.pictures.moved()

    def _gather(self) -> bool:
        """Take over what the document shows besides the scan; whether anything of it is new."""
        assert self._volume is not None
        before = self._lines, self.markers, self.localizer, self._hidden
        state, scan = self.document.state, self.scan_key[1]
        self._hidden = state.look.overlays_hidden
        if state.annotation is not self._annotation:
            self._annotation = state.annotation
            self._lines = lines_of(self.document, self.key, scan, self._fields)
            self.markers = markers_of(self.document, self.key, scan, self._fields)
        shown = self.look is not None and self.look.localizer_shown and state.look.crosshair
        self.localizer = position_of(self.document, self.key) if shown else None
        return before != (self._lines, self.markers, self.localizer, self._hidden)

    _labelled = _constant = False
    _annotation: object = None
    _lines: tuple[Any, ...] = ()
    _hidden = False

    def go_to(self, position: QPointF) -> None:
        """Bring all slices to what is under a position of the picture."""
        look, volume = self.look, self._volume
        if look is None or volume is None:
            return
        at = (position.x() + 0.5, position.y() + 0.5)
        ray = (look.camera.to_lps(at, self.canvas.extent), look.camera.forward)
        shown = list(self.surfaces.shown().values()) if look.surfaces_shown and not self._hidden else []
        sides = [size * spacing for size, spacing in zip(volume.grid.shape, volume.grid.spacing, strict=True)]
        found = pick(frame_of(volume, self._frame()), volume.grid, ray, look.clip if look.strength > 0 else None,
                     look.transfer, shown, max(sides) / 256)  # fmt: skip
        if found is not None:
            show_point(self.document, self.key[0], as_point(found), self.scan_key[1])

    # --- pictures ----------------------------------------------------------------------------------------------

    def words(self) -> list[str]:
        """What is written over the picture."""
        look = self.look
        if look is None:
            return []
        clipped = self._volume is not None and look.clip != whole_box(self._volume.grid)
        unit = self._volume.unit if self._volume is not None else ""
        window = f"W {_number(look.window.width)} L {_number(look.window.level)} {unit}".rstrip()
        notes = [*(["Clipped"] if clipped else []), *(["All voxels have one value"] if self._constant else [])]
        return [self.scan_key[1], f"{look.values.title}  {window}", *self._frame_words(), *notes]

    def _frame_words(self) -> list[str]:
        """Which point in time (or of another axis) the picture is of."""
        shown, volume = self._shown_frame, self._volume
        axes = frame_axes(volume) if volume is not None else ()
        points = [shown[axis.number] if axis.number < len(shown) else 0 for axis in axes]
        names = ["frame" if axis.name == "time" else axis.name for axis in axes]
        return [f"{name} {point + 1}/{axis.count}" for name, point, axis in zip(names, points, axes, strict=True)]

    def on_resized(self, before: tuple[float, float]) -> None:
        """Keep as much of the patient in the view as before."""
        if self.look is None:
            return
        now = self.canvas.extent
        factor = min(before) / min(now) if min(before) > 0 and min(now) > 0 else 1.0
        camera = replace(self.look.camera, mm_per_pixel=self.look.camera.mm_per_pixel * factor)
        self.look = replace(self.look, camera=camera)
        self.pictures.moved()

    def _recipe(self, scale: float | None, moving: bool, draft: bool) -> Recipe | None:
        """The recipe of a picture; None while there is nothing to show."""
        look, volume, frame = self.look, self._volume, self.frame
        width, height = self.canvas.width(), self.canvas.height()
        if look is None or volume is None or frame is None or min(width, height) < 8:
            return None
        per_pixel = scale or self._fine_scale(width, height)
        size = max(8, round(width / per_pixel)), max(8, round(height / per_pixel))
        plane, grid = look.camera.plane, volume.grid
        crosshair = localizer_lines(grid, self.localizer) if self.localizer is not None else ()
        return Recipe(
            size=size, center=as_point(plane.center), right=as_point(plane.right), down=as_point(plane.down),
            mm_per_pixel=look.camera.mm_per_pixel * height / size[1], transfer=look.transfer,
            crop=crop_of(look.clip, grid, frame), scan_shown=look.strength > 0,
            surfaces_shown=look.surfaces_shown and not self._hidden,
            lines=(*(() if self._hidden else self._lines), *crosshair),
            balls=() if self._hidden else balls_of(self.markers, grid), background=look.values.background, draft=draft,
            moving=moving,
        )  # fmt: skip

    def _fine_scale(self, width: int, height: int) -> float:
        ratio = self.devicePixelRatioF()
        wanted = width * height * ratio**2
        if self.pictures.has_gpu or wanted <= FINE_PIXELS:
            return 1 / ratio
        return float(np.sqrt(width * height / FINE_PIXELS))

    def _on_picture(self, image: QImage, recipe: Recipe) -> None:
        self.canvas.show_picture(image, recipe)

    @property
    def grid(self) -> Grid | None:
        """Of the scan that is shown."""
        return self._volume.grid if self._volume is not None else None

    def face_name(self, axis: int, upper: bool) -> str:
        """What a face of the clipping box is called, and how much it cuts away."""
        look, grid = self.look, self.grid
        if look is None or grid is None:
            return ""
        outer = whole_box(grid)[int(upper)][axis]
        cut = abs(look.clip[int(upper)][axis] - outer) * grid.spacing[axis]
        name = side_name(grid, axis, upper, self.has_sides)
        return f"{name}: {cut:.0f} mm cut away" if cut >= 0.5 else f"{name}: nothing cut away"

    @property
    def has_sides(self) -> bool:
        """Whether it is known how the patient lay: else no letter may be shown."""
        return self._volume is not None and has_patient_axes(self._volume)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _closer(pictures: VolumePictures) -> Callable[[], None]:
    """Ends the process of pictures without holding the view."""

    def close() -> None:
        process, pictures.process = pictures.process, None
        if process is not None:
            process.close()

    return close
