"""The picture of a viewport for somebody else: to the clipboard or into a file.

Without the words at the corners unless the reader asks for them: descriptions of series have held names of patients.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QFileDialog

from viewr.model.task_address import safe_name
from viewr.render.cpu import CpuRenderer
from viewr.widgets import slice_view_marks as marks
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.habits import habits
from viewr.widgets.slice_view_drawings import paint_drawings
from viewr.widgets.slice_view_texts import edge_letters

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def picture_of(viewport: SliceViewport, *, overlays: bool = True, words: bool = False) -> QImage | None:
    """What a viewport shows, in device pixels; None without a scan.

    Parameters
    ----------
    overlays : bool
        With label maps and what was drawn.
    words : bool
        With the texts at the corners, the description of the series among them.
    """
    scene = viewport.scene
    if scene is None:
        return None
    view = scene.view if overlays else replace(scene.view, overlays=())
    # Not by the viewport's own renderer: that would write over the picture on the screen.
    image = CpuRenderer().picture(view)
    image.setDevicePixelRatio(scene.scale)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if overlays:
        paint_drawings(painter, viewport, scene, viewport.hand.context.fields)
    if words:
        marks.paint_words(painter, viewport, scene)
    else:
        paint.paint_letters(painter, scene.size, scene.scale, edge_letters(scene.volume, scene.view.plane))
        marks.paint_scale(painter, scene, 0, 0)
    painter.end()
    return image


def _wanted(viewport: SliceViewport) -> QImage | None:
    return picture_of(viewport, overlays=habits().picture_overlays, words=habits().picture_words)


def copy_picture(viewport: SliceViewport, _checked: bool = False) -> bool:
    """To the clipboard, as the settings say."""
    image = _wanted(viewport)
    if image is None:
        return False
    image.setDevicePixelRatio(1)
    QApplication.clipboard().setImage(image)
    viewport.hand.context.tell("The picture is in the clipboard.")
    return True


def save_picture(viewport: SliceViewport, _checked: bool = False) -> bool:
    """Into a PNG file that the reader names."""
    image, scene = _wanted(viewport), viewport.scene
    if image is None or scene is None:
        return False
    # Not by the scan's name: that may be a description or a file's name, and these have held names of patients.
    offered = f"{safe_name(scene.volume.modality or 'picture')}-{scene.index + 1}.png"
    name, _kind = QFileDialog.getSaveFileName(viewport, "Save the picture", offered, "Pictures (*.png)")
    if name:
        path = Path(name if name.lower().endswith(".png") else f"{name}.png")
        image.setDevicePixelRatio(1)
        saved = image.save(str(path))
        viewport.hand.context.tell(f"Saved as {path.name}." if saved else f"'{path}' cannot be written.")
    return True

