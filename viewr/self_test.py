"""``viewr self-test``: what the program needs of this machine, one line each; works frozen and without a screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from viewr import __version__
from viewr.model.errors import ViewrError
from viewr.settings import Settings, load_settings

#: Returns what was found; raises ViewrError or OSError where something is amiss.
Check = Callable[[Settings], str]

#: The application must live until all checks are done.
_KEPT: list[object] = []
#: Free space below which a day's work may not fit.
LEAST_FREE_GB = 2.0


def check_program(_settings: Settings) -> str:
    frozen = "frozen" if getattr(sys, "frozen", False) else "from source"
    return f"ViewR {__version__}, Python {sys.version.split()[0]}, {frozen}"


def check_qt(_settings: Settings) -> str:
    from PySide6 import __version__ as pyside_version
    from PySide6.QtGui import QGuiApplication, QImageReader
    from PySide6.QtWidgets import QApplication

    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("win32", "darwin")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(["viewr"])
    formats = {bytes(item.data()).decode() for item in QImageReader.supportedImageFormats()}
    if "svg" not in formats:
        raise ViewrError("Qt cannot draw SVG icons.", "Its plug-in 'qsvg' is missing; install the program anew.")
    _KEPT.append(application)
    return f"Qt {pyside_version}, platform {QGuiApplication.platformName()}"


def check_tls(_settings: Settings) -> str:
    import ssl

    import certifi

    if not Path(certifi.where()).is_file():
        raise ViewrError("The file of trusted certificates is missing.", "Install the program anew.")
    return ssl.OPENSSL_VERSION


def check_opengl(_settings: Settings) -> str:
    """No GPU is not a fault: pictures are made by the CPU then."""
    from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

    if QGuiApplication.platformName() == "offscreen":
        return "none without a screen; pictures are made by the CPU"
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    context = QOpenGLContext()
    context.setFormat(wanted)
    surface = QOffscreenSurface()
    surface.setFormat(wanted)
    surface.create()
    if not (context.create() and context.makeCurrent(surface)):
        return "none; pictures are made by the CPU"
    renderer = context.functions().glGetString(0x1F01)  # GL_RENDERER
    context.doneCurrent()
    return str(renderer)


def check_volume(_settings: Settings) -> str:
    from viewr.render.volume_check import try_volume

    return try_volume()


def check_codecs(_settings: Settings) -> str:
    """Every codec packs a picture and gives it back unchanged."""
    import imagecodecs
    import numpy as np

    ramp = np.add.outer(np.arange(64, dtype=np.uint16) * 7, np.arange(48, dtype=np.uint16) * 11)
    for name, unpack, packed in (
        ("JPEG lossless", imagecodecs.ljpeg_decode, imagecodecs.ljpeg_encode(ramp)),
        ("JPEG-LS", imagecodecs.jpegls_decode, imagecodecs.jpegls_encode(ramp)),
        ("JPEG 2000", imagecodecs.jpeg2k_decode, imagecodecs.jpeg2k_encode(ramp, level=0)),
    ):
        if not np.array_equal(np.asarray(unpack(packed)), ramp):
            raise ViewrError(f"The codec {name} does not give back what it packed.", "Install the program anew.")
    from pydicom.pixels.decoders import RLELosslessDecoder

    if not RLELosslessDecoder.is_available:
        raise ViewrError("The codec RLE is missing.", "Install the program anew.")
    return "JPEG lossless, JPEG-LS, JPEG 2000, RLE"


def check_image_processing(_settings: Settings) -> str:
    import nibabel
    import numpy as np
    import scipy
    import skimage
    from scipy import ndimage
    from skimage.measure import find_contours

    disc = np.hypot(*np.mgrid[-8:9, -8:9]) < 5
    if ndimage.label(disc)[1] != 1 or len(find_contours(disc.astype(float), 0.5)) != 1:
        raise ViewrError("Image processing gives wrong results.", "Install the program anew.")
    return ", ".join(f"{part.__name__} {vars(part)['__version__']}" for part in (np, scipy, skimage, nibabel))


def check_templates(_settings: Settings) -> str:
    from viewr.demo.tasks import demo_templates
    from viewr.model.template import load_template

    names = [load_template(text).name for text in demo_templates().values()]
    return ", ".join(names)


def check_disk(settings: Settings) -> str:
    """Work must never fail to reach the disk."""
    import shutil

    answers = []
    for folder in (settings.data_path, settings.cache_path):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"viewr")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free / 1e9
        if free < LEAST_FREE_GB:
            raise ViewrError(f"Only {free:.1f} GB are free in {folder}.", "Make room, or set VIEWR_DATA_DIR.")
        answers.append(f"{folder} ({free:.0f} GB free)")
    return ", ".join(answers)


def check_keyring(_settings: Settings) -> str:
    """No keyring is not a fault: the password is asked for at each start."""
    import keyring

    return str(keyring.get_keyring().__class__.__name__)


def check_servers(settings: Settings) -> str:
    from viewr.net.http import Http, HttpOptions

    if not settings.profiles:
        return "none configured"
    for profile in settings.profiles:
        for url in (profile.supervisor, profile.archive):
            Http(url, options=HttpOptions(ca_file=profile.ca_file, retries=0)).reach()
    return ", ".join(profile.name for profile in settings.profiles)


CHECKS: dict[str, Check] = {
    "program": check_program,
    "qt": check_qt,
    "opengl": check_opengl,
    "volume view": check_volume,
    "codecs": check_codecs,
    "image processing": check_image_processing,
    "templates": check_templates,
    "certificates": check_tls,
    "keyring": check_keyring,
    "disk": check_disk,
    "servers": check_servers,
}


def run_checks() -> int:
    """Run every check; 0 if all passed, 1 if not."""
    settings = load_settings()
    failed = 0
    for name, check in CHECKS.items():
        try:
            print(f"ok      {name}: {check(settings)}")
        except (ViewrError, OSError, ImportError) as exc:
            failed += 1
            print(f"FAILED  {name}: {exc}")
    print(f"log: {settings.log_path / 'viewr.log'}")
    return 1 if failed else 0
