"""Templates that the supervisor's own tool uploaded are read back as they were written, though it sorts their keys."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.conftest import SupervisorServer
from tests.real.taskmanager import PROGRAMS, RealSupervisor
from tests.templates.judged import everything
from viewr.model.template import Field, Template, load_template
from viewr.supervisor.client import SupervisorClient


def upload(server: SupervisorServer, file: Path, home: Path) -> None:
    """As a coordinator does it, with the login in `.netrc`."""
    user, password = server.auth("coordinator")
    netrc = home / ".netrc"
    netrc.write_text(f"machine {server.url.removeprefix('http://')} login {user} password {password}\n")
    netrc.chmod(0o600)
    command = [str(PROGRAMS / "taskmanager-add-template"), server.url, str(file)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONWARNINGS": "ignore"}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)


def in_order(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Fields as they stand on the screen; their order in the text means nothing."""
    ordered = sorted(fields, key=lambda one: (one.y, one.x, one.name))
    tabs = [(one, tuple((name, in_order(held)) for name, held in one.tabs)) for one in ordered]
    return tuple(replace(one, children=in_order(one.children), tabs=held) for one, held in tabs)


def as_seen(template: Template) -> Template:
    contexts = tuple(
        replace(
            one, fields=in_order(one.fields), scans=tuple(sorted(one.scans, key=lambda scan: scan.name))
        )
        for one in template.contexts
    )  # fmt: skip
    return replace(template, contexts=contexts, sha256="")


@pytest.mark.real
def test_the_template_of_everything_comes_back_as_it_was(real_supervisor: RealSupervisor, tmp_path: Path) -> None:
    server = SupervisorServer(real_supervisor.url, "real")
    text = yaml.safe_dump(everything(), sort_keys=False)
    file = tmp_path / "everything.yaml"
    file.write_text(text, encoding="utf-8")
    upload(server, file, tmp_path)
    client = SupervisorClient(server.url, *server.auth("reader1"))
    served = client.template("everything")
    content = served.text
    assert content != text
    assert content.index("annotations:") < content.index("viewports:")
    assert as_seen(load_template(content)) == as_seen(load_template(text))
    assert load_template(content).contexts[0].fields[0].tabs[0][0] == "General"
