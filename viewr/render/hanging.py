"""How mammograms are hung: breasts upright, nipples outwards, chest walls together (IHE Mammography Image Profile).

In the picture of a right breast the chest wall is at the right edge, in that of a left one at the left edge, so that
the chest walls meet where both stand side by side, the right breast at the left. Above is lateral (CC) or cranial.
The slices of a tomosynthesis hang as the projection beside them does.
"""

from __future__ import annotations

from itertools import product
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from viewr.model.volume import Volume
from viewr.render.stack import SliceStack, has_patient_axes
from viewr.render.turn import Turn, turned_stack

_OPPOSITE = {"A": "P", "P": "A", "R": "L", "L": "R", "H": "F", "F": "H"}
_TURNS: tuple[Turn, ...] = tuple((quarters, mirrored) for mirrored in (False, True) for quarters in range(4))
#: Views from above or below, beside those with CC in their name: from below, and of the cleavage.
_UPRIGHT = ("FB", "CV")
#: Share of the width at each side in which a chest wall is looked for.
_EDGE = 0.1
_guessed: WeakKeyDictionary[Volume, Turn] = WeakKeyDictionary()


def is_hung(volume: Volume) -> bool:
    """Whether a volume is a mammogram whose side is known."""
    return volume.modality == "MG" and volume.laterality in ("R", "L")


def hanging_turn(volume: Volume) -> Turn:
    """The turn that hangs a stored picture; none for what is no mammogram of a known side."""
    if not is_hung(volume):
        return 0, False
    turned = [(turn, turned_letters(_stored(volume), turn)) for turn in _TURNS]
    # Below of an oblique view (MLO) is feet and medial; which of both comes first depends on its angle.
    for wanted, fits in product(_wanted(volume), (str.startswith, str.__contains__)):
        for turn, letters in turned:
            if all(fits(letter, first) for letter, first in zip(letters, wanted, strict=True)):
                return turn
    return _guess(volume)


def _stored(volume: Volume) -> tuple[str, str]:
    """Where the right and lower edge of the stored picture point to: as the file says, or by its place."""
    if not all(volume.toward) and has_patient_axes(volume):
        return volume.grid.letters[0], volume.grid.letters[1]
    return volume.toward


def _wanted(volume: Volume) -> list[tuple[str, str]]:
    """Where the picture's right and lower edge shall point to, the best first.

    The second is for files whose view is missing, or says another than their letters do.
    """
    right = "P" if volume.laterality == "R" else "A"
    below = ("F", _OPPOSITE[volume.laterality])
    view = volume.view_position.upper()
    return [(right, letter) for letter in (below[::-1] if "CC" in view or view in _UPRIGHT else below)]


def turned_letters(toward: tuple[str, str], turn: Turn) -> tuple[str, str]:
    """Letters of the right and lower edge of a stored picture after a turn."""
    right, down = toward
    if turn[1]:
        right = opposite(right)
    for _ in range(turn[0] % 4):
        right, down = opposite(down), right
    return right, down


def opposite(letters: str) -> str:
    """Letters of the other direction: "FL" -> "HR"."""
    return "".join(_OPPOSITE.get(letter, "") for letter in letters)


def _guess(volume: Volume) -> Turn:
    """From the picture alone: the chest wall is at the side where there is more tissue."""
    if volume not in _guessed:
        left, right = _edges(volume.array)
        wall_right = (left > right) if volume.inverted else (right > left)
        _guessed[volume] = 0, wall_right != (volume.laterality == "R")
    return _guessed[volume]


def _edges(array: npt.NDArray[np.generic]) -> tuple[float, float]:
    """Mean values of the columns at the left and at the right."""
    flat = array.reshape(array.shape[0], -1)
    step = max(1, flat.shape[1] // 512)
    reach = max(1, round(flat.shape[0] * _EDGE))
    return float(flat[:reach, ::step].mean()), float(flat[-reach:, ::step].mean())


def hung_stack(volume: Volume, stack: SliceStack) -> SliceStack:
    """The slices as they are hung."""
    return turned_stack(stack, hanging_turn(volume))


def extent_mm(volume: Volume) -> tuple[float, float]:
    """Width and height of a hung picture, mm."""
    width, height = (volume.grid.shape[axis] * volume.spacing[axis] for axis in (0, 1))
    return (width, height) if hanging_turn(volume)[0] % 2 == 0 else (height, width)


def chest_wall_shift(volume: Volume, width_mm: float, view_mm: float) -> float:
    """Shift of the picture's middle to the right, mm, that brings the chest wall to its edge of the view."""
    spare = (view_mm - width_mm) / 2
    return -spare if volume.laterality == "R" else spare


def projection_letters(volume: Volume, right_ij: tuple[float, float], down_ij: tuple[float, float]) -> tuple[str, ...]:
    """Letters at the left, right, upper and lower edge of a projection, as far as the file says.

    Parameters
    ----------
    right_ij, down_ij : tuple of float
        Directions of the picture's right and lower edge along growing i and j.
    """
    if not all(volume.toward):
        return "", "", "", ""
    right, down = (_along(volume.toward, direction) for direction in (right_ij, down_ij))
    return opposite(right), right, opposite(down), down


def _along(toward: tuple[str, str], direction: tuple[float, float]) -> str:
    axis = int(abs(direction[1]) > abs(direction[0]))
    return toward[axis] if direction[axis] > 0 else opposite(toward[axis])
