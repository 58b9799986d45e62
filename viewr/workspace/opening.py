"""What is asked of the servers before a task can be shown: blocking functions, run as jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from viewr import __version__
from viewr.archive.base import ResourceRef
from viewr.model.annotation import Annotation
from viewr.model.errors import ArchiveError, LockedError, TaskError, TemplateError, ViewrError
from viewr.model.progress import Progress
from viewr.model.state import LabelmapKey
from viewr.model.task import AnnotationSource, Loading, TaskContent, parse_content
from viewr.model.task_address import annotation_address, results_address
from viewr.model.task_time import stamp, stamped
from viewr.model.template import AnnotationSpec, Context, Template, load_template
from viewr.model.template_item import closest
from viewr.supervisor.client import Task, TemplateText, openable
from viewr.workspace.earlier import fields_place, load_earlier
from viewr.workspace.filelock import InUseError
from viewr.workspace.journal import Journal, JournalHeader, create
from viewr.workspace.journal_read import Recovered, clear_unbegun, journal_path, put_aside, resume
from viewr.workspace.look_keeping import KeptLook, with_look
from viewr.workspace.places import Places, ScanTarget
from viewr.workspace.quality import with_scan_rows

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.supervisor.client import SupervisorClient
    from viewr.supervisor.keeping import LockKeeper
    from viewr.workspace.folders import Folders

#: (context name, scan name of the template)
ScanKey = tuple[str, str]


class NotQueuedError(TaskError):
    """Somebody has done the task already, or taken it back."""


@dataclass(frozen=True)
class TaskIdentity:
    """Which task, and who reads it.

    Attributes
    ----------
    server : str
        Base URL of the supervisor; "" without one.
    uri, id : str
        "/api/v1/tasks/20" and "20".
    archive : str
        Base URL of the archive.
    experiment : str
        Accession id of the experiment ("XNAT_E00001").
    label : str
        What the study calls the experiment, for display.
    """

    server: str
    uri: str
    id: str
    user: str
    project: str = ""
    archive: str = ""
    subject: str = ""
    experiment: str = ""
    label: str = ""


@dataclass(frozen=True)
class LabelmapPlan:
    """Where the voxels of an annotation come from, and on which grid they lie.

    Attributes
    ----------
    space : ScanKey
        The scan whose grid applies.
    source : (ResourceRef, str) or None
        Earlier map to start from.
    save : (ResourceRef, str) or None
        Where the edited map goes: resource, and pattern of the name; None if its scan is not there.
    """

    key: LabelmapKey
    spec: AnnotationSpec
    space: ScanKey
    source: tuple[ResourceRef, str] | None = None
    save: tuple[ResourceRef, str] | None = None


@dataclass(frozen=True, eq=False)
class OpenedTask:
    """Everything known of a task before its scans arrive.

    Attributes
    ----------
    annotation : Annotation
        What the form starts with.
    scans : mapping
        Scans in the order in which the reader needs them.
    missing : mapping
        Scans that cannot be shown, and why.
    fields, results : mapping
        Context name -> where its answers go (resource, pattern of the name), and the rest.
    journal : Journal or None
        Open for writing; None when read-only.
    recovered : Recovered or None
        What the journal held, if the task is resumed.
    unread : mapping
        Context name -> members of an earlier result that no field takes; they are passed through.
    status : str
        Of the task when it was opened: "done" means that its result is corrected.
    kept : KeptLook or None
        How the views were left.
    """

    identity: TaskIdentity
    template: Template
    template_label: str
    content: TaskContent
    content_sha256: str
    annotation: Annotation
    scans: Mapping[ScanKey, ScanTarget]
    missing: Mapping[ScanKey, ViewrError] = field(default_factory=dict)
    labelmaps: tuple[LabelmapPlan, ...] = ()
    fields: Mapping[str, tuple[ResourceRef, str]] = field(default_factory=dict)
    results: Mapping[str, ResourceRef] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    read_only: bool = False
    holder: str = ""
    started: str = ""
    journal: Journal | None = None
    recovered: Recovered | None = None
    unread: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    status: str = "queued"
    kept: KeptLook | None = None


@dataclass(frozen=True, eq=False)
class Services:
    """What a task is opened with.

    Attributes
    ----------
    application_names : tuple of str
        Programs that this one stands in for.
    variables : mapping of str to str
        Values of `$NAME` that servers left in the content.
    """

    supervisor: SupervisorClient
    archive: Archive
    keeper: LockKeeper
    folders: Folders
    application_names: tuple[str, ...] = ("ViewR",)
    variables: Mapping[str, str] = field(default_factory=dict)


def open_task(
    services: Services, task_id: str, read_only: bool, steal: bool, resumes: bool, progress: Progress
) -> OpenedTask:
    """Lock a task and find everything it needs; blocking.

    Parameters
    ----------
    read_only : bool
        Take no lock and allow no edit.
    steal : bool
        Take the lock from who holds it.
    resumes : bool
        Go on from the journal of this task, if there is one; else it is put aside.

    Raises
    ------
    LockedError
        Somebody else holds the task.
    ViewrError
        The task cannot be shown; the lock is given back.
    """
    if read_only:
        return _open(services, task_id, True, resumes, progress)
    # Taking a lock waits a second to be sure of it; the rest is fetched meanwhile.
    with ThreadPoolExecutor(1, thread_name_prefix="viewr-lock") as pool:
        locking = pool.submit(services.keeper.take, task_id, steal=steal)
        opened: OpenedTask | None = None
        try:
            opened = _open(services, task_id, False, resumes, progress)
            locking.result()
            progress.check()
        except BaseException:
            if opened is not None and opened.journal is not None:
                opened.journal.close(remove=opened.recovered is None)
            if locking.exception() is None:
                services.keeper.release(task_id)
            _prefer_locked(locking.exception())
            raise
    return opened


def _prefer_locked(error: BaseException | None) -> None:
    """That somebody else holds the task says more than whatever failed beside it."""
    if isinstance(error, LockedError):
        raise error


def open_first(services: Services, task_ids: Sequence[str], progress: Progress) -> OpenedTask:
    """Open the first of some tasks that can be opened for work; blocking.

    Raises
    ------
    ViewrError
        None can be; names the reason of the last.
    """
    reason: ViewrError | None = None
    for task_id in task_ids:
        try:
            return open_task(services, task_id, False, False, True, progress)
        except (LockedError, TaskError, InUseError) as error:
            reason = error
    why = f" Task {task_ids[-1]}: {reason.message}" if reason else ""
    raise ViewrError(f"No task is left that you can open.{why}", "Refresh the list later.")


def _open(services: Services, task_id: str, read_only: bool, resumes: bool, progress: Progress) -> OpenedTask:
    opened = look_up(services, task_id, read_only, ("queued",), None, progress)
    return opened if read_only else with_journal(opened, services.folders, resumes)


def check_status(task: Task, fitting: Sequence[str]) -> None:
    """Raise `NotQueuedError` unless a task has one of the statuses."""
    if task.status not in fitting:
        raise NotQueuedError(f"Task {task.id} is '{task.status}', not queued.", "It can be opened to look at.")


def _loading(content: TaskContent, load: Loading) -> TaskContent:
    """The content with another choice of earlier answers to start with."""
    contexts = {
        name: replace(context, fields=replace(context.fields, load=load)) for name, context in content.contexts.items()
    }
    return replace(content, contexts=contexts)


def content_digest(task: Task) -> str:
    """Stands for the content of a task."""
    return hashlib.sha256(task.content.encode()).hexdigest()


def look_up(
    services: Services, task_id: str, read_only: bool, statuses: Sequence[str], load: Loading | None,
    progress: Progress,
) -> OpenedTask:
    """Everything but lock and journal; `load` other than None replaces what the task says of earlier answers."""
    task = services.supervisor.task(task_id)
    refusal = openable(task, services.application_names, __version__)
    if refusal and not read_only:
        raise TaskError(refusal, "It can be opened to look at.")
    if not read_only:
        check_status(task, statuses)
    content = parse_content(task.content, services.variables)
    if load is not None:
        content = _loading(content, load)
    text = _template_text(services.supervisor, task, content)
    progress.check()
    template = read_template(text.label, text.text)
    notices = _notices(task, content, text, template)
    holder = _holder(services, task_id) if read_only else ""
    places = Places(services.archive, content.xnat)
    identity = _identity(services, task, content, places.experiment())
    opened = prepare_opened(places, identity, template, text.label, content, read_only, progress)
    return replace(
        opened, content_sha256=content_digest(task), holder=holder, notices=(*notices, *opened.notices),
        status=task.status,
    )  # fmt: skip


def _template_text(supervisor: SupervisorClient, task: Task, content: TaskContent) -> TemplateText:
    ref = task.template_ref or content.template
    if not ref:
        raise TaskError(f"Task {task.id} has no template.", "It may have been deleted; ask the study's coordinator.")
    return supervisor.template(ref)


def read_template(label: str, text: str) -> Template:
    """A template; what is wrong with it names it."""
    try:
        return load_template(text)
    except TemplateError as error:
        message = error.message.removeprefix("The template ")
        raise TemplateError(f"The template '{label}' {message}", error.hint) from error


def _notices(task: Task, content: TaskContent, text: TemplateText, template: Template) -> list[str]:
    notices = [f"Template '{text.label}': {problem}" for problem in template.problems if problem.severity == "error"]
    notices += [f"Task {task.id}: {problem}" for problem in content.problems]
    if task.template_ref and content.template and content.template != text.label:
        notices.append(f"The content of task {task.id} names the template '{content.template}'; "
                       f"the task has '{text.label}', which is used.")  # fmt: skip
    return notices


def _holder(services: Services, task_id: str) -> str:
    state = services.supervisor.lock(task_id)
    return "" if state.mine else state.holder


def _identity(services: Services, task: Task, content: TaskContent, experiment: str) -> TaskIdentity:
    xnat = content.xnat
    return TaskIdentity(
        server=services.supervisor.url, uri=task.uri, id=task.id, user=services.supervisor.user,
        project=xnat.project or task.project, archive=services.archive.url, subject=xnat.subject,
        experiment=experiment, label=xnat.label or experiment,
    )  # fmt: skip


def absent_notice(scan: str) -> str:
    """What is said of a scan that the session may lack."""
    return f"The optional scan '{scan}' is not there."


def prepare_opened(
    places: Places,
    identity: TaskIdentity,
    template: Template,
    label: str,
    content: TaskContent,
    read_only: bool,
    progress: Progress,
) -> OpenedTask:
    """Find scans and earlier results; blocking, with or without a supervisor."""
    scans: dict[ScanKey, ScanTarget] = {}
    missing: dict[ScanKey, ViewrError] = {}
    notices: list[str] = []
    for key in scan_order(template):
        progress.check()
        try:
            target = _target(places, content, key)
        except (ArchiveError, TaskError) as error:
            if is_required(content, key):
                missing[key] = error
            else:
                notices.append(absent_notice(key[1]))
            continue
        scans[key] = target
        notices.extend([target.note] if target.note else [])
    earlier = load_earlier(places, content, template, label, identity.user, progress)
    names = [context.name for context in template.contexts]
    notices.extend(_wrong_spaces(template, content))
    return OpenedTask(
        identity, template, label, content, "", with_scan_rows(earlier.annotation, template, scans), scans, missing,
        tuple(_plans(places, template, content, scans, earlier.maps)),
        {name: fields_place(places, content, name, label) for name in names},
        {name: places.resource(content.context(name).results or results_address()) for name in names},
        (*notices, *earlier.notices), read_only, started=stamp(datetime.now(UTC)) + "Z", unread=earlier.unread,
    )  # fmt: skip


def scan_order(template: Template) -> list[ScanKey]:
    """Scans in the order in which the reader sees them: by context, then by viewport, then those in no viewport."""
    keys: dict[ScanKey, None] = {}
    for context in template.contexts:
        for viewport in sorted(context.viewports, key=_cell):
            keys[(context.name, viewport.scan)] = None
        for scan in context.scans:
            keys[(context.name, scan.name)] = None
    known = {(context.name, scan.name) for context in template.contexts for scan in context.scans}
    return [key for key in keys if key in known]


def _cell(viewport: object) -> tuple[int, int]:
    return getattr(viewport, "y", 0), getattr(viewport, "x", 0)


def is_required(content: TaskContent, key: ScanKey) -> bool:
    """Whether a task cannot be done without a scan."""
    source = content.context(key[0]).scans.get(key[1])
    return source is None or source.required


def _target(places: Places, content: TaskContent, key: ScanKey) -> ScanTarget:
    source = content.context(key[0]).scans.get(key[1])
    if source is None:
        raise TaskError(f"The task does not say where the scan '{key[1]}' is.", "Ask the study's coordinator.")
    return places.scan_target(key[1], source.address)


def _plans(
    places: Places,
    template: Template,
    content: TaskContent,
    scans: Mapping[ScanKey, ScanTarget],
    maps: Mapping[LabelmapKey, tuple[ResourceRef, str]],
) -> list[LabelmapPlan]:
    plans = []
    for context in template.contexts:
        for spec in context.annotations:
            key = (context.name, spec.name)
            source = content.context(context.name).annotations.get(spec.name)
            space = (context.name, _space(context, spec.name, source))
            save = _save_place(places, source, spec.name, scans.get(space)) if spec.editable else None
            plans.append(LabelmapPlan(key, spec, space, maps.get(key), save))
    return plans


def _save_place(
    places: Places, source: AnnotationSource | None, name: str, space: ScanTarget | None
) -> tuple[ResourceRef, str] | None:
    """Where an edited label map goes; a name without a place for the time gets one."""
    address = (source.save or source.address) if source else None
    if address is not None and address.resource:
        default = annotation_address("", name).file
        return places.resource(address), stamped(address.file or default)
    if space is None:
        return None
    address = annotation_address(space.scan.id, name)
    return ResourceRef(space.ref.experiment, address.scan, address.resource), address.file


def _space(context: Context, annotation: str, source: AnnotationSource | None) -> str:
    """The scan whose grid an annotation has: the one that the task names, else one that it is shown on.

    A name that is no scan is kept where the views do not settle it; then there is no label map.
    """
    named = source.space if source else ""
    if not named:
        return _shown_on(context, annotation)
    if named in {scan.name for scan in context.scans}:
        return named
    shown = {viewport.scan for viewport in context.viewports if viewport.annotation == annotation}
    return shown.pop() if len(shown) == 1 else named


def _wrong_spaces(template: Template, content: TaskContent) -> list[str]:
    """Sentences on annotations whose `space` is no scan of their context."""
    notices = []
    for context in template.contexts:
        names = [scan.name for scan in context.scans]
        for spec in context.annotations:
            source = content.context(context.name).annotations.get(spec.name)
            if source is None or not source.space or source.space in names:
                continue
            used = _space(context, spec.name, source)
            outcome = f"The scan '{used}' is used, on which it is shown." if used in names else "It cannot be shown."
            notices.append(f"Annotation '{spec.name}': its space '{source.space}' is no scan of the template."
                           f"{closest(source.space, names)} {outcome}")  # fmt: skip
    return notices


def _shown_on(context: Context, annotation: str) -> str:
    """The scan on which an annotation is shown first."""
    for viewport in context.viewports:
        if viewport.annotation == annotation:
            return viewport.scan
    return context.scans[0].name if context.scans else ""


def with_journal(opened: OpenedTask, folders: Folders, resumes: bool) -> OpenedTask:
    """The task with its journal: the one from before, or a new one."""
    path = journal_of(opened.identity, folders)
    clear_unbegun(path)
    if path.exists() and not resumes:
        put_aside(path)
    opened = with_look(opened, path, folders, resumes)
    return _resumed(opened, *resume(path)) if path.exists() else begin_journal(opened, folders)


def journal_of(identity: TaskIdentity, folders: Folders) -> Path:
    """Where the journal of a task is, or would be."""
    return journal_path(folders.journals, identity.server, identity.uri, identity.user)


def begin_journal(opened: OpenedTask, folders: Folders) -> OpenedTask:
    """The task with a new journal; raises `ViewrError` where there is one already."""
    identity = opened.identity
    task = {"server": identity.server, "uri": identity.uri, "id": identity.id, "user": identity.user,
            "project": identity.project, "label": identity.label, "template": opened.template_label,
            "status": opened.status}  # fmt: skip
    header = JournalHeader(task, opened.template.sha256, opened.content_sha256, opened.annotation, opened.started)
    return replace(opened, journal=create(journal_of(identity, folders), header))


def _resumed(opened: OpenedTask, journal: Journal, recovered: Recovered) -> OpenedTask:
    notices = list(opened.notices)
    if recovered.header.template_sha256 != opened.template.sha256:
        notices.append("The template of this task was changed since you worked on it; check all your answers.")
    if recovered.header.content_sha256 != opened.content_sha256:
        notices.append("The task was changed since you worked on it; check that the scans are still the same.")
    if recovered.steps:
        notices.append("The task is as you left it; undo reaches back to where you began.")
    return replace(
        opened, journal=journal, recovered=recovered, annotation=recovered.header.base,
        started=recovered.header.started or opened.started, notices=tuple(notices),
    )  # fmt: skip
