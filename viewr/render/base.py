"""What a slice picture shows, and what renders it.

A `SliceView` is the whole recipe of a picture; two equal recipes over unchanged voxels give the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Plane
from viewr.model.labelmap import Labelmap
from viewr.model.state import Projection
from viewr.model.volume import Volume, Window

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

Interpolation = Literal["nearest", "linear", "cubic"]


@dataclass(frozen=True)
class LabelOverlay:
    """A label map over the picture.

    Attributes
    ----------
    opacity : float
        Factor on the opacity of every label.
    only : int or None
        Show this label alone.
    version : int
        How often the voxels were written; tells recipes apart, since the array is written in place.
    outline : bool
        Only the pixels of a label that touch another one or none.
    """

    labelmap: Labelmap
    opacity: float = 1.0
    only: int | None = None
    version: int = 0
    outline: bool = False


@dataclass(frozen=True)
class FusedScan:
    """A second scan laid over the first, resampled at the picture's own plane (linear), never projected.

    Attributes
    ----------
    lut : str
        Name in `render.shade.LUTS`.
    opacity : float
        Share of the second scan in the picture, where it has voxels; times the grey level of the value, so that what
        is black in its window hides nothing.
    frame : tuple of int
        As in `SliceView`.
    """

    volume: Volume
    window: Window
    lut: str = "hot"
    opacity: float = 0.5
    frame: tuple[int, ...] = ()


@dataclass(frozen=True)
class SliceView:
    """The recipe of a slice picture.

    Attributes
    ----------
    plane : Plane
        Its centre is the middle of the picture.
    size : tuple of int
        Width and height in device pixels.
    mm_per_pixel : float
        Millimetres of the patient per device pixel.
    lut : str
        Name in `render.shade.LUTS`.
    slab_slices : int
        Slices in the projection; the step is the volume's own along the plane's normal.
    frame : tuple of int
        Point on each named axis of the volume but the channel; missing ones are the first.
    gamma : float
        Exponent on the grey levels (0 to 1) after window and inversion, before the LUT.
    fused : tuple of FusedScan
        Laid over the picture, under the label overlays, in their order.
    """

    volume: Volume
    plane: Plane
    size: tuple[int, int]
    mm_per_pixel: float
    window: Window
    inverted: bool = False
    lut: str = "grey"
    interpolation: Interpolation = "nearest"
    projection: Projection = "none"
    slab_slices: int = 1
    overlays: tuple[LabelOverlay, ...] = ()
    frame: tuple[int, ...] = ()
    gamma: float = 1.0
    fused: tuple[FusedScan, ...] = ()

    def to_lps(self, points_uv: npt.ArrayLike) -> FloatArray:
        """Patient positions of picture positions.

        Parameters
        ----------
        points_uv : array_like, shape (n, 2) or (2,)
            Device pixels; pixel (x, y) covers x to x + 1, so its centre is (x + 0.5, y + 0.5).

        Returns
        -------
        ndarray, shape (n, 3) or (3,)
            LPS, mm.
        """
        shift = (np.asarray(points_uv, np.float64) - np.array(self.size) / 2) * self.mm_per_pixel
        return np.asarray(
            self.plane.center + shift[..., :1] * self.plane.right + shift[..., 1:] * self.plane.down
        )

    def to_uv(self, points_lps: npt.ArrayLike) -> FloatArray:
        """Picture positions (device pixels) of patient positions, projected onto the plane; inverse of `to_lps`."""
        offset = np.asarray(points_lps, np.float64) - self.plane.center
        shift = np.stack([offset @ self.plane.right, offset @ self.plane.down], axis=-1)
        return np.asarray(shift / self.mm_per_pixel + np.array(self.size) / 2)


class SliceRenderer(Protocol):
    """Makes slice pictures; one for each viewport, since it keeps what a drag can use again."""

    name: str

    def sample(self, view: SliceView) -> npt.NDArray[Any]:
        """Values before window and LUT, shape (height, width[, channel]), float; NaN outside of the volume."""

    def picture(self, view: SliceView) -> QImage:
        """The picture in device pixels; black outside of the volume."""

    def attach(self, widget: object) -> None:
        """Say on which widget the pictures will be shown."""

    def release(self) -> None:
        """Give back what is kept."""
