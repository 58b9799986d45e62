"""Scans fetched in a process of their own: what arrives, and what happens when something dies."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.workspace.lab import QUICK, Lab
from viewr.archive.base import NotThereError, Scan
from viewr.archive.cache import Cache
from viewr.imaging.mapped import place_of
from viewr.imaging.volume_cache import VolumeCache
from viewr.model.errors import ArchiveError, Cancelled, LockedError, SignInError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace import fetch_process
from viewr.workspace.fetch_messages import ArchiveAccount, error_of, failed_message
from viewr.workspace.fetch_process import FetchProcess, worker_command
from viewr.workspace.places import ScanTarget
from viewr.workspace.scan_loading import Fetched, Inbox, InProcess, News

posix = pytest.mark.skipif(os.name != "posix", reason="looks at processes by their signals")


def account(lab: Lab, user: str = "reader1", password: str = "reader1-demo") -> ArchiveAccount:
    images, volumes = str(lab.folders.images), str(lab.folders.volumes)
    return ArchiveAccount(lab.servers.archive_url, user, password, images, volumes, QUICK)


def target(lab: Lab, scan: str = "3") -> ScanTarget:
    return ScanTarget(lab.ref("DICOM", scan), Scan(scan))


@contextlib.contextmanager
def fetching(given: ArchiveAccount) -> Iterator[FetchProcess]:
    process = FetchProcess(given)
    try:
        yield process
    finally:
        process.close()


class Fetch:
    """A scan being fetched in a thread of its own."""

    def __init__(self, process: FetchProcess, wanted: ScanTarget) -> None:
        self.inbox, self.progress = Inbox(), Progress()
        self._end: queue.SimpleQueue[Fetched | BaseException] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(process, wanted), daemon=True).start()

    def _run(self, process: FetchProcess, wanted: ScanTarget) -> None:
        try:
            self._end.put(process.fetch("FLAIR", wanted, self.inbox, self.progress))
        except BaseException as error:
            self._end.put(error)

    def first_news(self) -> News:
        """The first news with a volume."""
        wait_for(lambda: self.inbox.is_urgent)
        return self.inbox.take()

    def end(self) -> Fetched:
        end = self._end.get(timeout=30)
        if isinstance(end, BaseException):
            raise end
        return end


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not asked for yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return True


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


# --- what arrives ----------------------------------------------------------------------------------------------


def test_the_scan_of_another_process_is_the_scan_of_this_one(lab: Lab) -> None:
    inbox = Inbox()
    with fetching(account(lab)) as process:
        fetched = process.fetch("FLAIR", target(lab), inbox, Progress())
    own = InProcess(lab.archive(), Cache(lab.folder / "own", 1 << 30)).fetch("FLAIR", target(lab), Inbox(), Progress())
    assert np.array_equal(fetched.volume.array, own.volume.array)
    assert np.array_equal(fetched.volume.array, lab.voxels["FLAIR"])
    assert np.array_equal(fetched.volume.grid.affine, own.volume.grid.affine)
    assert (fetched.digest, fetched.notices) == (own.digest, own.notices)
    # The paths of the files are the caches' own.
    for name in ("series_uid", "sop_instance_uids", "windows", "unit", "description", "warnings"):
        assert getattr(fetched.volume, name) == getattr(own.volume, name), name
    assert place_of(fetched.volume.array) is not None


def test_slices_come_as_they_arrive(lab: Lab) -> None:
    lab.servers.switches.downloads_left = 3
    with fetching(account(lab)) as process:
        fetch = Fetch(process, target(lab))
        news = fetch.first_news()
        assert news.volume is not None
        assert news.loaded is not None
        assert 1 <= np.count_nonzero(news.loaded) <= 3
        count = news.volume.grid.shape[2]
        there = np.flatnonzero(news.loaded)
        assert np.array_equal(news.volume.array[..., there], lab.voxels["FLAIR"][..., there])
        lab.servers.switches.downloads_left = -1
        fetch.end()
        rest = fetch.inbox.take()
        shown = rest.loaded if rest.loaded is not None else news.loaded
        assert shown.all()
        assert (rest.done, rest.total) == (count, count)


def test_a_scan_seen_before_is_not_decoded_again(lab: Lab) -> None:
    with fetching(account(lab)) as process:
        first = process.fetch("FLAIR", target(lab), Inbox(), Progress())
        for file in lab.folders.images.rglob("*.dcm"):
            file.unlink()
        inbox = Inbox()
        again = process.fetch("FLAIR", target(lab), inbox, Progress())
    assert not list(lab.folders.images.rglob("*.dcm"))
    assert np.array_equal(again.volume.array, first.volume.array)
    assert again.digest == first.digest
    news = inbox.take()
    assert news.loaded is not None
    assert news.loaded.all()


def test_decoded_voxels_that_were_damaged_are_never_shown(lab: Lab) -> None:
    with fetching(account(lab)) as process:
        process.fetch("FLAIR", target(lab), Inbox(), Progress())
        (raw,) = lab.folders.volumes.glob("*/0.raw")
        data = bytearray(raw.read_bytes())
        data[len(data) // 2] ^= 1
        raw.write_bytes(data)
        again = process.fetch("FLAIR", target(lab), Inbox(), Progress())
        assert np.array_equal(again.volume.array, lab.voxels["FLAIR"])
        (raw,) = lab.folders.volumes.glob("*/0.raw")
        assert bytes(data) != raw.read_bytes()


def test_in_process_the_decoded_voxels_are_kept_as_well(lab: Lab) -> None:
    scans = InProcess(lab.archive(), Cache(lab.folders.images, 1 << 30), VolumeCache(lab.folders.volumes))
    first = scans.fetch("FLAIR", target(lab), Inbox(), Progress())
    again = scans.fetch("FLAIR", target(lab), Inbox(), Progress())
    assert np.array_equal(first.volume.array, again.volume.array)
    assert place_of(again.volume.array) is not None


# --- failures --------------------------------------------------------------------------------------------------


def test_failures_keep_their_class_and_words(lab: Lab) -> None:
    missing = ScanTarget(lab.ref("NIFTI", "3"), Scan("3"))
    with fetching(account(lab)) as process, pytest.raises(ArchiveError) as raised:
        process.fetch("FLAIR", missing, Inbox(), Progress())
    assert raised.value.message == "Scan 'FLAIR': scan 3 has no resource 'NIFTI'."
    assert raised.value.hint


def test_a_wrong_password_is_said(lab: Lab) -> None:
    with fetching(account(lab, password="forgotten")) as process, pytest.raises(SignInError, match="reader1"):
        process.fetch("FLAIR", target(lab), Inbox(), Progress())


def test_only_known_classes_come_over_the_pipe() -> None:
    assert type(error_of(failed_message(1, NotThereError("gone", "ask")))) is NotThereError
    assert type(error_of(failed_message(1, LockedError("held", "", "ann")))) is ViewrError
    assert type(error_of({"kind": "SystemExit", "message": "no", "hint": ""})) is ViewrError


def test_downloads_that_break_off_are_fetched_again_and_then_given_up(lab: Lab) -> None:
    lab.servers.switches.cut_download_after = 300
    given = replace(account(lab), http=replace(QUICK, retries=1))
    with fetching(given) as process:
        with pytest.raises(ViewrError):
            process.fetch("FLAIR", target(lab), Inbox(), Progress())
        lab.servers.switches.cut_download_after = 0
        fetched = process.fetch("FLAIR", target(lab), Inbox(), Progress())
    assert np.array_equal(fetched.volume.array, lab.voxels["FLAIR"])


_ON_A_FULL_DISK = """
import errno, os

