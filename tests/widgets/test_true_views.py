"""Viewports on real series beside other programs: values, pictures and letters; by both renderers.

SimpleITK reads the files by itself; the letters come from the affines that were found with other programs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import SimpleITK as sitk
from PySide6.QtWidgets import QApplication

from tests.data import SHARED, needs_real_scans
from tests.imaging.test_references import SERIES, the_volume
from tests.widgets.viewing import one, viewport
from viewr.imaging.series import load_series
from viewr.model.template import Context, Template
from viewr.model.volume import Volume
from viewr.render.base import SliceView
from viewr.widgets.renderers import Renderers
from viewr.widgets.slice_view_texts import edge_letters
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

#: Series of the reference, and the volumes of the localizer, whose three stacks are told by their files.
NAMES = ["ct-chest-philips", "mr-t1-philips", "pet-ge", "petct-cropped-ge/ct", "petct-cropped-ge/pet", "seg-ct-ge",
         "mr-enhanced-philips/T1", "mr-multiecho-siemens TE40", "mr-localizer-ge 0", "mr-localizer-ge 1",
         "mr-localizer-ge 2", "nifti colin"]  # fmt: skip
ORIENTATIONS = ("Transversal", "Coronal", "Sagittal")
SIZE = (331, 287)
AXES = (("R", "L"), ("A", "P"), ("F", "H"))
#: Where the right and the lower edge of a radiologist's picture lead, in LPS.
UPRIGHT = {"Transversal": ((1, 0, 0), (0, 1, 0)), "Coronal": ((1, 0, 0), (0, 0, -1)),
           "Sagittal": ((0, 1, 0), (0, 0, -1))}  # fmt: skip

pytestmark = needs_real_scans


@lru_cache(maxsize=1)
def ours(name: str) -> Volume:
    if name in SERIES:
        return the_volume(name)
    folder, which = name.split()
    if folder == "nifti":
        return load_series(next((SHARED / "nifti" / "mricron").rglob("ch2*.nii.gz")))[0]
    if folder == "mr-localizer-ge":
        return load_series(SHARED / folder)[int(which)]
    return next(v for v in load_series(SHARED / folder / "dicom") if "40 ms" in v.part)


@lru_cache(maxsize=1)
def theirs(name: str) -> sitk.Image:
    """The same voxels, read by SimpleITK alone."""
    files = ours(name).files
    if len(files) == 1:
        return sitk.ReadImage(files[0], sitk.sitkFloat64)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sorted(files, key=depth))
    reader.SetOutputPixelType(sitk.sitkFloat64)
    return reader.Execute()


def depth(file: str) -> float:
    """How far along its normal a slice lies."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(file)
    reader.ReadImageInformation()
    directions = np.array(reader.GetDirection()).reshape(3, 3)
    return float(np.array(reader.GetOrigin()) @ directions[:, 2])


def resampled(image: sitk.Image, view: SliceView, nearest: bool) -> np.ndarray:
    """The plane of a view, by SimpleITK; NaN outside."""
    made = sitk.ResampleImageFilter()
    made.SetSize((*view.size, 1))
    made.SetOutputSpacing((view.mm_per_pixel, view.mm_per_pixel, 1.0))
    made.SetOutputOrigin(view.to_lps((0.5, 0.5)).tolist())
    made.SetOutputDirection(np.stack([view.plane.right, view.plane.down, view.plane.normal], axis=1).ravel().tolist())
    made.SetDefaultPixelValue(-1e9)
    made.SetInterpolator(sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear)
    values = sitk.GetArrayFromImage(made.Execute(image))[0]
    return np.where(values < -1e8, np.nan, values)


def shown(qtbot, volume: Volume, orientation: str, renderers: Renderers):
    document = Document()
    plain = Template("t", (Context("default", viewports=(viewport("a", orientation),)),))
    grid = ViewportGrid(document, plain, "default", renderers=renderers)
    qtbot.addWidget(grid)
    grid.resize(*SIZE)
    grid.show()
    document.add_volume(("default", "CT"), volume)
    document.look(strip=False)
    # a little beside the middle, and beside whole pixels
    place = volume.grid.to_lps((np.array(volume.grid.shape) - 1) * (0.45, 0.55, 0.5))
    one(grid).move_to(tuple(float(part) for part in place))
    one(grid).look_at(mm_per_pixel=0.937 * one(grid).scene.mm_per_pixel, pan_mm=(7.31, -4.77))
    QApplication.processEvents()
    return grid


def greys(image) -> np.ndarray:
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return (flat[:, : image.width()] & 255).astype(int)


def letters_of(direction) -> str:
    """Letters of a direction, the strongest first, those below a fifth left out."""
    unit = np.array(direction) / np.linalg.norm(direction)
    strongest = sorted(range(3), key=lambda axis: -abs(unit[axis]))
    return "".join(AXES[axis][int(unit[axis] > 0)] for axis in strongest if abs(unit[axis]) >= 0.2)


@pytest.mark.parametrize("choice", ["cpu", "gl"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_viewport_shows_what_simpleitk_reads_and_resamples(qtbot, name, orientation, choice):
    renderers = Renderers(choice)
    grid = shown(qtbot, ours(name), orientation, renderers)
    viewer, image = one(grid), theirs(name)
    assert viewer.renderer.name == choice
    reach = float(np.ptp(sitk.GetArrayViewFromImage(image)))
    for interpolation in ("nearest", "linear"):
        viewer.look_at(interpolation=interpolation)
        view, volume = viewer.scene.view, viewer.scene.volume
        wanted, got = resampled(image, view, interpolation == "nearest"), viewer.renderer.sample(view)
        there = np.isfinite(wanted) & np.isfinite(got)
        assert there.mean() > (0.005 if volume.grid.shape[2] < 10 else 0.1)
        # within the rounding of the values; a pixel on the edge of two voxels may fall to either side
        apart = np.abs(np.where(there, wanted - got, 0))
        assert (apart > 2e-4 * reach).mean() < 0.003
        low, high = view.window.bounds
        level = np.floor(np.clip((wanted - low) / (high - low), 0, 1) * 255 + 0.5)
        level = 255 - level if view.lut == "pet" else level
        wrong = np.abs(greys(viewer.picture) - level)[there]
        assert (wrong > 2).mean() < 0.005
    renderers.close()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", [n for n, entry in SERIES.items() if "affine_lps_col_row_slice" in entry])
def test_letters_are_those_of_the_reference(qtbot, name, orientation):
    grid = shown(qtbot, the_volume(name), orientation, Renderers("cpu"))
    scene = one(grid).scene
    axes = np.array(SERIES[name]["affine_lps_col_row_slice"])[:3, :3]
    axes = (axes / np.linalg.norm(axes, axis=0)).T
    right, down = (np.array(way, float) for way in UPRIGHT[orientation])
    across = max(axes, key=lambda axis: abs(axis @ right))
    along = max((axis for axis in axes if axis is not across), key=lambda axis: abs(axis @ down))
    across, along = across * np.sign(across @ right), along * np.sign(along @ down)
    along = along - (along @ across) * across  # a picture's edges are at right angles, also where a gantry was tilted
    wanted = tuple(letters_of(way) for way in (-across, across, -along, along))
    assert edge_letters(scene.volume, scene.view.plane) == wanted
