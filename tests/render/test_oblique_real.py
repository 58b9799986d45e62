"""Turned axes on real scans: slices beside SimpleITK's resample of the same planes, and letters from the geometry."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.model.geometry import direction_letters
from viewr.model.reformat import ORIENTATIONS, from_plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.stack import build_reformat, build_stack

SIZE = (120, 90)
FOLDERS = ("mr-t1-philips", "ct-chest-philips", "petct-cropped-ge/pet")


def double_oblique(volume: Volume):
    axes = from_plane(build_stack(volume, volume.grid.plane).middle, volume.grid.plane)
    axes = axes.turned(axes.normal("Transversal"), np.radians(24))
    return axes.turned(axes.normal("Sagittal"), np.radians(-31))


@needs_real_scans
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_slices_equal_those_of_simpleitk(folder: str, orientation) -> None:
    import SimpleITK

    volume = max(load_series(SHARED / folder), key=lambda each: each.array.shape[2])
    place = volume.grid.to_lps(np.array(volume.grid.shape) * (0.45, 0.55, 0.5))
    stack = build_reformat(volume, orientation, double_oblique(volume), place)
    index = stack.index_of(place)
    assert abs((place - stack.plane(index).center) @ stack.direction) < 1e-6  # it goes through the localizer itself
    view = SliceView(volume, stack.plane(index), SIZE, 1.3, Window(100, 50), interpolation="linear")
    ours = CpuRenderer().sample(view)

    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(volume.array.T).astype(np.float64))
    image.SetSpacing(volume.grid.spacing)
    image.SetDirection(volume.grid.directions.ravel())
    image.SetOrigin(volume.grid.to_lps((0.0, 0.0, 0.0)))
    plane = view.plane
    filter_ = SimpleITK.ResampleImageFilter()
    filter_.SetSize((*SIZE, 1))
    filter_.SetOutputSpacing((1.3, 1.3, 1.0))
    filter_.SetOutputDirection(np.stack([plane.right, plane.down, plane.normal], axis=1).ravel())
    filter_.SetOutputOrigin(view.to_lps((0.5, 0.5)))
    filter_.SetInterpolator(SimpleITK.sitkLinear)
    filter_.SetDefaultPixelValue(-1e9)
    theirs = SimpleITK.GetArrayFromImage(filter_.Execute(image))[0]

    both = np.isfinite(ours) & (theirs > -1e8)
    assert both.sum() > 1500
    reach = float(np.ptp(volume.array.astype(np.float64)))
    assert np.abs(ours[both] - theirs[both]).max() < 2e-4 * reach


@needs_real_scans
@pytest.mark.parametrize("folder", FOLDERS)
def test_letters_name_where_the_edges_lead(folder: str) -> None:
    volume = max(load_series(SHARED / folder), key=lambda each: each.array.shape[2])
    place = volume.grid.center_lps
    for orientation in ORIENTATIONS:
        stack = build_reformat(volume, orientation, double_oblique(volume), place)
        view = SliceView(volume, stack.plane(stack.index_of(place)), (200, 100), 0.7, Window(100, 50))
        edges = view.to_lps([(0, 50), (200, 50), (100, 0), (100, 100)]) - view.to_lps((100, 50))
        assert view.plane.letters == tuple(direction_letters(edge) for edge in edges)
        upright = {"Transversal": (0, 1, 1, 1), "Coronal": (0, 1, 2, -1), "Sagittal": (1, 1, 2, -1)}[orientation]
        assert edges[1][upright[0]] * upright[1] > 0  # a picture is never on its head
        assert edges[3][upright[2]] * upright[3] > 0
