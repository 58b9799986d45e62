"""The demo tasks name templates, scans and files that exist."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml

from viewr.demo.patients import DemoSeries
from viewr.demo.tasks import DemoTask, demo_tasks, demo_templates

# One group: the patients are made once, by one of several workers.
pytestmark = pytest.mark.xdist_group("demo series")

SESSIONS = ("DEMO01_MR1", "DEMO02_CT1", "DEMO03_PETCT1", "DEMO04_MG1", "DEMO05_MR1", "DEMO06_MR1",
            "DEMO07_MR1")  # fmt: skip
IDS = {session: f"XNAT_E{n:05d}" for n, session in enumerate(SESSIONS, 1)}


@pytest.fixture(scope="module")
def tasks() -> list[DemoTask]:
    return demo_tasks("http://127.0.0.1:8080/", IDS)


def contexts_of(task: DemoTask) -> dict[str, Any]:
    return json.loads(task.content)["contexts"]


def template_contexts(label: str) -> dict[str, Any]:
    template = yaml.safe_load(demo_templates()[label])
    return template.get("contexts", {"default": template})


def matching(pattern: str, session: str, demo_series: dict[tuple[str, str], DemoSeries]) -> list[str]:
    """Scan ids that a scan segment means: by id, then type, then description."""
    scans = [s for (label, _), s in demo_series.items() if label == session]
    for key in ("scan_id", "scan_type", "description"):
        hits = [s.scan_id for s in scans if fnmatchcase(getattr(s, key), pattern)]
        if hits:
            return hits
    return []


def test_the_six_promised_templates_have_a_task(tasks: list[DemoTask]) -> None:
    promised = {"manual_qa", "wml_segmentation", "nodule_markers", "landmarks", "contour_organ", "petct_reading"}
    assert promised <= {task.template for task in tasks}
    assert {task.template for task in tasks} == set(demo_templates())


def test_quality_control_has_a_queue_of_three_sessions(tasks: list[DemoTask]) -> None:
    queue = [json.loads(t.content)["xnat"]["label"] for t in tasks if t.template == "manual_qa"]
    assert queue == ["DEMO01_MR1", "DEMO05_MR1", "DEMO06_MR1"]


def test_single_scans_to_check_keep_their_answers_apart(tasks: list[DemoTask]) -> None:
    checks = [json.loads(task.content) for task in tasks if task.template == "scan_check"]
    files = {(one["xnat"]["label"], one["contexts"]["default"]["fields"]["uri"]) for one in checks}
    assert len(files) == len(checks) == 8


def test_reader1_sees_all_tasks_and_the_others_some(tasks: list[DemoTask]) -> None:
    assert all("reader1" in task.users for task in tasks)
    for user in ("reader2", "qc1"):
        assert 0 < sum(user in task.users for task in tasks) < len(tasks)


def test_contents_are_addressed_to_the_archive(tasks: list[DemoTask]) -> None:
    content = json.loads(tasks[0].content)
    assert content["format"] == "viewr-task/1"
    assert content["xnat"] == {
        "url": "http://127.0.0.1:8080", "project": "DEMO", "subject": "DEMO01", "experiment": "XNAT_E00001",
        "label": "DEMO01_MR1",
    }  # fmt: skip


def test_contexts_scans_and_annotations_are_those_of_the_template(tasks: list[DemoTask]) -> None:
    for task in tasks:
        contexts = template_contexts(task.template)
        assert set(contexts_of(task)) == set(contexts), task.template
        for name, members in contexts_of(task).items():
            assert set(members["scans"]) == set(contexts[name]["scans"])
            assert set(members.get("annotations", {})) == set(contexts[name]["annotations"] or {})


def test_every_scan_means_one_series_of_its_session(
    tasks: list[DemoTask], demo_series: dict[tuple[str, str], DemoSeries]
) -> None:
    for task in tasks:
        session = json.loads(task.content)["xnat"]["label"]
        for members in contexts_of(task).values():
            for name, address in members["scans"].items():
                uri, required = (address, True) if isinstance(address, str) else (address["uri"], address["required"])
                hits = matching(uri.split("/")[1], session, demo_series)
                assert len(hits) == 1 or (not required and not hits), f"{task.template} {session} {name}"


def test_results_carry_the_time_and_contexts_have_files_of_their_own(tasks: list[DemoTask]) -> None:
    for task in tasks:
        uris = [members["fields"]["uri"] for members in contexts_of(task).values()]
        assert len(set(uris)) == len(uris)
        assert all(uri.startswith(f"resources/FIELDS/files/{task.template}") for uri in uris)
        assert all(uri.endswith("_{timestamp}.json") for uri in uris)


def test_tasks_of_sessions_that_are_not_there_are_left_out() -> None:
    only = demo_tasks("http://127.0.0.1", {"DEMO02_CT1": "XNAT_E00009"})
    assert [task.template for task in only] == ["nodule_markers", "contour_organ", "scan_check"]
