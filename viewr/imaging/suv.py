"""Standardised uptake values of PET, with the decay correction that the images need, or the reason why not.

Follows the vendor-neutral calculation of the QIBA FDG-PET profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from viewr.imaging.dicom_header import Header, read_header
from viewr.imaging.real_world import mapped_unit
from viewr.model.errors import FormatError
from viewr.model.volume import Volume, Window

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Body weight, lean body mass (James), body surface (Du Bois).
Kind = Literal["bw", "lbm", "bsa"]
UNITS: dict[Kind, str] = {"bw": "SUVbw", "lbm": "SUVlbm", "bsa": "SUVbsa"}
#: Nobody is scanned later after an injection whose date is not given: then it lies after the scan.
_HALF_A_DAY = 43200
_GE_SCAN_TIME = (0x0009, 0x100D)
_PHILIPS_SUV, _PHILIPS_ACTIVITY = (0x7053, 0x1000), (0x7053, 0x1009)
_SUV_TYPES = {"": "bw", "BW": "bw", "LBM": "lbm", "LBMJAMES128": "lbm", "BSA": "bsa"}


@dataclass(frozen=True)
class Suv:
    """How stored activity becomes uptake.

    Attributes
    ----------
    factor : float
        SUV = value x factor.
    how : str
        One sentence on times and dose, for the reader.
    """

    factor: float
    kind: Kind
    how: str


def to_suv(volume: Volume, kind: Kind = "bw") -> Volume:
    """The volume in SUV.

    Raises
    ------
    FormatError
        If it is no PET, or what the calculation needs is missing; the message names it.
    """
    suv = suv_of(volume, kind)
    windows = tuple(_scaled(w, suv.factor) for w in volume.windows)
    array = np.multiply(volume.array, suv.factor, dtype=np.float32)
    palette = volume.palette and replace(
        volume.palette, first=volume.palette.first * suv.factor, step=volume.palette.step * suv.factor)
    padding = volume.padding and (volume.padding[0] * suv.factor, volume.padding[1] * suv.factor)
    return replace(
        volume, array=array, unit=UNITS[kind], windows=windows, palette=palette, padding=padding,
        warnings=(*volume.warnings, suv.how))


def _scaled(window: Window, factor: float) -> Window:
    """The window between the same voxels; after the factor it counts whole values no more."""
    low, high = window.bounds
    return replace(window, width=(high - low) * factor, level=(low + high) / 2 * factor, linear=False)


def suv_of(volume: Volume, kind: Kind = "bw") -> Suv:
    """The factor for a volume, from the headers of its files."""
    if volume.modality != "PT":
        raise FormatError(f"Uptake values exist for PET only, not for {volume.modality or 'this image'}.")
    return suv_factor([read_header(Path(file)) for file in volume.files], kind)


def suv_factor(headers: Sequence[Header], kind: Kind = "bw") -> Suv:
    """The factor for the files of one PET series."""
    first = headers[0]
    units = (first.text("Units") or mapped_unit(first)).upper()
    if units in ("GML", "CM2ML"):
        return _already(first, units, kind)
    if units == "CNTS":
        return _philips(headers, kind)
    if units != "BQML":
        raise _refusal(f"its values are in {units or 'unknown units'}, not in Bq/ml")
    return _from_activity(headers, kind)


def _refusal(why: str) -> FormatError:
    return FormatError(f"Uptake values (SUV) cannot be calculated: {why}.")


def _already(header: Header, units: str, kind: Kind) -> Suv:
    """Values that are uptake values as stored."""
    stored = _SUV_TYPES.get(header.text("SUVType").upper(), "")
    stored = "bsa" if units == "CM2ML" else stored
    if stored == kind:
        return Suv(1.0, kind, f"The images hold {UNITS[kind]} as stored.")
    if not stored:
        raise _refusal(f"the images hold uptake of the kind {header.text('SUVType')}")
    factor = _body(header, kind) / _body(header, stored)  # type: ignore[arg-type]
    return Suv(factor, kind, f"Calculated from the stored {stored} values.")


def _philips(headers: Sequence[Header], kind: Kind) -> Suv:
    """Counts with the maker's own factors, to uptake or to activity."""
    dataset = headers[0].dataset
    direct = _private(dataset, _PHILIPS_SUV)
    if direct:
        factor = direct if kind == "bw" else direct * _body(headers[0], kind) / _body(headers[0], "bw")
        return Suv(factor, kind, "Calculated with the factor that the scanner wrote.")
    activity = _private(dataset, _PHILIPS_ACTIVITY)
    if not activity:
        raise _refusal("its values are counts and the scanner wrote no factor")
    suv = _from_activity(headers, kind)
    return replace(suv, factor=suv.factor * activity)


def _private(dataset: Dataset, tag: tuple[int, int]) -> float | None:
    try:
        return float(dataset[tag].value) if tag in dataset else None
    except (TypeError, ValueError):
        return None


def _from_activity(headers: Sequence[Header], kind: Kind) -> Suv:
    first = headers[0]
    item = _radiopharmaceutical(first)
    dose = _positive(item.get("RadionuclideTotalDose"), "the injected dose")
    # Some scanners write MBq where Bq is meant; nobody is given less than 1000 Bq.
    dose = dose * 1e6 if dose < 1e4 else dose
    body = _body(first, kind)
    correction = first.text("DecayCorrection").upper() or _enhanced_correction(first)
    if correction == "ADMIN":
        return Suv(body / dose, kind, f"{UNITS[kind]}: decay corrected to the time of injection.")
    if correction != "START":
        raise _refusal("the images are not corrected for decay" if correction == "NONE"
                       else "the images do not say to which time decay was corrected")
    half_life = _positive(item.get("RadionuclideHalfLife"), "the half-life")
    start, source = scan_start(headers)
    elapsed = _elapsed(item, start)
    decayed = dose * 2.0 ** (-elapsed / half_life)
    return Suv(body / decayed, kind,
               f"{UNITS[kind]}: decay over {elapsed / 60:.1f} min from injection to {source}.")


