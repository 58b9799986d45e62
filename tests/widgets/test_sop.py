"""The procedure panel: readable, and nothing in it is active."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

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


def test_pictures_are_never_fetched(qtbot: Any) -> None:
    assert passive_markdown("![where to click](https://example.org/x.png)") == "where to click"
    panel = SopPanel("![pixel](file:///etc/hostname)")
    qtbot.addWidget(panel)
    assert (
        panel.browser.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("file:///etc/hostname")) is None
    )
    assert "<img" not in panel.browser.document().toHtml()


def test_html_is_shown_as_it_is_written(qtbot: Any) -> None:
    panel = SopPanel("a <script>alert(1)</script> <b>b</b> <a href='https://example.org'>c</a>")
    qtbot.addWidget(panel)
    assert "<script>alert(1)</script>" in panel.plain_text()
    assert "<a " not in panel.browser.document().toHtml()


def test_no_procedure_says_so(qtbot: Any) -> None:
    panel = SopPanel("  ")
    qtbot.addWidget(panel)
    assert panel.plain_text() == "This template has no procedure."
