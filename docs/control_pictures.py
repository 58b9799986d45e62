"""Draws each control of the form, and each of our extensions, off screen: the pictures of `templates.md`.

Run as `python docs/control_pictures.py PICTURE_FOLDER`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import yaml
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from viewr.forms.form import Form
from viewr.model.annotation import Annotation, Drawn, with_drawing
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.state import State
from viewr.model.template import Context, load_template
from viewr.model.template_values import initial_answers
from viewr.widgets.style import apply_style
from viewr.workspace.document import Document

WIDTH = 420
EXAMPLES = Path(__file__).parent / "controls.yaml"
SQUARE = ((0.0, 0.0, 5.0), (24.0, 0.0, 5.0), (24.0, 31.0, 5.0), (0.0, 31.0, 5.0))

#: Name of the picture -> what is drawn for its fields.
DRAWINGS: dict[str, dict[str, tuple[Drawn, ...]]] = {
    "MarkerEdit": {"bleeds": (Marker((12.1, -4.0, 31.5), type=0, id=1), Marker((-22.0, 14.5, 40.0), type=1, id=2))},
    "MarkerView": {"seen": (Marker((12.1, -4.0, 31.5), type=0, id=1), Marker((-22.0, 14.5, 40.0), type=1, id=2))},
    "Landmarks": {"marks": (Marker((0.4, -1.2, 3.0), name="AC", type=0, id=1),)},
    "CSOEdit": {"organs": (Contour(1, SQUARE, SQUARE, (0, 0, 5), (0, 0, 1), label="upper part"),)},
    "ListingWidget": {"lesions/r1/where": (Marker((12.1, -4.0, 31.5), id=1),)},
}  # fmt: skip


def examples() -> dict[str, Context]:
    """The fields of each picture."""
    held = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return {name: _context(fields) for name, fields in held.items()}


def _context(fields: dict[str, Any]) -> Context:
    whole = {"template_name": "example", "sop": "", "viewports": [], "scans": {}, "annotations": None,
             "qa_fields": fields}  # fmt: skip
    template = load_template(yaml.safe_dump(whole, sort_keys=False))
    assert not template.problems, template.problems
    return template.contexts[0]


def draw(name: str, context: Context) -> QImage:
    """The form of one example, as high as it needs."""
    document = Document(State(Annotation({"default": initial_answers(context)})))
    for path, drawn in DRAWINGS.get(name, {}).items():
        document.edit("Draw", partial(with_drawing, key=("default", path), drawn=drawn))
    form = Form(document, context, user="reader1")
    form.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    form.build_all()
    form.resize(WIDTH, 2000)
    form.show()
    _choose(name, form)
    _wait(120)
    height = form.grid.heightForWidth(form.grid.width()) + 24
    picture = form.grab().toImage().copy(0, 0, WIDTH, height)
    form.close()
    document.retire()
    return picture.convertToFormat(QImage.Format.Format_RGB32)


def _choose(name: str, form: Form) -> None:
    for path in ("organs", "bleeds"):
        if name in ("CSOEdit", "MarkerEdit") and path in (control.path for control in form.controls()):
            form.control(path).choose(0)  # type: ignore[attr-defined]


def _wait(milliseconds: int) -> None:
    waiting = QEventLoop()
    QTimer.singleShot(milliseconds, waiting.quit)
    waiting.exec()


def main(out: Path) -> int:
    """Save the pictures; 0."""
    out.mkdir(parents=True, exist_ok=True)
    application = QApplication(["pictures"])
    apply_style(application, "light")
    for name, context in examples().items():
        draw(name, context).save(str(out / f"{name}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
