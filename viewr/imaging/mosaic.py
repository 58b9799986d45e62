"""Pictures that hold many slices side by side, as Siemens and UIH scanners write them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from viewr.imaging.csa import read_csa
from viewr.imaging.dicom_header import Header
from viewr.imaging.frame import Frame, plain_frames
from viewr.model.errors import FormatError

FloatArray = npt.NDArray[np.float64]
Csa = dict[str, list[str]]
_CSA = (0x0029, 0x1010)
_UIH_COUNT, _UIH_FRAMES = (0x0065, 0x1050), (0x0065, 0x1051)


def is_mosaic(header: Header) -> bool:
    """Whether the picture is made of tiles."""
    return "MOSAIC" in header.texts("ImageType") or "UIHMosaicCount" in header or (
        "SiemensMosaicCount" in header and header.text("Manufacturer").upper().startswith("SIEMENS"))


def mosaic_frames(header: Header) -> list[Frame]:
    """One frame for each tile.

    Raises
    ------
    FormatError
        If the file does not say how many tiles there are, or they do not fill it evenly.
    """
    whole = plain_frames(header)[0]
    csa = _csa(header)
    count = _count(header, csa)
    side = math.ceil(math.sqrt(count))
    if count < 1 or whole.rows % side or whole.columns % side:
        raise FormatError(f"{header.path.name} is a mosaic of {count} slices that does not divide evenly.")
    rows, columns = whole.rows // side, whole.columns // side
    positions = _uih_positions(header, count) or _siemens_positions(whole, rows, columns, count, csa)
    frames = []
    for n in range(count):
        tile = (n // side * rows, n % side * columns)
        frames.append(Frame(header, 0, rows, columns, positions[n], whole.orientation, whole.spacing,
                            whole.spacing_source, tile, (*whole.order[:1], float(n))))
    return frames


def _csa(header: Header) -> Csa:
    """Tags of the Siemens CSA image header, empty if there is none."""
    value = header.dataset[_CSA].value if _CSA in header.dataset else None
    return read_csa(value) if isinstance(value, bytes) else {}


def _csa_items(csa: Csa, name: str) -> list[float]:
    try:
        return [float(item) for item in csa.get(name, [])]
    except ValueError:
        return []


def _count(header: Header, csa: Csa) -> int:
    count = header.whole("SiemensMosaicCount") or int((_csa_items(csa, "NumberOfImagesInMosaic") or [0])[0])
    if not count and _UIH_COUNT in header.dataset:
        count = int(float(header.dataset[_UIH_COUNT].value))
    if not count:
        raise FormatError(f"{header.path.name} is a mosaic that does not say how many slices it holds.")
    return count


def _siemens_positions(whole: Frame, rows: int, columns: int, count: int, csa: Csa) -> list[FloatArray]:
    """Positions of the tiles: that of the file is where a picture as large as the mosaic would begin."""
    if whole.position is None or whole.orientation is None or whole.spacing is None:
        raise FormatError(f"{whole.header.path.name} is a mosaic without position or pixel spacing.")
    across, down = whole.orientation[:3], whole.orientation[3:]
    first = (whole.position + across * whole.spacing[0] * (whole.columns - columns) / 2
             + down * whole.spacing[1] * (whole.rows - rows) / 2)
    normal = np.cross(across, down)
    given = np.array(_csa_items(csa, "SliceNormalVector"))
    if given.shape == (3,) and given @ normal < 0:
        normal = -normal
    elif given.shape != (3,):
        whole.header.problems.append("does not say in which order its tiles lie; they are taken along the normal")
    step = whole.number("SpacingBetweenSlices") or whole.number("SliceThickness") or 1.0
    return [first + normal * step * n for n in range(count)]


def _uih_positions(header: Header, count: int) -> list[FloatArray] | None:
    """Positions of the tiles as UIH writes them, one by one."""
    if _UIH_FRAMES not in header.dataset:
        return None
    items = header.dataset[_UIH_FRAMES].value
    found = [item.get("ImagePositionPatient") for item in items]
    if len(found) < count or any(position is None or len(position) != 3 for position in found):
        return None
    return [np.array([float(v) for v in position]) for position in found[:count]]
