"""PET is shown as uptake values (SUV) where its headers allow, since that is what readers and templates ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from viewr.imaging.suv import to_suv
from viewr.model.errors import FormatError
from viewr.model.progress import Progress

if TYPE_CHECKING:
    from viewr.workspace.places import ScanTarget
    from viewr.workspace.scan_loading import Fetched, Inbox, ScanSource


def fetch_to_show(source: ScanSource, name: str, target: ScanTarget, inbox: Inbox, progress: Progress) -> Fetched:
    """Fetch a scan and bring its values into the unit that readers work in; blocking."""
    return as_uptake(name, source.fetch(name, target, inbox, progress))


def as_uptake(name: str, fetched: Fetched) -> Fetched:
    """A PET in SUV by body weight, or with a notice why not; any other scan as it is."""
    if fetched.volume.modality != "PT":
        return fetched
    try:
        volume = to_suv(fetched.volume)
    except FormatError as error:
        unit = fetched.volume.unit or "the values as stored"
        notice = f"Scan '{name}' is shown in {unit}. {error.message}"
        return replace(fetched, notices=(*fetched.notices, notice))
    return replace(fetched, volume=volume)
