"""Damaged files: a sentence or a picture, never a traceback, a hang or a mountain of memory.

`VIEWR_FUZZ=20000 pytest tests/imaging/test_damaged.py` runs longer.
"""

from __future__ import annotations

import os
import random
import resource
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import flat_stack, slice_file
from viewr.imaging.series import load_series, read_folder
from viewr.model.errors import FormatError

ROUNDS = int(os.environ.get("VIEWR_FUZZ", "400"))
LIMIT = 3 << 30

SOURCES = [
    "other/CT_small.dcm", "other/MR_truncated.dcm", "other/rtdose.dcm", "other/no_meta.dcm", "dicomdir/DICOMDIR",
    "transfer-syntaxes/small/MR_small.dcm", "transfer-syntaxes/small/MR_small_RLE.dcm",
    "transfer-syntaxes/small/MR_small_bigendian.dcm", "transfer-syntaxes/small/MR_small_implicit.dcm",
    "transfer-syntaxes/small/MR_small_jp2klossless.dcm", "transfer-syntaxes/small/MR_small_jpeg_ls_lossless.dcm",
    "transfer-syntaxes/small/image_dfl.dcm", "transfer-syntaxes/us-ge/US1_RLE",
    "transfer-syntaxes/small/SC_rgb_rle.dcm", "ultrasound/US-PAL-8-10x-echo.dcm",
    "transfer-syntaxes/small/SC_rgb_jpeg_gdcm.dcm",
    "transfer-syntaxes/small/SC_ybr_full_422_uncompressed.dcm", "transfer-syntaxes/small/SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "mr-enhanced-philips/dicom/T1.dcm", "mr-mosaic-siemens/dicom/epi_pe_ap-00001.dcm", "charsets/chrH32.dcm",
    "nifti/nibabel/standard.nii.gz", "nifti/nibabel/anatomical.nii", "nifti/nibabel/example_nifti2.nii.gz",
]


@pytest.fixture(autouse=True)
def _limited_memory():
    """Takes no more memory than a few copies of the largest file here, else the read fails."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, mostly in the header, a run overwritten, or the end cut off."""
    kind = rng.randrange(4)
    if kind == 0:
        return data[: rng.randrange(len(data))]
    broken = bytearray(data)
    reach = len(data) if kind == 1 else min(len(data), 3000)
    if kind == 3:
        start = rng.randrange(reach)
        broken[start : start + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\x01\0\0\0"])
    else:
        for _ in range(rng.randrange(1, 20)):
            broken[rng.randrange(reach)] = rng.randrange(256)
    return bytes(broken)


def assert_sound(path: Path) -> None:
    """A result whose parts fit together, whatever the file was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = read_folder(path)
    for volume in result.volumes:
        assert volume.array.shape[:3] == volume.grid.shape
        assert len(volume.axes) == volume.array.ndim - 3
        assert np.isfinite(volume.grid.affine).all()
    assert all(refused.reason for refused in result.refused)
    assert result.volumes or result.refused


@needs_real_scans
@pytest.mark.parametrize("source", SOURCES)
def test_damaged_files(tmp_path: Path, source: str) -> None:
    data = (SHARED / source).read_bytes()
    rng = random.Random(source)
    for n in range(max(1, ROUNDS // len(SOURCES))):
        file = tmp_path / f"{n}{Path(source).name}"
        file.write_bytes(damaged(data, rng))
        assert_sound(file)
        file.unlink()


def test_announced_sizes_are_checked_before_memory_is_taken(tmp_path: Path) -> None:
    file = slice_file(tmp_path, np.zeros((4, 4), np.int16), (0, 0, 0), Rows=65535, Columns=65535)
    with pytest.raises(FormatError, match=r"announces 65535 x 65535 pixels, but has only \d+ bytes"):
        load_series(file)


def test_frames_that_are_not_there_are_not_shown(tmp_path: Path) -> None:
    file = slice_file(tmp_path, np.zeros((4, 4), np.int16), None, NumberOfFrames=1_000_000)
    [volume] = load_series(file)
    assert volume.array.shape == (4, 4, 1)
    assert "it holds 1 of 1000000 frames" in " ".join(volume.warnings)


def test_a_slice_cut_off_is_marked(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, [0, 5, 10], 1, 7)
    data = paths[1].read_bytes()
    paths[1].write_bytes(data[:-16])
    [volume] = load_series(tmp_path)
    assert volume.array[:, :, 1].T.ravel().tolist() == [8] * 8 + [0] * 8
    assert volume.warnings == (f"{paths[1].name} is cut off: 50 % of its pixels can be shown.",)
    paths[1].write_bytes(data[:-32])
    [volume] = load_series(tmp_path)
    assert volume.missing == (1,)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"hello\n", "is a text file"),
     (b"PK\x03\x04" + b"\0" * 200, "is a zip archive; unpack it first"),
     (bytes(range(256)) * 4, "is neither DICOM nor NIfTI"), (b"%PDF-1.7\n\0\x01", "is a PDF document")],
)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    flat_stack(tmp_path, [0, 5])
    (tmp_path / "other").write_bytes(content)
    result = read_folder(tmp_path)
    assert len(result.volumes) == 1
    assert [r.reason for r in result.refused] == [f"other {words}."]


def test_a_wrong_transfer_syntax_is_seen_through(tmp_path: Path) -> None:
    file = slice_file(tmp_path, np.arange(16, dtype=np.int16).reshape(4, 4), (0, 0, 0))
    data = file.read_bytes()
    # Claims implicit VR, is explicit.
    file.write_bytes(data.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0"))
    [volume] = load_series(file)
    assert volume.array[..., 0].T.ravel().tolist() == list(range(16))
    assert volume.warnings == (f"{file.name} is not written in the transfer syntax it names.",)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="There are no image files"):
        load_series(tmp_path)
    with pytest.raises(FormatError, match="does not exist"):
        load_series(tmp_path / "none")


@needs_real_scans
@pytest.mark.parametrize("syntax", ["JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
                                    "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
                                    "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80"])
def test_a_compressed_slice_cut_off_is_never_taken_for_whole(tmp_path: Path, syntax: str) -> None:
    data = (SHARED / "transfer-syntaxes" / "ct-ge" / f"CTImage.dcm_{syntax}.dcm").read_bytes()
    file = tmp_path / "cut.dcm"
    file.write_bytes(data[: len(data) * 3 // 4])
    result = read_folder(file)
    said = [words for volume in result.volumes for words in volume.warnings] + [r.reason for r in result.refused]
    assert any("cut.dcm" in words and "cut off" in words for words in said)


@needs_real_scans
def test_one_slice_that_cannot_be_decoded_leaves_the_others(tmp_path: Path) -> None:
    import pydicom

    name = "CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm"
    dataset = pydicom.dcmread(SHARED / "transfer-syntaxes" / "ct-ge" / name)
    for k in range(3):
        dataset.ImagePositionPatient = [0, 0, 5 * k]
        dataset.InstanceNumber, dataset.SOPInstanceUID = k + 1, f"1.2.3.{k + 1}"
        dataset.save_as(tmp_path / f"{k}.dcm")
    data = (tmp_path / "1.dcm").read_bytes()
    (tmp_path / "1.dcm").write_bytes(data[: len(data) // 2])
    [volume] = load_series(tmp_path)
    assert volume.missing == (1,)
    assert volume.array[:, :, 0].any()
    assert volume.warnings == ("1.dcm is cut off: nothing can be shown.",)
