"""What a task says: where its scans, earlier annotations and results lie in the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from viewr.model.template import Problem

#: The format that we define; any other content is read by its rules as far as it fits.
FORMAT = "viewr-task/1"
#: The context that members outside `contexts` belong to.
DEFAULT_CONTEXT = "default"

Loading = Literal["mine", "latest", "none"]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Address:
    """A scan, a resource or files in an archive.

    Attributes
    ----------
    text : str
        The address as the task gave it.
    form : {"relative", "path", "absolute"}
        Relative to the experiment, a path on the task's server, or with a server of its own.
    server : str
        Base URL of the archive ("https://xnat.example.org/xnat"); "" where the task names none: the one of the
        settings. Credentials go to it only if it is a configured server.
    project, subject, experiment : str
        Ids or labels; "" where unknown.
    scan : str
        Scan id, type or description, with the wildcards `*` and `?`; "" is the experiment itself.
    resource : str
        Label of the resource; "" is the scan as a whole.
    file : str
        Path inside the resource, may hold {timestamp}, {latest_timestamp}, {ext}; "" is the whole resource.
    """

    text: str = ""
    form: Literal["relative", "path", "absolute"] = "relative"
    server: str = ""
    project: str = ""
    subject: str = ""
    experiment: str = ""
    scan: str = ""
    resource: str = ""
    file: str = ""

    @property
    def has_wildcard(self) -> bool:
        """Whether the scan is a pattern that several scans may match."""
        return "*" in self.scan or "?" in self.scan


@dataclass(frozen=True)
class ScanSource:
    """Where the data of a scan of the template come from."""

    name: str
    address: Address
    required: bool = True
    type: str = ""


@dataclass(frozen=True)
class AnnotationSource:
    """Where a label map comes from and goes to.

    Attributes
    ----------
    address : Address or None
        Earlier map to start from.
    save : Address or None
        Where the edited map goes; None is the default place (`annotation_address`).
    space : str
        Name of the scan whose grid applies; "" is the one of the viewport that shows the annotation.
    """

    name: str
    address: Address | None = None
    save: Address | None = None
    required: bool = False
    space: str = ""
    type: str = ""


@dataclass(frozen=True)
class FieldsSource:
    """Where the answers go to, and which earlier ones the form starts with."""

    address: Address | None = None
    load: Loading = "mine"
    initial: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True)
class TaskContext:
    """What the task says about one context of the template."""

    name: str
    scans: Mapping[str, ScanSource] = field(default_factory=lambda: _NOTHING)
    annotations: Mapping[str, AnnotationSource] = field(default_factory=lambda: _NOTHING)
    fields: FieldsSource = field(default_factory=FieldsSource)
    results: Address | None = None


@dataclass(frozen=True)
class XnatRef:
    """The experiment that the task is about; "" where the task does not say."""

    url: str = ""
    project: str = ""
    subject: str = ""
    experiment: str = ""
    label: str = ""


@dataclass(frozen=True)
class TaskContent:
    """The content of a task.

    Attributes
    ----------
    format : str
        "viewr-task/1", or "" for content of another kind, read as far as it fits.
    template : str
        Template that the content names, "" if none; the task's own `template` goes first.
    contexts : mapping of str to TaskContext
        By name of the context; empty if nothing in the content could be used: then `raw` is shown.
    """

    format: str
    template: str
    xnat: XnatRef
    contexts: Mapping[str, TaskContext]
    problems: tuple[Problem, ...] = ()
    raw: str = ""

    def context(self, name: str) -> TaskContext:
        """What the task says about a context; nothing at all if it does not name it."""
        return self.contexts.get(name) or TaskContext(name)


def parse_content(text: str, variables: Mapping[str, str] | None = None) -> TaskContent:
    """Read the content of a task, ours or of another maker.

    Parameters
    ----------
    text : str
        JSON or YAML as the supervisor serves it.
    variables : mapping, optional
        Values of `$NAME` that the servers left unresolved, from the settings.

    Raises
    ------
    TaskError
        If an address holds an unknown `$NAME` or leaves its place, or the text is beyond the limits.
    """
    from viewr.model.task_read import read_content  # the reader builds the classes above

    return read_content(text, variables or {})
