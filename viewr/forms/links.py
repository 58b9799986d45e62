"""Fields and what is drawn for them follow each other (`link`): the keyboard in a field shows the object in the views,
an object chosen in a view shows its field, and a deletion on one side is told.

A link names a field of markers, landmarks or contours, as formulas name fields; or a label map, with a label if wanted
("wml", "wml/2").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from viewr.forms.base import Control
from viewr.forms.drawing import jump
from viewr.model.annotation import DrawingKey, Drawn
from viewr.model.answers import ROW_ID, get_answer, row_numbers
from viewr.model.state import Change, Look
from viewr.model.template import LISTING

if TYPE_CHECKING:
    from viewr.forms.form import Form


class Links(QObject):
    """Keeps a form and the views together.

    Attributes
    ----------
    told : Signal(str)
        A sentence for the reader: what a deletion means for the other side.
    """

    told = Signal(str)

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self._form = form
        self._maps = {spec.name for spec in form.context.annotations}
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    # --- from the form to the views ----------------------------------------------------------------------------

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        around = list(self._controls_around(now))
        if around:
            self._form.entered.emit(around[0].path)
        linked = next((control for control in around if _link(control)), None)
        if linked is not None:
            self.show_linked(linked)

    def _controls_around(self, widget: QWidget | None) -> Iterator[Control]:
        """The controls of this form that hold a widget, the innermost first."""
        while widget is not None and widget is not self._form:
            if isinstance(widget, Control) and widget.host is self._form:
                yield widget
            widget = widget.parentWidget()

    def show_linked(self, control: Control) -> None:
        """Show in the views what a field is linked to."""
        name, _, label = _link(control).partition("/")
        if name in self._maps:
            self._show_map(name, label)
            return
        key = self.target_of(control)
        drawn = self._drawings().get(key, ()) if key else ()
        number = self._number_of(control, key[1]) if key else 0
        if key and number < len(drawn) and self._look().selected != (key, drawn[number].id):
            item = drawn[number]
            jump(self._form.document, self._form.context.name, item, selected=(key, item.id))

    def follow_row(self, path: str) -> None:
        """Another entry of a listing is shown: show the object that belongs to it in a field beside the listing."""
        control = self._form.control(path)
        key = self.target_of(control) if _link(control) else None
        if key is not None and not key[1].startswith(f"{path}/"):
            self.show_linked(control)

    def _number_of(self, control: Control, path: str) -> int:
        """Which object of a field is meant: the first one; beside a listing that of the same place as the entry."""
        row = getattr(control, "current_row", "")
        if not row or path.startswith(f"{control.path}/"):
            return 0
        answers = self._form.document.state.annotation.answers.get(self._form.context.name, {})
        numbers = row_numbers(answers, f"{control.path}/{row}")
        return numbers[-1] - 1 if numbers else 0

    def _show_map(self, name: str, label: str) -> None:
        look, context = self._look(), self._form.context.name
        fields: dict[str, Any] = {}
        if label.isdigit() and look.labels.get((context, name)) != int(label):
            fields["labels"] = {**look.labels, (context, name): int(label)}
        own = {key: view for key, view in look.viewports.items() if key[0] == context}
        if own and all(view.annotation != name for view in own.values()):
            key = look.active if look.active in own else next(iter(own))
            fields["viewports"] = {**look.viewports, key: replace(own[key], annotation=name)}
        if fields:
            self._form.document.look(**fields)

    def target_of(self, control: Control) -> DrawingKey | None:
        """The drawings that a field is linked to: of a sibling, else of a field further out that has some."""
        name, context = _link(control).replace(".", "/"), self._form.context.name
        row = getattr(control, "current_row", "")
        inside = [*control.path.split("/"), row] if row else control.path.split("/")[:-1]
        drawings = self._drawings()
        while True:
            key = (context, "/".join([*inside, name]))
            if key in drawings or not inside:
                return key if key in drawings else None
            inside.pop()

    # --- from the views to the form ----------------------------------------------------------------------------

    def follow(self, change: Change) -> None:
        """The document changed: show the field of what was chosen, tell what was deleted."""
        before, after = change.before.look, change.after.look
        if before.selected != after.selected and after.selected is not None:
            self._reveal_drawn(*after.selected)
        if before.labels is not after.labels:
            self._reveal_label(before, after)
        if change.kind == "edit" and change.before.annotation.drawings is not change.after.annotation.drawings:
            self._tell_deleted(change)

    def _linked(self) -> Iterator[Control]:
        yield from (control for control in self._form.controls() if _link(control))

    def _reveal_drawn(self, key: DrawingKey, item: int) -> None:
        # whoever has the keyboard in the form chose it there
        focus = QApplication.focusWidget()
        if key[0] != self._form.context.name or (focus is not None and self._form.isAncestorOf(focus)):
            return
        for control in self._linked():
            if self.target_of(control) == key or key[1].startswith(f"{control.path}/"):
                inside = key[1].startswith(f"{control.path}/")
                self._form.reveal(key[1] if inside else control.path)
                if not inside:
                    self._reveal_row(control, key, item)
                return

    def _reveal_row(self, control: Control, key: DrawingKey, item: int) -> None:
        """Show the entry of a listing that belongs to an object of a field beside it."""
        ids = [one.id for one in self._drawings().get(key, ())]
        number = ids.index(item) if item in ids else len(ids)
        answers = self._form.document.state.annotation.answers.get(self._form.context.name, {})
        rows = get_answer(answers, control.path) if control.field.control == LISTING else None
        if rows and number < len(rows):
            control.reveal_row(str(rows[number].get(ROW_ID)))

    def _reveal_label(self, before: Look, after: Look) -> None:
        context = self._form.context.name
        for control in self._linked():
            name, _, label = _link(control).partition("/")
            now = after.labels.get((context, name))
            if name in self._maps and label == str(now) and now != before.labels.get((context, name)):
                self._form.reveal(control.path)
                return

    def _tell_deleted(self, change: Change) -> None:
        held, left = change.before.annotation.drawings, change.after.annotation.drawings
        for control in self._linked():
            for key in [key for key in held if key[0] == self._form.context.name]:
                if len(left.get(key, ())) < len(held[key]) and self._belongs(control, key, change):
                    self.told.emit(self._sentence(control, key[1], held[key][0]))
                    return

    def _belongs(self, control: Control, key: DrawingKey, change: Change) -> bool:
        """Whether drawings are those of a field that is still there."""
        name = _link(control).replace(".", "/")
        if not key[1].endswith(f"/{name}") and key[1] != name:
            return False
        if not key[1].startswith(f"{control.path}/"):
            return key[1].rpartition("/")[0] == control.path.rpartition("/")[0]
        answers = change.after.annotation.answers.get(key[0], {})
        row = key[1][len(control.path) + 1 :].split("/")[0]
        return bool(row_numbers(answers, f"{control.path}/{row}"))

    def _sentence(self, control: Control, path: str, drawn: Drawn) -> str:
        answers = self._form.document.state.annotation.answers.get(self._form.context.name, {})
        numbers = row_numbers(answers, path)
        noun = type(drawn).__name__.lower()
        place = f"entry {numbers[-1]} of “{control.title}”" if numbers else f"“{control.title}”"
        return f"The {noun} of {place} was deleted; the {'entry' if numbers else 'answer'} stays. Undo brings it back."

    # --- small parts -------------------------------------------------------------------------------------------

    def _drawings(self) -> Any:
        return self._form.document.state.annotation.drawings

    def _look(self) -> Look:
        return self._form.document.state.look


def _link(control: Control) -> str:
    link = control.field.extra.get("link")
    return link.strip() if isinstance(link, str) else ""

