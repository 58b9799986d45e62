"""The process that renders volumes: it reads from standard input and ends when that closes, in whatever way.

A process, by measurement (VTK 9.7, two cores, no GPU): `Render` itself leaves the interpreter to others (worst beat
9 ms during a picture of 0.7 s), but loading VTK from a cold disk keeps it for 250 ms and the first OpenGL context for
110 ms, more than the window may stand still. Besides, a fault in a graphics driver ends only this process, never the
reader's work, and its memory goes back whole. Voxels and pictures go through the pipes: 33 MB once, then about 1 MB
a picture, which cost some milliseconds; so no shared memory can be left behind.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from viewr.render.volume_messages import Message, read_all, recipe_of, write
from viewr.render.volume_reduce import ReducedVolume

if TYPE_CHECKING:
    from viewr.render.volume_scene import VolumeScene

#: How far the process steps back behind the program (POSIX niceness).
NICENESS = 5


class Mailbox:
    """What is still to be done; a newer picture takes the place of an older one."""

    def __init__(self) -> None:
        self._guard = threading.Condition()
        self._work: deque[tuple[Message, bytes]] = deque()
        self._picture: Message | None = None

    def put(self, message: Message, payload: bytes) -> None:
        with self._guard:
            if "render" in message:
                self._picture = message
            else:
                self._work.append((message, payload))
            self._guard.notify()

    def take(self) -> tuple[Message, bytes]:
        """The next thing; voxels before pictures, but a surface waits for the picture that was asked before it."""
        with self._guard:
            while not self._work and self._picture is None:
                self._guard.wait()
            if self._picture is not None and not (self._work and "volume" in self._work[0][0]):
                message, self._picture = self._picture, None
                return message, b""
            return self._work.popleft()

    def has_newer(self) -> bool:
        """Whether a picture is asked for, or voxels wait, while another is drawn."""
        return self._picture is not None


class Worker:
    """Does what the mailbox holds."""

    def __init__(self, out: Any, scene: VolumeScene, mailbox: Mailbox) -> None:
        self._out, self._scene, self._mailbox = out, scene, mailbox
        scene.on_abort_check(mailbox.has_newer)

    def do(self, message: Message, payload: bytes) -> None:
        if "volume" in message:
            about = message["volume"]
            array = np.frombuffer(payload, np.uint16).reshape(about["shape"])
            affine = np.array(about["affine"])
            self._scene.set_volume(ReducedVolume(array, affine, about["low"], about["step"]))
        elif "labels" in message:
            self._scene.surfaces.replace(message, payload)
            write(self._out, {"surfaces": message["labels"], "some": bool(payload)})
        elif "render" in message:
            self._render(message)

    def _render(self, message: Message) -> None:
        start = time.perf_counter()
        picture = self._scene.picture(recipe_of(message["recipe"]))
        if picture is None:
            return
        seconds = round(time.perf_counter() - start, 4)
        height, width = picture.shape[:2]
        answer = {"picture": message["render"], "size": [width, height], "seconds": seconds}
        write(self._out, answer, picture.tobytes())


def run(own_window: bool = False, no_gpu: bool = False) -> int:
    """`viewr volume-worker`: serve the program at the other end of standard input and output.

    Parameters
    ----------
    own_window : bool
        Let VTK choose what it draws on; else what needs no screen.
    no_gpu : bool
        Leave a GPU alone: the reader has chosen the processor.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which then closes our input
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Nothing that a library prints may come between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    faulthandler.enable()
    mailbox = Mailbox()
    threading.Thread(target=_listen, args=(mailbox,), name="listen", daemon=True).start()
    try:
        _serve(out, mailbox, own_window, no_gpu)
    except BrokenPipeError:
        return 0
    except Exception as error:  # told to the reader, who cannot see this process
        write(out, {"failed": f"{type(error).__name__}: {error}"})
        raise
    return 0


def _serve(out: Any, mailbox: Mailbox, own_window: bool, no_gpu: bool) -> None:
    from viewr.render.volume_scene import VolumeScene, describe

    scene = VolumeScene(own_window, no_gpu)
    write(out, describe(scene))
    worker = Worker(out, scene, mailbox)
    while True:
        worker.do(*mailbox.take())


def _listen(mailbox: Mailbox) -> None:
    for message, payload in read_all(sys.stdin.buffer):
        mailbox.put(message, payload)
    os._exit(0)  # the program has gone; a picture in the making holds nobody up
