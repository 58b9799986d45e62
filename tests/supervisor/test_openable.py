"""Which tasks this program may open."""

from __future__ import annotations

import pytest

from viewr.supervisor.client import Task, openable


def task(name: str, version: str) -> Task:
    return Task("1", "/api/v1/tasks/1", "queued", "P", "2", (), "{}", name, version, "", "", "")


@pytest.mark.parametrize(
    ("name", "version"),
    [("", ""), ("", "99"), ("ViewR", ""), ("viewr", "5.1.4"), ("VIEWR", "7"), ("ViewR", "7.0.0"), ("ViewR", "junk")],
)
def test_open(name, version):
    assert openable(task(name, version), ("ViewR",), "7.0.0") == ""


@pytest.mark.parametrize("version", ["7.0.1", "7.10", "10.0.0", "8"])
def test_too_new(version):
    assert version in openable(task("ViewR", version), ("ViewR",), "7.0.0")


def test_another_program():
    assert openable(task("Other", ""), ("ViewR",), "7.0.0") == "This task is meant for the program 'Other'."
