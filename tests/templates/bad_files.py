"""Template files that nobody should have written, each with what the check must say and where."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = b"template_name: bad\nsop: ''\nviewports: []\nscans: {}\nannotations: null\nqa_fields:\n"


@dataclass(frozen=True)
class BadFile:
    """Bytes of a file; `line`, `path` and `words` of one problem; whether anything of it can be shown."""

    data: bytes
    line: int | None
    path: str
    words: str
    opens: bool = True


def _fields(*lines: str) -> bytes:
    return HEAD + "".join(f"  {line}\n" for line in lines).encode()


def _aliases() -> bytes:
    """A megabyte in which each line stands for nine of the line before."""
    lines = ["a0: &a0 [lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "\n".join(lines) + "\n"
    return (text + f"# {'x' * 98}\n" * ((1_000_000 - len(text)) // 101)).encode()


def _many(count: int, line: str) -> bytes:
    return _fields(*(line.format(n=n) for n in range(count)))


GOOD = "q{n}: {{control: ComboBox, label: Question {n}, x: 0, y: {n}, options: [a, b]}}"
OPTIONS = [f"o{n}" for n in range(3000)]

FILES: dict[str, BadFile] = {
    "wrong types": BadFile(
        _fields("a: 7", "b: {control: [1], label: {x: 1}, x: left, y: 1}"), 7, "qa_fields/a", "must be a mapping"),
    "missing members": BadFile(_fields("a: {control: ComboBox}"), 7, "qa_fields/a", "'options' is missing"),
    "duplicate names": BadFile(
        _fields("a: {control: LineEdit, label: A, x: 0, y: 0}", "a: {control: LineEdit, label: B, x: 0, y: 1}"),
        8, "", "The key 'a' stands twice"),
    "unknown control": BadFile(
        _fields("a: {control: Combobx, label: A, x: 0, y: 0}"), 7, "qa_fields/a/control", "Did you mean 'ComboBox'?"),
    "cycle": BadFile(
        _fields(
            "a: {control: CalculatedScore, label: A, x: 0, y: 0, variables: {b: b}, formula: b + 1}",
            "b: {control: CalculatedScore, label: B, x: 0, y: 1, variables: {a: a}, formula: a + 1}"),
        7, "qa_fields/a/formula", "a -> b -> a"),
    "aliases": BadFile(_aliases(), 7, "", "more than 300000 nodes, counting what aliases stand for", opens=False),
    "binary": BadFile(bytes(range(256)) * 4000, 2, "", "no text in UTF-8", opens=False),
    "zeros": BadFile(b"\0" * 100_000, None, "", "neither YAML nor JSON", opens=False),
    "10,000 fields": BadFile(_many(10_000, GOOD), None, "", "", opens=True),
    "10,000 faults": BadFile(_many(10_000, "q{n}: {{control: Nothing{n}}}"), None, "", "more than 500 problems"),
    "3,000 options": BadFile(
        _fields(f"a: {{control: RadioButtonGroup, label: A, x: 0, y: 0, options: [{', '.join(OPTIONS)}]}}"),
        None, "", ""),
    "3,000 viewports": BadFile(
        HEAD.replace(b"viewports: []", b"viewports:\n" + b"- {type: viewport, name: v, scan: s, x: 0, y: 0}\n" * 3000),
        104, "viewports/100", "more than 100 viewports; the others are left out"),
    "300 contexts": BadFile(
        b"template_name: bad\nsop: ''\ncontexts:\n" + b"".join(
            b"  c%d: {viewports: [], scans: {}, annotations: null, qa_fields: {}}\n" % n for n in range(300)),
        54, "contexts/c50", "more than 50 contexts"),
    "300 annotations": BadFile(
        HEAD.replace(b" null", b"\n" + b"".join(b"  a%d: {labels: {1: x}}\n" % n for n in range(300))),
        106, "annotations/a100", "more than 100 annotations"),
    "endless label": BadFile(
        _fields(f"a: {{control: CheckBox, label: {'word ' * 180_000}, x: 0, y: 0}}"), None, "", ""),
    "deep": BadFile(HEAD + b"  a: " + b"[" * 50_000, 7, "", "deep", opens=False),
    "right to left": BadFile(
        _fields("שאלה: {control: RadioButtonGroup, label: איכות הסריקה, x: 0, y: 0, options: [טוב, רע]}",
                "emoji: {control: LineEdit, label: \"👩🏽‍⚕️ Reader 🧠\", x: 0, y: 0}"),
        8, "qa_fields/emoji", "this one moves down"),
    "a list": BadFile(b"- a\n- b\n", 1, "", "not a mapping", opens=False),
    "empty": BadFile(b"", 1, "", "empty", opens=False),
    "half a file": BadFile(HEAD + b"  a: {control: Comb", 8, "", "neither YAML nor JSON", opens=False),
}  # fmt: skip
