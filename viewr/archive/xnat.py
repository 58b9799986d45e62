"""An XNAT server as an archive."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from viewr.archive import xnat_download, xnat_listing, xnat_quality, xnat_upload
from viewr.archive.base import (
    Arrived,
    Experiment,
    First,
    NotThereError,
    Project,
    RemoteFile,
    Resource,
    ResourceRef,
    Scan,
    Subject,
    Wanted,
)
from viewr.archive.cache import Cache
from viewr.archive.xnat_session import XnatSession
from viewr.model.progress import Progress
from viewr.net.http import HttpOptions


class XnatArchive:
    """An XNAT server for one account; see `viewr.archive.base.Archive` for what the calls do.

    Parameters
    ----------
    url : str
        Address with the context path, if there is one; HTTPS, or HTTP on this machine.
    user, password : str
        Account, or an alias token and its secret.
    http : HttpOptions, optional
        How to reach servers from here.
    sleep : callable, optional
        Waits for so many seconds; replaced in tests.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        http: HttpOptions | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = XnatSession(url, user, password, http, sleep)
        self._writers: defaultdict[ResourceRef, threading.Lock] = defaultdict(threading.Lock)

    @property
    def url(self) -> str:
        return self._session.given_url

    @property
    def user(self) -> str:
        return self._session.user

    def sign_in(self) -> None:
        self._session.sign_in()

    def sign_out(self) -> None:
        self._session.sign_out()

    def keep_alive(self) -> None:
        self._session.keep_alive()

    def version(self) -> str:
        """Version of the server, "" when it does not tell."""
        answer = self._session.call("GET", "/xapi/siteConfig/buildInfo", params={"format": "json"})
        known = answer.json() if answer.status == 200 and answer.is_json else {}
        return str(known.get("version", "")) if isinstance(known, dict) else ""

    def projects(self) -> list[Project]:
        return xnat_listing.projects(self._session)

    def subjects(self, project: str) -> list[Subject]:
        return xnat_listing.subjects(self._session, project)

    def experiments(self, project: str, subject: str = "") -> list[Experiment]:
        return xnat_listing.experiments(self._session, project, subject)

    def experiment_id(self, project: str, subject: str, experiment: str) -> str:
        return xnat_listing.experiment_id(self._session, project, subject, experiment)

    def scans(self, experiment: str) -> list[Scan]:
        return xnat_listing.scans(self._session, experiment)

    def resources(self, experiment: str, scan: str = "") -> list[Resource]:
        return xnat_listing.resources(self._session, experiment, scan)

    def files(self, ref: ResourceRef) -> list[RemoteFile]:
        return xnat_listing.files(self._session, ref)

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
        listed = self.files(ref)
        entry = cache.entry(self.url, ref, [file for file in listed if wanted is None or wanted(file)])
        paths = xnat_download.download(
            self._session, ref, entry, arrived=arrived, first=first, progress=progress
        )
        entry.touch()
        cache.trim_sometimes()
        return paths

    def read(self, ref: ResourceRef, path: str) -> bytes:
        file = next((file for file in self.files(ref) if file.path == path), None)
        if file is None:
            raise NotThereError(f"Resource '{ref.label}' has no file '{path}'.", "It may have been removed.")
        return xnat_download.read(self._session, ref, file)

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
        # Two writers at a time make the archive lose entries of its catalog.
        with self._writers[ref]:
            return xnat_upload.upload(
                self._session, ref, name, source, ours=ours, sending=sending, progress=progress
            )

    def set_quality(self, experiment: str, scan: str, quality: str, note: str | None = None) -> Scan:
        return xnat_quality.set_quality(self._session, experiment, scan, quality, note)
