"""Reading NIfTI 1 and 2 images, also compressed, big-endian and scaled. RAS ends here."""

from __future__ import annotations

import gzip
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.errors import FormatError
from viewr.model.geometry import FloatArray, Grid
from viewr.model.volume import Volume

#: From LPS to RAS and back: x and y change sign.
FLIP: FloatArray = np.diag([-1.0, -1.0, 1.0, 1.0])
_AXES = ("time", "component", "axis6", "axis7")
_TO_MM = {"meter": 1000.0, "mm": 1.0, "micron": 0.001}
_LARGEST = 1 << 36
_LARGEST_PACKED = 1 << 31


def is_nifti(path: Path) -> bool:
    """Whether a file is NIfTI, by its first bytes."""
    start = _start(path)
    return len(start) >= 348 and (start[344:348] in (b"n+1\0", b"ni1\0") or start[4:8] in (b"n+2\0", b"ni2\0"))


def _start(path: Path) -> bytes:
    """The first bytes, unpacked; nothing where that cannot be done."""
    start = _head(path)
    if start[:2] == b"\x1f\x8b":
        try:
            return zlib.decompressobj(31).decompress(start, 348)
        except zlib.error:
            return b""
    return start[:348]


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(4096)


def image_of(data: bytes, name: str) -> Any:
    """A nibabel image of the bytes of a .nii or .nii.gz file."""
    from nibabel import Nifti1Image, Nifti2Image
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    try:
        if data[:2] == b"\x1f\x8b":
            data = _unpacked(data, name)
        kind = Nifti2Image if data[4:8] == b"n+2\0" else Nifti1Image
        return kind.from_bytes(data)
    except (OSError, EOFError, ValueError, zlib.error, HeaderDataError, ImageFileError,
            WrapStructError) as exc:
        raise FormatError(f"{name} cannot be read as NIfTI.", "The file may be cut off.") from exc


def _unpacked(data: bytes, name: str) -> bytes:
    """Not without end: a few megabytes may hold gigabytes of nothing."""
    unpacker = zlib.decompressobj(31)
    unpacked = unpacker.decompress(data, _LARGEST_PACKED)
    if unpacker.unconsumed_tail:
        raise FormatError(f"{name} unpacks to more than {_LARGEST_PACKED >> 20} MB, which cannot be right.")
    if not unpacker.eof:
        raise EOFError
    return unpacked


def read_nifti(path: Path) -> Volume:
    """One NIfTI file as a volume; its axes stay in their order, so i need not run along a DICOM row."""
    with ExitStack() as files:
        return _read(_load(path, files), path)


def _read(image: Any, path: Path) -> Volume:
    warnings: list[str] = []
    affine = FLIP @ _affine(image, path, warnings)
    array = _values(image, path)
    shape = (*array.shape, 1, 1, 1)[:3]
    array = array.reshape(shape + array.shape[3:], order="F")
    array, axes = _named_axes(array)
    return Volume(
        array, Grid(shape, affine), description=_name(path), axes=axes, files=_files(image, path), modality="",
        spacing_source="in the image", warnings=tuple(warnings), frame_time_ms=_frame_time(image, axes),
    )


def _files(image: Any, path: Path) -> tuple[str, ...]:
    beside = image.file_map["image"].filename
    return (str(path), str(beside)) if beside else (str(path),)


def _load(path: Path, files: ExitStack) -> Any:
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    try:
        image = _opened(path, files)
        announced = float(np.prod([float(n) for n in image.shape])) * image.get_data_dtype().itemsize
    except (OSError, EOFError, ValueError, zlib.error, HeaderDataError, ImageFileError,
            WrapStructError) as exc:
        raise FormatError(f"{path.name} cannot be read as NIfTI.") from exc
    if announced > _LARGEST or not image.shape or min(image.shape) < 1:
        raise FormatError(f"{path.name} announces {' x '.join(map(str, image.shape))} voxels, which cannot be right.")
    _check_size(image.file_map["image"].filename or path, announced)
    return image


