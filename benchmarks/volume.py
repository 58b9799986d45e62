"""The volume view on a CT of 512 x 512 x 300 at 800 x 600: the first picture, pictures while it is turned, and how long
the window stands still; beside VTK's own volume mapper on the whole scan in the thread of the window. Where a GPU casts
the rays, also 512 x 512 x 512 while it is turned; the developers had none, so that row is not measured by them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks._timing import show
from viewr.model.geometry import Grid
from viewr.model.template import Context, Template, Viewport
from viewr.model.volume import Volume, Window
from viewr.widgets.viewports import ViewportGrid
from viewr.widgets.volume_view import VolumeView
from viewr.workspace.document import Document
from viewr.workspace.heartbeat import Heartbeat

SIZE = (800, 600)
SHAPE, CUBE = (512, 512, 300), (512, 512, 512)
#: Pictures a second of the cube on a GPU.
GPU_PICTURES = 30.0
#: Seconds that the patient is turned by the mouse.
TURNING = 5.0
PEER = "vtkSmartVolumeMapper, whole scan, in the window's thread"


def body(shape: tuple[int, int, int] = SHAPE) -> Volume:
    """A trunk with a spine, ribs and some noise."""
    rng = np.random.default_rng(1)
    i, j = np.meshgrid(np.arange(shape[0]) - 256.0, np.arange(shape[1]) - 256.0, indexing="ij")
    trunk, ribs = (i / 220) ** 2 + (j / 150) ** 2, np.abs((i / 200) ** 2 + (j / 132) ** 2 - 1) < 0.06
    spine = (i / 25) ** 2 + ((j - 80) / 22) ** 2 < 1
    array = np.empty(shape, np.int16, order="F")
    for k in range(shape[2]):
        values = np.where(trunk < 1, np.where(trunk < 0.6, -750, 30), -1000)
        values[spine | (ribs & ((j / 3 + k) % 40 < 14))] = 700
        array[:, :, k] = values + rng.integers(-25, 25, shape[:2])
    grid = Grid(shape, np.diag([0.75, 0.75, 1.0, 1.0]))
    return Volume(array, grid, "CT", "HU", windows=(Window(400, 40),))


class Opened:
    """The volume view beside one viewport, opened as a reader does."""

    def __init__(self, volume: Volume) -> None:
        self.document = Document()
        context = Context("default", viewports=(Viewport("v", "CT", ""),))
        self.views = ViewportGrid(self.document, Template("bench", (context,)), "default")
        self.document.add_volume(("default", "CT"), volume)
        self.views.resize(2 * SIZE[0], SIZE[1] + 40)
        self.views.show()
        QApplication.processEvents()
        self.heart = Heartbeat()
        self.heart.start()
        start = time.perf_counter()
        self.views.volume_place.toggle(self.views.viewports["default", "v"])
        view = self.views.volume_place.view
        assert isinstance(view, VolumeView)
        self.view = view
        wait(lambda: view.pictures.count > 0)
        self.first = time.perf_counter() - start
        self.opening_block = self.heart.reset()
        wait(lambda: view.pictures.fine)
        self.fine = time.perf_counter() - start

    def turn(self) -> tuple[float, float]:
        """Pictures a second while the mouse turns the patient, and the longest block of the window, ms."""
        canvas, before = self.view.canvas, self.view.pictures.count
        self.heart.reset()
        self._mouse(QEvent.Type.MouseButtonPress, 100, 300)
        start, number = time.perf_counter(), 0
        while (now := time.perf_counter() - start) < TURNING:
            number += 1
            self._mouse(QEvent.Type.MouseMove, 100 + 60 * now, 300 + 20 * np.sin(now))
            wait(lambda due=start + number * 0.008: time.perf_counter() >= due)
        self._mouse(QEvent.Type.MouseButtonRelease, 100, 300)
        canvas.repaint()
        return (self.view.pictures.count - before) / TURNING, self.heart.reset()

    def _mouse(self, kind: QEvent.Type, x: float, y: float) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        moves = kind == QEvent.Type.MouseMove
        event = QMouseEvent(kind, QPointF(x, y), QPointF(x, y), none if moves else left,
                            none if kind == QEvent.Type.MouseButtonRelease else left,
                            Qt.KeyboardModifier.NoModifier)  # fmt: skip
        QApplication.sendEvent(self.view.canvas, event)

    def close(self) -> None:
        self.heart.stop()
        self.views.volume_place.close_volume()
        self.views.close()


def wait(done: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError("no picture comes")
        QApplication.processEvents()
        time.sleep(0.001)


def peer(volume: Volume) -> tuple[float, float]:
    """Seconds to VTK's own first picture of the whole scan, and of one while it is turned."""
    import vtkmodules.vtkRenderingOpenGL2
    import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
    from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkRenderer, vtkRenderWindow, vtkVolume
    from vtkmodules.vtkRenderingCore import vtkVolumeProperty as Property
    from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkSmartVolumeMapper

    from viewr.render.volume_presets import PRESETS, transfer_of

    start = time.perf_counter()
    image = vtkImageData()
    image.SetDimensions(*SHAPE)
    image.SetSpacing(*volume.spacing)
    image.GetPointData().SetScalars(numpy_to_vtk(volume.array.ravel(order="K")))
    mapper, values, window = vtkSmartVolumeMapper(), Property(), vtkRenderWindow()
    mapper.SetInputData(image)
    transfer = transfer_of(PRESETS["bone"], Window(900, 550))
    opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
    for value, amount in transfer.opacities:
        opacity.AddPoint(value, amount)
    for point in transfer.colours:
        colour.AddRGBPoint(*point)
    values.SetScalarOpacity(opacity)
    values.SetColor(colour)
    values.ShadeOn()
    values.SetInterpolationTypeToLinear()
    shown, renderer = vtkVolume(), vtkRenderer()
    shown.SetMapper(mapper)
    shown.SetProperty(values)
    renderer.AddVolume(shown)
    window.SetOffScreenRendering(True)
    window.SetSize(*SIZE)
    window.AddRenderer(renderer)
    window.Render()
    first = time.perf_counter() - start
    taken = []
    for _ in range(3):
        renderer.GetActiveCamera().Azimuth(5)
        start = time.perf_counter()
        window.Render()
        taken.append(time.perf_counter() - start)
    return first, min(taken)


