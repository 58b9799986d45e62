"""What tells pictures in the same place apart: echoes, components, phases, weightings, times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewr.imaging.frame import Frame

Key = tuple[Any, ...]

_COMPONENTS = {"M": "magnitude", "P": "phase", "R": "real", "I": "imaginary"}
_COMPONENT_NAMES = {
    "MAGNITUDE": "magnitude", "PHASE": "phase", "PHASE MAP": "phase", "REAL": "real", "IMAGINARY": "imaginary",
    "M_FFE": "magnitude", "M_SE": "magnitude", "M_IR": "magnitude", "M_TFE": "magnitude", "P_FFE": "phase",
    "R_FFE": "real", "I_FFE": "imaginary", "VELOCITY": "velocity", "VELOCITY MAP": "velocity",
}
_DERIVED = {
    "ADC": "apparent diffusion", "FA": "fractional anisotropy", "TRACEW": "trace", "TRACE": "trace",
    "EADC": "exponential apparent diffusion", "FIELD_MAP": "field map", "B0": "field map", "WATER": "water",
    "FAT": "fat", "IN_PHASE": "in phase", "OUT_PHASE": "opposed phase", "OPP_PHASE": "opposed phase", "W": "water",
    "F": "fat", "IP": "in phase", "OP": "opposed phase", "T1": "T1 map", "T2": "T2 map", "T2_STAR": "T2* map",
    "LOCALIZER": "localizer",
}


#: Private elements mean something only in the files of their maker.
_MAKERS_B_VALUES = {"SIEMENS": "SiemensBValue", "PHILIPS": "PhilipsBValue", "UIH": "UIHBValue", "GE": "GEBValue"}


@dataclass(frozen=True)
class Strong:
    """A property that makes pictures in the same place parts of different volumes."""

    key: Callable[[Frame], Key]
    words: Callable[[Frame, int, int], str]


@dataclass(frozen=True)
class Axis:
    """A property along which pictures of one place make a further axis, in the order of its values or as made."""

    key: Callable[[Frame], Key]
    axis: str
    as_made: bool = False


def component(frame: Frame) -> str:
    """"magnitude", "phase", "real", "imaginary" or ""."""
    named = _COMPONENT_NAMES.get(frame.text("ComplexImageComponent").upper(), "")
    if named:
        return named
    for value in frame.texts("ImageType")[2:]:
        if value.upper() in _COMPONENT_NAMES:
            return _COMPONENT_NAMES[value.upper()]
        if value.upper() in _COMPONENTS:
            return _COMPONENTS[value.upper()]
    return ""


def _component_key(frame: Frame) -> Key:
    names = ("", "magnitude", "phase", "real", "imaginary")
    return (names.index(component(frame)) if component(frame) in names else len(names), component(frame))


def _component_words(frame: Frame, number: int, count: int) -> str:
    return component(frame) or "other"


def _echo_key(frame: Frame) -> Key:
    time = frame.number("EchoTime", 0.0) or 0.0
    return (round(time, 3),)


def _echo_words(frame: Frame, number: int, count: int) -> str:
    time = frame.number("EchoTime", 0.0) or 0.0
    return f"echo {number} of {count} ({time:g} ms)"


def _derived_key(frame: Frame) -> Key:
    """The parts of Image Type that name a map; whether the frame was measured or derived."""
    values = [value.upper() for value in frame.texts("ImageType")]
    maps = tuple(value for value in values[2:] if value in _DERIVED)
    return (values[:1] == ["DERIVED"] or bool(frame.values.get("derived")), maps)


def _derived_words(frame: Frame, number: int, count: int) -> str:
    derived, maps = _derived_key(frame)
    named = ", ".join(_DERIVED[value] for value in maps)
    return named or ("derived" if derived else "as measured")


#: In this order.
STRONG = (
    Strong(_component_key, _component_words),
    Strong(_derived_key, _derived_words),
    Strong(_echo_key, _echo_words),
)


def _numbers_key(*keywords: str) -> Callable[[Frame], Key]:
    def key(frame: Frame) -> Key:
        return tuple(round(number, 4) for keyword in keywords for number in frame.numbers(keyword)[:1])
    return key


def b_value(frame: Frame) -> float | None:
    """Diffusion weighting in s/mm2, from the standard element or those of the makers."""
    maker = frame.header.text("Manufacturer").upper()
    own = next((keyword for name, keyword in _MAKERS_B_VALUES.items() if maker.startswith(name)), "")
    for keyword in ("DiffusionBValue", own):
        value = frame.number(keyword) if keyword else None
        if value is not None and value >= 0:
            # GE adds a flag of 10^9 to the value.
            return value % 100_000
    return None


def _b_key(frame: Frame) -> Key:
    value = b_value(frame)
    return () if value is None else (round(value, 1),)


def _diffusion_key(frame: Frame) -> Key:
    return (*_b_key(frame), *(round(v, 4) for v in frame.numbers("DiffusionGradientOrientation")))


#: The first that tells all pictures of each place apart and leaves no hole wins.
AXES = (
    Axis(_numbers_key("TemporalPositionIdentifier"), "time"),
    Axis(_b_key, "diffusion"),
    Axis(_diffusion_key, "diffusion", as_made=True),
    Axis(_numbers_key("NominalPercentageOfCardiacPhase"), "phase"),
    Axis(_numbers_key("TriggerTime"), "phase"),
    Axis(_numbers_key("InversionTime"), "inversion"),
    Axis(_numbers_key("FlipAngle"), "flip angle"),
    Axis(_numbers_key("EchoNumbers"), "echo"),
    Axis(_numbers_key("AcquisitionNumber"), "time"),
    Axis(_numbers_key("FrameReferenceTime"), "time"),
    Axis(_numbers_key("AcquisitionDate", "AcquisitionTime"), "time"),
    Axis(_numbers_key("ContentDate", "ContentTime"), "time"),
)


def orientation_name(frame: Frame) -> str:
    """"transversal", "coronal", "sagittal", with "oblique" where it is more than 10 degrees off."""
    if frame.orientation is None:
        return "no position"
    normal = np.cross(frame.orientation[:3], frame.orientation[3:])
    axis = int(np.argmax(np.abs(normal)))
    name = ("sagittal", "coronal", "transversal")[axis]
    return name if abs(normal[axis]) > 0.985 else f"{name} oblique"
