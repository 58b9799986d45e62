"""A session answered from top to bottom, and its results as they stand in the archive."""

from __future__ import annotations

import re

import numpy as np

from tests.workspace.lab import Lab
from tests.workspace.made import say
from viewr.model.annotation import Annotation, with_drawing
from viewr.model.answers import with_row
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.workspace.task_session import TaskSession

MAP = ("default", "wml")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


def answer_everything(session: TaskSession) -> None:
    document = session.document
    say(document, "two of them")
    say(document, 2, path="grade")

    def drawn(annotation: Annotation) -> Annotation:
        for number, kind in ((1, "deep"), (2, "cortical")):
            row = {"kind": kind, "where": []}
            annotation = with_row(annotation, "default", "lesions", row, f"r{number}")
            marker = Marker((1.5 * number, -2.0, -30.25), type=0, id=7, scan="FLAIR")
            annotation = with_drawing(annotation, ("default", f"lesions/r{number}/where"), (marker,))
        square = ((0.0, 0.0, -35.0), (4.0, 0.0, -35.0), (4.0, 4.0, -35.0))
        contour = Contour(3, square, square, square[0], (0.0, 0.0, 1.0), label="liver")
        return with_drawing(annotation, ("default", "organ"), (contour,))

    document.edit("Everything", drawn)
    document.patch(MAP, ((2, 3, 4), (4, 6, 5)), np.full((2, 3, 1), 300, np.uint16))
    document.patch(MAP, ((0, 0, 0), (1, 1, 1)), np.ones((1, 1, 1), np.uint16))


def result(lab: Lab, label: str, pattern: str, scan: str = "") -> tuple[str, bytes]:
    """The one file whose name fits."""
    (name,) = [name for name in lab.names(label, scan) if re.fullmatch(pattern, name)]
    return name, lab.read(label, name, scan)
