"""Images on this machine as an open task, with a template or without; no servers."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewr.model.errors import FormatError
from viewr.model.progress import Progress
from viewr.model.task import TaskContent, parse_content
from viewr.model.template import Template, load_template
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.local_archive import IMAGES, LocalArchive, LocalSeries, experiment_name, find_series
from viewr.workspace.opening import OpenedTask, TaskIdentity, prepare_opened, read_template, with_journal
from viewr.workspace.places import Places
from viewr.workspace.task_session import TaskSession

#: Where results go unless a folder is named.
RESULTS = Path("viewr-results")
#: Series that are shown without a template.
SHOWN = 3
#: Series that are opened without a template, and bytes of files that those beside the shown ones may bring it to.
OPENED = 12
OPENED_BYTES = 1_500_000_000


@dataclass(frozen=True, eq=False)
class LocalTask:
    """Local images, found and ready to be shown."""

    opened: OpenedTask
    archive: LocalArchive

    def session(self, jobs: Jobs, folders: Folders) -> TaskSession:
        """The open task; to be made in the thread of the GUI."""
        return TaskSession(self.opened, self.archive, jobs, folders, direct=True)


def prepare_local(
    paths: Sequence[Path], template: Path | None, results: Path | None, folders: Folders, progress: Progress
) -> LocalTask:
    """Find local images and make a task of them; blocking.

    Parameters
    ----------
    paths : sequence of Path
        Folders and files, DICOM or NIfTI; each series is one scan.
    template : Path, optional
        Its scans get the series by name where one fits, else in order. Without one the images are only shown, unless
        there is a place for results.
    results : Path, optional
        Folder for results, in the layout of an archive.
    """
    shown = read_template(template.name, read_file(template)) if template else None
    found, notices = with_pictures(find_series(paths, progress))
    series = found if shown else largest(found)
    if len(series) < len(found):
        notices += (f"{len(found)} series are there, the largest {len(series)} are opened. Name the files or the "
                    "folder of another one to see it.",)  # fmt: skip
    label = template.name.split(".")[0] if template else "viewer"
    experiment = experiment_name(paths[0])
    archive = LocalArchive((results or RESULTS).absolute(), _user(), experiment, series)
    identity = _identity(paths, archive, archive.user, experiment, label)
    read_only = template is None and results is None
    shown = shown or viewer_template(series, draws=not read_only)
    opened = _opened(archive, identity, shown, label, series, read_only, progress)
    opened = replace(opened, notices=(*notices, *opened.notices))
    return LocalTask(opened if read_only else with_journal(opened, folders, True), archive)


def open_local(
    paths: Sequence[Path], template: Path | None, results: Path | None, jobs: Jobs, folders: Folders
) -> TaskSession:
    """Open local images as a task, at once; see `prepare_local`."""
    return prepare_local(paths, template, results, folders, Progress()).session(jobs, folders)


def with_pictures(series: Sequence[LocalSeries]) -> tuple[list[LocalSeries], tuple[str, ...]]:
    """The series that may hold pictures, and what is said of the others; all of them if none does."""
    pictures = [one for one in series if not one.refused]
    others = [one.refused for one in series if one.refused]
    if not pictures or not others:
        return list(series), ()
    more = f" It is left out, and {len(others) - 1} more alike." if len(others) > 1 else " It is left out."
    return pictures, (others[0] + more,)


def largest(series: Sequence[LocalSeries]) -> list[LocalSeries]:
    """What is opened without a template, each loaded whole: first the few largest, which are shown, then the others.

    Those that are not shown stand in the row of scans, as far as the memory should go.
    """
    by_size = sorted(series, key=_size, reverse=True)
    shown = by_size[:SHOWN]
    room, others = OPENED_BYTES - sum(map(_size, shown)), list[LocalSeries]()
    for one in by_size[SHOWN:OPENED]:
        room -= one.size
        others += [one] if room >= 0 else []
    return [one for one in series if one in shown] + [one for one in series if one in others]


def _size(series: LocalSeries) -> int:
    return series.size


def _opened(
    archive: LocalArchive,
    identity: TaskIdentity,
    template: Template,
    label: str,
    series: Sequence[LocalSeries],
    read_only: bool,
    progress: Progress,
) -> OpenedTask:
    content = local_content(template, series, identity.experiment)
    places = Places(archive, content.xnat)
    opened = prepare_opened(places, identity, template, label, content, read_only, progress)
    problems = tuple(f"Template: {problem}" for problem in template.problems if problem.severity == "error")
    digest = hashlib.sha256(content.raw.encode()).hexdigest()
    return replace(opened, notices=(*problems, *opened.notices), content_sha256=digest)


def _identity(paths: Sequence[Path], archive: LocalArchive, user: str, experiment: str, label: str) -> TaskIdentity:
    where = "\n".join([label, *sorted(str(path.resolve()) for path in paths)])
    uri = "local:" + hashlib.sha256(where.encode()).hexdigest()[:16]
    return TaskIdentity("", uri, "", user, archive=archive.url, experiment=experiment, label=experiment)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "local"


def read_file(path: Path) -> str:
    """Text of a template file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise FormatError(f"The template '{path}' cannot be read.", "It should be a text file in UTF-8.") from exc


