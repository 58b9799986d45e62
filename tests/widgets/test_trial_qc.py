"""Templates of quality control in the workbench: the page that their readers get, on trial."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.qc_desk import PLAIN, listing, volume
from tests.workspace.lab import turn, wait_until
from viewr.widgets.workbench import TemplateWorkbench
from viewr.workspace.jobs import Jobs

Key = Qt.Key
#: One verdict, and something to draw: readers begin with the form.
DRAWS = PLAIN + "  where: {control: CSOEdit, label: Outline, x: 0, y: 2}\n"


def scan(_modality, _progress):
    return volume()


@pytest.fixture
def bench(qtbot, tmp_path):
    jobs = Jobs(2)
    bench = TemplateWorkbench(jobs, tmp_path / "data", scan)
    qtbot.addWidget(bench)
    bench.resize(1280, 720)
    bench.show()
    bench.activateWindow()
    wait_until(bench.isActiveWindow)
    yield bench
    bench.finish()
    jobs.shut_down()


def write(bench, text):
    """Type a template over the one that is there, and wait until it is on trial with the scans of the demo."""
    bench.editor.setFocus()
    bench.editor.setPlainText(text)
    wait_until(lambda: bench.trial.template is not None and bench.trial.template.name in text
               and f"template_name: {bench.trial.template.name}\n" in text)  # fmt: skip
    if bench.trial.view is None:
        wait_until(lambda: sheets_are_there(bench))


def sheets_are_there(bench):
    page = bench.trial.page
    sheets = [column.view.sheet for column in page.board.columns.values()]
    return all(one is not None and one.volume.description != "placeholder" for one in sheets) and not (
        page.pictures.unpainted(page.board.columns))  # fmt: skip


def press(bench, *keys):
    """Press keys as the window system does; a text is typed."""
    for key in keys:
        for one in key if isinstance(key, str) else (key,):
            QTest.keyClick(bench.windowHandle(), ord(one) if isinstance(one, str) else one)
    turn(1)


def results(bench):
    return json.loads(bench.results.toPlainText())


def judge(bench, *keys):
    bench.trial.page.pictures.take_keys()
    press(bench, *keys)


def test_verdicts_by_key_are_seen_in_the_results_and_as_qualities(bench):
    write(bench, listing(["A", "B"]))
    assert list(bench.trial.page.board.columns) == [("default", "A"), ("default", "B")]
    wait_until(lambda: bench.quality.text() == "The archive would get no quality of scans yet.")
    judge(bench, Key.Key_1, Key.Key_2, "MOVED", Key.Key_Return)
    wait_until(lambda: "unusable" in bench.quality.text())
    assert bench.quality.text() == "The archive would get as quality of the scans: A: usable, B: unusable (“MOVED”)."
    assert [row["verdict"] for row in results(bench)["scans"]] == ["Good", "Poor"]
    assert bench.trial.page.messages.texts == ["Every verdict is given: here readers get the next case."]
    # the case stays: what was said can be corrected
    judge(bench, Key.Key_Backspace, Key.Key_1)
    wait_until(lambda: "B: usable" in bench.quality.text())


def test_usual_tags_are_in_the_results(bench):
    write(bench, listing(["A"]))
    judge(bench, ord("M"))
    wait_until(lambda: "motion" in bench.results.toPlainText())
    assert results(bench)["__viewr__"]["qc"] == {"scans": [{"scan": "A", "tags": {"motion": "present"}}]}


def test_who_types_is_not_disturbed_and_gives_no_verdict(bench):
    write(bench, listing(["A"]))
    first = bench.trial.session
    assert bench.editor.hasFocus()
    press(bench, "# 12")
    wait_until(lambda: bench.trial.session is not first)
    assert bench.editor.hasFocus()
    assert bench.editor.toPlainText().startswith("# 12")
    assert bench.trial.page.case.unjudged == ["A"]


def test_verdicts_and_sheets_go_on_to_the_next_text(bench):
    write(bench, listing(["A", "B"]))
    judge(bench, Key.Key_1)
    sheet = bench.trial.page.board.columns["default", "A"].view.sheet
    first = bench.trial.session
    bench.editor.setPlainText(listing(["A", "B"]).replace("Good: usable", "Good: questionable"))
    wait_until(lambda: bench.trial.session is not first)
    assert bench.trial.page.board.columns["default", "A"].view.sheet is sheet
    wait_until(lambda: "A: questionable" in bench.quality.text())
    assert bench.trial.page.case.unjudged == ["B"]
    judge(bench, Key.Key_1)
    assert len(bench.trial.page.messages.texts) == 1
    first = bench.trial.session
    bench.editor.setPlainText(listing(["A"]))
    wait_until(lambda: bench.trial.session is not first)
    assert bench.trial.page.messages.texts == []


def test_the_task_with_its_form_is_one_click_away_and_a_fresh_start_another(bench):
    write(bench, listing(["A"]))
    judge(bench, Key.Key_1)
    bench.trial.bar.task.click()
    wait_until(lambda: bench.trial.view is not None)
    assert bench.trial.view.isVisible()
    answers = bench.trial.document.state.annotation.answers
    assert answers["default"]["scans"][0]["verdict"] == "Good"
    # the choice holds for the texts to come
    write(bench, PLAIN)
    wait_until(lambda: bench.trial.view is not None)
    bench.trial.bar.qc.click()
    wait_until(lambda: bench.trial.view is None and sheets_are_there(bench))
    judge(bench, Key.Key_1)
    wait_until(lambda: results(bench)["usable"] == "Yes")
    bench.trial.bar.fresh.click()
    wait_until(lambda: results(bench)["usable"] is None)


def test_what_readers_begin_with(bench):
    write(bench, PLAIN)
    assert (bench.trial.view, bench.trial.bar.qc.isVisible()) == (None, True)
    wait_until(lambda: "the template says nothing of it (quality)" in bench.quality.text())
    write(bench, DRAWS.replace("plain", "draws"))
    assert bench.trial.view is not None
    assert (bench.trial.bar.qc.isVisible(), bench.trial.bar.task.isChecked()) == (True, True)
    none = PLAIN.replace("plain", "none").replace("usable: {control: RadioButtonGroup", "usable: {control: JSONDisplay")
    write(bench, none)
    assert not bench.trial.bar.qc.isVisible()
    wait_until(lambda: not bench.quality.isVisible())


def test_later_and_leaving_do_nothing_but_say_so(bench):
    write(bench, listing(["A"]))
    judge(bench, ord("L"))
    assert bench.trial.page.messages.texts == ["Here readers get the next case, and this one again at the end."]
    judge(bench, Key.Key_1)
    wait_until(lambda: "A: usable" in bench.quality.text())
