"""The state of an open task, as one tree of frozen values; `workspace.document.Document` is its only writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from viewr.model.annotation import Annotation, DrawingKey
from viewr.model.geometry import Orientation
from viewr.model.labelmap import Box
from viewr.model.marker import Point
from viewr.model.reformat import Reformat
from viewr.model.volume import Window

#: (context name, viewport name)
ViewportKey = tuple[str, str]
#: (context name, annotation name of the template)
LabelmapKey = tuple[str, str]

Projection = Literal["none", "min", "max", "mean"]


@dataclass(frozen=True)
class ViewportLook:
    """How one viewport shows its scan.

    Attributes
    ----------
    scan, annotation : str
        Names of the template; annotation "" shows none.
    window : Window or None
        None: the scan's own default.
    mm_per_pixel : float or None
        Zoom in mm of the patient per logical pixel of the screen; None fits the picture into the viewport.
    pan_mm : tuple of float
        Shift of the picture's middle from that of the scan, right and down, mm.
    anatomical : bool
        True: along the patient's axes; False: along the scan's own axes nearest to them.
    lut : str
        Name in `render.shade.LUTS`; "" is the default of the scan.
    gamma : float
        Exponent on the grey levels after the window; 1 leaves them.
    turned : int
        Quarter turns of the picture, clockwise (0 to 3), after mirroring.
    flipped : bool
        The picture is mirrored left to right.
    frame : tuple of int
        Point on each named axis of the scan but the channel; missing ones are the first.
    fused : str
        Scan laid over this one; "" for none.
    fused_window : Window or None
        None: that scan's own default.
    fused_opacity : float
        0 shows the scan alone, 1 the one laid over it.
    also : tuple of str
        Annotations shown beside `annotation`, which alone is painted in.
    extra : bool
        The reader added this viewport to those of the template.
    """

    scan: str = ""
    annotation: str = ""
    orientation: Orientation = "Transversal"
    window: Window | None = None
    inverted: bool = False
    mm_per_pixel: float | None = None
    pan_mm: tuple[float, float] = (0.0, 0.0)
    linked: bool = False
    interpolation: Literal["nearest", "linear", "cubic"] = "nearest"
    projection: Projection = "none"
    slab_slices: int = 5
    label: str = ""
    highlight_interval: int = 0
    anatomical: bool = False
    lut: str = ""
    gamma: float = 1.0
    turned: int = 0
    flipped: bool = False
    frame: tuple[int, ...] = ()
    fused: str = ""
    fused_window: Window | None = None
    fused_lut: str = "hot"
    fused_opacity: float = 0.5
    also: tuple[str, ...] = ()
    extra: bool = False


@dataclass(frozen=True)
class Layout:
    """Which viewports of a context are on the screen, and how.

    Attributes
    ----------
    name : str
        In `workspace.layouts.LAYOUTS`.
    cells : tuple of str
        The viewport of each cell.
    before : tuple or None
        While the first two cells are compared: whether viewports shared their zoom before, and zoom and middle of the
        first (as in `ViewportLook`); None: nothing is compared.
    """

    name: str
    cells: tuple[str, ...]
    before: tuple[bool, float | None, tuple[float, float]] | None = None


@dataclass(frozen=True)
class Links:
    """What the linked viewports of a context share.

    Attributes
    ----------
    position : bool
        They show the slice through the localizer.
    zoom : bool
        The same mm per pixel, and the same place of the patient in the middle.
    window : bool
        Between viewports of the same scan or modality.
    scan_window : bool
        Between viewports of one scan that have the same window, as three planes of it at the start; what is shown in
        two windows on purpose stays so.
    """

    position: bool = True
    zoom: bool = False
    window: bool = False
    scan_window: bool = True


@dataclass(frozen=True)
class Look:
    """What is on the screen and which tool is in the hand; saved, but not undoable.

    Attributes
    ----------
    cursors : mapping
        Context name -> the localizer, LPS mm. Linked viewports show the slice through it.
    positions : mapping
        For viewports that are not linked: the point through which their slice goes, LPS mm.
    target : DrawingKey or None
        The form field that the marker, landmark and contour tools fill.
    target_name : str
        For landmarks: which one is placed next.
    selected : (DrawingKey, id) or None
        The marker or contour that the delete key takes.
    overlay_opacity : float
        Factor on the opacity of every label.
    overlay_outline : bool
        Labels are drawn as their outlines, not filled.
    axes : mapping
        Context name -> the axes along which its linked viewports cut; none: each along its own scan or patient.
    hidden_labels : mapping
        Annotation -> label values that are not shown.
    links : mapping
        Context name -> what its viewports share; none: the position alone.
    aligned : mapping
        (context, space, other space) -> what the reader found to lie between two frames of reference: mm to add to a
        position of the first to come to the same place in the second. Spaces: `workspace.localizer.space_of`.
    layouts : mapping
        Context name -> the layout that the reader chose; none: the template's.
    away : tuple of ViewportKey
        Viewports in the second window.
    strip : bool or None
        The row of scans is shown; None: not yet, it comes where the template leaves scans out.
    reference_lines : bool
        Viewports show where the active one's slice cuts theirs.
    """

    context: str = ""
    viewports: Mapping[ViewportKey, ViewportLook] = field(default_factory=dict)
    cursors: Mapping[str, Point] = field(default_factory=dict)
    positions: Mapping[ViewportKey, Point] = field(default_factory=dict)
    active: ViewportKey | None = None
    maximised: ViewportKey | None = None
    tool: str = "window"
    target: DrawingKey | None = None
    target_name: str = ""
    group: int = 0
    selected: tuple[DrawingKey, int] | None = None
    labels: Mapping[LabelmapKey, int] = field(default_factory=dict)
    brush_mm: float = 5.0
    overlays_hidden: bool = False
    overlay_opacity: float = 1.0
    overlay_outline: bool = False
    hidden_labels: Mapping[LabelmapKey, frozenset[int]] = field(default_factory=dict)
    crosshair: bool = True
    axes: Mapping[str, Reformat] = field(default_factory=dict)
    links: Mapping[str, Links] = field(default_factory=dict)
    aligned: Mapping[tuple[str, str, str], Point] = field(default_factory=dict)
    reference_lines: bool = False
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    away: tuple[ViewportKey, ...] = ()
    strip: bool | None = None


@dataclass(frozen=True)
class State:
    """The open task: what the reader said and drew, which voxels changed, what is on the screen.

    Attributes
    ----------
    voxels : mapping
        Annotation -> how often its voxels were written; the voxels themselves are in `Document.labelmaps`.
    """

    annotation: Annotation = field(default_factory=Annotation)
    voxels: Mapping[LabelmapKey, int] = field(default_factory=dict)
    look: Look = field(default_factory=Look)


@dataclass(frozen=True)
class Change:
    """One step of the state: views redraw only what differs.

    Attributes
    ----------
    boxes : mapping
        Annotation -> the box of voxels that was written.
    kind : str
        "edit", "undo", "redo", "look", "cancel" or "load".
    """

    before: State
    after: State
    text: str = ""
    kind: str = "edit"
    boxes: Mapping[LabelmapKey, Box] = field(default_factory=dict)
