"""The controls of the volume view: the preset, how dense the scan is, and the faces of the clipping box."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QToolButton, QWidget

from viewr.forms.flow import FlowBox
from viewr.model.geometry import Grid, direction_letters
from viewr.render.volume_pick import ClipBox
from viewr.render.volume_presets import PRESETS
from viewr.widgets.volume_view_look import VolumeLook

#: Steps of a slider.
STEPS = 200
#: Slowest and fastest rotation, degrees a second.
SPEEDS = (10, 120)


class VolumeBar(QWidget):
    """The row of controls above the picture."""

    preset_chosen = Signal(str)
    strength_chosen = Signal(float)
    speed_chosen = Signal(float)

    def __init__(self, presets: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetBar")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(4)
        self.preset = QComboBox(self)
        self.preset.setToolTip("How values become light (1 to 9)")
        for name in presets:
            self.preset.addItem(PRESETS[name].title, name)
        self.preset.activated.connect(self._on_preset)
        flow = FlowBox(self, gap=4, line_gap=2)
        flow.add(self.preset)
        self.strength = self._slider("How dense the scan is; all the way to the left hides it", (0, 100))
        self.strength.valueChanged.connect(self._on_strength)
        flow.add(self._in_line(QLabel("Scan", self), self.strength))
        self.surfaces = self._button("Labels", "Show the surfaces of labels (G)", checkable=True)
        clip = "Cut away parts of the scan (C): drag the white handles of the box, or the sliders"
        self.clip = self._button("Clip", clip, checkable=True)
        self.play = self._button("Rotate", "Turn the patient slowly (Space)", checkable=True)
        self.speed = self._slider("How fast it turns", SPEEDS)
        self.speed.setMaximumWidth(70)
        self.speed.valueChanged.connect(self._on_speed)
        self.reset = self._button("Reset", "As at the start (0)")
        self._speed_part = self._in_line(self.speed)
        for part in (self.surfaces, self.clip, self.play, self._speed_part, self.reset):
            flow.add(part)
        row.addWidget(flow, 1)
        self.close_button = self._button("×", "Close the volume view (Esc)")
        self.close_button.setAccessibleName("Close the volume view")
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def show_look(self, look: VolumeLook) -> None:
        """Bring the controls to what is shown."""
        self.preset.setCurrentIndex(self.preset.findData(look.preset))
        values = round(100 * look.strength), round(look.degrees_per_second)
        for widget, value in zip((self.strength, self.speed), values, strict=True):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)
        self.surfaces.setChecked(look.surfaces_shown)
        self.play.setChecked(look.playing)
        self._speed_part.setVisible(look.playing)

    def _on_preset(self, index: int) -> None:
        self.preset_chosen.emit(self.preset.itemData(index))

    def _on_strength(self, value: int) -> None:
        self.strength_chosen.emit(value / 100)

    def _on_speed(self, value: int) -> None:
        self.speed_chosen.emit(float(value))

    def _button(self, text: str, tip: str, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _in_line(self, *parts: QWidget) -> QWidget:
        """Parts beside each other, at the height of the buttons' words."""
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(4, 4, 4, 4)
        for part in parts:
            row.addWidget(part)
        return line

    def _slider(self, tip: str, limits: tuple[int, int]) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(*limits)
        slider.setToolTip(tip)
        slider.setAccessibleName(tip)
        slider.setMinimumWidth(50)
        slider.setMaximumWidth(110)
        return slider


#: What the axes of a scan are called whose place in the patient is not known.
_AXES = ("column", "row", "slice")


def side_name(grid: Grid, axis: int, upper: bool, has_sides: bool) -> str:
    """The side of the scan at one end of an axis: letters of the patient, where it is known how it lay."""
    if not has_sides:
        return f"{'last' if upper else 'first'} {_AXES[axis]}"
    direction = grid.directions[:, axis]
    return direction_letters(direction if upper else -direction, 0.5)


class ClipPanel(QWidget):
    """Six sliders, two for each axis of the scan, that cut away what lies outside."""

    #: axis, whether the upper face, voxel
    face_moved = Signal(int, bool, float)
    slices_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, grid: Grid, has_sides: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetBar")
        self._grid, self._has_sides = grid, has_sides
        self.sliders: dict[tuple[int, bool], QSlider] = {}
        table = QGridLayout(self)
        table.setContentsMargins(8, 4, 8, 4)
        table.setHorizontalSpacing(6)
        table.setVerticalSpacing(2)
        for axis in range(3):
            self._add_axis(table, axis)
        row = QHBoxLayout()
        row.setSpacing(6)
        table.addLayout(row, 3, 0, 1, 4)
        self.to_slices = QPushButton("To what the slices show", self)
        self.to_slices.setToolTip("Cut away what lies outside of the parts that the viewports show")
        self.to_slices.clicked.connect(self.slices_wanted)
        self.all = QPushButton("Show all", self)
        self.all.setToolTip("Cut nothing away; a double click on a handle in the picture opens its side alone")
        self.all.clicked.connect(self.all_wanted)
        row.addWidget(self.to_slices)
        row.addWidget(self.all)
        row.addStretch(1)

    def show_clip(self, clip: ClipBox) -> None:
        for (axis, upper), slider in self.sliders.items():
            slider.blockSignals(True)
            slider.setValue(round((clip[int(upper)][axis] + 0.5) / self._grid.shape[axis] * STEPS))
            slider.blockSignals(False)

    def _add_axis(self, table: QGridLayout, axis: int) -> None:
        for upper in (False, True):
            name = side_name(self._grid, axis, upper, self._has_sides)
            label = QLabel(name, self)
            label.setToolTip("The side of the scan that this slider cuts away")
            slider = QSlider(Qt.Orientation.Horizontal, self)
            slider.setRange(0, STEPS)
            slider.setAccessibleName(f"Cut away from {name}")
            slider.valueChanged.connect(partial(self._on_slider, axis, upper))
            self.sliders[axis, upper] = slider
            table.addWidget(label, axis, 3 * int(upper))
            table.addWidget(slider, axis, 1 + int(upper))

    def _on_slider(self, axis: int, upper: bool, value: int) -> None:
        self.face_moved.emit(axis, upper, value / STEPS * self._grid.shape[axis] - 0.5)
