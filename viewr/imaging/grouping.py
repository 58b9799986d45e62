"""From loose pictures to stacks that are each one volume: by geometry and contrast, never by file name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from viewr.imaging.contrast import AXES, STRONG, Key, orientation_name
from viewr.imaging.frame import Frame
from viewr.imaging.numbering import ranks_by_number

#: Pictures whose depths along the normal differ less, in mm, always lie in the same place, and more, never.
SAME_PLACE_MM, _OTHER_PLACE_MM = 0.01, 0.05
#: Direction cosines and spacings that differ more belong to another stack: 0.05 mm over 250 mm.
_SAME_COSINE = 2e-4
#: Pictures of one plane whose first voxels lie further apart, in mm, are no repeats.
_ASIDE_MM = 0.1
#: Share of pictures that must be there before the others count as missing.
_NEARLY_FULL = 0.6
Places = npt.NDArray[np.int_]


@dataclass
class Stack:
    """Pictures that make one volume.

    Attributes
    ----------
    frames : list of Frame
        Slices along the normal, then the next point of the named axis: frames[t * slices + k].
    axis : str
        Name of the fourth axis, "" if there is none.
    part : list of str
        Why the series was split, in the reader's words.
    left_out : list
        Frames that have no place in a volume, with the reason.
    """

    frames: list[Frame]
    slices: int
    axis: str = ""
    part: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left_out: list[tuple[Frame, str]] = field(default_factory=list)


def stacks_of(frames: Sequence[Frame]) -> list[Stack]:
    """All volumes in a set of pictures, in the order in which their first pictures were made."""
    stacks: list[Stack] = []
    for series in _by(frames, _series_key):
        stacks.extend(_stacks_of_series(series))
    return stacks


def _by(frames: Iterable[Frame], key: Callable[[Frame], Hashable]) -> list[list[Frame]]:
    groups: dict[Hashable, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[key(frame)].append(frame)
    return list(groups.values())


def _series_key(frame: Frame) -> Hashable:
    header = frame.header
    uid = header.text("SeriesInstanceUID")
    # Without a series UID nothing ties two files together.
    return (uid or str(header.path), header.text("Modality"))


def _stacks_of_series(frames: list[Frame]) -> list[Stack]:
    placed = [frame for frame in frames if frame.placed]
    stacks = _unplaced([frame for frame in frames if not frame.placed])
    layouts = [same for layout in _by(placed, _layout_key) for same in _by_reference(layout)]
    groups = [group for same in layouts for group in _same_geometry(same)]
    for station in [station for group in groups for station in _stations(group)]:
        stacks.extend(_split_by_contrast(station))
    if placed and len(placed) < len(frames):
        _tell_unplaced(stacks, len(frames) - len(placed))
    _name_parts(stacks)
    return stacks


def _tell_unplaced(stacks: list[Stack], count: int) -> None:
    """A stack may lack the slices that do not say where they lie."""
    which = "One picture of this series does" if count == 1 else f"{count} pictures of this series do"
    for stack in stacks:
        if stack.frames[0].placed:
            stack.warnings.append(f"{which} not say where in the patient; shown apart.")


def _layout_key(frame: Frame) -> Hashable:
    header = frame.header
    return (
        frame.rows, frame.columns, header.whole("SamplesPerPixel", 1),
        header.text("PhotometricInterpretation") == "MONOCHROME1",
    )


def _by_reference(frames: list[Frame]) -> list[list[Frame]]:
    """Splits by frame of reference, unless every file names its own, as careless de-identification leaves it."""
    groups = _by(frames, lambda frame: frame.header.text("FrameOfReferenceUID"))
    files = len({id(frame.header) for frame in frames})
    if 2 < files == len(groups):
        for frame in frames:
            frame.header.values["FrameOfReferenceUID"] = b""
            frame.header.problems.append("names a frame of reference of its own, which is ignored")
        return [frames]
    return groups


def _same_geometry(frames: list[Frame]) -> list[list[Frame]]:
    """Splits by orientation and pixel spacing, with a tolerance."""
    rows = np.array([[*frame.orientation, *(frame.spacing or (0, 0))] for frame in frames])  # type: ignore[misc]
    tolerance = np.array([_SAME_COSINE] * 6 + [_SAME_COSINE] * 2)
    tolerance = tolerance * np.maximum(1, np.abs(rows[0]))
    groups, left = [], np.arange(len(frames))
    while len(left):
        same = (np.abs(rows[left] - rows[left[0]]) <= tolerance).all(axis=1)
        groups.append([frames[n] for n in left[same]])
        left = left[~same]
    return groups


def _stations(frames: list[Frame]) -> list[list[Frame]]:
    """Splits pictures that lie side by side in one plane, as stations of a long scan do."""
    orientation = frames[0].orientation
    assert orientation is not None
    aside = np.array([frame.position for frame in frames]) @ orientation.reshape(2, 3).T
    place = places(frames)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    spread = np.maximum.reduceat(aside[order], starts) - np.minimum.reduceat(aside[order], starts)
    if spread.max() <= _ASIDE_MM:
        return [frames]
    label = [_linked(aside[:, axis]) for axis in (0, 1)]
    groups: dict[Hashable, list[Frame]] = defaultdict(list)
    for n, frame in enumerate(frames):
        groups[label[0][n], label[1][n]].append(frame)
    return list(groups.values())


def _linked(values: npt.NDArray[np.float64]) -> list[int]:
    """Numbers of the groups into which values fall where their gaps are wide."""
    order = np.argsort(values, kind="stable")
    labels = np.empty(len(values), int)
    labels[order] = np.concatenate([[0], np.cumsum(np.diff(values[order]) > _ASIDE_MM)])
    return [int(label) for label in labels]


def _unplaced(frames: list[Frame]) -> list[Stack]:
    """Pictures without a place: each file is a volume of its own, its frames a cine."""
    stacks = []
    for same in _by(frames, lambda frame: id(frame.header)):
        same.sort(key=lambda frame: frame.order)
        if len(same) == 1:
            stacks.append(Stack(same, 1))
        else:
            stacks.append(Stack(same, 1, "time"))
    return stacks


def _split_by_contrast(frames: list[Frame]) -> list[Stack]:
    """Splits what was measured differently: echoes, magnitude and phase, derived maps."""
    groups: list[tuple[list[Frame], list[str]]] = [(frames, [])]
    for attribute in STRONG:
        split: list[tuple[list[Frame], list[str]]] = []
        for group, words in groups:
            parts = _by(group, attribute.key)
            parts.sort(key=lambda part: attribute.key(part[0]))
            if len(parts) > 1 and not _share_a_place(parts):
                parts = [group]
            for number, part in enumerate(parts, 1):
                said = [attribute.words(part[0], number, len(parts))] if len(parts) > 1 else []
                split.append((part, words + said))
        groups = split
    return [stack for group, words in groups for stack in _ordered(group, words)]


def _share_a_place(parts: list[list[Frame]]) -> bool:
    """Whether a picture of one part lies where one of another does; a lone odd label must not tear a stack apart."""
    every = np.concatenate([depths(part) for part in parts])
    part = np.repeat(np.arange(len(parts)), [len(pictures) for pictures in parts])
    order = np.argsort(every, kind="stable")
    near = np.diff(every[order]) <= same_place_mm(every)
    return bool((near & (np.diff(part[order]) != 0)).any())


def depths(frames: Sequence[Frame]) -> np.ndarray:
    """Distance of each picture along the slice normal, mm."""
    orientation = frames[0].orientation
    assert orientation is not None
    normal = np.cross(orientation[:3], orientation[3:])
    return np.array([frame.position for frame in frames]) @ (normal / np.linalg.norm(normal))


def same_place_mm(depth: np.ndarray) -> float:
    """How far apart pictures may lie and still be in one place: what repeated scans jitter, far below their spacing."""
    if len(depth) < 2:
        return SAME_PLACE_MM
    mean = float(depth.max() - depth.min()) / (len(depth) - 1)
    return min(max(0.2 * mean, SAME_PLACE_MM), _OTHER_PLACE_MM)


def places(frames: Sequence[Frame]) -> np.ndarray:
    """Number, from 0 along the normal, of the place in which each picture lies."""
    depth = depths(frames)
    order = np.argsort(depth, kind="stable")
    steps = np.diff(depth[order]) > same_place_mm(depth)
    numbers = np.empty(len(frames), int)
    numbers[order] = np.concatenate([[0], np.cumsum(steps)])
    return numbers


def _ordered(frames: list[Frame], words: list[str]) -> list[Stack]:
    """Sorts along the normal and, where several pictures lie in one place, finds what tells them apart."""
    place = places(frames)
    count = int(place.max()) + 1
    if len(frames) == count:
        return [Stack([frames[n] for n in np.argsort(place)], count, part=words)]
    for attribute in AXES:
        values = [attribute.key(frame) for frame in frames]
        distinct = _in_order(frames, values) if attribute.as_made else sorted(set(values))
        if len(distinct) < 2 or len(distinct) * count != len(frames):
            continue
        rank = np.array([distinct.index(value) for value in values])
        if len(set(zip(rank.tolist(), place.tolist(), strict=True))) == len(frames):
            return [_on_axis(frames, rank, place, count, attribute.axis, words)]
    return (_with_holes(frames, place, count, words) or _by_rank(frames, place, count, words)
            or _by_order(frames, place, count, words))


def _with_holes(frames: list[Frame], place: Places, count: int, words: list[str]) -> list[Stack]:
    """Where an element tells pictures apart but a few of them are missing: whole points together, others apart."""
    if len(set(np.bincount(place).tolist())) == 1:
        return []
    for attribute in AXES:
        values = [attribute.key(frame) for frame in frames]
        distinct = _in_order(frames, values) if attribute.as_made else sorted(set(values))
        rank = np.array([distinct.index(value) for value in values])
        if len(distinct) > 1 and _nearly_full(rank, place, count):
            return _whole_points(frames, rank, place, count, attribute.axis, words)
    rank_by_number = ranks_by_number([frame.order for frame in frames], place, count)
    if rank_by_number is not None and _nearly_full(rank_by_number, place, count):
        return _whole_points(frames, rank_by_number, place, count, _order_axis(frames), words)
    return []


def _nearly_full(rank: Places, place: Places, count: int) -> bool:
    """Whether each picture has its own point and place, and most of these are taken."""
    points = len(set(rank.tolist()))
    pairs = set(zip(rank.tolist(), place.tolist(), strict=True))
    return len(pairs) == len(rank) > _NEARLY_FULL * points * count


def _whole_points(
    frames: list[Frame], rank: Places, place: Places, count: int, axis: str, words: list[str]
) -> list[Stack]:
    """A volume of the points that have all their slices, and one of each that has not."""
    points = sorted(set(rank.tolist()))
    full = [point for point in points if (rank == point).sum() == count]
    stacks: list[Stack] = []
    said = []
    for number, point in enumerate(points, 1):
        if point not in full:
            here = [frames[n] for n in np.flatnonzero(rank == point)]
            name = "unfinished pass" if number == len(points) else f"point {number} of {len(points)}, incomplete"
            stacks.extend(replace(stack, part=[*words, name]) for stack in _ordered(here, []))
            said.append(f"Along {axis}, point {number} of {len(points)} lacks {count - len(here)} of {count} slices "
                        "and is kept apart.")
    if not full:
        return stacks
    here_too = np.isin(rank, full)
    whole = _on_axis([frames[n] for n in np.flatnonzero(here_too)], rank[here_too], place[here_too], count,
                     axis if len(full) > 1 else "", words)
    whole.warnings.extend(said)
    return [whole, *stacks]


def _by_rank(frames: list[Frame], place: np.ndarray, count: int, words: list[str]) -> list[Stack]:
    """Where each place has its own values, such as trigger times that differ from slice to slice: by their order."""
    if len(set(np.bincount(place).tolist())) > 1:
        return []
    members = [np.flatnonzero(place == number).tolist() for number in range(count)]
    for attribute in AXES:
        values = [attribute.key(frame) for frame in frames]
        if not all(values) or any(len({values[n] for n in here}) < len(here) for here in members):
            continue
        rank = np.empty(len(frames), int)
        for here in members:
            rank[sorted(here, key=lambda n: values[n])] = np.arange(len(here))
        return [_on_axis(frames, rank, place, count, attribute.axis, words)]
    return []


def _in_order(frames: list[Frame], values: list[Key]) -> list[Key]:
    """Distinct values in the order in which the first picture of each was made."""
    made = sorted(range(len(frames)), key=lambda n: frames[n].order)
    return list(dict.fromkeys(values[n] for n in made))


def _on_axis(
    frames: list[Frame], rank: np.ndarray, place: np.ndarray, count: int, axis: str, words: list[str]
) -> Stack:
    order = np.lexsort((place, rank))
    return Stack([frames[n] for n in order], count, axis, part=words)


def _by_order(frames: list[Frame], place: np.ndarray, count: int, words: list[str]) -> list[Stack]:
    """Where no element tells the pictures of a place apart: by the order in which they were made."""
    rank = np.empty(len(frames), int)
    for number in range(count):
        here = sorted(np.flatnonzero(place == number).tolist(), key=lambda n: frames[n].order)
        rank[here] = np.arange(len(here))
    full = int(np.bincount(place).min())
    whole = [n for n in range(len(frames)) if rank[n] < full]
    stack = _on_axis([frames[n] for n in whole], rank[whole], place[whole], count, _order_axis(frames), words)
    if full == 1:
        stack.axis = ""
    elif len(whole) < len(frames):
        stack.warnings.append("Some places hold fewer pictures than others and no element tells which are missing; "
                              "points may be mixed.")
    rest = [n for n in range(len(frames)) if rank[n] >= full]
    return [stack, *_rest(stack, [frames[n] for n in rest], count, words)]


def _order_axis(frames: list[Frame]) -> str:
    weights = {tuple(frame.numbers("DiffusionBValue")) for frame in frames}
    return "diffusion" if len(weights) > 1 else "time"


def _rest(stack: Stack, rest: list[Frame], count: int, words: list[str]) -> list[Stack]:
    """What is left when places hold different numbers of pictures: single extras, or an unfinished pass."""
    if not rest:
        return []
    if len(rest) <= max(1, count // 4):
        for frame in rest:
            stack.left_out.append((frame, "lies in the same place as another picture of its series"))
        stack.warnings.append(
            f"{len(rest)} of {len(rest) + len(stack.frames)} pictures lie in the place of another and are left out."
            if len(rest) > 1 else "One picture lies in the place of another and is left out."
        )
        return []
    return [replace(more, part=[*words, "unfinished pass"]) for more in _ordered(rest, [])]


def _name_parts(stacks: list[Stack]) -> None:
    """Adds what tells stacks of one series apart where their contrast does not."""
    if len(stacks) < 2:
        return
    for name in (_plane_words, _size_words, _number_words):
        same = [stacks_ for stacks_ in _groups_by_part(stacks).values() if len(stacks_) > 1]
        for group in same:
            names = [name(stack, group) for stack in group]
            if len(set(names)) > 1:
                for stack, words in zip(group, names, strict=True):
                    stack.part = [*stack.part, words]


def _groups_by_part(stacks: list[Stack]) -> dict[tuple[str, ...], list[Stack]]:
    groups: dict[tuple[str, ...], list[Stack]] = defaultdict(list)
    for stack in stacks:
        groups[tuple(stack.part)].append(stack)
    return groups


def _plane_words(stack: Stack, group: list[Stack]) -> str:
    return orientation_name(stack.frames[0])


def _size_words(stack: Stack, group: list[Stack]) -> str:
    return f"{stack.frames[0].columns} x {stack.frames[0].rows}"


def _number_words(stack: Stack, group: list[Stack]) -> str:
    return f"stack {group.index(stack) + 1} of {len(group)}" if stack.frames[0].placed else (
        f"picture {group.index(stack) + 1} of {len(group)}")
