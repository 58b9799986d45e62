"""Distances dragged by the mouse from one bright spot of the picture to another: true to half a pixel of the screen.

Where the spots are on the screen is found in the picture itself, so that nothing of the program is taken on trust.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import one, press, viewport
from viewr.model.geometry import Grid
from viewr.model.measure import MEASURES
from viewr.model.reformat import from_plane
from viewr.model.template import Context, Template
from viewr.model.volume import Volume, Window
from viewr.widgets.renderers import Renderers
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

SIGMA = 2.2
#: mm right and down of the middle of the picture.
SPOTS = ((-11.3, -7.9), (12.7, 8.45))


def about(axis: int, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    a, b = (n for n in range(3) if n != axis)
    turn = np.eye(3)
    turn[a, a], turn[a, b], turn[b, a], turn[b, b] = cos, -sin, sin, cos
    return turn


def affine(directions: np.ndarray, spacing: tuple[float, float, float], shape: tuple[int, int, int]) -> np.ndarray:
    made = np.eye(4)
    made[:3, :3] = directions * spacing
    made[:3, 3] = np.array([7.0, -13.0, 21.0]) - made[:3, :3] @ (np.array(shape) - 1) / 2
    return made


TILTED = np.stack([(1, 0, 0), (0, 1, 0), (0, np.sin(np.radians(18.5)), np.cos(np.radians(18.5)))], axis=1)
#: Directions of the columns, rows and slices; mm between voxels.
GRIDS = {
    "square": (np.eye(3), (0.8, 0.8, 0.8)),
    "not square": (np.eye(3), (0.5, 0.9, 1.4)),
    "tilted gantry": (TILTED, (0.7, 0.7, 1.4)),
    "turned": (about(2, 24) @ about(0, -17), (0.6, 0.9, 1.3)),
    "left-handed": (np.diag([-1.0, 1, 1]) @ about(1, 9), (0.6, 0.9, 1.5)),
}


def scan(name: str) -> Volume:
    directions, spacing = GRIDS[name]
    shape = tuple(round(60 / size) for size in spacing)
    grid = Grid(shape, affine(directions, spacing, shape), frame_of_reference="1.2")
    return Volume(np.zeros(shape, np.float32, order="F"), grid, "MR", windows=(Window(1000, 500),))


def spotted(volume: Volume, places_lps: np.ndarray) -> Volume:
    """Soft round spots about places of the patient."""
    index = np.stack(np.meshgrid(*map(np.arange, volume.grid.shape), indexing="ij"), axis=-1)
    voxels = index @ volume.grid.affine[:3, :3].T + volume.grid.affine[:3, 3]
    near = [((voxels - place) ** 2).sum(axis=-1) for place in places_lps]
    values = sum(1000 * np.exp(-square / (2 * SIGMA**2)) for square in near)
    return replace(volume, array=np.asfortranarray(values, np.float32))


@pytest.fixture
def make(qtbot, monkeypatch):
    made: list[Renderers] = []
    kept = []

    def build(name: str, orientation: str, choice: str, ratio: float) -> SliceViewport:
        monkeypatch.setattr(SliceViewport, "devicePixelRatioF", lambda _self: ratio)
        made.append(Renderers(choice))
        plain = Template("t", (Context("default", viewports=(viewport("a", orientation, annotation=""),)),))
        grid = ViewportGrid(Document(), plain, "default", renderers=made[-1])
        qtbot.addWidget(grid)
        kept.append(grid)
        grid.resize(340, 300)
        grid.show()
        grid.document.add_volume(("default", "CT"), scan(name))
        grid.document.look(strip=False, crosshair=False)
        view = one(grid)
        view.look_at(interpolation="cubic")
        QApplication.processEvents()
        return view

    yield build
    for renderers in made:
        renderers.close()


def put_spots(view: SliceViewport) -> float:
    """Two spots on the plane that is shown; the mm between them."""
    plane = view.scene.view.plane
    places = np.array([plane.center + x * plane.right + y * plane.down for x, y in SPOTS])
    view.document.add_volume(("default", "CT"), spotted(view.scene.volume, places))
    QApplication.processEvents()
    return float(np.linalg.norm(places[1] - places[0]))


def found_spots(view: SliceViewport, reach: float) -> list[QPointF]:
    """Middles of the spots, in pixels of the widget, as the picture shows them."""
    image = view.picture
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    levels = (flat[:, : image.width()] & 255).astype(float)
    rows, columns = np.indices(levels.shape)
    spots = []
    for _ in range(2):
        y, x = (float(part) for part in np.unravel_index(int(levels.argmax()), levels.shape))
        assert levels[round(y), round(x)] > 200
        for _ in range(6):  # the middle of what is near the middle
            near = np.where((rows - y) ** 2 + (columns - x) ** 2 < reach**2, levels, 0)
            y, x = float((rows * near).sum() / near.sum()), float((columns * near).sum() / near.sum())
        spots.append(QPointF(x, y) / view.scene.scale)
        levels[(rows - y) ** 2 + (columns - x) ** 2 < reach**2] = 0
    return sorted(spots, key=QPointF.x)


def drag_exactly(view: SliceViewport, start: QPointF, end: QPointF) -> None:
    """As a mouse of a fine screen does: between whole logical pixels too."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, place, button, held in (
        (QEvent.Type.MouseButtonPress, start, left, left), (QEvent.Type.MouseMove, (start + end) / 2, none, left),
        (QEvent.Type.MouseMove, end, none, left), (QEvent.Type.MouseButtonRelease, end, left, none),
    ):  # fmt: skip
        event = QMouseEvent(kind, place, view.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view, event)


