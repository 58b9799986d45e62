"""Colour, palettes, big-endian, deflated, RLE and damaged pixel data, through pydicom and its decoders."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.decode_rle import RLE
from viewr.imaging.deflated import open_inflated
from viewr.imaging.dicom_header import Header, quiet
from viewr.imaging.dicom_tags import DEFLATED, EXPLICIT_LE, NATIVE
from viewr.model.errors import FormatError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]


def decode(header: Header, indices: Sequence[int]) -> Iterator[tuple[int, Array | FormatError]]:
    """Frames of a file by pydicom; colour as RGB, palettes applied."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = _whole(header)
        except Exception as exc:
            yield from ((index, _refusal(header, exc)) for index in indices)
            return
        for index in indices:
            yield index, _frame(header, dataset, index)


def _whole(header: Header) -> Dataset:
    """The file with its pixels, made good where it lacks a transfer syntax or some of its bytes."""
    from pydicom import dcmread

    quiet()
    with open_inflated(header.path, announced_bytes(header)) as file:
        dataset = dcmread(file, force=True)
    if not getattr(dataset.file_meta, "TransferSyntaxUID", None) or header.problems:
        dataset.file_meta.TransferSyntaxUID = _unpacked_syntax(header) or EXPLICIT_LE
    if header.syntax in NATIVE and "PixelData" in dataset:
        _fill_up(header, dataset)
    return dataset


def announced_bytes(header: Header) -> int:
    """Bytes of uncompressed pixels that a file says it has."""
    numbers = [header.whole(name, 1) for name in ("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames")]
    return math.prod(max(1, number) for number in numbers) * max(8, header.whole("BitsAllocated", 8)) // 8


def _unpacked_syntax(header: Header) -> str:
    return EXPLICIT_LE if header.syntax == DEFLATED else header.syntax


def _fill_up(header: Header, dataset: Dataset) -> None:
    from pydicom.pixels.utils import get_expected_length

    missing = get_expected_length(dataset) - len(dataset.PixelData)
    if header.text("PhotometricInterpretation") == "YBR_PARTIAL_422":
        missing = announced_bytes(header) * 2 // 3 - len(dataset.PixelData)
    if missing > 0:
        header.problems.append(f"is cut off: {missing} bytes of pixels are missing")
        dataset.PixelData = dataset.PixelData + bytes(missing)


def _frame(header: Header, dataset: Dataset, index: int) -> Array | FormatError:
    from pydicom.pixels import pixel_array

    # The compiled RLE decoder ends a damaged stream with a panic that no `except Exception` holds.
    plugin = "pydicom" if header.syntax == RLE else ""
    try:
        if header.text("PhotometricInterpretation") == "YBR_PARTIAL_422" and header.syntax in NATIVE:
            return _partial_range(header, dataset, index)
        picture = np.asarray(pixel_array(dataset, index=index, decoding_plugin=plugin))
        if header.text("PhotometricInterpretation").startswith("PALETTE"):
            return _through_palette(picture, dataset)
    except Exception as exc:
        return _refusal(header, exc)
    return picture


def _partial_range(header: Header, dataset: Dataset, index: int) -> Array:
    """Colours whose brightness runs from 16 to 235, two pixels sharing one hue (DICOM PS3.3 C.7.6.3.1.2)."""
    rows, columns = header.whole("Rows"), header.whole("Columns")
    size = rows * columns * 2
    pairs = np.frombuffer(dataset.PixelData, np.uint8, size, index * size).reshape(-1, 4).astype(np.float64)
    brightness = 1.1644 * (pairs[:, :2] - 16).reshape(rows, columns)
    blue, red = (np.repeat(pairs[:, n] - 128, 2).reshape(rows, columns) for n in (2, 3))
    rgb = [brightness + 1.5960 * red, brightness - 0.3917 * blue - 0.8129 * red, brightness + 2.0173 * blue]
    return np.clip(np.rint(np.stack(rgb, axis=-1)), 0, 255).astype(np.uint8)


def _through_palette(picture: Array, dataset: Dataset) -> Array:
    """Colours of a palette, 16-bit ones reduced to the 8 bits of the screen."""
    from pydicom.pixels import apply_color_lut

    colours = apply_color_lut(picture, dataset)
    return (colours >> 8).astype(np.uint8) if colours.dtype.itemsize == 2 else colours


def _refusal(header: Header, cause: Exception) -> FormatError:
    from pydicom.uid import UID

    name = UID(header.syntax).name or "unknown transfer syntax"
    reason = FormatError(f"The pixels of {header.path.name} cannot be decoded ({name}).",
                         "Ask for the images without compression, or in a common one.")
    reason.__cause__ = cause
    return reason
