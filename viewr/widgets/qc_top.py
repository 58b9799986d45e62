"""The bars above the pictures in quality control: how far one is, how fast, and what can be done with the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewr.forms.base import harmless_tip, plain_label
from viewr.workspace.qc_run import QcProgress

#: Milliseconds after which a wait is shown with a moving bar.
SLOW = 400


def count_text(progress: QcProgress) -> str:
    """How many cases are done, left and put aside."""
    later = f"  ·  {progress.later} later" if progress.later else ""
    return f"{progress.done} done  ·  {progress.left} left{later}"


def pace_text(progress: QcProgress) -> str:
    """Seconds a case, and how long the rest will take."""
    if progress.seconds_per_case <= 0:
        return ""
    seconds = progress.seconds_per_case
    pace = f"{seconds:.1f} s a case" if seconds < 10 else f"{seconds:.0f} s a case"
    return f"{pace}  ·  {time_text(seconds * progress.left)} left" if progress.left else pace


def time_text(seconds: float) -> str:
    """A length of time in the words of people."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


class ElidedLabel(QLabel):
    """Plain text that ends with dots where there is no room."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class QcTop(QWidget):
    """Two bars; the second one belongs to the contact sheets."""

    #: 1: more slices, -1: fewer
    number_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._case_bar())
        column.addWidget(self._sheet_bar())

    def _case_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("taskBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 5, 10, 5)
        self.leave = self._button("Task list", "End quality control; what is judged goes out (Ctrl+L)", bar)
        self.title = ElidedLabel("", bar)
        self.title.setObjectName("taskTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.counts = QLabel("", bar)
        self.counts.setAccessibleName("Progress")
        self.pace = QLabel("", bar)
        self.pace.setObjectName("quiet")
        self.back = self._button("Back (⌫)", "The verdict before again, to take it back or correct it (Backspace)", bar)
        self.later = self._button("Later", "Put this case aside without a verdict; it comes again at the end", bar)
        self.form = self._button("Form (Ctrl+E)", "The whole form of the template (Ctrl+E)", bar)
        self.form.setCheckable(True)
        self.sop = self._button("Procedure (F1)", "The study's procedure beside the pictures (F1)", bar)
        self.sop.setCheckable(True)
        row.addWidget(self.leave)
        row.addWidget(self.title, 1)
        for widget in (self.counts, self.pace, self.back, self.later, self.form, self.sop):
            row.addWidget(widget)
        row.setSpacing(8)
        return bar

    def _sheet_bar(self) -> QWidget:
        bar = self.sheet_bar = QWidget(self)
        bar.setObjectName("presetBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(6)
        self.full = self._small("Full view", "The viewports with all their tools; Esc brings the sheet back", bar)
        self.full.setCheckable(True)
        self.fewer = self._small("−", "Fewer slices, larger (-)", bar)
        self.number = QLabel("", bar)
        self.number.setObjectName("quiet")
        self.more = self._small("+", "More slices, smaller (+)", bar)
        self.fewer.clicked.connect(self._fewer)
        self.more.clicked.connect(self._more)
        self.plane = self._small("Plane", "Slices along another plane", bar)
        self.beside = self._small("Side by side", "All scans beside each other, or one at a time", bar)
        self.beside.setCheckable(True)
        self.hint = ElidedLabel("", bar)
        self.hint.setObjectName("quiet")
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for widget in (self.full, self.fewer, self.number, self.more, self.plane, self.beside):
            row.addWidget(widget)
        row.addWidget(self.hint, 1)
        self.absent = QLabel("", bar)
        self.absent.setObjectName("quiet")
        self.absent.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.absent)
        return bar

    def _button(self, text: str, tip: str, parent: QWidget) -> QPushButton:
        button = QPushButton(text, parent)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _small(self, text: str, tip: str, parent: QWidget) -> QPushButton:
        button = self._button(text, tip, parent)
        button.setProperty("role", "small")
        return button

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Print the keys of the commands on their buttons."""
        self.later.setText(f"Later ({keys['later'].upper()})")
        self.full.setText(f"Full view ({keys['full'].upper()} or Enter)")
        self.beside.setText(f"Side by side ({keys['beside'].upper()})")

    def show_case(self, title: str, *, several: bool, sop: bool) -> None:
        """Name the case."""
        self.title.setText(title)
        self.title.setToolTip(harmless_tip(title))
        self.beside.setVisible(several)
        self.sop.setVisible(sop)
        arrows = "← → other scan   " if several else ""
        self.hint.setText(f"{arrows}↑ ↓ scroll   rest on a slice to enlarge it, click to open it")

    def show_absent(self, scans: Sequence[str]) -> None:
        """Name scans that the session may lack, and lacks."""
        shown = ", ".join(scans[:2]) + (f" and {len(scans) - 2} more" if len(scans) > 2 else "")
        self.absent.setText(f"Not in this session: {shown}" if scans else "")
        self.absent.setToolTip("\n".join(scans))

    def show_sheet(self, shown: int, count: int, noun: str, plane: str, key: str) -> None:
        """Say how many slices (or frames) are shown, and in which plane."""
        noun = noun if count == 1 else f"{noun}s"
        text = f"{count} {noun}" if shown >= count else f"{shown} of {count} {noun}"
        self.number.setText(text if count else "")
        self.plane.setText(f"{plane} ({key.upper()})")

    def show_mode(self, full: bool, beside: bool) -> None:
        """Say whether viewports or sheets are shown, and all scans or one."""
        self.full.setChecked(full)
        self.beside.setChecked(beside)
        for part in (self.fewer, self.more, self.number, self.plane, self.hint):
            part.setEnabled(not full)

    def _fewer(self) -> None:
        self.number_changed.emit(-1)

    def _more(self) -> None:
        self.number_changed.emit(1)

    def show_progress(self, progress: QcProgress, can_go_back: bool) -> None:
        self.counts.setText(count_text(progress))
        self.pace.setText(pace_text(progress))
        self.pace.setVisible(bool(self.pace.text()))
        self.back.setEnabled(can_go_back)


class QcWaiting(QWidget):
    """Says what is waited for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        self.label = plain_label("", self)
        self.label.setObjectName("pageTitle")
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(320, 6)
        self.bar.hide()
        column.addStretch(1)
        column.addWidget(self.label)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self._slow = QTimer(self, singleShot=True, interval=SLOW)
        self._slow.timeout.connect(self.bar.show)

    def say(self, text: str) -> None:
        self.label.setText(text)
        self.bar.hide()
        self._slow.start()


class QcEnd(QWidget):
    """What was done, and the way back to the tasks."""

    leave_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        self.title = plain_label("", self)
        self.title.setObjectName("pageTitle")
        self.counts = QLabel("", self)
        self.pace = QLabel("", self)
        self.pace.setObjectName("quiet")
        for label in (self.title, self.counts, self.pace):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self.button = QPushButton("Task list", self)
        self.button.setObjectName("primary")
        self.button.clicked.connect(self.leave_requested)
        column.addStretch(1)
        for part in (self.title, self.counts, self.pace):
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def show_end(self, sentence: str, progress: QcProgress) -> None:
        self.title.setText(sentence)
        noun = "case" if progress.done == 1 else "cases"
        later = f", {progress.later} put aside for later" if progress.later else ""
        self.counts.setText(f"{progress.done} {noun} judged{later}.")
        pace = f"{progress.seconds_per_case:.1f} s a case, " if progress.seconds_per_case > 0 else ""
        self.pace.setText(f"{pace}{time_text(progress.elapsed)} in all. Back (⌫) corrects the last verdict.")
