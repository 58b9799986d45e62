"""Lookup tables and sigmoid windows: grey levels worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.imaging.make import slice_file
from viewr.imaging.series import load_series
from viewr.imaging.voi import SIGMOID
from viewr.imaging.window import default_window
from viewr.model.volume import Volume
from viewr.render.shade import window_levels, window_pixels


def with_table(folder: Path, entries: list[int], first: int, bits: int, dtype: type = np.uint16) -> Volume:
    path = slice_file(folder, np.array([[0, 1, 2, 3]] * 4, dtype), None, Modality="DX")
    dataset = dcmread(path)
    table = Dataset()
    table.LUTDescriptor, table.LUTExplanation = [len(entries), first, bits], "Contrast"
    table["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    table.LUTData = np.array(entries, "<u2").tobytes()
    dataset.VOILUTSequence = [table]
    dataset.save_as(path)
    return load_series(path)[0]


def test_a_table_gives_its_own_grey_levels(tmp_path: Path) -> None:
    window = default_window(with_table(tmp_path, [0, 10, 200, 255], 0, 8))
    assert (window.name, window.bounds) == ("Contrast", (0, 3))
    values = np.array([[-5, 0, 1, 2, 3, 9]], np.int16)
    assert window_levels(values, window, False).tolist() == [[0, 0, 10, 200, 255, 255]]
    assert window_levels(values, window, True).tolist() == [[255, 255, 245, 55, 0, 0]]
    assert (window_pixels(values, window, False, "grey") & 0xFF).tolist() == [[0, 0, 10, 200, 255, 255]]
    assert window_levels(values.astype(np.float32), window, False).tolist() == [[0, 0, 10, 200, 255, 255]]


def test_a_table_of_more_bits_from_a_negative_value(tmp_path: Path) -> None:
    window = default_window(with_table(tmp_path, [0, 2048, 4095], -1, 12, np.int16))
    assert window.bounds == (-1, 1)
    assert window_levels(np.array([[-1, 0, 1]]), window, False).tolist() == [[0, 128, 255]]


def test_a_table_that_contradicts_itself_is_left_out(tmp_path: Path) -> None:
    path = with_table(tmp_path, [0, 1, 2, 3], 0, 16).files[0]
    dataset = dcmread(path)
    dataset.VOILUTSequence[0].LUTDescriptor = [5000, 0, 16]
    dataset.VOILUTSequence[0]["LUTDescriptor"].VR = "US"
    dataset.save_as(path)
    assert load_series(path)[0].windows == ()


def test_a_sigmoid_is_steepest_in_the_middle_and_never_clips_hard(tmp_path: Path) -> None:
    path = slice_file(tmp_path, np.zeros((4, 4), np.int16), None, WindowCenter=100, WindowWidth=200,
                      VOILUTFunction="SIGMOID", Modality="MG")
    [window] = load_series(path)[0].windows
    assert (window.width, window.level) == (200, 100)
    levels = window_levels(np.array([[-1000, 0, 100, 200, 1000]]), window, False)[0]
    # 255 / (1 + exp(-4 (x - 100) / 200)): at the ends of the window 30.4 and 224.6, as PS3.3 C.11.2.1.3.1 has it.
    assert levels.tolist() == [0, 30, 128, 225, 255]


def lut(entries: list[int], name: str) -> Dataset:
    table = Dataset()
    table.LUTDescriptor, table.LUTExplanation = [len(entries), 0, 8], name
    table["LUTDescriptor"].VR = "US"
    table.LUTData = np.array(entries, "<u2").tobytes()
    return table


@pytest.mark.parametrize("shared", [True, False])
def test_tables_and_functions_in_the_groups_of_enhanced_frames(tmp_path: Path, shared: bool) -> None:
    path = slice_file(tmp_path, np.array([[[0, 1]] * 2] * 3, np.uint16), (0, 0, 0), NumberOfFrames=3,
                      VOILUTSequence=[lut([0, 255], "of the file")])
    dataset = dcmread(path)
    voi = Dataset()
    voi.WindowCenter, voi.WindowWidth, voi.VOILUTFunction = 100, 200, "SIGMOID"
    voi.VOILUTSequence = [lut([0, 10, 255], "of the frame")]
    dataset.SharedFunctionalGroupsSequence = [Dataset()]
    dataset.PerFrameFunctionalGroupsSequence = [place(float(n)) for n in range(3)]
    for group in dataset.SharedFunctionalGroupsSequence if shared else dataset.PerFrameFunctionalGroupsSequence:
        group.FrameVOILUTSequence = [voi]
    dataset.save_as(path)
    window, table = load_series(path)[0].windows
    assert (window.width, window.level, window.curve) == (200, 100, SIGMOID)
    assert (table.name, table.bounds) == ("of the frame", (0, 2))
    assert window_levels(np.array([[0, 1, 2]]), table, False).tolist() == [[0, 10, 255]]


def place(height: float) -> Dataset:
    """The groups of a frame that lies at a height."""
    groups, position = Dataset(), Dataset()
    position.ImagePositionPatient = [0, 0, height]
    groups.PlanePositionSequence = [position]
    return groups


@pytest.mark.parametrize(
    ("elements", "linear", "bounds"),
    [({}, True, (50, 149)), ({"VOILUTFunction": "LINEAR"}, True, (50, 149)),
     ({"VOILUTFunction": "LINEAR_EXACT"}, False, (50, 150)), ({"WindowWidth": 0.5}, False, (99.75, 100.25))])
def test_windows_are_linear_unless_the_file_says_exact(
    tmp_path: Path, elements: dict[str, Any], linear: bool, bounds: tuple[float, float]
) -> None:
    elements = {"WindowCenter": 100, "WindowWidth": 100, **elements}
    path = slice_file(tmp_path, np.zeros((4, 4), np.int16), None, **elements)
    [window] = load_series(path)[0].windows
    assert (window.linear, window.bounds) == (linear, bounds)
