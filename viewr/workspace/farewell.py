"""How a reader leaves: locks given back, what was held back sent, signed out; all within seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.filelock import InUseError
from viewr.workspace.outbox import Outbox
from viewr.workspace.submit_steps import Servers, acceptable, bind_steps

if TYPE_CHECKING:
    from viewr.supervisor.keeping import LockKeeper
    from viewr.workspace.desk import SignedIn

log = logging.getLogger(__name__)

#: Seconds that leaving may take.
FAREWELL = 5.0


def run_outbox(outbox: Outbox, servers: Servers, progress: Progress) -> list[str]:
    """Do what is due of the outbox; gives the ids of what is through."""
    return outbox.run(bind_steps(servers), progress, accept=partial(acceptable, servers))


def nothing() -> None:
    """There is nothing to finish."""


def finish(outbox: Outbox, servers: Servers, coming: Collection[str]) -> None:
    """What was held back so that it could be taken back goes out before the reader leaves.

    Parameters
    ----------
    coming : collection of str
        Submissions on their way to the disk.
    """
    outbox.holds.let_go()
    outbox.pause()
    until = time.monotonic() + FAREWELL
    while not all(map(outbox.has, coming)) and time.monotonic() < until:
        time.sleep(0.05)
    try:
        run_outbox(outbox, servers, Progress())
    except InUseError as error:
        log.info("outbox: %s", error.message)  # that program sends it


def leave(signed_in: SignedIn, keeper: LockKeeper, keep: set[str], finish: Callable[[], None]) -> None:
    """Give back the locks of tasks whose results do not wait here, and sign out."""
    for task_id in sorted(keeper.held - keep):
        try:
            keeper.release(task_id)
        except ViewrError as error:
            log.warning("the lock of task %s stays: %s", task_id, error.message)
    finish()
    keeper.close()
    try:
        signed_in.archive.sign_out()
    except ViewrError as error:
        log.info("sign out: %s", error.message)
    signed_in.supervisor.close()
    if signed_in.scans is not None:
        signed_in.scans.close()
