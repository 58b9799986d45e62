"""Pictures of a volume as they come: coarse while something moves, fine once it stands still."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from viewr.model.labelmap import Labelmap
from viewr.model.volume import Volume
from viewr.render.volume_messages import Message, Recipe
from viewr.render.volume_process import VolumeProcess
from viewr.render.volume_room import Rays
from viewr.widgets.volume_view_pace import Pace

log = logging.getLogger(__name__)

#: Milliseconds between two looks at what the process says, while something is awaited and else.
AWAKE, ASLEEP = 6, 200
#: Looks in vain after which a process counts as hung: near a minute, and more while it starts from a cold disk. Looks
#: and not seconds, so that a machine that is busy, or slept, is not taken for one.
PATIENCE, PATIENCE_AT_START = 8000, 20000
#: Milliseconds without a move after which the fine picture is asked for.
REST = 250
#: Pixels of a fine picture without a GPU: about a second's work.
FINE_PIXELS = 900_000
#: How often the process is started when it ends by itself; pictures after which it counts as sound again.
ATTEMPTS, SOUND = 3, 30

GAVE_UP = ("The volume cannot be drawn on this computer: its graphics do not answer; see the log. "
           "Reset (0) tries again.")  # fmt: skip
AGAIN = {
    "gpu": "The GPU failed while it drew the volume: the processor draws it now, more slowly.",
    "hung": "What draws the volume did not answer any more: it is started again.",
    "ended": "What draws the volume ended by itself: it is started again.",
}

#: Makes the recipe of a picture: pixels of the screen per pixel of it (None: as fine as may be), whether something
#: moves, and whether the smaller copy is to be drawn.
Maker = Callable[[float | None, bool, bool], Recipe | None]


@dataclass(frozen=True, eq=False)
class _Pending:
    """A picture that was asked for and has not come."""

    number: int
    recipe: Recipe
    asked: float


class VolumePictures(QObject):
    """Asks for pictures and hands them on; the process behind is started again if it dies.

    Attributes
    ----------
    count : int
        Pictures that have arrived.
    fine : bool
        Whether the last one was not a coarse one.
    rays : {"auto", "cpu", "gl"}
        Who may cast them; counts for the next start.
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
    #: a sentence: something went wrong, and goes on by itself
    trouble = Signal(str)

    def __init__(self, make: Maker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.rays: Rays = "auto"
        self.process: VolumeProcess | None = None
        self.count, self.fine, self.has_gpu = 0, False, False
        self.pace = Pace()
        self._number = self._attempts = self._looks = self._since_start = 0
        self._pending: _Pending | None = None
        self._again = self._answers = self._own_window = False
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
        self._answers, self._looks, self._since_start = False, 0, 0
        try:
            self.process = VolumeProcess(self._own_window, self.rays)
        except OSError as error:
            log.warning("the process that renders volumes cannot be started: %s", error.strerror)
            self.gave_up.emit("The volume view cannot be started on this computer; see the log.")
            return
        self._poll.start(AWAKE)
        self.started.emit()

    def start_afresh(self) -> None:
        """Start the process as if it had never failed."""
        self._attempts, self._own_window = 0, False
        self.start()

    def forget(self) -> None:
        """Drop the pictures that were asked for: they would be of another scan."""
        self._pending, self._again = None, False
        self._rest.stop()

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

    def drop_labels(self, key: str) -> None:
        if self.process is not None:
            self.process.drop_labels(key)

    # --- asking ------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """Something moves: a coarse picture now, a fine one when it stands still."""
        self._rest.start()
        if self._pending is not None and self._pending.recipe.moving:
            self._again = True
        else:
            self._ask(moving=True)

    def settle(self) -> None:
        """A fine picture now."""
        self._rest.stop()
        self._ask_fine()

    def _ask_fine(self) -> None:
        if self._pending is not None and self._pending.recipe.moving:
            self._rest.start()  # it would never be seen, and is nearer than a fine one
            return
        self._again = False
        self._ask(moving=False)

    def _ask(self, moving: bool) -> None:
        recipe = self._make(self.pace.scale if moving else None, moving, moving and self.pace.coarse)
        if recipe is None or self.process is None:
            return
        self._number += 1
        self._pending = _Pending(self._number, recipe, time.perf_counter())
        self._looks = 0
        self.process.render(self._number, recipe)
        self._poll.start(AWAKE)

    # --- hearing -----------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        process = self.process
        if process is None:
            return
        heard = process.take()
        for message, payload in heard:
            self._take(message, payload)
        if self.process is process and not heard:
            self._look_in_vain(process)

    def _look_in_vain(self, process: VolumeProcess) -> None:
        """Nothing was heard: sleep if nothing is awaited, start again if it was awaited for too long."""
        if self._pending is None and self._answers:
            self._looks = 0
            if self._poll.interval() == AWAKE and not process.working:
                self._poll.start(ASLEEP)
            return
        self._looks += 1
        if self._looks > (PATIENCE if self._answers else PATIENCE_AT_START):
            self._on_end({"hung": True})

    def _take(self, message: Message, payload: bytes) -> None:
        self._looks = 0
        if "picture" in message:
            self._on_picture(message, payload)
        elif "dropped" in message:
            self._on_dropped(message["dropped"])
        elif "ready" in message:
            self._answers, self.has_gpu = True, bool(message["gpu"])
            self.pace = Pace(self.has_gpu)
            log.info("volumes are drawn by %s, rays by the %s", message["ready"], "GPU" if self.has_gpu else "CPU")
        elif "reduced" in message:
            self.reduced.emit(message["reduced"])
        elif "surfaces" in message:
            self.surfaced.emit(bool(message["some"]))
            self.moved()
        elif "refused" in message:
            self._give_up(message["refused"])
        elif "failed" in message or "ended" in message:
            self._on_end(message)

    def _on_picture(self, message: Message, payload: bytes) -> None:
        pending = self._pending
        if pending is None or message["picture"] != pending.number:
            return
        self._pending = None
        if pending.recipe.moving:
            self.pace.took(time.perf_counter() - pending.asked)
        width, height = message["size"]
        self.count += 1
        self.fine = not pending.recipe.moving
        self._since_start += 1
        if self._since_start >= SOUND:
            self._attempts = 0
        # As the screen has it: it is painted, and enlarged, many times, in half the time. And a copy: the bytes go.
        image = QImage(payload, width, height, 3 * width, QImage.Format.Format_RGB888)
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        if self._again:
            self._again = False
            self._ask(moving=True)
        self.arrived.emit(image, pending.recipe)

    def _on_dropped(self, number: int) -> None:
        """A picture was given up for something that came between: ask again."""
        if self._pending is not None and self._pending.number == number:
            self._pending = None
            self.moved()

    def _on_end(self, message: dict[str, Any]) -> None:
        log.warning("no volume picture: %s", message.get("failed", "hung" if "hung" in message else "ended"))
        reason = "hung" if "hung" in message else "ended"
        if self.has_gpu:
            self.rays, reason = "cpu", "gpu"
        if not self._answers:
            # Where drawing without a screen did not work, VTK's own choice may.
            self._own_window = not self._own_window
        answered = self._answers
        self._drop_process()
        if self._attempts >= ATTEMPTS:
            self._give_up(GAVE_UP)
            return
        if answered:
            self.trouble.emit(AGAIN[reason])
        self.start()

    def _drop_process(self) -> None:
        self._pending = None
        self._again = self.has_gpu = False
        process, self.process = self.process, None
        if process is not None:
            process.close()

    def _give_up(self, sentence: str) -> None:
        self._drop_process()
        self._poll.stop()
        self._rest.stop()
        self.gave_up.emit(sentence)
