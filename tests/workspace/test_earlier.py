"""What a task starts with: initial values of the task under the answers of an earlier result."""

from __future__ import annotations

import json

from tests.workspace.lab import Lab, open_session


def test_initial_values_inside_boxes_stay_under_an_earlier_result_that_lacks_them(lab: Lab) -> None:
    earlier = lab.folder / "earlier.json"
    earlier.write_text(json.dumps({"comment": "mine", "box": {}, "__viewr__": {"user": "reader1"}}))
    lab.archive().upload(lab.ref("FIELDS"), "lesions_2024-05-01T10:00:00.json", earlier)
    fields = {
        "uri": "resources/FIELDS/files/lesions_{timestamp}.json",
        "initial": {"comment": "see scan 3", "grade": 2, "box": {"sure": False}},
    }
    with lab.desk() as desk:
        session = open_session(desk, lab.task(fields=fields))
        answers = session.document.state.annotation.answers["default"]
        assert (answers["comment"], answers["grade"], answers["box"]) == ("mine", 2, {"sure": False})
        session.close()


def test_answers_that_fit_no_field_are_told_once_and_kept(lab: Lab) -> None:
    earlier = lab.folder / "earlier.json"
    old = {"comment": "mine", "grade": "Enormous", "gone": [1, 2], "__viewr__": {"user": "reader1"}}
    earlier.write_text(json.dumps(old))
    lab.archive().upload(lab.ref("FIELDS"), "lesions_2024-05-01T10:00:00.json", earlier)
    fields = {"uri": "resources/FIELDS/files/lesions_{timestamp}.json"}
    with lab.desk() as desk:
        session = open_session(desk, lab.task(fields=fields))
        assert session._opened.unread == {"default": {"grade": "Enormous", "gone": [1, 2]}}
        (told,) = [notice for notice in session.notices if "no field" in notice]
        assert told.endswith(": Grade (“Enormous”); gone (“[1, 2]”).")
        session.close()
    # written by this program before, and told then
    earlier.write_text(json.dumps({"comment": "mine", "__viewr__": {"user": "reader1", "unread": {"gone": [1, 2]}}}))
    lab.archive().upload(lab.ref("FIELDS"), "lesions_2024-05-02T10:00:00.json", earlier)
    with lab.desk() as desk:
        session = open_session(desk, lab.task(fields=fields))
        assert session._opened.unread == {"default": {"gone": [1, 2]}}
        assert not [notice for notice in session.notices if "no field" in notice]
        session.close()
