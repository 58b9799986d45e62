"""A small document to work on, and a way to say all that it holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from viewr.model.annotation import Annotation, with_drawing
from viewr.model.answers import with_answer
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, Labelmap, empty_labelmap
from viewr.model.marker import Marker
from viewr.workspace.document import Document
from viewr.workspace.journal import annotation_to_json

KEY = ("default", "wml")
GRID = Grid((20, 16, 12), np.diag([-1.0, 1.0, 2.5, 1.0]), frame_of_reference="1.2.3")


def labelmap() -> Labelmap:
    return empty_labelmap(GRID, (Label(1, "WML"),))


def make_document() -> Document:
    return Document(labelmaps={KEY: labelmap()})


def say(document: Document, value: Any, *, path: str = "comment", merge: str = "") -> None:
    document.edit("Answer", lambda a: with_answer(a, "default", path, value), merge=merge)


def mark(document: Document, number: int) -> None:
    def placed(annotation: Annotation) -> Annotation:
        key = ("default", "spots")
        held = annotation.drawings.get(key, ())
        return with_drawing(annotation, key, (*held, Marker((number, 0.5, -1.0), id=number)))

    document.edit("Place marker", placed)


def paint(document: Document, i: int, value: int = 1) -> None:
    box = ((i, 2, 3), (i + 2, 5, 4))
    document.patch(KEY, box, np.full((2, 3, 1), value, np.uint8))


def contents(document: Document) -> dict[str, Any]:
    """State, voxels and undo stack, to be compared."""
    stack = document.stack
    return {
        "annotation": annotation_to_json(document.state.annotation),
        "voxels": {key: np.argwhere(held.array).tolist() for key, held in document.labelmaps.items()},
        "values": {key: held.array[held.array > 0].tolist() for key, held in document.labelmaps.items()},
        "undo": [stack.text(number) for number in range(stack.count())],
        "at": stack.index(),
    }
