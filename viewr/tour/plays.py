"""How the tour's reader works each demo task."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from PySide6.QtCore import QPoint, Qt

from viewr.demo.phantoms.head import LANDMARKS, lesions_of
from viewr.demo.phantoms.head_mr import SESSIONS
from viewr.demo.phantoms.heart import END_SYSTOLE
from viewr.demo.phantoms.pet_ct import LESIONS
from viewr.demo.phantoms.thorax import NODULES
from viewr.tour.pilot import PilotError
from viewr.tour.reader import TourReader
from viewr.tour.viewing import show_views

Play = Callable[[TourReader], None]


def judge_scans(reader: TourReader) -> None:
    """Quality control: a verdict for each scan of the session."""
    reader.page_through(reader.viewport("middle"), step=4)
    listing = reader.control("scans")
    rows = len(listing.value())
    if rows < 2:
        raise PilotError("The session's scans are not in the form.")
    verdicts = ("Good", "Good", "Poor")
    for index in range(rows):
        path = reader.choose_row("scans", index)
        reader.choose(f"{path}/verdict", verdicts[index % 3])
        if verdicts[index % 3] == "Poor":
            reader.choose(f"{path}/tags/motion", "present")
            reader.write(f"{path}/note", "Ghosting over the whole head")
            reader.shot("verdict")


def paint_lesions(reader: TourReader) -> None:
    """Voxel annotation: brush, undo, eraser, the form."""
    flair = reader.viewport("flair")
    centres = [centre for centre, _radius in sorted(lesions_of(SESSIONS[0][1]), key=itemgetter(1), reverse=True)]
    reader.page_to(flair, centres[0])
    reader.pilot.click(reader.tool_button("brush"))
    for centre in centres:
        if reader.is_shown(flair, centre):
            at = reader.place(flair, centre)
            reader.pilot.drag(flair, [at, at + QPoint(4, 2), at + QPoint(2, 4), at - QPoint(3, 2), at])
    reader.shot("painted")
    painted = reader.voxels("wml")
    reader.pilot.drag(flair, [reader.place(flair, centres[0]) + QPoint(0, shift) for shift in (40, 60, 80)])
    reader.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    if not 0 < painted == reader.voxels("wml"):
        raise PilotError("Undo does not give back the voxels from before the stroke.")
    reader.pilot.click(reader.tool_button("eraser"))
    reader.pilot.drag(flair, [reader.place(flair, centres[0]) + QPoint(9, shift) for shift in (-6, 0, 6)])
    if reader.voxels("wml") >= painted:
        raise PilotError("The eraser takes nothing away.")
    reader.look_at_volume(flair, "volume", Qt.Key.Key_L)
    reader.choose("judgement/fazekas_periventricular", 2)
    reader.choose("judgement/fazekas_deep", 1)
    reader.write("judgement/lesion_count", "12")
    reader.shot("answered")


def mark_nodules(reader: TourReader) -> None:
    """Markers, one row of the list each."""
    axial = reader.viewport("axial")
    # The lung window is the second of the chest's.
    reader.pilot.click(axial, button=Qt.MouseButton.MiddleButton)
    reader.pilot.key(Qt.Key.Key_2)
    lobes = ("Right upper", "Right lower", "Left upper")
    for nodule, lobe in zip(NODULES, lobes, strict=False):
        path = reader.add_row("nodules")
        reader.page_to(axial, nodule.centre)
        reader.press(f"{path}/where", "Place")
        reader.pilot.click(axial, reader.place(axial, nodule.centre))
        reader.choose(f"{path}/lobe", lobe)
        reader.choose(f"{path}/kind", "Solid")
        reader.write(f"{path}/diameter", f"{nodule.diameter:.0f}")
        if lobe == "Right lower":
            reader.shot("marked")
    reader.choose("emphysema", "Mild")
    reader.shot("answered")


def place_landmarks(reader: TourReader) -> None:
    """Named points on the T1; its views turned, compared with the FLAIR and in two windows."""
    sagittal = reader.viewport("sagittal")
    names = ("AC", "PC")
    reader.press("points", "Place")
    for name in names:
        point = LANDMARKS[name]
        reader.page_to(sagittal, point)
        reader.pilot.click(sagittal, reader.place(sagittal, point))
    reader.shot("placed")
    reader.pilot.key(Qt.Key.Key_Escape)
    show_views(reader, reader.viewport("axial"), reader.viewport("coronal"))
    reader.choose("confidence", "Fair")
    reader.write("missing_reason", "Demo: only the commissures are asked for")
    reader.shot("answered")


def draw_contours(reader: TourReader) -> None:
    """A closed polygon around the heart, another around the aorta."""
    main = reader.viewport("main")
    heart, aorta = (12.0, -30.0, 120.0), (26.0, 36.0, 120.0)
    reader.page_to(main, heart)
    reader.press("contours", "Draw")
    reader.polygon(main, reader.circle(main, heart, 45.0, 10))
    reader.shot("heart")
    reader.choose("contours", "Aorta")
    reader.polygon(main, reader.circle(main, aorta, 13.0, 8))
    reader.pilot.key(Qt.Key.Key_Escape)
    reader.choose("border/visible_border", "sharp")
    reader.write("largest_diameter", "26")
    reader.shot("answered")


def read_petct(reader: TourReader) -> None:
    """Two contexts: uptake on PET, quality of the CT."""
    axial = reader.viewport("pet_axial")
    for lesion in LESIONS[:1]:
        path = reader.add_row("lesions")
        reader.page_to(axial, lesion.centre)
        reader.press(f"{path}/where", "Place")
        reader.pilot.click(axial, reader.place(axial, lesion.centre))
        reader.choose(f"{path}/site", "Lung")
        reader.write(f"{path}/suv_max", "8.2")
        reader.choose(f"{path}/score", 4)
    reader.shot("pet")
    reader.look_at_volume(axial, "mip", Qt.Key.Key_A)
    reader.use_context("ct", "Low-dose CT")
    reader.choose("ct_quality", "Good")
    reader.choose("registration", "exact")
    reader.shot("ct")


def watch_heart(reader: TourReader) -> None:
    """Cine: play, stop, find the end of systole."""
    cine = reader.viewport("cine")
    reader.pilot.click(cine, button=Qt.MouseButton.MiddleButton)
    reader.pilot.key(Qt.Key.Key_Return)
    reader.pilot.wait(lambda: cine.cine.point >= END_SYSTOLE, "the heart beating")
    reader.pilot.key(Qt.Key.Key_Return)
    if cine.cine.playing:
        raise PilotError("The cine does not stop.")
    while cine.cine.point != END_SYSTOLE:
        reader.pilot.key(Qt.Key.Key_Right if cine.cine.point < END_SYSTOLE else Qt.Key.Key_Left)
    reader.write("end_systole", str(END_SYSTOLE + 1))
    reader.choose("walls/septal", "normal")
    reader.choose("walls/lateral", "normal")
    reader.shot("cine")


def judge_mammogram(reader: TourReader) -> None:
    """Both breasts as they hang; the quarters of one view, a finding, the answers of both sides."""
    mlo = reader.viewport("mlo")
    reader.shot("hung")
    reader.pilot.click(mlo, button=Qt.MouseButton.MiddleButton)
    reader.pilot.key(Qt.Key.Key_F10)
    reader.shot("quarter")
    reader.pilot.key(Qt.Key.Key_R)
    if mlo.scene is None or mlo.scene.look.mm_per_pixel is not None:
        raise PilotError("The whole mammogram is not shown again.")
    for side, title in (("right", "Right"), ("left", "Left")):
        reader.use_context(side, title)
        for index in range(2):
            reader.choose(f"{reader.choose_row('scans', index)}/positioning", "Good")
        reader.choose("density", "B")
        reader.choose("category", 2)
    reader.press("findings", "Place")
    reader.pilot.click(reader.viewport("cc"))
    reader.pilot.key(Qt.Key.Key_Escape)
    reader.shot("answered")


#: Template -> how it is worked.
PLAYS: dict[str, Play] = {
    "manual_qa": judge_scans,
    "wml_segmentation": paint_lesions,
    "nodule_markers": mark_nodules,
    "landmarks": place_landmarks,
    "contour_organ": draw_contours,
    "petct_reading": read_petct,
    "heart_motion": watch_heart,
    "mammo_quality": judge_mammogram,
}
