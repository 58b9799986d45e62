"""What tasks say: contents of both kinds, every form of address, timestamps, names."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewr.model.errors import TaskError
from viewr.model.task import Address, parse_content
from viewr.model.task_address import (
    annotation_address,
    fields_address,
    match_scan,
    natural_key,
    origin,
    parse_address,
    results_address,
    safe_name,
    unique_names,
    wildcard_match,
)
from viewr.model.task_time import archive_name, file_name, local_name, match_timestamp, newest, stamp, stamped

OURS = """
{"format": "viewr-task/1", "template": "manual_qa",
 "xnat": {"url": "https://xnat.example.org/", "project": "RSS", "subject": "XNAT_S1",
          "experiment": "XNAT_E1", "label": "sub-01"},
 "contexts": {"default": {
   "scans": {"T1": "scans/T1W*/resources/DICOM",
             "prior": "/data/experiments/XNAT_E00007/scans/3/resources/DICOM",
             "FLAIR": {"uri": "scans/*FLAIR*/resources/NIFTI/files/image{ext}", "required": false}},
   "annotations": {"wml": {"uri": "scans/*FLAIR*/resources/NIFTI/files/wml{timestamp}.nii.gz", "space": "FLAIR"},
                   "own": {"url": "scans/1/resources/A/files/a.nii.gz",
                           "save": "scans/1/resources/B/files/b_{timestamp}.nii.gz", "required": true}, "none": null},
   "fields": {"uri": "resources/FIELDS/files/manual_qa_{timestamp}.json", "initial": {"rater_note": "see scan 4"}},
   "results": {"uri": "resources/VIEWR"}}}}
