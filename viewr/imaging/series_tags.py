"""All elements of the files of a series, as rows for a table: what they hold, where they differ, what is personal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewr.imaging.deidentify import Finding, Statement, differences, findings, shown_value, statement
from viewr.imaging.dicom_header import read_header
from viewr.imaging.reader import DAMAGE
from viewr.model.errors import FormatError
from viewr.model.progress import Progress

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


@dataclass(frozen=True)
class TagRow:
    """One element.

    Attributes
    ----------
    path : str
        Where it stands, sequences in front, as in `Finding.path`.
    personal : bool
        Whether the basic profile of DICOM PS3.15 would remove or replace it.
    """

    tag: str
    path: str
    name: str
    vr: str
    value: str
    personal: bool


@dataclass(frozen=True)
class Difference:
    """An element that is not the same in all files, with its distinct values in the order met."""

    name: str
    values: tuple[str, ...]
    personal: bool


@dataclass(frozen=True)
class SeriesTags:
    """Everything that a tag browser shows; `rows` are those of the first file."""

    files: int
    unreadable: int
    rows: tuple[TagRow, ...]
    differing: tuple[Difference, ...]
    findings: tuple[tuple[Finding, int], ...]
    said: Statement


def read_series_tags(files: Sequence[Path], progress: Progress | None = None) -> SeriesTags:
    """Reads the headers of all files.

    Raises
    ------
    FormatError
        If none of them is a DICOM file that can be read.
    """
    datasets: list[Dataset] = []
    counts: dict[Finding, int] = {}
    for number, file in enumerate(files, 1):
        try:
            dataset = read_header(file).dataset
            found = set(findings(dataset))
        except DAMAGE:
            found = set()
        else:
            datasets.append(dataset)
        for finding in found:
            counts[finding] = counts.get(finding, 0) + 1
        if progress is not None:
            progress.report(number, len(files))
    if not datasets:
        raise FormatError("The files of this series have no DICOM tags that can be read.")
    return _described(datasets, counts, len(files))


def _described(datasets: Sequence[Dataset], counts: dict[Finding, int], files: int) -> SeriesTags:
    personal = {finding.path for finding in counts}
    ordered = sorted(counts.items(), key=lambda item: (not item[0].certain, item[0].tag, item[0].path, -item[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        differing = tuple(Difference(name, tuple(values), name in personal)
                          for name, values in differences(datasets).items())
        rows = tuple(_rows(datasets[0], "", personal, False))
    return SeriesTags(files, files - len(datasets), rows, differing, tuple(ordered), statement(datasets[0]))


def _rows(dataset: Dataset, path: str, personal: set[str], inside: bool) -> Iterator[TagRow]:
    """Elements in the order of the file, those of sequences behind them; what stands in a personal one is personal."""
    for element in dataset:
        if element.tag.group == 0x7FE0:
            continue
        here = path + (element.keyword or f"{element.tag}")
        private = inside or here in personal
        yield TagRow(f"({element.tag.group:04X},{element.tag.element:04X})", here, element.name, element.VR,
                     shown_value(element), private)
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from _rows(item, f"{here}[{number}].", personal, private)
