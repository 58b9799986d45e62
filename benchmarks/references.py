"""What ViewR reads of every real scan beside the known-good numbers; prints a table, ends with 1 where they differ.

Run as `python -m benchmarks.references [FOLDER]`; the folder holds the scans and `references.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewr.imaging.series import load_series, read_folder
from viewr.model.volume import Volume

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
_FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])
#: One affine fits the slices of this series to no less (see the notes beside the data).
_LOOSE = {"pet-ge": 0.05}


@dataclass(frozen=True)
class Row:
    """One comparison."""

    series: str
    what: str
    read: str
    reference: str
    difference: float
    allowed: float

    @property
    def ok(self) -> bool:
        """Whether the difference is allowed."""
        return self.difference <= self.allowed


def rows(folder: Path) -> Iterator[Row]:
    """All comparisons of a folder."""
    references = json.loads((folder / "references.json").read_text())
    for name, entry in references["series"].items():
        volumes = load_series(folder / entry.get("path", name))
        yield from _affine(name, entry, volumes)
        yield from _probes(name, entry, volumes)
    for name, entry in references["single_images_and_nifti"].get("nifti", {}).items():
        [volume] = load_series(folder / name)
        yield _corner(name, np.array(entry["affine_ras"]), volume, 0.01)


def _affine(name: str, entry: dict[str, Any], volumes: Sequence[Volume]) -> Iterator[Row]:
    if "affine_lps_col_row_slice" not in entry:
        return
    volume = max(volumes, key=lambda v: (v.array.ndim, v.grid.shape[2], v.part == "magnitude"))
    if volume.grid.slice_positions is None:
        yield _corner(name, _FLIP @ np.array(entry["affine_lps_col_row_slice"]), volume, _LOOSE.get(name, 0.01))
        return
    last = volume.grid.to_lps([0.0, 0.0, volume.grid.shape[2] - 1.0])
    expected = np.array(entry["last_position_lps"])
    yield Row(name, "last slice, LPS mm", _point(last), _point(expected), float(np.abs(last - expected).max()), 0.01)


def _corner(name: str, affine_ras: np.ndarray, volume: Volume, allowed: float) -> Row:
    """Where the voxel furthest from the origin lies."""
    index = np.array(volume.grid.shape, float) - 1
    ours = volume.grid.to_lps(index)
    theirs = (_FLIP @ affine_ras)[:3] @ [*index, 1.0]
    return Row(name, "last voxel, LPS mm", _point(ours), _point(theirs), float(np.abs(ours - theirs).max()), allowed)


def _probes(name: str, entry: dict[str, Any], volumes: Sequence[Volume]) -> Iterator[Row]:
    for nifti in [*entry.get("nifti", []), *entry.get("stacks", [])]:
        if not nifti.get("probes"):
            continue
        best = min((_probe_values(volume, nifti) for volume in volumes), key=lambda found: found[0], default=None)
        if best is None:
            continue
        difference, ours, theirs = best
        allowed = 1e-5 * max(1.0, abs(nifti["max"]))
        yield Row(
            name,
            f"{len(theirs)} voxels of {Path(nifti['file']).name}",
            _values(ours),
            _values(theirs),
            difference,
            allowed,
        )


def _probe_values(volume: Volume, nifti: dict[str, Any]) -> tuple[float, list[float], list[float]]:
    affine_lps = _FLIP @ np.array(nifti["affine_ras"])
    agreement = nifti.get("agreement")
    group = agreement[0].get("frame_group", 0) if isinstance(agreement, list) else 0
    ours, theirs = [], [float(probe["value"]) for probe in nifti["probes"]]
    for probe in nifti["probes"]:
        lps = affine_lps[:3] @ [*probe["ijk"][:3], 1.0]
        index = np.rint(volume.grid.to_ijk(lps)).astype(int)
        off = np.linalg.norm(volume.grid.to_lps(index.astype(float)) - lps)
        points = volume.array[tuple(index)].ravel() if volume.grid.contains(lps) and off < 0.05 else np.array([])
        if group >= len(points):
            return float("inf"), [], theirs
        ours.append(float(points[group]))
    return float(np.abs(np.array(ours) - theirs).max()), ours, theirs


def _point(values: Sequence[float] | np.ndarray) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


def _values(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.5g}" for value in values[:3]) + (", ..." if len(values) > 3 else "")


def everything_answers(folder: Path) -> Iterator[Row]:
    """Each file of each folder is in a volume or refused with a reason."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "LICENSES"):
        files = {str(file) for file in part.rglob("*") if file.is_file()}
        result = read_folder(part)
        used = {file for volume in result.volumes for file in volume.files}
        refused = {entry.path for entry in result.refused if entry.reason}
        lost = len(files - used - refused)
        yield Row(
            part.name,
            "files",
            f"{len(used)} read, {len(refused)} refused with a reason",
            f"{len(files)} files",
            lost,
            0,
        )


def main(folder: Path) -> int:
    """Prints the table; 0 if all is well."""
    table = [*rows(folder), *everything_answers(folder)]
    print("| series | compared | ViewR reads | reference | difference | |\n|---|---|---|---|---|---|")
    for row in table:
        mark = "ok" if row.ok else "WRONG"
        print(f"| {row.series} | {row.what} | {row.read} | {row.reference} | {row.difference:.3g} | {mark} |")
    wrong = sum(not row.ok for row in table)
    print(f"\n{len(table)} comparisons, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
