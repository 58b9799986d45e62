"""The template workbench: what is typed at the left is seen at the right, with its problems and its results."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTextBrowser

from tests.workspace.lab import turn
from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.supervisor.client import TemplateText
from viewr.templates.check import check_text
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

    def template(self, label):
        return TemplateText(label, self.kept[label], "")


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
    assert bench.upload.words.text() == (
        "The supervisor has a template 'tiny'. Of its 1 line 1 would go, and 9 others come. All tasks that name it "
        "would get this text."
    )
    bench.upload.button.click()
    qtbot.waitUntil(lambda: server.kept["tiny"] == TEXT)
    qtbot.waitUntil(lambda: any("has the template 'tiny'" in text for text in bench.messages.texts))


def test_what_is_uploaded_is_what_is_in_sight(bench, qtbot):
    write(qtbot, bench, TEXT)
    bench.use_supervisor(Supervisor())
    bench.upload_button.click()
    assert bench.upload.isVisible()
    bench.editor.setFocus()
    QTest.keyClick(bench.editor, "#")
    assert not bench.upload.isVisible()


@pytest.mark.parametrize("name", bundled_templates())
def test_every_bundled_template_may_be_begun_with(bench, qtbot, name):
    bench.begin(bundled_templates()[name])
    shows(qtbot, bench, name)


# bad input


def paste(bench, text):
    QGuiApplication.clipboard().setText(text)
    bench.editor.setFocus()
    bench.editor.selectAll()
    QTest.keyClick(bench.editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nsop: " + "x" * 100_000, "Line 2 has 100005 characters; the workbench takes 100000 on a line."),
        ("a: 1\n" * 400_001, "The text has 2000005 characters; the workbench takes 2000000."),
    ],
)
def test_a_text_that_no_editor_can_bear_is_refused(bench, qtbot, tmp_path, text, words):
    write(qtbot, bench, TEXT)
    paste(bench, text)
    assert (bench.editor.toPlainText(), bench.messages.texts) == (TEXT, [words])
    bench.messages.clear()
    bench.editor.undo()
    bench.save_to(tmp_path / "mine.yaml")
    file = tmp_path / "large.yaml"
    file.write_text(text)
    before = bench.editor.toPlainText()
    bench.open_file(file)
    assert (bench.editor.toPlainText(), bench.messages.texts[-1]) == (before, words)


def test_a_file_that_is_no_text_is_refused(bench, tmp_path):
    file = tmp_path / "scan.yaml"
    file.write_bytes(bytes(range(256)) * 10)
    bench.open_file(file)
    assert "cannot be read" in bench.messages.texts[-1]
    with file.open("wb") as stream:
        stream.truncate(9_000_000)
    bench.open_file(file)
    assert bench.messages.texts[-1] == "The file 'scan.yaml' has 9000000 bytes: that is no template."
    assert "template_name: manual_qa" in bench.editor.toPlainText()


def test_json_on_one_line_is_opened_with_line_breaks(bench, qtbot, tmp_path):
    fields = {f"f{n}": {"control": "LineEdit", "label": f"Field {n}", "x": 0, "y": n} for n in range(2000)}
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"template_name": "one", "viewports": [], "scans": {}, "qa_fields": fields}))
    assert len(file.read_text()) > 100_000
    bench.begin(bundled_templates()["landmarks"])
    bench.open_file(file)
    shows(qtbot, bench, "one")
    assert bench.editor.blockCount() > 2000
    assert not bench.unsaved


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("template_name: x\n" + "a0: &a0 [x, x, x]\n"
         + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)), "line"),
        ("\x00\x01\x02" * 1000, "neither YAML nor JSON"),
        (TEXT.replace("count: {control: NumberEdit", "count: {formula: total, variables: {total: total}, control: "
                      "CalculatedScore") + "  total: {control: CalculatedScore, label: T, x: 0, y: 2, formula: count, "
         "variables: {count: count}}\n", "These fields need each other: count -> total -> count."),
        ("a: " + "[" * 5000, "nested more than 100 levels"),
        (TEXT + "  count: {control: LineEdit, label: Again, x: 0, y: 5}\n", "line 10"),
    ],
)  # fmt: skip
def test_bad_texts_are_told_beside_the_editor(bench, qtbot, text, words):
    write(qtbot, bench, TEXT)
    bench.editor.setPlainText(text)
    qtbot.waitUntil(lambda: words in " ".join(problems(bench)), timeout=20000)


def test_of_thousands_of_problems_the_first_are_listed(bench, qtbot):
    more = "".join(f"  f{n}: {{control: LineEdt, label: F, x: 0, y: {n}}}\n" for n in range(150))
    bench.editor.setPlainText(TEXT + more)
    qtbot.waitUntil(lambda: len(problems(bench)) == 101, timeout=20000)
    left = len(check_text(TEXT + more)) - 100
    assert problems(bench)[-1] == f"{left} more are listed when these are mended."


def test_right_to_left_and_emoji_labels(bench, qtbot):
    label = "הערה 🧠 ملاحظة"
    write(qtbot, bench, TEXT.replace("Remark", f'"{label}"'))
    texts = {one.text() for one in bench.trial.view.forms["default"].findChildren(QLabel)}
    assert any("🧠" in text and "ملاحظة" in text for text in texts)


def test_a_template_that_no_screen_can_show_is_not_tried(bench, qtbot):
    write(qtbot, bench, TEXT)
    view = "  - {{type: viewport, name: v{0}, scan: CT, annotation: null, x: {0}, y: 1, linked: true}}\n"
    many = "".join(view.format(n) for n in range(33))
    bench.editor.setPlainText(TEXT.replace("tiny", "wide").replace("scans: {CT", many + "scans: {CT"))
    words = "The template has 34 viewports; with more than 32 it cannot be tried here."
    qtbot.waitUntil(lambda: bench.messages.texts == [words], timeout=20000)
    assert bench.trial.template.name == "tiny"


def test_undo_goes_on_over_trials(bench, qtbot):
    write(qtbot, bench, TEXT)
    bench.activateWindow()
    bench.editor.setFocus()
    cursor = bench.editor.textCursor()
    cursor.setPosition(TEXT.index("tiny") + 4)
    bench.editor.setTextCursor(cursor)
    for letter, name in (("1", "tiny1"), ("2", "tiny12")):
        QTest.keyClick(bench.windowHandle(), letter)
        shows(qtbot, bench, name)
    assert bench.editor.hasFocus()
    for _ in range(5):
        if bench.editor.toPlainText() != TEXT:
            QTest.keyClick(bench.windowHandle(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bench.editor.toPlainText() == TEXT
    shows(qtbot, bench, "tiny")
    QTest.keyClick(bench.windowHandle(), Qt.Key.Key_Z,
                   Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)  # fmt: skip
    qtbot.waitUntil(lambda: bench.trial.template.name != "tiny", timeout=20000)


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
    bench.activateWindow()
    qtbot.waitUntil(bench.isActiveWindow)
    bench.editor.setFocus()
    qtbot.waitUntil(bench.editor.hasFocus)
    QTest.keyClick(bench.windowHandle(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(bench.finder.line.hasFocus)
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
