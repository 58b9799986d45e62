"""What a template's form means for quality control: the decisive field, its keys, the tags, the note, the marker."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from viewr.model.qc_marks import TAG_STATES, TAGS, USUAL_TAGS, WHERE
from viewr.model.template import BOXES, CHOICES, LISTING, Context, Field, Template, walk_fields
from viewr.model.template_colour import Colour

Grade = Literal["usable", "questionable", "unusable", ""]
Wish = Literal["", "offered", "asked"]

GRADES: tuple[Grade, ...] = ("usable", "questionable", "unusable")
#: Tags that have a place on the screen; the form holds all.
MOST_TAGS = 14
#: States of a check box that starts with no answer: not looked for, present, absent.
BOX_STATES = (None, True, False)
#: Letters that are never given to a tag which names no key, since the commands are printed with them.
COMMAND_LETTERS = frozenset("lvnpgo")

#: Words of options, for templates that do not say what an option means.
_WORDS: dict[str, Grade] = {
    **dict.fromkeys(("usable", "good", "pass", "passed", "accept", "accepted", "acceptable", "ok", "yes", "perfect",
                     "excellent", "adequate"), "usable"),
    **dict.fromkeys(("questionable", "moderate", "doubtful", "fair", "borderline", "unsure", "maybe"), "questionable"),
    **dict.fromkeys(("unusable", "poor", "bad", "fail", "failed", "reject", "rejected", "no", "inadequate",
                     "insufficient"), "unusable"),
}  # fmt: skip
_NOTE_NAMES = re.compile(r"note|remark|comment|reason|toelichting|opmerking", re.IGNORECASE)
_TAG_BOX_NAMES = re.compile(r"tags?$|art[ei]fact", re.IGNORECASE)
_PRESENT = frozenset({"present", "yes", "true", "1"})
_ABSENT = frozenset({"absent", "no", "none", "false", "0"})
_UNKNOWN = frozenset({"unknown", "", "unsure", "not assessed"})


@dataclass(frozen=True)
class Option:
    """One verdict.

    Attributes
    ----------
    value : Any
        As the answer holds it.
    key : str
        Printed on its button; "" if there are more options than keys.
    grade : {"usable", "questionable", "unusable", ""}
        What it means for the scan; "" if neither the template nor its words say.
    colour : tuple of int or None
        The template's own.
    """

    value: Any
    text: str
    key: str
    grade: Grade = ""
    colour: Colour | None = None

    @property
    def bad(self) -> bool:
        """Whether the reader must say why."""
        return self.grade == "unusable"


@dataclass(frozen=True)
class Tag:
    """Something that may be wrong with a scan.

    Attributes
    ----------
    path : str
        Of the field, inside the row of a listing if there is one.
    states : tuple
        Values through which its key goes, in this order, round and round.
    """

    path: str
    label: str
    key: str
    states: tuple[Any, ...]

    def next(self, value: Any) -> Any:
        """The value after another one."""
        places = [place for place, state in enumerate(self.states) if type(state) is type(value) and state == value]
        return self.states[(places[0] + 1) % len(self.states)] if places else self.states[0]


@dataclass(frozen=True)
class QcForm:
    """How the scans of a context get their verdicts.

    Attributes
    ----------
    listing : str
        Path of the listing with one row for each scan; "" if one verdict is for the whole context.
    field, note, marker : str
        Paths inside the row or context; "" where the template has no such field.
    most_markers : int
        How many markers there may be; 0: any number.
    scan : str
        The scan that one verdict without a listing is about; "" if it is about all of the context.
    scans : tuple of str
        All scans of the context.
    """

    context: str
    listing: str
    field: str
    title: str
    options: tuple[Option, ...]
    tags: tuple[Tag, ...] = ()
    note: str = ""
    note_hint: str = ""
    marker: str = ""
    most_markers: int = 0
    scan: str = ""
    scans: tuple[str, ...] = ()


def tag_state(value: Any) -> Literal["present", "absent", "unknown"]:
    """What the value of a tag says."""
    if value is None or str(value).strip().lower() in _UNKNOWN:
        return "unknown"
    return "absent" if value is False or str(value).strip().lower() in _ABSENT else "present"


def qc_wish(template: Template) -> Wish:
    """Whether a template asks for quality control, or can be worked that way."""
    if not qc_forms(template):
        return ""
    return "asked" if template.mode == "qc" else "offered"


def qc_forms(template: Template) -> tuple[QcForm, ...]:
    """The contexts with a decisive field; none if a verdict cannot be one key."""
    found = [_form_of(template, context) for context in template.contexts]
    return tuple(form for form in found if form is not None)


# --- the decisive field --------------------------------------------------------------------------------------------


def _form_of(template: Template, context: Context) -> QcForm | None:
    quality = template.quality or {}
    listing = _path(quality.get("listing"))
    fields = _children_of(context, listing) if listing else context.fields
    wanted = _path(quality.get("field"))
    path = wanted if wanted else _decisive(fields, template.mode == "qc")
    decisive = next((field for found, field in _reachable(fields) if found == path), None)
    if decisive is None or not decisive.options:
        return None
    options = _options(decisive, quality.get("map"))
    note = _path(quality.get("note")) or _note_of(fields, path)
    asked, keys = template.mode == "qc", {option.key for option in options}
    tags = _tags(fields, path, keys) or (_usual_tags(keys) if asked else ())
    marker, most = _marker_of(fields)
    return QcForm(
        context.name, listing, path, decisive.label or decisive.name, options, tags, note, _hint_of(fields, note),
        marker or (WHERE if asked else ""), most, _judged(context, quality), tuple(scan.name for scan in context.scans),
    )  # fmt: skip


def _path(name: Any) -> str:
    return str(name or "").replace(".", "/")


def _children_of(context: Context, listing: str) -> tuple[Field, ...]:
    return next((field.children for path, field in walk_fields(context.fields)
                 if path == listing and field.control == LISTING), ())  # fmt: skip


def _reachable(fields: Iterable[Field], parent: str = "") -> Iterator[tuple[str, Field]]:
    """The fields of a container and of its boxes, without those in rows of listings."""
    for field in sorted(fields, key=lambda one: (one.y, one.x)):
        path = f"{parent}/{field.name}" if parent else field.name
        if field.control in BOXES:
            yield from _reachable(field.children, path)
        elif field.control != LISTING:
            yield path, field


def _decisive(fields: Sequence[Field], asked: bool) -> str:
    """Path of the one choice that decides, "" if there is none or it is not clear which."""
    choices = [(path, field) for path, field in _reachable(fields)
               if field.control in CHOICES and len(field.options) > 1 and field.enabled and field.visible
               and not _is_tag(path, field)]  # fmt: skip
    marked = [(path, field) for path, field in choices if field.extra.get("required") or _keys_of(field)]
    for found in (marked, choices):
        if len(found) == 1:
            return found[0][0]
    return choices[0][0] if choices and asked else ""


def _judged(context: Context, quality: Mapping[str, Any]) -> str:
    """The scan that is judged: the named one, else the only one."""
    names = [scan.name for scan in context.scans]
    return str(quality["scan"]) if quality.get("scan") in names else names[0] if len(names) == 1 else ""


# --- verdicts ------------------------------------------------------------------------------------------------------


def _keys_of(field: Field) -> list[str]:
    keys = field.extra.get("option_keys") or ()
    return [str(key) if key is not None else "" for key in keys]


def _options(field: Field, meanings: Any) -> tuple[Option, ...]:
    own = _keys_of(field)
    free = [key for key in "123456789" if key not in own]
    colours = field.extra.get("option_colours") or ()
    options = []
    for number, value in enumerate(field.options):
        key = own[number] if number < len(own) and own[number] else free.pop(0) if free else ""
        colour = colours[number] if number < len(colours) else None
        options.append(Option(value, _text(value), key.lower(), _grade(value, meanings), colour))
    return tuple(options)


def _text(value: Any) -> str:
    return ("Yes" if value else "No") if isinstance(value, bool) else str(value)


def _grade(value: Any, meanings: Any) -> Grade:
    """What an option means: as the template maps it, else by its first word that is known."""
    if isinstance(meanings, Mapping):
        table = {str(key).lower(): str(grade).lower() for key, grade in meanings.items()}
        mapped = table.get(str(value).lower(), table.get(_text(value).lower(), ""))
        return next((grade for grade in GRADES if grade == mapped), "")
    words = re.findall(r"[a-z]+", _text(value).lower())
    if "not" in words:
        return "unusable" if any(_WORDS.get(word) == "usable" for word in words) else ""
    return next((_WORDS[word] for word in words if word in _WORDS), "")


# --- what goes with a verdict --------------------------------------------------------------------------------------


def _is_tag(path: str, field: Field) -> bool:
    if field.control in CHOICES:
        texts = {_text(option).lower() for option in field.options}
        three = len(texts) <= 3 and bool(texts & {"present"}) and bool(texts & _ABSENT)
        return three or any(_TAG_BOX_NAMES.search(name) for name in path.split("/")[:-1])
    return field.control == "CheckBox"


def _tags(fields: Sequence[Field], decisive: str, taken: set[str]) -> tuple[Tag, ...]:
    found = [(path, field) for path, field in _reachable(fields)
             if path != decisive and field.visible and field.enabled and _is_tag(path, field)][:MOST_TAGS]  # fmt: skip
    taken = taken | {str(field.extra.get("key") or "").lower() for _, field in found}
    tags = []
    for path, field in found:
        label = field.label or field.name
        key = str(field.extra.get("key") or "").lower() or _free_letter(label, taken)
        taken.add(key)
        tags.append(Tag(path, label, key, _states(field)))
    return tuple(tags)


def _usual_tags(taken: set[str]) -> tuple[Tag, ...]:
    """Tags for templates that ask for quality control and have none of their own."""
    tags, taken = [], set(taken)
    for name, label in USUAL_TAGS.items():
        key = _free_letter(label, taken)
        taken.add(key)
        tags.append(Tag(f"{TAGS}/{name}", label, key, TAG_STATES))
    return tuple(tags)


def _free_letter(label: str, taken: set[str]) -> str:
    letters = [letter for letter in label.lower() if "a" <= letter <= "z"] + list("abcdefghijkmqrstuwxyz")
    return next((letter for letter in letters if letter not in taken and letter not in COMMAND_LETTERS), "")


def _states(field: Field) -> tuple[Any, ...]:
    if field.control == "CheckBox":
        return BOX_STATES if field.initial_value is None else (False, True)
    has_unknown = any(tag_state(option) == "unknown" for option in field.options)
    return field.options if has_unknown else (*field.options, None)


def _note_of(fields: Sequence[Field], decisive: str) -> str:
    texts = [(path, field) for path, field in _reachable(fields)
             if field.control in ("LineEdit", "TextBox") and field.type == "String" and field.enabled
             and path != decisive]  # fmt: skip
    named = [path for path, field in texts if _NOTE_NAMES.search(f"{field.name} {field.label}")]
    return named[0] if named else ""


def _hint_of(fields: Sequence[Field], note: str) -> str:
    field = next((field for path, field in _reachable(fields) if path == note), None)
    return str(field.extra.get("hint_text") or "") if field is not None else ""


def _marker_of(fields: Sequence[Field]) -> tuple[str, int]:
    """Path of the field that says where it is, and how many markers it takes."""
    for path, field in _reachable(fields):
        if field.control == "MarkerEdit" and field.enabled:
            most = field.extra.get("max_number", 0)
            return path, max(0, most) if isinstance(most, int) else 0
    return "", 0
