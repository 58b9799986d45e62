"""The contracts of commands and streams, on every real scan there is."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from viewr.imaging.files import list_files
from viewr.imaging.info import describe, describe_volume
from viewr.imaging.series import open_series, read_folder
from viewr.model.errors import FormatError

pytestmark = needs_real_scans
FOLDERS = sorted(path.name for path in SHARED.iterdir() if path.is_dir()) if SHARED.is_dir() else []
CONTRACT: dict[str, type] = {
    "series_uid": str, "part": str, "description": str, "modality": str, "files": list, "shape": list, "axes": list,
    "spacing": list, "affine_lps": list, "frame_of_reference": str, "transfer_syntax": str, "dtype": str, "unit": str,
    "warnings": list,
}


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@pytest.mark.parametrize("folder", FOLDERS)
def test_info_keeps_its_contract(folder: str) -> None:
    described = json.loads(json.dumps(describe(SHARED / folder)), parse_constant=no_constant)
    assert set(described) == {"volumes", "refused"}
    for entry in described["volumes"]:
        assert {name: type(entry[name]) for name in CONTRACT} == CONTRACT
        assert len(entry["shape"]) == 3 + len(entry["axes"])
        assert len(entry["spacing"]) == 3
        assert np.array(entry["affine_lps"]).shape == (4, 4)
        assert all(isinstance(text, str) for text in [*entry["files"], *entry["axes"], *entry["warnings"]])
    for entry in described["refused"]:
        assert set(entry) == {"path", "reason"}
        assert entry["reason"].endswith((".", "?"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_stream_in_any_order_ends_as_the_folder_reads(folder: str) -> None:
    files = list_files(SHARED / folder)
    random.Random(folder).shuffle(files)
    stream = open_series((), expected=len(files))
    for file in files:
        stream.add(file)
    wanted = read_folder(SHARED / folder)
    if not wanted.volumes:
        with pytest.raises(FormatError):
            stream.finish()
        return
    volumes = stream.finish()
    theirs, ours = ([json.dumps(describe_volume(v)) for v in found] for found in (wanted.volumes, volumes))
    assert ours == theirs
    at = {text: n for n, text in enumerate(ours)}
    for volume, text in zip(wanted.volumes, theirs, strict=True):
        assert np.array_equal(volume.array, volumes[at[text]].array)
    assert sorted(map(tuple, stream.refused)) == sorted((Path(r.path), r.reason) for r in wanted.refused)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_snapshot_is_a_picture_or_a_sentence(folder: str, tmp_path: Path, qapp: object) -> None:
    from PySide6.QtGui import QImage

    from viewr.render.snapshot import snapshot

    out = tmp_path / "out.png"
    if folder in ("LICENSES", "dicomdir-seg"):
        with pytest.raises(FormatError, match="There is no image to show"):
            snapshot(SHARED / folder, out)
        return
    snapshot(SHARED / folder, out)
    picture = QImage(str(out))
    assert max(picture.width(), picture.height()) >= 512
    rows = np.frombuffer(picture.convertToFormat(QImage.Format.Format_Grayscale8).constBits(), np.uint8)
    assert rows.std() > 2


def test_dark_is_bright_in_monochrome1_snapshots(tmp_path: Path, qapp: object) -> None:
    from PySide6.QtGui import QImage

    from viewr.render.snapshot import snapshot

    snapshot(SHARED / "projection" / "RG3_J2KR", tmp_path / "leg.png")
    picture = QImage(str(tmp_path / "leg.png"))
    # Bone stops rays: stored low here, shown bright; beside the leg the detector is hit, shown dark.
    height, width = picture.height(), picture.width()
    bone, air = (picture.pixelColor(round(share * width), height // 2).red() for share in (0.5, 0.32))
    assert bone > 120 > 60 > air


MEASURE = """
import sys
from viewr.imaging.series import load_series
volumes = load_series(sys.argv[1])
status = open("/proc/self/status").read()
# Not getrusage: what the parent took before counts there.
print(sum(v.array.nbytes for v in volumes), int(status.split("VmHWM:")[1].split()[0]) * 1024)
"""


@pytest.mark.parametrize("folder", ["ct-chest-philips", "mr-t1-philips", "pet-ge", "projection", "transfer-syntaxes"])
def test_memory_stays_within_its_budget(folder: str) -> None:
    """Voxel bytes x 1.3 + 350 MB, in a process of its own."""
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", MEASURE, str(SHARED / folder)], capture_output=True,
                           text=True, check=True)
    voxels, peak = map(int, ended.stdout.split())
    assert peak <= 1.3 * voxels + 350e6
