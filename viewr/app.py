"""Where the parts are wired together: the program, the demo, local images, and pictures without a screen."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from viewr import __version__
from viewr.model.errors import SettingsError, ViewrError
from viewr.settings import Settings, load_settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from viewr.model.progress import Progress
    from viewr.model.volume import Volume
    from viewr.widgets.main_window import MainWindow
    from viewr.workspace.folders import Folders
    from viewr.workspace.local_session import LocalTask

log = logging.getLogger(__name__)

#: How long a thread may keep the interpreter while others wait (Python's own: 5 ms).
SWITCH_SECONDS = 0.001


# --- starting --------------------------------------------------------------------------------------------------


def start_logging(settings: Settings) -> Path:
    """Log into a rotating file of the user's own; crashes of the interpreter too."""
    folder = settings.log_path
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "viewr.log"
    handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    faulthandler.enable(open(folder / "crash.log", "a", encoding="utf-8"))  # noqa: SIM115 - open as long as we run
    log.info("ViewR %s starts", __version__)
    return path


def spare_imports() -> bool:
    """Keep PySide from reading the source of every module that is imported from now on; whether there was a need.

    To know whether a module may use its optional spellings (`snake_case`, `true_property`), PySide searches the text
    of each for its own name, which makes imports after it slower by half. Nothing here uses those spellings, so the
    answer "no" is right for all modules. A PySide that does not ask is left as it is.
    """
    from PySide6 import QtCore  # noqa: F401 - brings the hook

    feature = sys.modules.get("shibokensupport.feature")
    if not hasattr(feature, "_mod_uses_pyside"):
        return False
    feature._mod_uses_pyside = _uses_no_features  # type: ignore[union-attr]
    return True


def _uses_no_features(_module: object) -> bool:
    return False


def make_application(settings: Settings) -> QApplication:
    """The Qt application with our look."""
    spare_imports()
    from PySide6.QtWidgets import QApplication

    from viewr.widgets.style import apply_style

    # On Wayland the volume view needs XWayland.
    if os.environ.get("WAYLAND_DISPLAY") and os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    application = QApplication.instance() or QApplication(["viewr"])
    assert isinstance(application, QApplication)
    application.setApplicationName("ViewR")
    application.setApplicationVersion(__version__)
    apply_style(application, settings.theme)
    return application


def folders_of(settings: Settings) -> Folders:
    from viewr.workspace.folders import Folders

    return Folders(settings.data_path, settings.cache_path, cache_bytes_of(settings))


def cache_bytes_of(settings: Settings) -> int:
    return int(settings.cache_gb * 2**30)


def report_defects(window: MainWindow) -> None:
    """What nobody caught is a defect: log it, tell the reader, go on."""
    from shiboken6 import isValid

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("defect", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)
        if isValid(window):
            window.show_defect(error)

    sys.excepthook = hook


def demo_scan(modality: str, progress: Progress) -> Volume | None:
    """A demo patient's scan, for who tries a template."""
    from viewr.demo.volumes import demo_scan as make

    return make(modality, progress)


def open_window(settings: Settings, folders: Folders) -> tuple[QApplication, MainWindow]:
    application = make_application(settings)
    from viewr.widgets.main_window import MainWindow
    from viewr.workspace.collector import Collector

    # Downloads and decoding share the interpreter with the GUI: let it have its turn soon.
    sys.setswitchinterval(SWITCH_SECONDS)
    window = MainWindow(settings, folders, make_scan=demo_scan)
    Collector(window)
    report_defects(window)
    window.show()
    return application, window


def run(profile: str | None = None, renderer: str | None = None) -> int:
    """The program; asks for servers and sign-in."""
    settings = load_settings({"profile": profile, "renderer": renderer})
    known = [item.name for item in settings.profiles]
    if profile and profile not in known:
        raise SettingsError(f"There is no server profile '{profile}'.", f"Known are: {', '.join(known) or 'none'}.")
    start_logging(settings)
    application, window = open_window(settings, folders_of(settings))
    window.begin()
    return application.exec()


