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
from typing import Any

from viewr.model.errors import Cancelled
from viewr.model.labelmap import Labelmap
from viewr.model.progress import Progress
from viewr.model.volume import Volume
from viewr.render.volume_labels import cut_labels, label_message
from viewr.render.volume_messages import Message, Recipe, read_all, recipe_to_json, write
from viewr.render.volume_reduce import ReducedVolume, reduce_volume

log = logging.getLogger(__name__)

#: Seconds that the process gets to leave by itself.
FAREWELL = 2.0
Heard = tuple[Message, bytes]


def worker_command(own_window: bool, no_gpu: bool = False) -> list[str]:
    """``viewr volume-worker`` of this very program, frozen or not."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "viewr"]
    options = [*(["--own-window"] if own_window else []), *(["--no-gpu"] if no_gpu else [])]
    return [*program, "volume-worker", *options]


class VolumeProcess:
    """One running process.

    Parameters
    ----------
    own_window : bool
        Let VTK choose what it draws on: for where the first way did not work.
    no_gpu : bool
        Leave a GPU alone.
    """

    def __init__(self, own_window: bool = False, no_gpu: bool = False) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        self._process = subprocess.Popen(
            worker_command(own_window, no_gpu), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            creationflags=flags,
        )  # fmt: skip
        self.alive = True
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
        self._progress = Progress()
        self._working = 0
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
        """Draw this volume from now on; `take` tells when it is on its way, as {"reduced": ...}."""
        self._start(self._send_volume, volume, frame)

    def show_labels(self, key: str, labelmap: Labelmap) -> None:
        """Draw the surfaces of a label map as it is at this moment."""
        self._start(self._send_labels, key, labelmap)

    def drop_labels(self, key: str) -> None:
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
        self._progress.cancel()
        self._said.put(None)

    # --- in threads ----------------------------------------------------------------------------------------------

    def _start(self, function: Callable[..., None], *args: Any) -> None:
        # Not a `Job`: nothing of it comes back to the widgets, and it must not outlive the process.
        self._working += 1
        threading.Thread(target=self._guarded, args=(function, *args), name="viewr-volume-work", daemon=True).start()

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Cancelled:
            log.debug("the volume view was closed")
        except Exception as error:  # told to the reader, who waits for a picture
            log.exception("defect while a volume was made ready")
            self._heard.put(({"failed": f"{type(error).__name__}: {error}"}, b""))
        finally:
            self._working -= 1

    def _send_volume(self, volume: Volume, frame: tuple[int, ...]) -> None:
        reduced = reduce_volume(volume, frame, progress=self._progress)
        self._said.put((volume_message(reduced), reduced.array.tobytes()))
        self._heard.put(({"reduced": {"affine": reduced.affine.tolist(), "shape": reduced.array.shape[::-1]}}, b""))

    def _send_labels(self, key: str, labelmap: Labelmap) -> None:
        self._said.put(label_message(key, labelmap, cut_labels(labelmap)))

    def _say_all(self) -> None:
        assert self._process.stdin is not None
        try:
            while (said := self._said.get()) is not None:
                write(self._process.stdin, *said)
        except (OSError, ValueError):  # it has gone: who listens hears of it
            log.info("the process that renders volumes does not listen any more")
        self._end()

    def _hear_all(self) -> None:
        assert self._process.stdout is not None
        for heard in read_all(self._process.stdout):
            self._heard.put(heard)
        if self.alive:
            self.alive = False
            self._said.put(None)
            self._process.wait()
            log.warning("the process that renders volumes ended with %s: %s", self._process.returncode, self._last())
            self._heard.put(({"ended": True}, b""))

    def _end(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            log.debug("the process that renders volumes has gone already")
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
