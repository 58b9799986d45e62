"""An archive with one experiment, of two scans, one of them with files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from viewr.archive.base import ResourceRef
from viewr.archive.cache import Cache
from viewr.archive.xnat import XnatArchive
from viewr.demo.serve import Servers
from viewr.net.http import HttpOptions

QUICK = HttpOptions(trust_env=False, retry_wait=0.01)
STAMPED = "manual_qa_2024-05-01T10:00:00.json"


@dataclass
class Study:
    """What the tests know beforehand about the archive."""

    servers: Servers
    project: str
    experiment: str
    dicom: ResourceRef
    content: dict[str, bytes]

    @property
    def url(self) -> str:
        return self.servers.archive_url

    @property
    def fields(self) -> ResourceRef:
        return ResourceRef(self.experiment, "", "FIELDS")

    def archive(self, user: str = "reader1", password: str | None = None) -> XnatArchive:
        return XnatArchive(self.url, user, password or f"{user}-demo", http=QUICK)


@pytest.fixture
def study(servers: Servers, tmp_path: Path) -> Study:
    """A project of its own on the shared servers."""
    return make_study(servers, tmp_path)


@pytest.fixture
def mortal_study(fresh_servers: Servers, tmp_path: Path) -> Study:
    """A project on servers that the test may stop."""
    return make_study(fresh_servers, tmp_path)


def make_study(servers: Servers, tmp_path: Path) -> Study:
    catalog = servers.archive.catalog
    project = f"P{len(catalog.children('projects', None))}"
    subject = catalog.add("subjects", catalog.add_project(project), "SUBJ01", "xnat:subjectData")
    experiment = catalog.add("experiments", subject, "SUBJ01_MR1", "xnat:mrSessionData")
    catalog.add("experiments", subject, "BLOOD", "xnat:subjectAssessorData")
    catalog.add("scans", experiment, "2", "xnat:mrScanData", {"type": "T1W", "series_description": "T1 mprage"})
    catalog.add("scans", experiment, "3", "xnat:mrScanData", {"type": "FLAIR", "quality": "usable"})
    ref = ResourceRef(experiment.ident, "2", "DICOM")
    study = Study(servers, project, experiment.ident, ref, {})
    owner = study.archive("coordinator")
    for number in range(1, 9):
        content = bytes([number]) * (1000 * number)
        source = tmp_path / "source"
        source.write_bytes(content)
        owner.upload(ref, f"{number}.dcm", source)
        study.content[f"{number}.dcm"] = content
    owner.sign_out()
    return study


@pytest.fixture
def archive(study: Study) -> Iterator[XnatArchive]:
    """The archive as reader1 (a member) sees it."""
    archive = study.archive()
    yield archive
    archive.sign_out()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 30)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    file = tmp_path / "result.json"
    file.write_bytes(b'{"quality": "Good"}')
    return file
