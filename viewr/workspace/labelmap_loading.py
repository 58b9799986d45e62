"""Label maps once the grid of their scan is known: empty, from an earlier file, or from the journal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from viewr.model.errors import ArchiveError, FormatError
from viewr.model.geometry import Grid
from viewr.model.labelmap import Labelmap, empty_labelmap
from viewr.model.progress import Progress
from viewr.workspace.journal import pack_voxels
from viewr.workspace.opening import LabelmapPlan

if TYPE_CHECKING:
    from viewr.archive.base import Archive

#: How far apart, in mm, voxels of two grids may lie that count as the same.
SAME_MM = 0.01


@dataclass(frozen=True, eq=False)
class LoadedMap:
    """A label map, its voxels for the journal, and what the reader should know."""

    plan: LabelmapPlan
    labelmap: Labelmap
    packed: bytes = b""
    notice: str = ""


def load_labelmap(plan: LabelmapPlan, grid: Grid, archive: Archive, progress: Progress) -> LoadedMap:
    """The voxels that an annotation starts with; blocking.

    A file that does not fit the scan is not loaded: the annotation starts empty and a notice says why.
    """
    labelmap = empty_labelmap(grid, plan.spec.labels, plan.spec.editable)
    if plan.source is None:
        return LoadedMap(plan, labelmap)
    from viewr.encode.nifti import decode_labelmap

    ref, file = plan.source
    try:
        voxels = decode_labelmap(archive.read(ref, file), grid)
    except (ArchiveError, FormatError) as error:
        return LoadedMap(plan, labelmap, notice=f"Annotation '{plan.spec.name}' starts empty. {error.message}")
    wide = np.result_type(voxels.dtype, labelmap.array.dtype)
    held = Labelmap(np.array(voxels, dtype=wide, order="F"), grid, plan.spec.labels, plan.spec.editable)
    return LoadedMap(plan, held, pack_voxels(held), f"Annotation '{plan.spec.name}' starts with '{file}'.")


def from_journal(plan: LabelmapPlan, held: Labelmap) -> Labelmap:
    """A label map of a journal, with the labels that the template has now."""
    return replace(held, labels=plan.spec.labels, editable=plan.spec.editable)


def same_grid(first: Grid, second: Grid) -> bool:
    """Whether the voxels of two grids lie in the same places."""
    if first.shape != second.shape:
        return False
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in first.shape])).reshape(3, -1).T
    return bool(np.abs(first.to_lps(corners) - second.to_lps(corners)).max() <= SAME_MM)
