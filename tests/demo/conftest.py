"""The demo patients, made once for all tests of this folder, and a small project in the archive for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.archive_project import Project, make_project
from viewr.demo.patients import DemoSeries, make_patients
from viewr.demo.serve import Servers


@pytest.fixture(scope="session")
def demo_series() -> dict[tuple[str, str], DemoSeries]:
    """Every series by session label and scan type."""
    made: list[DemoSeries] = []
    make_patients(made.append)
    return {(series.session, series.scan_type): series for series in made}


@pytest.fixture
def project(servers: Servers, tmp_path: Path) -> Iterator[Project]:
    made = make_project(servers, tmp_path)
    yield made
    made.http.close()