def assert_true(view: SliceViewport) -> None:
    expected = put_spots(view)
    reach = 2.6 * SIGMA / view.scene.view.mm_per_pixel
    press(view, Qt.Key.Key_D)
    drag_exactly(view, *found_spots(view, reach))
    (measure,) = view.document.state.annotation.drawings["default", MEASURES]
    assert measure.values[0].unit == "mm"
    assert measure.values[0].number == pytest.approx(expected, abs=0.5 * view.scene.view.mm_per_pixel)


@pytest.mark.parametrize("choice", ["cpu", "gl"])
@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
@pytest.mark.parametrize("name", GRIDS)
def test_on_every_grid_and_orientation(make, name, orientation, choice):
    assert_true(make(name, orientation, choice, 1.0))


@pytest.mark.parametrize("choice", ["cpu", "gl"])
@pytest.mark.parametrize("fields", [
    {"mm_per_pixel": 0.14}, {"mm_per_pixel": 0.31, "pan_mm": (9.3, -14.2)}, {"turned": 1}, {"flipped": True},
    {"turned": 3, "flipped": True, "mm_per_pixel": 0.17, "pan_mm": (-5.1, 3.3)}, {"anatomical": True},
    {"projection": "max", "slab_slices": 3},
])  # fmt: skip
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_zoomed_panned_turned_and_on_fine_screens(make, fields, ratio, choice):
    view = make("turned", "Coronal", choice, ratio)
    view.look_at(**fields)
    assert_true(view)


@pytest.mark.parametrize("choice", ["cpu", "gl"])
@pytest.mark.parametrize("name", ["not square", "tilted gantry", "left-handed"])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_on_double_oblique_planes(make, name, ratio, choice):
    view = make(name, "Sagittal", choice, ratio)
    axes = from_plane(view.scene.view.plane, "Sagittal").turned((0.0, 0.6, 0.8), 0.5).turned((1.0, 0.0, 0.0), -0.4)
    view.document.look(axes={"default": axes})
    assert view.scene.stack.oblique
    assert_true(view)


@pytest.mark.parametrize("turned", [0, 1])
@pytest.mark.parametrize("name", ["not square", "tilted gantry", "turned", "left-handed"])
def test_areas_of_ellipses_are_true_on_every_grid(make, name, turned):
    view = make(name, "Coronal", "cpu", 1.0)
    put_spots(view)
    view.look_at(turned=turned)
    press(view, Qt.Key.Key_O)
    drag_exactly(view, *found_spots(view, 2.6 * SIGMA / view.scene.view.mm_per_pixel))
    (measure,) = view.document.state.annotation.drawings["default", MEASURES]
    area = next(value for value in measure.values if value.name == "Area")
    wide, tall = (abs(a - b) for a, b in zip(*SPOTS, strict=True))
    half_pixel = 0.5 * view.scene.view.mm_per_pixel
    assert area.unit == "mm²"
    assert area.number == pytest.approx(np.pi / 4 * wide * tall, abs=np.pi / 4 * (wide + tall) * half_pixel)