def _opened(path: Path, files: ExitStack) -> Any:
    """An image by what the file holds: names may end in anything, and nibabel goes by them."""
    from nibabel import Nifti1Image, Nifti1Pair, Nifti2Image, Nifti2Pair
    from nibabel.fileholders import FileHolder

    start = _start(path)
    opener: Any = gzip.open if _is_packed(path) else open
    reader = files.enter_context(opener(path, "rb"))
    second = start[4:8] in (b"n+2\0", b"ni2\0")
    if start[344:348] == b"ni1\0" or start[4:8] == b"ni2\0":
        kind = Nifti2Pair if second else Nifti1Pair
        return kind.from_file_map({"header": FileHolder(fileobj=reader),
                                   "image": FileHolder(filename=str(_voxels_of(path)))})
    kind = Nifti2Image if second else Nifti1Image
    return kind.from_file_map({"image": FileHolder(fileobj=reader)})


def _is_packed(path: Path) -> bool:
    return _head(path)[:2] == b"\x1f\x8b"


def _voxels_of(path: Path) -> Path:
    """The file of voxels beside a header of its own."""
    base = path.name.removesuffix(".gz").removesuffix(".hdr")
    found = next((file for ending in (".img", ".img.gz") if (file := path.with_name(base + ending)).exists()), None)
    if found is None:
        raise FormatError(f"{path.name} is a NIfTI header whose voxels ({base}.img) are missing.")
    return found


def _check_size(path: str | Path, announced: float) -> None:
    """Refuses a file that cannot hold what it announces, before memory is taken (deflate packs 1032 to 1 at most)."""
    path = Path(path)
    size = path.stat().st_size
    if size * (1032 if _is_packed(path) else 1) < announced:
        raise FormatError(f"{path.name} is cut off: it announces {announced:.0f} bytes of voxels "
                          f"and has {size} in all.")


def _affine(image: Any, path: Path, warnings: list[str]) -> FloatArray:
    """Voxel to RAS, mm."""
    header = image.header
    affine = np.array(image.affine, np.float64)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        affine = np.array(header.get_base_affine(), np.float64)
        warnings.append("The file's affine cannot be inverted; position and orientation are unknown.")
    elif int(header["sform_code"]) == 0 and int(header["qform_code"]) == 0:
        warnings.append("The file does not say where in the patient it lies; left and right are assumed.")
    elif int(header["sform_code"]) > 0 and int(header["qform_code"]) > 0:
        off = float(np.abs(np.array(header.get_qform()) - affine).max())
        if off > 0.5:
            warnings.append(f"The file holds two different positions (sform and qform, {off:.1f} mm apart); "
                            "the sform is used.")
    unit = _TO_MM.get(_units(image)[0], 1.0)
    return np.diag([unit, unit, unit, 1.0]) @ affine


def _values(image: Any, path: Path) -> npt.NDArray[Any]:
    """Voxels after scaling: integers where the scale is whole, else float32 (RGB as a last axis of three)."""
    slope, inter = image.dataobj.slope, image.dataobj.inter
    try:
        stored = np.asanyarray(image.dataobj.get_unscaled())
    except (OSError, EOFError, ValueError, zlib.error) as exc:
        raise FormatError(f"{path.name} is cut off or damaged.") from exc
    if stored.dtype.names:
        return np.stack([stored[name] for name in stored.dtype.names[:3]], axis=-1)
    if stored.dtype.kind == "c":
        return np.abs(stored).astype(np.float32)
    stored = np.asarray(stored, dtype=stored.dtype.newbyteorder("="))
    if (slope is None or slope == 1) and not inter:
        return stored if stored.dtype != np.float128 else stored.astype(np.float64)
    from viewr.imaging.rescale import rescaled

    return rescaled(stored, float(slope), float(inter or 0))


def _named_axes(array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Drops trailing axes of length one and names the others."""
    while array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]
    return array, _AXES[: array.ndim - 3]


def _frame_time(image: Any, axes: tuple[str, ...]) -> float | None:
    if not axes or len(image.header.get_zooms()) < 4:
        return None
    factor = {"sec": 1000.0, "msec": 1.0, "usec": 0.001}.get(_units(image)[1], 1000.0)
    return float(image.header.get_zooms()[3]) * factor or None


def _units(image: Any) -> tuple[str, str]:
    """Units of space and time; what the standard does not know counts as unsaid."""
    try:
        space, time = image.header.get_xyzt_units()
    except KeyError:
        return "unknown", "unknown"
    return space, time


def _name(path: Path) -> str:
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    return name[:-4] if name.lower().endswith((".nii", ".hdr")) else name
