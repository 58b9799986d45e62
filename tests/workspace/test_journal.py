"""What the journal brings back, whatever ended the program."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.workspace.made import KEY, contents, make_document, mark, paint, say
from viewr.model.errors import ViewrError
from viewr.model.geometry import Grid
from viewr.model.labelmap import Labelmap
from viewr.workspace.document import Document
from viewr.workspace.filelock import InUseError
from viewr.workspace.journal import Journal, JournalHeader, create, pack_voxels
from viewr.workspace.journal_read import (
    Recovered,
    clear_unbegun,
    find_journals,
    journal_path,
    put_aside,
    read_journal,
    replay,
    resume,
)

TASK = {"server": "https://tm.example.org", "uri": "/api/v1/tasks/20", "id": "20", "user": "reader1"}
HEADER = JournalHeader(TASK, "ab12", "cd34", started="2026-01-02T10:00:00")


def recorded(path: Path, **options: Any) -> tuple[Document, Journal]:
    journal = create(path, HEADER, **options)
    document = make_document()
    journal.labelmap(KEY, document.labelmaps[KEY])
    document.recorder = journal
    return document, journal


def rebuilt(recovered: Recovered) -> Document:
    document = Document(labelmaps=recovered.labelmaps)
    document.load(recovered.header.base)
    replay(document, recovered)
    return document


def work(document: Document, count: int) -> None:
    """The same work every time: step `n` depends on `n` alone."""
    for number in range(count):
        step(document, number)


def step(document: Document, number: int) -> None:
    draw = random.Random(number)
    kind = draw.choice(["say", "type", "mark", "paint", "stroke", "cancel", "undo", "redo"])
    if kind == "say":
        say(document, f"text {number}")
    elif kind == "type":
        say(document, "x" * (1 + number % 7), path="typed")
    elif kind == "mark":
        mark(document, number)
    elif kind == "paint":
        paint(document, draw.randrange(18), 1 + number % 3)
    elif kind in ("undo", "redo"):
        getattr(document, kind)()
    else:
        document.begin("Stroke")
        for _ in range(3):
            paint(document, draw.randrange(18), 1 + number % 3)
        document.commit() if kind == "stroke" else document.cancel()


@pytest.fixture
def path(tmp_path: Path, qapp: object) -> Path:
    return journal_path(tmp_path, TASK["server"], TASK["uri"], TASK["user"])


def test_state_voxels_and_undo_stack_come_back(path: Path) -> None:
    document, journal = recorded(path)
    work(document, 200)
    journal.clock(321)
    journal.draft("2026-01-02T11:00:00")
    journal.close()
    recovered = read_journal(path)
    again = rebuilt(recovered)
    assert contents(again) == contents(document)
    document.recorder = None
    while document.stack.canUndo():
        document.undo()
        again.undo()
        assert contents(again) == contents(document)
    assert recovered.active_seconds == 321
    assert recovered.draft == "2026-01-02T11:00:00"
    assert recovered.header.task == TASK


def test_the_label_map_comes_back_on_the_grid_that_was_drawn_on(path: Path) -> None:
    positions = np.array([[0, 0, z * z] for z in range(5)], float)
    grid = Grid((4, 3, 5), np.diag([2.0, 2, 3, 1]), positions, "1.2.840.1")
    array = np.zeros(grid.shape, np.uint16, order="F")
    array[1, 2, 3] = 700
    journal = create(path, HEADER)
    held = Labelmap(array, grid)
    journal.labelmap(KEY, held, pack_voxels(held))
    journal.close()
    held = read_journal(path).labelmaps[KEY]
    assert held.array.dtype == np.uint16
    assert np.argwhere(held.array).tolist() == [[1, 2, 3]]
    assert held.array[1, 2, 3] == 700
    assert held.grid.shape == (4, 3, 5)
    assert np.array_equal(held.grid.affine, grid.affine)
    assert held.grid.slice_positions is not None
    assert np.array_equal(held.grid.slice_positions, positions)
    assert held.grid.frame_of_reference == "1.2.840.1"


def test_the_answers_before_the_first_edit_are_in_the_journal(path: Path) -> None:
    first = make_document()
    say(first, "from last week")
    mark(first, 7)
    journal = create(path, JournalHeader(TASK, base=first.state.annotation))
    journal.close()
    assert contents(rebuilt(read_journal(path)))["annotation"] == contents(first)["annotation"]


def test_a_resumed_journal_goes_on(path: Path) -> None:
    document, journal = recorded(path)
    work(document, 50)
    journal.close()
    journal, recovered = resume(path)
    again = rebuilt(recovered)
    again.recorder = journal
    say(again, "the day after")
    journal.close()
    assert contents(rebuilt(read_journal(path))) == contents(again)


@pytest.mark.parametrize("cut", [1, 7, 16, 30, 101])
def test_a_torn_end_is_cut_and_the_rest_comes_back(path: Path, cut: int) -> None:
    document, journal = recorded(path)
    for number in range(20):
        say(document, f"text {number}")
    journal.close()
    os.truncate(path, path.stat().st_size - cut)
    journal, recovered = resume(path)
    again = rebuilt(recovered)
    assert recovered.cut_bytes > 0
    assert again.stack.count() in (18, 19)
    assert again.state.annotation.answers["default"]["comment"] == f"text {again.stack.count() - 1}"
    again.recorder = journal
    say(again, "after the cut")
    journal.close()
    whole = read_journal(path)
    assert whole.cut_bytes == 0
    assert contents(rebuilt(whole)) == contents(again)


def test_a_flipped_bit_ends_the_reading_before_it(path: Path) -> None:
    document, journal = recorded(path)
    say(document, "good")
    journal.keep()
    good = path.stat().st_size
    say(document, "spoiled")
    journal.close()
    data = bytearray(path.read_bytes())
    data[good + 40] ^= 4
    path.write_bytes(data)
    assert rebuilt(read_journal(path)).state.annotation.answers["default"]["comment"] == "good"


def test_a_newer_format_is_refused_in_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewr.workspace.journal.FORMAT", 9)
    create(path, HEADER).close()
    with pytest.raises(ViewrError, match="newer ViewR"):
        read_journal(path)
    assert find_journals(path.parent) == []


def test_an_open_gesture_keeps_its_parts(path: Path) -> None:
    document, journal = recorded(path)
    document.begin("Stroke")
    paint(document, 3)
    paint(document, 6)
    journal.keep()
    again = rebuilt(read_journal(path))
    again.commit()
    journal.close()
    assert np.array_equal(again.labelmaps[KEY].array, document.labelmaps[KEY].array)
    assert again.stack.text(0) == "Stroke"


def test_the_journal_is_private_and_has_no_second_owner(path: Path) -> None:
    _, journal = recorded(path)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(InUseError) as caught:
        resume(path)
    assert caught.value.owner is not None
    assert caught.value.owner.pid == os.getpid()
    journal.close()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_can_be_resumed_is_listed_and_can_be_put_aside(path: Path) -> None:
    (path.parent / "stray.journal").write_bytes(b"no journal")
    _, journal = recorded(path)
    assert journal.keep()
    assert [info.owner is not None for info in find_journals(path.parent)] == [True]
    journal.close()
    (info,) = find_journals(path.parent)
    assert (info.task["id"], info.owner) == ("20", None)
    aside = put_aside(path)
    assert find_journals(path.parent) == []
    assert read_journal(aside).header.task == TASK


def test_a_journal_that_was_never_begun_makes_way(path: Path) -> None:
    """Killed between the making of the file and its first record."""
    path.parent.mkdir(exist_ok=True)
    path.touch()
    clear_unbegun(path)
    assert list(path.parent.iterdir()) == []
    _, journal = recorded(path)
    assert journal.keep()
    clear_unbegun(path)
    journal.close()
    clear_unbegun(path)
    assert read_journal(path).header.task == TASK
    path.write_bytes(b"torn")
    clear_unbegun(path)
    assert path.read_bytes() == b"torn"


class FullDisk:
    """Lets a number of bytes through, then says that the disk is full."""

    def __init__(self, left: int) -> None:
        self.left = left
        self._write = os.write

    def write(self, descriptor: int, data: memoryview) -> int:
        if self.left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = self._write(descriptor, bytes(data[: self.left]))
        self.left -= part
        return part


def test_a_full_disk_is_told_and_work_goes_on_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[ViewrError | None] = []
    monkeypatch.setattr("viewr.workspace.journal.RETRY_EVERY", 0.02)
    document, journal = recorded(path, on_trouble=told.append)
    say(document, "before")
    assert journal.keep()
    disk = FullDisk(left=20)
    monkeypatch.setattr(os, "write", disk.write)
    work(document, 30)
    assert not journal.keep()
    assert "disk is full" in str(told[0])
    assert rebuilt(read_journal(path)).state.annotation.answers["default"]["comment"] == "before"
    disk.left = 1 << 30
    assert journal.keep()
    journal.close()
    assert told[1:] == [None]
    assert contents(rebuilt(read_journal(path))) == contents(document)


CHILD = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tests.workspace.test_journal import recorded, step
app = QCoreApplication([])
document, journal = recorded(Path(sys.argv[1]))
number = 0
while True:
    step(document, number)
    number += 1
    if number % 20 == 0:
        assert journal.keep()
        print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_kill_at_any_moment_loses_nothing_that_was_kept(path: Path, seed: int) -> None:
    path.parent.mkdir(exist_ok=True)
    with subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        kept = int(child.stdout.readline())
        time.sleep(random.Random(seed).random() * 0.4)
        child.send_signal(signal.SIGKILL)
        kept = max([kept, *(int(line) for line in child.stdout.read().split())])
    (info,) = find_journals(path.parent)
    assert info.owner is None
    found = said(read_journal(path))
    at_least, all_of_it = expected(path.with_name("again.journal"), kept, len(found))
    assert len(found) >= at_least
    assert found == all_of_it[: len(found)]


def said(recovered: Recovered) -> list[tuple[Any, bytes]]:
    return [(record.header, record.blob) for record in recovered.records]


def expected(path: Path, kept: int, wanted: int) -> tuple[int, list[tuple[Any, bytes]]]:
    """How many records the first `kept` steps make, and what a whole journal holds of at least `wanted` records."""
    document, journal = recorded(path)
    work(document, kept)
    journal.keep()
    at_least = len(said(read_journal(path)))
    number, held = kept, at_least
    while held < wanted:
        for _ in range(500):
            step(document, number)
            number += 1
        journal.keep()
        held = len(said(read_journal(path)))
    journal.close()
    return at_least, said(read_journal(path))


def test_what_was_seen_comes_back(tmp_path):
    path = tmp_path / "a.journal"
    journal = create(path, JournalHeader({"id": "1"}))
    journal.read("default", "CT", ((0, 3),))
    journal.read("default", "CT", ((0, 3), (7, 7)))
    journal.read("default", "MR", ((2, 2),))
    assert journal.close()
    assert read_journal(path).read == {("default", "CT"): ((0, 3), (7, 7)), ("default", "MR"): ((2, 2),)}
