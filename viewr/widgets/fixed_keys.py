"""Keys that are not the reader's to change: of the task list, presets, quality control, volume view; and answer keys.

They stand in the list of keys, and nobody gives them to something else without being told.
"""

from __future__ import annotations

from viewr.forms.options import option_keys, option_text
from viewr.model.template import Context, walk_fields

#: Heading -> keys (as Qt writes them, or several with "to") -> what they do.
FIXED: dict[str, dict[str, str]] = {
    "Wherever you are": {
        "Esc": "Take back what was begun; put the tool down; close",
        "Del": "Delete what is under the pointer or selected",
    },
    "Presets of the template": {"Alt+1 to Alt+9": "The buttons above the views"},
    "Task list": {
        "Ctrl+N": "Open the next task", "Ctrl+K": "Start quality control", "F5": "Refresh",
        "Ctrl+F": "Search; also in tags", "Return": "Open the chosen task",
    },
    "Quality control": {
        "Backspace": "Back to the case before", "Return": "Sheet or views", "Left, Right": "Scans of the session",
        "+, -": "More or fewer pictures", "Esc": "Back to the sheets", "Ctrl+E": "The whole form",
    },
    "Volume view": {
        "A, P, L, R, H, F": "From that side", "Left, Right, Up, Down": "Turn", "1 to 9": "Presets", "0": "Reset",
        "Space": "Rotate, stop", "C": "Clip", "G": "Surfaces of labels", "X": "Localizer", "Esc": "Close",
    },
}  # fmt: skip

#: Headings whose keys are looked at while a task is open, before those of the viewports.
_IN_TASKS = ("Wherever you are", "Presets of the template")
_IN_LIST = ("Task list",)


def single_keys(text: str) -> list[str]:
    """The keys that a line stands for: "Alt+1 to Alt+9" are nine."""
    first, found, last = text.partition(" to ")
    if not found:
        return text.split(", ")
    held, digit = first[:-1], int(first[-1])
    return [f"{held}{number}" for number in range(digit, int(last[-1]) + 1)]


def answer_texts(context: Context | None) -> dict[str, str]:
    """The keys that a template prints on its answers, and what each says."""
    found: dict[str, str] = {}
    for _path, field in walk_fields(context.fields) if context is not None else ():
        title = field.label or field.name
        for key, option in zip(option_keys(field), field.options, strict=True):
            if key:
                found.setdefault(key, f"{title}: {option_text(option)}")
        if field.extra.get("key"):
            found.setdefault(str(field.extra["key"]), title)
    return found


def fixed_use(key: str, everywhere: bool, context: Context | None = None) -> str:
    """What a key does already and cannot cease to do, with its heading; "" for nothing.

    Parameters
    ----------
    everywhere : bool
        For an action of the whole window: the task list counts too.
    context : Context, optional
        Of the open task, whose answer keys go before all others.
    """
    answers = answer_texts(context)
    if key in answers:
        return f"“{answers[key]}” (answers of this task)"
    for heading in (*_IN_TASKS, *(_IN_LIST if everywhere else ())):
        for keys, text in FIXED[heading].items():
            if key in single_keys(keys):
                return f"“{text}” ({heading.lower()})"
    return ""
