"""Spacing of ultrasound images, from their calibrated regions."""

from __future__ import annotations

from viewr.imaging.dicom_header import Header

_CENTIMETRES = 3


def region_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    """Spacing (i, j) in mm of the largest region measured in centimetres both ways (DICOM PS3.3 C.8.5.5)."""
    best: tuple[float, tuple[float, float]] | None = None
    for region in header.dataset.get("SequenceOfUltrasoundRegions") or []:
        units = region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection")
        deltas = region.get("PhysicalDeltaX"), region.get("PhysicalDeltaY")
        if units != (_CENTIMETRES, _CENTIMETRES) or None in deltas or 0 in deltas:
            continue
        area = (region.get("RegionLocationMaxX1", 0) - region.get("RegionLocationMinX0", 0)) * (
            region.get("RegionLocationMaxY1", 0) - region.get("RegionLocationMinY0", 0))
        if best is None or area > best[0]:
            best = area, (abs(float(deltas[0])) * 10, abs(float(deltas[1])) * 10)
    if best is None:
        return None, "none"
    return best[1], "ultrasound region calibration"
