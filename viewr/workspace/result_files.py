"""The files of a result, in the layout `viewr-result/1`: label maps, copies of what was drawn, manifest, answers.

Everything is read back before it leaves: what does not come out as it went in is not submitted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viewr.archive.base import ResourceRef
from viewr.model.annotation import Annotation
from viewr.model.answers import with_answer
from viewr.model.errors import ViewrError
from viewr.model.labelmap import Labelmap
from viewr.model.progress import Progress
from viewr.model.result import ResultFile, drawn_copies, fields_document, manifest_document
from viewr.model.scope import FormulaGraph, Results
from viewr.model.state import LabelmapKey
from viewr.model.task_address import safe_name
from viewr.model.task_time import PLACEHOLDERS, file_name
from viewr.model.template import Context
from viewr.workspace.disk import json_bytes
from viewr.workspace.field_time import timer_block
from viewr.workspace.places import file_uri
from viewr.workspace.quality import with_series_uids
from viewr.workspace.read_record import read_block
from viewr.workspace.submit import Snapshot, file_step, provenance


@dataclass
class Made:
    """Files of a submission and the steps that upload them, in order."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    listed: list[ResultFile] = field(default_factory=list)
    #: by context: members of `__viewr__.files`
    referred: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _taken: set[tuple[ResourceRef, str]] = field(default_factory=set)

    def add(self, step: str, role: str, ref: ResourceRef, pattern: str, when: str, data: bytes) -> ResultFile:
        """Take in a file; its name is the pattern with the time, made unique."""
        name = self._unique(ref, pattern, when)
        key = f"{step}-{len(self.files)}"
        self.files[key] = (name, data)
        self.steps.append((step, file_step(key, ref, name)))
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return ResultFile(role, name, file_uri(ref, name), len(data), md5, hashlib.sha256(data).hexdigest())

    def _unique(self, ref: ResourceRef, pattern: str, when: str) -> str:
        """Two files of one name in one resource: the second gets -2 before the time."""
        number, name = 2, file_name(pattern, when)
        while (ref, name.lower()) in self._taken:
            name, number = file_name(_numbered(pattern, number), when), number + 1
        self._taken.add((ref, name.lower()))
        return name


def _numbered(pattern: str, number: int) -> str:
    place = min(pattern.index(part) for part in PLACEHOLDERS if part in pattern)
    place -= pattern[:place].endswith("_")
    return f"{pattern[:place]}-{number}{pattern[place:]}"


def make_files(snapshot: Snapshot, when: str, progress: Progress) -> Made:
    """All files of a result; blocking.

    Parameters
    ----------
    when : str
        The time in all names.

    Raises
    ------
    ViewrError
        If a file does not read back as it was written.
    """
    made = Made()
    template = snapshot.opened.template
    annotation = with_series_uids(snapshot.annotation, template, snapshot.series_uids)
    results = {context.name: computed(context, annotation) for context in template.contexts}
    for context in template.contexts:
        annotation = with_results(annotation, context, results[context.name])
    for key, labelmap in snapshot.labelmaps.items():
        progress.check()
        _add_map(made, snapshot, key, labelmap, when)
    for context in template.contexts:
        _add_copies(made, snapshot, context, annotation, when)
    _add_manifest(made, snapshot, when)
    for context in template.contexts:
        _add_fields(made, snapshot, context, annotation, results[context.name], when)
    return made


def computed(context: Context, annotation: Annotation) -> Results:
    """Scores and validations of a context."""
    drawings = {path: drawn for (name, path), drawn in annotation.drawings.items() if name == context.name}
    return FormulaGraph(context).evaluate_all(annotation.answers.get(context.name, {}), drawings)


def with_results(annotation: Annotation, context: Context, results: Results) -> Annotation:
    """The annotation with scores and validations among the answers of a context."""
    for path, value in {**results.scores, **results.conditions}.items():
        annotation = with_answer(annotation, context.name, path, value)
    return annotation


