"""A hot spot laid over another scan is painted where it lies in the patient, to half a pixel; by both renderers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from tests.widgets.test_true_distances import about, affine, spotted
from tests.widgets.viewing import one, viewport
from viewr.model.geometry import Grid
from viewr.model.template import Context, Template
from viewr.model.volume import Volume, Window
from viewr.widgets.renderers import Renderers
from viewr.widgets.slice_view_display import lay_over
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

#: Patient position of the spot, LPS mm; the middle of the scans is (7, -13, 21).
PLACE = (12.4, -17.9, 25.3)


def scan(modality: str, directions: np.ndarray, spacing: tuple[float, float, float], frame: str) -> Volume:
    shape = tuple(round(70 / size) for size in spacing)
    grid = Grid(shape, affine(directions, spacing, shape), frame_of_reference=frame)
    return Volume(np.zeros(shape, np.float32, order="F"), grid, modality, windows=(Window(1000, 500),))


@pytest.fixture(params=["cpu", "gl"])
def make(qtbot, request):
    renderers, kept = Renderers(request.param), []

    def build(orientation: str, frame: str = "1.2"):
        plain = Template("t", (Context("default", viewports=(viewport("a", orientation, annotation=""),)),))
        grid = ViewportGrid(Document(), plain, "default", renderers=renderers)
        qtbot.addWidget(grid)
        kept.append(grid)
        grid.resize(330, 300)
        grid.show()
        grid.document.look(strip=False)
        grid.document.add_volume(("default", "CT"), scan("CT", about(0, -17), (0.7, 0.9, 1.1), "1.2"))
        hot = spotted(scan("PT", about(2, 33) @ about(1, 12), (1.5, 1.1, 2.1), frame), np.array([PLACE]))
        grid.document.add_volume(("default", "PET"), hot)
        view = one(grid)
        lay_over(view, "PET")
        QApplication.processEvents()
        return view

    yield build
    renderers.close()


def hottest(view) -> tuple[float, float, float]:
    """Patient position of the middle of what is red."""
    image = view.picture
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    red = (flat[:, : image.width()] >> 16 & 255).astype(float)
    assert red.max() > 60
    rows, columns = np.indices(red.shape)
    middle = QPointF(float((columns * red).sum() / red.sum()), float((rows * red).sum() / red.sum()))
    return view.scene.under(middle / view.scene.scale)


@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
def test_in_every_orientation(make, orientation):
    view = make(orientation)
    view.move_to(PLACE)
    apart = np.subtract(hottest(view), PLACE)
    plane = view.scene.view.plane
    assert np.abs([apart @ plane.right, apart @ plane.down]).max() < 0.5 * view.scene.mm_per_pixel


def test_after_an_alignment_by_hand(make):
    view = make("Coronal", frame="9.9")
    assert view.scene.view.fused == ()
    # the reader found: what is at (0, 0, 0) in the CT is at (4, -3, 6) in the PET
    view.document.look(aligned={("default", "1.2", "9.9"): (4.0, -3.0, 6.0)})
    wanted = np.array([8.4, -14.9, 19.3])
    view.move_to(tuple(wanted))
    apart = np.subtract(hottest(view), wanted)
    plane = view.scene.view.plane
    assert np.abs([apart @ plane.right, apart @ plane.down]).max() < 0.5 * view.scene.mm_per_pixel
