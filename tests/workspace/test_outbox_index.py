"""The copy in memory of what waits says what the folders say, and reads no file to say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspace.lab import Lab, open_session, wait_until
from viewr.model.errors import NetworkError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_index import OutboxIndex
from viewr.workspace.outbox_plan import Step, Submission

SERVER = "https://tm.example.org"
FILES = {"fields": ("answers.json", b"{}")}
STEPS = (Step("upload"), Step("done"))


def add(outbox: Outbox, task_id: str, server: str = SERVER) -> Submission:
    task = {"server": server, "uri": f"/api/v1/tasks/{task_id}", "id": task_id}
    return outbox.add("results", task, STEPS, FILES)


def nothing(*_: object) -> dict[str, str]:
    return {}


def refused(*_: object) -> dict[str, str]:
    raise NetworkError("The supervisor does not answer.")


def test_it_follows_what_comes_and_goes(outbox: Outbox, tmp_path: Path) -> None:
    assert outbox.index.on(SERVER) == set()
    add(outbox, "7")
    add(outbox, "8", "https://elsewhere.example.org")
    assert outbox.index.on(SERVER) == {"7"}
    outbox.run({"upload": nothing, "done": refused}, Progress())
    assert outbox.index.on(SERVER) == {"7"}
    outbox.run({"upload": nothing, "done": nothing}, Progress(), clock=lambda: 1e12)
    assert outbox.index.tasks == {}
    taken = add(outbox, "9")
    journal = tmp_path / "journal"
    journal.write_bytes(b"work")
    outbox.attach_journal(taken.id, journal)
    outbox.take_back(taken.id, journal)
    assert outbox.index.tasks == {}


def test_no_file_is_read_to_say_it(outbox: Outbox) -> None:
    add(outbox, "7")
    assert outbox.index.on(SERVER) == {"7"}
    outbox.folder.rename(outbox.folder.with_name("unreachable"))
    assert outbox.index.on(SERVER) == {"7"}


def test_the_next_start_knows_what_a_killed_program_left(outbox: Outbox) -> None:
    add(outbox, "7")
    gone = add(outbox, "8")
    gone.folder.rename(gone.folder.with_name(f".gone-{gone.id}"))  # killed in the middle of removing it
    unwritten = outbox.folder / ".new-20260102T100000-abcdef"
    unwritten.mkdir()
    assert Outbox(outbox.folder).index.on(SERVER) == {"7"}


def test_what_another_program_put_in_is_known_after_a_look(outbox: Outbox) -> None:
    assert outbox.index.on(SERVER) == set()
    other = Outbox(outbox.folder)
    add(other, "7")
    assert len(outbox.waiting()) == 1
    assert outbox.index.on(SERVER) == {"7"}
    other.run({"upload": nothing, "done": nothing}, Progress())
    assert outbox.look() == ([], None)
    assert outbox.index.on(SERVER) == set()


def test_what_comes_and_goes_while_the_folders_are_read_is_not_forgotten(outbox: Outbox) -> None:
    left, stays = add(outbox, "7"), add(outbox, "8")
    index = OutboxIndex(nothing)
    since = index.begin()
    index.drop(left.id)  # sent, after its folder was read
    came = add(outbox, "9")
    index.put(came)  # after the folders were listed
    index.settle(since, [left, stays])
    assert index.on(SERVER) == {"8", "9"}
    index.settle(index.begin(), [stays])
    assert index.on(SERVER) == {"8"}


def test_a_task_whose_results_another_program_put_in_is_not_opened(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        wait_until(lambda: desk.pending_tasks() == set())
        add(Outbox(lab.folders.outbox), task_id, lab.servers.supervisor_url)
        with pytest.raises(ViewrError, match=f"The results of task {task_id} wait in the outbox"):
            open_session(desk, task_id)
        assert desk.pending_tasks() == {task_id}
        assert lab.holder(task_id) == ""
