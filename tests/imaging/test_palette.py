"""Colours that a file gives to some of its values, beside the values themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import slice_file
from viewr.imaging.mapped import Spool, describe, map_file, place_of
from viewr.imaging.series import load_series
from viewr.imaging.volume_cache import VolumeCache
from viewr.model.geometry import Plane
from viewr.model.volume import Palette, Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.shade import paint_palette, window_pixels
from viewr.render.stack import build_stack

GREY = "The file gives colours for some of its values; they are shown as grey."
RED_TO_BLUE = {"Red": [0xFF00, 0x8000, 0], "Green": [0, 0x1000, 0], "Blue": [0, 0, 0xFF00]}


def coloured(folder: Path, first: int, pixels: np.ndarray, **elements: Any) -> Path:
    """A slice whose stored values `first` to `first` + 2 are red, brown and blue."""
    entries: dict[str, Any] = {"PixelPresentation": "COLOR"}
    for name, values in RED_TO_BLUE.items():
        entries[f"{name}PaletteColorLookupTableDescriptor"] = [len(values), first, 16]
        entries[f"{name}PaletteColorLookupTableData"] = np.array(values, "<u2").tobytes()
    return slice_file(folder, pixels, (0, 0, float(elements.get("InstanceNumber", 0))), **{**entries, **elements})


def shown(volume: Volume, window: Window, plane: Plane, interpolation: str = "nearest") -> np.ndarray:
    """Red, green and blue of each voxel of a plane, one pixel each."""
    size = volume.grid.shape[:2]
    view = SliceView(volume, plane, size, volume.spacing[0], window, interpolation=interpolation)  # type: ignore
    image = CpuRenderer().picture(view)
    return np.array([[image.pixelColor(x, y).getRgb()[:3] for x in range(size[0])] for y in range(size[1])])


@needs_real_scans
def test_blood_flow_is_shown_in_its_colours_and_read_as_values() -> None:
    [volume] = load_series(SHARED / "other" / "eCT_Supplemental.dcm")
    assert volume.warnings == ()
    assert volume.array.ndim == 3
    # The second slice along the normal is the first frame; stored 0, 1024, 1123 and 1196 less 1024.
    at = ([0, 244, 184, 232], [0, 70, 106, 280], [1, 1, 1, 1])
    assert volume.array[at].tolist() == [-1024, 0, 99, 172]
    assert volume.palette is not None
    assert (volume.palette.first, volume.palette.step, len(volume.palette.colours)) == (0, 1, 300)
    values = volume.array[at][None]
    pixels = window_pixels(values, volume.windows[0], False, "grey")
    paint_palette(pixels, values, volume.palette)
    # As in the file's table: entry 0 is 0x0100 of each, the last one 0xFFFF, 0xFFFF, 0xD7A4.
    assert [hex(pixel) for pixel in pixels[0]] == ["0xff000000", "0xff010101", "0xffffffd7", "0xffffffd7"]


def test_values_below_the_first_are_grey_and_beyond_the_last_have_its_colour(tmp_path: Path) -> None:
    # Real values are 2 v + 10: the palette begins at 2 * -1 + 10 = 8.
    path = coloured(tmp_path, -1, np.array([[-6, -2, -1], [0, 1, 9]], np.int16), RescaleSlope=2, RescaleIntercept=10)
    [volume] = load_series(path)
    assert volume.palette == Palette(8, 2, bytes([255, 0, 0, 128, 16, 0, 0, 0, 255]))
    assert volume.array[:, :, 0].T.tolist() == [[-2, 6, 8], [10, 12, 28]]
    # Grey from -2 to 18: 6 is 8 / 20 of 255.
    picture = shown(volume, Window(20, 8), build_stack(volume, "Transversal").plane(0))
    assert picture.tolist() == [[[0, 0, 0], [102, 102, 102], [255, 0, 0]], [[128, 16, 0], [0, 0, 255], [0, 0, 255]]]


def test_a_negative_slope_gives_colours_to_the_lower_values(tmp_path: Path) -> None:
    path = coloured(tmp_path, 5, np.array([[4, 5], [6, 7]], np.uint16), RescaleSlope=-1, RescaleIntercept=0)
    [volume] = load_series(path)
    picture = shown(volume, Window(10, -5), build_stack(volume, "Transversal").plane(0))
    assert picture.tolist() == [[[153, 153, 153], [255, 0, 0]], [[128, 16, 0], [0, 0, 255]]]


def test_no_colour_appears_that_no_voxel_has(tmp_path: Path) -> None:
    [volume] = load_series(coloured(tmp_path, 5, np.array([[0, 7], [7, 0]], np.uint16)))
    view = SliceView(volume, build_stack(volume, "Transversal").plane(0), (16, 16), 0.125, Window(10, 5),
                     interpolation="linear")
    image = CpuRenderer().picture(view)
    colours = {image.pixelColor(x, y).getRgb()[:3] for x in range(16) for y in range(16)}
    assert colours == {(0, 0, 0), (0, 0, 255)}


def test_the_palette_goes_along_to_other_processes_and_into_the_cache(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    [volume] = load_series(coloured(tmp_path / "in", 5, np.array([[4, 5], [6, 7]], np.uint16)))
    held = Spool(tmp_path / "spool").hold(volume)
    place = place_of(held.array)
    assert place is not None
    assert map_file(json.loads(json.dumps(describe(held))), *place).palette == volume.palette
    cache = VolumeCache(tmp_path / "volumes")
    cache.store("key", [held])
    found = cache.load("key")
    assert found is not None
    assert found.volumes[0].palette == volume.palette is not None


@pytest.mark.parametrize(
    "other", [{"RescaleIntercept": 1}, {"PixelPresentation": "MONOCHROME"},
              {"RedPaletteColorLookupTableData": b"\1\2" * 3}, {"RedPaletteColorLookupTableData": b"\1\2"}])
def test_slices_that_share_no_palette_are_grey_and_it_is_said(tmp_path: Path, other: dict[str, Any]) -> None:
    pixels = np.array([[4, 5], [6, 7]], np.uint16)
    coloured(tmp_path, 5, pixels, InstanceNumber=1, RescaleSlope=1, name="1", **{"RescaleIntercept": 0})
    coloured(tmp_path, 5, pixels, InstanceNumber=2, name="2", **{"RescaleSlope": 1, "RescaleIntercept": 0, **other})
    [volume] = load_series(tmp_path)
    assert volume.palette is None
    assert GREY in volume.warnings
