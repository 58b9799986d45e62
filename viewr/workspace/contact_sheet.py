"""Contact sheets: every slice of a scan as a small picture, made in the background and kept with the open task."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewr.imaging.window import default_lut, default_window
from viewr.model.geometry import LETTERS, Orientation
from viewr.model.progress import Progress
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.hanging import hung_stack
from viewr.render.stack import SliceStack, build_stack, has_patient_axes

if TYPE_CHECKING:
    from viewr.workspace.document import ScanKey
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.task_session import TaskSession

#: Pixels of all pictures of a sheet together; what is smaller than its place on the screen is enlarged.
MOST_PIXELS = 6_000_000
#: Longer side of a small picture, at most and at least.
LARGEST, SMALLEST = 256, 96
#: So few pictures have more room each; they are made up to this size, if the scan has the pixels.
FEW, LARGEST_OF_FEW = 4, 1024

#: (context, scan), plane; None is that of the scan's own slices.
SheetKey = tuple[tuple[str, str], Orientation | None]


@dataclass(frozen=True, eq=False)
class Sheet:
    """Small pictures of all slices of a scan; of all its frames where there is but one slice.

    Attributes
    ----------
    pictures : tuple of QImage
        In the order in which the slices are paged; all of one size.
    mm_per_pixel : float
        Millimetres of the patient on a pixel of a picture.
    frames : int
        Frames of the only slice; 0 if the pictures are slices.
    places : tuple of str
        Where each slice is along the patient's axis nearest to its normal ("H 23.5 mm"); "" where there is no patient.
    """

    volume: Volume
    stack: SliceStack
    window: Window
    mm_per_pixel: float
    pictures: tuple[QImage, ...]
    frames: int = 0
    places: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.pictures)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of each picture, pixels."""
        return self.pictures[0].width(), self.pictures[0].height()

    def view(self, index: int, size: tuple[int, int]) -> SliceView:
        """The recipe of a picture in another size, in device pixels."""
        mm = max(self.stack.extent[0] / size[0], self.stack.extent[1] / size[1])
        plane, frame = (self.stack.plane(0), (index,)) if self.frames else (self.stack.plane(index), ())
        lut = default_lut(self.volume)
        return SliceView(self.volume, plane, size, mm, self.window, interpolation="linear", frame=frame, lut=lut)


def make_sheet(volume: Volume, orientation: Orientation | None, progress: Progress) -> Sheet:
    """Reduce every slice of a volume to a small picture, hung and coloured as in the viewports; blocking.

    Parameters
    ----------
    orientation : str or None
        None: the plane of the scan's own slices. Volumes without axes of a patient, and single slices, are always
        shown as they are.
    """
    stack = hung_stack(volume, build_stack(volume, orientation or volume.grid.plane))
    window = default_window(volume)
    frames = _frames(volume) if stack.count == 1 else 0
    size, mm = picture_size(stack, frames or stack.count, min(volume.spacing[:2]))
    empty = Sheet(volume, stack, window, mm, (), frames)
    renderer, pictures = CpuRenderer(), []
    for index in range(frames or stack.count):
        progress.check()
        pictures.append(renderer.picture(replace(empty.view(index, size), interpolation="nearest")))
    places = ("",) * len(pictures) if frames or not has_patient_axes(volume) else slice_places(stack)
    return replace(empty, pictures=tuple(pictures), places=places)


def slice_places(stack: SliceStack) -> tuple[str, ...]:
    """Where the slices of a stack are, in words."""
    normal = stack.middle.normal
    axis = int(np.argmax(np.abs(normal)))
    values = stack.depths * float(stack.direction @ normal / normal[axis])
    return tuple(f"{LETTERS[axis][int(value > 0)]} {abs(value):.1f} mm" for value in values)


def _frames(volume: Volume) -> int:
    """Points on the only further axis of a scan, 0 if there is none or there are several."""
    named = [size for name, size in zip(volume.axes, volume.array.shape[3:], strict=False) if name != "channel"]
    return named[0] if len(named) == 1 and named[0] > 1 else 0


