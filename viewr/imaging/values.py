"""What stored values mean: range, unit, windows, padding, lookup tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging import decode
from viewr.imaging.frame import Frame
from viewr.imaging.voi import SIGMOID, SIGMOID_REACH, voi_tables
from viewr.model.volume import Window

Array = npt.NDArray[Any]
_PET_UNITS = {
    "BQML": "Bq/ml", "KBQML": "kBq/ml", "CNTS": "counts", "PROPCNTS": "counts", "PROPCPS": "counts/s", "GML": "g/ml",
    "CM2ML": "cm2/ml",
    "PCNT": "%", "NONE": "", "CPS": "counts/s", "MLMING": "ml/min/g", "UMOLML": "umol/ml",
}
#: Metal reaches 30000 on extended scales.
_HIGHEST_HU = 40_000
_RESCALE_UNITS = {"HU": "HU", "OD": "optical density x 1000", "Z_EFF": "effective Z", "ED": "electron density"}


def stored_range(frames: Sequence[Frame]) -> tuple[float, float]:
    """Lowest and highest values that the announced bits can hold."""
    lows, highs = [], []
    for header in {id(frame.header): frame.header for frame in frames}.values():
        kind = decode.stored_type(header)
        if kind.kind == "f":
            return -np.inf, np.inf
        bits = min(header.whole("BitsStored", 8 * kind.itemsize) or 8 * kind.itemsize, 8 * kind.itemsize)
        signed = kind.kind == "i"
        lows.append(-(2.0 ** (bits - 1)) if signed else 0.0)
        highs.append(2.0 ** (bits - signed) - 1)
    return min(lows), max(highs)


def modality_lut(frame: Frame) -> Callable[[Array], Array] | None:
    """The table from stored values to real-world ones, where the file has one."""
    if "ModalityLUTSequence" not in frame.header:
        return None
    from pydicom.pixels import apply_modality_lut

    dataset = frame.header.dataset
    if not dataset.get("ModalityLUTSequence"):
        return None

    def look_up(stored: Array) -> Array:
        return np.asarray(apply_modality_lut(stored, dataset))

    return look_up


def unit_of(frame: Frame) -> str:
    """Unit of the real-world values, "" if they have none that is known."""
    modality = frame.header.text("Modality")
    if modality == "PT":
        return _PET_UNITS.get(frame.text("Units").upper(), frame.text("Units"))
    if modality == "RTDOSE":
        return {"GY": "Gy"}.get(frame.text("DoseUnits").upper(), "")
    kind = frame.text("RescaleType").upper()
    if kind in _RESCALE_UNITS:
        return _RESCALE_UNITS[kind]
    if kind == "US" and "PerFrameFunctionalGroupsSequence" in frame.header:
        return ""
    localizer = "LOCALIZER" in [value.upper() for value in frame.texts("ImageType")]
    return "HU" if modality == "CT" and kind in ("", "US") and not localizer and "RescaleIntercept" in _known(frame) \
        else ""


def doubts(frame: Frame, array: Array) -> list[str]:
    """What cannot be right about the values."""
    found = []
    if frame.number("RescaleSlope") == 0:
        found.append("The file gives a rescale slope of 0, which is taken as 1.")
    if array.dtype == np.uint16 and unit_of(frame) == "HU" and int(array.max(initial=0)) > _HIGHEST_HU:
        found.append(f"There are values up to {int(array.max())} HU; the file may claim the wrong sign of its pixels.")
    return found


def _known(frame: Frame) -> set[str]:
    return set(frame.values) | set(frame.header.values)


def windows_of(frames: Sequence[Frame]) -> tuple[Window, ...]:
    """Windows and lookup tables (VOI LUT) stored with the pictures, each once."""
    return (*_plain_windows(frames), *voi_tables(frames[len(frames) // 2]))


def _plain_windows(frames: Sequence[Frame]) -> tuple[Window, ...]:
    """Where nearly every picture has its own windows, those of the middle one."""
    found: dict[tuple[float, float], Window] = {}
    for frame in frames:
        for window in _windows(frame):
            found.setdefault((window.width, window.level), window)
        if len(found) > 6:
            return tuple({(w.width, w.level): w for w in _windows(frames[len(frames) // 2])}.values())
    return tuple(found.values())


def _windows(frame: Frame) -> list[Window]:
    levels, widths = frame.numbers("WindowCenter"), frame.numbers("WindowWidth")
    names = frame.texts("WindowCenterWidthExplanation")
    names += [""] * (len(widths) - len(names))
    function = frame.text("VOILUTFunction").upper()
    curve, reach = (SIGMOID, SIGMOID_REACH) if function == "SIGMOID" else (b"", 1.0)
    return [Window(width, level, name, curve, reach, function in ("", "LINEAR") and width >= 1)
            for width, level, name in zip(widths, levels, names, strict=False) if width > 0]


def padding_of(frame: Frame) -> tuple[float, float] | None:
    """The lowest and the highest real-world value that mark pixels outside the image (DICOM PS3.3 C.7.5.1.1.2)."""
    stored = frame.number("PixelPaddingValue")
    if stored is None:
        return None
    slope, intercept = frame.rescale
    ends = [end * slope + intercept for end in (stored, frame.number("PixelPaddingRangeLimit", stored) or 0.0)]
    return min(ends), max(ends)
