"""Images on this machine as an open task, with a template or without; no servers."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from viewr.model.errors import FormatError
from viewr.model.progress import Progress
from viewr.model.task import TaskContent, parse_content
from viewr.model.template import Template, load_template
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.local_archive import IMAGES, LocalArchive, LocalSeries, experiment_name, find_series
from viewr.workspace.opening import OpenedTask, TaskIdentity, prepare_opened, with_journal
from viewr.workspace.places import Places
from viewr.workspace.task_session import TaskSession

#: Where results go unless a folder is named.
RESULTS = Path("viewr-results")
#: Series that the template made for images without one shows at first.
SHOWN = 3


def open_local(
    paths: Sequence[Path], template: Path | None, results: Path | None, jobs: Jobs, folders: Folders
) -> TaskSession:
    """Open local images as a task.

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
    series = find_series(paths)
    shown = load_template(_read(template)) if template else viewer_template(series)
    label = template.name.split(".")[0] if template else "viewer"
    user = _user()
    experiment = experiment_name(paths[0])
    archive = LocalArchive((results or RESULTS).absolute(), user, experiment, series)
    identity = _identity(paths, archive, user, experiment, label)
    opened = _opened(archive, identity, shown, label, series, read_only=template is None and results is None)
    if not opened.read_only:
        opened = with_journal(opened, folders, True)
    return TaskSession(opened, archive, jobs, folders, direct=True)


def _opened(
    archive: LocalArchive,
    identity: TaskIdentity,
    template: Template,
    label: str,
    series: Sequence[LocalSeries],
    read_only: bool,
) -> OpenedTask:
    content = local_content(template, series, identity.experiment)
    places = Places(archive, content.xnat)
    opened = prepare_opened(places, identity, template, label, content, read_only, Progress())
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


def _read(path: Path) -> str:
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
    for name in names:
        fitting = next((number for number, text in left.items() if name.lower() in text), None)
        if fitting is not None:
            chosen[name] = fitting
            del left[fitting]
    for name, number in zip((name for name in names if name not in chosen), list(left), strict=False):
        chosen[name] = number
    return chosen


def viewer_template(series: Sequence[LocalSeries]) -> Template:
    """A template for images without one: three planes of one series, or several side by side, and room for notes."""
    names = [f"image{number}" for number in range(1, len(series) + 1)]
    if len(names) == 1:
        views = [("image1", plane) for plane in ("Transversal", "Coronal", "Sagittal")]
    else:
        views = [(name, "Transversal") for name in names[:SHOWN]]
    viewports = [
        {
            "type": "viewport", "name": f"view{x + 1}", "scan": name, "annotation": "drawing", "x": x, "y": 0,
            "linked": True, "orientation": plane, "interpolation": "linear",
        }
        for x, (name, plane) in enumerate(views)
    ]  # fmt: skip
    labels = {str(value): {"name": f"Label {value}"} for value in (1, 2, 3)}
    document = {
        "template_name": "viewer", "sop": "", "viewports": viewports,
        "scans": {name: {"modality": "", "protocols": one.name} for name, one in zip(names, series, strict=True)},
        "annotations": {"drawing": {"type": "pixel", "editable": True, "editors": ["pixel"], "labels": labels}},
        "qa_fields": {"notes": {"control": "TextBox", "type": "String", "label": "Notes", "x": 0, "y": 0}},
    }  # fmt: skip
    return load_template(json.dumps(document))
