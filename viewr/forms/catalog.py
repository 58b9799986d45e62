"""All controls of the form; to add one: one file, one line here, and the shared tests cover it."""

from __future__ import annotations

from viewr.forms.base import Control
from viewr.forms.box_widget import BoxWidget
from viewr.forms.calculated_score import CalculatedScore
from viewr.forms.check_box import CheckBox
from viewr.forms.combo_box import ComboBox
from viewr.forms.conversation_widget import ConversationWidget
from viewr.forms.cso_edit import CSOEdit
from viewr.forms.json_display import JSONDisplay
from viewr.forms.landmarks import Landmarks
from viewr.forms.line_edit import LineEdit
from viewr.forms.listing_widget import ListingWidget
from viewr.forms.marker_edit import MarkerEdit
from viewr.forms.marker_view import MarkerView
from viewr.forms.number_edit import NumberEdit
from viewr.forms.placeholder import Placeholder
from viewr.forms.radio_button_group import RadioButtonGroup
from viewr.forms.tabs_widget import TabsWidget
from viewr.forms.text_box import TextBox
from viewr.forms.validation_control import ValidationControl
from viewr.model.template import Field

#: More options than this are a list and no buttons.
MOST_BUTTONS = 200

CONTROLS: dict[str, type[Control]] = {
    "BoxWidget": BoxWidget,
    "CSOEdit": CSOEdit,
    "CalculatedScore": CalculatedScore,
    "CheckBox": CheckBox,
    "ComboBox": ComboBox,
    "ConversationWidget": ConversationWidget,
    "JSONDisplay": JSONDisplay,
    "Landmarks": Landmarks,
    "LineEdit": LineEdit,
    "ListingWidget": ListingWidget,
    "MarkerEdit": MarkerEdit,
    "MarkerView": MarkerView,
    "NumberEdit": NumberEdit,
    "RadioButtonGroup": RadioButtonGroup,
    "TabsWidget": TabsWidget,
    "TextBox": TextBox,
    "ValidationControl": ValidationControl,
}


def control_for(field: Field) -> type[Control]:
    """What shows a field: its control, or a placeholder for one that is not known."""
    if field.control == "RadioButtonGroup" and len(field.options) > MOST_BUTTONS:
        return ComboBox
    return CONTROLS.get(field.control, Placeholder)
