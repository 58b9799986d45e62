"""Which tasks each running program holds: a list for each, whose owner the operating system knows."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

from viewr.workspace.disk import make_private
from viewr.workspace.filelock import FileLock, InUseError, owner_of

log = logging.getLogger(__name__)


class HeldTasks:
    """The list of one program; implements `supervisor.keeping.HeldNotes`.

    Parameters
    ----------
    folder : Path
        Shared by all programs of this user; made when first needed.
    account : str
        Stands for server and user; lists of other accounts are left alone.
    """

    def __init__(self, folder: Path, account: str) -> None:
        self._folder, self._account = folder, account
        self._file = folder / f"{account}-{os.getpid()}-{secrets.token_hex(4)}.json"
        self._lock = FileLock(_lock_of(self._file))

    def left(self) -> set[str]:
        """Tasks in the lists of programs that have ended; from now on they are in ours."""
        found: set[str] = set()
        claim = FileLock(self._folder / f"{self._account}.claim")
        try:
            make_private(self._folder)
            self._lock.acquire()
            claim.acquire()
        except InUseError:
            return found  # another program that starts at this moment takes them over
        except OSError as exc:
            log.warning("the list of held tasks cannot be kept: %s", exc.strerror)
            return found
        try:
            ended = [path for path in self._others() if owner_of(_lock_of(path)) is None]
            found = {task_id for path in ended for task_id in _read(path)}
            # Ours is written before the others go: a crash between the two must not lose a lock.
            if self.write(found):
                for path in ended:
                    path.unlink(missing_ok=True)
                    _lock_of(path).unlink(missing_ok=True)
        finally:
            claim.release()
        return found

    def elsewhere(self) -> set[str]:
        """Tasks in the lists of other programs that run now."""
        running = [path for path in self._others() if owner_of(_lock_of(path)) is not None]
        return {task_id for path in running for task_id in _read(path)}

    def write(self, task_ids: Collection[str]) -> bool:
        """Make our list durable; False if the disk refuses."""
        try:
            if not task_ids:
                self._file.unlink(missing_ok=True)
                return True
            part = self._folder / f".part-{os.getpid()}-{secrets.token_hex(4)}"
            part.write_text(json.dumps(sorted(task_ids)), encoding="utf-8")
            os.replace(part, self._file)
        except OSError as exc:
            log.warning("the list of held tasks could not be written: %s", exc.strerror)
            return False
        return True

    def close(self) -> None:
        """The program ends; what is still in its list is for the next one."""
        self._lock.release(remove=True)

    def _others(self) -> Iterator[Path]:
        return (path for path in self._folder.glob(f"{self._account}*.json") if path != self._file)


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _read(path: Path) -> set[str]:
    try:
        return {str(task_id) for task_id in json.loads(path.read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError):
        return set()
