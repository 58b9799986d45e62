"""A document with volumes and viewports over it, and a mouse."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.template import AnnotationSpec, Context, Field, Group, Preset, Template, Viewport
from viewr.model.volume import Volume, Window
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

LABELS = (Label(1, "Lesion", opacity=1.0), Label(2, "Edema", colour=(0, 0, 255), opacity=1.0))
FIELDS = (
    Field("points", "MarkerEdit", groups=(Group("a", color=(0, 255, 0), marker_size=9),), extra={"max_number": 2}),
    Field("outline", "CSOEdit"),
    Field("rows", "ListingWidget", children=(Field("where", "MarkerEdit", groups=(Group("b"),)),)),
)


def volume(
    shape: tuple[int, int, int] = (40, 40, 20), spacing: tuple[float, float, float] = (1, 1, 2), frame: str = "1.2",
    **fields: object,
) -> Volume:  # fmt: skip
    """Voxel (i, j, k) holds 100 k; the origin in the middle of voxel (0, 0, 0)."""
    array = np.zeros(shape, np.int16, order="F")
    array += (100 * np.arange(shape[2], dtype=np.int16))[None, None, :]
    values = {"modality": "CT", "unit": "HU", "windows": (Window(2000, 1000, "Stored"),), **fields}
    return Volume(array, Grid(shape, np.diag([*spacing, 1.0]), frame_of_reference=frame), **values)  # type: ignore


def viewport(name: str, orientation: str = "Transversal", **fields: object) -> Viewport:
    values = {"scan": "CT", "annotation": "lab", "linked": True, **fields}
    return Viewport(name, orientation=orientation, **values)  # type: ignore[arg-type]


def template(*viewports: Viewport, presets: tuple[Preset, ...] = (), link: bool = False) -> Template:
    context = Context("default", viewports=viewports, fields=FIELDS, annotations=(AnnotationSpec("lab", True, LABELS),))
    return Template("test", (context,), presets=presets, link_localizers=link)


def views(qtbot, *viewports: Viewport, size: tuple[int, int] = (400, 400), **fields: object) -> ViewportGrid:
    """Viewports on a screen, over a CT of 40 x 40 x 20 with an empty label map."""
    document = Document()
    grid = ViewportGrid(document, template(*viewports, **fields), "default")  # type: ignore[arg-type]
    qtbot.addWidget(grid)
    grid.resize(*size)
    grid.show()
    qtbot.waitExposed(grid)
    scan = volume()
    document.add_volume(("default", "CT"), scan)
    document.add_labelmap(("default", "lab"), empty_labelmap(scan.grid, LABELS))
    QApplication.processEvents()
    return grid


def one(grid: ViewportGrid, name: str = "a") -> SliceViewport:
    return grid.viewports["default", name]


def shown(view: SliceViewport) -> int:
    """Voxel index of the slice that a viewport shows."""
    assert view.scene is not None
    assert view.scene.stack.voxels is not None
    return int(view.scene.stack.voxels[view.scene.index])


def at(view: SliceViewport, *lps: float) -> QPoint:
    """Where a place of the patient is in a viewport."""
    assert view.scene is not None
    x, y = view.scene.to_xy((lps[0], lps[1], lps[2]))
    return QPoint(round(x - 0.5), round(y - 0.5))


def drag(
    view: SliceViewport, *places: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton, release: bool = True
) -> None:
    QTest.mousePress(view, button, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        move(view, place, button)
    if release:
        QTest.mouseRelease(view, button, Qt.KeyboardModifier.NoModifier, places[-1])
    QApplication.processEvents()


def move(
    view: SliceViewport, place: QPoint, buttons: Qt.MouseButton = Qt.MouseButton.NoButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:  # fmt: skip
    """A move of the mouse, with the buttons that are down."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    point = QPointF(place)
    event = QMouseEvent(QEvent.Type.MouseMove, point, view.mapToGlobal(point), Qt.MouseButton.NoButton, buttons,
                        modifiers)  # fmt: skip
    QApplication.sendEvent(view, event)


def wheel(
    view: SliceViewport, delta: int, place: QPoint | None = None,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:  # fmt: skip
    point = QPointF(place or view.rect().center())
    event = QWheelEvent(point, view.mapToGlobal(point), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, modifiers,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(view, event)


def press(view: SliceViewport, key: Qt.Key) -> None:
    QTest.keyClick(view, key)
    QApplication.processEvents()
