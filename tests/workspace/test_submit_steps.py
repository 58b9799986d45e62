"""When it is asked whether a task is still ours: before what nobody can undo always, for small files now and then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from viewr.model.errors import NetworkError
from viewr.model.progress import Progress
from viewr.workspace import submit_steps
from viewr.workspace.audit import Audit
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import Step
from viewr.workspace.submit_steps import SMALL, Servers, bind_steps


class Study:
    """A supervisor and an archive in one, which write down what they are asked, in order."""

    url, user = "https://tm.example.org", "reader1"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.holder = "reader1"
        self.broken = ""

    def lock(self, _task_id: str) -> Any:
        self.heard.append("lock?")
        return SimpleNamespace(mine=self.holder == "reader1", holder=self.holder)

    def task(self, _task_id: str) -> Any:
        self.heard.append("task?")
        return SimpleNamespace(status="queued", content="")

    def set_status(self, _task_id: str, status: str) -> str:
        self.heard.append(status)
        return status

    def release_lock(self, _task_id: str) -> None:
        self.heard.append("unlock")

    def upload(self, _ref: object, name: str, _path: Path, **_more: object) -> Any:
        if name == self.broken:
            self.broken = ""
            raise NetworkError("It broke off.")
        self.heard.append(name)
        return SimpleNamespace(uri=name)


class Bench:
    """An outbox on a study, with a clock of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.study, self.outbox = Study(), Outbox(folder / "outbox")
        self.now = 0.0
        monkeypatch.setattr(submit_steps, "time", SimpleNamespace(monotonic=self.clock))
        servers = Servers(self.study, Audit(folder / "audit"), self.study)  # type: ignore[arg-type]
        self.steps = bind_steps(servers)

    def clock(self) -> float:
        return self.now

    def add(self, files: Mapping[str, int], task_id: str = "7") -> None:
        place = {"experiment": "E", "scan": "", "resource": "FIELDS"}
        steps = [Step("upload", {"file": name, "name": name, **place}) for name in files]
        task = {"server": self.study.url, "uri": f"/tasks/{task_id}", "id": task_id}
        data = {name: (name, bytes(size)) for name, size in files.items()}
        self.outbox.add("results", task, [*steps, Step("done", {"status": "done"}), Step("unlock")], data)

    def send(self) -> list[str]:
        self.study.heard.clear()
        self.outbox.run(self.steps, Progress(), clock=lambda: 1e12)
        return self.study.heard


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


ASKED = ["lock?", "task?"]


def test_small_files_of_a_submission_share_an_answer_but_its_end_does_not(bench: Bench) -> None:
    bench.add({"a": 10, "b": 10, "c": SMALL})
    assert bench.send() == [*ASKED, "a", "b", "c", *ASKED, "done", "unlock"]


def test_an_answer_does_not_hold_for_long(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = bench.study.upload

    def upload(*args: Any, **more: Any) -> Any:
        bench.now += 2.0
        return slow(*args, **more)

    monkeypatch.setattr(bench.study, "upload", upload)
    bench.add({"a": 10, "b": 10, "c": 10})
    assert bench.send() == [*ASKED, "a", "b", *ASKED, "c", *ASKED, "done", "unlock"]


def test_before_a_large_file_it_is_asked_anew(bench: Bench) -> None:
    bench.add({"a": 10, "b": SMALL + 1, "c": 10})
    assert bench.send() == [*ASKED, "a", *ASKED, "b", "c", *ASKED, "done", "unlock"]


def test_what_was_found_out_for_one_submission_excuses_no_other(bench: Bench) -> None:
    """Not for another task, and not for another submission of the same."""
    bench.add({"a": 10})
    bench.add({"b": 10}, "8")
    bench.add({"c": 10})
    heard = bench.send()
    for name in "abc":
        place = heard.index(name)
        assert heard[place - 2 : place] == ASKED


def test_after_anything_went_wrong_it_is_asked_anew(bench: Bench) -> None:
    bench.add({"a": 10, "b": 10})
    bench.study.broken = "b"
    assert bench.send() == [*ASKED, "a"]
    bench.outbox.retry(bench.outbox.pending()[0].id)
    assert bench.send() == [*ASKED, "b", *ASKED, "done", "unlock"]


def test_a_lock_lost_a_moment_before_the_end_is_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = bench.study.upload

    def lose(*args: Any, **more: Any) -> Any:
        bench.study.holder = "reader2"
        return upload(*args, **more)

    monkeypatch.setattr(bench.study, "upload", lose)
    monkeypatch.setattr(bench.study, "take_lock", _taken_by_reader2, raising=False)
    bench.add({"a": 10})
    assert "done" not in bench.send()
    (waiting,) = bench.outbox.waiting()
    assert waiting.held
    assert "reader2" in waiting.sentence


def _taken_by_reader2(_task_id: str) -> None:
    from viewr.model.errors import LockedError

    raise LockedError("Task 7 is locked by 'reader2'.", holder="reader2")
