"""The task supervisor's interface, tested on the embedded one and on the real TaskManager 6.6.0 alike."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.conftest import SupervisorServer

TEMPLATE = "template_name: contract\nsop: Look.\nviewports: []\nscans: {}\nannotations: null\nqa_fields: {}\n"


@pytest.fixture
def server(supervisor_server: SupervisorServer) -> SupervisorServer:
    supervisor_server.create_template("contract", TEMPLATE)
    return supervisor_server


class Callbacks:
    """A server that notes the callbacks it gets."""

    def __init__(self) -> None:
        self.received: list[object] = []
        self.arrived = threading.Condition()
        noted = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with noted.arrived:
                    noted.received.append(body)
                    noted.arrived.notify_all()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def wait_for(self, count: int) -> list[object]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout=20)
            return list(self.received)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    noted = Callbacks()
    yield noted
    noted.close()


def ids(answer: requests.Response) -> list[str]:
    return [task["id"] for task in answer.json()["tasks"]]


class TestConnecting:
    def test_versions_need_no_login(self, server: SupervisorServer) -> None:
        answer = requests.get(f"{server.url}/-/versions", timeout=30)
        assert answer.json() == {"version": "6.6.0", "api_versions": {"1.0": "/api/v1/"}}

    @pytest.mark.parametrize("path", ["healthy", "ready"])
    def test_health_needs_no_login(self, server: SupervisorServer, path: str) -> None:
        answer = requests.get(f"{server.url}/-/{path}", timeout=30)
        assert (answer.status_code, answer.json()) == (200, None)

    @pytest.mark.parametrize("auth", [None, ("reader1", "wrong"), ("Reader1", "reader1-demo"), ("nobody", "x")])
    def test_refuses_in_json_when_asked(self, server: SupervisorServer, auth: tuple[str, str] | None) -> None:
        answer = requests.get(f"{server.api}/tags", auth=auth, headers={"Accept": "application/json"}, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert answer.json()["meta"] == {"code": 401}
        assert "error" in answer.json()["response"]

    def test_refuses_in_html_otherwise(self, server: SupervisorServer) -> None:
        answer = requests.get(f"{server.api}/tags", timeout=30)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/html")

    def test_any_account_may_list_tags(self, server: SupervisorServer) -> None:
        assert server.call("qc1", "GET", "tags").status_code == 200

    @pytest.mark.parametrize("path", ["tasks/abc", "tasks/", "nothing", "tasks/1/"])
    def test_unknown_routes_answer_with_a_page(self, server: SupervisorServer, path: str) -> None:
        answer = server.call("reader1", "GET", path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


class TestListing:
    def test_item_and_envelope(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", tags=["QA"])
        answer = server.call("reader1", "GET", "tasks", params={"limit": 500, "offset": 0})
        body = answer.json()
        assert {k: v for k, v in body.items() if k != "tasks"} == {"total_tasks": None, "limit": 500, "offset": 0}
        item = next(item for item in body["tasks"] if item["id"] == task)
        assert item["uri"] == f"/api/v1/tasks/{task}"
        assert item["status"] == "queued"
        assert item["project"] == "DEMO"
        assert item["template"].startswith("/api/v1/task_templates/")
        assert item["template"].rsplit("/", 1)[1].isdecimal()
        assert [tag["name"] for tag in item["tags"]] == ["QA"]
        assert set(item) == {"uri", "id", "status", "project", "template", "tags"}

    def test_only_own_tasks_direct_or_by_group(self, server: SupervisorServer) -> None:
        mine = server.create_task("contract")
        by_group = server.create_task("contract", groups=["readers"])
        foreign = server.create_task("contract", users=["qc1"])
        listed = ids(server.call("reader1", "GET", "tasks"))
        assert mine in listed
        assert by_group in listed
        assert foreign not in listed
        assert listed == sorted(listed, key=int)

    def test_a_superuser_lists_their_own_or_one_users(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", users=["qc1"])
        assert task not in ids(server.call("coordinator", "GET", "tasks"))
        assert task in ids(server.call("coordinator", "GET", "tasks", params={"user": "qc1"}))
        assert server.call("coordinator", "GET", "tasks", params={"user": "nobody"}).status_code == 404

    def test_a_plain_user_cannot_ask_for_another(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", users=["qc1"])
        assert task not in ids(server.call("reader1", "GET", "tasks", params={"user": "qc1"}))

    def test_pages(self, server: SupervisorServer) -> None:
        made = [server.create_task("contract", project="PAGES") for _ in range(3)]
        pages = [
            ids(server.call("reader1", "GET", "tasks", params={"project": "PAGES", "limit": 2, "offset": offset}))
            for offset in (0, 2, 4)
        ]
        everything = ids(server.call("reader1", "GET", "tasks", params={"project": "PAGES", "limit": 0}))
        assert everything[-3:] == made
        assert pages[0] == everything[:2]
        assert pages[1] == everything[2:4]

    def test_filters(self, server: SupervisorServer) -> None:
        tag = uuid.uuid4().hex[:8]
        task = server.create_task("contract", tags=[tag, "QA"], application_name="ViewR")
        other = server.create_task("contract", tags=["QA"])

        def found(**params: object) -> list[str]:
            return ids(server.call("reader1", "GET", "tasks", params=params))

        assert found(tag=[tag, "QA"]) == [task]
        assert task in found(application_name="ViewR")
        assert other not in found(application_name="ViewR")
        assert found(application_name="viewr") == []
        assert found(status="nothing") == []
        assert task in found(template="contract", status="queued")
        assert server.call("reader1", "GET", "tasks", params={"template": "none"}).status_code == 404

    def test_an_unknown_tag_filters_nothing(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        assert task in ids(server.call("reader1", "GET", "tasks", params={"tag": "never-made"}))

    def test_everybody_sees_the_tasks_of_a_tag(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", users=["qc1"], tags=["shared"])
        tags = server.call("reader1", "GET", "tags").json()["tags"]
        uri = next(tag["uri"] for tag in tags if tag["name"] == "shared")
        assert task in ids(server.call("reader1", "GET", f"{uri}/tasks"))


class TestDetail:
    def test_members(self, server: SupervisorServer) -> None:
        task = server.create_task(
            "contract", '{"a": 1}', groups=["readers"], tags=["QA"], callback_url="http://127.0.0.1:9/none",
            callback_content='{"secret_key": "s"}', generator_url="http://127.0.0.1:9/page", application_name="ViewR",
            application_version="5.1.4", tracking_id="t1",
        )  # fmt: skip
        detail = server.call("reader1", "GET", f"tasks/{task}").json()
        assert detail["content"] == '{"a": 1}'
        assert detail["status"] == "queued"
        assert detail["lock"] == f"/api/v1/tasks/{task}/lock"
        assert detail["users"] == []
        assert detail["groups"] == ["/api/v1/groups/1"]
        assert detail["users_via_group"] == ["/api/v1/users/1", "/api/v1/users/2"]
        assert detail["callback_content"] == '{"secret_key": "s"}'
        assert detail["application_version"] == "5.1.4"
        assert detail["tags"][0].startswith("/api/v1/tags/")
        assert set(detail) == {
            "uri", "project", "template", "content", "status", "lock", "tags", "callback_url", "callback_content",
            "generator_url", "application_name", "application_version", "create_time", "update_time", "users", "groups",
            "users_via_group",
        }  # fmt: skip

    def test_times_have_no_zone(self, server: SupervisorServer) -> None:
        detail = server.call("reader1", "GET", f"tasks/{server.create_task('contract')}").json()
        for name in ("create_time", "update_time"):
            assert len(detail[name]) == len("2024-01-01T10:00:00")

    def test_not_assigned_looks_like_not_there(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", users=["qc1"])
        for path in (f"tasks/{task}", "tasks/999999"):
            answer = server.call("reader1", "GET", path)
            assert answer.status_code == 404
            assert set(answer.json()) == {"message"}
        assert server.call("coordinator", "GET", f"tasks/{task}").status_code == 200

    def test_a_mapping_becomes_json_text(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", {"format": "viewr-task/1"})  # type: ignore[arg-type]
        content = server.call("reader1", "GET", f"tasks/{task}").json()["content"]
        assert json.loads(content) == {"format": "viewr-task/1"}


class TestLock:
    def test_take_and_release(self, server: SupervisorServer) -> None:
        lock = f"tasks/{server.create_task('contract')}/lock"
        assert server.call("reader1", "GET", lock).json()["lock"] is None
        taken = server.call("reader1", "PUT", lock, json={})
        assert taken.status_code == 200
        assert taken.json() == {"lock": "/api/v1/users/1", "username": "reader1", "error": None}
        assert server.call("reader1", "PUT", lock).status_code == 200
        assert server.call("reader1", "GET", lock).json()["username"] == "reader1"
        assert server.call("reader1", "DELETE", lock).json() == {"lock": None, "username": None, "error": None}
        assert server.call("reader1", "GET", lock).json()["lock"] is None
        assert server.call("reader1", "DELETE", lock).status_code == 200

    def test_held_by_another(self, server: SupervisorServer) -> None:
        lock = f"tasks/{server.create_task('contract', groups=['readers'])}/lock"
        server.call("reader2", "PUT", lock, json={})
        refused = server.call("reader1", "PUT", lock, json={})
        assert refused.status_code == 409
        assert refused.json()["lock"] == "/api/v1/users/2"
        assert refused.json()["username"] == "reader2"
        assert refused.json()["error"]
        kept = server.call("reader1", "DELETE", lock)
        assert kept.status_code == 403
        assert kept.json()["username"] is None

    @pytest.mark.parametrize("name", ["reader1", 1])
    def test_by_name_or_number(self, server: SupervisorServer, name: object) -> None:
        lock = f"tasks/{server.create_task('contract')}/lock"
        assert server.call("reader1", "PUT", lock, json={"lock": name}).json()["username"] == "reader1"

    def test_for_another_user(self, server: SupervisorServer) -> None:
        lock = f"tasks/{server.create_task('contract', groups=['readers'])}/lock"
        assert server.call("reader1", "PUT", lock, json={"lock": "reader2"}).status_code == 403
        server.call("reader1", "PUT", lock, json={})
        assert server.call("reader1", "PUT", lock, json={"lock": "reader2"}).status_code == 409
        unknown = server.call("reader1", "PUT", lock, json={"lock": "1"})
        assert unknown.status_code == 404
        assert unknown.json()["username"] == "reader1"

    def test_a_superuser_steals_only_by_name(self, server: SupervisorServer) -> None:
        lock = f"tasks/{server.create_task('contract')}/lock"
        server.call("reader1", "PUT", lock, json={})
        assert server.call("coordinator", "PUT", lock, json={}).status_code == 409
        stolen = server.call("coordinator", "PUT", lock, json={"lock": "coordinator"})
        assert stolen.status_code == 200
        assert stolen.json()["username"] == "coordinator"
        assert server.call("coordinator", "DELETE", lock).status_code == 200

    def test_not_assigned(self, server: SupervisorServer) -> None:
        lock = f"tasks/{server.create_task('contract', users=['qc1'])}/lock"
        assert set(server.call("reader1", "GET", lock).json()) == {"message"}
        for method in ("PUT", "DELETE"):
            answer = server.call("reader1", method, lock)
            assert answer.status_code == 404
            assert set(answer.json()) == {"lock", "username", "error"}


class TestStatus:
    def test_done_needs_no_lock_and_keeps_it(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", groups=["readers"])
        server.call("reader2", "PUT", f"tasks/{task}/lock", json={})
        answer = server.call("reader1", "PUT", f"tasks/{task}", json={"status": "done"})
        assert answer.status_code == 200
        assert answer.json()["status"] == "done"
        assert server.call("reader1", "GET", f"tasks/{task}/lock").json()["username"] == "reader2"

    @pytest.mark.parametrize(("given", "stored"), [("", ""), (5, "5"), ("x" * 60, "x" * 60), ("Done", "Done")])
    def test_any_text_is_a_status(self, server: SupervisorServer, given: object, stored: str) -> None:
        task = server.create_task("contract")
        assert server.call("reader1", "PUT", f"tasks/{task}", json={"status": given}).json()["status"] == stored

    def test_form_data_changes_nothing(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        for options in ({"data": {"status": "done"}}, {"params": {"status": "done"}}):
            answer = server.call("reader1", "PUT", f"tasks/{task}", **options)
            assert answer.status_code == 200
            assert answer.json()["status"] == "queued"

    def test_unknown_members_are_ignored(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        answer = server.call("reader1", "PUT", f"tasks/{task}", json={"statuz": "done"})
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")

    def test_broken_json(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = server.call("reader1", "PUT", f"tasks/{task}", data="{", headers=headers)
        assert answer.status_code == 400
        assert "message" in answer.json()

    def test_not_assigned(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", users=["qc1"])
        assert server.call("reader1", "PUT", f"tasks/{task}", json={"status": "done"}).status_code == 404

    def test_a_reader_may_change_nothing_else(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        for name, value in (("project", "P"), ("content", "{}"), ("template", "contract"), ("users", ["reader2"])):
            answer = server.call("reader1", "PUT", f"tasks/{task}", json={name: value})
            assert answer.status_code == 403
            assert set(answer.json()) == {"message"}

    def test_the_callback_comes_each_time(self, server: SupervisorServer, callbacks: Callbacks) -> None:
        task = server.create_task("contract", callback_url=callbacks.url, callback_content='{"result": "success"}')
        for status in ("Done", "aborted", "done", "done"):
            server.call("reader1", "PUT", f"tasks/{task}", json={"status": status})
        assert callbacks.wait_for(2) == [{"result": "success"}] * 2

    def test_the_callback_comes_before_the_refusal(self, server: SupervisorServer, callbacks: Callbacks) -> None:
        task = server.create_task("contract", callback_url=callbacks.url, callback_content="{}")
        answer = server.call("reader1", "PUT", f"tasks/{task}", json={"status": "done", "tags": ["x"]})
        assert answer.status_code == 403
        assert callbacks.wait_for(1) == [{}]
        assert server.call("reader1", "GET", f"tasks/{task}").json()["status"] == "queued"


class TestTemplates:
    def test_by_label_and_by_number(self, server: SupervisorServer) -> None:
        by_label = server.call("reader1", "GET", "task_templates/contract").json()
        assert by_label == {"uri": "/api/v1/task_templates/contract", "label": "contract", "content": TEMPLATE}
        task = server.create_task("contract")
        link = server.call("reader1", "GET", f"tasks/{task}").json()["template"]
        assert server.call("reader1", "GET", link).json() == by_label

    def test_everybody_lists_all(self, server: SupervisorServer) -> None:
        listed = server.call("qc1", "GET", "task_templates").json()
        assert "/api/v1/task_templates/contract" in listed["task_templates"]

    def test_deleting_one_leaves_its_tasks_without(self, server: SupervisorServer) -> None:
        server.create_template("doomed", TEMPLATE)
        task = server.create_task("doomed")
        assert server.call("reader1", "DELETE", "task_templates/doomed").status_code == 403
        removed = server.call("coordinator", "DELETE", "task_templates/doomed")
        assert (removed.status_code, removed.json()) == (200, None)
        assert server.call("reader1", "GET", "task_templates/doomed").status_code == 404
        assert server.call("reader1", "GET", f"tasks/{task}").json()["template"] is None

    def test_a_label_exists_once(self, server: SupervisorServer) -> None:
        answer = server.call("coordinator", "POST", "task_templates", json={"label": "contract", "content": "x"})
        assert answer.status_code == 500
        assert answer.json() == {"message": "Internal Server Error"}

    def test_any_content_is_stored(self, server: SupervisorServer) -> None:
        server.create_template("odd", "no: template: at all")
        assert server.call("reader1", "GET", "task_templates/odd").json()["content"] == "no: template: at all"


class TestAdministration:
    def test_a_reader_may_not_add(self, server: SupervisorServer) -> None:
        given = {"project": "DEMO", "template": "contract", "content": "{}"}
        answer = server.call("reader1", "POST", "tasks", json=given)
        assert answer.status_code == 403
        assert "error" in answer.json()["response"]

    def test_missing_members_are_named(self, server: SupervisorServer) -> None:
        answer = server.call("coordinator", "POST", "tasks", json={"project": "DEMO"})
        assert answer.status_code == 400
        assert "errors" in answer.json()

    def test_delete_answers_null(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        assert server.call("reader1", "DELETE", f"tasks/{task}").status_code == 403
        answer = server.call("coordinator", "DELETE", f"tasks/{task}")
        assert (answer.status_code, answer.json()) == (200, None)
        assert server.call("coordinator", "GET", f"tasks/{task}").status_code == 404

    def test_content_may_change_under_an_open_task(self, server: SupervisorServer) -> None:
        task = server.create_task("contract", "old")
        server.call("coordinator", "PUT", f"tasks/{task}", json={"content": "new"})
        assert server.call("reader1", "GET", f"tasks/{task}").json()["content"] == "new"
        assert server.call("coordinator", "PUT", f"tasks/{task}", json={"content": {"a": 1}}).status_code == 500

    def test_a_superuser_assigns(self, server: SupervisorServer) -> None:
        task = server.create_task("contract")
        server.call("coordinator", "PUT", f"tasks/{task}", json={"users": ["reader2"], "groups": []})
        assert server.call("reader1", "GET", f"tasks/{task}").status_code == 404
        assert server.call("reader2", "GET", f"tasks/{task}").status_code == 200

    def test_distributes_in_a_group(self, server: SupervisorServer) -> None:
        tasks = [server.create_task("contract", distribute_in_group="readers") for _ in range(2)]
        for task in tasks:
            users = server.call("coordinator", "GET", f"tasks/{task}").json()["users"]
            assert len(users) == 1
            assert users[0] in ("/api/v1/users/1", "/api/v1/users/2")

    def test_distribution_excludes_users(self, server: SupervisorServer) -> None:
        given = {"project": "D", "template": "contract", "content": "{}", "users": [], "distribute_in_group": "readers"}
        assert server.call("coordinator", "POST", "tasks", json=given).status_code == 400

    def test_users_see_themselves(self, server: SupervisorServer) -> None:
        me = server.call("reader1", "GET", "users/1").json()
        assert me["username"] == "reader1"
        assert me["groups"] == "/api/v1/users/1/groups"
        assert server.call("reader1", "GET", "users/2").status_code == 403
        assert server.call("reader1", "GET", "users").status_code == 403
        assert "/api/v1/users/2" in server.call("coordinator", "GET", "users").json()["users"]

    def test_groups_show_their_members(self, server: SupervisorServer) -> None:
        assert server.call("reader1", "GET", "groups/1").json()["groupname"] == "readers"
        assert server.call("reader1", "GET", "groups/1/users").json() == {
            "users": ["/api/v1/users/1", "/api/v1/users/2"]
        }
        assert server.call("reader2", "GET", "groups/2").status_code == 403
        assert server.call("reader1", "GET", "groups").status_code == 403


class TestTaskGroups:
    def make(self, server: SupervisorServer, callback_url: str) -> tuple[str, list[str]]:
        child = {
            "project": "DEMO", "template": "contract", "content": "{}", "users": ["reader1"], "callback_url": None,
            "callback_content": None, "generator_url": None,
        }  # fmt: skip
        group = {"label": uuid.uuid4().hex, "callback_url": callback_url, "callback_content": '{"group": 1}'}
        answer = server.call("coordinator", "POST", "taskgroups", json={**group, "tasks": [child, child]})
        assert answer.status_code == 201
        return answer.json()["url"], [task["id"] for task in answer.json()["tasks"]]

    def test_done_when_all_are(self, server: SupervisorServer, callbacks: Callbacks) -> None:
        url, tasks = self.make(server, callbacks.url)
        server.call("reader1", "PUT", f"tasks/{tasks[0]}", json={"status": "done"})
        assert server.call("qc1", "GET", url).json()["status"] == "queued"
        for _ in range(2):
            server.call("reader1", "PUT", f"tasks/{tasks[1]}", json={"status": "done"})
        assert server.call("qc1", "GET", url).json()["status"] == "done"
        assert callbacks.wait_for(1) == [{"group": 1}]

    def test_one_aborted_aborts_all(self, server: SupervisorServer) -> None:
        url, tasks = self.make(server, "http://127.0.0.1:9/none")
        server.call("reader1", "PUT", f"tasks/{tasks[0]}", json={"status": "done"})
        server.call("reader1", "PUT", f"tasks/{tasks[1]}", json={"status": "aborted"})
        assert server.call("qc1", "GET", url).json()["status"] == "aborted"
        assert server.call("reader1", "GET", f"tasks/{tasks[0]}").json()["status"] == "aborted"
