"""Signing in: servers, user, password. The password is kept for the run only."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row
from viewr.settings import Profile
from viewr.widgets.messages import MessageBar
from viewr.workspace.desk import Account

NEW_PROFILE = "Other servers …"


class SignIn(QWidget):
    """The page shown until the reader is signed in."""

    #: Account, Profile
    sign_in_requested = Signal(object, object)
    images_requested = Signal()
    workbench_requested = Signal()

    def __init__(self, profiles: tuple[Profile, ...] = (), chosen: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profiles = {profile.name: profile for profile in profiles}
        self.messages = MessageBar(self)
        self._build()
        self.profile.setCurrentText(chosen or (profiles[0].name if profiles else NEW_PROFILE))
        self._on_profile(self.profile.currentText())

    def sizeHint(self) -> QSize:
        return QSize(560, 520)

    def _build(self) -> None:
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        card = QWidget(self)
        card.setObjectName("card")
        card.setMaximumWidth(560)
        outer.addWidget(card, 4)
        outer.addStretch(1)
        layout = QVBoxLayout(card)
        layout.addStretch(1)
        title = QLabel("Sign in", card)
        title.setObjectName("pageTitle")
        layout.addWidget(title)
        layout.addWidget(self.messages)
        form = QFormLayout()
        layout.addLayout(form)
        self._add_fields(form)
        row = nested_row(layout)
        self.workbench_button = QPushButton("Write templates …", card)
        self.workbench_button.setFlat(True)
        self.workbench_button.setToolTip("The workbench for authors of templates; needs no servers")
        self.workbench_button.clicked.connect(self.workbench_requested)
        self.images_button = QPushButton("Open images …", card)
        self.images_button.setFlat(True)
        self.images_button.setToolTip("DICOM or NIfTI in a folder of this machine, to look at and measure")
        self.images_button.clicked.connect(self.images_requested)
        row.addWidget(self.images_button)
        row.addWidget(self.workbench_button)
        row.addStretch(1)
        self.button = QPushButton("Sign in", card)
        self.button.setObjectName("primary")
        self.button.setDefault(True)
        self.button.clicked.connect(self.submit)
        row.addWidget(self.button)
        layout.addStretch(2)

    def _add_fields(self, form: QFormLayout) -> None:
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.profile = QComboBox(self)
        self.profile.addItems([*self._profiles, NEW_PROFILE])
        self.profile.currentTextChanged.connect(self._on_profile)
        self.supervisor = self._line("https://tasks.example.org", "Address of the task supervisor")
        self.archive = self._line("https://xnat.example.org", "Address of the XNAT archive")
        self.ca_file = self._line("the system's own", "Certificates of your hospital's own authority (a PEM file)")
        self.user = self._line("", "Your user name")
        self.password = self._line("", "Kept in memory until the program ends, never on disk")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.other_account = QCheckBox("Another account or an alias token for the archive", self)
        self.other_account.setToolTip("Sites with single sign-on: make an alias token on the XNAT page, enter it here")
        self.archive_user = self._line("", "User name or alias")
        self.archive_password = self._line("", "Password or secret of the alias token")
        self.archive_password.setEchoMode(QLineEdit.EchoMode.Password)
        form.addRow("Profile", self.profile)
        form.addRow("Supervisor", self.supervisor)
        form.addRow("Archive", self.archive)
        form.addRow("Certificates", self.ca_file)
        form.addRow("User", self.user)
        form.addRow("Password", self.password)
        form.addRow("", self.other_account)
        form.addRow("Archive user", self.archive_user)
        form.addRow("Archive password", self.archive_password)
        self._form = form
        self.other_account.toggled.connect(self._on_other_account)
        self._on_other_account(False)

    def _line(self, placeholder: str, tip: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(placeholder)
        line.setToolTip(tip)
        line.returnPressed.connect(self.submit)
        return line

    def _on_other_account(self, wanted: bool) -> None:
        for line in (self.archive_user, self.archive_password):
            self._form.setRowVisible(line, wanted)

    def _on_profile(self, name: str) -> None:
        profile = self._profiles.get(name, Profile())
        self.supervisor.setText(profile.supervisor)
        self.archive.setText(profile.archive)
        self.ca_file.setText(profile.ca_file)
        self.user.setText(profile.user)
        self._focus()

    def _focus(self) -> None:
        """To what is typed first: with a profile that is the password."""
        (self.password if self.user.text() else self.supervisor).setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._focus()

    def submit(self) -> None:
        """Ask to be signed in, unless something is missing: then say what."""
        self.messages.clear()
        for line, what in ((self.supervisor, "address of the supervisor"), (self.archive, "address of the archive"),
                           (self.user, "user name"), (self.password, "password")):  # fmt: skip
            if not line.text().strip():
                self.messages.tell(f"The {what} is missing.", kind="warning")
                line.setFocus()
                return
        self.set_busy(True)
        self.sign_in_requested.emit(self._account(), self._chosen_profile())

    def set_busy(self, busy: bool) -> None:
        """Signing in is under way: say so, and take no second press."""
        self.button.setEnabled(not busy)
        self.button.setText("Signing in …" if busy else "Sign in")

    def failed(self, error: BaseException) -> None:
        """Say why it did not work; everything but the password stays."""
        self.set_busy(False)
        self.messages.tell_error(error)
        self.password.selectAll()
        self.password.setFocus()

    def _chosen_profile(self) -> Profile:
        name = self.profile.currentText()
        if name == NEW_PROFILE:
            name = self.supervisor.text().strip().split("//")[-1].split("/")[0]
        return Profile(name, self.supervisor.text().strip(), self.archive.text().strip(), self.user.text().strip(),
                       self.ca_file.text().strip())  # fmt: skip

    def _account(self) -> Account:
        from viewr.net.http import HttpOptions

        own = self.other_account.isChecked()
        return Account(
            self.supervisor.text().strip(), self.archive.text().strip(), self.user.text().strip(), self.password.text(),
            archive_user=self.archive_user.text().strip() if own else "",
            archive_password=self.archive_password.text() if own else "",
            http=HttpOptions(ca_file=self.ca_file.text().strip()),
        )  # fmt: skip


class ResearchNotice(QWidget):
    """Shown once, at the first start."""

    accepted = Signal()

    TEXT = (
        "ViewR is for research use. It is not a medical device: it is not certified for diagnosis, and nothing that "
        "it shows or measures may decide how a patient is treated."
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        layout = QVBoxLayout()
        outer.addLayout(layout, 3)
        outer.addStretch(1)
        title = QLabel("Before you begin", self)
        title.setObjectName("pageTitle")
        text = QLabel(self.TEXT, self)
        text.setWordWrap(True)
        self.button = QPushButton("I understand", self)
        self.button.setObjectName("primary")
        self.button.setDefault(True)
        self.button.clicked.connect(partial(self.accepted.emit))
        layout.addStretch(1)
        layout.addWidget(title)
        layout.addWidget(text)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        layout.addStretch(2)
