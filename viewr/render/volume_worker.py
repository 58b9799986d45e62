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
    from viewr.render.volume_room import Rays
    from viewr.render.volume_scene import VolumeScene

#: How far the process steps back behind the program (POSIX niceness).
NICENESS = 5
#: Seconds between two signs of life in the middle of a long picture.
SIGN_OF_LIFE = 1.0


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
                # what is newer of the same takes the place of what was not begun
                waiting = [work for work in self._work if _subject(work[0]) != _subject(message)]
                self._work = deque([*waiting, (message, payload)])
            self._guard.notify()

    def take(self) -> tuple[Message, bytes]:
        """The next thing; voxels before pictures, but a surface waits for the picture that was asked before it."""
        with self._guard:
            while not self._work and self._picture is None:
                self._guard.wait()
            if self._picture is not None and not any("volume" in message for message, _ in self._work):
                message, self._picture = self._picture, None
                return message, b""
            return self._work.popleft()

    def has_newer(self, moving: bool) -> bool:
        """Whether a picture is asked for while another is drawn; if nothing moves also whether anything else waits."""
        return self._picture is not None or (not moving and bool(self._work))


def _subject(message: Message) -> str:
    return f"labels {message['labels']}" if "labels" in message else "volume"


class Worker:
    """Does what the mailbox holds."""

    def __init__(self, out: Any, scene: VolumeScene, mailbox: Mailbox) -> None:
        self._out, self._scene, self._mailbox = out, scene, mailbox
        self._moving, self._said = False, time.monotonic()
        scene.on_abort_check(self._is_given_up)

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
        start, recipe = time.perf_counter(), recipe_of(message["recipe"])
        self._moving = recipe.moving
        picture = self._scene.picture(recipe)
        if picture is None:
            write(self._out, {"dropped": message["render"]})
            return
        seconds = round(time.perf_counter() - start, 4)
        height, width = picture.shape[:2]
        answer = {"picture": message["render"], "size": [width, height], "seconds": seconds}
        write(self._out, answer, picture.tobytes())


    def _is_given_up(self) -> bool:
        """Asked by VTK many times while it casts rays: a chance to say that it does."""
        if time.monotonic() - self._said > SIGN_OF_LIFE:
            self._said = time.monotonic()
            write(self._out, {"alive": True})
        return self._mailbox.has_newer(self._moving)


def run(own_window: bool = False, rays: Rays = "auto") -> int:
    """`viewr volume-worker`: serve the program at the other end of standard input and output.

    Parameters
    ----------
    own_window : bool
        Let VTK choose what it draws on; else what needs no screen.
    rays : {"auto", "cpu", "gl"}
        Who casts them: a GPU where there is one; the processor, which the reader has chosen; OpenGL whatever it is.
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
        _serve(out, mailbox, own_window, rays)
    except BrokenPipeError:
        return 0
    except Exception as error:  # told to the reader, who cannot see this process
        gpu = type(error).__name__ == "GpuFailed"  # its module needs VTK, which may be what is missing
        write(out, {"failed": f"{type(error).__name__}: {error}", "gpu": gpu})
        raise
    return 0


def _serve(out: Any, mailbox: Mailbox, own_window: bool, rays: Rays) -> None:
    from viewr.render.volume_scene import VolumeScene, describe

    scene = VolumeScene(own_window, rays)
    write(out, describe(scene))
    worker = Worker(out, scene, mailbox)
    while True:
        worker.do(*mailbox.take())


def _listen(mailbox: Mailbox) -> None:
    for message, payload in read_all(sys.stdin.buffer):
        mailbox.put(message, payload)
    os._exit(0)  # the program has gone; a picture in the making holds nobody up
