"""A chest from shapes, in CT numbers, at any points; shared by the chest CT and the PET/CT.

Coordinates: LPS mm, x = 0 the midline, y = 0 the middle of the chest, z = 0 the dome of the diaphragm's foot
(about the top of the left kidney), z = 300 the shoulders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from viewr.demo.phantoms.shapes import Field, Point, Points, blend, capsule, ellipsoid, paint, soft, tube, union, waves

#: CT numbers, HU, of an examination with contrast medium in the great vessels.
HU = {
    "air": -1000.0, "lung": -855.0, "fat": -100.0, "muscle": 55.0, "cartilage": 110.0, "cortex": 820.0,
    "marrow": 150.0, "disc": 85.0, "blood": 240.0, "myocardium": 105.0, "liver": 108.0, "spleen": 122.0,
    "nodule": 35.0, "water": 5.0,
}  # fmt: skip


class Nodule(NamedTuple):
    """A lung nodule: its centre (LPS mm in the chest's coordinates) and its diameter (mm)."""

    centre: Point
    diameter: float
    name: str


NODULES = (
    Nodule((-92.0, -8.0, 214.0), 8.0, "right upper lobe"),
    Nodule((-78.0, 48.0, 120.0), 14.0, "right lower lobe"),
    Nodule((84.0, -30.0, 188.0), 6.0, "left upper lobe"),
    Nodule((80.0, 30.0, 132.0), 20.0, "left lower lobe"),
    Nodule((-58.0, -50.0, 150.0), 5.0, "right middle lobe"),
)

_AORTA = (
    (6.0, -20.0, 150.0), (-14.0, -30.0, 180.0), (-16.0, -22.0, 205.0), (-4.0, -4.0, 223.0), (14.0, 22.0, 222.0),
    (29.0, 32.0, 205.0), (30.0, 38.0, 160.0), (24.0, 36.0, 90.0), (8.0, 26.0, -20.0),
)  # fmt: skip
_AORTA_RADII = (15.0, 15.5, 15.0, 14.0, 13.0, 12.5, 12.0, 11.5, 10.5)


class Segment(NamedTuple):
    """A straight piece of a vessel or airway."""

    start: Point
    end: Point
    radius: float


@cache
def branches(seed: int = 5) -> tuple[Segment, ...]:
    """Lung vessels of both sides, from the hila outwards, the thick ones first."""
    rng = np.random.default_rng(seed)
    result: list[Segment] = []
    for side in (-1, 1):
        for _ in range(2):
            for root in rng.normal(size=(9, 3)):
                root = root * [0.7, 1.0, 1.3] + [side * 0.6, 0.1, 0]
                start = np.array([side * 34.0, 6.0, 172.0]) + rng.normal(size=3) * [3, 6, 14]
                _grow(result, start, root, 4.2, rng, side)
    return tuple(sorted(result, key=lambda piece: -piece.radius))


def _grow(
    result: list[Segment], start: npt.NDArray[np.float64], way: npt.NDArray[np.float64], radius: float,
    rng: np.random.Generator, side: int,
) -> None:  # fmt: skip
    """Add a branch and, at its end, two thinner ones that turn apart."""
    if radius < 0.75 or side * start[0] < 18:
        return
    way = way / np.linalg.norm(way)
    end = start + way * (8 + 4.2 * radius) * rng.uniform(0.8, 1.3)
    result.append(Segment(_point(start), _point(end), radius))
    turn = rng.normal(size=3) * 0.55
    for sign, share in ((1, rng.uniform(0.72, 0.86)), (-1, rng.uniform(0.6, 0.82))):
        _grow(result, end, way + sign * turn, radius * share, rng, side)


def _point(values: npt.NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])


def body_of(points: Points) -> Field:
    """Skin of the trunk: an oval, wider at the shoulders."""
    z = points.z
    wide = 158 + 16 / (1 + np.exp((232 - z) / 14)) - 5 * np.cos(z / 90)
    deep = 108 - 10 / (1 + np.exp((250 - z) / 18)) + 3 * np.cos(z / 70)
    norm = (np.abs(points.x / wide) ** 2.5 + np.abs((points.y - 4) / deep) ** 2.5) ** np.float32(0.4)
    shoulders = (np.clip(z - 268, 0, None) / 30) ** 2 * np.float32(9)
    groove = 7 * np.exp(-((points.x / 16) ** 2)) * (points.y > 0)
    return np.asarray((norm - 1) * 118 + groove + shoulders, np.float32)


