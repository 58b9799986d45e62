"""The audit log only grows, and a torn line spoils no other."""

from __future__ import annotations

from pathlib import Path

from viewr.workspace.audit import Audit


def test_lines_stay_in_order_and_are_found_again(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "folder" / "audit.jsonl")
    assert not audit.has("queued", "s1")
    audit.append("queued", "s1", {"experiment": "XNAT_E00001"})
    audit.append("delivered", "s1", {"files": 3})
    assert [(line["event"], line["submission"]) for line in audit.lines()] == [("queued", "s1"), ("delivered", "s1")]
    assert audit.has("delivered", "s1")
    assert not audit.has("delivered", "s2")
    assert audit.path.stat().st_mode & 0o077 == 0


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    audit.append("queued", "s1", {})
    with audit.path.open("ab") as stream:
        stream.write(b'{"event": "que\n')
    audit.append("queued", "s2", {})
    assert [line["submission"] for line in audit.lines()] == ["s1", "s2"]
