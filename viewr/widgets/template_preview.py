"""A picture of what the reader of a template would see, made without servers, scans and screen."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from viewr.archive.folder import FolderArchive
from viewr.model.errors import ViewrError
from viewr.model.template import Template
from viewr.widgets.task_view import TaskView
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.task_session import TaskSession
from viewr.workspace.trial import placeholder, scan_modalities, trial_task

SIZE = (1600, 1000)


def save_preview(template: Template, label: str, out: Path, size: tuple[int, int] = SIZE) -> None:
    """Draw the window of an open task into a file; scans are placeholders.

    Parameters
    ----------
    label : str
        What the template is called.
    size : (int, int)
        Width and height in pixels.

    Raises
    ------
    ViewrError
        If the picture cannot be written.
    """
    jobs = Jobs(1)
    with tempfile.TemporaryDirectory(prefix="viewr-preview-") as temporary:
        folder = Path(temporary)
        session = TaskSession(
            trial_task(template, label), FolderArchive(folder), jobs, Folders(folder / "data", folder / "cache")
        )
        # A frame without a layout: windows with a least size make the platform without a screen complain.
        frame = QWidget()
        view = TaskView(session, frame)
        frame.resize(*size)
        view.resize(*size)
        _build(view)
        frame.show()
        _wait(300)
        saved = view.grab().save(str(out))
        session.close()
        frame.deleteLater()
        jobs.shut_down()
    if not saved:
        raise ViewrError(f"The picture '{out}' cannot be written.", "Name a file in a folder that exists, like a.png.")


def _build(view: TaskView) -> None:
    """Everything that a reader waits a moment for, at once."""
    session = view.session
    waiting = QEventLoop()
    view.built.connect(waiting.quit)
    session.start()
    view.build()
    waiting.exec()
    for key, modality in scan_modalities(session.template).items():
        session.document.add_volume(key, placeholder(modality))
    for form in view.forms.values():
        form.build_all()


def _wait(milliseconds: int) -> None:
    """Let the widgets find their places."""
    waiting = QEventLoop()
    QTimer.singleShot(milliseconds, waiting.quit)
    waiting.exec()