# --- demo ------------------------------------------------------------------------------------------------------


def run_demo(data: Path | None, tour: Path | None, port: int, renderer: str | None = None) -> int:
    """The program on demo patients, signed in; with `tour`, working by itself.

    Parameters
    ----------
    data : Path, optional
        State of the servers, the journals and the outbox; a temporary folder if left out.
    tour : Path, optional
        Folder for the screenshots.
    """
    import tempfile

    settings = load_settings({"renderer": renderer})
    with tempfile.TemporaryDirectory(prefix="viewr-demo-") as temporary:
        base = data or Path(temporary)
        return _run_demo(settings, base, tour, port)


def _run_demo(settings: Settings, base: Path, tour: Path | None, port: int) -> int:
    from viewr.demo.process import ServerProcess
    from viewr.workspace.folders import Folders

    start_logging(settings)
    application, window = open_window(settings, Folders(base / "work", base / "cache", cache_bytes_of(settings)))
    window.show_busy("Making demo patients and starting the demo servers …")
    servers = ServerProcess(base / "servers", port)
    job = window.jobs.start(servers.start)
    job.done.connect(partial(sign_in_to_demo, window))
    job.failed.connect(window.show_failure)
    try:
        if tour is None:
            return application.exec()
        from viewr.tour.run import Tour

        return Tour(window, servers, tour).run()
    finally:
        window.close()
        servers.stop()


def sign_in_to_demo(window: MainWindow, ready: dict[str, Any]) -> None:
    """Sign in the demo's reader once the servers are up."""
    from viewr.workspace.desk import Account

    user = next(item for item in ready["users"] if item["username"] == "reader1")
    window.start_sign_in(Account(ready["supervisor"], ready["archive"], user["username"], user["password"]))


# --- without servers -------------------------------------------------------------------------------------------


def run_open(paths: list[Path], template: Path | None, results: Path | None, renderer: str | None = None) -> int:
    """Local images, optionally with a template; results go to a folder in the archive's layout."""
    for path in [*paths, *([template] if template else [])]:
        if not path.exists():
            raise ViewrError(f"There is no file or folder '{path}'.", "Check the path.")
    settings = load_settings({"renderer": renderer})
    start_logging(settings)
    application, window = open_window(settings, folders_of(settings))
    from viewr.workspace.local_session import RESULTS, prepare_local

    window.show_busy("Looking through the files …")
    failures: list[Exception] = []

    def failed(error: Exception) -> None:
        failures.append(error)
        window.close()

    job = window.jobs.start(prepare_local, paths, template, results, window.folders)
    job.done.connect(partial(show_local, window, (results or RESULTS).absolute()))
    job.failed.connect(failed)
    status = application.exec()
    if failures:
        raise failures[0]
    return status


def show_local(window: MainWindow, results: Path, task: LocalTask) -> None:
    window.show_local(task.session(window.jobs, window.folders), results)


def run_workbench(path: Path | None) -> int:
    """The workbench for templates alone, without servers."""
    settings = load_settings()
    start_logging(settings)
    application, window = open_window(settings, folders_of(settings))
    window.show_workbench()
    if path is not None:
        window.workbench_page().open_file(path)
    return application.exec()


def preview_template(path: Path, out: Path) -> None:
    """Picture of what the reader of a template would see; needs no screen."""
    from viewr.workspace.local_session import read_file
    from viewr.workspace.opening import read_template

    template = read_template(path.name, read_file(path))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application(load_settings())
    from viewr.widgets.template_preview import save_preview

    save_preview(template, path.name.split(".")[0], out)


def outbox_command(action: str, out: Path | None, profile: str | None) -> int:
    """List, retry or export what is waiting."""
    from viewr.workspace.outbox_command import run as run_outbox

    settings = load_settings({"profile": profile})
    return run_outbox(action, out, settings, folders_of(settings))
