"""Stored values of every layout become the real-world values that they stand for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import describe_pixels, flat_stack, slice_file
from viewr.imaging.mapped import Spool, describe, map_file, place_of
from viewr.imaging.series import load_series, read_folder
from viewr.imaging.window import default_window
from viewr.model.volume import Volume, Window


def one(folder: Path, pixels: np.ndarray, **elements: Any) -> Volume:
    [volume] = load_series(slice_file(folder, pixels, (0, 0, 0), **elements))
    return volume


def picture(volume: Volume) -> np.ndarray:
    """(rows, columns) of the first slice."""
    return volume.array[:, :, 0].T


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
def test_every_whole_type(tmp_path: Path, dtype: str) -> None:
    info = np.iinfo(dtype)
    pixels = np.array([[info.min, info.max], [1, 2]], dtype)
    volume = one(tmp_path, pixels)
    assert picture(volume).tolist() == pixels.tolist()
    assert volume.array.dtype == dtype


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_float_pixels(tmp_path: Path, keyword: str, dtype: str) -> None:
    pixels = np.array([[0.5, -1.25], [1e6, 3]], dtype)
    path = slice_file(tmp_path, pixels.view("u4" if dtype == "f4" else "u8").reshape(2, -1), (0, 0, 0))
    dataset = dcmread(path)
    del dataset.PixelData
    del dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    setattr(dataset, keyword, pixels.tobytes())
    dataset.save_as(path)
    [volume] = load_series(path)
    assert picture(volume).tolist() == pixels.tolist()


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "kind", "values"),
    [("u2", 1, -1000, "i2", [-1000, 1000]), ("u2", 2, 0, "u2", [0, 4000]), ("u2", "0.5", 1, "f4", [1, 1001]),
     ("i2", 1, 32767, "u2", [32767, 34767]),
     ("i2", -20, 0, "i4", [0, -40000]), ("u1", 1, -1024, "i2", [-1024, -924]), ("u1", 100, 0, "u2", [0, 10000]),
     ("u2", 100000, 0, "u4", [0, 200_000_000]), ("i2", -1, 0, "i2", [0, -2000])],
)
def test_integers_stay_integers_where_they_can(tmp_path: Path, dtype: str, slope: Any, intercept: int, kind: str,
                                               values: list[float]) -> None:
    stored = np.array([[0, 100 if dtype == "u1" else 2000]], dtype)
    volume = one(tmp_path, stored, RescaleSlope=slope, RescaleIntercept=intercept)
    assert picture(volume).ravel().tolist() == values
    assert volume.array.dtype == kind


def test_values_that_announced_bits_allow_but_nobody_used_need_no_wider_type(tmp_path: Path) -> None:
    # 16 bits stored and an intercept of -1024: only the values decide that int16 holds them.
    usual = one(tmp_path, np.array([[0, 4000]], np.uint16), RescaleIntercept=-1024, RescaleSlope=1)
    assert usual.array.dtype == np.int16
    wide = one(tmp_path, np.array([[0, 65535]], np.uint16), RescaleIntercept=-1024, RescaleSlope=1)
    assert picture(wide).tolist() == [[-1024, 64511]]
    assert wide.array.dtype == np.int32


def test_each_slice_has_its_own_slope(tmp_path: Path) -> None:
    for k, slope in enumerate(("2", "0.25", "1")):
        slice_file(tmp_path, np.full((2, 2), 8, np.int16), (0, 0, k), number=k + 1, RescaleSlope=slope,
                   RescaleIntercept=k)
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [16, 3, 10]


def test_signed_and_unsigned_files_in_one_series(tmp_path: Path) -> None:
    slice_file(tmp_path, np.full((2, 2), -5, np.int16), (0, 0, 0))
    slice_file(tmp_path, np.full((2, 2), 60000, np.uint16), (0, 0, 1), number=2)
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [-5, 60000]


@pytest.mark.parametrize(
    ("signed", "stored", "high", "raw", "value"),
    [(0, 12, 11, 0xF123, 0x123), (1, 12, 11, 0xF800, -2048), (1, 12, 11, 0x0FFF, -1), (0, 12, 15, 0x1230, 0x123),
     (0, 10, 9, 0xFC01, 1), (1, 13, 12, 0x1FFF, -1), (0, 1, 0, 0xFFFE, 0)],
)
def test_bits_beside_the_pixels_are_no_values(tmp_path: Path, signed: int, stored: int, high: int, raw: int, value: int
                                              ) -> None:
    volume = one(tmp_path, np.full((2, 2), raw, np.uint16), BitsStored=stored, HighBit=high, PixelRepresentation=signed)
    assert np.unique(volume.array).tolist() == [value]


def test_padding_and_windows_are_real_world_values(tmp_path: Path) -> None:
    volume = one(tmp_path, np.full((2, 2), 5, np.int16), Modality="CT", RescaleSlope=1, RescaleIntercept=-1024,
                 PixelPaddingValue=-2000, WindowCenter=["40", "-600"], WindowWidth=["400", "1500"],
                 WindowCenterWidthExplanation=["SOFT", "LUNG"])
    assert volume.padding == (-3024, -3024)
    assert volume.windows == (Window(400, 40, "SOFT", linear=True), Window(1500, -600, "LUNG", linear=True))
    assert volume.unit == "HU"


@pytest.mark.parametrize(("value", "limit"), [(-2000, -1990), (-1990, -2000)])
def test_a_range_of_padding_counts_for_no_window(tmp_path: Path, value: int, limit: int) -> None:
    # A square of 0 to 99 on a frame of padding from -1990 to -2000, both ends of which are padding, too.
    pixels = np.linspace(-2000, -1990, 400).round().astype(np.int16).reshape(20, 20)
    pixels[5:15, 5:15] = np.arange(100).reshape(10, 10)
    volume = one(tmp_path, pixels, PixelPaddingValue=value, PixelPaddingRangeLimit=limit, RescaleSlope=2,
                 RescaleIntercept=10)
    assert volume.padding == (-3990, -3970)
    # Twice 0.5 % of 99 and twice 99.5 % of 99, and 10.
    assert default_window(volume).bounds == pytest.approx((10.99, 207.01))
    held = Spool(tmp_path / "spool").hold(volume)
    place = place_of(held.array)
    assert place is not None
    assert map_file(json.loads(json.dumps(describe(held))), *place).padding == volume.padding


def test_modality_lut(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4, 10, 16]
    table.ModalityLUTType = "OD"
    table.LUTData = [100, 200, 300, 4000]
    path = slice_file(tmp_path, np.array([[10, 11], [12, 13]], np.uint16), (0, 0, 0))
    dataset = dcmread(path)
    dataset.ModalityLUTSequence = Sequence([table])
    dataset["ModalityLUTSequence"].value[0]["LUTDescriptor"].VR = "US"
    dataset["ModalityLUTSequence"].value[0]["LUTData"].VR = "US"
    dataset.save_as(path)
    [volume] = load_series(path)
    assert picture(volume).tolist() == [[100, 200], [300, 4000]]


def test_monochrome1_is_inverted_on_the_screen_only(tmp_path: Path) -> None:
    volume = one(tmp_path, np.array([[1, 2]], np.uint8), PhotometricInterpretation="MONOCHROME1")
    assert volume.inverted
    assert picture(volume).tolist() == [[1, 2]]


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_by_pixel_and_by_plane(tmp_path: Path, planar: int) -> None:
    colours = np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]], np.uint8)
    path = slice_file(tmp_path, np.zeros((2, 2), np.uint8), None)
    dataset = dcmread(path)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", planar
    dataset.PixelData = (colours if planar == 0 else colours.transpose(2, 0, 1)).tobytes()
    dataset.save_as(path)
    [volume] = load_series(path)
    assert volume.axes == ("channel",)
    assert np.array_equal(volume.array[:, :, 0].transpose(1, 0, 2), colours)


def test_a_cine_in_one_file(tmp_path: Path) -> None:
    frames = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(3, 2, 4)
    path = slice_file(tmp_path, np.zeros((2, 4), np.uint8), None, FrameTime="40")
    dataset = dcmread(path)
    describe_pixels(dataset, frames)
    dataset.NumberOfFrames = 3
    dataset.save_as(path)
    [volume] = load_series(path)
    assert (volume.axes, volume.array.shape, volume.frame_time_ms) == (("time",), (4, 2, 1, 3), 40.0)
    assert np.array_equal(volume.array[:, :, 0].transpose(2, 1, 0), frames)


def enhanced(folder: Path, name: str, frames: list[tuple[float, int]], **elements: Any) -> Path:
    """An enhanced CT whose frames lie at (height, value)."""
    pixels = np.stack([np.full((2, 3), value, np.int16) for _, value in frames])
    path = slice_file(folder, pixels[0], None, name=name, Modality="CT", **elements)
    dataset = dcmread(path)
    describe_pixels(dataset, pixels)
    dataset.NumberOfFrames = len(frames)
    shared, measures, orientation, transform = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.75], 2
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = 1, -10, "HU"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    shared.PixelValueTransformationSequence = [transform]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = [_place(height) for height, _ in frames]
    dataset.save_as(path)
    return path


def _place(height: float) -> Dataset:
    group, position = Dataset(), Dataset()
    position.ImagePositionPatient = [-10, -20, height]
    group.PlanePositionSequence = [position]
    return group


def test_enhanced_frames_go_where_their_groups_say(tmp_path: Path) -> None:
    [volume] = load_series(enhanced(tmp_path, "e.dcm", [(4, 14), (0, 10), (2, 12)]))
    assert volume.array[0, 0].tolist() == [0, 2, 4]
    assert volume.unit == "HU"
    assert volume.spacing == pytest.approx((0.75, 0.5, 2))
    assert volume.grid.to_lps([0, 0, 0.0]).tolist() == [-10, -20, 0]


def test_a_concatenation_over_two_files_is_one_volume(tmp_path: Path) -> None:
    enhanced(tmp_path, "b.dcm", [(4, 14), (6, 16)], ConcatenationUID="1.5", InConcatenationNumber=2, number=1)
    enhanced(tmp_path, "a.dcm", [(0, 10), (2, 12)], ConcatenationUID="1.5", InConcatenationNumber=1, number=1)
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [0, 2, 4, 6]
    assert len(volume.files) == 2


def test_a_uih_mosaic_is_unpacked_by_its_own_positions(tmp_path: Path) -> None:
    tiles = np.zeros((4, 4), np.int16)
    tiles[:2, :2], tiles[:2, 2:], tiles[2:, :2] = 1, 2, 3
    path = slice_file(tmp_path, tiles, (0, 0, 0), Manufacturer="UIH", ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    dataset = dcmread(path)
    block = dataset.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x50, "DS", "3")
    block.add_new(0x51, "SQ", [_position(z) for z in (30, 20, 10)])
    dataset.save_as(path)
    [volume] = load_series(path)
    assert volume.array.shape == (2, 2, 3)
    assert volume.array[0, 0].tolist() == [3, 2, 1]
    assert volume.grid.to_lps([0, 0, 0.0]).tolist() == [0, 0, 10]


def _position(z: float) -> Dataset:
    item = Dataset()
    item.ImagePositionPatient = [0, 0, z]
    return item


def test_many_slices_are_read_by_threads_in_their_order(tmp_path: Path) -> None:
    flat_stack(tmp_path, list(range(40)))
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == list(range(40))


# --- forms that no real scan here has ------------------------------------------------------------------------------


def rewritten(path: Path, syntax: str, **elements: object) -> None:
    """The file again with other elements, written in another transfer syntax."""
    from pydicom import dcmwrite

    dataset = dcmread(path)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    if "FloatPixelData" in elements or "DoubleFloatPixelData" in elements:
        del dataset.PixelData
    dataset.file_meta.TransferSyntaxUID = syntax
    big = syntax == "1.2.840.10008.1.2.2"
    dcmwrite(path, dataset, implicit_vr=False, little_endian=not big, force_encoding=True)


@pytest.mark.parametrize(("keyword", "bits", "kind"),
                         [("FloatPixelData", 32, "f4"), ("DoubleFloatPixelData", 64, "f8")])
@pytest.mark.parametrize(("syntax", "order"), [("1.2.840.10008.1.2.1", "<"), ("1.2.840.10008.1.2.2", ">")])
def test_floating_point_pixels_in_either_byte_order(tmp_path: Path, keyword: str, bits: int, kind: str, syntax: str,
                                                    order: str) -> None:
    path = slice_file(tmp_path, np.zeros((4, 4), np.int16), (0, 0, 0))
    values = np.linspace(-1, 1, 16)
    rewritten(path, syntax, BitsAllocated=bits, **{keyword: values.astype(order + kind).tobytes()})
    [volume] = load_series(path)
    assert volume.array.dtype == np.dtype(kind)
    assert volume.array[..., 0].T.ravel() == pytest.approx(values, abs=1e-7)


def test_signed_12_bits_of_16_in_big_endian(tmp_path: Path) -> None:
    values = np.arange(-8, 8, dtype=np.int16)
    path = slice_file(tmp_path, values.reshape(4, 4), (0, 0, 0), BitsStored=12, HighBit=11)
    rewritten(path, "1.2.840.10008.1.2.2", PixelData=(values & 0xFFF).astype(">u2").tobytes())
    assert load_series(path)[0].array[..., 0].T.ravel().tolist() == values.tolist()


def test_colours_of_partial_range(tmp_path: Path) -> None:
    path = slice_file(tmp_path, np.zeros((2, 2), np.uint8), None, SamplesPerPixel=3, PlanarConfiguration=0,
                      PhotometricInterpretation="YBR_PARTIAL_422", Modality="US")
    # White and black; then the red of BT.601 twice: Y 81, Cb 90, Cr 240.
    rewritten(path, "1.2.840.10008.1.2.1", PixelData=bytes([235, 16, 128, 128, 81, 81, 90, 240]))
    [volume] = load_series(path)
    assert volume.array[:, 0, 0].tolist() == [[255, 255, 255], [0, 0, 0]]
    assert np.abs(volume.array[:, 1, 0].astype(int) - [255, 0, 0]).max() <= 2
    assert not any("cut off" in words for words in volume.warnings)


def test_a_deflated_file_does_not_unpack_to_more_than_it_announces(tmp_path: Path) -> None:
    import tracemalloc
    import zlib

    path = slice_file(tmp_path, np.arange(16, dtype=np.int16).reshape(4, 4), (0, 0, 0))
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    dataset.save_as(path)
    assert load_series(path)[0].array[..., 0].T.ravel().tolist() == list(range(16))
    data = path.read_bytes()
    start = 144 + int.from_bytes(data[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(zlib.decompressobj(-15).decompress(data[start:])[:-32 - 12])
    body += packer.compress(b"\xe0\x7f\x10\x00OW\0\0" + (1 << 30).to_bytes(4, "little"))
    body += b"".join(packer.compress(bytes(1 << 22)) for _ in range(40)) + packer.flush()
    path.write_bytes(data[:start] + body)
    tracemalloc.start()
    load_series(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
    assert path.stat().st_size < 1e6


@needs_real_scans
def test_a_damaged_rle_plane_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    data = (SHARED / "transfer-syntaxes" / "small" / "MR_small_RLE.dcm").read_bytes()
    whole = load_series(SHARED / "transfer-syntaxes" / "small" / "MR_small_RLE.dcm")[0]
    (tmp_path / "cut.dcm").write_bytes(data[: len(data) - 1500])
    result = read_folder(tmp_path)
    said = [*(words for v in result.volumes for words in v.warnings), *(r.reason for r in result.refused)]
    assert any("cut off" in words for words in said)
    for volume in result.volumes:
        assert volume.array.shape == whole.array.shape


@needs_real_scans
def test_rubbish_behind_the_end_of_a_jpeg_is_no_truncation() -> None:
    [cine] = load_series(SHARED / "projection" / "jpeg_baseline_8bit.dcm")
    assert not any("cut off" in words for words in cine.warnings)


def test_trigger_times_tell_the_speed_of_a_heart(tmp_path: Path) -> None:
    for number, time in enumerate((10, 55, 100, 145)):
        slice_file(tmp_path, np.full((2, 3), number, np.int16), (0, 0, 0), number=number + 1, Modality="MR",
                   TriggerTime=str(time))  # fmt: skip
    [volume] = load_series(tmp_path)
    assert (volume.axes, volume.frame_time_ms) == (("phase",), 45.0)
    assert volume.array[0, 0, 0].tolist() == [0, 1, 2, 3]
