"""A key image of a frame: kept by the draft, with its undo, and in the result."""

from __future__ import annotations

import json

from tests.workspace.answered import STAMP, answer_everything, result
from tests.workspace.lab import Lab, open_session, submit
from viewr.model.frame_point import FramePoint
from viewr.model.key_image import KeyImage, key_images
from viewr.model.volume import Window
from viewr.workspace.key_images import toggle_key_image

IMAGE = KeyImage("FLAIR", (1.0, 2.0, 3.0), "Transversal", 12, Window(400, 40), (FramePoint("time", 17, 30),))


def test_the_frame_survives_leaving_with_its_undo_and_is_in_the_result(lab: Lab):
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        toggle_key_image(session.document, "default", IMAGE)
        session.close()
        session = open_session(desk, task_id)
        assert key_images(session.document.state.annotation, "default") == (IMAGE,)
        session.document.undo()
        assert key_images(session.document.state.annotation, "default") == ()
        session.document.redo()
        assert key_images(session.document.state.annotation, "default") == (IMAGE,)
        submit(desk, session)
    block = json.loads(result(lab, "FIELDS", rf"lesions_{STAMP}\.json")[1])["__viewr__"]
    assert [image["frame"] for image in block["key_images"]] == [[{"axis": "time", "number": 17, "of": 30}]]
