"""Viewports together: their grid, the localizer, presets, the active one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from tests.widgets.viewing import at, drag, move, one, press, shown, template, viewport, views, volume, wheel
from viewr.model.template import Context, Preset, Template
from viewr.widgets.viewport_area import cells, spans
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document
from viewr.workspace.localizer import is_linked, show_point
from viewr.workspace.look import initial_look

Key = Qt.Key


def three(qtbot, **fields):
    names = (("a", "Transversal"), ("c", "Coronal"), ("s", "Sagittal"))
    return views(qtbot, *[viewport(n, o, x=x, **fields) for x, (n, o) in enumerate(names)], size=(902, 300))


def test_equal_cells_on_the_grid_of_the_template_and_none_left_empty(qtbot):
    grid = views(qtbot, viewport("a", x=3, y=5), viewport("b", x=7, y=5), viewport("c", x=3, y=9))
    a, b, c = grid.viewports.values()
    assert a.width() == b.width() == c.width()
    assert a.height() == c.height()
    assert b.height() == c.geometry().bottom() + 1 - b.geometry().top()
    assert [place for _, place in cells(grid.context.viewports)] == [(0, 0), (1, 0), (0, 1)]


def test_a_press_with_the_localizer_moves_the_other_planes(qtbot):
    grid = three(qtbot)
    grid.document.look(tool="crosshair")
    view = one(grid, "a")
    drag(view, at(view, 12, 30, 20), at(view, 25, 8, 20))
    assert shown(one(grid, "c")) == 8
    assert shown(one(grid, "s")) == 25
    cursor = grid.document.state.look.cursors["default"]
    assert cursor == pytest.approx((25, 8, 2.0 * shown(view)), abs=0.2)
    press(view, Key.Key_Escape)


def test_shift_and_move_is_the_localizer_too(qtbot):
    grid = three(qtbot)
    view = one(grid, "a")
    move(view, at(view, 7, 31, 20), modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert (shown(one(grid, "s")), shown(one(grid, "c"))) == (7, 31)


def test_linked_viewports_follow_by_position_not_by_number(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="PT", x=1), size=(800, 400))
    grid.document.add_volume(("default", "PT"), volume((40, 40, 8), (1, 1, 5), modality="PT"))
    one(grid, "a").show_slice(19 - 15)
    assert shown(one(grid, "a")) == 15  # 30 mm
    assert shown(one(grid, "b")) == 6  # 30 mm
    one(grid, "b").page(1)
    assert shown(one(grid, "b")) == 5  # 25 mm
    assert shown(one(grid, "a")) in (12, 13)


def test_other_frames_of_reference_are_never_linked(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="MR", x=1), size=(800, 400))
    grid.document.add_volume(("default", "MR"), volume(frame="9.9", modality="MR"))
    before = shown(one(grid, "b"))
    assert not is_linked(grid.document, ("default", "b"))
    one(grid, "a").page(3)
    assert shown(one(grid, "b")) == before
    one(grid, "b").page(2)
    assert shown(one(grid, "b")) == before - 2
    assert shown(one(grid, "a")) != shown(one(grid, "b"))


def test_an_unknown_frame_of_reference_is_trusted_but_not_that_of_a_projection(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="X", x=1), size=(800, 400))
    grid.document.add_volume(("default", "X"), volume(frame="", modality="MR"))
    assert is_linked(grid.document, ("default", "b"))
    grid.document.add_volume(("default", "X"), volume(frame="", modality="MG"))
    assert not is_linked(grid.document, ("default", "b"))


def test_viewports_that_are_not_linked_keep_their_place(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", x=1, linked=False), size=(800, 400))
    before = shown(one(grid, "b"))
    one(grid, "a").page(4)
    assert shown(one(grid, "b")) == before
    one(grid, "b").page(-2)
    assert shown(one(grid, "b")) == before + 2
    assert shown(one(grid, "a")) == before - 4


def test_unlinking_keeps_the_slice(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", x=1), size=(800, 400))
    one(grid, "b").page(3)
    there = shown(one(grid, "b"))
    one(grid, "b").toggle_linked()
    one(grid, "a").page(2)
    assert shown(one(grid, "b")) == there


def test_show_point_brings_every_viewport_there(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", x=1, linked=False), viewport("c", scan="MR", x=2), size=(900, 300))
    grid.document.add_volume(("default", "MR"), volume(frame="9.9", modality="MR"))
    other = shown(one(grid, "c"))
    show_point(grid.document, "default", (3.0, 4.0, 8.0), "CT")
    assert (shown(one(grid, "a")), shown(one(grid, "b")), shown(one(grid, "c"))) == (4, 4, other)


def test_tab_goes_round_and_keys_follow(qtbot):
    grid = three(qtbot)
    one(grid, "a").setFocus()
    QApplication.processEvents()
    press(one(grid, "a"), Key.Key_Tab)
    assert grid.active is one(grid, "c")
    press(one(grid, "c"), Key.Key_Tab)
    press(one(grid, "s"), Key.Key_Tab)
    assert grid.active is one(grid, "a")


def test_the_wheel_makes_a_viewport_active(qtbot):
    grid = three(qtbot)
    wheel(one(grid, "s"), -120)
    assert grid.document.state.look.active == ("default", "s")


def test_presets_change_only_what_they_name(qtbot):
    presets = (Preset("Coronal MIP", {"a": {"orientation": "Coronal", "projection": "max", "projection_slab": 9}}),
               Preset("Back", {"default.a": {"projection": None}, "b": {"annotation": None}}),
               Preset("Elsewhere", {"z": {}}))  # fmt: skip
    grid = views(qtbot, viewport("a"), viewport("b", x=1), presets=presets, size=(800, 400))
    buttons = {button.text(): button for button in grid.findChildren(QPushButton)}
    assert set(buttons) == {"Coronal MIP  Alt+1", "Back  Alt+2"}
    buttons["Coronal MIP  Alt+1"].click()
    looks = grid.document.state.look.viewports
    a = looks["default", "a"]
    assert (a.orientation, a.projection, a.slab_slices, a.annotation) == ("Coronal", "max", 9, "lab")
    assert looks["default", "b"].orientation == "Transversal"
    buttons["Back  Alt+2"].click()
    looks = grid.document.state.look.viewports
    assert looks["default", "a"].projection == "none"
    assert looks["default", "a"].orientation == "Coronal"
    assert looks["default", "b"].annotation == ""


def test_link_localizers_couples_contexts(qtbot):
    contexts = tuple(Context(name, viewports=(viewport("v", annotation=None),)) for name in ("one", "two"))
    document = Document()
    whole = Template("t", contexts, link_localizers=True)
    grids = [ViewportGrid(document, whole, name) for name in ("one", "two")]
    for grid in grids:
        qtbot.addWidget(grid)
        grid.resize(300, 300)
    for name in ("one", "two"):
        document.add_volume((name, "CT"), volume())
    grids[0].viewports["one", "v"].show_slice(4)
    assert shown(grids[1].viewports["two", "v"]) == shown(grids[0].viewports["one", "v"]) == 15


def test_initial_look_is_the_template():
    start = initial_look(template(viewport("a", orientation="Sagittal", projection="min", projection_slab=0, label="2",
                                           slice_highlight_interval=-4, interpolation="linear")))  # fmt: skip
    look = start.viewports["default", "a"]
    assert (look.orientation, look.projection, look.slab_slices) == ("Sagittal", "min", 1)
    assert (look.label, look.highlight_interval, look.interpolation, look.linked) == ("2", 0, "linear", True)
    assert start.labels == {("default", "lab"): 1}
    assert start.active == ("default", "a")
    assert initial_look(Template("empty", ())).viewports == {}


def test_a_viewport_of_a_template_shows_one_label(qtbot):
    grid = views(qtbot, viewport("a", label="Edema"))
    assert one(grid).scene.view.overlays[0].only == 2


def test_maximised_viewports_page_on(qtbot):
    grid = three(qtbot)
    one(grid, "c").toggle_maximised()
    QApplication.processEvents()
    assert one(grid, "c").width() == 902
    drag(one(grid, "c"), QPoint(50, 50), QPoint(60, 50))
    before = shown(one(grid, "c"))
    wheel(one(grid, "c"), -120)
    assert shown(one(grid, "c")) == before + 1
    one(grid, "c").toggle_maximised()
    QApplication.processEvents()
    assert sum(view.width() for view in grid.viewports.values()) == 902 - 2 * 2
    assert {view.width() for view in grid.viewports.values()} <= {299, 300}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        # a main view at the left of two: it takes the cell below it
        ([(0, 0), (1, 0), (1, 1)], {(0, 0): (1, 2), (1, 0): (1, 1), (1, 1): (1, 1)}),
        ([(0, 0), (1, 0), (0, 1)], {(0, 0): (1, 1), (1, 0): (1, 2), (0, 1): (1, 1)}),
        ([(0, 0), (1, 0), (2, 0)], {(0, 0): (1, 1), (1, 0): (1, 1), (2, 0): (1, 1)}),
        # one above, two below: nothing above the second, so the one at the left takes the empty cell
        ([(0, 0), (0, 1), (1, 1)], {(0, 0): (2, 1), (0, 1): (1, 1), (1, 1): (1, 1)}),
    ],
)
def test_empty_cells_go_to_a_neighbour(places, expected):
    assert spans(places) == expected
