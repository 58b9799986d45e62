"""What the tour's reader does with an open task: scroll, point, draw, answer, each by mouse and keys."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QTabBar, QWidget

from viewr.forms.base import Control
from viewr.forms.listing_widget import ListingWidget
from viewr.model.marker import Point
from viewr.tour.pilot import Pilot, PilotError
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.task_view import TaskView


class TourReader:
    """One task under the pilot's hands.

    Parameters
    ----------
    name : str
        Begins the names of the screenshots.
    """

    def __init__(self, pilot: Pilot, view: TaskView, name: str) -> None:
        self.pilot = pilot
        self.view = view
        self.name = name
        self.context = view.session.template.contexts[0].name

    def shot(self, step: str) -> None:
        self.pilot.shot(f"{self.name}-{step}")

    def look_at_first_picture(self) -> None:
        """Wait for the first slices, take a picture, then wait for the rest."""
        grid = self.view.grids[self.context]
        self.pilot.wait(lambda: any(port.scene is not None for port in grid.viewports.values()), "a first picture", 60)
        self.shot("opened")
        self.pilot.wait(lambda: self.view.session.is_ready, "all scans", 120)
        if self.view.session.failed:
            raise PilotError(f"Scans did not come: {list(self.view.session.failed)}.")
        self.pilot.pause(300)

    def use_context(self, context: str, tab: str) -> None:
        """Go to another context by its tab."""
        self.context = context
        for bar in self.view.findChildren(QTabBar):
            titles = [bar.tabText(index) for index in range(bar.count())]
            if bar.isVisible() and tab in titles:
                self.pilot.click(bar, bar.tabRect(titles.index(tab)).center())
                return
        raise PilotError(f"There is no tab '{tab}'.")

    # --- viewports ---------------------------------------------------------------------------------------------

    def viewport(self, name: str) -> SliceViewport:
        return self.view.grids[self.context].viewports[(self.context, name)]

    def tool_button(self, tool: str) -> QAbstractButton:
        """The button of a tool in the context's panel."""
        return self.view.panels[self.context].buttons[tool]

    def place(self, viewport: SliceViewport, point: Point) -> QPoint:
        """Where a patient position is in a viewport."""
        assert viewport.scene is not None
        x, y = viewport.scene.to_xy(point)
        at = QPoint(round(x), round(y))
        if not viewport.rect().contains(at):
            raise PilotError(f"The position {point} is not in the viewport '{viewport.key[1]}'.")
        return at

    def is_shown(self, viewport: SliceViewport, point: Point) -> bool:
        """Whether a patient position lies in the shown slice."""
        scene = viewport.scene
        return scene is not None and scene.stack.index_of(point) == scene.index

    def voxels(self, annotation: str) -> int:
        """How many voxels of an annotation are labelled."""
        return int(np.count_nonzero(self.view.session.document.labelmaps[(self.context, annotation)].array))

    def look_at_volume(self, viewport: SliceViewport, step: str, *keys: Qt.Key) -> None:
        """The scan of a viewport as a volume, after some keys; then the slices alone again."""
        self.pilot.click(viewport, button=Qt.MouseButton.MiddleButton)
        self.pilot.key(Qt.Key.Key_F11)
        place = self.view.grids[self.context].volume_place
        self.pilot.wait(lambda: place.view is not None and place.view.pictures.fine, "a volume", 60)
        assert place.view is not None
        for key in keys:
            self.pilot.key(key)
        place.view.pictures.fine = False
        place.view.pictures.settle()
        self.pilot.wait(lambda: place.view is not None and place.view.pictures.fine, "a finer volume", 60)
        self.shot(step)
        self.pilot.key(Qt.Key.Key_Escape)
        self.pilot.wait(lambda: place.view is None, "the slices alone")

    def page_to(self, viewport: SliceViewport, point: Point) -> None:
        """Turn the wheel, one notch a slice, until the slice of a patient position is shown."""
        for _ in range(600):
            assert viewport.scene is not None
            notches = viewport.scene.stack.index_of(point) - viewport.scene.index
            if notches == 0:
                return
            self.pilot.wheel(viewport, -1 if notches > 0 else 1)
        raise PilotError(f"The wheel does not reach the slice of {point}.")

    def page_through(self, viewport: SliceViewport, step: int = 1) -> None:
        """The first slice, then on to the last with the keys."""
        self.pilot.click(viewport, button=Qt.MouseButton.MiddleButton)
        self.pilot.key(Qt.Key.Key_Home)
        assert viewport.scene is not None
        for _ in range(0, viewport.scene.stack.count - 1, step):
            self.pilot.key(Qt.Key.Key_Down)

    def circle(self, viewport: SliceViewport, center: Point, radius_mm: float, number: int) -> list[QPoint]:
        """Places on a circle in the shown plane."""
        assert viewport.scene is not None
        middle, reach = self.place(viewport, center), radius_mm / viewport.scene.mm_per_pixel
        angles = [2 * math.pi * index / number for index in range(number)]
        return [middle + QPoint(round(reach * math.cos(a)), round(reach * math.sin(a))) for a in angles]

    def polygon(self, viewport: SliceViewport, places: Sequence[QPoint]) -> None:
        """Click the corners of a polygon, the last with a double click."""
        for at in places[:-1]:
            self.pilot.click(viewport, at)
        self.pilot.double_click(viewport, places[-1])

    # --- the form ----------------------------------------------------------------------------------------------

    def control(self, path: str) -> Control:
        """The control of a field, brought into view."""
        form = self.view.forms[self.context]
        form.show_field(path)
        self.pilot.pause(30)
        return form.control(path)

    def press(self, path: str, text: str) -> None:
        """Press a button of a control, named by its text."""
        self.pilot.click(self.pilot.find(QPushButton, text, self.control(path)))

    def choose(self, path: str, option: object) -> None:
        """Answer a combo box by its keys, or radio buttons by a click."""
        control = self.control(path)
        boxes = control.findChildren(QComboBox)
        if not boxes:
            self.pilot.click(control.button(option))  # type: ignore[attr-defined]
            return
        box = boxes[0]
        wanted = box.findText(str(option))
        if wanted < 0:
            raise PilotError(f"The field '{path}' does not offer '{option}'.")
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        self.pilot.key(Qt.Key.Key_Home)
        for _ in range(wanted):
            self.pilot.key(Qt.Key.Key_Down)

    def check(self, path: str) -> None:
        control = self.control(path)
        buttons = [button for button in control.findChildren(QAbstractButton) if button.isCheckable()]
        self.pilot.click(buttons[0])

    def write(self, path: str, text: str) -> None:
        """Type into a field."""
        control = self.control(path)
        parts: list[QWidget] = [*control.findChildren(QLineEdit), *control.findChildren(QPlainTextEdit)]
        if not parts:
            raise PilotError(f"The field '{path}' takes no text.")
        self.pilot.type(parts[0], text)

    def add_row(self, listing: str) -> str:
        """Add a row to a listing; gives the path of the row."""
        self.press(listing, "Add")
        return f"{listing}/{self.row(listing)}"

    def row(self, listing: str) -> str:
        """Id of the chosen row."""
        control = self.control(listing)
        assert isinstance(control, ListingWidget)
        return control.current_row

    def choose_row(self, listing: str, index: int) -> str:
        """Choose a row by a click; gives its path."""
        control = self.control(listing)
        assert isinstance(control, ListingWidget)
        area = control.table.visualRect(control.table.model().index(index, 0))
        self.pilot.click(control.table.viewport(), area.center())
        return f"{listing}/{control.current_row}"
