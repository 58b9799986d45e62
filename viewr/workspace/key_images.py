"""Marking slices as key images, and going back to them."""

from __future__ import annotations

from functools import partial

from viewr.model.annotation import Annotation
from viewr.model.frame_point import is_film, points_text
from viewr.model.geometry import PLANE_NAMES
from viewr.model.key_image import KeyImage, key_images, with_key_images
from viewr.model.state import ViewportKey
from viewr.workspace.document import Document
from viewr.workspace.frames import show_points
from viewr.workspace.localizer import move_to


def same_slice(image: KeyImage, other: KeyImage) -> bool:
    """Whether two key images are of one slice, and of one frame where both say which."""
    same_frame = image.frames == other.frames or not (image.frames and other.frames)
    here, there = ((each.scan, each.orientation, each.slice) for each in (image, other))
    return same_frame and here == there


def is_marked(document: Document, context: str, image: KeyImage) -> bool:
    return any(same_slice(image, other) for other in key_images(document.state.annotation, context))


def toggle_key_image(document: Document, context: str, image: KeyImage) -> None:
    """Mark a slice, or take its mark away; one undo step."""
    if is_marked(document, context, image):
        remove_key_image(document, context, image)
    else:
        document.edit("Mark a key image", partial(_with, context=context, image=image))


def remove_key_image(document: Document, context: str, image: KeyImage) -> None:
    document.edit("Remove a key image", partial(_without, context=context, image=image))


def _with(annotation: Annotation, context: str, image: KeyImage) -> Annotation:
    return with_key_images(annotation, context, (*key_images(annotation, context), image))


def _without(annotation: Annotation, context: str, image: KeyImage) -> Annotation:
    kept = tuple(other for other in key_images(annotation, context) if not same_slice(image, other))
    return with_key_images(annotation, context, kept)


def go_to(document: Document, key: ViewportKey, image: KeyImage) -> None:
    """Show a key image in a viewport, as it was marked."""
    document.look_viewport(key, scan=image.scan, orientation=image.orientation, window=image.window)
    show_points(document, key[0], image.scan, image.frames)
    move_to(document, key, image.position, ())


def next_key_image(document: Document, context: str, shown: KeyImage | None) -> KeyImage | None:
    """The key image after the one that is shown, else the first; None if there is none."""
    images = key_images(document.state.annotation, context)
    if not images:
        return None
    at = next((number for number, image in enumerate(images) if shown and same_slice(image, shown)), -1)
    return images[(at + 1) % len(images)]


def image_text(document: Document, context: str, image: KeyImage) -> str:
    """What a list calls a key image: "CT, coronal, slice 12, frame 17 of 30"; a film has frames alone."""
    volume = document.volumes.get((context, image.scan))
    film = bool(image.frames) and volume is not None and is_film(volume)
    place = [] if film else [PLANE_NAMES[image.orientation].lower(), f"slice {image.slice}"]
    return ", ".join([image.scan, *place, *([points_text(image.frames)] if image.frames else [])])
