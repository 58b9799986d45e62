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
        Factor on the opacity of every label; of an outline, the opacity itself (a label of opacity 0 has none).
    only : int or None
        Show this label alone.
    version : int
        How often the voxels were written; tells recipes apart, since the array is written in place.
    outline : bool
        Only the device pixels of a label that have another label, or none, above, below, left or right of them: one
        pixel thick, whatever the zoom. Nothing ends at the picture's border; with `only`, other labels count as none.
    """

    labelmap: Labelmap
    opacity: float = 1.0
    only: int | None = None
    version: int = 0
    outline: bool = False


@dataclass(frozen=True)
class FusedScan:
    """A second scan laid over the first, resampled at the picture's own plane (linear), never projected.

    Its grey level g (0 to 255) is that of its value in its window (inverted if its volume is MONOCHROME1, no gamma);
    pixel = under (1 - a) + LUT(g) a with a = opacity g / 255. No number, and what lies outside of its voxels, changes
    nothing. Colour has a = opacity; palettes are left out. A scan without a place in the patient is not drawn
    (`overlays.fusion_problem` says so); another frame of reference is no matter here: whoever fuses has aligned them.

    Attributes
    ----------
    lut : str
        Name in `render.shade.LUTS`; not that of label scans.
    opacity : float
        0 to 1; times the grey level, so that what is black in its window hides nothing.
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
    """The recipe of a slice picture; any renderer follows it like this.

    A pixel shows the patient at its centre (`to_lps`). It is inside where that lies less than half a voxel beyond the
    outermost voxel centres of the grid (from -0.5 to below size - 0.5 on each axis), and black elsewhere.

    - nearest: the voxel at floor(index + 0.5).
    - linear: between the eight voxels around; beyond the outermost centres they count again (clamped indices).
    - cubic: Catmull-Rom on each axis (Keys 1981, a = -0.5; 4 voxels), clamped indices; may go beyond the extremes.
    - Projection images (`stack.PROJECTION_MODALITIES`) in planes along the axes of the grid, whose pixels are s > 2
      voxels apart on an axis: the linear and the cubic kernel is drawn out to s - 1 times its width there and its
      weights divided by their sum, so that thin structures of a mammogram do not fall between pixels. Nothing else is
      averaged: other scans show, as elsewhere, the value at the pixel's centre.
    - Volumes with a palette, and the LUT of label scans, are read by nearest whatever is asked for.
    - Slabs along an axis of an even grid take max, min or mean of the voxels through the slab, then interpolate that
      one slice; other slabs take that of the pictures of `sampling.slab_planes`. Planes outside do not count.
    - Grey: share = clip((value - low) / (high - low), 0, 1) with `Window.bounds`, a step where high = low, or the
      window's curve; 1 - share if `inverted` differs from `volume.inverted`; share ** gamma; level = floor(255 share +
      0.5); LUT[level]. No number (NaN) is black. A value of which a neighbour is not finite may be no number itself.
    - Label scans (LUT "labels"): no window, inversion or gamma; 0 and below is black, n has colour (n - 1) % 255 + 1.
    - Colour of 8 bits is shown as stored, else each channel through the window; no inversion, gamma or LUT.
    - Then `fused` in their order, then `overlays` in theirs, each blended over all before it.

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
        return np.asarray(self.plane.center + shift[..., :1] * self.plane.right + shift[..., 1:] * self.plane.down)

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
