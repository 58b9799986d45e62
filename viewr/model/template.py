"""What a template says: viewports, scans, annotations and the form, as frozen values.

`load_template` reads the text that a supervisor serves; faults that leave something to show are `Template.problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from viewr.model.geometry import Orientation
from viewr.model.labelmap import Label

#: Answers with members of their own; each adds its name to the path of a field.
BOXES = frozenset({"BoxWidget", "TabsWidget"})
LISTING = "ListingWidget"
#: Controls whose value is derived from what is drawn in the viewports.
MARKER_CONTROLS = frozenset({"MarkerEdit", "MarkerView", "Landmarks"})
CONTOUR_CONTROL = "CSOEdit"
DRAWN_CONTROLS = MARKER_CONTROLS | {CONTOUR_CONTROL}
#: Controls with a choice among options.
CHOICES = frozenset({"ComboBox", "RadioButtonGroup"})

#: The member of a result that holds its provenance; no field may have this name.
RESERVED_NAME = "__viewr__"

#: Marks in `Field.extra` that come from the template's `quality` and `mode`, not from the field.
#: The listing whose rows are the scans of the session: the path of the verdict inside a row.
SCAN_ROWS = "__scan_rows__"
#: The field whose text becomes the note of a scan: how many characters an archive keeps of it.
LONGEST_TEXT = "__longest_text__"
#: The check box that is a tag of quality control: not looked for (null), present (true), absent (false).
THREE_STATES = "__three_states__"

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Problem:
    """One fault of a template or task.

    Attributes
    ----------
    path : str
        Where in the document, members joined by "/"; "" is the whole document.
    message : str
        One sentence.
    severity : {"error", "warning"}
        An error loses something the author asked for.
    line : int or None
        Line of the text, counted from 1.
    """

    path: str
    message: str
    severity: Literal["error", "warning"] = "warning"
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.path + ': ' if self.path else ''}{self.message}"


@dataclass(frozen=True)
class Group:
    """How markers or contours of one type look; their index in `Field.groups` is the type."""

    label: str
    description: str = ""
    marker_size: int = 5
    marker_type: str = "Dot"
    line_width: int = 1
    color: tuple[int, int, int] = (255, 255, 0)


@dataclass(frozen=True)
class Field:
    """One control of the form.

    Attributes
    ----------
    name : str
        Key of the value in the result.
    control : str
        One of the 17 controls, or any other text: then a read-only placeholder is shown.
    x, y : int
        Column and row inside the container, unique there.
    type : {"String", "Integer", "Float", "Boolean"}
        Data type of the value.
    depends_on, visible_on : str
        Formulas; "" where there is none.
    children : tuple of Field
        Members of a box or listing; of tabs, those of all tabs in order.
    tabs : tuple of (str, tuple of Field)
        Tabs of a TabsWidget, in the order they are shown.
    extra : mapping
        Every other member. The known ones have the right type (numbers, booleans, `variables` and `type_names` as
        mappings of text, `markers` as mappings with name, category and a 0-based type); others are as they were.
    """

    name: str
    control: str
    label: str = ""
    x: int = 0
    y: int = 0
    type: str = "String"
    initial_value: Any = None
    enabled: bool = True
    visible: bool = True
    depends_on: str = ""
    visible_on: str = ""
    documentation: str = ""
    options: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()
    children: tuple[Field, ...] = ()
    tabs: tuple[tuple[str, tuple[Field, ...]], ...] = ()
    groups: tuple[Group, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def is_container(self) -> bool:
        """Whether the value is an object or an array of rows, made of other fields."""
        return self.control in BOXES or self.control == LISTING


@dataclass(frozen=True)
class Viewport:
    """One image view; `x` and `y` are column and row of the grid of views, from 0, each cell used once.

    Attributes
    ----------
    fused : str or None
        Scan laid over the viewport's own; an extension that the original program ignores.
    """

    name: str
    scan: str
    annotation: str | None = None
    x: int = 0
    y: int = 0
    linked: bool = False
    orientation: Orientation = "Transversal"
    label: str | None = None
    projection: Literal["none", "min", "max"] = "none"
    projection_slab: int = 5
    slice_highlight_interval: int = 0
    interpolation: Literal["nearest", "linear"] = "nearest"
    fused: str | None = None


@dataclass(frozen=True)
class ScanSpec:
    """The series that the template expects under a name; the task says where it is."""

    name: str
    modality: str = ""
    protocols: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True)
class AnnotationSpec:
    """A label map of the context; `labels` are in the order of their values."""

    name: str
    editable: bool = False
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Preset:
    """What changes in viewports at a click: viewport name, or context.viewport, to the members that change."""

    name: str
    viewports: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True)
class Context:
    """One set of views with its form."""

    name: str
    viewports: tuple[Viewport, ...] = ()
    scans: tuple[ScanSpec, ...] = ()
    annotations: tuple[AnnotationSpec, ...] = ()
    fields: tuple[Field, ...] = ()
    mdl_layout: str = ""

    def field_paths(self) -> Iterator[str]:
        """Paths of all fields; inside a listing, without a row's id."""
        return (path for path, _ in walk_fields(self.fields))


@dataclass(frozen=True)
class Template:
    """A whole template; `name` is what it calls itself, which need not be the label the server has it under."""

    name: str
    contexts: tuple[Context, ...]
    sop: str = ""
    link_localizers: bool = False
    mdl_layout: str = ""
    presets: tuple[Preset, ...] = ()
    problems: tuple[Problem, ...] = ()
    mode: str = ""
    quality: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    sha256: str = ""

    def context(self, name: str) -> Context:
        """The context of that name; raises `KeyError`."""
        for context in self.contexts:
            if context.name == name:
                return context
        raise KeyError(name)


def walk_fields(fields: Iterable[Field], parent: str = "") -> Iterator[tuple[str, Field]]:
    """All fields with their paths ("box/comment"), containers before their members."""
    for item in fields:
        path = f"{parent}/{item.name}" if parent else item.name
        yield path, item
        yield from walk_fields(item.children, path)


def load_template(text: str) -> Template:
    """Read a template in YAML or JSON, as tolerantly as it makes sense.

    Parameters
    ----------
    text : str
        The template as the supervisor serves it.

    Raises
    ------
    TemplateError
        If nothing of it can be shown: no YAML or JSON, not a mapping, no context, or beyond the limits of size.
    """
    from viewr.model.template_read import read_template  # the reader builds the classes above

    return read_template(text)
