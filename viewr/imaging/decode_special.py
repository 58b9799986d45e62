"""Compressed, colour, palette and damaged pixel data, through pydicom and its decoders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header
from viewr.model.errors import FormatError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]


def decode(header: Header, indices: Sequence[int]) -> list[Array]:
    """Frames of a file by pydicom, colour as RGB."""
    from pydicom.pixels import pixel_array

    dataset = _whole(header)
    try:
        frames = [np.asarray(pixel_array(dataset, index=index)) for index in indices]
    except Exception as exc:
        raise FormatError(
            f"The pixels of {header.path.name} cannot be decoded ({_syntax_name(header)}).",
            "Ask for the images without compression, or in a common one.",
        ) from exc
    return frames


def _whole(header: Header) -> Dataset:
    from pydicom import dcmread

    dataset = dcmread(header.path, force=True)
    if not getattr(dataset.file_meta, "TransferSyntaxUID", None):
        dataset.file_meta.TransferSyntaxUID = header.syntax
    return dataset


def _syntax_name(header: Header) -> str:
    from pydicom.uid import UID

    return UID(header.syntax).name or "unknown transfer syntax"
