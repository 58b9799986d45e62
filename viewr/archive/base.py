"""What every archive offers, and the nouns it speaks in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from viewr.model.errors import ArchiveError
from viewr.model.progress import Progress

if TYPE_CHECKING:
    from viewr.archive.cache import Cache


class NameTakenError(ArchiveError):
    """A file of this name with other content is in the archive already; it is never overwritten."""


class NoRightError(ArchiveError):
    """The account may read here but not write."""


class TooLongError(NoRightError):
    """A value has no room in the archive; as without the right to write, trying again does not help."""


class NotThereError(ArchiveError):
    """The archive has no such thing, or does not show it to this account."""


@dataclass(frozen=True)
class Project:
    """A study as the archive knows it."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Subject:
    """A subject of a project; `label` is what people call it there, `id` never changes."""

    id: str
    label: str
    project: str = ""


@dataclass(frozen=True)
class Experiment:
    """An imaging session; `id` is the accession ID, unique on the site, `label` only unique in its project."""

    id: str
    label: str
    project: str = ""
    subject: str = ""
    xsi_type: str = ""
    date: str = ""


@dataclass(frozen=True)
class Scan:
    """One scan of an experiment."""

    id: str
    type: str = ""
    xsi_type: str = ""
    quality: str = ""
    note: str = ""
    description: str = ""


@dataclass(frozen=True)
class Resource:
    """A labelled folder of files; `scan` is "" for the experiment's own, counts are None when not counted yet."""

    label: str
    scan: str = ""
    format: str = ""
    content: str = ""
    file_count: int | None = None
    file_size: int | None = None


@dataclass(frozen=True)
class RemoteFile:
    """One file as the archive lists it.

    Attributes
    ----------
    path : str
        Path inside the resource, with "/" between folders.
    size : int or None
        Bytes; None when the archive does not say.
    md5 : str
        Lower-case hex digest; "" when the archive keeps none.
    uri : str
        Where the archive has it, opaque, not percent-encoded.
    """

    path: str
    size: int | None
    md5: str
    uri: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class ResourceRef:
    """Where a resource is: accession ID, scan ID ("" = the experiment's own), label."""

    experiment: str
    scan: str
    label: str


Wanted = Callable[[RemoteFile], bool]
Arrived = Callable[[Path], None]
#: Sort key: files with smaller keys are fetched sooner.
First = Callable[[RemoteFile], Any]


class Archive(Protocol):
    """Where images come from and results go. Every call blocks; all are safe from several threads at once."""

    @property
    def url(self) -> str:
        """Address without a trailing slash; part of every cache key."""
        ...

    @property
    def user(self) -> str:
        """Name of the account, "" when there is none."""
        ...

    def sign_in(self) -> None:
        """Open a session; raises `SignInError` when the account is refused. Other calls do it by themselves."""
        ...

    def sign_out(self) -> None:
        """Close the session on the server; never raises because of the network."""
        ...

    def keep_alive(self) -> None:
        """Keep the session from expiring; to be called every five minutes."""
        ...

    def projects(self) -> list[Project]:
        """Every project that the account may see."""
        ...

    def subjects(self, project: str) -> list[Subject]:
        """Every subject of a project."""
        ...

    def experiments(self, project: str, subject: str = "") -> list[Experiment]:
        """Imaging sessions of a project, or of one subject (ID or label) of it."""
        ...

    def experiment_id(self, project: str, subject: str, experiment: str) -> str:
        """Accession ID of an experiment given by ID or label; `NotThereError` when there is none."""
        ...

    def scans(self, experiment: str) -> list[Scan]:
        """Scans of an experiment (accession ID), in the archive's order."""
        ...

    def resources(self, experiment: str, scan: str = "") -> list[Resource]:
        """Resources of an experiment itself, or of one of its scans."""
        ...

    def files(self, ref: ResourceRef) -> list[RemoteFile]:
        """Listing of a resource; `NotThereError` when the resource does not exist."""
        ...

    def download(
        self,
        ref: ResourceRef,
        cache: Cache,
        *,
        wanted: Wanted | None = None,
        arrived: Arrived | None = None,
        first: First | None = None,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Bring the files of a resource into the cache, each verified by size and MD5.

        Parameters
        ----------
        ref : ResourceRef
            The resource.
        cache : Cache
            Where the files go; what is there already is not fetched again.
        wanted : callable, optional
            Which files of the listing are meant; all when left out.
        arrived : callable, optional
            Called with the local path of each file as it arrives, in the calling thread.
        first : callable, optional
            Sort key over `RemoteFile`: smaller comes sooner; the order of the listing when left out.
        progress : Progress, optional
            Told bytes done and bytes in all.

        Returns
        -------
        list of Path
            Local paths in the order of the listing, all of them, or an error is raised.
        """
        ...

    def read(self, ref: ResourceRef, path: str) -> bytes:
        """Content of one small file (up to 64 MB), verified against the listing."""
        ...

    def upload(
        self,
        ref: ResourceRef,
        name: str,
        source: Path,
        *,
        ours: bool = False,
        sending: Callable[[], None] | None = None,
        progress: Progress | None = None,
    ) -> RemoteFile:
        """Store a local file under a fresh name and prove by the listing that it is there.

        Parameters
        ----------
        ref : ResourceRef
            The resource; it is created when it does not exist.
        name : str
            Letters, digits and ``._-``, plus the colons of a timestamp.
        source : Path
            A file that is not empty.
        ours : bool
            An earlier attempt of this very upload failed half-way: a differing file of this name is our own
            half and may be replaced. Otherwise it raises `NameTakenError`.
        sending : callable, optional
            Called just before the first byte goes out; until then nothing of this upload is in the archive.
        progress : Progress, optional
            Told bytes sent and bytes in all.

        Returns
        -------
        RemoteFile
            As listed afterwards. The same content there already is success.
        """
        ...

    def set_quality(self, experiment: str, scan: str, quality: str, note: str | None = None) -> Scan:
        """Set quality and note of a scan and read them back; note None keeps the old note, "" clears it."""
        ...
