"""A series that is still arriving."""

from __future__ import annotations

import random
import threading
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import flat_stack, slice_file
from viewr.imaging.series import load_series, open_series, read_folder
from viewr.imaging.stream import SeriesStream
from viewr.model.errors import FormatError
from viewr.model.volume import Volume

FOLDERS = ["ct-chest-philips", "ct-head-tilt-ge", "mr-t1-philips", "pet-ge/image", "mr-epi4d-ge/dicom",
           "mr-localizer-ge", "mr-multiecho-siemens/dicom", "mr-enhanced-philips/dicom",
           "mr-mosaic-siemens/dicom", "ultrasound",
           "petct-cropped-ge", "other"]


def assert_same_volumes(ours: list[Volume], theirs: list[Volume]) -> None:
    by_files = {(*volume.files, volume.part): volume for volume in theirs}
    assert {(*volume.files, volume.part) for volume in ours} == by_files.keys()
    for volume in ours:
        other = by_files[(*volume.files, volume.part)]
        assert np.array_equal(volume.array, other.array)
        assert np.array_equal(volume.grid.affine, other.grid.affine)
        for field in fields(Volume):
            if field.name not in ("array", "grid"):
                assert getattr(volume, field.name) == getattr(other, field.name), field.name


@needs_real_scans
@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("name", FOLDERS)
def test_in_the_end_it_is_what_the_folder_holds(name: str, seed: int | None) -> None:
    paths = sorted(path for path in (SHARED / name).rglob("*") if path.is_file())
    expected = read_folder(paths)
    if seed is not None:
        random.Random(seed).shuffle(paths)
    stream = SeriesStream(len(paths))
    for path in paths:
        stream.add(path)
    assert_same_volumes(stream.finish(), expected.volumes)
    assert {str(path) for path, _ in stream.refused} == {r.path for r in expected.refused}


@needs_real_scans
def test_the_second_slice_brings_the_first_picture() -> None:
    paths = sorted((SHARED / "mr-t1-philips").iterdir())
    [whole] = load_series(paths)
    shapes: list[tuple[int, ...]] = []
    arrived: list[int] = []
    stream = open_series(expected=len(paths), arrived=arrived.append, reshaped=lambda v: shapes.append(v.array.shape))
    stream.add(paths[0])
    assert stream.volume is None
    stream.add(paths[100])
    volume = stream.volume
    assert volume is not None
    assert volume.array.shape == whole.array.shape
    # Instance numbers tell the extent; two slices place the others to within the rounding of their positions.
    assert_allclose(volume.grid.affine, whole.grid.affine, atol=1e-3)
    assert np.flatnonzero(stream.loaded).tolist() == [0, 100]
    assert np.array_equal(volume.array[:, :, 100], whole.array[:, :, 100])
    for path in paths[1:100] + paths[101:]:
        stream.add(path)
    assert stream.volume is volume
    assert stream.loaded.all()
    assert shapes == [whole.array.shape]
    assert sorted(arrived) == sorted(set(range(170)) - {0, 100})
    assert np.array_equal(volume.array, whole.array)
    assert np.shares_memory(stream.finish()[0].array, volume.array)


def test_a_wrong_guess_is_mended_and_told(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, [0, 10, 20, 30])
    # The numbers say nothing here, and the first two slices are not neighbours.
    reshaped: list[Volume] = []
    stream = SeriesStream(4, reshaped=reshaped.append)
    for n in (0, 2, 1, 3):
        stream.add(paths[n])
    assert stream.volume is not None
    assert stream.volume.array[0, 0].tolist() == [0, 1, 2, 3]
    assert stream.loaded.all()
    uneven = flat_stack(tmp_path / "..", [40, 43], 5, 4)
    for path in uneven:
        stream.add(path)
    assert reshaped[-1].grid.slice_positions is not None
    [volume] = stream.finish()
    assert volume.array[0, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_slice_that_never_came_is_not_taken_for_black(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, [0, 5, 10, 15, 20, 25])
    stream = open_series([path for n, path in enumerate(paths) if n != 3], expected=6)
    assert stream.loaded.tolist() == [True, True, True, False, True, True]
    [volume] = stream.finish()
    assert volume.array.shape == (4, 4, 5)
    assert volume.warnings == ("Slice 4 is missing between 10.0 and 20.0 mm.",)


def test_several_threads_may_add(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, list(range(64)))
    stream = SeriesStream(64)
    threads = [threading.Thread(target=lambda part=part: [stream.add(path) for path in part])
               for part in (paths[0::4], paths[1::4], paths[2::4], paths[3::4])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [volume] = stream.finish()
    assert volume.array[0, 0].tolist() == list(range(64))


def test_a_type_too_small_is_widened(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, [0, 5], RescaleSlope=1, RescaleIntercept=-1)
    paths += flat_stack(tmp_path, [10], 3, 2, RescaleSlope="0.5", RescaleIntercept=0)
    stream = open_series(paths)
    assert stream.volume is not None
    assert stream.volume.array.dtype == np.float32
    assert stream.volume.array[0, 0].tolist() == [-1, 0, 1]


def test_nothing_to_show_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    stream = open_series(tmp_path)
    with pytest.raises(FormatError, match="a text file"):
        stream.finish()


def test_slices_without_air_do_not_double_the_memory(tmp_path: Path) -> None:
    for n, value in enumerate((0, 3000, 500)):
        slice_file(tmp_path, np.full((4, 4), value, np.uint16), (0, 0, 5 * n), number=n + 1, RescaleIntercept=-1024,
                   RescaleSlope=1, Modality="CT")
    stream = open_series(tmp_path)
    assert stream.volume is not None
    assert stream.volume.array.dtype == np.int16
    [volume] = stream.finish()
    assert volume.array.dtype == np.int16
    assert volume.array[0, 0].tolist() == [-1024, 1976, -524]
