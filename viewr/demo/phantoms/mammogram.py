"""Mammograms: four views, one of them stored inverted, with a small mass and microcalcifications on the left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms.dicom import Study, base_dataset, code, image_dataset, sequence
from viewr.demo.phantoms.shapes import Field, blend, fractal, paint, soft

MAMMOGRAM = "1.2.840.10008.5.1.4.1.1.1.2"
STUDY = Study("DEMO04", "DEMO04_MG1", "Screening mammogram", "20240325", "083000", "F", "054Y")
ROWS, COLUMNS, PIXEL_MM = 2048, 1536, 0.1


@dataclass(frozen=True)
class View:
    """One of the four views.

    Attributes
    ----------
    orientation : tuple of str
        Where rows and columns run to in the patient.
    inverted : bool
        Stored as MONOCHROME1: high values are dark.
    """

    scan: int
    name: str
    side: str
    position: str
    orientation: tuple[str, str]
    inverted: bool = False


VIEWS = (
    View(1, "R_CC", "R", "CC", ("P", "L")),
    View(2, "L_CC", "L", "CC", ("A", "R")),
    View(3, "R_MLO", "R", "MLO", ("P", "FL")),
    View(4, "L_MLO", "L", "MLO", ("A", "FR"), inverted=True),
)
#: Distance from the chest wall and from the top edge, mm: the mass and the cluster of calcifications.
MASS_MM = {"CC": (58.0, 82.0), "MLO": (60.0, 118.0)}
CLUSTER_MM = {"CC": (34.0, 122.0), "MLO": (36.0, 136.0)}
MASS_DIAMETER_MM = 12.0


def mammogram_session() -> list[DemoSeries]:
    """Four series of one image each."""
    return [_series(view, np.random.default_rng(60 + view.scan)) for view in VIEWS]


def mammogram(view: View, rng: np.random.Generator) -> npt.NDArray[np.uint16]:
    """Pixels [j, i], 12 bits, as stored."""
    # Half resolution but for noise and calcifications: a breast is soft.
    shape = (ROWS // 2, COLUMNS // 2)
    out = np.arange(shape[1], dtype=np.float32)[None, :] * np.float32(2 * PIXEL_MM)
    down = np.arange(shape[0], dtype=np.float32)[:, None] * np.float32(2 * PIXEL_MM)
    image = _breast(view.position, out, down, rng)
    if view.side == "L":
        _add_mass(image, out, down, MASS_MM[view.position], rng)
    image = np.repeat(np.repeat(image, 2, 0), 2, 1)
    image[1:-1:2, :] = 0.5 * (image[1:-1:2, :] + image[2::2, :])
    image[:, 1:-1:2] = 0.5 * (image[:, 1:-1:2] + image[:, 2::2])
    image += 14 * rng.standard_normal(image.shape, np.float32) * (image > 60)
    if view.side == "L":
        _add_calcifications(image, CLUSTER_MM[view.position], rng)
    pixels = np.clip(image, 0, 4095).astype(np.uint16)
    if view.side == "R":
        pixels = pixels[:, ::-1]
    return 4095 - pixels if view.inverted else pixels


def _breast(position: str, out: Field, down: Field, rng: np.random.Generator) -> Field:
    """Skin, fat, glandular tissue and, in the oblique view, the pectoral muscle."""
    oblique = position == "MLO"
    middle, high = (112.0, 100.0) if oblique else (102.0, 88.0)
    reach = 104 - (6 * np.tanh((down - middle) / 30) * -1 if oblique else 0)
    wobble = fractal((len(down), out.shape[1]), 7, 0.45, rng)
    radius = np.sqrt((out / reach) ** 2 + (np.abs(down - middle) / high) ** np.float32(2.2))
    inside = (1 - radius) * 88 + 0.3 * wobble
    if oblique:
        # Towards the armpit the breast runs into the wall of the chest.
        inside = -blend(-inside, np.float32(0.30) * down + out - 70, 30)
    thick = np.clip(inside / 26, 0, 1) ** np.float32(0.55)
    image = np.float32(1050) * thick + 90 * wobble * thick
    glands = np.exp(-(((out - 46) / 34) ** 2) - ((down - middle + 6) / (44 if oblique else 40)) ** 2)
    image += _glands(glands, wobble, out, down, middle, rng) * thick
    paint(image, 1500.0, np.exp(-(((inside - 1.2) / 1.0) ** 2)) * np.float32(0.55))
    if oblique:
        muscle = 46 - out - 0.42 * down + 1.5 * wobble
        paint(image, 2350 + 110 * wobble, soft(-muscle, 3) * np.float32(0.85))
    nipple = np.hypot(out - reach, down - middle) - 4
    paint(image, 1700.0, soft(nipple, 3) * np.float32(0.8))
    return np.asarray(image * soft(np.minimum(-inside, nipple), 1.5), np.float32)


def _glands(
    where: Field, wobble: Field, out: Field, down: Field, middle: float, rng: np.random.Generator
) -> Field:  # fmt: skip
    """Fibroglandular tissue: clouds behind the nipple, and strands that run towards it."""
    shape = wobble.shape
    clouds = fractal(shape, 6, 0.62, rng)
    fine = fractal(shape, 5, 0.7, rng)
    angle = np.arctan2(down - middle, 112 - out)
    strands = np.cos(angle * 46 + 3.2 * clouds) * np.cos(angle * 23 + 2.0 * wobble)
    ridges = 1 - np.abs(fine)
    dense = np.clip(where * 1.5 + 0.32 * clouds - 0.28, 0, 1)
    return np.asarray(dense * (950 + 260 * clouds + 150 * ridges + 130 * strands) + 60 * ridges + 35 * strands)


def _add_mass(
    image: Field, out: Field, down: Field, centre: tuple[float, float], rng: np.random.Generator
) -> None:  # fmt: skip
    """A dense spot with short spicules."""
    across, along = out - np.float32(centre[0]), down - np.float32(centre[1])
    distance = np.hypot(across, along)
    angle = np.arctan2(along, across)
    lobes = sum(np.cos(n * angle + p) for n, p in zip((3, 5, 8), rng.uniform(0, 6, 3), strict=True))
    core = soft(distance - np.float32(MASS_DIAMETER_MM / 2) - 0.5 * lobes, 2.5)
    rays = np.clip(np.cos(angle * 17 + lobes), 0.6, 1) - np.float32(0.6)
    image += 700 * core + 900 * rays * np.exp(-(((distance - 6) / 7) ** 2)) * (distance > 4)


def _add_calcifications(image: Field, centre: tuple[float, float], rng: np.random.Generator) -> None:
    """Two dozen grains of 0.2 to 0.6 mm within a centimetre."""
    for _ in range(24):
        i, j = ((c + rng.normal() * 3.2) / PIXEL_MM for c in centre)
        radius = rng.uniform(1.0, 2.8)
        j0, i0 = int(j) - 5, int(i) - 5
        y, x = np.mgrid[j0 : j0 + 11, i0 : i0 + 11].astype(np.float32)
        grain = soft(np.hypot(x - i, (y - j) * rng.uniform(0.8, 1.3)) - radius, 1.5)
        image[j0 : j0 + 11, i0 : i0 + 11] += np.float32(rng.uniform(900, 1500)) * grain


def _series(view: View, rng: np.random.Generator) -> DemoSeries:
    description = view.name.replace("_", " ")
    base = base_dataset(STUDY, view.scan, MAMMOGRAM, "MG", description)
    _add_mammography(base, view)
    dataset = image_dataset(base, 1, mammogram(view, rng), {})
    return DemoSeries(
        STUDY.subject, STUDY.session, "xnat:mgSessionData", str(view.scan), view.name, "xnat:mgScanData",
        description, [dataset],
    )  # fmt: skip


def _add_mammography(base: Any, view: View) -> None:
    base.ImageType = ["DERIVED", "PRIMARY", ""]
    base.PresentationIntentType = "FOR PRESENTATION"
    base.BodyPartExamined = "BREAST"
    base.ImageLaterality = view.side
    base.ViewPosition = view.position
    base.PatientOrientation = list(view.orientation)
    base.Rows, base.Columns = ROWS, COLUMNS
    base.BitsStored, base.HighBit = 12, 11
    base.ImagerPixelSpacing = [PIXEL_MM, PIXEL_MM]
    base.PhotometricInterpretation = "MONOCHROME1" if view.inverted else "MONOCHROME2"
    base.PresentationLUTShape = "INVERSE" if view.inverted else "IDENTITY"
    base.PixelIntensityRelationship = "LOG"
    base.PixelIntensityRelationshipSign = 1 if view.inverted else -1
    base.RescaleIntercept, base.RescaleSlope, base.RescaleType = 0, 1, "US"
    base.WindowCenter, base.WindowWidth = (4095 - 1600, 2800) if view.inverted else (1600, 2800)
    base.LossyImageCompression = "00"
    base.BurnedInAnnotation = "NO"
    base.BreastImplantPresent = "NO"
    base.DetectorType = "DIRECT"
    base.PositionerType = "MAMMOGRAPHIC"
    base.PositionerPrimaryAngle = 0 if view.position == "CC" else 45
    base.OrganExposed = "BREAST"
    base.KVP, base.OrganDose, base.BodyPartThickness = 29, 0.014, 52
    base.AcquisitionContextSequence = sequence()
    base.AnatomicRegionSequence = sequence(code("76752008", "SCT", "Breast"))
    view_code = ("399162004", "cranio-caudal") if view.position == "CC" else ("399368009", "medio-lateral oblique")
    base.ViewCodeSequence = sequence(code(view_code[0], "SCT", view_code[1], ViewModifierCodeSequence=sequence()))
