"""Trying a template without servers and scans: what its reader would see, and what their answers would become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from viewr.archive.base import ResourceRef, Scan
from viewr.model.annotation import Annotation
from viewr.model.answers import get_answer, with_answer
from viewr.model.geometry import Grid
from viewr.model.progress import Progress
from viewr.model.result import fields_document, read_fields
from viewr.model.task import parse_content
from viewr.model.template import DRAWN_CONTROLS, Template, walk_fields
from viewr.model.template_qc import qc_wish
from viewr.model.volume import Volume, Window
from viewr.workspace.document import ScanKey
from viewr.workspace.opening import OpenedTask, TaskIdentity
from viewr.workspace.places import ScanTarget
from viewr.workspace.quality import verdicts, with_scan_rows
from viewr.workspace.result_files import computed, with_results

#: What stands in every viewport, so that nobody takes the picture for a patient's.
DESCRIPTION = "placeholder"
#: More contexts and viewports in all are not tried: they would keep the author waiting at each key.
MOST_CONTEXTS, MOST_VIEWPORTS = 8, 32


def trial_task(template: Template, label: str, answers: Mapping[str, object] | None = None) -> OpenedTask:
    """A task of a template that nobody gave.

    Parameters
    ----------
    label : str
        What the template is called.
    answers : mapping of str to fields document, optional
        Context name -> what its form starts with; see `trial_results`.
    """
    scans = {
        (context.name, scan.name): _target(scan.name) for context in template.contexts for scan in context.scans
    }
    identity = TaskIdentity("preview", "preview", "", "reader", label="preview")
    annotation = _without_other_scans(_annotation(template, answers or {}), template)
    annotation = with_scan_rows(annotation, template, scans)
    return OpenedTask(identity, template, label, parse_content("{}"), "", annotation, {})


def _annotation(template: Template, given: Mapping[str, object]) -> Annotation:
    annotation = Annotation()
    for context in template.contexts:
        read, drawn, _unread = read_fields(given.get(context.name, {}), context)
        annotation = replace(
            annotation, answers={**annotation.answers, context.name: read}, drawings={**annotation.drawings, **drawn}
        )
    return annotation


def _without_other_scans(annotation: Annotation, template: Template) -> Annotation:
    """Without the rows of scans that the text before had."""
    path = str((template.quality or {}).get("listing") or "").replace(".", "/")
    for context in template.contexts if path else ():
        names = {scan.name for scan in context.scans}
        rows = get_answer(annotation.answers.get(context.name, {}), path)
        if isinstance(rows, list | tuple) and any(row.get("scan") not in names for row in rows):
            kept = [row for row in rows if row.get("scan") in names]
            annotation = with_answer(annotation, context.name, path, kept)
    return annotation


def _target(name: str) -> ScanTarget:
    return ScanTarget(ResourceRef("", name, ""), Scan(name, name))


def trial_results(template: Template, annotation: Annotation) -> dict[str, dict[str, object]]:
    """The fields document of each context, as it would be submitted, but for who and when."""
    documents = {}
    for context in template.contexts:
        whole = with_results(annotation, context, computed(context, annotation))
        documents[context.name] = fields_document(context, whole.answers.get(context.name, {}), whole.drawings, {})
    return documents


@dataclass(frozen=True)
class Outcome:
    """What a trial would send.

    Attributes
    ----------
    text : str
        `trial_results` as text to read; a single context without its name.
    quality : str
        What the archive would get of the quality of scans, in a sentence; "" for templates without verdicts.
    """

    text: str
    quality: str


def outcome(template: Template, annotation: Annotation, _progress: Progress) -> Outcome:
    """What a trial would send as it stands."""
    documents = trial_results(template, annotation)
    shown = next(iter(documents.values())) if len(documents) == 1 else documents
    return Outcome(json.dumps(shown, indent=2, ensure_ascii=False), quality_sentence(template, annotation))


def quality_sentence(template: Template, annotation: Annotation) -> str:
    """What the archive would get of the quality of scans; "" for templates without verdicts."""
    if template.quality is None:
        return "The archive would get no quality of scans: the template says nothing of it (quality)." \
            if qc_wish(template) else ""  # fmt: skip
    several = len(template.contexts) > 1
    names = {
        (context.name, scan.name): f"{context.name}/{scan.name}" if several else scan.name
        for context in template.contexts for scan in context.scans
    }  # fmt: skip
    said = verdicts(annotation, template, {key: _target(name) for key, name in names.items()})
    if not said:
        return "The archive would get no quality of scans yet."
    parts = [f"{one.target.scan.id}: {one.quality}" + (f" (“{one.note}”)" if one.note else "") for one in said]
    return f"The archive would get as quality of the scans: {', '.join(parts)}."


def begins_in_qc(template: Template) -> bool:
    """Whether a trial begins with the page of quality control: asked for, or one verdict and nothing to draw."""
    wish = qc_wish(template)
    fields = [field for context in template.contexts for _, field in walk_fields(context.fields)]
    draws = any(field.control in DRAWN_CONTROLS for field in fields)
    paints = any(spec.editable for context in template.contexts for spec in context.annotations)
    return wish == "asked" or (wish == "offered" and not draws and not paints)


def too_many(template: Template) -> str:
    """Why a template is not for a trial, in a sentence: no screen shows so much; "" if it is."""
    contexts = len(template.contexts)
    viewports = sum(len(context.viewports) for context in template.contexts)
    for count, most, noun in ((contexts, MOST_CONTEXTS, "contexts"), (viewports, MOST_VIEWPORTS, "viewports")):
        if count > most:
            return f"The template has {count} {noun}; with more than {most} it cannot be tried here."
    return ""


@lru_cache(maxsize=4)
def placeholder(modality: str) -> Volume:
    """An egg of 192 x 240 x 160 mm with a grid of 20 mm inside: no anatomy, but sides can be told apart."""
    shape, spacing = (96, 120, 80), 2.0
    i, j, k = np.ogrid[: shape[0], : shape[1], : shape[2]]
    radius = ((i - 47.5) / 40) ** 2 + ((j - 55) / 52) ** 2 + ((k - 39.5) / 34) ** 2
    lines = (i % 10 == 3) | (j % 10 == 3) | (k % 10 == 3)
    array = np.where(radius < 1, 500 + 3 * i + 2 * j + k + 150 * lines, 0).astype(np.int16)
    corner = [-spacing * (n - 1) / 2 for n in shape]
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = corner
    return Volume(
        np.asfortranarray(array), Grid(shape, affine, frame_of_reference="1.2.840.0"), modality=modality,
        description=DESCRIPTION, windows=(Window(1800, 850),),
    )  # fmt: skip


def scan_modalities(template: Template) -> dict[ScanKey, str]:
    """What the template says of the kind of each scan."""
    return {(context.name, scan.name): scan.modality for context in template.contexts for scan in context.scans}
