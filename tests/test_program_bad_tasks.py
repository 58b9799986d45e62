"""Tasks that cannot be shown, or not whole: one sentence in the window, and the next task opens as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import MAP, Program
from tests.workspace.lab import TEMPLATE
from viewr.demo.archive_fill import ScanPlace, add_files


def refusal(program: Program, task_id: str) -> str:
    """Open a task that cannot be opened; afterwards another one can."""
    good = program.lab.task()
    program.refresh()
    program.press_open(task_id)
    assert program.page is program.window.task_list
    said = program.said
    assert len(said) == 1, said
    assert program.lab.holder(task_id) == ""
    assert list(program.lab.folders.journals.glob("*")) == []
    program.open(good)
    assert program.view.session.failed == {}
    program.leave()
    return said[0]


def test_a_task_without_a_template(program: Program) -> None:
    program.lab.servers.create_template("gone", TEMPLATE)
    task_id = str(program.lab.servers.create_task("gone", program.lab.content(), users=("reader1",)))
    store = program.lab.servers.store
    with store.guard:
        store.tasks[int(task_id)].template = None
    program.sign_in()
    assert refusal(program, task_id) == (
        f"Task {task_id} has no template. It may have been deleted; ask the study's coordinator."
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("viewports: [\n", "line 2"),
        ("just a word", "'odd'"),
        ("- a\n- list\n", "'odd'"),
        ("", "'odd'"),
        ("<html><body>Please sign in</body></html>", "'odd'"),
        ("\x00\x01\x02", "'odd'"),
        ("a: &a [*a]\nb: !!python/object/apply:os.system ['true']\n", "'odd'"),
    ],
)
def test_a_template_that_is_none(program: Program, text: str, words: str) -> None:
    program.lab.servers.create_template("odd", text)
    task_id = str(program.lab.servers.create_task("odd", program.lab.content(), users=("reader1",)))
    program.sign_in()
    said = refusal(program, task_id)
    assert words in said
    assert "'odd'" in said


@pytest.mark.parametrize("content", ["", "not JSON", "[1, 2]", "{}", '{"format": "viewr-task/9", "contexts": {}}'])
def test_content_that_is_none(program: Program, content: str) -> None:
    program.lab.servers.create_template("lesions", TEMPLATE)
    task_id = str(program.lab.servers.create_task("lesions", content, users=("reader1",)))
    program.sign_in()
    assert refusal(program, task_id)


def test_an_experiment_that_does_not_exist(program: Program) -> None:
    lab = program.lab
    lab.servers.create_template("lesions", TEMPLATE)
    content = lab.content().replace(lab.experiment, "XNAT_E99999")
    task_id = str(lab.servers.create_task("lesions", content, users=("reader1",)))
    program.sign_in()
    assert "XNAT_E99999" in refusal(program, task_id)


def test_images_in_another_archive(program: Program) -> None:
    lab = program.lab
    lab.servers.create_template("lesions", TEMPLATE)
    content = lab.content().replace(lab.servers.archive_url, "https://xnat.example.org")
    task_id = str(lab.servers.create_task("lesions", content, users=("reader1",)))
    program.sign_in()
    said = refusal(program, task_id)
    assert "https://xnat.example.org" in said
    assert "Sign in with the profile of that archive." in said


# --- scans -----------------------------------------------------------------------------------------------------


def opened_with_one_message(program: Program, task_id: str) -> str:
    """A task that opens with one scan missing: the rest can be worked on."""
    program.open(task_id)
    said = program.said
    assert len(said) == 1, said
    program.say("still works")
    assert program.comment == "still works"
    return said[0]


def goes_on(program: Program) -> None:
    """Another task opens as ever."""
    other = program.lab.task()
    program.leave()
    assert program.said == []
    program.open(other)
    assert program.said == []


def is_empty(program: Program, name: str) -> bool:
    """Whether a viewport has nothing to show, and does not look as if it still waits for it."""
    port = program.reader.viewport(name)
    return port.scene is None and port.scan_key in program.view.session.document.unavailable


SCANS = {"T1": "scans/2/resources/DICOM", "FLAIR": "scans/3/resources/DICOM"}


def test_a_scan_that_does_not_exist(program: Program) -> None:
    task_id = program.lab.task(scans={**SCANS, "T1": "scans/9/resources/DICOM"})
    program.sign_in()
    said = opened_with_one_message(program, task_id)
    assert said == ("The scan 'T1' of the task, '9', is not in the experiment. There are: 2 (T1W), 3 (FLAIRW).")
    assert is_empty(program, "right")
    assert program.stroke() > 0
    program.pilot.click(program.view.submit)
    program.pilot.wait(lambda: "The scan 'T1' is missing." in program.said[0], "why it cannot be submitted")
    goes_on(program)


def test_an_optional_scan_that_does_not_exist(program: Program) -> None:
    task_id = program.lab.task(scans={**SCANS, "T1": {"uri": "scans/9/resources/DICOM", "required": False}})
    program.sign_in()
    assert opened_with_one_message(program, task_id) == "The optional scan 'T1' is not there."
    assert is_empty(program, "right")
    program.pilot.click(program.reader.viewport("left"))
    program.reader.choose("grade", 1)
    program.submit()
    program.wait_for_uploads()
    assert program.lab.status(task_id) == "done"


def add_scan(program: Program, number: str, *files: tuple[str, bytes]) -> None:
    """A scan in the archive with these files as its DICOM."""
    lab = program.lab
    folder = lab.folder / f"scan-{number}"
    folder.mkdir()
    place = ScanPlace(lab.project, "SUBJ01", "SUBJ01_MR1", "xnat:mrSessionData", number, "xnat:mrScanData",
                      {"type": "Odd", "series_description": "Odd", "UID": f"1.2.9.{number}", "frames": 1})  # fmt: skip
    paths: list[Path] = []
    for name, data in files:
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    add_files(lab.servers.archive.catalog, place, [(path, f"1.2.9.{n}", str(n)) for n, path in enumerate(paths)])


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), ("Scan 'T1': scan 7", "DICOM", "hand the task back")),
        ((("a.dcm", b"this is no image"),), ("'T1'",)),
        ((("a.dcm", b""),), ("'T1'",)),
        ((("a.dcm", b"<html>Please sign in</html>"), ("b.dcm", b"\x00" * 4000)), ("'T1'",)),
        ((("a.dcm", b"\x00" * 128 + b"DICM" + b"\xff" * 300),), ("'T1'",)),
    ],
)
def test_a_scan_without_images(program: Program, files: tuple, words: tuple[str, ...]) -> None:
    add_scan(program, "7", *files)
    task_id = program.lab.task(scans={**SCANS, "T1": "scans/7/resources/DICOM"})
    program.sign_in()
    said = opened_with_one_message(program, task_id)
    for word in words:
        assert word in said
    assert is_empty(program, "right")
    assert not is_empty(program, "left")
    goes_on(program)


def test_an_empty_resource(program: Program) -> None:
    lab = program.lab
    add_scan(program, "7")
    task_id = lab.task(scans={**SCANS, "T1": "scans/7/resources/DICOM"})
    program.sign_in()
    assert opened_with_one_message(program, task_id) == (
        "Scan 'T1': scan 7: its resource 'DICOM' is empty. "
        "The images may not be uploaded yet; hand the task back with a note."
    )


def test_a_resource_that_does_not_exist(program: Program) -> None:
    task_id = program.lab.task(scans={**SCANS, "T1": "scans/2/resources/NIFTI"})
    program.sign_in()
    assert opened_with_one_message(program, task_id).startswith("Scan 'T1': scan 2 has no resource 'NIFTI'.")


def test_one_file_of_a_scan_is_no_dicom(program: Program) -> None:
    lab = program.lab
    source = sorted((lab.folder / "source" / "T1").iterdir())
    add_scan(program, "8", *((path.name, path.read_bytes()) for path in source), ("readme.dcm", b"no image"))
    task_id = lab.task(scans={**SCANS, "T1": "scans/8/resources/DICOM"})
    program.sign_in()
    said = opened_with_one_message(program, task_id)
    assert said.startswith("Scan 'T1': 1 of its files could not be used.")
    assert not is_empty(program, "right")


def test_an_annotation_that_the_task_names_is_not_there(program: Program) -> None:
    address = {"uri": "scans/3/resources/NIFTI/files/wml{timestamp}.nii.gz", "space": "FLAIR", "required": True}
    task_id = program.lab.task(annotations={"wml": address})
    program.sign_in()
    said = opened_with_one_message(program, task_id)
    assert "'wml'" in said
    assert MAP in program.view.session.document.labelmaps
