"""The template workbench: what is typed at the left is seen at the right, with its problems and its results."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTextBrowser

from tests.workspace.lab import turn
from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.widgets.tool_panel import ToolPanel
from viewr.widgets.workbench import TemplateWorkbench, bundled_templates
from viewr.widgets.yaml_editor import YamlEditor
from viewr.workspace.jobs import Jobs

TEXT = """\
template_name: tiny
sop: ""
viewports:
  - {type: viewport, name: a, scan: CT, annotation: null, x: 0, y: 0, linked: true}
scans: {CT: {modality: CT}}
annotations: null
qa_fields:
  remark: {control: LineEdit, label: Remark, x: 0, y: 0}
  count: {control: NumberEdit, label: Count, x: 0, y: 1}
"""


def scan(_modality, _progress):
    return Volume(np.zeros((8, 8, 4), np.int16), Grid((8, 8, 4), np.eye(4)), modality="CT", description="demo scan")


@pytest.fixture
def jobs():
    jobs = Jobs(2)
    yield jobs
    jobs.shut_down()


@pytest.fixture
def bench(qtbot, tmp_path, jobs):
    bench = TemplateWorkbench(jobs, tmp_path / "data", scan)
    qtbot.addWidget(bench)
    bench.resize(1100, 700)
    bench.show()
    shows(qtbot, bench, "manual_qa")
    yield bench
    bench.finish()


def shows(qtbot, bench, name):
    qtbot.waitUntil(lambda: bench.trial.template is not None and bench.trial.template.name == name, timeout=20000)


def write(qtbot, bench, text, name="tiny"):
    bench.editor.setPlainText(text)
    shows(qtbot, bench, name)


def problems(bench):
    return [bench.problems.item(row).text() for row in range(bench.problems.count())]


def test_what_is_answered_is_seen_in_the_results_and_goes_on_to_the_next_text(bench, qtbot):
    write(qtbot, bench, TEXT)
    line = bench.trial.view.forms["default"].findChild(QLineEdit)
    QTest.keyClicks(line, "hello")
    QTest.keyClick(line, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: '"remark": "hello"' in bench.results.toPlainText())
    write(qtbot, bench, TEXT.replace("tiny", "tiny2").replace("count:", "number:"), "tiny2")
    qtbot.waitUntil(lambda: '"number"' in bench.results.toPlainText())
    results = json.loads(bench.results.toPlainText())
    assert (results["remark"], results["number"]) == ("hello", None)


def test_problems_are_listed_marked_and_jumped_to(bench, qtbot):
    write(qtbot, bench, TEXT.replace("NumberEdit", "NumberEdt"))
    qtbot.waitUntil(lambda: "NumberEdt" in " ".join(problems(bench)))
    assert any("line 9" in text and "NumberEdit" in text for text in problems(bench))
    assert bench.editor.mark_at(9) == "error"
    row = next(n for n, text in enumerate(problems(bench)) if "NumberEdt" in text)
    rect = bench.problems.visualItemRect(bench.problems.item(row))
    QTest.mouseClick(bench.problems.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert bench.editor.line == 9


def test_a_text_that_is_no_template_leaves_the_last_one_in_sight(bench, qtbot):
    write(qtbot, bench, TEXT)
    bench.editor.setPlainText("viewports: [")
    qtbot.waitUntil(lambda: any("error" in text for text in problems(bench)))
    assert bench.trial.template.name == "tiny"


def test_scans_of_the_demo_take_the_place_of_placeholders(bench, qtbot):
    write(qtbot, bench, TEXT)
    volumes = bench.trial.document.volumes
    qtbot.waitUntil(lambda: volumes["default", "CT"].description == "demo scan")


def test_saving_and_opening(bench, qtbot, tmp_path):
    file = tmp_path / "tiny.yaml"
    write(qtbot, bench, TEXT)
    assert bench.unsaved
    bench.begin("other")
    assert bench.editor.toPlainText() == TEXT, "unsaved changes must not be thrown away"
    bench.save_to(file)
    assert file.read_text() == TEXT
    assert not bench.unsaved
    file.write_text(TEXT.replace("tiny", "changed"))
    bench.open_file(file)
    shows(qtbot, bench, "changed")
    assert bench.title.text() == "tiny.yaml"
    bench.save_to(tmp_path / "no" / "such" / "folder.yaml")
    assert "cannot be written" in bench.messages.texts[-1]


def test_what_was_not_saved_is_there_at_the_next_start(qtbot, tmp_path, jobs):
    first = TemplateWorkbench(jobs, tmp_path)
    qtbot.addWidget(first)
    first.editor.setPlainText(TEXT)
    qtbot.waitUntil(lambda: (tmp_path / "template-draft.json").exists())  # no finish(): as after a crash
    second = TemplateWorkbench(jobs, tmp_path)
    qtbot.addWidget(second)
    assert second.editor.toPlainText() == TEXT
    assert second.unsaved
    shows(qtbot, second, "tiny")
    first.finish()
    second.finish()


class Supervisor:
    """Takes templates; refuses to replace one unless told to."""

    def __init__(self):
        self.kept = {"tiny": "old"}

    def put_template(self, label, text, *, replaces=False):
        if label in self.kept and not replaces:
            return False
        self.kept[label] = text
        return True


def test_uploading_asks_before_it_replaces(bench, qtbot):
    write(qtbot, bench, TEXT)
    assert not bench.upload_button.isEnabled()
    server = Supervisor()
    bench.use_supervisor(server)
    bench.upload_button.click()
    assert bench.upload.label.text() == "tiny"
    bench.upload.button.click()
    qtbot.waitUntil(lambda: bench.upload.button.text() == "Replace it")
    assert server.kept["tiny"] == "old"
    bench.upload.button.click()
    qtbot.waitUntil(lambda: server.kept["tiny"] == TEXT)
    qtbot.waitUntil(lambda: any("has the template 'tiny'" in text for text in bench.messages.texts))


@pytest.mark.parametrize("name", bundled_templates())
def test_every_bundled_template_may_be_begun_with(bench, qtbot, name):
    bench.begin(bundled_templates()[name])
    shows(qtbot, bench, name)


# the editor


@pytest.fixture
def editor(qtbot):
    editor = YamlEditor()
    qtbot.addWidget(editor)
    return editor


def test_a_new_line_keeps_the_depth_and_goes_deeper_after_a_colon(editor):
    editor.setPlainText("a:\n  b: 1")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "c:")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "d")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "a:\n  b: 1\n  c:\n    d "


def test_keys_texts_and_comments_have_colours_of_their_own(editor):
    editor.setPlainText('name: "text"  # why')
    spans = editor.document().begin().layout().formats()
    ranges = {span.start: span.format.foreground().color().name() for span in spans}
    assert len(set(ranges.values())) >= 3
    assert 0 in ranges
    assert 6 in ranges


def test_no_part_of_a_trial_outlives_it(bench, qtbot):
    for name, text in list(bundled_templates().items())[:3]:
        write(qtbot, bench, text, name)
    turn(3)
    held = set(bench.findChildren(ToolPanel))
    assert held == set(bench.trial.view.panels.values())
    write(qtbot, bench, bundled_templates()["scan_check"], "scan_check")
    turn(3)
    assert bench.findChildren(ToolPanel) == []


def test_find_goes_round_the_text(bench, qtbot):
    bench.editor.setPlainText(TEXT)
    with qtbot.waitActive(bench):
        bench.activateWindow()
    bench.editor.setFocus()
    QTest.keyClick(bench.windowHandle(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.finder.line.hasFocus()
    QTest.keyClicks(bench.finder.line, "label")
    assert bench.editor.line == 8
    QTest.keyClick(bench.finder.line, Qt.Key.Key_Return)
    assert bench.editor.line == 9
    QTest.keyClick(bench.finder.line, Qt.Key.Key_Return)
    assert bench.editor.line == 8
    QTest.keyClick(bench.finder.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bench.editor.line == 9
    QTest.keyClicks(bench.finder.line, "zz")
    assert bench.finder.none.text() == "Not there"
    QTest.keyClick(bench.finder.line, Qt.Key.Key_Escape)
    assert not bench.finder.isVisible()
    assert bench.editor.toPlainText() == TEXT


def test_lines_become_comments_and_lines_again(bench):
    bench.editor.setPlainText(TEXT)
    cursor = bench.editor.textCursor()
    cursor.setPosition(TEXT.index("  remark"))
    cursor.setPosition(TEXT.index("  count") + 3, QTextCursor.MoveMode.KeepAnchor)
    bench.editor.setTextCursor(cursor)
    slash, control = Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(bench.editor, slash, control)
    assert bench.editor.toPlainText() == TEXT.replace("  remark", "#   remark").replace("  count", "#   count")
    QTest.keyClick(bench.editor, slash, control)
    assert bench.editor.toPlainText() == TEXT
    QTest.keyClick(bench.editor, slash, control)
    bench.editor.undo()
    assert bench.editor.toPlainText() == TEXT


@pytest.mark.parametrize("written", [b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode()])
def test_an_opened_file_is_not_changed_yet(bench, tmp_path, written):
    file = tmp_path / "theirs.yaml"
    file.write_bytes(written)
    bench.open_file(file)
    assert (bench.unsaved, bench.editor.toPlainText()) == (False, TEXT)


def test_the_form_stays_where_it_was_scrolled_to(bench, qtbot):
    field = "  q{0}: {{control: LineEdit, label: Q{0}, x: 0, y: {1}}}\n"
    more = "".join(field.format(number, number + 2) for number in range(80))
    write(qtbot, bench, TEXT + more)
    form = bench.trial.view.forms["default"]
    qtbot.waitUntil(lambda: form.complete and form.verticalScrollBar().maximum() > 600)
    form.verticalScrollBar().setValue(500)
    write(qtbot, bench, (TEXT + more).replace("tiny", "tiny2"), "tiny2")
    qtbot.waitUntil(lambda: bench.trial.view.forms["default"].scrolled() == 500)


def test_the_procedure_is_shown_and_stays_for_the_next_text(bench, qtbot):
    said = TEXT.replace('sop: ""', 'sop: "Look **twice**."')
    write(qtbot, bench, said)
    bench.sop_button.click()
    assert "Look twice." in bench.trial.view.findChild(QTextBrowser).toPlainText()
    write(qtbot, bench, said.replace("twice", "thrice").replace("tiny", "tiny2"), "tiny2")
    qtbot.waitUntil(lambda: "Look thrice." in bench.trial.view.findChild(QTextBrowser).toPlainText())
