"""Images of this machine, opened from the sign-in page: for who has no servers at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from viewr.widgets.main_window import MainWindow
    from viewr.workspace.local_session import LocalTask


class LocalImages(QObject):
    """Asks for a folder and shows its images; nothing is kept of them.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def choose(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open a folder of images")
        if folder:
            self.open(Path(folder))

    def open(self, folder: Path) -> None:
        """Show the images of a folder, or say on the sign-in page why not."""
        # not before it is wanted: the window should be there soon
        from viewr.workspace.local_session import prepare_local

        window = self._window
        window.show_busy("Looking through the files …")
        job = window.jobs.start(prepare_local, [folder], None, None, window.folders, kind="local images")
        job.done.connect(self._show)
        job.failed.connect(window.show_failure)

    def _show(self, task: LocalTask) -> None:
        from viewr.workspace.local_session import RESULTS

        self._window.show_local(task.session(self._window.jobs, self._window.folders), RESULTS.absolute())
