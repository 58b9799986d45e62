"""Reads the paths of XNAT's REST interface."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

#: Which segment leads to which kind of thing, and what may follow it.
_CHILDREN = {
    "": {"projects", "subjects", "experiments"},
    "projects": {"subjects", "experiments", "resources", "files"},
    "subjects": {"experiments", "resources", "files"},
    "experiments": {"scans", "assessors", "resources", "files"},
    "scans": {"resources", "files"},
    "assessors": {"resources", "files"},
    "resources": {"files"},
}


@dataclass(frozen=True)
class RestPath:
    """What a path below `/data` names.

    Attributes
    ----------
    prefix : str
        "/data" or "/data/archive", for the URIs of the answer.
    names : dict
        Segment ("projects", ..., "resources") -> name given for it.
    collection : str
        The list that is asked for, or "" for one item; "files" also with a path inside the resource.
    file : str
        Path inside the resource, as it is stored; "" for the list.
    """

    prefix: str
    names: dict[str, str]
    collection: str
    file: str = ""

    @property
    def kind(self) -> str:
        """The segment of the last thing that has a name."""
        return next(reversed(self.names), "")


def parse_path(raw: str) -> RestPath | None:
    """Read the raw path of a URL, still percent-encoded; None for what is no route."""
    prefix, segments = _strip_prefix(raw)
    if prefix is None:
        return None
    names: dict[str, str] = {}
    here = ""
    while segments:
        segment = segments.pop(0)
        if here == "assessors" and segment in ("out", "in") and segments:
            segment = segments.pop(0)
        if segment not in _CHILDREN.get(here, ()):
            return None
        if segment == "scans" and "projects" in names and "subjects" not in names:
            # No route of XNAT: the nearest match answers, which is the experiment.
            return RestPath(prefix, names, "")
        if segment == "files":
            return RestPath(prefix, names, "files", stored_name("/".join(segments)))
        if not segments:
            return RestPath(prefix, names, segment)
        names[segment] = unquote(segments.pop(0)).replace("[SLASH]", "/").replace("[COMMA]", ",")
        here = segment
    return RestPath(prefix, names, "") if names else None


def stored_name(raw: str) -> str:
    """The name that XNAT stores: decoded only when it holds a blank or a plus sign."""
    return unquote(raw) if "%20" in raw or "%2B" in raw or "%2b" in raw else raw


def _strip_prefix(raw: str) -> tuple[str | None, list[str]]:
    for prefix in ("/data/archive", "/data", "/REST"):
        if raw.startswith(prefix + "/"):
            rest = raw[len(prefix) + 1 :].rstrip("/")
            return prefix, rest.split("/") if rest else []
    return None, []
