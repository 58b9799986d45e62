"""Supplemental palettes: colours that a grey picture gives to its higher values (DICOM PS3.3 C.7.6.19, C.7.6.23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from viewr.imaging.frame import Frame
from viewr.imaging.values import modality_lut
from viewr.model.volume import Palette

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_GREY = "The file gives colours for some of its values; they are shown as grey."


def palette_of(frames: Sequence[Frame], warnings: list[str]) -> Palette | None:
    """The palette of frames that make one volume; why there is none that they share goes to `warnings`."""
    coloured = [frame for frame in frames if frame.text("PixelPresentation").upper() in ("COLOR", "MIXED")]
    if not coloured or not frames[0].text("PhotometricInterpretation").startswith("MONOCHROME"):
        return None
    one_scale = len({frame.rescale for frame in frames}) == 1 and modality_lut(frames[0]) is None
    tables = {_table(header.dataset) for header in {id(frame.header): frame.header for frame in frames}.values()}
    found = next(iter(tables))
    if len(coloured) < len(frames) or not one_scale or len(tables) > 1 or found is None:
        warnings.append(_GREY)
        return None
    slope, intercept = frames[0].rescale
    first, colours = found
    return Palette(first * slope + intercept, slope, colours)


def _table(dataset: Dataset) -> tuple[int, bytes] | None:
    """First stored value with a colour, and the colours with 8 bits; None where they contradict themselves."""
    from pydicom.pixels import apply_color_lut

    try:
        count, first, _bits = (int(number) for number in dataset.RedPaletteColorLookupTableDescriptor)
        count = count or 65536
        # Without the element Pixel Presentation, of which pydicom would say that it leaves it to others.
        colours = apply_color_lut(np.arange(first, first + count), dataset.group_dataset(0x0028))[:, :3]
    except Exception:
        return None
    if colours.dtype == np.uint8 and count > 256:
        return None
    return first, (colours >> 8 if colours.dtype.itemsize == 2 else colours).astype(np.uint8).tobytes()
