"""Every way a stack can lie in the patient, read by us, by SimpleITK and, as NIfTI, by nibabel."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.imaging.make import stack
from viewr.encode.nifti import write_image
from viewr.imaging.series import load_series
from viewr.model.geometry import FloatArray

ORDERS = [(order, signs) for order in itertools.permutations(range(3))
          for signs in itertools.product((1, -1), repeat=3)]


def axis_order(order: tuple[int, ...], signs: tuple[int, ...]) -> FloatArray:
    directions = np.zeros((3, 3))
    for column, (axis, sign) in enumerate(zip(order, signs, strict=True)):
        directions[axis, column] = sign
    return directions


def affine_of(directions: FloatArray, spacing: tuple[float, float, float], origin: tuple[float, float, float]
              ) -> FloatArray:
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing
    affine[:3, 3] = origin
    return affine


def turn(angles: tuple[float, float, float]) -> FloatArray:
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    return (np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
            @ np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]]))


def voxels_of(dtype: str) -> np.ndarray:
    return np.arange(5 * 4 * 3, dtype=dtype).reshape(5, 4, 3) + (np.dtype(dtype).kind == "u") * 40000


def assert_each_voxel_in_place(volume_array: np.ndarray, to_lps, voxels: np.ndarray, affine: FloatArray) -> None:
    """The value of each voxel lies where the affine that made it says."""
    index = np.stack(np.meshgrid(*map(np.arange, voxels.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    made = {int(voxels[tuple(ijk)]): affine[:3, :3] @ ijk + affine[:3, 3] for ijk in index}
    read = {int(volume_array[tuple(ijk)]): place for ijk, place in zip(index, to_lps(index.astype(float)), strict=True)}
    assert made.keys() == read.keys()
    for value, place in made.items():
        assert_allclose(read[value], place, atol=1e-3)


@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_all_48_axis_orders(tmp_path: Path, order: tuple[int, ...], signs: tuple[int, ...]) -> None:
    affine = affine_of(axis_order(order, signs), (0.7, 1.3, 2.5), (-31.5, 12.25, 80))
    voxels = voxels_of("int16")
    stack(tmp_path, voxels, affine)
    [volume] = load_series(tmp_path)
    assert volume.grid.slice_positions is None
    assert np.linalg.det(volume.grid.affine[:3, :3]) > 0
    assert_each_voxel_in_place(volume.array, volume.grid.to_lps, voxels, affine)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.sampled_from(ORDERS), angles=st.tuples(*[st.floats(-0.7, 0.7)] * 3),
    spacing=st.tuples(*[st.floats(0.2, 4)] * 3), shear=st.tuples(*[st.floats(-0.5, 0.5)] * 2),
    dtype=st.sampled_from(["int16", "uint16"]), implicit=st.booleans(),
)
def test_oblique_tilted_and_not_square(tmp_path_factory: pytest.TempPathFactory, which, angles, spacing, shear, dtype,
                                       implicit) -> None:
    folder = tmp_path_factory.mktemp("series")
    affine = affine_of(turn(angles) @ axis_order(*which), spacing, (10, -20, 30))
    affine[:3, 2] += shear[0] * affine[:3, 0] + shear[1] * affine[:3, 1]
    voxels = voxels_of(dtype)
    stack(folder, voxels, affine, implicit=implicit)
    [volume] = load_series(folder)
    assert volume.array.dtype == dtype
    assert volume.grid.slice_positions is None
    assert_each_voxel_in_place(volume.array, volume.grid.to_lps, voxels, affine)
    _assert_nibabel_agrees(folder, volume)
    if max(map(abs, shear)) < 1e-6:
        _assert_simpleitk_agrees(folder, volume)


def _assert_nibabel_agrees(folder: Path, volume) -> None:
    import nibabel

    file = folder / "out.nii.gz"
    file.write_bytes(write_image(volume.array, volume.grid))
    image = nibabel.load(file)
    corner = np.array(volume.grid.shape) - 1.0
    ras = image.affine[:3, :3] @ corner + image.affine[:3, 3]
    assert_allclose(ras * [-1, -1, 1], volume.grid.to_lps(corner), atol=1e-3)
    [back] = load_series(file)
    assert np.array_equal(back.array, volume.array)
    assert_allclose(back.grid.affine, volume.grid.affine, atol=1e-4)
    file.unlink()


@pytest.mark.parametrize(("order", "signs"), ORDERS[::5])
def test_simpleitk_agrees(tmp_path: Path, order, signs) -> None:
    affine = affine_of(turn((0.1, -0.2, 0.3)) @ axis_order(order, signs), (0.7, 1.3, 2.5), (-31.5, 12.25, 80))
    stack(tmp_path, voxels_of("int16"), affine)
    [volume] = load_series(tmp_path)
    _assert_simpleitk_agrees(tmp_path, volume)


def _assert_simpleitk_agrees(folder: Path, volume) -> None:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    assert image.GetSize() == volume.grid.shape
    index = np.array(volume.grid.shape) - 1
    assert_allclose(image.TransformIndexToPhysicalPoint([int(n) for n in index]),
                    volume.grid.to_lps(index.astype(float)), atol=1e-3)
    assert np.array_equal(SimpleITK.GetArrayViewFromImage(image).transpose(2, 1, 0), volume.array)