def local_content(template: Template, series: Sequence[LocalSeries], experiment: str) -> TaskContent:
    """The content of a task over local series."""
    contexts = {
        context.name: {
            "scans": {
                name: f"scans/{number}/resources/{IMAGES}"
                for name, number in chosen_series([scan.name for scan in context.scans], series).items()
            }
        }
        for context in template.contexts
    }
    document = {"format": "viewr-task/1", "xnat": {"experiment": experiment}, "contexts": contexts}
    return parse_content(json.dumps(document))


def chosen_series(names: Sequence[str], series: Sequence[LocalSeries]) -> dict[str, str]:
    """Scan name -> number of its series: by name where one fits, then what is left, in order."""
    left = {str(number): one.name.lower() for number, one in enumerate(series, 1)}
    chosen: dict[str, str] = {}
    for fits in (str.__eq__, str.__contains__):
        for name in (name for name in names if name not in chosen):
            fitting = next((number for number, text in left.items() if fits(text, name.lower())), None)
            if fitting is not None:
                chosen[name] = fitting
                del left[fitting]
    for name, number in zip((name for name in names if name not in chosen), list(left), strict=False):
        chosen[name] = number
    return {name: chosen[name] for name in names if name in chosen}


def scan_names(series: Sequence[LocalSeries]) -> list[str]:
    """A name of its own for each series: its description, numbered where several have the same."""
    names: list[str] = []
    for one in series:
        number, name = 1, one.name
        while name in names:
            number += 1
            name = f"{one.name} {number}"
        names.append(name)
    return names


def viewer_template(series: Sequence[LocalSeries], draws: bool = True) -> Template:
    """A template for images without one: three planes of a volume, or several series side by side.

    Parameters
    ----------
    draws : bool
        With labels to paint and room for notes.
    """
    names = scan_names(series)
    if len(series) == 1 and not series[0].plane:
        views = [(names[0], plane) for plane in ("Transversal", "Coronal", "Sagittal")]
    else:
        views = [(name, one.plane or "Transversal") for name, one in zip(names[:SHOWN], series, strict=False)]
    viewports = [
        {
            "type": "viewport", "name": f"view{x + 1}", "scan": name, "annotation": "drawing" if draws else None,
            "x": x, "y": 0, "linked": True, "orientation": plane, "interpolation": "linear",
        }
        for x, (name, plane) in enumerate(views)
    ]  # fmt: skip
    labels = {str(value): {"name": f"Label {value}"} for value in (1, 2, 3)}
    drawing = {"type": "pixel", "editable": True, "editors": ["pixel"], "labels": labels}
    notes = {"control": "TextBox", "type": "String", "label": "Notes", "x": 0, "y": 0}
    document = {
        "template_name": "viewer", "sop": "", "viewports": viewports,
        "scans": {name: {"modality": "", "protocols": one.name} for name, one in zip(names, series, strict=True)},
        "annotations": {"drawing": drawing} if draws else None, "qa_fields": {"notes": notes} if draws else {},
    }  # fmt: skip
    return load_template(json.dumps(document))
