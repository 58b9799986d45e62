"""All tools by name."""

from __future__ import annotations

from dataclasses import dataclass

from viewr.tools.base import Tool
from viewr.tools.brush import brush, eraser
from viewr.tools.marker import landmark, marker
from viewr.tools.measure import measuring
from viewr.tools.polygon import polygon


@dataclass(frozen=True)
class ToolSpec:
    """One tool.

    Attributes
    ----------
    function : Tool or None
        None: the viewport does it itself (window, cross-hair, pan, zoom).
    cursor : {"arrow", "cross", "disc", "hand"}
        Shape of the mouse pointer; "disc" is the outline of the brush.
    key : str
        Key that takes the tool into the hand; "" for tools that the form takes.
    kind : {"view", "voxel", "drawing", "measure"}
        What it changes; "measure": what the reader notes, whoever may edit the task.
    """

    title: str
    function: Tool | None
    cursor: str
    key: str = ""
    kind: str = "view"


TOOLS: dict[str, ToolSpec] = {
    "window": ToolSpec("Window and level", None, "arrow", "W"),
    "crosshair": ToolSpec("Localizer", None, "cross", "C"),
    "pan": ToolSpec("Pan", None, "hand", "M"),
    "box": ToolSpec("Window from a box", None, "cross", "V"),
    "brush": ToolSpec("Brush", brush, "disc", "B", "voxel"),
    "eraser": ToolSpec("Eraser", eraser, "disc", "E", "voxel"),
    "marker": ToolSpec("Marker", marker, "cross", "", "drawing"),
    "landmark": ToolSpec("Landmark", landmark, "cross", "", "drawing"),
    "polygon": ToolSpec("Polygon", polygon, "cross", "", "drawing"),
    "distance": ToolSpec("Distance", measuring("distance"), "cross", "D", "measure"),
    "angle": ToolSpec("Angle", measuring("angle"), "cross", "A", "measure"),
    "cobb": ToolSpec("Cobb angle", measuring("cobb"), "cross", "", "measure"),
    "bidirectional": ToolSpec("Two diameters", measuring("bidirectional"), "cross", "", "measure"),
    "ellipse": ToolSpec("Ellipse with statistics", measuring("ellipse"), "cross", "O", "measure"),
    "probe": ToolSpec("Value at a place", measuring("probe"), "cross", "", "measure"),
}
