"""A plain editor for YAML: line numbers, colours, marks at lines with problems."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

#: Spaces that the tab key writes; YAML takes no tabs.
INDENT = 2
#: Characters of a line, and lines of a text, that get colours; more would keep the author waiting.
MOST_COLOURED = 2000
MOST_COLOURED_LINES = 3000
#: Characters of a text and of a line that the editor takes: each key would take its time in longer ones.
MOST_CHARACTERS = 2_000_000
LONGEST_LINE = 100_000

_RULES = (
    ("key", re.compile(r"(?:^|[\s{,\-])([\w][\w .\-]*|\"[^\"]*\"|'[^']*')(?=\s*:(?:\s|$))")),
    ("text", re.compile(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*')(?!\s*:)")),
    ("number", re.compile(r"(?<=[\s\[,:])(-?\d+(?:\.\d+)?)(?=[\s\],}]|$)")),
    ("word", re.compile(r"(?<=[\s\[,:])(true|false|null|yes|no)(?=[\s\],}]|$)", re.IGNORECASE)),
    ("comment", re.compile(r"((?:^|\s)#.*)$")),
)
_LIGHT = {"key": "#0b5394", "text": "#38761d", "number": "#a64d00", "word": "#7a3e9d", "comment": "#6b7280"}
_DARK = {"key": "#7cc0ff", "text": "#9ad48b", "number": "#ffb873", "word": "#d3a6f0", "comment": "#8b95a3"}
_MARKS = {"error": QColor(220, 60, 60), "warning": QColor(225, 160, 40), "info": QColor(80, 150, 230)}


def too_long(text: str) -> str:
    """Why a text is not for the editor, in a sentence; "" if it is."""
    if len(text) > MOST_CHARACTERS:
        return f"The text has {len(text)} characters; the workbench takes {MOST_CHARACTERS}."
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            return f"Line {number} has {len(line)} characters; the workbench takes {LONGEST_LINE} on a line."
    return ""


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


class YamlColours(QSyntaxHighlighter):
    """Colours keys, texts, numbers and comments, a line at a time."""

    def __init__(self, document: QTextDocument, dark: bool) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.use(dark)

    def use(self, dark: bool) -> None:
        """Take the colours of a theme."""
        for name, colour in (_DARK if dark else _LIGHT).items():
            shape = QTextCharFormat()
            shape.setForeground(QColor(colour))
            self._formats[name] = shape
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self.document().blockCount() > MOST_COLOURED_LINES:
            return
        for name, pattern in _RULES:
            for match in pattern.finditer(text[:MOST_COLOURED]):
                self.setFormat(match.start(1), match.end(1) - match.start(1), self._formats[name])


class YamlEditor(QPlainTextEdit):
    """Edits a template."""

    #: a sentence: what was pasted or dropped is not taken
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: dict[int, str] = {}
        self._margin = _Margin(self)
        self.setAccessibleName("Text of the template")
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.colours = YamlColours(self.document(), is_dark(self.palette()))
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._on_update)
        self.cursorPositionChanged.connect(self._show_marks)
        self._make_room()

    def set_marks(self, marks: Mapping[int, str]) -> None:
        """Mark lines (from 1) by the severity of their worst problem."""
        self._marks = dict(marks)
        self._show_marks()
        self._margin.update()

    def mark_at(self, line: int) -> str:
        """Severity at a line, "" for none."""
        return self._marks.get(line, "")

    def go_to(self, line: int) -> None:
        """Put the cursor at the beginning of a line (from 1), in the middle of the view."""
        block = self.document().findBlockByNumber(min(max(line, 1), self.blockCount()) - 1)
        self.setTextCursor(QTextCursor(block))
        self.centerCursor()
        self.setFocus()

    @property
    def line(self) -> int:
        """The line that the cursor is on, from 1."""
        return self.textCursor().blockNumber() + 1

    def _show_marks(self) -> None:
        extra = [_whole_line(QTextCursor(self.textCursor().block()), QColor(128, 150, 180, 30))]
        for line, severity in self._marks.items():
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                colour = QColor(_MARKS.get(severity, _MARKS["info"]))
                colour.setAlpha(38)
                extra.append(_whole_line(QTextCursor(block), colour))
        self.setExtraSelections(extra)

    # --- the margin --------------------------------------------------------------------------------------------

    @property
    def margin_width(self) -> int:
        return 18 + self.fontMetrics().horizontalAdvance("9") * max(3, len(str(self.blockCount())))

    def _make_room(self, _count: int = 0) -> None:
        self.setViewportMargins(self.margin_width, 0, 0, 0)

    def _on_update(self, rect: QRect, dy: int) -> None:
        if dy:
            self._margin.scroll(0, dy)
        else:
            self._margin.update(0, rect.y(), self._margin.width(), rect.height())

    def paint_margin(self, event: QPaintEvent) -> None:
        """Numbers and marks of the lines in sight."""
        painter = QPainter(self._margin)
        try:
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
            painter.setFont(self.font())
            block = self.firstVisibleBlock()
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            while block.isValid() and top <= event.rect().bottom():
                height = self.blockBoundingRect(block).height()
                self._paint_number(painter, block, top, height)
                block, top = block.next(), top + height
        finally:
            painter.end()

    def _paint_number(self, painter: QPainter, block: QTextBlock, top: float, height: float) -> None:
        line, width = block.blockNumber() + 1, self._margin.width()
        mark = self._marks.get(line)
        if mark is not None:
            painter.fillRect(QRect(0, round(top), 4, round(height)), _MARKS.get(mark, _MARKS["info"]))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        area = QRect(0, round(top), width - 8, round(height))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))

    # --- Qt ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._margin.setGeometry(area.left(), area.top(), self.margin_width, area.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "colours"):
            self.colours.use(is_dark(self.palette()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab and not self.textCursor().hasSelection():
            self.insertPlainText(" " * (INDENT - self.textCursor().positionInBlock() % INDENT))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._break_line()
        elif event.key() == Qt.Key.Key_Slash and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.toggle_comment()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        reason = too_long(source.text())
        if reason:
            self.refused.emit(reason)
        else:
            super().insertFromMimeData(source)

    def toggle_comment(self) -> None:
        """Make comments of the selected lines (or of the cursor's), or lines of the template again; one undo step."""
        cursor = self.textCursor()
        first, last = (self.document().findBlock(at) for at in (cursor.selectionStart(), cursor.selectionEnd()))
        numbers = range(first.blockNumber(), last.blockNumber() + 1)
        lines = [self.document().findBlockByNumber(number) for number in numbers]
        lines = [line for line in lines if line.text().strip()]
        wanted = not all(line.text().lstrip().startswith("#") for line in lines)
        cursor.beginEditBlock()
        for line in lines:
            _set_comment(QTextCursor(line), line.text(), wanted)
        cursor.endEditBlock()

    def find_next(self, text: str, *, back: bool = False) -> bool:
        """Select the next place of a text, round the end; False if there is none."""
        flags = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        if not text or self.find(text, flags):
            return bool(text)
        here = self.textCursor()
        self.moveCursor(QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start)
        if self.find(text, flags):
            return True
        self.setTextCursor(here)
        return False

    def _break_line(self) -> None:
        """A new line begins where the one before it did, deeper after a colon."""
        before = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
        indent = len(before) - len(before.lstrip(" "))
        deeper = INDENT if before.rstrip().endswith(":") else 0
        self.insertPlainText("\n" + " " * (indent + deeper))


def _set_comment(cursor: QTextCursor, text: str, wanted: bool) -> None:
    """Put "# " before a line, or take it away."""
    if wanted:
        cursor.insertText("# ")
        return
    at = text.index("#")
    cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, at)
    count = 2 if text[at + 1 : at + 2] == " " else 1
    cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, count)
    cursor.removeSelectedText()


def _whole_line(cursor: QTextCursor, colour: QColor) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.format.setBackground(colour)
    selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    selection.cursor = cursor
    return selection


class _Margin(QWidget):
    def __init__(self, editor: YamlEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.margin_width, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_margin(event)
