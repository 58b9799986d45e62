"""The demo project's patients: made by code, the same ones every time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True)
class DemoSeries:
    """One series of a demo patient and its place in the archive.

    Attributes
    ----------
    subject, session, scan_id : str
        Labels in the archive ("DEMO01", "DEMO01_MR1") and the number of the scan.
    session_type, xsi_type : str
        Archive types of the session ("xnat:mrSessionData") and of the scan ("xnat:mrScanData").
    scan_type, description : str
        What tasks address the scan by ("T1"), and the series description.
    datasets : list of pydicom.Dataset
        One a file, ready to be written; they share elements, so do not change them in place.
    """

    subject: str
    session: str
    session_type: str
    scan_id: str
    scan_type: str
    xsi_type: str
    description: str
    datasets: list[Dataset]


def make_patients(add: Callable[[DemoSeries], None]) -> None:
    """Make every series of the demo project, a session at a time, and hand each to `add`.

    Parameters
    ----------
    add : callable
        Called in this thread, in a fixed order.
    """
    # Two at a time, numpy leaves the interpreter free; about equal halves.
    makers = (_head_mr, _chest_ct, _pet_ct, _mammogram, _more_head_mr, _heart)
    with ThreadPoolExecutor(max_workers=2) as pool:
        for session in pool.map(_call, makers):
            for series in session:
                add(series)


def session_of(modality: str) -> list[DemoSeries]:
    """All series of a demo session in which scans of a DICOM modality were made; empty if there is none."""
    makers = {"MR": _head_mr, "CT": _chest_ct, "PT": _pet_ct, "MG": _mammogram}
    return makers[modality]() if modality in makers else []


def _call(maker: Callable[[], list[DemoSeries]]) -> list[DemoSeries]:
    return maker()


def _head_mr() -> list[DemoSeries]:
    from viewr.demo.phantoms.head_mr import head_sessions

    return head_sessions("DEMO01_MR1")


def _more_head_mr() -> list[DemoSeries]:
    from viewr.demo.phantoms.head_mr import head_sessions

    return head_sessions("DEMO05_MR1", "DEMO06_MR1")


def _chest_ct() -> list[DemoSeries]:
    from viewr.demo.phantoms.chest_ct import chest_session

    return chest_session()


def _pet_ct() -> list[DemoSeries]:
    from viewr.demo.phantoms.pet_ct import pet_session

    return pet_session()


def _heart() -> list[DemoSeries]:
    from viewr.demo.phantoms.heart import heart_session

    return heart_session()


def _mammogram() -> list[DemoSeries]:
    from viewr.demo.phantoms.mammogram import mammogram_session

    return mammogram_session()
