"""Lines and balls among the volume: contours, markers, the localizer. Needs VTK: for the process that renders."""

from __future__ import annotations

from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersSources import vtkSphereSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from viewr.render.volume_messages import Ball, Line


class Marks:
    """What is drawn as lines and balls; replaced whole, since there are few."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._actors: list[vtkActor] = []

    def show(self, lines: tuple[Line, ...], balls: tuple[Ball, ...]) -> None:
        for actor in self._actors:
            self._renderer.RemoveActor(actor)
        self._actors = [*(_line(line) for line in lines), *(_ball(ball) for ball in balls)]
        for actor in self._actors:
            self._renderer.AddActor(actor)


def _line(line: Line) -> vtkActor:
    points, cells = vtkPoints(), vtkCellArray()
    for point in line.points:
        points.InsertNextPoint(*point)
    order = [*range(len(line.points)), *([0] if line.closed else [])]
    cells.InsertNextCell(len(order))
    for number in order:
        cells.InsertCellPoint(number)
    data = vtkPolyData()
    data.SetPoints(points)
    data.SetLines(cells)
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*line.colour)
    actor.GetProperty().SetLineWidth(line.width)
    actor.GetProperty().LightingOff()
    return actor


def _ball(ball: Ball) -> vtkActor:
    source = vtkSphereSource()
    source.SetCenter(*ball.center)
    source.SetRadius(ball.radius)
    source.SetThetaResolution(16)
    source.SetPhiResolution(16)
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(source.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*ball.colour)
    actor.GetProperty().SetAmbient(0.3)
    return actor
