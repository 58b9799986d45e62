"""Single scans of the demo patients, for who has no servers."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from viewr.demo.patients import DemoSeries, session_of
from viewr.model.volume import Volume

if TYPE_CHECKING:
    from viewr.model.progress import Progress


@lru_cache(maxsize=8)
def _demo_scan(modality: str) -> Volume | None:
    from viewr.imaging.series import load_series

    series = next((one for one in session_of(modality) if one.datasets[0].Modality == modality), None)
    if series is None:
        return None
    with tempfile.TemporaryDirectory(prefix="viewr-demo-scan-") as folder:
        _write(series, Path(folder))
        return load_series(Path(folder))[0]


def demo_scan(modality: str, _progress: Progress | None = None) -> Volume | None:
    """A scan of a demo patient, by its DICOM modality; None if no demo patient had one. Takes a second or two."""
    return _demo_scan(modality.strip().upper())


def _write(series: DemoSeries, folder: Path) -> None:
    from pydicom import dcmwrite

    for number, dataset in enumerate(series.datasets):
        dcmwrite(folder / f"{number}.dcm", dataset, enforce_file_format=True)
