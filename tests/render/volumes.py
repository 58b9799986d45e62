"""Small volumes whose values say where they are."""

from __future__ import annotations

import numpy as np

from viewr.model.geometry import Grid
from viewr.model.volume import Volume


def counting(shape: tuple[int, int, int] = (4, 3, 2), affine: np.ndarray | None = None, **fields: object) -> Volume:
    """Voxel (i, j, k) holds i + 10 j + 100 k."""
    i, j, k = np.meshgrid(*[np.arange(size) for size in shape], indexing="ij")
    array = np.asfortranarray((i + 10 * j + 100 * k).astype(np.int16))
    grid = Grid(shape, np.eye(4) if affine is None else affine, frame_of_reference="1.2.3")
    return Volume(array, grid, modality="CT", unit="HU", **fields)  # type: ignore[arg-type]


def turned(angle_deg: float = 30.0, spacing: tuple[float, float, float] = (0.8, 1.1, 2.5)) -> np.ndarray:
    """An affine turned about two axes, with voxels of uneven sides."""
    a = np.deg2rad(angle_deg)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ np.diag(spacing)
    affine[:3, 3] = (-20.0, 13.0, 7.0)
    return affine
