"""Odd scans are shown sensibly; and however many views look at a scan, its voxels are there once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.render.volumes import turned
from viewr.model.geometry import Grid, Orientation, Plane, anatomical_plane
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.stack import build_stack

ORIENTATIONS: tuple[Orientation, ...] = ("Transversal", "Coronal", "Sagittal")
WAYS = ("nearest", "linear", "cubic")


def greys(image: QImage) -> np.ndarray:
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    assert np.all(pixels[:, : image.width()] >> 24 == 255)
    return (pixels[:, : image.width()] & 255).astype(int)


def view_of(volume: Volume, plane: Plane, **fields: object) -> SliceView:
    return SliceView(volume, plane, (24, 20), 0.5, **{"window": Window(100, 50), **fields})  # type: ignore[arg-type]


def ways_to_look(volume: Volume) -> list[SliceView]:
    """Every orientation, interpolation and slab, along the axes and oblique, with an overlay and a fused scan."""
    labelmap = empty_labelmap(volume.grid, (Label(1),))
    labelmap.array[0] = 1
    views = []
    middle = volume.grid.center_lps
    oblique = Plane(middle, np.array([0.6, 0.8, 0]), np.array([-0.48, 0.36, 0.8]))
    for plane in (*(anatomical_plane(o, middle) for o in ORIENTATIONS), oblique):
        for way in WAYS:
            for projection in ("none", "max", "mean"):
                for overlays, fused in (
                    ((), ()),
                    ((LabelOverlay(labelmap, outline=True),), (FusedScan(volume, Window(9, 5)),)),
                ):
                    views.append(view_of(volume, plane, interpolation=way, projection=projection, slab_slices=5,
                                         overlays=overlays, fused=fused))  # fmt: skip
    return views


@pytest.mark.parametrize("shape", [(6, 5, 1), (1, 9, 1), (9, 1, 1), (1, 1, 7), (1, 1, 1), (7, 1, 4)])
@pytest.mark.parametrize("affine", [np.eye(4), turned()])
@pytest.mark.filterwarnings("error")
def test_thin_scans_are_shown_from_every_side(shape, affine):
    volume = Volume(np.full(shape, 50, np.int16, order="F"), Grid(shape, affine, frame_of_reference="1.2"), "CT")
    for view in ways_to_look(volume):
        sample = CpuRenderer().sample(view)
        assert np.isfinite(sample).any()
        np.testing.assert_allclose(sample[np.isfinite(sample)], 50, atol=1e-3)
        shown = greys(CpuRenderer().picture(replace(view, overlays=(), fused=())))
        assert set(np.unique(shown)) <= {0, 127, 128}
        greys(CpuRenderer().picture(view))


@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_black_and_infinite_values_are_the_ends():
    values = np.full((7, 7, 3), 50, np.float32, order="F")
    values[1, 1], values[3, 3], values[5, 5] = np.nan, np.inf, -np.inf
    volume = Volume(values, Grid(values.shape, np.eye(4), frame_of_reference="1.2"), "MR")
    plane = build_stack(volume, "Transversal").plane(1)
    for inverted in (False, True):
        view = SliceView(volume, plane, (7, 7), 1.0, Window(100, 50), inverted=inverted)
        shown = greys(CpuRenderer().picture(view))
        assert [int(shown[n, n]) for n in (1, 3, 5)] == ([0, 0, 255] if inverted else [0, 255, 0])
        assert 127 <= shown[0, 6] <= 128
    for view in ways_to_look(volume):
        greys(CpuRenderer().picture(view))
        CpuRenderer().sample(view)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
@pytest.mark.parametrize("interpolation", WAYS)
def test_the_whole_range_of_16_bits_does_not_wrap(dtype, interpolation):
    limits = np.iinfo(dtype)
    values = np.full((16, 16, 1), limits.min, dtype, order="F")
    values[8:] = limits.max
    volume = Volume(values, Grid(values.shape, np.eye(4)), "MG")
    window = Window(65535, (int(limits.min) + int(limits.max)) / 2)
    view = SliceView(volume, build_stack(volume, "Transversal").plane(0), (64, 16), 0.25, window,
                     interpolation=interpolation)  # type: ignore[arg-type]  # fmt: skip
    row = greys(CpuRenderer().picture(view))[8]
    assert (row[0], row[-1]) == (0, 255)
    assert np.all(np.diff(row) >= 0)


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8"])
@pytest.mark.parametrize("interpolation", WAYS)
@pytest.mark.filterwarnings("error")
def test_a_window_of_no_width_is_a_step(dtype, interpolation):
    values = np.asfortranarray(np.array([9, 10, 11]).reshape(3, 1, 1)).astype(dtype, order="F")
    volume = Volume(values, Grid((3, 1, 1), np.eye(4)), "CT")
    view = SliceView(volume, build_stack(volume, "Transversal").plane(0), (3, 1), 1.0, Window(0, 10),
                     interpolation=interpolation)  # type: ignore[arg-type]  # fmt: skip
    assert greys(CpuRenderer().picture(view))[0].tolist() == [0, 255, 255]
    assert greys(CpuRenderer().picture(replace(view, gamma=0.5)))[0].tolist() == [0, 255, 255]


def test_a_constant_scan_is_one_grey_with_any_table():
    volume = Volume(np.full((5, 5, 2), 7, np.int16), Grid((5, 5, 2), np.eye(4)), "CT")
    plane = build_stack(volume, "Transversal").plane(0)
    for lut in ("grey", "hot", "hot iron", "pet", "rainbow", "labels", "unheard of"):
        image = CpuRenderer().picture(SliceView(volume, plane, (5, 5), 1.0, Window(1, 7), lut=lut))
        assert len({image.pixel(x, y) for x in range(5) for y in range(5)}) == 1


def test_voxels_are_there_once_however_many_views():
    import psutil

    shape = (256, 256, 300)
    volume = Volume(np.ones(shape, np.int16, order="F"), Grid(shape, np.eye(4), frame_of_reference="1.2"), "CT")
    renderers = [CpuRenderer(reuse=True) for _ in range(12)]
    oblique = Plane(volume.grid.center_lps, np.array([0.6, 0.8, 0]), np.array([-0.48, 0.36, 0.8]))
    planes = [*(anatomical_plane(o, volume.grid.center_lps) for o in ORIENTATIONS), oblique]

    def look(part: list[CpuRenderer]) -> None:
        for number, renderer in enumerate(part):
            renderer.picture(SliceView(
                volume, planes[number % 4], (200, 200), 1.3, Window(2, 1), interpolation=WAYS[number % 3],  # type: ignore[arg-type]
                projection="max" if number > 7 else "none", slab_slices=9, fused=(FusedScan(volume, Window(2, 1)),),
            ))  # fmt: skip

    look(renderers)  # what is loaded once is loaded
    for renderer in renderers:
        renderer.release()
    before = psutil.Process().memory_info().rss
    look(renderers)
    assert psutil.Process().memory_info().rss - before < volume.array.nbytes