def _add_map(made: Made, snapshot: Snapshot, key: LabelmapKey, labelmap: Labelmap, when: str) -> None:
    plan = next(plan for plan in snapshot.opened.labelmaps if plan.key == key)
    if plan.save is None:
        raise ViewrError(f"The task does not say where the annotation '{key[1]}' goes.", "Hand the task back.")
    ref, pattern = plan.save
    file = made.add("upload", "annotation", ref, pattern, when, encoded_map(key[1], labelmap))
    made.listed.append(file)
    labels = {str(label.value): label.name for label in labelmap.labels}
    made.referred.setdefault(key[0], []).append(
        {"role": "annotation", "name": key[1], "uri": file.uri, "sha256": file.sha256, "labels": labels}
    )


def encoded_map(name: str, labelmap: Labelmap) -> bytes:
    """A label map as NIfTI, read back and compared voxel by voxel."""
    from viewr.encode.nifti import decode_labelmap, encode_labelmap

    data = encode_labelmap(labelmap.array, labelmap.grid)
    if not np.array_equal(decode_labelmap(data, labelmap.grid), labelmap.array):
        raise ViewrError(f"The annotation '{name}' does not read back as it was drawn.", "Please report this.")
    return data


def _add_copies(made: Made, snapshot: Snapshot, context: Context, annotation: Annotation, when: str) -> None:
    """Markers and contours once more, in files of their own."""
    ref = snapshot.opened.results[context.name]
    answers = annotation.answers.get(context.name, {})
    for path, kind, values in drawn_copies(context, answers, annotation.drawings):
        name = "-".join(safe_name(part) for part in path.split("/"))
        pattern = f"{name}_{kind}_{{timestamp}}.json"
        file = made.add("upload", kind, ref, pattern, when, checked_json(values))
        made.listed.append(file)
        made.referred.setdefault(context.name, []).append(
            {"role": kind, "name": path, "uri": file.uri, "sha256": file.sha256}
        )


def _add_manifest(made: Made, snapshot: Snapshot, when: str) -> None:
    ref = next(iter(snapshot.opened.results.values()))
    document = manifest_document(made.listed, provenance(snapshot, when))
    pattern = f"manifest_{safe_name(snapshot.opened.identity.id or 'local')}_{{timestamp}}.json"
    made.add("manifest", "manifest", ref, pattern, when, checked_json(document))


def _add_fields(
    made: Made, snapshot: Snapshot, context: Context, annotation: Annotation, results: Results, when: str
) -> None:
    ref, pattern = snapshot.opened.fields[context.name]
    failed = [path for path, holds in results.conditions.items() if holds is False]
    block: dict[str, Any] = {
        **provenance(snapshot, when), "scans": _scans(snapshot, context),
        "files": made.referred.get(context.name, []), "validation": {"ok": not failed, "failed": failed},
    }  # fmt: skip
    unread = snapshot.opened.unread.get(context.name)
    block |= {"unread": unread} if unread else {}
    whole = bool(snapshot.opened.template.extra.get("timer"))
    answers = annotation.answers.get(context.name, {})
    times = timer_block(context, answers, snapshot.field_seconds, everything=whole)
    block |= {"timer": times} if times else {}
    read = read_block(snapshot.read, snapshot.slices, context.name, snapshot.frames)
    block |= {"read": read} if read else {}
    document = fields_document(context, answers, annotation.drawings, block)
    made.add("fields", "fields", ref, pattern, when, checked_json(document))


def _scans(snapshot: Snapshot, context: Context) -> dict[str, Any]:
    """Which scans the reader saw."""
    seen = {}
    for key, target in snapshot.opened.scans.items():
        if key[0] == context.name:
            seen[key[1]] = {
                "uri": file_uri(target.ref, target.file), "series_uid": snapshot.series_uids.get(key, ""),
                "sha256": snapshot.digests.get(key, ""),
            }  # fmt: skip
    return seen


def checked_json(value: Any) -> bytes:
    """JSON, read back and compared."""
    data = json_bytes(value)
    if json.loads(data) != value:
        raise ViewrError("An answer does not read back as it was given.", "Please report this.")
    return data
