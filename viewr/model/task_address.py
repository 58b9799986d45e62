"""Addresses in the archive as tasks write them: parsed, completed, matched against scans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from viewr.model.errors import TaskError
from viewr.model.task import Address, XnatRef

_SCHEMES = {"http": "http", "https": "https", "xnat": "https", "xnat+https": "https", "xnat+http": "http"}
_VARIABLE = re.compile(r"\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_MAX_ADDRESS = 2_000
#: Members of a path, in order, with what follows each.
_LEVELS = ("projects", "subjects", "experiments", "scans", "resources", "files")

Form = Literal["relative", "path", "absolute"]


class HasScanNames(Protocol):
    """What `match_scan` needs to know of a scan."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def description(self) -> str: ...


ScanT = TypeVar("ScanT", bound=HasScanNames)


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$NAME` and `${NAME}` replaced; `$$` is a dollar sign.

    Raises
    ------
    TaskError
        If a name has no value.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name is None:
            return "$"
        if name not in variables:
            raise TaskError(
                f"The task needs a value for '${name}', in '{_short(text)}'.",
                f"Add '{name}' to the variables in the settings, or to the supervisor's meta values.",
            )
        return variables[name]

    return _VARIABLE.sub(value, text)


def parse_address(text: str, variables: Mapping[str, str] | None = None) -> Address:
    """Read an address of any form; what it leaves out stays empty.

    Parameters
    ----------
    text : str
        `xnat+https://h/data/...`, `xnat://h/...`, `https://h/data/...`, `/data/...` on the task's server, or relative
        to the experiment (`scans/<scan>/resources/<label>/files/<name>`).

    Raises
    ------
    TaskError
        If a `$NAME` has no value, the form is unknown, or the path leaves its place.
    """
    resolved = substitute(text, variables or {}).strip()
    if not resolved or len(resolved) > _MAX_ADDRESS:
        raise TaskError("An address of the task is empty." if not resolved else "An address of the task is too long.")
    scheme = _SCHEME.match(resolved)
    if scheme is None and not resolved.startswith("/"):
        return _with_members(Address(text=text), _segments(resolved, resolved), resolved)
    form: Form = "path" if scheme is None else "absolute"
    server, path = _split_server(resolved) if scheme else ("", resolved)
    prefix, segments = _below_data(path, resolved)
    address = Address(text=text, form=form, server=f"{server}{prefix}" if server else "")
    return _with_members(address, segments, resolved)


def _split_server(text: str) -> tuple[str, str]:
    """Scheme with host, and the path; a user name in an address would hide where it leads."""
    head = re.match(r"[^/]*//[^/]*", text)
    assert head is not None
    try:
        parts = urlsplit(head[0])
        port = f":{parts.port}" if parts.port else ""
    except ValueError as exc:
        raise TaskError(f"The address '{_short(text)}' cannot be read.") from exc
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None:
        raise TaskError(
            f"The address '{_short(text)}' has the scheme '{parts.scheme}', which is not known.",
            "Known are xnat+https, xnat, https and http.",
        )
    if "@" in head[0] or "\\" in head[0] or not re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname or ""):
        raise TaskError("An address of the task names no plain host.", "It must not hold a user name or password.")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{scheme}://{host}{port}", text[head.end() :]


def _below_data(path: str, shown: str) -> tuple[str, list[str]]:
    """What stands before /data/, and the members after it (and after /data/archive/)."""
    segments = _segments(path, shown)
    if "data" in segments:
        index = segments.index("data")
    elif segments and segments[0] in _LEVELS:
        return "", segments
    else:
        raise TaskError(f"The address '{_short(shown)}' leads to no data of an archive.", "It should hold /data/.")
    rest = segments[index + 1 :]
    prefix = "".join(f"/{segment}" for segment in segments[:index])
    return prefix, rest[1:] if rest[:1] == ["archive"] else rest


def _segments(path: str, shown: str) -> list[str]:
    """The members of a path, decoded; nothing that leads elsewhere."""
    # A question mark is a wildcard, unless it begins a query such as ?format=json.
    path = re.sub(r"\?\w+=.*$", "", path, flags=re.DOTALL)
    segments = [unquote(segment) for segment in path.split("/") if segment]
    for segment in segments:
        if segment in (".", "..") or "/" in segment or "\\" in segment or re.search(r"[\x00-\x1f\x7f]", segment):
            raise TaskError(f"The address '{_short(shown)}' leaves its place.", "It must not hold '..' or backslashes.")
    return segments


def _with_members(address: Address, segments: list[str], shown: str) -> Address:
    """The address with the members of its path: name, value, name, value ..., files last."""
    found: dict[str, str] = {}
    rest = list(segments)
    last = -1
    while rest:
        name = rest.pop(0)
        if name not in _LEVELS or _LEVELS.index(name) <= last:
            raise TaskError(
                f"The address '{_short(shown)}' has the part '{_short(name)}', which is not known there.",
                "An address is made of projects, subjects, experiments, scans, resources and files.",
            )
        last = _LEVELS.index(name)
        if name == "files":
            found[name], rest = "/".join(rest), []
        elif rest:
            found[name] = rest.pop(0)
        else:
            raise TaskError(f"The address '{_short(shown)}' ends after '{name}'.", "A name must follow.")
    if "files" in found and "resources" not in found:
        raise TaskError(f"The address '{_short(shown)}' names files but no resource.")
    return replace(
        address,
        project=found.get("projects", ""),
        subject=found.get("subjects", ""),
        experiment=found.get("experiments", ""),
        scan=found.get("scans", ""),
        resource=found.get("resources", ""),
        file=found.get("files", ""),
    )


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."


def completed(address: Address, xnat: XnatRef) -> Address:
    """The address with what it leaves out taken from the task: server and experiment."""
    server = address.server or xnat.url
    if address.experiment:
        return replace(address, server=server)
    return replace(
        address,
        server=server,
        project=address.project or xnat.project,
        subject=address.subject or xnat.subject,
        experiment=xnat.experiment or xnat.label,
    )


def origin(url: str) -> str:
    """Scheme, host and port of a URL, in one spelling: what decides whether a server is a configured one."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme.lower(), 0)
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}"