def row(name: str, value: float, unit: str, budget: float, beside: float, more: bool = False) -> dict[str, Any]:
    """`more`: the value shall be at least the budget, and not at most."""
    return {"name": name, "value": round(value, 3), "unit": unit, "budget": budget, "peer": PEER,
            "peer_value": round(beside, 3), "ratio": round(value / beside, 3) if beside else None,
            "ok": value >= budget if more else value <= budget}  # fmt: skip


def on_gpu(has_gpu: bool) -> dict[str, Any]:
    """Pictures a second of as many voxels as a GPU is given, while they are turned; not measured without one."""
    name = "volume of 512 x 512 x 512 on a GPU: pictures a second while it is turned"
    if not has_gpu:
        return {"name": name, "value": None, "unit": "1/s", "budget": GPU_PICTURES, "peer": None, "peer_value": None,
                "ratio": None, "ok": None}  # fmt: skip
    opened = Opened(body(CUBE))
    # the small copy comes first; what the GPU has room for follows
    wait(lambda: not process_works(opened.view) and opened.view.pictures.fine)
    pace = opened.turn()[0]
    frame, coarse = opened.view.frame, opened.view.pictures.pace.coarse
    opened.close()
    drawn = ("the smaller copy of " if coarse else "") + (" x ".join(map(str, frame.shape)) if frame else "?")
    return {"name": f"{name} (drawn: {drawn})", "value": round(pace, 3), "unit": "1/s", "budget": GPU_PICTURES,
            "peer": None, "peer_value": None, "ratio": None, "ok": pace >= GPU_PICTURES}  # fmt: skip


def process_works(view: VolumeView) -> bool:
    return view.pictures.process is not None and view.pictures.process.working


def measure() -> list[dict[str, Any]]:
    """All measurements; the best of three runs."""
    QApplication.instance() or QApplication([])
    volume = body()
    runs, has_gpu = [], False
    for _ in range(3):
        opened = Opened(volume)
        runs.append((opened.first, opened.opening_block, opened.fine, *opened.turn()))
        has_gpu = opened.view.pictures.has_gpu
        opened.close()
    first, opening, fine, _, block = (min(run[part] for run in runs) for part in range(5))
    pace = max(run[3] for run in runs)
    peer_first, peer_step = peer(volume)
    where = "volume of 512 x 512 x 300"
    return [
        row(f"{where}: first picture", first, "s", 2.0, peer_first),
        row(f"{where}: first fine picture", fine, "s", 4.0, peer_first),
        row(f"{where}: pictures a second while it is turned", pace, "1/s", 10.0, 1 / peer_step, more=True),
        row(f"{where}: longest block of the window while it is turned", block, "ms", 100.0, peer_step * 1e3),
        row(f"{where}: longest block of the window while it opens", opening, "ms", 100.0, peer_first * 1e3),
        on_gpu(has_gpu),
    ]


if __name__ == "__main__":
    show(measure())
