"""A text that is not saved outlives the program."""

from __future__ import annotations

from viewr.workspace.draft_text import Draft, DraftFile


def test_a_draft_is_kept_until_it_is_dropped(tmp_path):
    file = DraftFile(tmp_path / "data")
    assert file.read() is None
    file.keep(Draft("/a/b.yaml", "ünï: 1\n"))
    assert DraftFile(tmp_path / "data").read() == Draft("/a/b.yaml", "ünï: 1\n")
    file.drop()
    assert file.read() is None


def test_a_damaged_draft_is_none(tmp_path):
    DraftFile(tmp_path).keep(Draft("", "x"))
    (tmp_path / "template-draft.json").write_text('{"path": "')
    assert DraftFile(tmp_path).read() is None
