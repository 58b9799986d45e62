"""Parts of a layout that hold nothing yet: their room goes to the others until something appears in them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolBox,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.form import Form
from viewr.templates.mdl import CONTEXT, EDITOR
from viewr.templates.mdl_parse import SLOT, Node
from viewr.widgets.tool_panel import finding_lists

_LINES = (QFrame.Shape.HLine, QFrame.Shape.VLine)
#: What shows one of its parts at a time has its room anyway.
_PAGES = (QTabWidget, QToolBox, QStackedWidget)


def places_tools(layout: Node, context: str) -> bool:
    """Whether a layout has room for the tools of a context."""
    inner = (node for node in layout.walk() if node.tag == CONTEXT and node.name == context)
    return any(node.tag == SLOT and node.name == EDITOR for one in inner for node in one.walk())


class EmptyForm(QWidget):
    """Stands where a form without fields would be: with the measures and key images, once there are any.

    Parameters
    ----------
    form : Form
        It has no fields, and goes with this.
    lists : bool
        False: they stand among the tools.
    """

    #: there is something now, or nothing any more
    filled = Signal()

    def __init__(self, form: Form, *, lists: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("formBody")
        form.setParent(self)
        form.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self._lists = finding_lists(form.document, form.context.name, self) if lists else []
        self.setMinimumWidth(form.minimumWidth() if lists else 0)
        for box in self._lists:
            box.installEventFilter(self)
            column.addWidget(box)
        column.addStretch(1)

    @property
    def is_empty(self) -> bool:
        return all(box.isHidden() for box in self._lists)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.filled.emit()
        return super().eventFilter(watched, event)


class EmptyParts(QObject):
    """Hides what holds nothing but empty forms, as long as they are empty.

    Tabs stay, and so does an empty form beside the tools: there is no room to be gained.

    Parameters
    ----------
    work : QWidget
        The widget of the whole layout; it stays.
    parts : iterable of QWidget
        What the layout places, empty forms among it.
    """

    def __init__(self, work: QWidget, parts: Iterable[QWidget], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._parts = set(parts)
        self._empty = [part for part in self._parts if isinstance(part, EmptyForm)]
        for part in self._empty:
            part.filled.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Give room to what holds something."""
        if self._empty:
            self._says_something(self._work)

    def _says_something(self, widget: QWidget) -> bool:
        if isinstance(widget, EmptyForm):
            return not widget.is_empty
        if not any(widget.isAncestorOf(part) for part in self._empty):
            return not widget.isHidden() and (widget in self._parts or not _is_filling(widget))
        if isinstance(widget, _PAGES):
            return True
        full = {part: self._says_something(part) for part in _parts_of(widget)}
        for part, shown in full.items():
            # beside others an empty form keeps them from being drawn apart
            if any(part is one or part.isAncestorOf(one) for one in self._empty) and (
                isinstance(widget, QSplitter) or not isinstance(part, EmptyForm)
            ):
                _show(part, shown)
        return any(full.values())


def _show(part: QWidget, shown: bool) -> None:
    if part.isHidden() == shown:
        part.setVisible(shown)


def _parts_of(widget: QWidget) -> list[QWidget]:
    """What a box, a splitter or a scrolled part holds."""
    found: list[QWidget | None] = []
    layout = widget.layout()
    if isinstance(widget, QSplitter):
        found += [widget.widget(number) for number in range(widget.count())]
    elif isinstance(widget, QScrollArea):
        found.append(widget.widget())
    elif layout is not None:
        items = [layout.itemAt(number) for number in range(layout.count())]
        found += [item.widget() for item in items if item is not None]
    return [part for part in found if part is not None]


def _is_filling(widget: QWidget) -> bool:
    """Whether a widget is a line, or room between others."""
    if isinstance(widget, QFrame) and widget.frameShape() in _LINES:
        return True
    return type(widget) is QWidget and widget.layout() is None
