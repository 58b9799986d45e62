"""The OpenGL renderer draws what the CPU renderer draws, on software OpenGL; and gives back what it holds."""

from __future__ import annotations

import gc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QSurfaceFormat

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.imaging.window import default_window
from viewr.model.geometry import Grid, Plane, acquisition_plane, anatomical_plane
from viewr.model.labelmap import Label, Labelmap
from viewr.model.volume import Volume, Window
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.gl import GlRenderer
from viewr.render.gl_context import GlContext, GlLostError

SIZE = (97, 83)


@pytest.fixture(scope="module")
def context(qapp):
    context = GlContext()
    yield context
    context.close()


@pytest.fixture
def renderer(context) -> GlRenderer:
    return GlRenderer(context)


def pixels(image) -> np.ndarray:
    """Colours [row, column, red green blue]."""
    flat = np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    flat = flat[:, : image.width()]
    return np.stack([flat >> 16 & 255, flat >> 8 & 255, flat & 255], axis=-1).astype(int)


def compare(renderer, view: SliceView, most: int = 2, drawn: bool = True) -> None:
    got = pixels(renderer.picture(view)).copy()
    wanted = pixels(CpuRenderer().picture(view))
    assert renderer.drawn == drawn
    assert wanted.any(), "an empty picture says nothing"
    difference = np.abs(got - wanted).max(axis=-1)
    # A tie of the nearest voxel, or a value on the edge of a step, may fall to either side in single precision.
    assert (difference > most).mean() < 0.002, (difference > most).sum()


def made(kind=np.int16, shape=(41, 37, 23), **fields) -> Volume:
    rng = np.random.default_rng(3)
    array = np.asfortranarray(rng.integers(0, 200, shape).astype(kind))
    turn = np.linalg.qr(np.array([[1, 0.1, 0.05], [-0.1, 1, 0.2], [0.02, -0.2, 1]]))[0] * (0.8, 1.1, 2.3)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn, (-20, 15, 40)
    return Volume(array, Grid(shape, affine, frame_of_reference="1.2"), modality=fields.pop("modality", "MR"), **fields)


def view_of(volume: Volume, plane: Plane | None = None, mm: float = 0.45, **fields) -> SliceView:
    plane = plane or acquisition_plane(volume.grid, "Transversal", volume.grid.center_lps)
    values = {"window": Window(180, 95), **fields}
    return SliceView(volume, plane, SIZE, mm, **values)



def oblique(volume: Volume) -> Plane:
    right = np.array([0.6, 0.48, 0.64])
    down = np.cross(right, [0.0, -0.8, 0.6])
    return Plane(volume.grid.center_lps, right / np.linalg.norm(right), down / np.linalg.norm(down))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16, np.float32])
