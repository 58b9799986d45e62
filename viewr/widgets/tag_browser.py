"""The tags of a series: all of them, where its files differ, what is still personal, and text burned into pictures.

For the eyes of data managers. Values that the basic profile of DICOM PS3.15 would remove are covered until the reader
asks for them, so that no screenshot holds them by accident; nothing here is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row
from viewr.widgets.messages import error_text
from viewr.widgets.room import resize_within_screen
from viewr.widgets.tag_model import Row, Search, TagModel
from viewr.workspace.jobs import Job, Jobs

if TYPE_CHECKING:
    from viewr.imaging.deidentify import Statement
    from viewr.imaging.series_tags import SeriesTags
    from viewr.model.progress import Progress
    from viewr.model.volume import Volume

PAGES = ("Tags", "Differences", "Still personal", "Burned-in text")
_HEADERS = (("Tag", "Name", "VR", "Value"), ("Name", "Values", "Different values"),
            ("Tag", "Name", "Profile", "Sure", "Files", "Value"))  # fmt: skip
_BURNED = ("The brightest value of each pixel over all pictures: text that is burned in stands still and shows. "
           "Nothing to be seen here is no proof.")
_COVERED = "The picture is covered. Choose “Show personal values” to see it."
_FEW_VALUES = 12


def open_tag_browser(volume: Volume, scan: str, parent: QWidget | None = None) -> TagBrowser:
    """A window of its own beside the work; closes with it."""
    browser = TagBrowser(volume, scan, parent)
    browser.show()
    return browser


class TagBrowser(QWidget):
    """The window.

    Attributes
    ----------
    tables : list of QTableView
        Of the first three pages.
    """

    def __init__(self, volume: Volume, scan: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("tagBrowser")
        self.setWindowTitle(f"Tags of {scan}")
        resize_within_screen(self, 900, 600)
        self.tables: list[QTableView] = []
        self._models: list[TagModel] = []
        self._searches: list[Search] = []
        self._volume: Volume | None = volume
        self._build()
        self._jobs = Jobs(2, self)
        self._read(volume)

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        row = nested_row(column)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search tags, names and values")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search")
        self.search.textChanged.connect(self._look_for)
        self.personal = QCheckBox("Show personal values", self)
        self.personal.setToolTip("Uncover what the basic profile of DICOM PS3.15 would remove or replace")
        self.personal.toggled.connect(self._show_personal)
        row.addWidget(self.search, 1)
        row.addWidget(self.personal)
        self.status = QLabel("Reading …", self)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setWordWrap(True)
        self.status.setObjectName("quiet")
        column.addWidget(self.status)
        column.addWidget(self._make_pages(), 1)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)

    def _make_pages(self) -> QTabWidget:
        self.pages = QTabWidget(self)
        for name, headers in zip(PAGES, _HEADERS, strict=False):
            self.pages.addTab(self._make_table(name, headers), name)
        page = QWidget(self.pages)
        column = QVBoxLayout(page)
        words = QLabel(_BURNED, page)
        words.setWordWrap(True)
        self.picture = Picture(page)
        column.addWidget(words)
        column.addWidget(self.picture, 1)
        self.pages.addTab(page, PAGES[3])
        self.pages.currentChanged.connect(self._show_status)
        return self.pages

    def _make_table(self, name: str, headers: Sequence[str]) -> QTableView:
        model = TagModel(headers, self)
        search = Search(model, self)
        table = QTableView(self.pages)
        table.setModel(search)
        table.setAccessibleName(name)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._models.append(model)
        self._searches.append(search)
        self.tables.append(table)
        return table

    # --- what is shown -----------------------------------------------------------------------------------------

    def _read(self, volume: Volume) -> None:
        """The first file alone, so that there is something to look at, then all."""
        self._files = [Path(file) for file in volume.files]
        self._status_texts: tuple[str, ...] = ("Reading …",) * len(PAGES)
        self._start(self._files[:1]).done.connect(self._on_first)

    def _start(self, files: list[Path]) -> Job:
        from viewr.imaging.series_tags import read_series_tags

        job = self._jobs.start(read_series_tags, files)
        job.failed.connect(self._on_failed)
        return job

    def _on_first(self, tags: SeriesTags) -> None:
        self._show_rows(tags)
        if len(self._files) < 2:
            self._on_tags(tags)
            return
        job = self._start(self._files)
        job.progressed.connect(self._on_progress)
        job.done.connect(self._on_tags)

    def _on_progress(self, done: int, total: int) -> None:
        self.status.setText(f"Reading {done} of {total} files …")

    def _on_failed(self, error: BaseException) -> None:
        self._status_texts = (" ".join(error_text(error)).strip(),) * 3 + ("",)
        self._show_status()

    def _show_rows(self, tags: SeriesTags) -> None:
        self._models[0].set_rows([
            Row((row.tag, _indented(row.path, row.name), row.vr, row.value), row.personal) for row in tags.rows])
        _fit_columns(self.tables[0])

    def _on_tags(self, tags: SeriesTags) -> None:
        self._show_rows(tags)
        self._models[1].set_rows([
            Row((entry.name, str(len(entry.values)), _few(entry.values)), entry.personal) for entry in tags.differing])
        self._models[2].set_rows(_finding_rows(tags))
        self._status_texts = _sentences(tags)
        for table in self.tables[1:]:
            _fit_columns(table)
        self._show_status()

    def _show_status(self, _page: int = 0) -> None:
        self.status.setText(self._status_texts[self.pages.currentIndex()])
        self.status.setVisible(bool(self.status.text()))
        self.search.setEnabled(self.pages.currentIndex() < len(self.tables))
        if self.pages.currentIndex() == len(self.tables):
            self._make_picture()

    def _make_picture(self) -> None:
        """The maximum over all pictures, once, and only when its page is looked at uncovered."""
        if self._volume is None or not self.personal.isChecked():
            return
        volume, self._volume = self._volume, None
        self.picture.say("Working …")
        job = self._jobs.start(_maximum, volume)
        job.done.connect(partial(self.picture.show_image, volume.spacing[1] / volume.spacing[0]))
        job.failed.connect(self._on_no_picture)

    def _on_no_picture(self, error: BaseException) -> None:
        self.picture.say(" ".join(error_text(error)).strip())

    # --- what the reader does ----------------------------------------------------------------------------------

    def _look_for(self, text: str) -> None:
        for search in self._searches:
            search.look_for(text)

    def _show_personal(self, wanted: bool) -> None:
        for model in self._models:
            model.show_personal(wanted)
        self._look_for(self.search.text())
        self.picture.uncover(wanted)
        self._show_status()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._jobs.shut_down()
        super().closeEvent(event)


class Picture(QWidget):
    """A picture as large as fits, or a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.words = _COVERED
        self._covered, self._aspect = True, 1.0
        self.setMinimumSize(QSize(120, 100))
        self.setAccessibleName("Brightest values of all pictures")

    def say(self, words: str) -> None:
        self.words = words
        self.update()

    def uncover(self, wanted: bool) -> None:
        """Cover or uncover the picture."""
        self._covered = not wanted
        self.update()

    def show_image(self, aspect: float, image: QImage) -> None:
        """Show a picture whose pixels are `aspect` times as high as wide."""
        self.image, self._aspect = image, aspect
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._covered or self.image.isNull():
            words = _COVERED if self._covered else self.words
            painter.setPen(self.palette().windowText().color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), words)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._place(), self.image)
        painter.end()

    def _place(self) -> QRectF:
        width, height = self.image.width(), self.image.height() * self._aspect
        scale = min(self.width() / width, self.height() / height)
        rect = QRectF(0, 0, width * scale, height * scale)
        rect.moveCenter(QRectF(self.rect()).center())
        return rect


