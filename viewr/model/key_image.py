"""Key images: slices that the reader marked, to jump back to and for those who read the result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from viewr.model.annotation import Annotation
from viewr.model.frame_point import FramePoint, points_value, read_points
from viewr.model.geometry import Orientation
from viewr.model.marker import Point
from viewr.model.volume import Window

#: Among the answers of a context; no field of a template can be called so.
KEY_IMAGES = "__key_images__"


@dataclass(frozen=True)
class KeyImage:
    """A marked slice.

    Attributes
    ----------
    scan : str
        Name of the template.
    position : Point
        Where the slice was looked at, patient LPS, mm.
    slice : int
        Its number as it was shown, from 1.
    window : Window
        In which it was looked at.
    frames : tuple of FramePoint
        Which point in time, or of another axis, was looked at; empty if the scan has none, or in results of before.
    """

    scan: str
    position: Point
    orientation: Orientation
    slice: int
    window: Window
    frames: tuple[FramePoint, ...] = ()


def key_images(annotation: Annotation, context: str) -> tuple[KeyImage, ...]:
    """The key images of a context, in the order in which they were marked."""
    return read_key_images(annotation.answers.get(context, {}).get(KEY_IMAGES))


def with_key_images(annotation: Annotation, context: str, images: tuple[KeyImage, ...]) -> Annotation:
    """The annotation with other key images in a context."""
    answers = dict(annotation.answers.get(context, {}))
    answers[KEY_IMAGES] = [key_image_value(image) for image in images]
    if not images:
        del answers[KEY_IMAGES]
    return replace(annotation, answers={**annotation.answers, context: answers})


def key_image_value(image: KeyImage) -> dict[str, Any]:
    """A key image as journals and results hold it."""
    return {
        "scan": image.scan, "position": list(image.position), "orientation": image.orientation, "slice": image.slice,
        "window": [image.window.width, image.window.level], **points_value(image.frames),
    }  # fmt: skip


def read_key_images(data: Any) -> tuple[KeyImage, ...]:
    """Key images as they were written; what is none is left out."""
    found = [_read(item) for item in data] if isinstance(data, list | tuple) else []
    return tuple(image for image in found if image is not None)


def _read(data: Any) -> KeyImage | None:
    if not isinstance(data, Mapping) or data.get("orientation") not in get_args(Orientation):
        return None
    try:
        x, y, z = (float(value) for value in data["position"])
        width, level = (float(value) for value in data["window"])
        number = int(data["slice"])
    except (KeyError, TypeError, ValueError):
        return None
    if not all(map(math.isfinite, (x, y, z, width, level))):
        return None
    orientation = cast(Orientation, data["orientation"])
    scan = str(data.get("scan", ""))
    return KeyImage(scan, (x, y, z), orientation, number, Window(width, level), read_points(data))
