"""The study's procedure beside the work: text of a template, readable and without anything active in it."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

#: Longer procedures are cut: nobody reads them, and Qt lays them out in the window's own thread.
MOST_CHARACTERS = 200_000
#: Space between lines in percent, and around the text.
LINE_HEIGHT = 130
MARGIN = 12

_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
#: Stands for a picture in the text of a document.
_PICTURE = "\ufffc"
_AUTO_LINK = re.compile(r"<((?:https?|ftp|mailto):[^>\s]*)>")


def passive_markdown(text: str) -> str:
    """Markdown whose pictures are their descriptions, whose links are plain text and whose HTML is shown as it is."""
    text = _IMAGE.sub(r"\1", text[:MOST_CHARACTERS])
    text = _LINK.sub(r"\1 (\2)", text)
    return _AUTO_LINK.sub(r"\1", text)


def without_pictures(document: QTextDocument) -> None:
    """Put the descriptions of pictures in their place; Markdown has more ways to write one than a pattern finds."""
    cursor = document.find(_PICTURE)
    while not cursor.isNull():
        shape = cursor.charFormat().toImageFormat()
        words = shape.stringProperty(QTextFormat.Property.ImageAltText) or "picture"
        cursor.insertText(words, QTextCharFormat())
        cursor = document.find(_PICTURE, cursor)


class _Text(QTextBrowser):
    """A text that loads nothing and opens nothing."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        # where a browser has no answer, its document reads the file that an address names, also one on a server
        return QImage(1, 1, QImage.Format.Format_Mono)


class SopPanel(QWidget):
    """The procedure of the template."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sop")
        self.browser = _Text(self)
        self.browser.setOpenLinks(False)
        self.browser.setOpenExternalLinks(False)
        self.browser.setAccessibleName("Procedure")
        self.browser.document().setDocumentMargin(MARGIN)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.browser)
        self.setMinimumWidth(220)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another procedure, from its start."""
        document = self.browser.document()
        if text.strip():
            features = (
                QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
            )
            document.setMarkdown(passive_markdown(text), features)
            without_pictures(document)
        else:
            document.setHtml(f"<i>{html.escape('This template has no procedure.')}</i>")
        self._set_type()
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)

    def plain_text(self) -> str:
        """What the reader sees, without its form."""
        return self.browser.toPlainText()

    def _set_type(self) -> None:
        """Wider lines, measured headings, and no link that looks as if it could be followed."""
        document = self.browser.document()
        block = document.begin()
        while block.isValid():
            cursor = QTextCursor(block)
            shape = QTextBlockFormat()
            shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            level = block.blockFormat().headingLevel()
            shape.setTopMargin(10 if level and block.blockNumber() else 0)
            shape.setBottomMargin(4 if level or block.textList() else 8)
            cursor.mergeBlockFormat(shape)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            words = QTextCharFormat()
            if level:
                words.setProperty(QTextFormat.Property.FontSizeAdjustment, max(0, 3 - level))
            words.setAnchor(False)
            words.setAnchorHref("")
            words.setFontUnderline(False)
            cursor.mergeCharFormat(words)
            block = block.next()