def cage_of(points: Points) -> Field:
    """Inner side of the ribs."""
    z = points.z
    taper = 1 - 0.55 * np.clip((z - 190) / 105, 0, 1) ** 2.2
    wide, deep = 124 * taper, 90 * (0.35 + 0.65 * taper)
    norm = np.sqrt((points.x / wide) ** 2 + ((points.y - 2 - 22 * (1 - taper)) / deep) ** 2)
    return np.asarray((norm - 1) * np.minimum(wide, deep), np.float32)


def lungs_of(points: Points, cage: Field) -> Field:
    """Both lungs: the cage above the diaphragm, without the mediastinum."""
    x, y, z = points
    dome_right = 112 - ((x + 68) / 68) ** 2 * 46 - ((y + 12) / 92) ** 2 * 62
    dome_left = 100 - ((x - 68) / 68) ** 2 * 46 - ((y + 12) / 92) ** 2 * 62
    diaphragm = (np.where(x < 0, dome_right, dome_left) - z) * np.float32(0.75)
    side = np.abs(x)
    # Wide at the heart, narrow behind the breastbone and at the tips.
    wide = 20 + 16 * np.exp(-(((z - 172) / 34) ** 2)) - 14 * np.exp(-(((y + 66) / 26) ** 2)) * (z > 130)
    wide = wide + 12 * np.exp(-(((y - 62) / 22) ** 2))
    mediastinum = wide - side
    lung = np.maximum(np.maximum(cage + 3, diaphragm), mediastinum)
    return np.asarray(np.maximum(lung, 5 - heart_of(points)), np.float32)


def heart_of(points: Points) -> Field:
    """Heart with its sac; its apex lies to the left, in front and below."""
    base = ellipsoid(points, (4, -22, 138), (45, 40, 46))
    apex = capsule(points, (18, -26, 128), (50, -46, 100), (36, 22))
    return blend(base, apex, 22)


def fields_of(points: Points) -> dict[str, Field]:
    """Smooth distances and textures of the chest."""
    rng = np.random.default_rng(11)
    cage = cage_of(points)
    side = Points(np.abs(points.x), points.y, points.z)
    lung = lungs_of(points, cage)
    return {
        "skin": body_of(points),
        "cage": cage,
        "lung": lung,
        "streaks": waves(points, 32.0, rng, 8).value,
        "heart": heart_of(points),
        "chambers": _chambers(points),
        "vessels": _great_vessels(points),
        "airway": _airway(points),
        "belly": liver_of(points),
        "spleen": spleen_of(points),
        "stomach": ellipsoid(points, (58, -30, 50), (42, 36, 40)),
        **_bones(points, side, cage),
    }


def _chambers(points: Points) -> Field:
    left = capsule(points, (20, -14, 134), (46, -42, 106), (17, 9))
    right = capsule(points, (-16, -34, 140), (14, -52, 112), (17, 12))
    atria = union(ellipsoid(points, (4, 12, 152), (27, 14, 18)), ellipsoid(points, (-26, -14, 146), (17, 21, 25)))
    return union(left, right, atria)


def _great_vessels(points: Points) -> Field:
    aorta = tube(points, _AORTA, _AORTA_RADII)
    trunk = tube(points, [(14, -44, 150), (16, -34, 178), (2, -6, 186), (-34, 4, 178)], (13, 13, 12, 8))
    left = tube(points, [(14, -30, 180), (22, 2, 190), (38, 12, 182)], (12, 11, 8))
    cava = tube(points, [(-22, -22, 158), (-26, -22, 215), (-22, -20, 244)], (9, 9, 8))
    arch = union(
        tube(points, [(-8, -14, 222), (-16, -14, 250), (-30, -8, 300)], (7, 6, 5)),
        tube(points, [(4, 6, 226), (8, 0, 255), (20, -4, 300)], (5, 4.5, 4.5)),
        tube(points, [(14, 20, 226), (18, 14, 256), (44, 4, 292)], (5.5, 5, 5)),
        tube(points, [(-24, -22, 244), (10, -32, 250), (44, -18, 280)], (7, 7, 6)),
    )
    lower = tube(points, [(-14, 2, -20), (-18, 4, 70), (-20, -4, 112), (-24, -10, 132)], (11, 12, 12, 12))
    return union(aorta, trunk, left, cava, arch, lower)


def _airway(points: Points) -> Field:
    trachea = capsule(points, (0, 8, 320), (0, 18, 197), (9, 8.5))
    right = tube(points, [(0, 18, 197), (-24, 20, 178), (-34, 22, 160), (-42, 34, 128)], (8, 6.5, 4.5, 2.5))
    left = tube(points, [(0, 18, 197), (30, 22, 174), (40, 26, 156), (48, 38, 124)], (7.5, 5.8, 4.2, 2.4))
    upper = union(capsule(points, (-24, 20, 180), (-48, 10, 196), (4.5, 2.4)),
                  capsule(points, (30, 22, 174), (50, 8, 190), (4.2, 2.2)))  # fmt: skip
    return union(trachea, right, left, upper)


