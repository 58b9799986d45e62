"""Pictures of a volume as they come: coarse while something moves, fine once it stands still."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from viewr.model.labelmap import Labelmap
from viewr.model.volume import Volume
from viewr.render.volume_messages import Message, Recipe
from viewr.render.volume_process import VolumeProcess

log = logging.getLogger(__name__)

#: Milliseconds between two looks at what the process says, while something is awaited and else.
AWAKE, ASLEEP = 6, 200
#: Milliseconds without a move after which the fine picture is asked for.
REST = 250
#: Seconds that a picture may take while something moves; its resolution follows.
GOAL = 0.055
#: How many pixels of the screen one of a moving picture may cover, along each side.
COARSEST = 6.0
#: Pixels of a fine picture without a GPU: about a second's work.
FINE_PIXELS = 900_000
#: How often the process is started when it ends by itself.
ATTEMPTS = 3

#: Makes the recipe of a picture: pixels of the screen per pixel of it, and whether something moves.
Maker = Callable[[float, bool], Recipe | None]


class VolumePictures(QObject):
    """Asks for pictures and hands them on; the process behind is started again if it dies.

    Attributes
    ----------
    count : int
        Pictures that have arrived.
    fine : bool
        Whether the last one was not a coarse one.
    no_gpu : bool
        A GPU is left alone; counts for the next start.
    """

    #: QImage and the Recipe that it was made from
    arrived = Signal(object, object)
    #: the process is ready for voxels, at the start or again
    started = Signal()
    #: what the reduced copy is: {"affine", "shape"}
    reduced = Signal(object)
    #: surfaces of a label map are ready; whether it has any
    surfaced = Signal(bool)
    #: a sentence: there will be no picture
    gave_up = Signal(str)

    def __init__(self, make: Maker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.no_gpu = False
        self.process: VolumeProcess | None = None
        self.count, self.fine, self.has_gpu = 0, False, False
        self.scale = 2.5
        self._number = self._attempts = 0
        self._pending: tuple[int, Recipe, float] | None = None
        self._again = self._answers = False
        self._poll = QTimer(self, interval=ASLEEP)
        self._poll.timeout.connect(self._hear)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._ask_fine)

    # --- the process -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process, unless it runs."""
        if self.process is not None:
            return
        self._attempts += 1
        self._answers = False
        try:
            # Where drawing without a screen did not work, VTK's own choice may.
            self.process = VolumeProcess(own_window=self._attempts == 2, no_gpu=self.no_gpu)
        except OSError as error:
            log.warning("the process that renders volumes cannot be started: %s", error.strerror)
            self.gave_up.emit("The volume view cannot be started on this computer; see the log.")
            return
        self._poll.start(AWAKE)
        self.started.emit()

    def close(self) -> None:
        """End the process; no picture comes any more."""
        self._poll.stop()
        self._rest.stop()
        process, self.process = self.process, None
        if process is not None:
            process.close()

    def show_volume(self, volume: Volume, frame: tuple[int, ...]) -> None:
        if self.process is not None:
            self.process.show_volume(volume, frame)
            self._poll.start(AWAKE)

    def show_labels(self, key: str, labelmap: Labelmap) -> None:
        if self.process is not None:
            self.process.show_labels(key, labelmap)
            self._poll.start(AWAKE)

    # --- asking ------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """Something moves: a coarse picture now, a fine one when it stands still."""
        self._rest.start()
        if self._pending is not None and self._pending[1].draft:
            self._again = True
        else:
            self._ask(draft=True)

    def settle(self) -> None:
        """A fine picture now."""
        self._rest.stop()
        self._ask_fine()

    def _ask_fine(self) -> None:
        if self._pending is not None and self._pending[1].draft:
            self._rest.start()  # it would never be seen, and is nearer than a fine one
            return
        self._again = False
        self._ask(draft=False)

    def _ask(self, draft: bool) -> None:
        recipe = self._make(self.scale if draft else 1.0, draft)
        if recipe is None or self.process is None:
            return
        self._number += 1
        self._pending = self._number, recipe, time.perf_counter()
        self.process.render(self._number, recipe)
        self._poll.start(AWAKE)

    # --- hearing -----------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        process = self.process
        if process is None:
            return
        for message, payload in process.take():
            self._take(message, payload)
        if self._pending is None and self._answers and self._poll.interval() == AWAKE and not process.working:
            self._poll.start(ASLEEP)

    def _take(self, message: Message, payload: bytes) -> None:
        if "picture" in message:
            self._on_picture(message, payload)
        elif "ready" in message:
            self._answers, self.has_gpu = True, bool(message["gpu"])
            log.info("volumes are drawn by %s, rays by the %s", message["ready"], "GPU" if self.has_gpu else "CPU")
        elif "reduced" in message:
            self.reduced.emit(message["reduced"])
        elif "surfaces" in message:
            self.surfaced.emit(bool(message["some"]))
            self.moved()
        elif "failed" in message or "ended" in message:
            self._on_end(message)

    def _on_picture(self, message: Message, payload: bytes) -> None:
        if self._pending is None or message["picture"] != self._pending[0]:
            return
        _number, recipe, asked = self._pending
        self._pending = None
        if recipe.draft:
            self._adapt(time.perf_counter() - asked)
        width, height = message["size"]
        self.count += 1
        self.fine = not recipe.draft
        self._attempts = 0
        # As the screen has it: it is painted, and enlarged, many times, in half the time. And a copy: the bytes go.
        image = QImage(payload, width, height, 3 * width, QImage.Format.Format_RGB888)
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        if self._again:
            self._again = False
            self._ask(draft=True)
        self.arrived.emit(image, recipe)

    def _adapt(self, seconds: float) -> None:
        """Another resolution of the next coarse pictures, so that they come quickly enough."""
        factor = float(np.clip(np.sqrt(seconds / GOAL), 0.7, 1.6))
        self.scale = float(np.clip(self.scale * factor, 1.0, COARSEST))

    def _on_end(self, message: dict[str, Any]) -> None:
        self._pending = None
        process, self.process = self.process, None
        if process is not None:
            process.close()
        log.warning("no volume picture: %s", message.get("failed", "the process ended"))
        if self._attempts < ATTEMPTS:
            self.start()
        else:
            self._poll.stop()
            self.gave_up.emit("The volume cannot be drawn on this computer: its graphics do not answer; see the log.")
