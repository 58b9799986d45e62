"""A PET/CT from the skull to the thighs: a low-dose CT, and FDG uptake on a grid of its own in Bq/ml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms import head, thorax
from viewr.demo.phantoms.chest_ct import CT_IMAGE, add_ct, noise_block
from viewr.demo.phantoms.dicom import Study, add_plane, base_dataset, code, item, sequence, slice_datasets
from viewr.demo.phantoms.shapes import (
    Field,
    Point,
    Points,
    blend,
    capsule,
    ellipsoid,
    paint,
    pictured,
    points_of,
    soft,
    tube,
    union,
    waves,
)
from viewr.model.geometry import Grid

PET_IMAGE = "1.2.840.10008.5.1.4.1.1.128"
STUDY = Study("DEMO03", "DEMO03_PETCT1", "PET/CT skull to thigh", "20240318", "100000", "F", "059Y")

DOSE_BQ, WEIGHT_KG, HALF_LIFE_S, WAIT_S = 300e6, 75.0, 6586.2, 3600.0
#: Bq/ml at which the standardised uptake value is 1, at the start of the scan.
BQML_PER_SUV = DOSE_BQ * 2 ** (-WAIT_S / HALF_LIFE_S) / (WEIGHT_KG * 1000)


class Lesion(NamedTuple):
    """A lesion: centre (LPS mm), diameter (mm) and uptake (SUV, body weight)."""

    centre: Point
    diameter: float
    suv: float
    name: str


LESIONS = (
    Lesion(thorax.NODULES[3].centre, 20.0, 9.0, "left lower lobe"),
    Lesion((-70.0, 10.0, 52.0), 26.0, 8.0, "right lobe of the liver"),
)
#: Where the head's own coordinates begin, and how far the chest reaches; LPS mm.
_HEAD_AT: Point = (0.0, -22.0, 436.0)
_CHEST_FROM, _CHEST_TO = 0.0, 300.0


def _grid(columns: int, pixel: float, slices: int, step: float) -> Grid:
    edge = -pixel * (columns - 1) / 2
    affine = [[pixel, 0, 0, edge], [0, pixel, 0, edge], [0, 0, step, -318.0], [0, 0, 0, 1]]
    return Grid((columns, columns, slices), np.array(affine))


CT_GRID = _grid(192, 2.4, 170, 5.0)
PET_GRID = _grid(128, 3.6, 200, 4.25)

_HEAD_HU = {"white": 30.0, "grey": 38.0, "csf": 6.0, "fat": -95.0, "muscle": 55.0, "bone": 900.0, "marrow": 380.0,
            "gland": 20.0, "vitreous": 8.0, "lens": 60.0, "lesion": 26.0}  # fmt: skip
_HEAD_SUV = {"white": 4.0, "grey": 10.5, "csf": 0.8, "fat": 0.3, "muscle": 0.7, "bone": 0.5, "marrow": 0.9,
             "gland": 2.2, "vitreous": 0.6, "lens": 0.6, "lesion": 3.0}  # fmt: skip


def pet_session() -> list[DemoSeries]:
    """CT and PET of one session."""
    return [_ct_series(), _pet_series()]


def _regions(grid: Grid) -> list[tuple[str, Grid, slice]]:
    """Belly, chest and head of a grid, each with its slices."""
    z = grid.to_lps([[0, 0, k] for k in range(grid.shape[2])])[:, 2]
    bounds = [0, *np.searchsorted(z, (_CHEST_FROM, _CHEST_TO)).tolist(), len(z)]
    result = []
    for name, start, stop in zip(("belly", "chest", "head"), bounds[:-1], bounds[1:], strict=True):
        affine = np.array(grid.affine)
        affine[2, 3] = z[start]
        part = Grid((grid.shape[0], grid.shape[1], stop - start), affine)
        result.append((name, part, slice(start, stop)))
    return result


def ct_picture(grid: Grid = CT_GRID) -> Field:
    """CT numbers [k, j, i] of the whole body, without noise."""
    pictures = {"belly": (belly_fields, belly_ct), "chest": (thorax.fields_of, _chest_ct), "head": (_head, _head_ct)}
    parts = [pictured(part, *pictures[name], refine=(1, 2)) for name, part, _ in _regions(grid)]
    image = np.concatenate(parts)
    points = points_of(grid, [range(n) for n in grid.shape])
    pieces = [piece for piece in thorax.branches() if piece.radius > 1.6]
    thorax.add_lung_details(image, points, pieces, (thorax.NODULES[3],), 3.0)
    return image


def uptake_picture(grid: Grid = PET_GRID) -> Field:
    """Uptake [k, j, i] as SUV of the whole body, without noise."""
    pictures = {"belly": (belly_fields, belly_suv), "chest": (thorax.fields_of, chest_suv), "head": (_head, _head_suv)}
    image = np.concatenate([pictured(part, *pictures[name], refine=(1, 2)) for name, part, _ in _regions(grid)])
    image = blurred(image)
    points = points_of(grid, [range(n) for n in grid.shape])
    for lesion in LESIONS:
        paint(image, lesion.suv, soft(ellipsoid(points, lesion.centre, (lesion.diameter / 2,) * 3), 7))
    return image


def blurred(image: Field) -> Field:
    """The picture as a scanner of about 7 mm resolution sees it."""
    for axis in (0, 1, 2, 1, 2):
        image = 0.5 * image + 0.25 * (np.roll(image, 1, axis) + np.roll(image, -1, axis))
    return image


def _chest_ct(fields: Mapping[str, Field], points: Points) -> Field:
    return thorax.ct_numbers(fields, points, 3.0)


def chest_suv(fields: Mapping[str, Field], points: Points) -> Field:
    """Uptake of the chest."""
    image = 0.55 * soft(fields["skin"], 6) + 0.35 * soft(fields["skin"] + 18, 8)
    paint(image, 0.45, soft(fields["lung"], 7))
    inside = fields["cage"] + 5
    for name, value in (("belly", 2.4), ("spleen", 2.0), ("stomach", 1.6)):
        paint(image, value, soft(np.maximum(fields[name], inside), 8))
    paint(image, 1.7, soft(union(fields["heart"] + 4, fields["vessels"]), 8))
    # The wall of the left ventricle takes up sugar, its blood does not.
    wall = np.abs(capsule(points, (20, -14, 134), (46, -42, 106), (21, 14))) - 5
    paint(image, 6.5, soft(np.maximum(wall, -14 - points.x), 8))
    paint(image, 1.6, soft(fields["column"], 8))
    return np.asarray(image, np.float32)


def _head(points: Points) -> dict[str, Field]:
    inner = points.moved(_HEAD_AT)
    fields = head.fields_of(head.Head(seed=90, lesions=2), inner)
    return {**fields, "skin": blend(fields["skin"], thorax.body_of(points), 24)}


def _head_ct(fields: Mapping[str, Field], points: Points) -> Field:
    image = np.float32(-1000) * (1 - soft(fields["skin"], 3))
    inner = points.moved(_HEAD_AT)
    for name, share in head.tissues(fields, inner):
        paint(image, _HEAD_HU.get(name, -1000.0), share)
    return np.asarray(image, np.float32)


def _head_suv(fields: Mapping[str, Field], points: Points) -> Field:
    return head.compose(_HEAD_SUV, head.tissues(fields, points.moved(_HEAD_AT)))


def belly_fields(points: Points) -> dict[str, Field]:
    """Smooth distances of belly, pelvis and thighs (z below 0)."""
    side = head.mirrored(points)
    low = points.z + 290
    trunk = thorax.body_of(points) + np.clip(-low, 0, None) * np.float32(0.8)
    leg = capsule(side, (82, 6, -270), (84, 6, -420), (80, 72))
    loops = waves(points, 62.0, np.random.default_rng(44), 10).value
    cavity = ellipsoid(points, (0, -14, -100), (122, 74, 185))
    kidney = np.maximum(ellipsoid(side, (60, 32, -35), (27, 25, 56)), 9 - ellipsoid(side, (38, 24, -35), (16, 12, 22)))
    column = points.moved((0, 0, 0)).y - (50 + 5 * np.sin(points.z / 95))
    wing = np.abs(ellipsoid(side, (40, 20, -175), (92, 72, 88))) - 5
    return {
        "skin": blend(np.asarray(trunk, np.float32), leg, 30),
        "cavity": cavity,
        "loops": np.maximum(np.float32(5) * (0.2 - loops), np.maximum(cavity + 8, points.z + 12)),
        "belly": thorax.liver_of(points),
        "spleen": thorax.spleen_of(points),
        "kidney": kidney,
        "bladder": ellipsoid(points, (0, -26, -256), (42, 32, 32)),
        "column": np.maximum(np.hypot(points.x, column * 1.1) - 19, -185 - points.z),
        "vessels": tube(points, [(4, 26, 20), (2, 20, -110), (0, 22, -118)], (9, 9, 9)),
        "bone": union(
            np.maximum(wing, np.maximum(-2 - points.y, -points.z - 238)),
            ellipsoid(points, (0, 66, -205), (44, 16, 44)),
            tube(side, [(20, -36, -285), (58, -14, -262), (86, 8, -252)], (9, 11, 24)),
            tube(side, [(88, 6, -252), (122, 12, -278), (104, 12, -420)], (23, 17, 15)),
        ),
    }  # fmt: skip


def belly_ct(fields: Mapping[str, Field], points: Points) -> Field:
    """CT numbers of belly and pelvis."""
    image = np.float32(-1000) + np.float32(900) * soft(fields["skin"], 3)
    wall = soft(fields["skin"] + 22, 3) * (1 - soft(fields["cavity"], 3))
    paint(image, 50.0, wall)
    paint(image, 42.0, soft(fields["loops"], 6))
    for name, value in (("belly", 95.0), ("spleen", 100.0), ("kidney", 60.0)):
        paint(image, value, soft(fields[name], 3))
    paint(image, 45.0, soft(fields["vessels"], 3))
    paint(image, 8.0, soft(fields["bladder"], 3))
    for name in ("bone", "column"):
        paint(image, 700.0, soft(fields[name], 3))
        paint(image, 190.0, soft(fields[name] + 4, 3))
    return np.asarray(image, np.float32)


def belly_suv(fields: Mapping[str, Field], points: Points) -> Field:
    """Uptake of belly and pelvis."""
    image = 0.5 * soft(fields["skin"], 6) + 0.3 * soft(fields["skin"] + 24, 8)
    paint(image, 1.5, soft(fields["loops"], 8))
    for name, value in (("belly", 2.4), ("spleen", 2.0), ("column", 1.6)):
        paint(image, value, soft(fields[name], 8))
    paint(image, 4.5, soft(fields["kidney"], 9))
    paint(image, 28.0, soft(fields["bladder"], 9))
    return np.asarray(image, np.float32)


def _ct_series() -> DemoSeries:
    rng = np.random.default_rng(41)
    noise = noise_block((256, 256), 8, 22.0, seed=42)
    image = np.round(ct_picture()).astype(np.int16) + 1024

    def pixels(k: int) -> Any:
        layer, j, i = (int(rng.integers(n)) for n in (8, 64, 64))
        return np.clip(image[k] + noise[layer, j : j + 192, i : i + 192], 0, 4095).astype(np.uint16)

    base = base_dataset(STUDY, 2, CT_IMAGE, "CT", "CT low dose 5 mm")
    base.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    add_ct(base)
    base.BodyPartExamined = "WHOLEBODY"
    base.XRayTubeCurrent = 40
    base.WindowCenter, base.WindowWidth = 40, 400
    add_plane(base, STUDY, CT_GRID, 5.0)
    return DemoSeries(
        STUDY.subject, STUDY.session, "xnat:petSessionData", "2", "CT", "xnat:ctScanData", "CT low dose 5 mm",
        slice_datasets(base, CT_GRID, pixels),
    )  # fmt: skip


def _pet_series() -> DemoSeries:
    suv = uptake_picture()
    grain = np.random.default_rng(43).standard_normal(suv.shape, np.float32)
    grain += np.roll(grain, 1, 1) + np.roll(grain, 1, 2)
    bqml = np.clip(suv + np.float32(0.055) * np.sqrt(suv + 0.05) * grain, 0, None) * np.float32(BQML_PER_SUV)
    slopes = [float(f"{max(float(plane.max()), 1.0) / 32000:.9g}") for plane in bqml]
    base = base_dataset(STUDY, 3, PET_IMAGE, "PT", "PET WB AC")
    _add_pet(base)
    add_plane(base, STUDY, PET_GRID, 4.25)
    # The gantry relationship says it instead, and the standard forbids both.
    del base.PatientPosition
    middle_ms = 90_000.0
    datasets = slice_datasets(
        base, PET_GRID, lambda k: np.round(bqml[k] / np.float32(slopes[k])).astype(np.int16),
        lambda k: {"RescaleSlope": slopes[k], "ImageIndex": k + 1, "FrameReferenceTime": middle_ms,
                   "WindowCenter": round(2.5 * BQML_PER_SUV), "WindowWidth": round(5 * BQML_PER_SUV)},
    )  # fmt: skip
    return DemoSeries(
        STUDY.subject, STUDY.session, "xnat:petSessionData", "3", "PET", "xnat:petScanData", "PET WB AC", datasets
    )


def _add_pet(base: Any) -> None:
    base.ImageType = ["ORIGINAL", "PRIMARY"]
    base.BodyPartExamined = "WHOLEBODY"
    base.PixelRepresentation = 1
    base.BitsStored, base.HighBit = 16, 15
    base.PatientWeight = WEIGHT_KG
    base.PatientSize = 1.68
    base.Units = "BQML"
    base.CountsSource = "EMISSION"
    base.SeriesType = ["WHOLE BODY", "IMAGE"]
    base.NumberOfSlices = PET_GRID.shape[2]
    base.CorrectedImage = ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"]
    base.DecayCorrection = "START"
    base.CollimatorType = "NONE"
    base.RandomsCorrectionMethod = "DLYD"
    base.AttenuationCorrectionMethod = "CT, invented"
    base.RescaleIntercept = 0
    base.ActualFrameDuration = 180_000
    base.DecayFactor = 1.0
    _add_tracer(base)


def _add_tracer(base: Any) -> None:
    base.RadiopharmaceuticalInformationSequence = sequence(item(
        Radiopharmaceutical="FDG",
        RadiopharmaceuticalStartTime="090000",
        RadiopharmaceuticalStartDateTime=f"{STUDY.date}090000",
        RadionuclideTotalDose=DOSE_BQ,
        RadionuclideHalfLife=HALF_LIFE_S,
        RadionuclidePositronFraction=0.967,
        RadionuclideCodeSequence=sequence(code("77004003", "SCT", "^18^Fluorine")),
        RadiopharmaceuticalCodeSequence=sequence(code("35321007", "SCT", "Fluorodeoxyglucose F^18^")),
    ))  # fmt: skip
    base.PatientOrientationCodeSequence = sequence(code(
        "102538003", "SCT", "recumbent",
        PatientOrientationModifierCodeSequence=sequence(code("40199007", "SCT", "supine")),
    ))  # fmt: skip
    base.PatientGantryRelationshipCodeSequence = sequence(code("102540008", "SCT", "headfirst"))