def _enhanced_correction(header: Header) -> str:
    """Enhanced PET says whether decay was corrected and to which time (DICOM PS3.3 C.8.22)."""
    corrected = str(header.dataset.get("DecayCorrected") or "").upper()
    named = header.dataset.get("DecayCorrectionDateTime")
    return {"YES": "START" if named else "", "NO": "NONE"}.get(corrected, "")


def _radiopharmaceutical(header: Header) -> Dataset:
    items: Any = header.dataset.get("RadiopharmaceuticalInformationSequence")
    if not items:
        raise _refusal("there is nothing about the radiopharmaceutical")
    return items[0]


def _positive(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not number > 0:
        raise _refusal(f"{name} is missing")
    return number


def _body(header: Header, kind: Kind) -> float:
    """What the dose is spread over: grams, or cm2 of skin."""
    weight = _positive(header.number("PatientWeight"), "the patient's weight")
    if kind == "bw":
        return weight * 1000
    height = _positive(header.number("PatientSize"), "the patient's height") * 100
    if kind == "bsa":
        return 0.007184 * weight**0.425 * height**0.725 * 10_000
    sex = header.text("PatientSex").upper()
    if sex not in ("M", "F"):
        raise _refusal("the patient's sex is missing")
    lean = 1.10 * weight - 128 * (weight / height) ** 2 if sex == "M" else 1.07 * weight - 148 * (weight / height) ** 2
    return _positive(lean, "a lean body mass that fits weight and height") * 1000


def scan_start(headers: Sequence[Header]) -> tuple[datetime, str]:
    """The time to which decay was corrected: of the series, unless that was stamped after the scan."""
    stamp = str(headers[0].dataset.get("DecayCorrectionDateTime") or "")
    corrected = _parsed(stamp[:8], stamp[8:].split("+")[0].split("-")[0])
    if corrected:
        return corrected, "the time that the images name"
    series = _time(headers[0], "Series")
    times = [time for header in headers if (time := _time(header, "Acquisition"))]
    earliest = min(times) if times else None
    if series and (earliest is None or series <= earliest):
        return series, "the series time"
    private = _ge_time(headers[0])
    if private:
        return private, "the scanner's own start time"
    if earliest is None:
        raise _refusal("the time of the scan is missing")
    return _back_to_start(headers) or earliest, "the start of the first acquisition"


def _back_to_start(headers: Sequence[Header]) -> datetime | None:
    """Start of the scan from a frame's mean time and how long after the start that was (Frame Reference Time)."""
    first = min(headers, key=lambda header: _time(header, "Acquisition") or datetime.max.replace(tzinfo=UTC))
    time, after = _time(first, "Acquisition"), first.number("FrameReferenceTime")
    length = _milliseconds(first, "ActualFrameDuration")
    half_life = _half_life(first)
    if time is None or not after or not length or not half_life:
        return None
    rate = np.log(2) / half_life
    counts = rate * length / 1000
    mean = np.log(counts / (1 - np.exp(-counts))) / rate
    return time - timedelta(seconds=after / 1000 - float(mean))


def _milliseconds(header: Header, keyword: str) -> float | None:
    value = header.dataset.get(keyword)
    return float(value) if value not in (None, "") else None


def _half_life(header: Header) -> float | None:
    items = header.dataset.get("RadiopharmaceuticalInformationSequence")
    value = items[0].get("RadionuclideHalfLife") if items else None
    return float(value) if value else None


def _elapsed(item: Dataset, start: datetime) -> float:
    """Seconds from injection to the start of the scan; an injection before midnight is yesterday's."""
    stamp = str(item.get("RadiopharmaceuticalStartDateTime") or "")
    if len(stamp) >= 12:
        injected = _parsed(stamp[:8], stamp[8:].split("+")[0].split("-")[0])
    else:
        injected = _parsed(start.strftime("%Y%m%d"), str(item.get("RadiopharmaceuticalStartTime") or ""))
    if injected is None:
        raise _refusal("the time of the injection is missing")
    elapsed = (start - injected).total_seconds()
    if -86400 < elapsed < _HALF_A_DAY - 86400 and len(stamp) < 12:
        elapsed += 86400
    if not 0 <= elapsed < 86400:
        side = "after" if elapsed < 0 else "before"
        raise _refusal(f"the injection lies {abs(elapsed) / 3600:.1f} h {side} the scan")
    return elapsed


def _time(header: Header, what: str) -> datetime | None:
    return _parsed(header.text(f"{what}Date") or header.text("SeriesDate"), header.text(f"{what}Time"))


def _parsed(date: str, time: str) -> datetime | None:
    whole, _, fraction = time.strip().replace(":", "").partition(".")
    date = date.strip() or "20000101"
    try:
        parsed = datetime.strptime(date + whole.ljust(6, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return parsed + timedelta(seconds=float(f"0.{fraction}") if fraction.isdigit() else 0.0) if whole else None


def _ge_time(header: Header) -> datetime | None:
    if not header.text("Manufacturer").upper().startswith("GE") or _GE_SCAN_TIME not in header.dataset:
        return None
    value = header.dataset[_GE_SCAN_TIME].value
    stamp = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return _parsed(stamp[:8], stamp[8:].split("+")[0].strip("\x00 "))
