"""The program's window: one page at a time, from the notice to the open task."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from viewr.forms.base import plain_label
from viewr.settings import Profile, Settings, save_settings, user_profiles, with_profile
from viewr.widgets import habits
from viewr.widgets.local_images import LocalImages
from viewr.widgets.messages import MessageBar, error_text
from viewr.widgets.outbox_view import OutboxView
from viewr.widgets.performance import PerformanceReadout
from viewr.widgets.qc_pages import QcPages
from viewr.widgets.renderers import Renderers
from viewr.widgets.second_window import first_place
from viewr.widgets.shortcuts import Shortcuts
from viewr.widgets.sign_in import ResearchNotice, SignIn
from viewr.widgets.task_list import TaskList
from viewr.widgets.task_view import TaskView
from viewr.workspace.desk import Account, Desk, SignedIn, sign_in
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.outbox_plan import ToldError
from viewr.workspace.prefetch import limits_of
from viewr.workspace.task_session import TaskSession

if TYPE_CHECKING:
    from viewr.model.template import Context
    from viewr.widgets.template_trial import ScanMaker
    from viewr.widgets.workbench import TemplateWorkbench
    from viewr.workspace.outbox_waiting import Waiting



class BusyPage(QWidget):
    """Says what is being waited for; the first thing that a newcomer to the demo sees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        self.label = plain_label("", self)
        self.label.setObjectName("pageTitle")
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Without an end: nobody knows how long servers take.
        bar = self.bar = QProgressBar(self)
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedSize(320, 6)
        purpose = QLabel("For research use. Not a medical device.", self)
        purpose.setObjectName("quiet")
        layout.addStretch(1)
        layout.addWidget(self.label)
        layout.addWidget(bar, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(purpose, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)

    def say(self, text: str, *, busy: bool = True) -> None:
        """Show a word; without `busy` it is the last one."""
        self.label.setText(text)
        self.bar.setVisible(busy)


class MainWindow(QMainWindow):
    """Shows pages and moves between them; the work is done by `Desk` and `TaskSession`.

    Parameters
    ----------
    settings : Settings
    folders : Folders
        Where work and images are kept.
    make_scan : callable, optional
        Gives scans to try templates on.
    """

    #: the reader is signed in
    signed_in = Signal()
    #: TaskView
    task_shown = Signal(object)

    def __init__(self, settings: Settings, folders: Folders, make_scan: ScanMaker | None = None) -> None:
        super().__init__()
        self._make_scan = make_scan
        self._workbench: TemplateWorkbench | None = None
        self.settings = settings
        habits.use(settings)
        self.folders = folders
        self.jobs = Jobs(parent=self)
        self.desk: Desk | None = None
        self.task_view: TaskView | None = None
        #: task -> how far its forms were scrolled when it was left
        self._scrolled: dict[str, dict[str, int]] = {}
        self.qc: QcPages | None = None
        self._profile: Profile | None = None
        self._results = Path()
        self._begun = False
        self.renderers = Renderers(settings.renderer, self)
        self.renderers.notice.connect(self._tell)
        self.setWindowTitle("ViewR")
        self.setMinimumSize(900, 480)
        self._build()
        self._restore_geometry()
        self.performance = PerformanceReadout(self, self.jobs, folders)
        self._shortcuts = Shortcuts(self, "window")

    def _build(self) -> None:
        self.pages = QStackedWidget(self)
        self.setCentralWidget(self.pages)
        self.busy = BusyPage(self)
        self.notice = ResearchNotice(self)
        self.notice.accepted.connect(self._on_notice_accepted)
        self.sign_in_page = SignIn(self.settings.profiles, self.settings.profile, self)
        self.sign_in_page.sign_in_requested.connect(self._on_sign_in)
        self.task_list = TaskList(self.settings.application_names, self)
        self.task_list.open_requested.connect(self.open_task)
        self.task_list.next_requested.connect(self.open_next)
        self.task_list.qc_requested.connect(self.start_qc)
        self.outbox = OutboxView(self)
        self.task_list.settings_requested.connect(self.show_settings)
        self.task_list.workbench_requested.connect(self.show_workbench)
        self.sign_in_page.workbench_requested.connect(self.show_workbench)
        self.local_images = LocalImages(self)
        self.sign_in_page.images_requested.connect(self.local_images.choose)
        self.task_list.outbox_requested.connect(partial(self.pages.setCurrentWidget, self.outbox))
        self.outbox.back_requested.connect(self.show_tasks)
        self.outbox.retry_requested.connect(self._retry)
        self.outbox.send_requested.connect(self._send_anyway)
        self.outbox.take_back_requested.connect(self._take_back)
        self.outbox.correct_requested.connect(self._correct)
        self.outbox.export_requested.connect(self._export)
        for page in (self.busy, self.notice, self.sign_in_page, self.task_list, self.outbox):
            self.pages.addWidget(page)

    # --- pages -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Show what a reader sees first: once the notice, then the sign-in."""
        self._begun = True
        seen = self.settings.research_notice_seen
        self.pages.setCurrentWidget(self.sign_in_page if seen else self.notice)

    def show_busy(self, text: str) -> None:
        self.busy.say(text)
        self.pages.setCurrentWidget(self.busy)

    def show_failure(self, error: BaseException) -> None:
        """Say on the sign-in page what failed before anybody was signed in."""
        self.pages.setCurrentWidget(self.sign_in_page)
        self.sign_in_page.failed(error)

    def show_defect(self, error: BaseException) -> None:
        """Say that something went wrong which nobody caught; a page that waits for it is left."""
        page = self.pages.currentWidget()
        if page is self.busy and self.desk is not None:
            if self.task_view is not None:
                self.task_view.session.close(release=True, keep_draft=True)
                self._drop_view()
            self.show_tasks()
            page = self.task_list
        if page is self.busy:
            self.busy.say(" ".join(error_text(error)), busy=False)
        else:
            bar = page.findChild(MessageBar) if page is not None else None
            (bar or self.task_list.messages).tell_error(error)

    def _tell(self, sentence: str) -> None:
        """Say something on the page that is shown."""
        page = self.pages.currentWidget()
        bar = page.findChild(MessageBar) if page is not None else None
        (bar or self.task_list.messages).tell(sentence)

    def show_tasks(self) -> None:
        """Go to the task list and ask the supervisor again; without servers there is nothing to go to."""
        self.setWindowTitle("ViewR")
        if self.desk is None:
            self.pages.setCurrentWidget(self.sign_in_page)
            if not self._begun:
                self.close()
            return
        self.desk.rest()
        self.pages.setCurrentWidget(self.task_list)
        self.task_list.view.setFocus()
        self.task_list.refresh()

    def show_keys(self) -> None:
        """All keys, with those of the open task's answers."""
        from viewr.widgets.keys_help import open_keys

        open_keys(self, self._open_context(), dict(self.qc.view.keys) if self._in_qc and self.qc else None)

    def _open_context(self) -> Context | None:
        """What is in sight of the open task."""
        if self._in_qc and self.qc is not None and (session := self.qc.view.session) is not None:
            return session.template.contexts[0]
        view = self.task_view if self.pages.currentWidget() is self.task_view else None
        return view.context if view is not None else None

    @property
    def _in_qc(self) -> bool:
        return self.qc is not None and self.pages.currentWidget() is self.qc.view

    def show_settings(self) -> None:
        from viewr.widgets.settings_dialog import open_settings

        open_settings(self, context=self._open_context())

    # --- templates ---------------------------------------------------------------------------------------------

    def workbench_page(self) -> TemplateWorkbench:
        """The workbench; made when it is first asked for."""
        if self._workbench is None:
            from viewr.widgets.workbench import TemplateWorkbench

            page = self._workbench = TemplateWorkbench(self.jobs, self.folders.data, self._make_scan, self)
            page.leave_requested.connect(self._leave_workbench)
            self.pages.addWidget(page)
        if self.desk is not None:
            self._workbench.use_supervisor(self.desk.signed_in.supervisor)
        return self._workbench

    def show_workbench(self) -> None:
        self.pages.setCurrentWidget(self.workbench_page())
        self.setWindowTitle("Template workbench – ViewR")

    def _leave_workbench(self) -> None:
        self._drop_workbench()
        if self.desk is not None:
            self.show_tasks()
        elif self.settings.profiles or self.settings.research_notice_seen:
            self.begin()
        else:
            self.close()

    def _drop_workbench(self) -> None:
        page, self._workbench = self._workbench, None
        if page is not None:
            page.finish()
            self.pages.removeWidget(page)
            page.deleteLater()

    # --- signing in --------------------------------------------------------------------------------------------

    def _on_notice_accepted(self) -> None:
        save_settings(research_notice_seen=True)
        self.pages.setCurrentWidget(self.sign_in_page)

    def _on_sign_in(self, account: Account, profile: Profile) -> None:
        self._profile = profile
        self.start_sign_in(account)

    def start_sign_in(self, account: Account) -> None:
        """Sign in in the background; the task list follows, or the sign-in page with the reason."""
        job = self.jobs.start(sign_in, account, self.folders, kind="sign in")
        job.done.connect(self._on_signed_in)
        job.failed.connect(self.show_failure)

    def _on_signed_in(self, clients: SignedIn) -> None:
        self._keep_profile()
        self.sign_in_page.set_busy(False)
        names = self.settings.application_names
        limits = limits_of(self.settings.prefetch_cases, self.settings.prefetch_gb, self.settings.cache_gb)
        self.desk = Desk(clients, self.jobs, self.folders, self, application_names=names, limits=limits)
        self.desk.opened.connect(self.show_session)
        self.desk.open_failed.connect(self._on_open_failed)
        self.desk.notice.connect(self.task_list.messages.tell)
        self.desk.outbox_changed.connect(self._on_outbox)
        self.desk.exported.connect(self.outbox.tell)
        self.desk.delivered.connect(self._on_delivered)
        self.task_list.use(self.desk)
        self.pages.setCurrentWidget(self.task_list)
        self.task_list.view.setFocus()
        self.signed_in.emit()

    def _keep_profile(self) -> None:
        """Remember servers that worked; never the password."""
        if self._profile is not None:
            save_settings(profiles=with_profile(user_profiles(), self._profile))

    def _on_delivered(self, _submission: str) -> None:
        """A task is done: the list, if it is in sight, should not offer it any more."""
        if self.pages.currentWidget() is self.task_list:
            self.task_list.refresh(keep_messages=True)

    def _on_outbox(self, waiting: list[Waiting]) -> None:
        self.outbox.show_waiting(waiting)

    def _retry(self) -> None:
        """Try what is chosen, also if it was held; else all that is not held."""
        if self.desk is not None:
            self.desk.retry(self.outbox.chosen)

    def _send_anyway(self, submission: str) -> None:
        if self.desk is not None:
            self.desk.retry(submission, anyway=True)

    def _take_back(self, submission: str) -> None:
        if self.desk is not None:
            self.show_busy("Opening the task again …")
            self.desk.take_back(submission)

    def _export(self, submission: str, folder: str) -> None:
        if self.desk is not None:
            self.desk.export(submission, folder)

    def _correct(self, submission: str, task_id: str) -> None:
        if self.desk is not None:
            self.show_busy("Opening the task to correct it …")
            self.desk.correct(submission, task_id)

    # --- tasks -------------------------------------------------------------------------------------------------

    def open_task(self, task_id: str, read_only: bool = False) -> None:
        """Open a task, or say in the list why not."""
        if self.desk is not None:
            self.show_busy(f"Opening task {task_id} …")
            self.desk.open(task_id, read_only=read_only)

    def open_next(self, after: str = "") -> None:
        """Open the first task that can be opened."""
        if self.desk is not None:
            self.show_busy("Opening the next task …")
            self.desk.open_next(after)

    def show_session(self, session: TaskSession) -> None:
        """Show an open task, and begin to fetch its scans."""
        self._drop_view()
        view = self.task_view = TaskView(session, self, confirm=habits.habits().confirm_submit,
                                         renderers=self.renderers)  # fmt: skip
        view.leave_requested.connect(self.leave_task)
        view.keys_requested.connect(self.show_keys)
        view.settings_requested.connect(self.show_settings)
        view.finished.connect(self._on_finished)
        view.sheet.never_again.connect(self._submit_without_asking)
        view.built.connect(self._on_built)
        self.setWindowTitle(f"{session.title} – ViewR")
        session.start()
        view.build()

    def _submit_without_asking(self) -> None:
        habits.change(confirm_submit=False)

    def show_local(self, session: TaskSession, results: Path) -> None:
        """Show local images; there are no servers to go back to.

        Parameters
        ----------
        results : Path
            Folder that the results go to.
        """
        self._results = results
        self.show_session(session)

    def _on_built(self) -> None:
        if self.task_view is not None:
            self.pages.addWidget(self.task_view)
            self.pages.setCurrentWidget(self.task_view)
            self.task_view.take_keys()
            self.task_view.scroll_to(self._scrolled.get(self.task_view.session.identity.id, {}))
            self.task_shown.emit(self.task_view)

    def _on_open_failed(self, _task_id: str, error: BaseException) -> None:
        if isinstance(error, ToldError):
            self.pages.setCurrentWidget(self.outbox)
            self.outbox.refuse(error)
            return
        self.show_tasks()
        self.task_list.messages.tell_error(error)

    def leave_task(self) -> None:
        """Back to the list; the work so far stays as a draft, the lock is given back."""
        if self.task_view is not None:
            self.task_view.finish_editing()
            self.task_view.session.close(release=True, keep_draft=True)
            self._drop_view()
        self.show_tasks()

    def _on_finished(self, go_on: bool) -> None:
        task_id = self.task_view.session.identity.id if self.task_view is not None else ""
        self._drop_view()
        if self.desk is None:
            self.pages.setCurrentWidget(self.busy)
            self.busy.say(f"The results are in {self._results}.\nThis window can be closed.", busy=False)
            return
        if go_on:
            self.open_next(task_id)
        else:
            self.show_tasks()

    def _drop_view(self) -> None:
        if self.task_view is not None:
            if self.task_view.forms:
                self._scrolled[self.task_view.session.identity.id] = self.task_view.scrolled()
            self.task_view.session.document.retire()
            self.pages.removeWidget(self.task_view)
            self.task_view.deleteLater()
            self.task_view = None

    # --- quality control ---------------------------------------------------------------------------------------

    def start_qc(self, task_id: str) -> None:
        """Judge one case after the other, beginning with a task of the list."""
        if self.desk is None:
            return
        self._drop_view()
        self._drop_qc()
        qc = self.qc = QcPages(self.desk, self.jobs, self)
        qc.left.connect(self._leave_qc)
        qc.case_shown.connect(self._name_case)
        self.pages.addWidget(qc.view)
        self.pages.setCurrentWidget(qc.view)
        qc.start(task_id)

    def _name_case(self, session: TaskSession) -> None:
        self.setWindowTitle(f"{session.title} – ViewR")

    def _leave_qc(self) -> None:
        self._drop_qc()
        self.show_tasks()

    def _drop_qc(self) -> None:
        if self.qc is not None:
            self.pages.removeWidget(self.qc.view)
            self.qc.close()
            self.qc = None

    # --- the window --------------------------------------------------------------------------------------------

    def _restore_geometry(self) -> None:
        geometry = QSettings("viewr", "viewr").value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        else:
            self.setGeometry(first_place(self.screen().availableGeometry(), alone=True))

    def closeEvent(self, event: QCloseEvent) -> None:
        QSettings("viewr", "viewr").setValue("geometry", self.saveGeometry())
        if self.task_view is not None:
            self.task_view.finish_editing()
            self.task_view.session.close(release=True, keep_draft=True)
            self._drop_view()
        self._drop_workbench()
        if self.desk is not None:
            self.desk.close()
        self.jobs.shut_down()
        self.renderers.close()
        event.accept()
