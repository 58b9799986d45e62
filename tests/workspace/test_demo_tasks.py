"""Every task of the demo study opens, with all its scans."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workspace.lab import Lab, open_session
from viewr.demo.serve import Servers


@pytest.mark.slow
def test_every_demo_task_opens_with_all_its_scans(demo_servers: Servers, tmp_path: Path, qapp: object) -> None:
    lab = Lab(demo_servers, tmp_path, "DEMO", "")
    with lab.desk() as desk:
        tasks = desk.signed_in.supervisor.tasks()
        assert len(tasks) >= 6
        for task in tasks:
            session = open_session(desk, task.id)
            assert session.failed == {}, session.identity
            assert session.obstacles() == []
            keys = {(c.name, scan.name) for c in session.template.contexts for scan in c.scans}
            missing = {key for key in keys if key not in session.document.volumes}
            assert len(missing) <= 1, f"{session.title}: {missing}"  # the repeat of a scan is optional
            maps = {(c.name, spec.name) for c in session.template.contexts for spec in c.annotations}
            assert set(session.document.labelmaps) == maps
            session.close()