# scans


def match_scan(address: Address, scans: Iterable[ScanT]) -> list[ScanT]:
    """The scans that an address means, the lowest scan number first.

    The scan's part is compared with the ids, then with the types, then with the descriptions; the first of these
    that has a match decides. `*` and `?` are wildcards.
    """
    scans = sorted(scans, key=lambda scan: natural_key(scan.id))
    for fold in (str, str.casefold):
        for attribute in ("id", "type", "description"):
            found = [scan for scan in scans if wildcard_match(fold(address.scan), fold(getattr(scan, attribute) or ""))]
            if found:
                return found
    return []


def wildcard_match(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`; the time grows with the product of their lengths at most."""
    at, here = 0, 0
    star, resume = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return set(pattern[at:]) <= {"*"}


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Orders "2" before "10", and numbers before words."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(part[:18]), part) if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]


# names


def safe_name(text: str) -> str:
    """A label as part of a file name: every character outside A-Za-z0-9._- becomes '-'."""
    name = _UNSAFE.sub("-", text)
    return name if name.strip(".") else "-" * max(1, len(name))


def unique_names(texts: Iterable[str]) -> list[str]:
    """Safe names of several labels; on a clash -2, -3 and so on (compared without case: local folders may do so)."""
    taken: set[str] = set()
    names = []
    for text in texts:
        name = base = safe_name(text)
        number = 2
        while name.lower() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def fields_address(template: str, context: str = "default") -> Address:
    """Where the answers go if the task does not say."""
    name = safe_name(template) if context == "default" else f"{safe_name(template)}.{safe_name(context)}"
    return parse_address(f"resources/FIELDS/files/{name}_{{timestamp}}.json")


def annotation_address(scan_id: str, annotation: str) -> Address:
    """Where a label map goes if the task does not say.

    Parameters
    ----------
    scan_id : str
        Id of the scan whose grid it has.
    """
    name = safe_name(annotation)
    return Address(scan=scan_id, resource=f"VIEWR_{name}", file=f"{name}_{{timestamp}}.nii.gz")


def results_address() -> Address:
    """The resource that holds the rest: copies of contours and markers, and the manifest."""
    return Address(resource="VIEWR")