def spleen_of(points: Points) -> Field:
    """Spleen, on the left under the diaphragm."""
    return ellipsoid(points, (88, 32, 44), (34, 44, 46))


def liver_of(points: Points) -> Field:
    """Liver, its dome under the right lung."""
    right = ellipsoid(points, (-58, -2, 38), (66, 78, 72))
    left = ellipsoid(points, (6, -42, 62), (58, 36, 32))
    return blend(right, left, 18)


def _bones(points: Points, side: Points, cage: Field) -> dict[str, Field]:
    x, y, z = points
    column = Points(x, y - (50 + 5 * np.sin(z / 95)), z)
    waist = 16.5 + 2.2 * np.cos(z * np.float32(2 * np.pi / 25)) * -1
    body = np.maximum(np.sqrt(column.x**2 + (column.y * 1.12) ** 2) - waist, -column.y - 15)
    phase = z * np.float32(2 * np.pi / 25)
    arch = np.maximum(np.abs(np.hypot(column.x, (column.y - 22) * 1.1) - 13) - 3, 16 - column.y)
    spinous = np.maximum(np.abs(column.x) - 3, np.abs(column.y - 35 - 2 * np.cos(phase)) - 10)
    spinous = np.maximum(spinous, np.abs(np.mod(z, 25) - 12.5) - 10)
    wings = np.maximum(np.hypot(column.y - 26, (np.mod(z + 12.5, 25) - 12.5)) - 5, np.abs(x) - 32)
    # Ribs slope down from the spine to the front.
    slope = np.float32(0.62) * (np.float32(75) - y)
    rib = np.abs(np.mod(z + slope, 25) - 12.5) - 5.2
    shell = np.abs(cage - 4) - 4.2
    ribs = np.maximum(np.maximum(rib, shell), np.where(y > 0, 14 - np.abs(x), -58 - y))
    gristle = np.maximum(np.maximum(rib, shell), y + 56)
    breastbone = np.maximum(
        np.abs(y + 91 * (0.35 + 0.65 * (1 - 0.55 * np.clip((z - 190) / 105, 0, 1) ** 2.2))) - 5.5,
        np.maximum(np.abs(x) - 15 - 5 * (z > 205), np.maximum(105 - z, z - 246)),
    )
    # The shoulder blade: a triangle that lies on the back of the cage, its tip below.
    triangle = np.maximum(np.abs(side.x - 92) - (z - 165) * np.float32(0.42), np.maximum(z - 268, 22 - y))
    blade = np.maximum(np.abs(cage - 17) - 3.0, triangle)
    collar = tube(side, [(18, -52, 252), (60, -44, 268), (110, -6, 282)], (8, 6, 6))
    arm = union(ellipsoid(side, (138, 10, 286), (24, 24, 24)), capsule(side, (100, 22, 282), (120, 14, 282), (11, 10)))
    return {
        "column": np.asarray(body, np.float32),
        "spine": union(np.asarray(np.maximum(arch, np.abs(np.mod(z, 25) - 12.5) - 11), np.float32),
                       np.asarray(spinous, np.float32), np.asarray(wings, np.float32)),
        "canal": np.asarray(np.hypot(column.x, column.y - 22) - 8.5, np.float32),
        "ribs": np.asarray(ribs, np.float32),
        "gristle": np.asarray(gristle, np.float32),
        "plates": union(np.asarray(breastbone, np.float32), np.asarray(blade, np.float32), collar, arm),
    }  # fmt: skip


def ct_numbers(fields: Mapping[str, Field], points: Points, edge: float = 1.6) -> Field:
    """CT numbers (HU) of the chest, air outside."""
    skin, lung, streaks = fields["skin"], fields["lung"], fields["streaks"]
    image = np.float32(HU["air"]) + np.float32(HU["fat"] - HU["air"]) * soft(skin, edge)
    _walls(image, fields, streaks, edge)
    _abdomen(image, fields, edge)
    paint(image, np.float32(HU["lung"]) + np.float32(0.35) * points.y + 6 * streaks, soft(lung, edge))
    _chest_inside(image, fields, edge)
    _skeleton(image, fields, points, edge)
    return image


def _walls(image: Field, fields: Mapping[str, Field], streaks: Field, edge: float) -> None:
    paint(image, HU["muscle"], soft(fields["skin"] + 1.5, edge) * (1 - soft(fields["skin"] + 3, edge)) * 0.6)
    wall = soft(fields["skin"] + 15 + 0.8 * streaks, edge) * (1 - soft(fields["cage"] - 1, edge))
    paint(image, HU["muscle"], wall * (1 - 0.75 * soft(np.abs(streaks) - 0.12, 0.4)))
    paint(image, HU["muscle"], soft(np.abs(fields["cage"]) - 1.5, edge))