def picture_size(stack: SliceStack, count: int, pixel_mm: float) -> tuple[tuple[int, int], float]:
    """Width and height in pixels of each small picture, and millimetres on a pixel.

    Parameters
    ----------
    count : int
        How many pictures there will be.
    pixel_mm : float
        Millimetres on a pixel of the scan itself.
    """
    longer = min(LARGEST, max(SMALLEST, int(math.sqrt(MOST_PIXELS / max(1, count)))))
    if count <= FEW:
        longer = max(longer, min(LARGEST_OF_FEW, int(max(stack.extent) / pixel_mm)))
    mm = max(stack.extent) / longer
    width, height = (max(1, round(side / mm)) for side in stack.extent)
    return (width, height), mm


def make_picture(view: SliceView, _progress: object) -> QImage:
    """One slice in all its detail; blocking."""
    return CpuRenderer().picture(view)


class ContactSheets(QObject):
    """The sheets of an open task; a child of its session, it comes and goes with it.

    Parameters
    ----------
    session : TaskSession
        Whose volumes are shown; a sheet is made when all voxels of its scan are there.
    """

    #: SheetKey: the sheet is there
    made = Signal(object)

    def __init__(self, session: TaskSession, jobs: Jobs) -> None:
        super().__init__(session)
        self._document, self._jobs = session.document, jobs
        self._sheets: dict[SheetKey, Sheet] = {}
        self._under_way: set[SheetKey] = set()
        self._wanted: set[SheetKey] = set()
        session.scan_ready.connect(self._on_scan_ready)

    def sheet(self, key: ScanKey, orientation: Orientation | None = None) -> Sheet | None:
        """The sheet of a scan; None while it is being made, which begins as soon as its voxels are all there."""
        name = (key, orientation)
        if name not in self._sheets:
            self._wanted.add(name)
            self._begin(name)
        return self._sheets.get(name)

    def take_over(self, others: ContactSheets) -> None:
        """Keep the sheets of another task as far as it shows the same volumes."""
        for name, sheet in others._sheets.items():
            if self._document.volumes.get(name[0]) is sheet.volume:
                self._sheets[name] = sheet

    def _on_scan_ready(self, key: ScanKey) -> None:
        self._forget_others(key)
        for name in [name for name in self._wanted if name[0] == key]:
            self._begin(name)

    def _forget_others(self, key: ScanKey) -> None:
        """Another volume took the place of the one that the sheets were made of."""
        volume = self._document.volumes.get(key)
        self._sheets = {name: held for name, held in self._sheets.items() if name[0] != key or held.volume is volume}

    def _begin(self, name: SheetKey) -> None:
        volume = self._document.volumes.get(name[0])
        loaded = self._document.arriving.get(name[0])
        whole = volume is not None and (loaded is None or bool(loaded.all()))
        if not whole or name in self._under_way or name in self._sheets:
            return
        self._under_way.add(name)
        job = self._jobs.start(make_sheet, volume, name[1])
        job.done.connect(partial(self._keep, name))
        job.failed.connect(partial(self._give_up, name))

    def _keep(self, name: SheetKey, sheet: Sheet) -> None:
        self._under_way.discard(name)
        if not shiboken6.isValid(self):  # the task was closed meanwhile, and this went with it
            return
        if self._document.volumes.get(name[0]) is not sheet.volume:
            self._begin(name)
            return
        self._sheets[name] = sheet
        self.made.emit(name)

    def _give_up(self, name: SheetKey, _error: Exception) -> None:
        self._under_way.discard(name)


def sheets_of(session: TaskSession, jobs: Jobs) -> ContactSheets:
    """The sheets of an open task, the same ones each time: whoever fetches tasks ahead has them made ahead."""
    held = session.findChild(ContactSheets)
    return held if isinstance(held, ContactSheets) else ContactSheets(session, jobs)
