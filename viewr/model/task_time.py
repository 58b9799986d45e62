"""Times in names of result files: UTC, whole seconds, no suffix; consumers read nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from viewr.model.errors import TaskError

#: What stands in a pattern for the time; both are the newest when read, and now when written.
PLACEHOLDERS = ("{timestamp}", "{latest_timestamp}")
#: Endings that `{ext}` stands for; the first is the one that is written and preferred.
ENDINGS = (".nii.gz", ".nii")

_STAMP = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?"
_STAMP_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2})-(\d{2})-(\d{2})(?!\d)")
_PARTS = re.compile(r"(\{timestamp\}|\{latest_timestamp\}|\{bare\}|\{ext\}|\*+|\?)")
#: Two of them find any file; more would make matching slow.
_MAX_WILDCARDS = 3


def stamp(now: datetime) -> str:
    """The time as names hold it: "2024-05-01T10:00:00", UTC; a time without a zone is taken as UTC."""
    if now.tzinfo is not None:
        now = now.astimezone(UTC)
    return now.replace(microsecond=0, tzinfo=None).isoformat()


def file_name(pattern: str, when: str, ext: str = ENDINGS[0]) -> str:
    """The name to write: the placeholders of a pattern replaced, nothing added.

    Raises
    ------
    TaskError
        If the pattern holds no place for the time (the consumers fail on a bare name), or a wildcard.
    """
    if not _STAMP_WRITTEN.fullmatch(when):
        raise ValueError(f"'{when}' is no time of a file name")
    if not any(placeholder in pattern for placeholder in PLACEHOLDERS):
        raise TaskError(
            f"The file name '{pattern[:120]}' has no place for the time.",
            "It should hold {timestamp}: save a new file each time.",
        )
    if "*" in pattern or "?" in pattern:
        raise TaskError(f"The file name '{pattern[:120]}' has wildcards; it cannot be written.")
    for placeholder in PLACEHOLDERS:
        pattern = pattern.replace(placeholder, when)
    return pattern.replace("{ext}", ext)


def stamped(pattern: str) -> str:
    """The pattern with a place for the time: its own, else `_{timestamp}` before the ending."""
    if any(placeholder in pattern for placeholder in PLACEHOLDERS):
        return pattern
    folder, slash, name = pattern.rpartition("/")
    match = re.search(r"(\{ext\}|\.nii\.gz|\.[A-Za-z0-9]+)$", name)
    end = match.start() if match and match.start() > 0 else len(name)
    return f"{folder}{slash}{name[:end]}_{{timestamp}}{name[end:]}"


def match_timestamp(pattern: str, name: str) -> str | None:
    """The time in a file name that fits a pattern; "" if it fits without a time, None if it does not fit.

    An underscore on either side of the time belongs to it, as for the consumers.
    """
    match = _regex(pattern, with_time=True).fullmatch(name)
    if match is not None:
        return next((group for group in match.groups() if group), "")
    return "" if _regex(pattern, with_time=False).fullmatch(name) else None


def _regex(pattern: str, with_time: bool) -> re.Pattern[str]:
    if not with_time:
        pattern = re.sub(r"_?\{(?:latest_)?timestamp\}_?", "{bare}", pattern)
    if pattern.count("*") > _MAX_WILDCARDS:
        raise TaskError(f"The file name '{pattern[:120]}' has more than {_MAX_WILDCARDS} wildcards.")
    return re.compile("".join(_piece(part) for part in _PARTS.split(pattern)), re.DOTALL)


def _piece(part: str) -> str:
    """The regular expression of one part of a pattern."""
    if part in PLACEHOLDERS:
        return f"_?({_STAMP})_?"
    if part == "{ext}":
        return r"\.nii(?:\.gz)?"
    if part[:1] == "*":
        return "[^/]*"
    return {"{bare}": "_?", "?": "[^/]"}.get(part) or re.escape(part)


def newest(names: Iterable[str], pattern: str) -> str | None:
    """The name with the greatest time among those that fit the pattern, None if none fits."""
    fitting = [(found, name) for name in names if (found := match_timestamp(pattern, name)) is not None]
    if not fitting:
        return None
    return max(fitting, key=lambda one: (one[0], one[1].endswith(ENDINGS[0]), one[1]))[1]


def local_name(name: str) -> str:
    """The name for a local folder, where a colon may not stand: 10:00:00 becomes 10-00-00."""
    return re.sub(r"(\d{4}-\d{2}-\d{2}T\d{2}):(\d{2}):(\d{2})", r"\1-\2-\3", name)


def archive_name(name: str) -> str:
    """The name in the archive of a local file: the reverse of `local_name`."""
    return _LOCAL.sub(r"\1:\2:\3", name)
