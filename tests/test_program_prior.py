"""A prior of another session beside the present scan: named by its absolute address, aligned and compared by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from tests.imaging.make import stack
from tests.program import Program, running
from tests.widgets.test_linking import entry
from tests.widgets.viewing import shown
from tests.workspace.lab import AFFINE, SESSION, SHAPE, Lab, make_lab, turn
from viewr.demo.archive_fill import ScanPlace, add_files
from viewr.demo.serve import Servers

TEMPLATE = """
template_name: follow_up
sop: Compare.
viewports:
  - {type: viewport, name: now, scan: T1, annotation: null, x: 0, y: 0, linked: true}
  - {type: viewport, name: other, scan: FLAIR, annotation: null, x: 1, y: 0, linked: true}
scans:
  T1: {modality: MR, protocols: T1}
  FLAIR: {modality: MR, protocols: FLAIR}
  Prior: {modality: MR, protocols: T1}
annotations: null
qa_fields:
  changed: {control: CheckBox, label: Changed, x: 0, y: 0}
"""
#: The patient lay 30 mm further to the feet, and the prior's frame of reference is another one.
SHIFT = 30.0
Key, Held = Qt.Key, Qt.KeyboardModifier


def add_prior(lab: Lab) -> str:
    """A session of the same subject with a T1 of its own frame of reference; its accession id."""
    voxels = np.random.default_rng(8).integers(0, 900, SHAPE, dtype=np.int16)
    affine = AFFINE.copy()
    affine[2, 3] -= SHIFT
    source = lab.folder / "source" / "prior"
    source.mkdir(parents=True)
    paths = stack(source, voxels, affine, SeriesInstanceUID="1.2.8", SeriesDescription="T1 before",
                  FrameOfReferenceUID="1.2.8.9", StudyInstanceUID="1.2.8.1")  # fmt: skip
    fields = {"type": "T1W", "series_description": "T1 before", "UID": "1.2.8", "frames": len(paths)}
    place = ScanPlace(lab.project, "SUBJ01", "SUBJ01_MR0", "xnat:mrSessionData", "5", "xnat:mrScanData", fields)
    add_files(lab.servers.archive.catalog, place, [(path, f"8.{k}", str(k + 1)) for k, path in enumerate(paths)])
    return lab.archive().experiment_id(lab.project, "SUBJ01", "SUBJ01_MR0")


@pytest.fixture
def program(qapp: object, servers: Servers, tmp_path: Path) -> Iterator[Program]:
    lab = make_lab(servers, tmp_path)
    prior = add_prior(lab)
    scans = {"T1": "scans/T1*/resources/DICOM", "FLAIR": "scans/3/resources/DICOM",
             "Prior": f"/data/experiments/{prior}/scans/5/resources/DICOM"}  # fmt: skip
    lab.servers.create_template("follow_up", TEMPLATE)
    task = str(lab.servers.create_task("follow_up", lab.content(scans=scans, annotations={}), users=("reader1",)))
    with running(lab) as program:
        program.sign_in()
        program.open(task)
        program.pilot.wait(lambda: program.view.session.is_ready, "all scans")
        yield program


def test_a_prior_is_found_compared_and_linked_only_when_the_reader_says_where(program: Program) -> None:
    view, pilot = program.view, program.pilot
    assert view.session.failed == {}
    document = view.session.document
    assert document.volumes["default", "Prior"].description == "T1 before"
    grid = view.grids["default"]
    now = grid.viewports["default", "now"]
    pilot.click(now, button=Qt.MouseButton.MiddleButton)
    pilot.key(Key.Key_C, Held.ShiftModifier)
    prior = grid.viewports["default", "extra 1"]
    pilot.wait(prior.isVisible, "the prior beside")
    assert prior.scene is not None
    assert now.scene is not None
    assert document.state.look.viewports[prior.key].scan == "Prior"
    assert now.scene.mm_per_pixel == prior.scene.mm_per_pixel
    # another frame of reference: it neither follows nor says that it does
    assert prior.scene.stranger
    assert not prior.scene.linked
    before = shown(prior)
    pilot.wheel(now, -2)
    assert shown(prior) == before
    # the reader brings both to the same place, and says so
    pilot.click(prior, button=Qt.MouseButton.MiddleButton)
    pilot.key(Key.Key_End)
    pilot.click(now, button=Qt.MouseButton.MiddleButton)
    pilot.key(Key.Key_End)
    assert shown(prior) == shown(now)
    assert entry(prior, "Linking", "Align with 'T1 in now' here")
    turn(20)
    pilot.click(now, QPoint(20, 20), button=Qt.MouseButton.MiddleButton)
    pilot.key(Key.Key_Home)
    pilot.wheel(now, -3)
    assert shown(now) == shown(prior)
    assert prior.scene.by_hand
    # what the prior is, is said in its corner, and the session of the task stays the one that is judged
    assert view.session.title.endswith(SESSION)
    pilot.key(Key.Key_C, Held.ShiftModifier)
    pilot.wait(lambda: not prior.isVisible(), "the template's views again")
