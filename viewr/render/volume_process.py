"""The process that renders volumes, as seen from the program: started when a volume view opens, ended when it closes.

Nothing here blocks: what is said is written by a thread, what is heard waits in `take`.
"""

from __future__ import annotations

import logging
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from viewr.model.errors import Cancelled
from viewr.model.labelmap import Labelmap
from viewr.model.progress import Progress
from viewr.model.volume import Volume
from viewr.render.volume_labels import cut_labels, label_message
from viewr.render.volume_messages import Message, Recipe, read_all, recipe_to_json, write
from viewr.render.volume_reduce import ReducedVolume, reduce_volume
from viewr.render.volume_room import SMALL, Rays, Room, copy_limit

log = logging.getLogger(__name__)

#: Seconds that the process gets to leave by itself.
FAREWELL = 2.0
Heard = tuple[Message, bytes]
Said = tuple[Message, bytes | memoryview]
NO_MEMORY = "There is not enough memory for the volume view: close other scans or programs, then open it again."


def worker_command(own_window: bool, rays: Rays = "auto") -> list[str]:
    """``viewr volume-worker`` of this very program, frozen or not."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "viewr"]
    return [*program, "volume-worker", "--rays", rays, *(["--own-window"] if own_window else [])]


class VolumeProcess:
    """One running process.

    Parameters
    ----------
    own_window : bool
        Let VTK choose what it draws on: for where the first way did not work.
    rays : {"auto", "cpu", "gl"}
        Who casts the rays: a GPU where there is one, the processor, or OpenGL whatever draws it.
    """

    def __init__(self, own_window: bool = False, rays: Rays = "auto") -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        self._process = subprocess.Popen(
            worker_command(own_window, rays), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            creationflags=flags,
        )  # fmt: skip
        self.alive = True
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        #: What is being made ready, by its subject: the newest of each alone is wanted.
        self._wanted: dict[str, Progress] = {}
        self._working = 0
        self._room: Room | None = None
        self._answered = threading.Event()
        for name, target in (("say", self._say_all), ("hear", self._hear_all)):
            threading.Thread(target=target, name=f"viewr-volume-{name}", daemon=True).start()

    @property
    def working(self) -> bool:
        """Whether voxels are made ready in this moment."""
        return self._working > 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def show_volume(self, volume: Volume, frame: tuple[int, ...] = ()) -> None:
        """Draw this volume from now on; `take` tells when a copy of it is on its way, as {"reduced": ...}.

        A small copy comes first, and a larger one where a GPU and its memory can hold more.
        """
        self._start("volume", self._send_volume, volume, frame)

    def show_labels(self, key: str, labelmap: Labelmap) -> None:
        """Draw the surfaces of a label map as it is at this moment."""
        self._start(f"labels {key}", self._send_labels, key, labelmap)

    def drop_labels(self, key: str) -> None:
        """Draw the surfaces of a label map no more."""
        self._supersede(f"labels {key}")
        self._said.put(({"labels": key}, b""))

    def render(self, number: int, recipe: Recipe) -> None:
        """Ask for a picture; it takes the place of one that was asked for and not begun."""
        self._said.put(({"render": number, "recipe": recipe_to_json(recipe)}, b""))

    def take(self) -> list[Heard]:
        """What was heard since the last time; {"ended": True} last of all, if the process ended by itself."""
        heard = []
        while True:
            try:
                heard.append(self._heard.get_nowait())
            except queue.Empty:
                return heard

    def close(self) -> None:
        """End the process, without waiting for it."""
        self.alive = False
        with self._guard:
            for progress in self._wanted.values():
                progress.cancel()
        self._answered.set()
        self._said.put(None)
        # Not by the thread that says: it may hang in the middle of a sentence, with a process that listens no more.
        threading.Thread(target=self._end, name="viewr-volume-end", daemon=True).start()

    # --- in threads ----------------------------------------------------------------------------------------------

    def _start(self, subject: str, function: Callable[..., None], *args: Any) -> None:
        # Not a `Job`: nothing of it comes back to the widgets, and it must not outlive the process.
        progress = self._supersede(subject)
        with self._guard:
            self._working += 1
        threading.Thread(target=self._guarded, args=(function, progress, *args), name="viewr-volume-work",
                         daemon=True).start()  # fmt: skip

    def _supersede(self, subject: str) -> Progress:
        """Give up what is being made ready of a subject; what comes in its place."""
        progress = Progress()
        with self._guard:
            if subject in self._wanted:
                self._wanted[subject].cancel()
            self._wanted[subject] = progress
        if not self.alive:
            progress.cancel()
        return progress

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Cancelled:
            log.debug("what was made ready for the volume view is not wanted any more")
        except MemoryError:
            log.warning("not enough memory for the volume view")
            self._heard.put(({"refused": NO_MEMORY}, b""))
        except Exception as error:  # told to the reader, who waits for a picture
            log.exception("defect while a volume was made ready")
            self._heard.put(({"failed": f"{type(error).__name__}: {error}"}, b""))
        finally:
            with self._guard:
                self._working -= 1

    def _say(self, progress: Progress, message: Message, payload: bytes | memoryview, told: Message | None) -> None:
        """Say what was made ready, unless something newer of its subject was asked for meanwhile."""
        with self._guard:
            progress.check()
            self._said.put((message, payload))
            if told is not None:
                self._heard.put((told, b""))

    def _send_volume(self, progress: Progress, volume: Volume, frame: tuple[int, ...]) -> None:
        self._send_copy(progress, volume, frame, SMALL)
        self._answered.wait()
        limit = copy_limit(self._room, volume.grid.shape)
        if limit > SMALL and max(volume.grid.shape) > SMALL:
            progress.check()
            self._send_copy(progress, volume, frame, limit)

    def _send_copy(self, progress: Progress, volume: Volume, frame: tuple[int, ...], limit: int) -> None:
        reduced = reduce_volume(volume, frame, limit, progress)
        about = {"affine": reduced.affine.tolist(), "shape": reduced.array.shape[::-1],
                 "constant": reduced.array.min() == reduced.array.max()}  # fmt: skip
        # no copy of the bytes: it would stop the window while it is made
        self._say(progress, volume_message(reduced), reduced.array.data.cast("B"), {"reduced": about})

    def _send_labels(self, progress: Progress, key: str, labelmap: Labelmap) -> None:
        self._say(progress, *label_message(key, labelmap, cut_labels(labelmap)), None)

    def _say_all(self) -> None:
        assert self._process.stdin is not None
        try:
            while (said := self._said.get()) is not None:
                write(self._process.stdin, *said)
        except (OSError, ValueError):  # it has gone: who listens hears of it
            log.info("the process that renders volumes does not listen any more")
        with suppress(OSError):
            self._process.stdin.close()

    def _hear_all(self) -> None:
        assert self._process.stdout is not None
        try:
            for message, payload in read_all(self._process.stdout):
                if "ready" in message:
                    self._room = room_of(message)
                    self._answered.set()
                self._heard.put((message, payload))
        except (ValueError, KeyError, TypeError):
            log.exception("the process that renders volumes does not speak as it should")
        self._answered.set()
        if self.alive:
            self._end()
            log.warning("the process that renders volumes ended with %s: %s", self._process.returncode, self._last())
            self.alive = False
            self._said.put(None)
            self._heard.put(({"ended": True}, b""))

    def _end(self) -> None:
        """Wait for it to leave, then make it."""
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last(self) -> str:
        """The end of what it said of its fault."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-800:]


def volume_message(reduced: ReducedVolume) -> Message:
    about = {"shape": reduced.array.shape, "affine": reduced.affine.tolist(), "low": reduced.low, "step": reduced.step}
    return {"volume": about}


def room_of(ready: Message) -> Room:
    """What the process found of a GPU and memory, as it says when it is ready."""
    return Room(bool(ready["gpu"]), **ready.get("room", {}))