"""


def test_our_format():
    content = parse_content(OURS)
    assert content.problems == ()
    assert (content.format, content.template) == ("viewr-task/1", "manual_qa")
    assert content.xnat.url == "https://xnat.example.org"
    context = content.context("default")
    assert context.scans["T1"].required
    assert not context.scans["FLAIR"].required
    assert context.scans["T1"].address == Address(
        text="scans/T1W*/resources/DICOM", form="relative", server="https://xnat.example.org", project="RSS",
        subject="XNAT_S1", experiment="XNAT_E1", scan="T1W*", resource="DICOM",
    )  # fmt: skip
    prior = context.scans["prior"].address
    assert (prior.experiment, prior.scan, prior.project) == ("XNAT_E00007", "3", "")
    wml, own = context.annotations["wml"], context.annotations["own"]
    assert (wml.save, wml.space, wml.required) == (wml.address, "FLAIR", False)
    assert own.save is not None
    assert (own.save.resource, own.required) == ("B", True)
    assert context.annotations["none"].address is None
    assert (context.fields.load, dict(context.fields.initial)) == ("mine", {"rater_note": "see scan 4"})
    assert context.fields.address is not None
    assert (context.fields.address.resource, context.fields.address.experiment) == ("FIELDS", "XNAT_E1")
    assert context.results is not None
    assert context.results.resource == "VIEWR"
    assert content.context("other").scans == {}


def test_members_at_the_top_are_the_context_default():
    content = parse_content(
        '{"format": "viewr-task/1", "xnat": "https://h", "scans": {"T1": "scans/1/resources/DICOM"}}'
    )
    assert content.xnat.url == "https://h"
    assert content.context("default").scans["T1"].address.scan == "1"


@pytest.mark.parametrize(("word", "loading"), [("latest", "latest"), ("NONE", "none"), (None, "mine"), ("all", "mine")])
def test_loading_of_earlier_answers(word, loading):
    given = "null" if word is None else f'"{word}"'
    assert parse_content(f'{{"scans": {{}}, "fields": {{"load": {given}}}}}').context("default").fields.load == loading


# content of others


def test_foreign_content_at_the_top():
    content = parse_content(
        "template: manual_qa\n"
        "scans:\n"
        "  T1: https://xnat.example.org/data/archive/projects/P/subjects/S/experiments/E1/scans/T1W/resources/NIFTI/files/a{ext}\n"
        "annotations:\n"
        "  wml: {path: scans/2/resources/M/files/m_{timestamp}.nii.gz}\n".replace("{timestamp}", "x")
    )
    assert (content.format, content.template) == ("", "manual_qa")
    assert (content.xnat.url, content.xnat.project, content.xnat.experiment) == ("https://xnat.example.org", "P", "E1")
    annotation = content.context("default").annotations["wml"].address
    assert annotation is not None
    assert (annotation.experiment, annotation.server) == ("E1", "https://xnat.example.org")


def test_foreign_content_in_a_list_and_nested():
    content = parse_content(
        '["x", {"task": {"data": {"scans": {"T1": {"file": "scans/1"}, "bad": 3}}}}, {"scans": {}}]'
    )
    assert list(content.context("default").scans) == ["T1"]
    text = "\n".join(str(one) for one in content.problems)
    assert "the first one counts" in text
    assert "'data' is taken as the context 'default'" in text
    assert "'bad' has no address" in text


@pytest.mark.parametrize(
    "text", ["", "plain words", "[]", "{}", "3", "a: [b", '{"scans": 3}', '{"contexts": [1]}', "\x00"]
)
def test_content_without_scans_keeps_its_text(text):
    content = parse_content(text)
    assert content.raw == text
    assert all(not context.scans for context in content.contexts.values())
    assert content.problems


def test_unresolved_variable_is_named():
    text = '{"format": "viewr-task/1", "xnat": {"url": "$XNAT_URL"}, "scans": {"T1": "scans/1"}}'
    with pytest.raises(TaskError, match=r"'\$XNAT_URL'"):
        parse_content(text)
    assert parse_content(text, {"XNAT_URL": "https://h"}).xnat.url == "https://h"


# addresses


@pytest.mark.parametrize(
    ("text", "form", "server", "pieces"),
    [
        ("xnat+https://h/data/experiments/E", "absolute", "https://h", ("", "", "E", "", "", "")),
        ("xnat://h:8443/data/experiments/E", "absolute", "https://h:8443", ("", "", "E", "", "", "")),
        ("xnat+http://h/data/experiments/E", "absolute", "http://h", ("", "", "E", "", "", "")),
        (
            "https://H/xnat/data/archive/projects/P/subjects/S/experiments/E/scans/T?/resources/R/files/a/b%20c.nii",
            "absolute", "https://h/xnat", ("P", "S", "E", "T?", "R", "a/b c.nii"),
        ),
        ("/data/archive/projects/P/experiments/E/resources/R", "path", "", ("P", "", "E", "", "R", "")),
        ("scans/3/resources/R/files/image{ext}", "relative", "", ("", "", "", "3", "R", "image{ext}")),
        ("scans/T1%20W", "relative", "", ("", "", "", "T1 W", "", "")),
        ("resources/R/", "relative", "", ("", "", "", "", "R", "")),
        ("scans/1/resources/R/files/a?format=json", "relative", "", ("", "", "", "1", "R", "a")),
        ("scans/a$$b", "relative", "", ("", "", "", "a$b", "", "")),
        ("http://[::1]:8080/data/experiments/E", "absolute", "http://[::1]:8080", ("", "", "E", "", "", "")),
    ],
)  # fmt: skip
def test_forms_of_addresses(text, form, server, pieces):
    found = parse_address(text)
    assert (found.form, found.server) == (form, server)
    members = (found.project, found.subject, found.experiment, found.scan, found.resource, found.file)
    assert members == pieces


@pytest.mark.parametrize(
    "text",
    [
        "", "../x", "scans/../resources/x", "scans/%2e%2e/resources/R", "scans/1/resources/R/files/a/../../b",
        "scans/a%2fb", "scans/a\\b", "scans/1/resources/R/files/..\\x", "ftp://h/data/experiments/E",
        "file:///etc/passwd", "/etc/passwd", "https://h/experiments", "https://user:secret@h/data/experiments/E",
        "https://good.org@evil.org/data/experiments/E", "https://evil.org\\@good.org/data/experiments/E", "https:///data/x",
        "scans", "scans/1/resources/A/x", "scans/1/files/x", "nonsense/x", "resources/R/scans/1", "C:\\x",
        "https://h:99999/data/experiments/E", "scans/a%00b", "scans/a\nb", "x" * 3000,
    ],
)  # fmt: skip
def test_addresses_that_are_refused(text):
    with pytest.raises(TaskError) as failed:
        parse_address(text)
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize("text", ["scans/$NAME", "scans/${NAME}"])
def test_variables_in_addresses(text):
    assert parse_address(text, {"NAME": "7"}).scan == "7"
    with pytest.raises(TaskError, match=r"\$NAME"):
        parse_address(text)


@given(st.text(max_size=60) | st.text("/.$%{}?*:@\\scanredouftxhp+ 1", max_size=60))
def test_any_address_is_read_or_refused(text):
    with contextlib.suppress(TaskError):
        found = parse_address(text)
        assert ".." not in found.file.split("/")
        assert "/" not in found.scan


def test_origin_tells_servers_apart():
    assert origin("https://XNAT.example.org/x") == origin("https://xnat.example.org:443")
    assert origin("http://xnat.example.org") != origin("https://xnat.example.org")


# scans


@dataclass
class _Scan:
    id: str
    type: str = ""
    description: str = ""


SCANS = [
    _Scan("10", "T1W 3D", "mprage"),
    _Scan("2", "T1W", "se"),
    _Scan("3", "FLAIR", "T1W"),
    _Scan("MR1", "2", "flair3d"),
]


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("2", ["2"]), ("T1W*", ["2", "10"]), ("T1W", ["2"]), ("T1W?3D", ["10"]), ("*lair*", ["MR1"]), ("flair", ["3"]),
        ("mprage", ["10"]), ("*", ["2", "3", "10", "MR1"]), ("nothing", []), ("[12]", []),
    ],
)  # fmt: skip
def test_scans_match_by_id_then_type_then_description(pattern, ids):
    assert [scan.id for scan in match_scan(Address(scan=pattern), SCANS)] == ids


def test_numbers_order_as_numbers():
    assert sorted(["10", "MR2", "2", "MR10", "1a"], key=natural_key) == ["1a", "2", "10", "MR2", "MR10"]


def test_many_stars_are_quick():
    assert not wildcard_match("a*" * 500 + "b", "a" * 900)


# time


def test_stamps_are_utc_in_whole_seconds():
    assert stamp(datetime(2024, 5, 1, 10, 0, 0, 999_999, tzinfo=UTC)) == "2024-05-01T10:00:00"
    assert stamp(datetime(2024, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))) == "2024-05-01T10:00:00"


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("mask_{timestamp}.json", "mask_2024-05-01T10:00:00.json", "2024-05-01T10:00:00"),
        ("data_location{timestamp}.json", "data_location_2024-05-01T10:00:00.json", "2024-05-01T10:00:00"),
        ("a{timestamp}.json", "a2024-05-01T10:00:00_.json", "2024-05-01T10:00:00"),
        ("a_{latest_timestamp}.json", "a_2024-05-01T10:00:00.25.json", "2024-05-01T10:00:00.25"),
        ("a_{timestamp}.json", "a_2024-05-01T10:00:00Z.json", None),
        ("a_{timestamp}.json", "a_2024-05-01T10:00:00+02:00.json", None),
        ("a_{timestamp}.json", "xa_2024-05-01T10:00:00.json", None),
        ("a_{timestamp}.json", "a_2024-05-01T10:00:00.json.bak", None),
        ("a_{timestamp}.json", "a.json", ""),
        ("a_{timestamp}.json", "b.json", None),
        ("a.b_{timestamp}.json", "axb_2024-05-01T10:00:00.json", None),
        ("image{ext}", "image.nii", ""),
        ("image{ext}", "image.nii.gz", ""),
        ("*.nii", "x.nii", ""),
    ],
)
def test_times_in_names(pattern, name, found):
    assert match_timestamp(pattern, name) == found


def test_newest_is_the_greatest_text():
    names = ["m_2024-05-01T10:00:00.json", "m_2024-12-01T10:00:00.json", "m_2024-12-01T10:00:00Z.json", "m.json", "x"]
    assert newest(names, "m_{timestamp}.json") == "m_2024-12-01T10:00:00.json"
    assert newest(["image.nii", "image.nii.gz"], "image{ext}") == "image.nii.gz"
    assert newest([], "m_{timestamp}.json") is None


def test_written_names():
    assert file_name("wml{timestamp}{ext}", "2024-05-01T10:00:00") == "wml2024-05-01T10:00:00.nii.gz"
    with pytest.raises(TaskError, match="no place for the time"):
        file_name("mask.json", "2024-05-01T10:00:00")
    with pytest.raises(TaskError, match="wildcards"):
        file_name("*_{timestamp}.json", "2024-05-01T10:00:00")
    assert stamped("wml.nii.gz") == "wml_{timestamp}.nii.gz"
    assert stamped("wml{ext}") == "wml_{timestamp}{ext}"
    assert stamped("a{timestamp}.json") == "a{timestamp}.json"


def test_local_names_hold_no_colon():
    name = "manual_qa_2024-05-01T10:00:00.json"
    assert local_name(name) == "manual_qa_2024-05-01T10-00-00.json"
    assert archive_name(local_name(name)) == name


def test_default_places():
    assert fields_address("manual_qa").file == "manual_qa_{timestamp}.json"
    assert fields_address("manual qa", "left side").file == "manual-qa.left-side_{timestamp}.json"
    assert annotation_address("3", "white matter") == Address(
        scan="3", resource="VIEWR_white-matter", file="white-matter_{timestamp}.nii.gz"
    )
    assert results_address().resource == "VIEWR"


def test_safe_names():
    assert safe_name("Größe/äöü a_b.c-1") == "Gr--e-----a_b.c-1"
    assert safe_name("..") == "--"
    assert unique_names(["a b", "a/b", "A B"]) == ["a-b", "a-b-2", "A-B-3"]