def full(*_):
    raise OSError(errno.ENOSPC, "full")

os.posix_fallocate = full
from viewr.cli import main
main(["fetch-worker"])
"""


@posix
def test_a_full_disk_is_said(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_process, "worker_command", lambda: [sys.executable, "-c", _ON_A_FULL_DISK])
    with fetching(account(lab)) as process, pytest.raises(ArchiveError, match="is full") as raised:
        process.fetch("FLAIR", target(lab), Inbox(), Progress())
    assert "Free some space" in raised.value.hint


# --- coming and going ------------------------------------------------------------------------------------------


@posix
def test_a_process_killed_in_the_middle_is_replaced(lab: Lab) -> None:
    lab.servers.switches.downloads_left = 3
    with fetching(account(lab)) as process:
        fetch = Fetch(process, target(lab))
        fetch.first_news()
        killed = process.pid
        kill(killed)
        wait_for(lambda: process.pid not in (None, killed))
        lab.servers.switches.downloads_left = -1
        assert np.array_equal(fetch.end().volume.array, lab.voxels["FLAIR"])
    assert not list(lab.folders.volumes.glob(".spool-*"))


@posix
def test_a_process_killed_twice_is_a_plain_sentence(lab: Lab) -> None:
    lab.servers.switches.downloads_left = 3
    with fetching(account(lab)) as process:
        fetch = Fetch(process, target(lab))
        fetch.first_news()
        first = process.pid
        kill(first)
        wait_for(lambda: process.pid not in (None, first))
        kill(process.pid)
        with pytest.raises(ArchiveError, match="'FLAIR' cannot be fetched"):
            fetch.end()
        lab.servers.switches.downloads_left = -1
        assert np.array_equal(Fetch(process, target(lab)).end().volume.array, lab.voxels["FLAIR"])


@posix
def test_a_process_that_died_while_nothing_was_asked_is_replaced(lab: Lab) -> None:
    with fetching(account(lab)) as process:
        process.start()
        first = process.pid
        kill(first)
        wait_for(lambda: process.pid is None)
        assert np.array_equal(
            process.fetch("FLAIR", target(lab), Inbox(), Progress()).volume.array, lab.voxels["FLAIR"]
        )


def test_cancelled_is_over_at_once_and_leaves_nothing(lab: Lab) -> None:
    lab.servers.switches.downloads_left = 3
    with fetching(account(lab)) as process:
        fetch = Fetch(process, target(lab))
        fetch.first_news()
        fetch.progress.cancel()
        with pytest.raises(Cancelled):
            fetch.end()
        lab.servers.switches.downloads_left = -1
        pid = process.pid
        process.fetch("T1", target(lab, "2"), Inbox(), Progress())
        assert process.pid == pid
        spools = lab.folders.volumes / f".spool-{pid}"
        wait_for(lambda: not list(spools.glob("*/*.raw")))
    assert not list(lab.folders.images.rglob(".part-*"))


def test_after_the_end_nothing_is_fetched(lab: Lab) -> None:
    process = FetchProcess(account(lab))
    process.start()
    pid = process.pid
    process.close()
    assert process.pid is None
    assert pid is not None
    with pytest.raises(Cancelled):
        process.fetch("FLAIR", target(lab), Inbox(), Progress())


_PARENT = """
import json, sys, threading, time
from viewr.model.progress import Progress
from viewr.net.http import HttpOptions
from viewr.workspace.fetch_messages import ArchiveAccount
from viewr.workspace.fetch_process import FetchProcess

given = json.loads(sys.stdin.readline())
process = FetchProcess(ArchiveAccount(**{**given, "http": HttpOptions(**given["http"])}))
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""


@posix
def test_when_its_parent_is_killed_the_process_ends(lab: Lab) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent.stdin, parent.stdout:
        parent.stdin.write(json.dumps(account(lab).to_message()["open"]).encode() + b"\n")
        parent.stdin.flush()
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
        parent.wait()
        wait_for(lambda: not is_alive(pid))


@posix
def test_the_password_is_in_no_list_of_processes(lab: Lab) -> None:
    with fetching(account(lab)) as process:
        process.start()
        proc = Path(f"/proc/{process.pid}")
        if not proc.exists():
            pytest.skip("processes cannot be looked at here")
        process.fetch("FLAIR", target(lab), Inbox(), Progress())
        for name in ("cmdline", "environ"):
            assert b"reader1-demo" not in (proc / name).read_bytes()
        assert "reader1-demo" not in " ".join(worker_command())
        assert "reader1-demo" not in repr(account(lab))


@posix
def test_it_steps_back_behind_the_program(lab: Lab) -> None:
    with fetching(account(lab)) as process:
        process.fetch("FLAIR", target(lab), Inbox(), Progress())
        assert process.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
