"""Planes through tilted, uneven and gapped scans, against SimpleITK in each true slice."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.model.geometry import FloatArray, Orientation, anatomical_plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer

SIZE = 64


def truth(volume: Volume, points_lps: FloatArray) -> FloatArray:
    """Values at points: linear within the slices before and behind, and between these; NaN outside."""
    import SimpleITK

    grid = volume.grid
    images = []
    for k in range(grid.shape[2]):
        image = SimpleITK.GetImageFromArray(np.ascontiguousarray(volume.array[:, :, k].T).astype(np.float64))
        image.SetSpacing(grid.spacing[:2])
        images.append(image)
    places = grid.to_lps(np.stack([np.zeros(len(images)), np.zeros(len(images)), np.arange(len(images))], axis=-1))
    across, down = grid.directions[:, 0], grid.directions[:, 1]
    normal = np.cross(across, down)
    depths = places @ normal
    values = np.full(len(points_lps), np.nan)
    for n, point in enumerate(points_lps):
        k = int(np.clip(np.searchsorted(depths, point @ normal, side="right") - 1, 0, len(depths) - 2))
        share = (point @ normal - depths[k]) / (depths[k + 1] - depths[k])
        offset = point - places[k] - share * (places[k + 1] - places[k])
        if 0 <= share <= 1:
            try:
                here, next_one = (
                    image.EvaluateAtPhysicalPoint((offset @ across, offset @ down), SimpleITK.sitkLinear)
                    for image in images[k : k + 2]
                )
            except RuntimeError:
                continue
            values[n] = here * (1 - share) + next_one * share
    return values


@needs_real_scans
@pytest.mark.parametrize("orientation", ["Coronal", "Sagittal", "Transversal"])
@pytest.mark.parametrize("folder", ["ct-head-tilt-ge", "mr-multiecho-siemens/dicom"])
def test_any_plane_shows_the_true_place(folder: str, orientation: Orientation) -> None:
    volume = load_series(SHARED / folder)[0]
    plane = anatomical_plane(orientation, volume.grid.center_lps)
    view = SliceView(volume, plane, (SIZE, SIZE), 4.0, Window(100, 50), interpolation="linear")
    ours = CpuRenderer().sample(view).astype(np.float64).ravel()
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    theirs = truth(volume, view.to_lps(np.stack([columns, rows], axis=-1).reshape(-1, 2)))
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.sum() > 100
    assert np.abs(ours - theirs)[both].max() < 1e-3
    assert np.ptp(theirs[both]) > 500
