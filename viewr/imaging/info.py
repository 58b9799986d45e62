"""What `viewr info` prints: everything the reader found, as plain data for JSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from viewr.imaging.series import Refused, read_folder
from viewr.model.volume import Volume

PathLike = str | os.PathLike[str]


def describe(paths: PathLike | Sequence[PathLike], phi: bool = False) -> dict[str, Any]:
    """Volumes and refused files of a folder or of files.

    Parameters
    ----------
    paths : path or sequence of paths
        As for `read_folder`.
    phi : bool
        Adds what the basic profile of DICOM PS3.15 would remove or replace, values included.
    """
    result = read_folder(paths)
    described: dict[str, Any] = {
        "volumes": [describe_volume(volume) for volume in result.volumes],
        "refused": [{"path": refused.path, "reason": refused.reason} for refused in result.refused],
    }
    if phi:
        described["phi"] = _phi(result.volumes, result.refused)
    return described


def describe_volume(volume: Volume) -> dict[str, Any]:
    """One volume as plain data."""
    positions = volume.grid.slice_positions
    return {
        "series_uid": volume.series_uid, "part": volume.part, "description": volume.description,
        "modality": volume.modality, "files": list(volume.files), "shape": list(volume.array.shape),
        "axes": list(volume.axes), "spacing": [round(size, 6) for size in volume.spacing],
        "spacing_source": volume.spacing_source, "affine_lps": volume.grid.affine.tolist(),
        "slice_positions": None if positions is None else positions.tolist(),
        "directions": list(volume.grid.letters), "frame_of_reference": volume.grid.frame_of_reference,
        "transfer_syntax": volume.transfer_syntax, "dtype": str(volume.array.dtype), "unit": volume.unit,
        "range": _range(volume), "inverted": volume.inverted,
        "windows": [{"width": w.width, "level": w.level, "name": w.name} for w in volume.windows],
        "frame_time_ms": volume.frame_time_ms, "missing": list(volume.missing), "warnings": list(volume.warnings),
    }


def _range(volume: Volume) -> list[float] | None:
    """Lowest and highest finite value; JSON knows no others."""
    array = volume.array
    finite: Any = np.isfinite(array) if array.dtype.kind == "f" else True
    if not np.any(finite):
        return None
    return [float(np.min(array, initial=np.inf, where=finite)), float(np.max(array, initial=-np.inf, where=finite))] \
        if array.dtype.kind == "f" else [float(array.min()), float(array.max())]


def _phi(volumes: Sequence[Volume], refused: Sequence[Refused]) -> list[dict[str, Any]]:
    """Findings of each series, of the files that could be read as DICOM."""
    groups = [(volume.series_uid, volume.files) for volume in volumes]
    groups += [("", (entry.path,)) for entry in refused]
    by_series: dict[str, list[str]] = {}
    for uid, files in groups:
        by_series.setdefault(uid, []).extend(file for file in files if file not in by_series.get(uid, []))
    return [{"series_uid": uid, "findings": _findings(files)} for uid, files in by_series.items()]


def _findings(files: Sequence[str]) -> list[dict[str, Any]]:
    from viewr.imaging.deidentify import findings_of_series

    return [
        {"tag": finding.tag, "path": finding.path, "name": finding.name, "value": finding.value,
         "action": finding.action, "certain": finding.certain, "files": count}
        for finding, count in findings_of_series(map(Path, files)).items()
    ]
