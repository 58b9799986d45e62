"""A scan as voxels with their meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import Grid


@dataclass(frozen=True)
class Window:
    """Window of real-world values shown from black to white (DICOM PS3.3 C.11.2.1.2).

    Attributes
    ----------
    curve : bytes
        Grey levels in between where they do not rise evenly (VOI LUT, sigmoid), at even steps; b"" for a straight line.
    reach : float
        How many times the width the curve spans, around the level.
    linear : bool
        Whether by DICOM's function LINEAR, which counts whole values and is white one below the upper end; else by
        LINEAR_EXACT.
    """

    width: float
    level: float
    name: str = ""
    curve: bytes = field(default=b"", repr=False)
    reach: float = 1.0
    linear: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """Values shown black and white."""
        low, high = self.level - self.width / 2, self.level + self.width / 2
        return low, high - 1 if self.linear and self.width >= 1 else high


@dataclass(frozen=True)
class Palette:
    """Colours of values from a first one on; those before it are grey (DICOM PS3.3 C.7.6.19).

    Attributes
    ----------
    first : float
        Real-world value of the first colour.
    step : float
        From one colour to the next, in real-world values; below 0 where the lower values are those with colours.
    colours : bytes
        Red, green and blue of each, one behind the other; the last also stands for all values beyond it.
    """

    first: float
    step: float
    colours: bytes = field(repr=False)


#: Source of a spacing that is true in some parts of the picture only.
BY_REGIONS = "ultrasound region calibration"


@dataclass(frozen=True)
class PixelRegion:
    """A part of a picture with a scale of its own (ultrasound, DICOM PS3.3 C.8.5.5).

    Attributes
    ----------
    left, top, right, bottom : int
        The first and the last columns and rows that belong to it.
    spacing : tuple of float, or None
        mm between pixels along i and j; None: it does not show lengths both ways (Doppler, M mode, a curve).
    """

    left: int
    top: int
    right: int
    bottom: int
    spacing: tuple[float, float] | None

    def contains(self, points_ij: npt.NDArray[np.float64]) -> bool:
        """Whether all of some places lie in it, shape (n, 2), fractions between pixel centres."""
        low, high = (self.left - 0.5, self.top - 0.5), (self.right + 0.5, self.bottom + 0.5)
        return bool(np.all(points_ij >= low) and np.all(points_ij <= high))

    @property
    def area(self) -> int:
        return (self.right + 1 - self.left) * (self.bottom + 1 - self.top)


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels of one scan, in real-world values.

    Attributes
    ----------
    array : ndarray, shape (i, j, k[, named axes ...[, channel]])
        Values after rescale; integers stay integers where slope and intercept are whole and the type holds them.
    grid : Grid
        Where the voxels lie.
    unit : str
        "HU", "SUVbw", "Bq/ml", ... or "" if values have none.
    axes : tuple of str
        Names of the axes after i, j, k, such as ("time",) or ("channel",).
    windows : tuple of Window
        As stored with the images, in their order.
    inverted : bool
        Low values are shown bright (MONOCHROME1).
    palette : Palette or None
        Colours that the file gives to some of its values.
    padding : tuple of float, or None
        Lowest and highest of the values that stand for "outside the image".
    missing : tuple of int
        Slices k that hold no data.
    frame_time_ms : float or None
        From one point in time to the next.
    laterality, view_position : str
        "R" or "L", and "CC", "MLO" ... of a projection.
    toward : tuple of str
        Letters of where the rows (growing i) and the columns (growing j) of a projection run in the patient, such as
        ("P", "FL") (Patient Orientation, DICOM PS3.3 C.7.6.1.1.1); "" where that is not said.
    placed : bool
        Whether the file says where in the patient the voxels lie; else directions and positions mean nothing.
    regions : tuple of PixelRegion
        Parts of its pictures with a scale of their own, or none; () where the grid's spacing is true everywhere.
    part : str
        Why the series was split, in the reader's words ("echo 2 of 3"), or "".
    warnings : tuple of str
        What the reader should know, each one sentence.
    """

    array: npt.NDArray[np.generic]
    grid: Grid
    modality: str = ""
    unit: str = ""
    series_uid: str = ""
    study_uid: str = ""
    description: str = ""
    part: str = ""
    axes: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    inverted: bool = False
    palette: Palette | None = None
    padding: tuple[float, float] | None = None
    missing: tuple[int, ...] = ()
    transfer_syntax: str = ""
    files: tuple[str, ...] = ()
    sop_instance_uids: tuple[str, ...] = ()
    spacing_source: str = ""
    frame_time_ms: float | None = None
    laterality: str = ""
    view_position: str = ""
    toward: tuple[str, str] = ("", "")
    placed: bool = True
    regions: tuple[PixelRegion, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxel centres along i, j, k, mm."""
        return self.grid.spacing

    @property
    def has_scale(self) -> bool:
        """Whether anything in its pictures can be measured in mm."""
        if self.spacing_source == BY_REGIONS and self.regions:
            return any(part.spacing for part in self.regions)
        return self.spacing_source != "none"

    @property
    def name(self) -> str:
        """What the reader calls it."""
        return f"{self.description} ({self.part})" if self.part else self.description
