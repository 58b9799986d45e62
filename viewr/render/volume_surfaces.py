"""Label maps as surfaces. Needs VTK: for the process that renders."""

from __future__ import annotations

from typing import Any

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkLookupTable
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals, vtkSurfaceNets3D
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from viewr.model.geometry import Grid
from viewr.render.volume_labels import LabelCut, cut_of, grid_of

#: How often the net is relaxed, and how far each time: steps of voxels go, small lesions stay.
SMOOTHING, RELAXATION = 12, 0.4
#: Opacity of surfaces where the scan is before them.
SHIMMER = 0.35


class Surfaces:
    """The surfaces of label maps: where they are, and faintly before everything, so that skin and bone hide none.

    Parameters
    ----------
    renderer, front : vtkRenderer
        Those of the scan and of the layer before it.
    """

    def __init__(self, renderer: vtkRenderer, front: vtkRenderer) -> None:
        self._renderers = (renderer, front)
        self._actors: dict[str, tuple[vtkActor, vtkActor]] = {}

    def show(self, shown: bool) -> None:
        for pair in self._actors.values():
            for actor in pair:
                actor.SetVisibility(shown)

    def replace(self, message: dict[str, Any], payload: bytes) -> None:
        """Take in a label map as it is now; without voxels its surfaces go."""
        old = self._actors.pop(message["labels"], ())
        for renderer, actor in zip(self._renderers, old, strict=False):
            renderer.RemoveActor(actor)
        if payload and message["present"]:
            surface = label_surface(cut_of(message, payload), grid_of(message["grid"]), message["present"])
            pair = _actor(surface, message["colours"]), _actor(surface, message["colours"], SHIMMER)
            self._actors[message["labels"]] = pair
            for renderer, actor in zip(self._renderers, pair, strict=True):
                renderer.AddActor(actor)


def label_surface(cut: LabelCut, grid: Grid, values: list[int]) -> vtkPolyData:
    """Smoothed surfaces of labels, in LPS mm; the cell data say which label is inside."""
    image = vtkImageData()
    image.SetDimensions(*cut.array.shape)
    spacing = np.array(grid.spacing) * np.array(cut.step)
    image.SetSpacing(*spacing)
    image.GetPointData().SetScalars(numpy_to_vtk(cut.array.ravel(order="F"), deep=True))
    nets = vtkSurfaceNets3D()
    nets.SetInputData(image)
    for number, value in enumerate(values):
        nets.SetValue(number, value)
    nets.SmoothingOn()
    nets.SetNumberOfIterations(SMOOTHING)
    nets.SetRelaxationFactor(RELAXATION)
    nets.Update()
    surface = nets.GetOutput()
    if surface.GetNumberOfPoints():
        points = vtk_to_numpy(surface.GetPoints().GetData()) / spacing
        lps = grid.to_lps(cut.to_grid(points.astype(np.float64)))
        surface.GetPoints().SetData(numpy_to_vtk(lps.astype(np.float32), deep=True))
    return _with_normals(surface)


def _with_normals(surface: vtkPolyData) -> vtkPolyData:
    normals = vtkPolyDataNormals()
    normals.SetInputData(surface)
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    result: vtkPolyData = normals.GetOutput()
    return result


def _actor(surface: vtkPolyData, colours: list[list[int]], opacity: float = 1.0) -> vtkActor:
    pairs = surface.GetCellData().GetArray("BoundaryLabels")
    if pairs is not None:
        # of two labels that touch, the face takes the colour of the first
        inside = vtk_to_numpy(pairs).max(axis=1) if pairs.GetNumberOfComponents() == 2 else vtk_to_numpy(pairs)
        surface.GetCellData().SetScalars(numpy_to_vtk(inside.astype(np.float32), deep=True))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(surface)
    mapper.SetScalarModeToUseCellData()
    mapper.SetLookupTable(_table(colours))
    mapper.UseLookupTableScalarRangeOn()
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetOpacity(opacity)
    actor.GetProperty().SetAmbient(0.2)
    actor.GetProperty().SetDiffuse(0.8)
    actor.GetProperty().SetSpecular(0.2)
    return actor


def _table(colours: list[list[int]]) -> vtkLookupTable:
    size = max(value for value, *_ in colours) + 1
    table = vtkLookupTable()
    table.SetNumberOfTableValues(size)
    table.SetTableRange(-0.5, size - 0.5)
    for value, red, green, blue in colours:
        table.SetTableValue(value, red / 255, green / 255, blue / 255, 1.0)
    return table
