"""Real-world value mapping: how PET without a rescale slope says what its values mean (DICOM PS3.3 C.7.6.16.2.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewr.imaging.dicom_header import Header

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: UCUM codes -> values of the element Units of PET.
_UNITS = {"BQ/ML": "BQML", "KBQ/ML": "KBQML", "G/ML": "GML", "{SUVBW}G/ML": "GML", "G/ML{SUVBW}": "GML",
          "{COUNTS}": "CNTS", "{COUNTS}/S": "CPS", "{PROPCOUNTS}": "PROPCNTS", "{PROPCOUNTS}/S": "PROPCPS",
          "%": "PCNT"}
_SEQUENCE = "RealWorldValueMappingSequence"


def mapped_values(group: Dataset | None) -> dict[str, Any]:
    """Slope, intercept and units of a mapping, under the names of the usual elements; empty if it is none."""
    slope = group.get("RealWorldValueSlope") if group is not None else None
    if group is None or slope is None:
        return {}
    values = {"RescaleSlope": float(slope), "RescaleIntercept": float(group.get("RealWorldValueIntercept") or 0)}
    units = _units(group)
    return {**values, "Units": units} if units else values


def mapped_unit(header: Header) -> str:
    """The unit of a file's first mapping, "" if there is none."""
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        groups = header.dataset.get(sequence) or []
        if groups and groups[0].get(_SEQUENCE):
            return _units(groups[0][_SEQUENCE][0])
    mappings = header.dataset.get(_SEQUENCE)
    return _units(mappings[0]) if mappings else ""


def _units(group: Dataset) -> str:
    codes = group.get("MeasurementUnitsCodeSequence")
    code = str(codes[0].get("CodeValue") or "") if codes else ""
    return _UNITS.get(code.upper(), code)
