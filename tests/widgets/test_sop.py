"""The procedure panel: readable, and nothing in it is active."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument

from viewr.widgets.sop import SopPanel, passive_markdown


def test_markdown_is_shown_as_text(qtbot: Any) -> None:
    panel = SopPanel("# Lungs\n\nMark **every** nodule.\n\n1. Scroll\n2. Click")
    qtbot.addWidget(panel)
    assert panel.plain_text() == "Lungs\nMark every nodule.\nScroll\nClick"


def test_links_are_text_and_lead_nowhere(qtbot: Any) -> None:
    panel = SopPanel("Read [the manual](https://example.org/manual) or <https://example.org> or www.example.org")
    qtbot.addWidget(panel)
    assert "the manual (https://example.org/manual)" in panel.plain_text()
    assert "href" not in panel.browser.document().toHtml()


@pytest.mark.parametrize(
    "text",
    [
        "![where to click]({})", "![where to click][r]\n\n[r]: {}", "![where to click]\n\n[where to click]: {}",
        "![where [to] click]({})", "[![where to click]({})](https://example.org)", "![where to click](<{}> 'title')",
        "<img src='{}'>", "[where to click]({})", "<{}>", "| a |\n|---|\n| ![where to click][r] |\n\n[r]: {}",
    ],
)  # fmt: skip
def test_nothing_is_loaded_from_files_or_servers(qtbot: Any, tmp_path: Path, text: str) -> None:
    picture = QImage(60, 60, QImage.Format.Format_RGB32)
    picture.fill(QColor(255, 0, 0))
    picture.save(str(tmp_path / "red.png"))
    panel = SopPanel(text.format(QUrl.fromLocalFile(tmp_path / "red.png").toString()))
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    seen = panel.grab().toImage()
    assert not any(seen.pixelColor(x, y) == QColor(255, 0, 0) for x in range(0, 300, 4) for y in range(0, 200, 4))
    assert "\ufffc" not in panel.plain_text()
    assert "click" in panel.plain_text().replace("[to] ", "") or "red.png" in panel.plain_text()
    html = panel.browser.document().toHtml()
    assert "<img" not in html
    assert "href" not in html


def test_pictures_are_their_descriptions(qtbot: Any) -> None:
    assert passive_markdown("![where to click](https://example.org/x.png)") == "where to click"
    panel = SopPanel("Look: ![the left one][r] or that.\n\n[r]: https://example.org/x.png")
    qtbot.addWidget(panel)
    assert panel.plain_text() == "Look: the left one or that."


def test_what_the_browser_has_no_answer_for_is_not_read_from_the_disk(qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("secret")
    panel = SopPanel("text")
    qtbot.addWidget(panel)
    kind = QTextDocument.ResourceType.StyleSheetResource.value
    assert isinstance(panel.browser.document().resource(kind, QUrl.fromLocalFile(tmp_path / "x.css")), QImage)


def test_html_is_shown_as_it_is_written(qtbot: Any) -> None:
    panel = SopPanel("a <script>alert(1)</script> <b>b</b> <a href='https://example.org'>c</a>")
    qtbot.addWidget(panel)
    assert "<script>alert(1)</script>" in panel.plain_text()
    assert "<a " not in panel.browser.document().toHtml()


def test_no_procedure_says_so(qtbot: Any) -> None:
    panel = SopPanel("  ")
    qtbot.addWidget(panel)
    assert panel.plain_text() == "This template has no procedure."
