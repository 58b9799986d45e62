"""Locks that the program holds: taken, confirmed, lost, given back, found after a crash."""

from __future__ import annotations

import threading

import pytest

from viewr.model.errors import LockedError
from viewr.supervisor.keeping import LockKeeper
from viewr.workspace.held_tasks import HeldTasks


class TestKeeping:
    def test_what_is_taken_is_given_back(self, server, client):
        made = [server.create_task("manual_qa") for _ in range(2)]
        keeper = LockKeeper(client)
        for task_id in made:
            keeper.take(task_id)
        assert keeper.held == set(made)
        keeper.release(made[0])
        keeper.release_all()
        assert keeper.held == set()
        assert [client.lock(task_id).holder for task_id in made] == ["", ""]

    def test_a_lost_lock_is_noticed(self, server, client, connect):
        made = server.create_task("manual_qa")
        keeper = LockKeeper(client)
        keeper.take(made)
        assert keeper.confirm(made)
        connect("coordinator").take_lock(made, steal=True)
        assert not keeper.confirm(made)
        assert made not in keeper.held

    def test_a_refused_lock_is_not_counted(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        connect("reader2").take_lock(made)
        keeper = LockKeeper(client)
        with pytest.raises(LockedError):
            keeper.take(made)
        assert keeper.held == set()

    def test_after_a_crash_the_lock_is_found_and_may_be_taken_up_again(self, server, client, connect, tmp_path):
        kept, returned, lost = (server.create_task("manual_qa") for _ in range(3))
        crashed = LockKeeper(client, HeldTasks(tmp_path, "reader1"))
        for task_id in (kept, returned, lost):
            crashed.take(task_id)
        crashed.close()
        client.release_lock(returned)
        connect("coordinator").take_lock(lost, steal=True)
        after = LockKeeper(client, HeldTasks(tmp_path, "reader1"))
        assert after.left_behind() == [kept]
        after.adopt(kept)
        after.release(kept)
        after.close()
        assert LockKeeper(client, HeldTasks(tmp_path, "reader1")).left_behind() == []

    def test_another_running_program_leaves_our_locks_alone(self, server, client, tmp_path):
        made = server.create_task("manual_qa")
        first = LockKeeper(client, HeldTasks(tmp_path, "reader1"))
        first.take(made)
        second = LockKeeper(client, HeldTasks(tmp_path, "reader1"))
        assert second.left_behind() == []
        second.take(made)  # the supervisor cannot tell the two programs of one reader apart
        second.release(made)
        assert second.held == set()
        second.close()
        assert client.lock(made).mine
        first.close()  # it dies: what it held is found
        assert LockKeeper(client, HeldTasks(tmp_path, "reader1")).left_behind() == [made]

    def test_a_lock_counted_as_held_is_confirmed_on_opening(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        keeper = LockKeeper(client)
        keeper.take(made)
        connect("coordinator").release_lock(made)
        keeper.take(made)
        assert client.lock(made).mine
        connect("coordinator").release_lock(made)
        connect("reader2").take_lock(made)
        with pytest.raises(LockedError):
            keeper.take(made)
        assert keeper.held == set()

    def test_taking_waits_for_a_release_under_way(self, server, client, monkeypatch):
        made = server.create_task("manual_qa")
        keeper = LockKeeper(client)
        keeper.take(made)
        began, go_on = threading.Event(), threading.Event()
        real = client.release_lock

        def slow(task_id):
            began.set()
            assert go_on.wait(10)
            real(task_id)

        monkeypatch.setattr(client, "release_lock", slow)
        leaving = threading.Thread(target=keeper.release, args=(made,))
        leaving.start()
        assert began.wait(10)
        opening = threading.Thread(target=keeper.take, args=(made,))
        opening.start()
        go_on.set()
        leaving.join()
        opening.join()
        assert client.lock(made).mine
        assert keeper.held == {made}

    def test_a_release_that_comes_after_the_next_opening_does_nothing(self, server, client):
        made = server.create_task("manual_qa")
        keeper = LockKeeper(client)
        keeper.take(made)
        left = keeper.use(made)
        keeper.take(made)
        keeper.release(made, left)
        assert client.lock(made).mine
        keeper.release(made, keeper.use(made))
        assert client.lock(made).holder == ""
