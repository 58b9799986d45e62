"""The supervisor's client; everything here holds for the embedded supervisor and for the real one alike."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time

import pytest

from tests.net.fake import FakeServer, forward, pass_on, reply
from tests.supervisor.conftest import QUICK, TEXT
from viewr.model.errors import Cancelled, LockedError, NetworkError, SignInError, SupervisorError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError, WrongServerError
from viewr.supervisor import client as client_module
from viewr.supervisor.client import LockState, SupervisorClient
from viewr.supervisor.connection import TaskGoneError
from viewr.supervisor.template_cache import TemplateCache


class TestConnecting:
    def test_what_answers(self, server, client):
        info = client.connect()
        assert (info.url, info.version, info.api) == (server.url, "6.6.0", "/api/v1")

    def test_addresses_that_people_copy_from_elsewhere(self, server, connect):
        for ending in ("/", "/api/v1", "/-/versions"):
            assert connect(url=server.url + ending).connect().url == server.url

    def test_a_wrong_password(self, connect):
        with pytest.raises(SignInError, match="refuses the name 'reader1'"):
            connect(password="wrong").connect()

    def test_a_wrong_path(self, server, connect):
        with pytest.raises(WrongServerError, match="no task supervisor"):
            connect(url=f"{server.url}/elsewhere").connect()

    def test_below_a_prefix_that_the_server_does_not_know(self, server, between, connect):
        def strip(request):
            if not request.path.startswith("/tmgr/"):
                reply(request, 404, b"<html>", "text/html")
                return
            request.path = request.path.removeprefix("/tmgr")
            forward(server.url)(request)

        between.handler = strip
        client = connect(url=f"{between.url}/tmgr")
        assert client.connect().api == "/tmgr/api/v1"
        assert isinstance(client.tasks(), list)

    def test_a_redirect_on_the_way_is_followed_once(self, server, between, connect):
        def move(request):
            if request.path.startswith("/old"):
                reply(request, 302, Location=request.path.removeprefix("/old"))
            else:
                forward(server.url)(request)

        between.handler = move
        assert connect(url=f"{between.url}/old").connect().url == between.url

    def test_a_redirect_to_another_host_is_not_trusted(self, server, between, connect):
        between.handler = lambda request: reply(request, 302, Location="https://elsewhere.invalid/-/versions")
        with pytest.raises(NetworkError, match=r"elsewhere\.invalid"):
            connect(url=between.url).connect()
        assert all("Authorization" not in request.headers for request in between.seen)

    def test_a_newer_api_that_is_not_understood(self, between, connect):
        between.handler = lambda request: reply(request, body=b'{"version": "9", "api_versions": {"2.0": "/api/v2/"}}')
        with pytest.raises(WrongServerError, match=r"2\.0"):
            connect(url=between.url).connect()

    def test_the_highest_version_understood_is_taken_as_a_number(self, server, between, connect):
        versions = {"version": "x", "api_versions": {"1.9": "/no/", "1.10": "/api/v1/", "2.0": "/api/v2/"}}

        def offer(request):
            if request.path == "/-/versions":
                reply(request, body=json.dumps(versions).encode())
            else:
                forward(server.url)(request)

        between.handler = offer
        assert connect(url=between.url).connect().api == "/api/v1"

    def test_no_password_is_sent_to_find_the_api(self, between, connect):
        connect(url=between.url).connect()
        assert [(one.path, "Authorization" in one.headers) for one in between.seen] == [
            ("/-/versions", False),
            ("/api/v1/tags", True),
        ]


class TestTasks:
    def test_queued_tasks_of_the_account_ascending(self, server, client, monkeypatch):
        monkeypatch.setattr(client_module, "_PAGE", 2)
        made = [server.create_task("manual_qa") for _ in range(5)]
        foreign = server.create_task("manual_qa", users=["reader2"])
        ids = [task.id for task in client.tasks()]
        assert [one for one in ids if one in made] == made
        assert foreign not in ids
        assert ids == sorted(ids, key=int)

    def test_what_a_row_says(self, server, client):
        made = server.create_task("manual_qa", tags=["QA", "urgent"])
        task = next(task for task in client.tasks() if task.id == made)
        assert (task.status, task.project, set(task.tags)) == ("queued", "DEMO", {"QA", "urgent"})
        assert client.template(task.template_ref).label == "manual_qa"

    def test_other_statuses(self, server, client):
        made = server.create_task("manual_qa")
        client.set_status(made, "aborted")
        assert made not in [task.id for task in client.tasks()]
        assert made in [task.id for task in client.tasks(status="aborted")]
        assert made in [task.id for task in client.tasks(status="")]

    def test_tasks_by_way_of_a_group(self, server, connect):
        made = server.create_task("manual_qa", groups=["readers"])
        assert made in [task.id for task in connect("reader2").tasks()]

    def test_progress_may_cancel(self, client):
        progress = Progress()
        progress.cancel()
        with pytest.raises(Cancelled):
            client.tasks(progress=progress)

    def test_a_task_in_full(self, server, client):
        made = server.create_task(
            "manual_qa",
            '{"format": "viewr-task/1"}',
            application_name="ViewR",
            application_version="7.0.0",
            generator_url="https://governor.example/1",
        )
        task = client.task(made)
        assert (task.id, task.status, task.project) == (made, "queued", "DEMO")
        assert json.loads(task.content) == {"format": "viewr-task/1"}
        assert (task.application_name, task.application_version) == ("ViewR", "7.0.0")
        assert task.generator_url == "https://governor.example/1"
        assert task.uri == f"/api/v1/tasks/{made}"
        assert task.created

    def test_the_governors_secret_is_neither_kept_nor_logged(self, server, client, caplog):
        caplog.set_level(logging.DEBUG)
        made = server.create_task(
            "manual_qa", callback_url="http://127.0.0.1:9/cb", callback_content='{"secret_key": "hush-hush"}'
        )
        assert "hush-hush" not in repr(client.task(made))
        assert "hush-hush" not in caplog.text
        assert "reader1-demo" not in caplog.text

    def test_somebody_elses_task_is_gone(self, server, client):
        made = server.create_task("manual_qa", users=["reader2"])
        with pytest.raises(TaskGoneError, match=f"Task {made} is deleted or no longer assigned to 'reader1'"):
            client.task(made)

    def test_what_is_no_number_is_not_asked_for(self, client):
        with pytest.raises(SupervisorError, match="not the number of a task"):
            client.task("../users/1")


class TestTemplates:
    def test_the_text_is_exactly_what_was_stored(self, client):
        template = client.template("manual_qa")
        assert (template.label, template.text) == ("manual_qa", TEXT)
        assert template.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()

    def test_an_unknown_template(self, client):
        with pytest.raises(SupervisorError, match="no template 'none'"):
            client.template("none")

    def test_the_same_template_is_fetched_once(self, between, connect):
        client = connect(url=between.url)
        assert client.template("manual_qa") is client.template("manual_qa")
        assert sum("task_templates" in request.path for request in between.seen) == 1

    def test_it_is_known_at_the_next_start(self, server, connect, tmp_path):
        cache = TemplateCache(tmp_path / "templates")
        first = connect(templates=cache).template("manual_qa")
        again = connect(templates=TemplateCache(tmp_path / "templates"))
        assert again.known_template("manual_qa") == first
        assert again.known_template("other") is None


class TestLocks:
    def test_take_and_release(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        other = connect("reader2")
        assert client.lock(made) == LockState("", False)
        client.take_lock(made)
        assert client.lock(made) == LockState("reader1", True)
        assert other.lock(made) == LockState("reader1", False)
        client.release_lock(made)
        assert client.lock(made) == LockState("", False)

    def test_the_holder_is_named(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        connect("reader2").take_lock(made)
        with pytest.raises(LockedError, match=f"Task {made} is locked by 'reader2'") as caught:
            client.take_lock(made)
        assert caught.value.holder == "reader2"

    def test_taking_twice_is_fine(self, server, client):
        made = server.create_task("manual_qa")
        client.take_lock(made)
        client.take_lock(made)
        assert client.lock(made).mine

    def test_releasing_what_is_not_ours_is_fine_and_changes_nothing(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        client.release_lock(made)
        connect("reader2").take_lock(made)
        client.release_lock(made)
        assert client.lock(made).holder == "reader2"

    def test_only_who_may_steals(self, server, client, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        connect("reader2").take_lock(made)
        with pytest.raises(LockedError):
            client.take_lock(made, steal=True)
        coordinator = connect("coordinator")
        with pytest.raises(LockedError):
            coordinator.take_lock(made)
        coordinator.take_lock(made, steal=True)
        assert client.lock(made).holder == "coordinator"

    def test_a_yes_that_somebody_else_got_too_is_found_out(self, server, between, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        rival = connect("reader2")

        def race(request):
            if request.command == "PUT":
                reply(request, body=b'{"lock": "/api/v1/users/1", "username": "reader1"}')
                rival.take_lock(made)
            else:
                forward(server.url)(request)

        between.handler = race
        with pytest.raises(LockedError) as caught:
            connect(url=between.url).take_lock(made)
        assert caught.value.holder == "reader2"

    def test_a_lock_lost_within_the_first_second_is_found_out(self, server, connect):
        made = server.create_task("manual_qa", users=["reader1", "reader2"])
        coordinator = connect("coordinator")
        client = SupervisorClient(
            server.url,
            "reader1",
            "reader1-demo",
            http=QUICK,
            sleep=lambda seconds: seconds == 1.0 and coordinator.take_lock(made, steal=True),
        )
        with pytest.raises(LockedError, match="coordinator"):
            client.take_lock(made)
        client.close()

    def test_a_lock_of_a_task_that_is_gone(self, server, client):
        made = server.create_task("manual_qa", users=["reader2"])
        with pytest.raises(TaskGoneError):
            client.take_lock(made)
        with pytest.raises(TaskGoneError):
            client.lock(made)
        client.release_lock(made)

    def test_a_lock_call_without_an_answer_is_repeated(self, server, between, connect):
        made = server.create_task("manual_qa")
        client = connect(url=between.url)
        client.connect()
        between.handler = drop_first("PUT", server.url)
        client.take_lock(made)
        assert client.lock(made).mine


class TestStatus:
    def test_done_is_set_and_calls_back_once(self, server, client):
        governor = FakeServer()
        made = server.create_task("manual_qa", callback_url=governor.url, callback_content='{"status": "finished"}')
        assert client.set_status(made, "done") == "done"
        assert client.set_status(made, "done") == "done"
        wait_for(lambda: governor.seen)
        time.sleep(0.3)
        governor.stop()
        assert client.task(made).status == "done"
        assert [request.method for request in governor.seen] == ["PUT"]

    def test_an_answer_lost_on_the_way_is_no_second_callback(self, server, between, connect):
        made = server.create_task("manual_qa")
        client = connect(url=between.url)
        client.connect()
        between.handler = drop_first("PUT", server.url)
        assert client.set_status(made, "done") == "done"
        assert sum(request.method == "PUT" for request in between.seen) == 1

    def test_a_request_that_had_no_effect_is_told_and_not_repeated(self, server, between, connect):
        made = server.create_task("manual_qa")
        client = connect(url=between.url)

        def refuse_writes(request):
            if request.command == "PUT":
                reply(request, 503, b"", "text/plain")
            else:
                forward(server.url)(request)

        between.handler = refuse_writes
        with pytest.raises(UnreachableError, match="did not confirm"):
            client.set_status(made, "done")
        assert sum(request.method == "PUT" for request in between.seen) == 1

    def test_a_status_that_was_not_kept_is_told(self, server, between, connect):
        made = server.create_task("manual_qa")

        def ignore_writes(request):
            if request.command == "PUT":
                request.command, request.content = "GET", b""
            forward(server.url)(request)

        between.handler = ignore_writes
        with pytest.raises(SupervisorError, match="stays 'queued'"):
            connect(url=between.url).set_status(made, "done")

    def test_only_the_three_statuses(self, server, client):
        with pytest.raises(SupervisorError, match="'in progress' is no status"):
            client.set_status(server.create_task("manual_qa"), "in progress")

    def test_a_task_that_is_gone(self, server, client):
        made = server.create_task("manual_qa", users=["reader2"])
        with pytest.raises(TaskGoneError):
            client.set_status(made, "done")


class TestFaults:
    def test_a_fault_of_the_server(self, server, between, connect):
        client = connect(url=between.url)
        client.connect()
        between.handler = lambda request: reply(request, 500, b'{"message": "Internal Server Error"}')
        with pytest.raises(ServerFaultError, match="HTTP 500"):
            client.tasks()

    def test_a_page_instead_of_data(self, server, between, connect):
        client = connect(url=between.url)
        client.connect()
        between.handler = lambda request: reply(request, 200, b"<html>welcome</html>", "text/html")
        with pytest.raises(WrongServerError, match="a web page"):
            client.tasks()

    def test_a_page_for_not_found(self, server, between, connect):
        made = server.create_task("manual_qa")
        client = connect(url=between.url)
        client.connect()
        between.handler = lambda request: reply(request, 404, b"<html>404</html>", "text/html")
        with pytest.raises(WrongServerError, match="a web page"):
            client.task(made)

    def test_an_account_without_a_role(self, server, between, connect):
        client = connect(url=between.url)
        client.connect()
        between.handler = lambda request: reply(request, 403, b'{"message": "no"}')
        with pytest.raises(SupervisorError, match="perhaps it has no role"):
            client.tasks()

    def test_many_threads_at_once(self, server, client):
        made = [server.create_task("manual_qa") for _ in range(8)]
        seen: dict[str, str] = {}

        def ask(task_id):
            seen[task_id] = client.task(task_id).id

        threads = [threading.Thread(target=ask, args=(task_id,)) for task_id in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == {task_id: task_id for task_id in made}


def drop_first(method: str, url: str):
    """The first request of this kind arrives, but its answer is lost."""
    lost = iter([True])

    def handle(request):
        if request.command == method and next(lost, False):
            pass_on(request, url)
            request.close_connection = True
            return
        forward(url)(request)

    return handle


def wait_for(ready, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        time.sleep(0.02)
    assert ready()
