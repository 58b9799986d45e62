"""A head from shapes: tissues as shares of each voxel, at any points.

Coordinates: LPS mm with the origin in the middle of the cerebrum. Sizes are those of an adult.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from viewr.demo.phantoms.shapes import (
    Field,
    Point,
    Points,
    blend,
    capsule,
    ellipsoid,
    paint,
    soft,
    spot,
    tube,
    union,
    waves,
)

#: Anterior and posterior commissure, the tips of the frontal horns: for landmarks and tests, LPS mm.
LANDMARKS: Mapping[str, Point] = {
    "AC": (0.0, -13.0, 0.0),
    "PC": (0.0, 13.0, 0.0),
    "Frontal horn left": (9.0, -42.0, 11.0),
    "Frontal horn right": (-9.0, -42.0, 11.0),
}

#: Course of the left lateral ventricle, and of its temporal horn; the right one mirrors it.
_VENTRICLE = ((9.0, -38.0, 11.0), (6.5, -12.0, 19.0), (9.0, 14.0, 22.0), (22.0, 36.0, 10.0), (22.0, 58.0, 6.0))
_VENTRICLE_RADII = (5.0, 6.0, 5.5, 7.5, 3.0)
_TEMPORAL = ((23.0, 36.0, 10.0), (33.0, 18.0, -12.0), (31.0, -4.0, -20.0))


@dataclass(frozen=True)
class Head:
    """One demo head: what differs between subjects.

    Attributes
    ----------
    seed : int
        Decides the folding of the cortex and where the lesions lie.
    atrophy : float
        Width of ventricles and sulci, 1 for a healthy adult.
    lesions : int
        White-matter lesions around the ventricles.
    """

    seed: int
    atrophy: float = 1.0
    lesions: int = 24


def lesions_of(head: Head) -> list[tuple[Point, float]]:
    """Centre (LPS mm) and radius (mm) of the white-matter lesions of a head."""
    rng = np.random.default_rng(head.seed + 1)
    result = []
    for _ in range(head.lesions):
        step = int(rng.integers(0, 4))
        share = float(rng.uniform())
        path = np.asarray(_VENTRICLE)
        aside = np.array([rng.uniform(7, 18), rng.uniform(-4, 4), rng.uniform(1, 11)])
        centre = path[step] * (1 - share) + path[step + 1] * share + aside
        centre[0] *= rng.choice([-1, 1])
        result.append(((float(centre[0]), float(centre[1]), float(centre[2])), float(rng.uniform(2.8, 6.0))))
    return result


def mirrored(points: Points) -> Points:
    """Both sides as the left one, for shapes that the body has twice."""
    return Points(np.abs(points.x), points.y, points.z)


def fields_of(head: Head, points: Points) -> dict[str, Field]:
    """Distances (mm) that describe the head, smooth enough to be refined afterwards."""
    side = mirrored(points)
    fields = {**_outside(points, side), **_brain(head, points, side), **_inside(head, points, side)}
    fields["lesion"] = union(*(spot(points, c, (r, 1.3 * r, r)) for c, r in lesions_of(head)))
    return fields


def _outside(points: Points, side: Points) -> dict[str, Field]:
    skull = _cranium(points, 6.5)
    face = blend(ellipsoid(points, (0, -42, -62), (60, 56, 72)), ellipsoid(points, (0, -70, -92), (32, 32, 28)), 20)
    nose = ellipsoid(points, (0, -104, -46), (15, 19, 22))
    neck = capsule(points, (0, 22, -70), (0, 30, -190), (58, 60))
    ears = ellipsoid(side, (82, 12, -30), (7, 17, 30))
    lids = ellipsoid(side, (34, -64, -22), (20, 25, 17))
    skin = blend(blend(_cranium(points, 13), blend(face, lids, 12), 24), blend(neck, nose, 10), 26)
    jaw = tube(side, [(0, -86, -108), (22, -76, -108), (42, -40, -98), (48, -8, -52)], (7, 7, 6, 5))
    palate = ellipsoid(points, (0, -62, -68), (24, 30, 4))
    spine = capsule(points, (0, 34, -86), (0, 46, -190), (13, 12))
    sinuses = union(
        ellipsoid(points, (0, -76, -42), (13, 26, 20)),
        ellipsoid(side, (31, -64, -52), (13, 17, 16)),
        ellipsoid(side, (10, -88, 8), (12, 5, 9)),
        ellipsoid(points, (0, -44, -34), (11, 11, 9)),
        tube(points, [(0, -40, -46), (0, -22, -75), (0, -14, -110), (0, -16, -190)], (9, 8, 7, 9)),
    )
    return {
        "skin": union(skin, ears),
        "skull": skull,
        "bone": union(jaw, palate, spine),
        "cheek": union(ellipsoid(side, (42, -58, -66), (11, 17, 20)), ellipsoid(points, (0, 78, -96), (42, 14, 40))),
        "cord": capsule(points, (0, 46, -84), (0, 60, -190), (7.5, 7)),
        "cavity": sinuses,
        "orbit": ellipsoid(side, (34, -60, -22), (19, 26, 17)),
        "eye": ellipsoid(side, (34, -70, -22), (12, 12, 12)),
        "lens": ellipsoid(side, (34.5, -79, -22), (4.5, 2, 4.5)),
        "nerve": tube(side, [(33, -60, -22), (22, -36, -19), (8, -22, -16)], (2.6, 2.4, 2.4)),
        "gland": ellipsoid(side, (62, -6, -62), (11, 18, 24)),
    }


def _cranium(points: Points, thick: float) -> Field:
    vault = ellipsoid(points, (0, 2, 6), (70 + thick, 88 + thick, 70 + thick))
    base = ellipsoid(points, (0, 46, -36), (50 + thick, 42 + thick, 31 + thick))
    floor = np.float32(-28 - 0.7 * thick) - points.z - np.float32(0.35) * points.y
    return blend(np.maximum(vault, floor), base, 12)


def _brain(head: Head, points: Points, side: Points) -> dict[str, Field]:
    vault = ellipsoid(points, (0, 2, 6.5), (67.3, 85, 67))
    vault = np.maximum(vault, np.float32(-25.5) - points.z - np.float32(0.35) * points.y)
    temporal = ellipsoid(side, (43, -8, -22), (22, 48, 18))
    cerebrum = np.maximum(union(vault, temporal), 2.0 - _cerebellum(points, side)) + np.float32(2 * head.atrophy - 2)
    callosum = np.sqrt(((points.y - 2) / 44) ** 2 + ((points.z - 4) / 29) ** 2) * 30 - 30
    rng = np.random.default_rng(head.seed)
    radius = np.sqrt((points.x / 68) ** 2 + (points.y / 86) ** 2 + ((points.z - 6) / 66) ** 2) + np.float32(0.15)
    # Points pulled to the surface make the folds stand upright on it.
    pull = radius ** np.float32(-0.55)
    folds = waves(Points(points.x * pull, points.y * pull, (points.z - 6) * pull), 19.0, rng)
    deepest = np.clip(14 + 1.6 * waves(points, 60.0, rng).value, 8, 22)
    return {
        "brain": cerebrum,
        "sheet": np.clip(folds.value / (folds.slope * pull + np.float32(0.12)), -9, 9),
        "deepest": deepest,
        "callosum": callosum,
    }


def _inside(head: Head, points: Points, side: Points) -> dict[str, Field]:
    wide = head.atrophy
    ventricle = tube(side, _VENTRICLE, [r * wide for r in _VENTRICLE_RADII])
    temporal = tube(side, _TEMPORAL, (5 * wide, 2.8 * wide, 2.0 * wide))
    middle = ellipsoid(points, (0, 2, 2), (2.6 * wide, 14, 9))
    fourth = ellipsoid(points, (0, 33, -34), (8 * wide, 5, 10))
    stem = tube(points, [(0, 14, -8), (0, 18, -34), (0, 32, -60), (0, 46, -84)], (15, 14, 10, 8))
    pons = ellipsoid(points, (0, 12, -34), (17, 13, 15))
    return {
        "ventricle": union(ventricle, temporal, middle, fourth, ellipsoid(points, (0, -10, -19), (13, 12, 8))),
        "commissure": union(
            capsule(side, (0, -13, 0), (9, -13, 0), (2, 2)), capsule(side, (0, 13, 0), (7, 13, 0), (1.8, 1.8))
        ),
        "grey": union(
            ellipsoid(side, (11.5, 9, 7), (9, 15, 9)),
            ellipsoid(side, (15.5, -24, 11), (5, 15, 9)),
            ellipsoid(side, (26, -4, 4), (5.5, 18, 11)),
        ),
        "cerebellum": _cerebellum(points, side),
        # Layers of the cerebellum fan out from the fourth ventricle.
        "leaf": np.cos(np.arctan2(points.z + 36, points.y - 24) * 24 + 0.16 * side.x),
        "stem": union(stem, pons),
    }


def _cerebellum(points: Points, side: Points) -> Field:
    return union(ellipsoid(side, (22, 53, -41), (30, 30, 23)), ellipsoid(points, (0, 50, -41), (13, 28, 24)))


def tissues(fields: Mapping[str, Field], points: Points) -> Iterator[tuple[str, Field]]:
    """Tissue and its share of each voxel, in the order to paint them: the later covers the earlier."""
    skin, skull = fields["skin"], fields["skull"]
    yield "muscle", soft(skin)
    # Fat stops under the skin and above muscle and bone; the face has more.
    yield "fat", soft(skin + 1.8) * (1 - soft(skin + 5.5, 3)) * (1 - soft(skull))
    yield "fat", soft(skin + 6) * soft(np.abs(fields["sheet"]) - 0.5) * np.float32(0.6)
    yield "fat", soft(fields["cheek"], 4) * soft(skin + 3)
    yield "fat", soft(np.maximum(fields["orbit"], skin + 4))
    yield "gland", soft(fields["gland"])
    yield "bone", soft(fields["bone"])
    yield "marrow", soft(fields["bone"] + 2.5)
    discs = np.clip(3 * np.cos(points.z * np.float32(0.36)) - np.float32(1.8), 0, 1) * (points.y > 0)
    yield "muscle", soft(fields["bone"] + 1) * discs
    yield "bone", soft(skull)
    yield "marrow", soft(skull + 2.0) * (1 - soft(skull + 4.8))
    yield "csf", soft(skull + 6.5)
    yield "csf", soft(fields["cord"] - 3)
    yield "white", soft(fields["cord"])
    yield "air", soft(np.maximum(fields["cavity"], skull * -1))
    yield from _brain_tissues(fields, points)
    yield "vitreous", soft(fields["eye"])
    yield "lens", soft(fields["lens"])
    yield "white", soft(fields["nerve"]) * (1 - soft(fields["eye"]))


def _brain_tissues(fields: Mapping[str, Field], points: Points) -> Iterator[tuple[str, Field]]:
    inside = -fields["brain"]
    sulcus = np.abs(fields["sheet"]) + np.clip(inside - fields["deepest"], 0, None)
    fissure = np.abs(points.x) + np.clip(-fields["callosum"], 0, None)
    cortex = np.minimum(np.minimum(inside, sulcus + 0.4), fissure + 0.2)
    yield "grey", soft(np.float32(1.0) - cortex)
    yield "white", soft(np.float32(3.7) - cortex, 1.6) * soft(fields["brain"])
    yield "white", soft(fields["stem"])
    leaf = fields["leaf"]
    yield "grey", soft(fields["cerebellum"])
    yield "white", soft(fields["cerebellum"] + 9 - 6 * leaf, 3)
    yield "csf", soft(fields["cerebellum"]) * (1 - soft(fields["cerebellum"] + 6, 3)) * np.clip(-leaf * 3 - 1.9, 0, 1)
    yield "csf", soft(np.abs(fields["cerebellum"]) - 0.6) * (1 - soft(fields["stem"] - 1))
    yield "grey", soft(fields["grey"]) * np.float32(0.85)
    yield "lesion", soft(fields["ventricle"] - 2.2, 2) * np.float32(0.3)
    yield "lesion", soft(fields["lesion"] + 0.2 * fields["sheet"], 2.5) * soft(np.float32(3.5) - cortex)
    yield "csf", soft(fields["ventricle"])
    yield "white", soft(fields["commissure"])


def compose(values: Mapping[str, float], parts: Iterator[tuple[str, Field]]) -> Field:
    """Picture [k, j, i] of the tissues with these brightnesses; air is 0."""
    first, share = next(parts)
    image = np.float32(values[first]) * share
    for name, share in parts:
        paint(image, values.get(name, 0.0), share)
    return image