def _maximum(volume: Volume, _progress: Progress) -> QImage:
    """The maximum over all pictures in the volume's own window; (i, j) becomes rows of columns."""
    import numpy as np

    from viewr.imaging.deidentify import maximum_picture
    from viewr.imaging.window import auto_window, default_window
    from viewr.render.shade import colour_window, paint_palette, rgb_pixels, window_pixels

    values = maximum_picture(volume).swapaxes(0, 1)
    if values.ndim == 3:
        pixels = rgb_pixels(colour_window(values, auto_window(values)))
    else:
        window = default_window(volume) if volume.windows else auto_window(values)
        pixels = window_pixels(np.ascontiguousarray(values), window, volume.inverted, "grey")
        if volume.palette is not None:
            paint_palette(pixels, values, volume.palette)
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGB32).copy()


def _indented(path: str, name: str) -> str:
    return "    " * path.count("].") + name


def _finding_rows(tags: SeriesTags) -> list[Row]:
    """One row for each element, whatever different values the files hold."""
    groups: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for found, count in tags.findings:
        name = found.name if found.path.count(".") == 0 else _readable(found.path)
        key = (found.tag, name, found.action, "yes" if found.certain else "maybe")
        groups.setdefault(key, []).append((found.value, count))
    return [Row((*key, f"{sum(count for _, count in held)} of {tags.files}", _few([value for value, _ in held])), True)
            for key, held in groups.items()]  # fmt: skip


def _readable(path: str) -> str:
    return path.replace("[", " ").replace("].", " › ")


def _few(values: Sequence[str]) -> str:
    """The distinct values in one line; of many only the first."""
    more = f"  … and {len(values) - _FEW_VALUES} more" if len(values) > _FEW_VALUES else ""
    return "  |  ".join(values[:_FEW_VALUES]) + more


def _sentences(tags: SeriesTags) -> tuple[str, ...]:
    """What stands above each page."""
    files = f"{tags.files} files" if tags.files > 1 else "One file"
    broken = f", {tags.unreadable} of them without readable tags" if tags.unreadable else ""
    sure = sum(found.certain for found, _ in tags.findings)
    return (
        f"{files}{broken}. The elements of the first are shown.",
        f"{len(tags.differing)} elements are not the same in all of {files.lower()}.",
        f"{sure} values that the basic profile of DICOM PS3.15 would remove or replace, and "
        f"{len(tags.findings) - sure} that may have been replaced already. {_said(tags.said)}",
        _burned_in(tags.said),
    )


def _said(said: Statement) -> str:
    if not said.identity_removed:
        return "The files say nothing of their own de-identification."
    return f"The files say of themselves that identity was removed: {said.identity_removed.lower()}."


def _burned_in(said: Statement) -> str:
    if not said.burned_in:
        return "The files do not say whether text is burned in."
    return f"The files say of themselves that text is burned in: {said.burned_in.lower()}."


def _fit_columns(table: QTableView) -> None:
    """Columns as wide as their texts, none so wide that the values leave the window."""
    header: Any = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.resizeColumnsToContents()
    for column in range(header.count() - 1):
        header.resizeSection(column, min(header.sectionSize(column), 28 * table.fontMetrics().averageCharWidth() + 40))
