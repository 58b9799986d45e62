"""A picture of what the reader of a template would see, made without servers, scans and screen."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from viewr.archive.base import ResourceRef, Scan
from viewr.archive.folder import FolderArchive
from viewr.model.annotation import Annotation
from viewr.model.errors import ViewrError
from viewr.model.geometry import Grid
from viewr.model.result import read_fields
from viewr.model.task import parse_content
from viewr.model.template import Template
from viewr.model.volume import Volume, Window
from viewr.widgets.task_view import TaskView
from viewr.workspace.document import ScanKey
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.opening import OpenedTask, TaskIdentity
from viewr.workspace.places import ScanTarget
from viewr.workspace.quality import with_scan_rows
from viewr.workspace.task_session import TaskSession

SIZE = (1600, 1000)
#: What stands in every viewport, so that nobody takes the picture for a patient's.
DESCRIPTION = "placeholder"


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
            _opened(template, label), FolderArchive(folder), jobs, Folders(folder / "data", folder / "cache")
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
    for context in session.template.contexts:
        for scan in context.scans:
            session.document.add_volume((context.name, scan.name), placeholder(scan.modality))
    for form in view.forms.values():
        form.build_all()


def _wait(milliseconds: int) -> None:
    """Let the widgets find their places."""
    waiting = QEventLoop()
    QTimer.singleShot(milliseconds, waiting.quit)
    waiting.exec()


def _opened(template: Template, label: str) -> OpenedTask:
    scans = {key: _target(key[1]) for key in _keys(template)}
    answers = {context.name: read_fields({}, context)[0] for context in template.contexts}
    identity = TaskIdentity("preview", "preview", "", "reader", label="preview")
    annotation = with_scan_rows(Annotation(answers), template, scans)
    return OpenedTask(identity, template, label, parse_content("{}"), "", annotation, {})


def _keys(template: Template) -> list[ScanKey]:
    return [(context.name, scan.name) for context in template.contexts for scan in context.scans]


def _target(name: str) -> ScanTarget:
    return ScanTarget(ResourceRef("", name, ""), Scan(name, name))


def placeholder(modality: str) -> Volume:
    """An egg of 192 x 240 x 160 mm with a grid of 20 mm inside: no anatomy, but sides can be told apart."""
    shape, spacing = (96, 120, 80), 2.0
    i, j, k = np.ogrid[: shape[0], : shape[1], : shape[2]]
    radius = ((i - 47.5) / 40) ** 2 + ((j - 55) / 52) ** 2 + ((k - 39.5) / 34) ** 2
    lines = (i % 10 == 3) | (j % 10 == 3) | (k % 10 == 3)
    array = np.where(radius < 1, 500 + 3 * i + 2 * j + k + 150 * lines, 0).astype(np.int16)
    corner = [-spacing * (n - 1) / 2 for n in shape]
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = corner
    return Volume(
        np.asfortranarray(array), Grid(shape, affine, frame_of_reference="1.2.840.0"), modality=modality,
        description=DESCRIPTION, windows=(Window(1800, 850),),
    )  # fmt: skip