def _abdomen(image: Field, fields: Mapping[str, Field], edge: float) -> None:
    inside = fields["cage"] + 4
    for organ, value in (("belly", HU["liver"]), ("spleen", HU["spleen"]), ("stomach", 45.0)):
        paint(image, value, soft(np.maximum(fields[organ], inside), edge))


def _chest_inside(image: Field, fields: Mapping[str, Field], edge: float) -> None:
    paint(image, HU["muscle"], soft(np.abs(fields["lung"]) - 0.8, edge) * 0.8)
    paint(image, HU["fat"], soft(fields["heart"] + 1, edge))
    paint(image, HU["myocardium"], soft(fields["heart"] + 5, edge))
    paint(image, HU["blood"], soft(fields["chambers"], edge))
    paint(image, HU["muscle"], soft(fields["vessels"] - 1.3, edge))
    paint(image, HU["blood"], soft(fields["vessels"], edge))
    paint(image, HU["muscle"], soft(fields["airway"] - 1.6, edge))
    paint(image, -985.0, soft(fields["airway"], edge))


def _skeleton(image: Field, fields: Mapping[str, Field], points: Points, edge: float) -> None:
    paint(image, HU["cartilage"], soft(fields["gristle"], edge))
    for name, shell in (("ribs", 1.6), ("plates", 2.2), ("spine", 2.0), ("column", 1.8)):
        bone = fields[name]
        paint(image, HU["cortex"], soft(bone, edge))
        paint(image, np.float32(HU["marrow"]) + 25 * fields["streaks"], soft(bone + shell, edge))
    gap = np.abs(np.mod(points.z, 25) - 12.5)
    column = fields["column"]
    paint(image, HU["cortex"] * 0.7, soft(column, edge) * soft(np.abs(gap - 3.4) - 0.8, edge))
    paint(image, HU["disc"], soft(column, edge) * soft(gap - 3, edge))
    paint(image, 5.0, soft(fields["canal"], edge))
    paint(image, 40.0, soft(fields["canal"] + 3, edge))


def add_lung_details(
    image: Field, points: Points, pieces: Sequence[Segment], nodules: Sequence[Nodule], edge: float
) -> None:
    """Draw vessels and nodules into the lungs of a picture on a straight grid, in place."""
    axes = [np.asarray(axis).ravel() for axis in points]
    for piece in pieces:
        ends = np.array([piece.start, piece.end])
        box = _box(axes, ends.min(0) - piece.radius - edge, ends.max(0) + piece.radius + edge)
        if box is None:
            continue
        part, near = _part(axes, box)
        # Vessels show where there is air around them, not in the wall or the heart.
        share = soft(capsule(near, piece.start, piece.end, (piece.radius, piece.radius * 0.9)), edge)
        paint(image[part], 30.0 + 60 * min(piece.radius / 3, 1), share * np.clip(image[part] / -300 - 1, 0, 1))
    for nodule in nodules:
        _draw_nodule(image, axes, nodule, edge)


def _draw_nodule(image: Field, axes: Sequence[npt.NDArray[np.float32]], nodule: Nodule, edge: float) -> None:
    radius = nodule.diameter / 2
    box = _box(axes, np.subtract(nodule.centre, radius * 1.6 + edge), np.add(nodule.centre, radius * 1.6 + edge))
    if box is None:
        return
    part, near = _part(axes, box)
    rough = waves(near, 9.0, np.random.default_rng(int(nodule.diameter)), 8).value
    shape = ellipsoid(near, nodule.centre, (radius, radius, radius)) + np.float32(0.035 * radius) * rough
    paint(image[part], HU["nodule"], soft(shape, edge))


def _box(
    axes: Sequence[npt.NDArray[np.float32]], low: npt.ArrayLike, high: npt.ArrayLike
) -> tuple[slice, slice, slice] | None:
    """Indices along x, y, z that cover a box; None where the picture does not reach it."""
    lows, highs = np.asarray(low), np.asarray(high)
    spans = [slice(*np.searchsorted(axis, (lo, hi))) for axis, lo, hi in zip(axes, lows, highs, strict=True)]
    if any(span.start >= span.stop for span in spans):
        return None
    return spans[0], spans[1], spans[2]


def _part(
    axes: Sequence[npt.NDArray[np.float32]], box: tuple[slice, slice, slice]
) -> tuple[tuple[slice, slice, slice], Points]:
    x, y, z = (axis[span] for axis, span in zip(axes, box, strict=True))
    return (box[2], box[1], box[0]), Points(x[None, None, :], y[None, :, None], z[:, None, None])
