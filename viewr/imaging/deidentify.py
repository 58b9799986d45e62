"""What a file still holds that the basic profile of DICOM PS3.15 (annex E) would remove or replace.

For the eyes of data managers: nothing is changed here, and finding nothing is no proof.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.deidentify_profile import ACTIONS
from viewr.imaging.dicom_header import read_header
from viewr.model.errors import FormatError
from viewr.model.volume import Volume

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

_LONGEST = 120
#: Values that de-identification leaves behind.
_HARMLESS = frozenset(("", "ANON", "ANONYMOUS", "ANONYMIZED", "ANONYMISED", "REMOVED", "NONE", "UNKNOWN", "N/A", "0",
                       "000000", "00000000", "19000101", "000Y"))


@dataclass(frozen=True)
class Finding:
    """One element that the profile would not leave as it is.

    Attributes
    ----------
    path : str
        Where it stands, sequences in front: "RequestAttributesSequence[0].RequestedProcedureID".
    action : str
        "remove", "empty", "replace", "new UID", or "remove private".
    certain : bool
        False where a value may be a replacement already (UIDs, dates), which cannot be told from one file.
    """

    tag: str
    path: str
    name: str
    value: str
    action: str
    certain: bool = True


def findings(dataset: Dataset) -> list[Finding]:
    """All such elements of a file, sequences included, in the order of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_walk(dataset, ""))


def findings_of(path: Path) -> list[Finding]:
    """The same for a file."""
    return findings(read_header(path).dataset)


def findings_of_series(paths: Iterable[Path]) -> dict[Finding, int]:
    """Findings over all files of a series, with the number of files that hold each."""
    counts: dict[Finding, int] = {}
    for path in paths:
        try:
            found = set(findings_of(path))
        except FormatError:
            continue
        for finding in found:
            counts[finding] = counts.get(finding, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (not item[0].certain, item[0].tag, -item[1])))


def _walk(dataset: Dataset, path: str) -> Iterator[Finding]:
    for element in dataset:
        if element.tag.group == 0x7FE0:
            continue
        name = element.keyword or f"{element.tag}"
        action = _action(element)
        if action is not None and not _is_harmless(element):
            yield _finding(element, path + name, action)
        elif element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from _walk(item, f"{path}{name}[{number}].")


def _action(element: DataElement) -> str | None:
    tag = element.tag
    if tag.is_private:
        return None if tag.is_private_creator else "remove private"
    if 0x5000 <= tag.group <= 0x50FF or (0x6000 <= tag.group <= 0x60FF and tag.element in (0x3000, 0x4000)):
        return "remove"
    if element.keyword in ACTIONS:
        return ACTIONS[element.keyword]
    # A person's name has no place in a de-identified file, whatever the element.
    return "replace" if element.VR == "PN" else None


def _is_harmless(element: DataElement) -> bool:
    if element.VR == "SQ":
        return not element.value
    return element.value is None or str(element.value).strip().upper().strip("^") in _HARMLESS


def _finding(element: DataElement, path: str, action: str) -> Finding:
    shifted = action == "replace" and element.VR in ("DA", "TM", "DT")
    certain = action not in ("new UID", "remove private") and not shifted
    return Finding(f"({element.tag.group:04X},{element.tag.element:04X})", path, element.name, shown_value(element),
                   action, certain)


def shown_value(element: DataElement) -> str:
    """A value in one line, shortened."""
    if element.VR == "SQ":
        return f"{len(element.value)} items"
    if isinstance(element.value, bytes):
        return f"{len(element.value)} bytes"
    values = element.value if element.VM > 1 else [element.value]
    text = "\\".join(str(value) for value in values)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Statement:
    """What a file says of its own de-identification."""

    identity_removed: str
    method: str
    burned_in: str


def statement(dataset: Any) -> Statement:
    """The file's own word on whether identity was removed and whether text is burned into its pixels."""
    method = dataset.get("DeidentificationMethod") or ""
    return Statement(str(dataset.get("PatientIdentityRemoved") or ""), str(method),
                     str(dataset.get("BurnedInAnnotation") or ""))


def differences(datasets: Sequence[Dataset]) -> dict[str, list[str]]:
    """Elements whose value is not the same in all files: name -> distinct values in the order met."""
    values: dict[str, dict[str, None]] = {}
    held: dict[str, int] = {}
    for dataset in datasets:
        for element in dataset:
            if element.VR == "SQ" or element.tag.group == 0x7FE0:
                continue
            name = element.keyword or str(element.tag)
            values.setdefault(name, {})[shown_value(element)] = None
            held[name] = held.get(name, 0) + 1
    return {name: list(found) + ([] if held[name] == len(datasets) else ["(absent)"])
            for name, found in values.items() if len(found) > 1 or held[name] < len(datasets)}


def maximum_picture(volume: Volume) -> npt.NDArray[Any]:
    """The brightest value of each pixel over all slices and points: text that is burned in stands still and shows.

    Returns
    -------
    ndarray, shape (i, j) or (i, j, channel)
    """
    axes = tuple(axis for axis in range(2, volume.array.ndim) if axis < 3 or volume.axes[axis - 3] != "channel")
    reduce = np.min if volume.inverted else np.max
    return np.asarray(reduce(volume.array, axis=axes))
