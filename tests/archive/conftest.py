"""An archive with one experiment, of two scans, one of them with files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from viewr.archive.base import ResourceRef
from viewr.archive.xnat import XnatArchive
from viewr.demo.serve import Servers, start_servers
from viewr.net.http import HttpOptions

QUICK = HttpOptions(trust_env=False, retry_wait=0.01)


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


@pytest.fixture(scope="module")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Started once; stopping takes a second."""
    servers = start_servers(data_dir=tmp_path_factory.mktemp("servers"), empty=True)
    yield servers
    servers.stop()


@pytest.fixture
def study(shared_servers: Servers, tmp_path: Path) -> Iterator[Study]:
    """A project of its own on the shared servers."""
    yield make_study(shared_servers, tmp_path)
    shared_servers.switches.reset()


@pytest.fixture
def mortal_study(tmp_path: Path) -> Iterator[Study]:
    """A project on servers that the test may stop."""
    servers = start_servers(data_dir=tmp_path / "servers", empty=True)
    yield make_study(servers, tmp_path)
    servers.stop()


def make_study(servers: Servers, tmp_path: Path) -> Study:
    catalog = servers.archive.catalog
    project = f"P{len(catalog.children('projects', None))}"
    subject = catalog.add("subjects", catalog.add_project(project), "SUBJ01", "xnat:subjectData")
    experiment = catalog.add("experiments", subject, "SUBJ01_MR1", "xnat:mrSessionData")
    catalog.add("experiments", subject, "BLOOD", "xnat:labData")
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
