"""Which renderer is taken, switching while a picture is shown, and what happens when OpenGL goes."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from tests.widgets.viewing import viewport, volume
from viewr.model.template import Context, Template
from viewr.render.gl_context import GlContext, GlLostError
from viewr.widgets.renderers import Renderers
from viewr.widgets.slice_view_menu import build_menu
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document


@pytest.fixture
def renderers(qapp):
    made = []

    def make(choice):
        made.append(Renderers(choice))
        return made[-1]

    yield make
    for one in made:
        one.close()


def shown(qtbot, renderers):
    document = Document()
    template = Template("t", (Context("default", viewports=(viewport("a"),)),))
    grid = ViewportGrid(document, template, "default", renderers=renderers)
    qtbot.addWidget(grid)
    grid.resize(300, 300)
    grid.show()
    document.add_volume(("default", "CT"), volume())
    return grid


def middle(view) -> int:
    return view.picture.pixelColor(view.width() // 2, view.height() // 2).red()


def test_software_opengl_is_not_taken_unless_it_is_asked_for(renderers):
    assert GlContext().is_software, "the tests run on software OpenGL"
    assert renderers("auto").make().name == "cpu"
    assert renderers("cpu").make().name == "cpu"
    assert renderers("gl").make().name == "gl"


def test_a_real_card_is_taken(renderers, monkeypatch):
    monkeypatch.setattr(GlContext, "is_software", False)
    assert renderers("auto").make().name == "gl"


def test_the_reader_switches_while_the_picture_is_shown(qtbot, renderers):
    source = renderers("cpu")
    grid = shown(qtbot, source)
    view = grid.viewports["default", "a"]
    by_cpu = middle(view)
    whole = build_menu(view, view.scene)
    screen = next(action.menu() for action in whole.actions() if action.text() == "Screen")
    menu = next(action.menu() for action in screen.actions() if "made by" in action.text())
    next(action for action in menu.actions() if action.text() == "OpenGL").trigger()
    assert view.renderer.name == "gl"
    assert middle(view) == by_cpu > 0
    assert "OpenGL on" in source.words


@pytest.mark.parametrize("moment", ["make_current", "draw", "check"])  # before, in the middle of, and after painting
def test_lost_opengl_leaves_the_picture_and_says_so_once(qtbot, renderers, monkeypatch, moment):
    source = renderers("gl")
    notices = []
    source.notice.connect(notices.append)
    grid = shown(qtbot, source)
    view = grid.viewports["default", "a"]
    before = middle(view)

    def gone(_self):
        raise GlLostError("The graphics card does not answer any more.", "Pictures are made by the processor now.")

    with monkeypatch.context() as patch:
        patch.setattr(GlContext, moment, gone)
        view.page(1)
        assert middle(view) not in (0, before)
    assert view.renderer.name == "cpu"
    assert notices == ["The graphics card does not answer any more. Pictures are made by the processor now."]


def test_no_opengl_at_all_is_said_to_who_asked_for_it(qapp, renderers, monkeypatch):
    def refuse(*_):
        raise GlLostError("OpenGL 3.3 is not to be had here.", "Pictures are made by the processor.")

    monkeypatch.setattr(GlContext, "__init__", refuse)
    for choice, said in (("auto", 0), ("gl", 1)):
        source = renderers(choice)
        notices = []
        source.notice.connect(notices.append)
        assert source.make().name == "cpu"
        assert len(notices) == said


def test_slices_that_arrive_out_of_sight_are_there_when_they_are_paged_to(qtbot, renderers):
    document = Document()
    template = Template("t", (Context("default", viewports=(viewport("a"),)),))
    grid = ViewportGrid(document, template, "default", renderers=renderers("gl"))
    qtbot.addWidget(grid)
    grid.resize(300, 300)
    grid.show()
    scan = volume()
    values = scan.array.copy()
    scan.array[:] = 0
    document.arriving["default", "CT"] = np.zeros(20, bool)
    document.add_volume(("default", "CT"), scan)
    view = grid.viewports["default", "a"]
    assert view.picture.pixelColor(150, 150).red() == 0  # the card has got the empty scan
    k = int(view.scene.stack.voxels[view.scene.index + 1])
    scan.array[:, :, k] = values[:, :, k]
    document.arriving["default", "CT"][k] = True
    document.volume_filled(("default", "CT"), k)
    view.page(1)
    assert middle(view) == pytest.approx(values[0, 0, k] / 2000 * 255, abs=2)


def test_a_lost_card_that_nobody_draws_on_any_more_is_left_in_peace(qapp, monkeypatch):
    context = GlContext()
    scan = volume()
    context.voxels(scan, ())

    def gone(_self):
        raise GlLostError("The graphics card does not answer any more.")

    with monkeypatch.context() as patch:
        patch.setattr(GlContext, "make_current", gone)
        del scan
        gc.collect()
        context.sweep()
        assert not context._sweeper.isActive()
    context.close()
