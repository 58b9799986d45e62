"""What stands beside the pictures in quality control if asked for: the whole form, and the study's procedure."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewr.forms.form import Form
from viewr.widgets.sop import SopPanel
from viewr.workspace.task_session import TaskSession

#: Width of each part, logical pixels.
WIDTH = 340


class QcSide(QWidget):
    """The form of a context and the procedure; each is made when it is first shown."""

    def __init__(self, session: TaskSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.forms: dict[str, Form] = {}
        self.sop: SopPanel | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.hide()

    def show_form(self, context: str | None) -> Form | None:
        """Show the form of a context; None shows none."""
        if context is not None and context not in self.forms:
            session = self._session
            form = Form(session.document, session.template.context(context), user=session.identity.user)
            form.setFixedWidth(WIDTH)
            self.forms[context] = form
            self._row.addWidget(form)
        for name, held in self.forms.items():
            held.setVisible(name == context)
        self._show()
        return self.forms[context] if context is not None else None

    def show_row(self, context: str, listing: str, row: str) -> None:
        """Bring the row of a scan into its form, if that is in sight."""
        form = self.forms.get(context)
        if form is not None and listing and not form.isHidden():
            form.control(listing).reveal_row(row)

    def show_sop(self, wanted: bool) -> None:
        """Show the procedure, or hide it."""
        if wanted and self.sop is None:
            self.sop = SopPanel(self._session.template.sop, self)
            self.sop.setFixedWidth(WIDTH)
            self._row.insertWidget(0, self.sop)
        if self.sop is not None:
            self.sop.setVisible(wanted)
        self._show()

    def finish_editing(self) -> None:
        """Take in what was typed but not yet given as an answer."""
        for form in self.forms.values():
            form.finish_editing()

    def _show(self) -> None:
        parts = [*self.forms.values(), *([self.sop] if self.sop is not None else [])]
        self.setVisible(any(not part.isHidden() for part in parts))
