"""A study of its own for each test of sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspace.lab import Lab, make_lab
from viewr.demo.serve import Servers
from viewr.workspace.outbox import Outbox


@pytest.fixture
def lab(servers: Servers, tmp_path: Path, qapp: object) -> Lab:
    return make_lab(servers, tmp_path)


@pytest.fixture
def mortal_lab(fresh_servers: Servers, tmp_path: Path, qapp: object) -> Lab:
    """On servers that the test may stop."""
    return make_lab(fresh_servers, tmp_path)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")
