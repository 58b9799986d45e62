"""Colour, palettes, big-endian, deflated, RLE and damaged pixel data, through pydicom and its decoders."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header, quiet
from viewr.imaging.dicom_tags import EXPLICIT_LE, NATIVE
from viewr.model.errors import FormatError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_RLE = "1.2.840.10008.1.2.5"
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
    dataset = dcmread(header.path, force=True)
    if not getattr(dataset.file_meta, "TransferSyntaxUID", None) or header.problems:
        dataset.file_meta.TransferSyntaxUID = header.syntax or EXPLICIT_LE
    if header.syntax in NATIVE and "PixelData" in dataset:
        _fill_up(header, dataset)
    return dataset


def _fill_up(header: Header, dataset: Dataset) -> None:
    from pydicom.pixels.utils import get_expected_length

    missing = get_expected_length(dataset) - len(dataset.PixelData)
    if missing > 0:
        header.problems.append(f"is cut off: {missing} bytes of pixels are missing")
        dataset.PixelData = dataset.PixelData + bytes(missing)


def _frame(header: Header, dataset: Dataset, index: int) -> Array | FormatError:
    from pydicom.pixels import pixel_array

    # The compiled RLE decoder ends a damaged stream with a panic that no `except Exception` holds.
    plugin = "pydicom" if header.syntax == _RLE else ""
    try:
        picture = np.asarray(pixel_array(dataset, index=index, decoding_plugin=plugin))
        if header.text("PhotometricInterpretation").startswith("PALETTE"):
            return _through_palette(picture, dataset)
    except Exception as exc:
        return _refusal(header, exc)
    return picture


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
