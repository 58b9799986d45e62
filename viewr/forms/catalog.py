"""All controls of the form; to add one: one file, one line here, and the shared tests cover it."""

from __future__ import annotations

from viewr.forms.base import Control
from viewr.forms.check_box import CheckBox
from viewr.forms.combo_box import ComboBox
from viewr.forms.line_edit import LineEdit

CONTROLS: dict[str, type[Control]] = {
    "CheckBox": CheckBox,
    "ComboBox": ComboBox,
    "LineEdit": LineEdit,
}
