"""`viewr outbox`: what a terminal says of results that wait, and how they get away from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Study, running


def viewr(*words: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "VIEWR_CONFIG_DIR": str(home / "config"),
                   "VIEWR_DATA_DIR": str(home / "data"), "VIEWR_CACHE_DIR": str(home / "cache"), **more}  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "viewr", *words], capture_output=True, text=True, timeout=60, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def waiting(study: Study) -> str:
    """A task whose results could not be uploaded when the program ended; a profile of its servers."""
    task_id = study.lab.task()
    with running(study.lab) as program:
        program.sign_in()
        program.open(task_id)
        program.say("from the terminal")
        program.reader.choose("grade", 1)
        study.archive.mode = "gone"
        program.submit()
        program.pilot.wait(lambda: "broke off" in program.desk.waiting()[0].sentence, "why it waits")
    study.archive.mode = "open"
    profile = {"name": "lab", "supervisor": study.supervisor.url, "archive": study.archive.url, "user": "reader1"}
    config = study.lab.folder / "config"
    config.mkdir()
    (config / "settings.json").write_text(json.dumps({"profiles": [profile]}))
    return task_id


def test_list_tells_one_line_each(study: Study, waiting: str) -> None:
    done = viewr("outbox", home=study.lab.folder)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert f"The results of task {waiting} (lesions) wait to be uploaded" in line
    assert study.archive.url.removeprefix("http://") in line


def test_export_copies_the_files(study: Study, waiting: str) -> None:
    out = study.lab.folder / "out"
    assert viewr("outbox", "export", "--out", str(out), home=study.lab.folder).returncode == 0
    (answers,) = out.rglob("*lesions_*.json")
    assert json.loads(answers.read_text())["comment"] == "from the terminal"
    assert len(list(out.rglob("*.nii.gz"))) == 1
    again = viewr("outbox", "export", "--out", str(out), home=study.lab.folder)
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    assert viewr("outbox", home=study.lab.folder).stdout.count("wait to be uploaded") == 1


def test_retry_brings_the_results_into_the_archive(study: Study, waiting: str) -> None:
    done = viewr("outbox", "retry", home=study.lab.folder, VIEWR_PASSWORD="reader1-demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Nothing is waiting to be uploaded.\n"
    assert study.lab.status(waiting) == "done"
    assert study.lab.holder(waiting) == ""
    (name,) = study.lab.names("FIELDS")
    assert json.loads(study.lab.read("FIELDS", name))["comment"] == "from the terminal"


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (("retry",), "", "viewr: There is no password for reader1 at "),
        (("retry",), "wrong", "refuses the name 'reader1'."),
        (("retry", "--profile", "nowhere"), "x", "viewr: There is no server profile 'nowhere'. Known are: lab."),
        (("export",), "", "viewr: There is no folder to export to. Add --out DIR."),
    ],
)
def test_what_is_missing_is_said(study: Study, waiting: str, words: tuple[str, ...], password: str, said: str) -> None:
    done = viewr("outbox", *words, home=study.lab.folder, VIEWR_PASSWORD=password)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert study.lab.status(waiting) == "queued"


def test_retry_without_a_profile(tmp_path: Path) -> None:
    done = viewr("outbox", "retry", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "viewr: There is no server profile to sign in with. Sign in with the program once.\n"
