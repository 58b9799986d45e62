"""Where ultrasound images have a scale, and which: their calibrated regions (DICOM PS3.3 C.8.5.5)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from viewr.imaging.dicom_header import Header
from viewr.model.volume import BY_REGIONS, PixelRegion

_CENTIMETRES = 3
#: Spatial formats in which a direction of the picture is none in the patient: M mode, spectral Doppler, curves.
_NO_PLACES = (2, 3, 4)
#: Pixels by which a region may reach beyond its image: some makers give the first pixel behind it.
_BEYOND = 2


def region_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    """Spacing (i, j) in mm of the largest region measured in centimetres both ways."""
    scaled = [(part.area, part.spacing) for part in _all_regions(header, check=False) if part.spacing]
    if not scaled:
        return None, "none"
    return max(scaled)[1], BY_REGIONS


def regions_of(headers: Sequence[Header], warnings: list[str]) -> tuple[PixelRegion, ...]:
    """The regions of a stack of pictures, as long as all say the same.

    A region that reaches beyond its image on both axes was made for a larger picture, of which this one is a
    reduced copy: its scale is not that of these pixels.
    """
    first, *others = headers
    if "SequenceOfUltrasoundRegions" not in first:
        return ()
    regions = _all_regions(first, check=True)
    if any(part.spacing for part in _all_regions(first, check=False)) and not any(part.spacing for part in regions):
        warnings.append("The calibrated regions reach beyond the image, which must have been made smaller since: "
                        "nothing can be measured in mm.")
    if any(_all_regions(other, check=True) != regions for other in others):
        warnings.append("The images have different scales: nothing can be measured in mm.")
        return (PixelRegion(0, 0, first.whole("Columns") - 1, first.whole("Rows") - 1, None),)
    return regions


def _all_regions(header: Header, *, check: bool) -> tuple[PixelRegion, ...]:
    items = header.dataset.get("SequenceOfUltrasoundRegions") or []
    return tuple(part for item in items if (part := _region(item, header, check)) is not None)


def _region(item: Dataset, header: Header, check: bool) -> PixelRegion | None:
    try:
        left, top, right, bottom = (int(item[f"RegionLocation{name}"].value) for name in
                                    ("MinX0", "MinY0", "MaxX1", "MaxY1"))
    except (KeyError, TypeError, ValueError):
        return None
    spacing = _spacing(item)
    wide, tall = header.whole("Columns"), header.whole("Rows")
    if check and right >= wide + _BEYOND and bottom >= tall + _BEYOND:
        spacing = None
    return PixelRegion(left, top, right, bottom, spacing)


def _spacing(item: Dataset) -> tuple[float, float] | None:
    """Millimetres between pixels along i and j; None where the region shows no lengths, or not both ways."""
    units = item.get("PhysicalUnitsXDirection"), item.get("PhysicalUnitsYDirection")
    deltas = item.get("PhysicalDeltaX"), item.get("PhysicalDeltaY")
    if units != (_CENTIMETRES, _CENTIMETRES) or None in deltas or 0 in deltas:
        return None
    if item.get("RegionSpatialFormat") in _NO_PLACES:
        return None
    return abs(float(deltas[0])) * 10, abs(float(deltas[1])) * 10