@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("tilted", [False, True])
def test_interpolation_of_every_type_along_the_axes_and_oblique(renderer, kind, interpolation, tilted):
    volume = made(kind if kind != np.int8 else np.int16)
    if kind == np.int8:
        volume = replace(volume, array=(volume.array // 2).astype(np.int8))
    plane = oblique(volume) if tilted else None
    compare(renderer, view_of(volume, plane, interpolation=interpolation))


@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
@pytest.mark.parametrize("mm", [0.3, 1.7])
def test_orientations_and_sizes(renderer, orientation, mm):
    volume = made()
    plane = acquisition_plane(volume.grid, orientation, volume.grid.to_lps((12.2, 9.4, 7.7)))
    for interpolation in ("nearest", "linear"):
        compare(renderer, view_of(volume, plane, mm, interpolation=interpolation))


@pytest.mark.parametrize("projection", ["max", "min", "mean"])
@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("count", [2, 9, 200])
def test_slabs(renderer, projection, interpolation, count):
    compare(renderer, view_of(made(), projection=projection, slab_slices=count, interpolation=interpolation))


@pytest.mark.parametrize("beyond", [-2, 24])
def test_a_slab_reaches_into_the_volume_from_outside(renderer, beyond):
    volume = made()
    plane = acquisition_plane(volume.grid, "Transversal", volume.grid.to_lps((20, 18, beyond)))
    compare(renderer, view_of(volume, plane, projection="max", slab_slices=7))


@pytest.mark.parametrize(
    "fields",
    [
        {"inverted": True}, {"gamma": 0.5}, {"gamma": 2.2, "inverted": True}, {"lut": "hot"},
        {"lut": "rainbow", "inverted": True}, {"window": Window(0, 95)}, {"window": Window(0, 95, linear=True)},
        {"window": Window(100, 95, linear=True)}, {"window": Window(120, 90, curve=bytes(range(0, 250, 2)), reach=1.5)},
        {"window": Window(120, 90, curve=bytes(n // 17 for n in range(4000)), reach=1.5), "inverted": True},
    ],
)  # fmt: skip
def test_windows_curves_gamma_and_tables(renderer, fields):
    compare(renderer, view_of(made(np.float32), **fields))


def test_bright_and_dark_are_exchanged_for_monochrome1(renderer):
    compare(renderer, view_of(made(inverted=True)))


@pytest.mark.parametrize("tilted", [False, True])
def test_no_number_and_infinite_values(renderer, tilted):
    volume = made(np.float32)
    volume.array[5:9, :, :] = np.nan
    volume.array[15:19, :, :] = np.inf
    volume.array[25:29, :, :] = -np.inf
    compare(renderer, view_of(volume, oblique(volume) if tilted else None, lut="hot"))


@pytest.mark.parametrize("projection", ["max", "min"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_is_no_number_hides_nothing_in_a_slab(renderer, projection, axis):
    volume = made(np.float32)
    here = np.array(volume.grid.shape) // 2
    around = [slice(None)] * 3
    around[axis] = slice(here[axis] - 2, here[axis] + 3)
    around[axis] = here[axis] + 1
    volume.array[tuple(around)] = np.nan
    along = list(here)
    along[axis] = slice(here[axis] - 2, here[axis] + 3)
    wanted = getattr(np, f"nan{projection}")(volume.array[tuple(along)])
    orientation = ("Sagittal", "Coronal", "Transversal")[axis]
    plane = acquisition_plane(volume.grid, orientation, volume.grid.to_lps(here))
    view = view_of(volume, plane, projection=projection, slab_slices=5, interpolation="nearest")
    compare(renderer, view)
    (value,) = CpuRenderer().sample(replace(view, size=(1, 1))).ravel()
    assert value == wanted


def test_the_whole_range_of_16_bits(renderer):
    volume = made(np.uint16)
    volume.array[:] = np.linspace(0, 65535, volume.array.size).reshape(volume.array.shape, order="F")
    compare(renderer, view_of(volume, window=Window(65535, 32767)))


@pytest.mark.parametrize("shape", [(40, 30, 1), (1, 30, 1), (40, 1, 5)])
def test_thin_volumes(renderer, shape):
    volume = made(shape=shape)
    plane = acquisition_plane(volume.grid, "Transversal", volume.grid.center_lps)
    for interpolation in ("nearest", "linear", "cubic"):
        compare(renderer, view_of(volume, plane, 0.2, interpolation=interpolation))


def test_a_point_in_time(renderer):
    base = made()
    film = replace(base, array=np.stack([base.array, base.array[::-1]], axis=3), axes=("time",))
    compare(renderer, view_of(film, frame=(1,)))
    compare(renderer, view_of(film))


@pytest.mark.parametrize("tilted", [False, True])
def test_fusion_of_another_grid(renderer, tilted):
    under = made()
    affine = np.diag([3.0, 3.0, 3.0, 1.0])
    affine[:3, 3] = under.grid.center_lps - 20
    array = np.linspace(0, 50, 14**3).reshape(14, 14, 14).astype(np.float32)
    over = Volume(array, Grid((14, 14, 14), affine, frame_of_reference="1.2"), modality="PT")
    fused = FusedScan(over, Window(50, 25), "hot", 0.7)
    compare(renderer, view_of(under, oblique(under) if tilted else None, fused=(fused,)))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("fields", [{}, {"only": 2}, {"opacity": 0.5}, {"outline": True}])
def test_label_maps(renderer, kind, fields):
    volume = made()
    array = np.asfortranarray((np.indices(volume.array.shape).sum(axis=0) // 6 % 4).astype(kind))
    labels = (Label(1, colour=(255, 0, 0), opacity=0.4), Label(2, colour=(0, 200, 100), opacity=1.0))
    overlay = LabelOverlay(Labelmap(array, volume.grid, labels), **fields)
    compare(renderer, view_of(volume, overlays=(overlay,)))
    compare(renderer, view_of(volume, oblique(volume), overlays=(overlay,)))


def test_labels_written_in_place_are_seen_at_once(renderer):
    volume = made()
    labelmap = Labelmap(np.zeros(volume.array.shape, np.uint8, order="F"), volume.grid, (Label(1),))
    view = view_of(volume, overlays=(LabelOverlay(labelmap),))
    before = pixels(renderer.picture(view)).copy()
    labelmap.array[10:30, 10:30, 11] = 1
    after = replace(view, overlays=(replace(view.overlays[0], version=1),))
    assert (pixels(renderer.picture(after)) != before).any()
    compare(renderer, after)


@pytest.mark.parametrize(
    "make",
    [
        lambda v: view_of(replace(v, array=np.zeros((*v.array.shape, 3), np.uint8) + 90, axes=("channel",))),
        lambda v: view_of(v, lut="labels"),
        lambda v: view_of(v, oblique(v), projection="max", slab_slices=3),
        lambda v: view_of(replace(v, array=v.array.astype(np.int32))),
        lambda v: view_of(replace(v, modality="DX"), mm=3.0, interpolation="linear"),
    ],
)
def test_the_processor_draws_what_shaders_would_draw_otherwise(renderer, make):
    compare(renderer, make(made()), most=0, drawn=False)


def test_a_volume_larger_than_the_card_takes_is_drawn_by_the_processor(renderer, context, monkeypatch):
    monkeypatch.setattr(context, "most", 32)
    compare(renderer, view_of(made()), most=0, drawn=False)


def test_voxels_that_change_in_place_are_drawn_by_the_processor_until_they_rest(renderer, monkeypatch):
    volume = made()
    view = view_of(volume)
    renderer.picture(view)
    volume.array[:] = 199 - volume.array
    renderer.release()
    compare(renderer, view, most=0, drawn=False)
    monkeypatch.setattr("viewr.render.gl.REST", 0.0)
    compare(renderer, view)


def test_a_scan_laid_over_that_changes_in_place_is_drawn_anew(renderer, monkeypatch):
    monkeypatch.setattr("viewr.render.gl.REST", 0.0)
    below, above = made(), made()
    above.array[:] = 0
    view = view_of(below, fused=(FusedScan(above, Window(180, 95), "hot", 0.5),))
    renderer.picture(view)
    above.array[:] = below.array
    renderer.release()
    compare(renderer, view)


def test_voxels_in_the_byte_order_of_another_machine(renderer):
    volume = made()
    swapped = replace(volume, array=volume.array.astype(">i2", order="F"))
    got, wanted = (pixels(maker.picture(view_of(swapped))).copy() for maker in (renderer, CpuRenderer()))
    assert np.array_equal(wanted, pixels(CpuRenderer().picture(view_of(volume))))
    assert np.abs(got - wanted).max() <= 2


def test_textures_go_with_their_volume(renderer, context):
    gc.collect()
    context.sweep()
    held = context.bytes_held
    volume = made()
    renderer.picture(view_of(volume))
    assert context.bytes_held == held + volume.array.nbytes
    renderer.release()
    assert context.bytes_held == held
    renderer._changed.clear()
    renderer.picture(view_of(volume))
    renderer._last = ()
    del volume
    gc.collect()
    context.sweep()
    assert context.bytes_held == held


def test_two_views_share_the_voxels(context):
    volume = made()
    before = context.bytes_held
    for renderer in (GlRenderer(context), GlRenderer(context)):
        renderer.picture(view_of(volume))
    assert context.bytes_held == before + volume.array.nbytes


def test_a_lost_context_is_an_error_not_a_black_picture(qapp, monkeypatch):
    context = GlContext()
    renderer = GlRenderer(context)
    view = view_of(made())
    renderer.picture(view)
    # A driver that resets cannot be had here: the context says what it would say then.
    monkeypatch.setattr(context, "_context", SimpleNamespace(isValid=lambda: False))
    with pytest.raises(GlLostError, match="does not answer"):
        renderer.picture(view)


@needs_real_scans
@pytest.mark.parametrize("folder", ["ct-chest-philips", "mr-t1-philips", "pet-ge", "ct-head-tilt-ge"])
@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
def test_real_scans(renderer, folder, orientation):
    volume = load_series(SHARED / folder)[0]
    window = default_window(volume)
    plane = anatomical_plane(orientation, volume.grid.center_lps)
    for interpolation in ("nearest", "linear"):
        view = SliceView(volume, plane, (160, 120), 2.0, window, interpolation=interpolation)
        got, wanted = pixels(renderer.picture(view)).copy(), pixels(CpuRenderer().picture(view))
        assert (np.abs(got - wanted).max(axis=-1) > 2).mean() < 0.003


def test_a_sample_is_that_of_the_cpu(renderer):
    view = view_of(made(), interpolation="linear")
    np.testing.assert_array_equal(renderer.sample(view), CpuRenderer().sample(view))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_the_first_picture_of_all_may_be_oblique(qapp, kind):
    context = GlContext()
    compare(GlRenderer(context), view_of(made(kind), oblique(made(kind)), interpolation="linear"))
    context.close()


def test_a_context_that_goes_while_a_picture_is_drawn_is_an_error_not_a_black_picture(qapp, monkeypatch):
    context = GlContext()
    renderer = GlRenderer(context)
    view = view_of(made())
    renderer.picture(view)
    real, answers = context._context, iter([True, False])
    monkeypatch.setattr(context, "_context", SimpleNamespace(
        isValid=lambda: next(answers, False), makeCurrent=real.makeCurrent))  # fmt: skip
    with pytest.raises(GlLostError, match="does not answer"):
        renderer.picture(view)


def test_a_driver_is_asked_to_say_when_it_resets(context):
    assert context._surface.requestedFormat().testOption(QSurfaceFormat.FormatOption.ResetNotification)


def test_points_in_time_stay_on_the_card_while_a_film_runs(qapp, monkeypatch):
    context = GlContext()
    renderer = GlRenderer(context)
    base = made()
    film = replace(base, array=np.stack([base.array, base.array[::-1]], axis=3), axes=("time",))
    for frame in ((0,), (1,), (0,)):
        compare(renderer, view_of(film, frame=frame))
    assert context.bytes_held == film.array.nbytes
    context.close()


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("linear", [False, True])
def test_a_constant_scan_has_no_speckles_in_a_window_without_width(renderer, interpolation, linear):
    volume = made()
    volume.array[:] = 77
    for plane in (None, oblique(volume)):
        view = view_of(volume, plane, interpolation=interpolation, window=Window(0, 77, linear=linear))
        for maker in (renderer, CpuRenderer(), CpuRenderer(reuse=True)):
            shown = pixels(maker.picture(view))[~np.isnan(CpuRenderer().sample(view))]
            assert (shown == (0 if linear else 255)).all(), maker.name
