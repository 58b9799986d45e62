"""Label maps and images as NIfTI, read back by nibabel and SimpleITK."""

from __future__ import annotations

import itertools
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.testing import assert_allclose

from viewr.encode.nifti import decode_labelmap, encode_labelmap, write_image
from viewr.model.errors import FormatError
from viewr.model.geometry import Grid

SHAPE = (4, 5, 6)


def oblique_grid(shape: tuple[int, int, int] = SHAPE) -> Grid:
    angle = np.radians(25)
    affine = np.array([[0.7 * np.cos(angle), -1.2 * np.sin(angle), 0, -40],
                       [0.7 * np.sin(angle), 1.2 * np.cos(angle), 0, 12], [0, 0, 2.5, 88], [0, 0, 0, 1]])
    return Grid(shape, affine)


def labels(dtype: type = np.uint8) -> np.ndarray:
    return np.arange(np.prod(SHAPE)).reshape(SHAPE).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_round_trip(dtype: type) -> None:
    array = labels(dtype) * (1 if dtype is np.uint8 else 500)
    back = decode_labelmap(encode_labelmap(array, oblique_grid()), oblique_grid())
    assert np.array_equal(back, array)
    assert back.dtype == dtype


def test_other_programs_find_the_same_voxel_at_the_same_place(tmp_path: Path) -> None:
    grid, file = oblique_grid(), tmp_path / "labels.nii.gz"
    file.write_bytes(encode_labelmap(labels(), grid))
    image = nibabel.load(file)
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (1, 1)
    assert image.get_data_dtype() == np.uint8
    lps = grid.to_lps([1, 2, 3.0])
    assert_allclose(image.affine @ [1, 2, 3, 1], [-lps[0], -lps[1], lps[2], 1], atol=1e-4)
    assert_allclose(image.get_qform(), image.get_sform(), atol=1e-4)
    itk = SimpleITK.ReadImage(str(file))
    assert_allclose(itk.TransformIndexToPhysicalPoint((1, 2, 3)), lps, atol=1e-4)
    assert itk.GetPixel(1, 2, 3) == labels()[1, 2, 3]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("flips", list(itertools.product((1, -1), repeat=3)))
def test_any_axis_order_of_the_same_grid_is_laid_onto_it(order: tuple[int, ...], flips: tuple[int, ...]) -> None:
    grid = oblique_grid()
    image = nibabel.Nifti1Image(labels(), np.diag([-1, -1, 1, 1]) @ grid.affine)
    wanted = np.stack([order, flips], axis=1).astype(float)
    turned = image.as_reoriented(wanted)
    assert np.array_equal(decode_labelmap(turned.to_bytes(), grid), labels())


@pytest.mark.parametrize(
    ("other", "words"),
    [(Grid(SHAPE, oblique_grid().affine + 0.2 * (np.arange(16) == 3).reshape(4, 4)), r"voxels lie up to 0.20 mm"),
     (oblique_grid((4, 5, 7)), "it has 4 x 5 x 6 voxels, the scan 4 x 5 x 7"),
     (Grid(SHAPE, np.diag([0.7, 1.2, 2.5, 1])), "voxels lie up to")],
)
def test_another_geometry_is_refused(other: Grid, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        decode_labelmap(encode_labelmap(labels(), oblique_grid()), other)


def test_values_that_are_no_labels_are_refused() -> None:
    grid = oblique_grid()
    with pytest.raises(FormatError, match=r"values from 0 to 0.5"):
        decode_labelmap(write_image(np.full(SHAPE, 0.5, np.float32), grid), grid)
    with pytest.raises(FormatError, match=r"values from -3 to 0"):
        decode_labelmap(write_image(np.full(SHAPE, -3, np.int16), grid), grid)


def test_whole_numbers_in_float_files_are_labels() -> None:
    grid = oblique_grid()
    assert np.array_equal(decode_labelmap(write_image(labels().astype(np.float32), grid), grid), labels())


def test_what_is_not_nifti_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot be read as NIfTI"):
        decode_labelmap(b"hello", oblique_grid())
    with pytest.raises(FormatError, match="cannot be read as NIfTI"):
        decode_labelmap(encode_labelmap(labels(), oblique_grid())[:60], oblique_grid())


def test_the_same_labels_give_the_same_bytes() -> None:
    assert encode_labelmap(labels(), oblique_grid()) == encode_labelmap(labels(), oblique_grid())


def test_a_sheared_grid_keeps_its_shear() -> None:
    affine = np.array(oblique_grid().affine)
    affine[:3, 2] += [0, 1.0, 0]
    grid = Grid(SHAPE, affine)
    assert np.array_equal(decode_labelmap(encode_labelmap(labels(), grid), grid), labels())
