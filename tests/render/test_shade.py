"""Colours: window, inversion, look-up tables, label overlays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.render.volumes import counting
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render.base import LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer, shows_box
from viewr.render.shade import window_levels, window_pixels
from viewr.render.stack import build_stack


def grey(values: list[float], window: Window, dtype: str = "f4", inverted: bool = False) -> list[int]:
    pixels = window_pixels(np.array([values], dtype), window, inverted, "grey")
    return [int(pixel) & 255 for pixel in pixels[0]]


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "f4", "f8", "i1"])
def test_window_by_hand(dtype):
    # black at 50, white at 150; 255 * 0.6 = 153, 255 * 0.71 = 181.05, 255 * 0.77 = 196.35
    assert grey([0, 50, 110, 121, 127], Window(100, 100), dtype) == [0, 0, 153, 181, 196]


@pytest.mark.parametrize("dtype", ["i2", "i4", "f4", "f8"])
def test_linear_window_by_hand(dtype):
    # PS3.3 C.11.2.1.2.1 for c = 100, w = 100: black up to 50, white from 149, else ((x - 99.5) / 99 + 0.5) 255:
    # 51 is 2.58, 100 is 128.79, 110 is 154.55, 148 is 252.42.
    values, levels = [0, 50, 51, 100, 110, 148, 149, 150], [0, 0, 3, 129, 155, 252, 255, 255]
    assert grey(values, Window(100, 100, linear=True), dtype) == levels
    # The same under LINEAR_EXACT: black up to 50, white from 150, else ((x - 100) / 100 + 0.5) 255.
    # 51 is 2.55, 110 is 153, 148 is 249.9, 149 is 252.45.
    assert grey([0, 50, 51, 110, 148, 149, 150], Window(100, 100), dtype) == [0, 0, 3, 153, 250, 252, 255]


@pytest.mark.parametrize(
    ("width", "level", "low", "high"), [(4096, 2048, 0, 4095), (100, 0, -50, 49), (1, 0, -0.5, -0.5)]
)
def test_linear_windows_of_the_standard(width, level, low, high):
    # The examples below the formula.
    assert Window(width, level, linear=True).bounds == (low, high)


def test_linear_window_of_width_1_is_a_step():
    # Black up to c - 0.5, white beyond.
    assert grey([9, 10, 11], Window(1, 10, linear=True), "i2") == [0, 255, 255]
    assert grey([9, 10, 11], Window(1, 10.5, linear=True), "i2") == [0, 0, 255]


def test_linear_window_of_all_12_bits_keeps_its_ends():
    assert grey([0, 4094, 4095], Window(4096, 2048, linear=True), "u2") == [0, 255, 255]
    assert grey([0, 8, 9, 4086, 4087], Window(4096, 2048, linear=True), "u2") == [0, 0, 1, 254, 255]


def test_inverted_window():
    assert grey([50, 150], Window(100, 100), inverted=True) == [255, 0]


def test_window_of_no_width_is_a_step():
    assert grey([9, 10, 11], Window(0, 10), "i2") == [0, 255, 255]


def test_whole_range_of_16_bits():
    assert grey([-32768, 32767], Window(65535, -0.5), "i2") == [0, 255]
    assert grey([0, 65535], Window(65535, 32767.5), "u2") == [0, 255]


def test_not_a_number_is_black_and_infinite_is_white():
    assert grey([np.nan, -np.inf, np.inf], Window(10, 5)) == [0, 0, 255]
    assert grey([np.nan], Window(0, 5)) == [0]


def test_not_a_number_is_black_in_every_table_and_when_inverted():
    for lut, inverted in (("grey", True), ("pet", False), ("hot", True), ("labels", False)):
        assert window_pixels(np.array([[np.nan]], "f4"), Window(10, 5), inverted, lut).tolist() == [[0xFF000000]]


def test_gamma_by_hand():
    # Shares 0, 0.25, 0.5, 1 of white, to the power 0.5: 0, 0.5, 0.7071, 1; inverted first: 1, 0.866, 0.7071, 0
    for dtype in ("i2", "f4"):
        values = np.array([[0, 25, 50, 100]], dtype)
        greys = [window_pixels(values, Window(100, 50), inverted, "grey", 0.5)[0] & 255 for inverted in (False, True)]
        assert greys[0].tolist() == [0, 128, 180, 255]
        assert greys[1].tolist() == [255, 221, 180, 0]


def test_gamma_of_a_window_with_its_own_curve():
    window = Window(4, 2, curve=bytes([0, 64, 255]))
    assert (window_pixels(np.array([[0, 2, 4]], "f4"), window, False, "grey", 0.5)[0] & 255).tolist() == [0, 128, 255]


def test_tables_of_colours():
    def colour(lut: str, level: int) -> str:
        return f"{int(window_pixels(np.array([[level]], np.uint8), Window(255, 127.5), False, lut)[0, 0]):08x}"[2:]

    # Hot iron of DICOM PS3.6 B.1.1: red rises by 2 to 128, then green, and blue by 4 from 192
    assert [colour("hot iron", level) for level in (0, 1, 64, 128, 129, 192, 255)] == [
        "000000", "020000", "800000", "ff0000", "ff0200", "ff8000", "ffffff"]  # fmt: skip
    assert [colour("pet", level) for level in (0, 255)] == ["ffffff", "000000"]
    assert [colour("rainbow", level) for level in (0, 255)] == ["000000", "ff0000"]


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4"])
def test_labels_of_a_scan_have_colours_of_their_own(dtype):
    pixels = window_pixels(np.array([[-1, 0, 1, 2, 3, 100]], "i1").astype(dtype), Window(1, 50), True, "labels")[0]
    start = 0 if dtype != "u1" else 1
    assert pixels[start:2].tolist() == [0xFF000000] * (2 - start)
    assert len(set(pixels[1:].tolist())) == 5
    many = np.array([[1, 255, 256, 511]], np.int32)
    first, last, again, more = window_pixels(many, Window(1, 50), False, "labels")[0].tolist()
    assert (first == again == more, first != last) == (True, True)


def test_labels_of_a_scan_are_never_mixed():
    volume = Volume(np.array([1, 3], np.uint8).reshape(2, 1, 1), Grid((2, 1, 1), np.eye(4)), "SEG")
    view = SliceView(volume, build_stack(volume, "Transversal").plane(0), (8, 1), 0.25, Window(9, 5), lut="labels",
                     interpolation="linear")  # fmt: skip
    assert set(CpuRenderer().sample(view).ravel()) == {1.0, 3.0}


def test_constant_image():
    assert window_levels(np.full((2, 2), 7, np.int16), Window(1, 7), False).tolist() == [[128, 128], [128, 128]]


def picture(volume: Volume, overlays: tuple[LabelOverlay, ...] = (), **fields: object) -> QImage:
    stack = build_stack(volume, "Transversal")
    size = (volume.grid.shape[0], volume.grid.shape[1])
    view = SliceView(volume, stack.plane(0), size, 1.0, Window(255, 127.5), overlays=overlays, **fields)  # type: ignore
    return CpuRenderer().picture(view)


def test_monochrome1_is_shown_inverted_and_can_be_turned_back():
    array = np.array([[[0]], [[255]]], np.uint8)
    volume = Volume(array, Grid((2, 1, 1), np.eye(4)), "CR", inverted=True)
    assert [picture(volume).pixelColor(x, 0).red() for x in (0, 1)] == [255, 0]
    assert [picture(volume, inverted=True).pixelColor(x, 0).red() for x in (0, 1)] == [0, 255]


def test_colour_is_shown_as_stored():
    array = np.zeros((2, 1, 1, 3), np.uint8)
    array[0, 0, 0], array[1, 0, 0] = (10, 20, 30), (255, 0, 128)
    volume = Volume(array, Grid((2, 1, 1), np.eye(4)), "US", axes=("channel",))
    assert picture(volume).pixelColor(0, 0).getRgb()[:3] == (10, 20, 30)
    assert picture(volume, interpolation="linear").pixelColor(1, 0).getRgb()[:3] == (255, 0, 128)


def labelled(volume: Volume, label: Label, voxel: tuple[int, int, int]) -> LabelOverlay:
    labelmap = empty_labelmap(volume.grid, (label,))
    labelmap.array[voxel] = label.value
    return LabelOverlay(labelmap)


def test_label_is_blended_by_its_opacity():
    array = np.full((2, 1, 1), 100, np.uint8)
    volume = Volume(array, Grid((2, 1, 1), np.eye(4)), "CT")
    overlay = labelled(volume, Label(1, colour=(200, 0, 50), opacity=0.25), (1, 0, 0))
    shown = picture(volume, (overlay,))
    assert shown.pixelColor(0, 0).getRgb()[:3] == (100, 100, 100)
    assert shown.pixelColor(1, 0).getRgb()[:3] == (125, 75, 88)  # 100 * 0.75 + colour * 0.25, rounded


@pytest.mark.parametrize("opacity", [0.0, 1.0])
@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 255), (0, 255, 0)])
def test_extreme_colours_do_not_spill_into_one_another(opacity, colour):
    volume = Volume(np.full((1, 1, 1), 255, np.uint8), Grid((1, 1, 1), np.eye(4)), "CT")
    shown = picture(volume, (labelled(volume, Label(1, colour=colour, opacity=opacity), (0, 0, 0)),))
    assert shown.pixelColor(0, 0).getRgb()[:3] == (colour if opacity else (255, 255, 255))


def test_only_one_label_is_shown():
    volume = Volume(np.zeros((2, 1, 1), np.uint8), Grid((2, 1, 1), np.eye(4)), "CT")
    labelmap = empty_labelmap(volume.grid, (Label(1, opacity=1.0), Label(2, colour=(0, 0, 255), opacity=1.0)))
    labelmap.array[:, 0, 0] = (1, 2)
    shown = picture(volume, (LabelOverlay(labelmap, only=2),))
    assert [shown.pixelColor(x, 0).getRgb()[:3] for x in (0, 1)] == [(0, 0, 0), (0, 0, 255)]


@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
def test_label_on_another_grid_lies_where_it_lies_in_the_patient(interpolation):
    volume = Volume(np.zeros((4, 4, 1), np.int16, order="F"), Grid((4, 4, 1), np.eye(4)), "CT")
    coarse = Grid((2, 2, 1), np.array([[2, 0, 0, 0.5], [0, 2, 0, 0.5], [0, 0, 1, 0], [0, 0, 0, 1.0]]))
    labelmap = empty_labelmap(coarse, (Label(1, colour=(255, 0, 0), opacity=1.0),))
    labelmap.array[1, 0, 0] = 1
    shown = picture(volume, (LabelOverlay(labelmap),), interpolation=interpolation)
    red = [[shown.pixelColor(x, y).red() for x in range(4)] for y in range(4)]
    assert red == [[0, 0, 255, 255], [0, 0, 255, 255], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_large_labels_values_are_shown():
    volume = Volume(np.zeros((1, 1, 1), np.uint8), Grid((1, 1, 1), np.eye(4)), "CT")
    overlay = labelled(volume, Label(40000, colour=(1, 2, 3), opacity=1.0), (0, 0, 0))
    assert overlay.labelmap.array.dtype == np.uint16
    assert picture(volume, (overlay,)).pixelColor(0, 0).getRgb()[:3] == (1, 2, 3)


def test_picture_is_window_and_table_of_the_sample():
    volume = counting((8, 6, 3))
    stack = build_stack(volume, "Transversal")
    for interpolation in ("nearest", "linear"):
        view = SliceView(volume, stack.plane(1), (37, 29), 0.31, Window(150, 120), interpolation=interpolation)
        sample = CpuRenderer().sample(view)
        expected = window_levels(sample, view.window, False)
        shown = CpuRenderer().picture(view)
        picture = np.array([[shown.pixelColor(x, y).green() for x in range(37)] for y in range(29)])
        assert np.abs(picture - expected.astype(int)).max() <= 1


def test_a_window_drag_uses_the_sampled_values_again():
    volume = counting()
    view = SliceView(volume, build_stack(volume, "Transversal").plane(0), (4, 3), 1.0, Window(100, 50))
    renderer = CpuRenderer(reuse=True)
    renderer.picture(view)
    held = renderer._sampled
    renderer.picture(replace(view, window=Window(10, 5)))
    assert renderer._sampled is held
    renderer.release()
    assert renderer._sampled is None


def test_boxes_of_other_slices_do_not_show():
    volume = counting((4, 4, 5))
    stack = build_stack(volume, "Transversal")
    overlay = LabelOverlay(empty_labelmap(volume.grid, ()))
    view = SliceView(volume, stack.plane(1), (4, 4), 1.0, Window(1, 0))
    assert stack.voxels is not None
    k = int(stack.voxels[1])
    assert shows_box(view, overlay, ((0, 0, k), (1, 1, k + 1)))
    assert not shows_box(view, overlay, ((0, 0, k + 1), (4, 4, k + 2)))
