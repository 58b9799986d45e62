"""Multi-frame objects that give each frame a place: enhanced CT, MR and PET, dose grids, tomographic NM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from viewr.imaging.dicom_header import Header
from viewr.imaging.frame import Frame, in_plane_spacing, instance_order, plain_frames, unit_orientation
from viewr.imaging.real_world import mapped_values

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Functional group -> its elements and the names under which the reader knows them.
_GROUPS: dict[str, dict[str, str]] = {
    "PixelMeasuresSequence": {"SliceThickness": "SliceThickness", "SpacingBetweenSlices": "SpacingBetweenSlices"},
    "PixelValueTransformationSequence": {
        "RescaleSlope": "RescaleSlope", "RescaleIntercept": "RescaleIntercept", "RescaleType": "RescaleType"},
    "FrameVOILUTSequence": {
        "WindowCenter": "WindowCenter", "WindowWidth": "WindowWidth",
        "WindowCenterWidthExplanation": "WindowCenterWidthExplanation", "VOILUTFunction": "VOILUTFunction",
        "VOILUTSequence": "VOILUTSequence"},
    "MREchoSequence": {"EffectiveEchoTime": "EchoTime"},
    "MRTimingAndRelatedParametersSequence": {"FlipAngle": "FlipAngle"},
    "MRModifierSequence": {"InversionTimes": "InversionTime"},
    "MRDiffusionSequence": {"DiffusionBValue": "DiffusionBValue"},
    "MRImageFrameTypeSequence": {"FrameType": "ImageType", "ComplexImageComponent": "ComplexImageComponent",
        "PixelPresentation": "PixelPresentation"},
    "CTImageFrameTypeSequence": {"FrameType": "ImageType", "PixelPresentation": "PixelPresentation"},
    "PETFrameTypeSequence": {"FrameType": "ImageType", "PixelPresentation": "PixelPresentation"},
    "CardiacSynchronizationSequence": {
        "NominalPercentageOfCardiacPhase": "NominalPercentageOfCardiacPhase",
        "NominalCardiacTriggerDelayTime": "TriggerTime"},
    "FrameContentSequence": {
        "TemporalPositionIndex": "TemporalPositionIdentifier", "FrameAcquisitionNumber": "AcquisitionNumber"},
    "FrameAnatomySequence": {"FrameLaterality": "ImageLaterality"},
}


def enhanced_frames(header: Header) -> list[Frame]:
    """Frames with what their functional groups say (DICOM PS3.3 C.7.6.16)."""
    dataset = header.dataset
    shared = _first(dataset, "SharedFunctionalGroupsSequence")
    items = dataset.get("PerFrameFunctionalGroupsSequence") or []
    frames = plain_frames(header)
    if len(items) < len(frames):
        header.problems.append(f"describes {len(items)} of its {len(frames)} frames")
    for frame, own in zip(frames, items, strict=False):
        _describe(frame, own, shared)
    return frames[: len(items)] if items else frames


def _first(dataset: Dataset | None, keyword: str) -> Dataset | None:
    sequence = dataset.get(keyword) if dataset is not None else None
    return sequence[0] if sequence else None


def _group(own: Dataset, shared: Dataset | None, keyword: str) -> Dataset | None:
    """A functional group of a frame, else that of all frames."""
    found = _first(own, keyword)
    return found if found is not None else _first(shared, keyword)


def _describe(frame: Frame, own: Dataset, shared: Dataset | None) -> None:
    position = _numbers(_group(own, shared, "PlanePositionSequence"), "ImagePositionPatient")
    orientation = _numbers(_group(own, shared, "PlaneOrientationSequence"), "ImageOrientationPatient")
    spacing = _numbers(_group(own, shared, "PixelMeasuresSequence"), "PixelSpacing")
    if len(position) == 3:
        frame.position = np.array(position)
    if len(orientation) == 6:
        frame.orientation = unit_orientation(orientation)
    if len(spacing) == 2 and min(spacing) > 0:
        frame.spacing, frame.spacing_source = (spacing[1], spacing[0]), "in the image"
    for keyword, elements in _GROUPS.items():
        group = _group(own, shared, keyword)
        if group is not None:
            frame.values.update(_values(group, elements))
    if frame.number("RescaleSlope") is None:
        frame.values.update(mapped_values(_group(own, shared, "RealWorldValueMappingSequence")))
    _describe_diffusion(frame, _group(own, shared, "MRDiffusionSequence"))


def _numbers(group: Dataset | None, keyword: str) -> list[float]:
    value = group.get(keyword) if group is not None else None
    try:
        return [float(number) for number in value] if value is not None else []
    except (TypeError, ValueError):
        return []


def _values(group: Dataset, elements: dict[str, str]) -> dict[str, Any]:
    values = {}
    for there, here in elements.items():
        value = group.get(there)
        if value is not None and value != "":
            values[here] = value if isinstance(value, (str, int, float)) else list(value)
    return values


def _describe_diffusion(frame: Frame, group: Dataset | None) -> None:
    """Direction of the gradient; a trace over directions is a derived map, not one of them."""
    if group is None:
        return
    direction = _numbers(_first(group, "DiffusionGradientDirectionSequence"), "DiffusionGradientOrientation")
    if direction:
        frame.values["DiffusionGradientOrientation"] = direction
    if group.get("DiffusionDirectionality") == "ISOTROPIC":
        frame.values["derived"] = True


def dose_frames(header: Header) -> list[Frame]:
    """Planes of an RTDOSE grid, by their offsets (DICOM PS3.3 C.8.8.3.2)."""
    frames = plain_frames(header)
    offsets = header.numbers("GridFrameOffsetVector")
    first = frames[0]
    slope = header.number("DoseGridScaling", 1.0)
    for frame in frames:
        frame.values["RescaleSlope"] = slope
    if len(offsets) < len(frames) or not first.placed:
        return frames
    assert first.orientation is not None
    assert first.position is not None
    normal = np.cross(first.orientation[:3], first.orientation[3:])
    # Offsets either start at 0 from the first plane, or are the planes' own coordinates along the patient.
    start = 0.0 if abs(offsets[0]) < 1e-6 else offsets[0]
    for frame, offset in zip(frames, offsets, strict=False):
        frame.position = first.position + normal * (offset - start)
    return frames


def tomographic_frames(header: Header) -> list[Frame]:
    """Slices of a reconstructed NM volume, even steps from the first (DICOM PS3.3 C.8.4.15)."""
    frames = plain_frames(header)
    detector = _first(header.dataset, "DetectorInformationSequence")
    position = _numbers(detector, "ImagePositionPatient")
    orientation = unit_orientation(_numbers(detector, "ImageOrientationPatient"))
    step = header.number("SpacingBetweenSlices") or header.number("SliceThickness")
    if len(position) != 3 or orientation is None or not step:
        return frames
    normal = np.cross(orientation[:3], orientation[3:])
    spacing, source = in_plane_spacing(header)
    for frame in frames:
        frame.position, frame.orientation = np.array(position) + normal * step * frame.index, orientation
        frame.spacing, frame.spacing_source = spacing, source
        frame.order = instance_order(header, frame.index)
    return frames
