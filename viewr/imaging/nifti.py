"""Reading NIfTI 1 and 2 images, also compressed, big-endian and scaled. RAS ends here."""

from __future__ import annotations

import gzip
import zlib
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


def is_nifti(path: Path) -> bool:
    """Whether a file is NIfTI, by its first bytes."""
    with open(path, "rb") as file:
        start = file.read(348)
    if start[:2] == b"\x1f\x8b":
        try:
            start = zlib.decompressobj(31).decompress(_head(path), 348)
        except zlib.error:
            return False
    return len(start) >= 348 and (start[344:348] in (b"n+1\0", b"ni1\0") or start[4:8] in (b"n+2\0", b"ni2\0"))


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
            data = gzip.decompress(data)
        kind = Nifti2Image if data[4:8] == b"n+2\0" else Nifti1Image
        return kind.from_bytes(data)
    except (OSError, EOFError, ValueError, zlib.error, HeaderDataError, ImageFileError,
            WrapStructError) as exc:
        raise FormatError(f"{name} cannot be read as NIfTI.", "The file may be cut off.") from exc


def read_nifti(path: Path) -> Volume:
    """One NIfTI file as a volume; its axes stay in their order, so i need not run along a DICOM row."""
    image = _load(path)
    warnings: list[str] = []
    affine = FLIP @ _affine(image, path, warnings)
    array = _values(image, path)
    shape = (*array.shape, 1, 1, 1)[:3]
    array = array.reshape(shape + array.shape[3:], order="F")
    array, axes = _named_axes(array)
    return Volume(
        array, Grid(shape, affine), description=_name(path), axes=axes, files=(str(path),), modality="",
        spacing_source="in the image", warnings=tuple(warnings), frame_time_ms=_frame_time(image, axes),
    )


def _load(path: Path) -> Any:
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    try:
        image = nibabel.load(path)
        announced = float(np.prod([float(n) for n in image.shape])) * image.get_data_dtype().itemsize
    except (OSError, EOFError, ValueError, zlib.error, HeaderDataError, ImageFileError,
            WrapStructError) as exc:
        raise FormatError(f"{path.name} cannot be read as NIfTI.") from exc
    if announced > _LARGEST or not image.shape or min(image.shape) < 1:
        raise FormatError(f"{path.name} announces {' x '.join(map(str, image.shape))} voxels, which cannot be right.")
    _check_size(path, announced)
    return image


def _check_size(path: Path, announced: float) -> None:
    """Refuses a file that cannot hold what it announces, before memory is taken (deflate packs 1032 to 1 at most)."""
    size = path.stat().st_size
    if size * (1032 if path.suffix == ".gz" else 1) < announced:
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
    return path.name.removesuffix(".gz").removesuffix(".nii")
