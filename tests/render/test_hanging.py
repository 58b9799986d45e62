"""Mammograms hang chest wall to chest wall; letters and turns worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.render.hanging import (
    chest_wall_shift,
    extent_mm,
    hanging_turn,
    hung_stack,
    is_hung,
    opposite,
    projection_letters,
    turned_letters,
)
from viewr.render.stack import build_stack


def mammogram(side: str = "R", position: str = "CC", toward: tuple[str, str] = ("", ""), **fields) -> Volume:
    array = fields.pop("array", np.zeros((30, 40, 1), np.uint16))
    return Volume(array, Grid(array.shape, np.diag([0.1, 0.1, 1, 1])), modality="MG", laterality=side,
                  view_position=position, toward=toward, placed=False, **fields)  # fmt: skip


@pytest.mark.parametrize(
    ("side", "position", "toward", "turn"),
    [
        ("R", "CC", ("P", "L"), (0, False)),
        ("L", "CC", ("A", "R"), (0, False)),
        ("R", "MLO", ("P", "FL"), (0, False)),
        # stored mirrored: the nipple points to the wrong side
        ("R", "CC", ("A", "L"), (0, True)),
        ("L", "MLO", ("P", "FR"), (0, True)),
        # less than 45 degrees from above: more medial than towards the feet
        ("R", "MLO", ("P", "LF"), (0, False)),
        ("L", "MLO", ("P", "LH"), (2, False)),
        # stored upside down and mirrored: half a turn
        ("R", "CC", ("A", "R"), (2, False)),
        # on its side: rows run to the right, columns to the back; a quarter clockwise brings the front to the right
        ("L", "CC", ("R", "P"), (1, False)),
    ],
)
def test_stored_pictures_are_turned_as_their_letters_say(side, position, toward, turn):
    if turn == (1, False):
        assert turned_letters(toward, turn) == ("A", "R")
    assert hanging_turn(mammogram(side, position, toward)) == turn


#: Right and lower edge of each view of a right breast as it hangs; of a left breast A for P, and R and L exchanged.
HUNG = {
    "CC": ("P", "L"), "XCCL": ("P", "L"), "XCCM": ("P", "L"), "CCRL": ("P", "L"), "FB": ("P", "L"), "CV": ("P", "L"),
    "MLO": ("P", "FL"), "LMO": ("P", "FL"), "SIO": ("P", "FR"), "ML": ("P", "F"), "LM": ("P", "F"), "AT": ("P", "FL"),
}  # fmt: skip
#: Views that are missing or wrong, and what hangs all the same since the letters tell.
MISNAMED = [("", "CC"), ("", "MLO"), ("", "ML"), ("ML", "CC"), ("MLO", "CC"), ("CC", "ML"), ("FB", "MLO"), ("?", "CC")]


def as_stored(hung: tuple[str, str], turn: tuple[int, bool]) -> tuple[str, str]:
    """Letters of a picture in the file that hangs after a turn, worked out without the program's own: pixel by pixel.

    The picture's four corners are marked; where the marks are before the turn says where its edges point to.
    """
    marks = np.array([["ul", "ur"], ["ll", "lr"]])
    toward = {("ul", "ur"): hung[0], ("ul", "ll"): hung[1]}
    back = np.rot90(marks, turn[0] % 4)  # hung is the stored one turned clockwise; so it was the other way before
    back = back[:, ::-1] if turn[1] else back

    def points(start: str, end: str) -> str:
        for (a, b), letters in toward.items():
            for first, second in ((a, b), (a.replace("u", "l"), b.replace("u", "l")), (a[0] + "r", b[0] + "r")):
                if (start, end) == (first, second):
                    return letters
                if (start, end) == (second, first):
                    return opposite(letters)
        raise AssertionError(start + end)

    return points(back[0, 0], back[0, 1]), points(back[0, 0], back[1, 0])


@pytest.mark.parametrize("side", ["R", "L"])
@pytest.mark.parametrize(("said", "view"), [*((view, view) for view in HUNG), *MISNAMED])
def test_every_view_hangs_however_it_was_stored(side, said, view):
    other = str.maketrans("PLR", "ARL") if side == "L" else str.maketrans("", "")
    hung = (HUNG[view][0].translate(other), HUNG[view][1].translate(other))
    for turn in [(quarters, mirrored) for mirrored in (False, True) for quarters in range(4)]:
        volume = mammogram(side, said, as_stored(hung, turn))
        assert turned_letters(volume.toward, hanging_turn(volume)) == hung, turn


def test_letters_of_other_directions():
    assert opposite("FL") == "HR"
    assert turned_letters(("P", "FL"), (0, True)) == ("A", "FL")
    assert turned_letters(("P", "F"), (1, False)) == ("H", "P")


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("side", ["R", "L"])
@pytest.mark.parametrize("wall", ["left", "right"])
def test_without_letters_the_tissue_tells_where_the_chest_wall_is(side, wall, inverted):
    array = np.zeros((30, 40, 1), np.uint16)
    array[slice(0, 12) if wall == "left" else slice(18, 30)] = 900
    volume = mammogram(side, "MLO", array=1000 - array if inverted else array, inverted=inverted)
    wanted = "right" if side == "R" else "left"
    assert hanging_turn(volume) == (0, wall != wanted)


def test_what_is_no_mammogram_or_has_no_side_is_left_alone():
    chest = Volume(np.zeros((4, 4, 1), np.uint8), Grid((4, 4, 1), np.eye(4)), modality="DX", laterality="R",
                   toward=("A", "L"), placed=False)  # fmt: skip
    for volume in (chest, mammogram("", "CC", ("A", "L")), mammogram("B", "CC", ("A", "L"))):
        assert not is_hung(volume)
        assert hanging_turn(volume) == (0, False)


def test_the_chest_wall_is_at_the_edge_of_the_view():
    # 200 mm of picture in 300 mm of view: half of what is spare, to the left or right
    assert chest_wall_shift(mammogram("R"), 200, 300) == -50
    assert chest_wall_shift(mammogram("L"), 200, 300) == 50


def test_a_picture_on_its_side_swaps_width_and_height():
    assert extent_mm(mammogram("L", "CC", ("R", "P"))) == pytest.approx((4, 3))
    assert extent_mm(mammogram("L", "CC", ("A", "R"))) == pytest.approx((3, 4))


def test_projections_have_the_letters_of_their_file():
    volume = mammogram("R", "MLO", ("P", "FL"))
    assert projection_letters(volume, (1, 0), (0, 1)) == ("A", "P", "HR", "FL")
    assert projection_letters(volume, (-1, 0), (0, 1)) == ("P", "A", "HR", "FL")
    assert projection_letters(volume, (0, -1), (1, 0)) == ("FL", "HR", "A", "P")
    assert projection_letters(mammogram(), (1, 0), (0, 1)) == ("", "", "", "")


@pytest.mark.parametrize("angle", [30, 40, 50, 60])
def test_slices_of_an_oblique_view_hang_by_their_place_whatever_the_angle(angle):
    # a left breast: rows to the front; columns, stored from below, to the side and head
    tilt = np.deg2rad(angle)
    affine = np.eye(4)
    rows, columns = np.array([0.0, -1, 0]), np.array([np.cos(tilt), 0, np.sin(tilt)])
    affine[:3, :3] = np.stack([rows, columns, np.cross(rows, columns)], axis=1)
    grid = Grid((30, 40, 5), affine, frame_of_reference="1.2")
    volume = Volume(np.zeros(grid.shape, np.uint16), grid, modality="MG", laterality="L", view_position="MLO")
    turn = hanging_turn(volume)
    hung = hung_stack(volume, build_stack(volume, "Transversal")).middle
    # the nipple, in front, to the right; the feet below
    assert hung.right @ (0, -1, 0) == pytest.approx(1)
    assert hung.down @ (0, 0, 1) < -0.4
    assert turn == (2, True)
