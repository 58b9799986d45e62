"""One picture of a DICOM file, and what places it among others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header

FloatArray = npt.NDArray[np.float64]


#: How far direction cosines may be from unit length, and from perpendicular.
_LENGTH, _SQUARE = 0.1, 0.01


@dataclass(slots=True, eq=False)
class Frame:
    """A picture with its place in the patient.

    Attributes
    ----------
    index : int
        Which frame of the file, from 0.
    position : ndarray, shape (3,), or None
        LPS of the centre of the first voxel, mm.
    orientation : ndarray, shape (6,), or None
        Unit directions in which columns and rows grow (DICOM Image Orientation Patient).
    spacing : tuple of float, or None
        Distance between voxel centres along a row and along a column (i, j), mm.
    tile : tuple of int, or None
        First row and column within the stored picture, for mosaics.
    values : dict
        Elements that hold for this frame instead of those of the file.
    """

    header: Header
    index: int
    rows: int
    columns: int
    position: FloatArray | None = None
    orientation: FloatArray | None = None
    spacing: tuple[float, float] | None = None
    spacing_source: str = ""
    tile: tuple[int, int] | None = None
    order: tuple[float, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, keyword: str) -> str:
        """Value as one string, "" if there is none."""
        value = self.values.get(keyword)
        return self.header.text(keyword) if value is None else str(value)

    def texts(self, keyword: str) -> list[str]:
        """Values as strings."""
        value = self.values.get(keyword)
        if value is None:
            return self.header.texts(keyword)
        return [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]

    def numbers(self, keyword: str) -> list[float]:
        """Values as numbers."""
        value = self.values.get(keyword)
        if value is None:
            return self.header.numbers(keyword)
        return [float(v) for v in value] if isinstance(value, (list, tuple)) else [float(value)]

    def number(self, keyword: str, default: float | None = None) -> float | None:
        """The first value as a number."""
        numbers = self.numbers(keyword)
        return numbers[0] if numbers else default

    @property
    def placed(self) -> bool:
        """Whether the file says where in the patient the picture lies."""
        return self.position is not None and self.orientation is not None

    @property
    def rescale(self) -> tuple[float, float]:
        """Slope and intercept from stored to real-world values."""
        slope = self.number("RescaleSlope", 1.0) or 1.0
        return slope, self.number("RescaleIntercept", 0.0) or 0.0


def plain_frames(header: Header) -> list[Frame]:
    """The frames of a file whose geometry stands at its top level; of a multi-frame file all in one place."""
    rows, columns = header.whole("Rows"), header.whole("Columns")
    count = max(1, header.whole("NumberOfFrames", 1))
    position, orientation = _position(header), _orientation(header)
    if position is None or orientation is None:
        _tell_nonsense(header, position, orientation)
    spacing, source = in_plane_spacing(header)
    values = _mapped(header)
    return [
        Frame(header, index, rows, columns, position, orientation, spacing, source, order=instance_order(header, index),
              values=dict(values))
        for index in range(count)
    ]


def _mapped(header: Header) -> dict[str, Any]:
    """What a real-world value mapping says where no slope does; elsewhere it would say the same otherwise."""
    if "RealWorldValueMappingSequence" not in header or header.number("RescaleSlope") is not None:
        return {}
    from viewr.imaging.real_world import mapped_values

    mappings = header.dataset.get("RealWorldValueMappingSequence")
    return mapped_values(mappings[0]) if mappings else {}


def instance_order(header: Header, index: int) -> tuple[float, ...]:
    """In which order frames were made, where nothing better tells: by instance number, then frame."""
    return (header.number("InstanceNumber", 0.0) or 0.0, float(index))


def _tell_nonsense(header: Header, position: FloatArray | None, orientation: FloatArray | None) -> None:
    """Notes a position or an orientation that is there and cannot be used."""
    if position is None and header.text("ImagePositionPatient"):
        header.problems.append("gives a position that is none")
    if orientation is None and header.text("ImageOrientationPatient"):
        header.problems.append("gives an orientation that is none")


def _position(header: Header) -> FloatArray | None:
    numbers = header.numbers("ImagePositionPatient")
    return np.array(numbers) if len(numbers) == 3 else None


def _orientation(header: Header) -> FloatArray | None:
    return unit_orientation(header.numbers("ImageOrientationPatient"))


def unit_orientation(numbers: list[float]) -> FloatArray | None:
    """Six direction cosines as unit vectors, or None where they are no two perpendicular directions."""
    if len(numbers) != 6:
        return None
    pair = np.array(numbers).reshape(2, 3)
    lengths = np.sqrt((pair * pair).sum(axis=1))
    if (abs(lengths - 1) > _LENGTH).any() or abs(float(pair[0] @ pair[1])) > _SQUARE:
        return None
    return (pair / lengths[:, None]).ravel()


def _pair(numbers: list[float]) -> tuple[float, float] | None:
    """Row and column spacing of DICOM (down, across) as (i, j)."""
    if not numbers or min(numbers) <= 0:
        return None
    return (numbers[1], numbers[0]) if len(numbers) > 1 else (numbers[0], numbers[0])


#: Modalities whose pixels are those of a detector behind the patient.
_PROJECTIONS = frozenset({"CR", "DX", "MG", "XA", "RF", "IO", "PX", "RG"})


def in_plane_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    """Distance between voxel centres (i, j) in mm and where it comes from, best source first (DICOM PS3.3 10.7.1.3)."""
    own = _pair(header.numbers("PixelSpacing"))
    imager = _pair(header.numbers("ImagerPixelSpacing"))
    if own:
        return own, _own_source(header, own, imager)
    if imager:
        factor = header.number("EstimatedRadiographicMagnificationFactor")
        if factor and factor >= 1:
            return (imager[0] / factor, imager[1] / factor), f"at the detector, divided by magnification {factor:.4g}"
        return imager, "at the detector, not in the patient"
    scanned = _pair(header.numbers("NominalScannedPixelSpacing"))
    if scanned:
        return scanned, "of the scanned film"
    return _ultrasound_spacing(header)


def _own_source(header: Header, own: tuple[float, float], imager: tuple[float, float] | None) -> str:
    kind = header.text("PixelSpacingCalibrationType")
    if kind:
        return f"calibrated in the image ({kind.lower()})"
    if header.text("Modality") not in _PROJECTIONS or header.text("ImageOrientationPatient"):
        return "in the image"
    if imager is None:
        return "in the image, which does not say whether it is that at the detector"
    if np.allclose(own, imager, rtol=1e-6):
        return "at the detector, not in the patient"
    return "calibrated in the image (it differs from that at the detector)"


def _ultrasound_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    if "SequenceOfUltrasoundRegions" not in header:
        return None, "none"
    from viewr.imaging.ultrasound import region_spacing

    return region_spacing(header)
