"""Layouts of templates on the screen: the tree of `templates.mdl` as Qt widgets and layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolBox,
    QVBoxLayout,
    QWidget,
)

from viewr.templates.mdl import CONTEXT, VIEWPORTS
from viewr.templates.mdl_parse import SLOT, Node
from viewr.widgets.layout_rules import LayoutRules

#: (context name, slot name) -> the part of the program that goes there
Parts = Mapping[tuple[str, str], QWidget]

_MARGIN = 8
_HORIZONTAL_TAGS = frozenset({"horizontal", "horizontalnb", "buttonbox"})
_WITH_MARGIN = frozenset({"category", "window"})
_LARGEST = 16777215
_POLICIES = {policy.name.lower(): policy for policy in QSizePolicy.Policy}
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight, "center": Qt.AlignmentFlag.AlignHCenter,
    "top": Qt.AlignmentFlag.AlignTop, "bottom": Qt.AlignmentFlag.AlignBottom,
}  # fmt: skip


def build_layout(node: Node, parts: Parts, rules: LayoutRules | None = None) -> QWidget:
    """The widget of a layout.

    Parameters
    ----------
    node : Node
        As `templates.mdl.expand_layout` gives it: slots stand below nodes of their context.
    parts : mapping
        (context, slot) -> widget. Each goes into the layout and belongs to it from then on; one whose slot the layout
        does not have stays with the caller.
    rules : LayoutRules, optional
        Told of widgets whose state depends on answers.
    """
    return _Builder(parts, rules).widget(node, "") or QWidget()


class _Builder:
    def __init__(self, parts: Parts, rules: LayoutRules | None = None) -> None:
        self._parts = parts
        self._rules = rules
        self._makers: dict[str, Callable[[Node, str], QWidget | None]] = {
            "box": self._group_box, "tabview": self._tab_view, "splitter": self._splitter, "grid": self._grid,
            "table": self._table, "scrollview": self._scroll_view, "label": self._label, "hyperlabel": self._label,
            "image": self._nothing, "empty": self._empty, "separator": self._line, "hseparator": self._line,
            "vseparator": self._line, "hspacer": self._spacer, "vspacer": self._spacer,
        }  # fmt: skip

    def widget(self, node: Node, context: str) -> QWidget | None:
        """The widget of a node, None if nothing is to be shown."""
        if node.tag == SLOT:
            made = self._parts.get((context, node.name))
        elif node.tag == CONTEXT:
            made = self.widget(node.children[0], node.name) if node.children else None
        else:
            made = self._makers.get(node.tag.lower(), self._box)(node, context)
        if made is not None and node.tag != CONTEXT:
            _apply_common(made, node)
            if self._rules is not None:
                self._rules.add(made, node, context)
        return made

    def _children(self, node: Node, context: str) -> list[tuple[Node, QWidget]]:
        built = [(child, self.widget(child, context)) for child in node.children]
        return [(child, widget) for child, widget in built if widget is not None]

    # --- boxes -------------------------------------------------------------------------------------------------

    def _box(self, node: Node, context: str) -> QWidget | None:
        """Vertical, Horizontal and all that is not known: children beside or below each other."""
        if _is_divided(node):
            return self._splitter(node, context)
        children = self._children(node, context)
        if not children:
            return None
        holder = QWidget()
        layout = QHBoxLayout(holder) if node.tag.lower() in _HORIZONTAL_TAGS else QVBoxLayout(holder)
        _fill_box(layout, node, children, _MARGIN if node.tag.lower() in _WITH_MARGIN else 0)
        return holder

    def _group_box(self, node: Node, context: str) -> QWidget | None:
        children = self._children(node, context)
        if not children:
            return None
        box = QGroupBox((node.text("title") or node.name).replace("&", "&&"))
        box.setAlignment(_ALIGNMENTS.get(node.text("aligntitle").lower(), Qt.AlignmentFlag.AlignLeft))
        if node.flag("checkable"):
            box.setCheckable(True)
            box.setChecked(node.flag("checked", True))
        kind = node.text("layout").lower()
        if kind == "grid":
            _fill_grid(QGridLayout(box), node, children)
        else:
            _fill_box(QHBoxLayout(box) if kind == "horizontal" else QVBoxLayout(box), node, children, _MARGIN)
        return box

    def _splitter(self, node: Node, context: str) -> QWidget | None:
        children = self._children(node, context)
        if not children:
            return None
        tag, direction = node.tag.lower(), node.text("direction").lower()
        across = direction == "horizontal" if tag == "splitter" else tag in _HORIZONTAL_TAGS
        splitter = QSplitter(Qt.Orientation.Horizontal if across else Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        shares = [_share(child, "x" if across else "y") for child, _ in children]
        for number, (_, widget) in enumerate(children):
            splitter.addWidget(widget)
            splitter.setStretchFactor(number, shares[number])
        # sizes are shares of what there is; smallest sizes of the parts hold
        splitter.setSizes([1000 * share for share in shares])
        return splitter

    def _tab_view(self, node: Node, context: str) -> QWidget | None:
        children = self._children(node, context)
        if not children:
            return None
        titles = [child.text("tabtitle") or child.text("title") or child.name or "Tab" for child, _ in children]
        titles = [title.replace("&", "&&") for title in titles]
        mode = node.text("mode").lower()
        tabs: QToolBox | QStackedWidget | QTabWidget
        if mode == "toolbox":
            tabs = QToolBox()
            for title, (_, widget) in zip(titles, children, strict=True):
                tabs.addItem(widget, title)
        elif mode == "invisible":
            tabs = QStackedWidget()
            for _, widget in children:
                tabs.addWidget(widget)
        else:
            tabs = QTabWidget()
            tabs.setDocumentMode(True)
            for title, (_, widget) in zip(titles, children, strict=True):
                tabs.addTab(widget, title)
        return tabs

    def _grid(self, node: Node, context: str) -> QWidget | None:
        children = self._children(node, context)
        if not children:
            return None
        holder = QWidget()
        _fill_grid(QGridLayout(holder), node, children)
        return holder

    def _table(self, node: Node, context: str) -> QWidget | None:
        holder = QWidget()
        grid = QGridLayout(holder)
        _apply_spacing(grid, node, 0)
        for row, line in enumerate(node.children):
            cells = line.children if line.tag.lower() == "row" else (line,)
            for column, cell in enumerate(cells):
                widget = self.widget(cell, context)
                if widget is not None:
                    span = max(1, _whole(cell, "colspan", 1))
                    grid.addWidget(widget, row, column, 1, span, _alignment(cell))
                    _stretch_cell(grid, cell, row, column)
        return holder if grid.count() else None

    def _scroll_view(self, node: Node, context: str) -> QWidget | None:
        inside = self._box(node, context)
        if inside is None:
            return None
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        return area

    # --- small parts -------------------------------------------------------------------------------------------

    def _label(self, node: Node, _context: str) -> QWidget | None:
        text = node.text("title") or node.name
        if not text:
            return None
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _line(self, node: Node, _context: str) -> QWidget:
        line = QFrame()
        upright = node.tag.lower() == "vseparator"
        line.setObjectName("uprightRule" if upright else "rule")
        line.setFrameShape(QFrame.Shape.VLine if upright else QFrame.Shape.HLine)
        return line

    def _spacer(self, node: Node, _context: str) -> QWidget:
        spacer = QWidget()
        spread, fixed = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum
        across = node.tag.lower() == "hspacer"
        spacer.setSizePolicy(spread if across else fixed, fixed if across else spread)
        return spacer

    def _empty(self, node: Node, _context: str) -> QWidget:
        return QWidget()

    def _nothing(self, _node: Node, _context: str) -> None:
        return None


# what attributes mean


def _holds(node: Node, slot: str = "") -> bool:
    return any(one.tag == SLOT and (not slot or one.name == slot) for one in node.walk())


def _is_divided(node: Node) -> bool:
    """Whether a movable splitter stands for this box: views beside or above other parts, and nothing else."""
    if node.tag.lower() not in _HORIZONTAL_TAGS | {"vertical", "verticalnb"} or len(node.children) < 2:
        return False
    return all(_holds(child) for child in node.children) and any(_holds(child, VIEWPORTS) for child in node.children)


def _stretch(node: Node, axis: str) -> int:
    """The share of the room that an item takes along an axis; 0: what it needs."""
    number = node.number(f"stretch{axis}")
    if number is None and node.tag.lower() not in ("image", "label"):
        number = node.number("scale")
    if number is not None:
        return max(0, min(1000, round(number)))
    word = node.text(f"expand{axis}").strip().lower()
    grows = node.flag(f"expand{axis}") or word in ("expanding", "minimumexpanding")
    return 1 if grows or node.tag.lower() == ("hspacer" if axis == "x" else "vspacer") else 0


def _share(node: Node, axis: str) -> int:
    """The share that a part of a splitter starts with; views want most of the room unless the layout says else."""
    if f"stretch{axis}" in node.attributes:
        return max(1, _stretch(node, axis))
    return 3 if _holds(node, VIEWPORTS) else 1


def _alignment(node: Node) -> Qt.AlignmentFlag:
    across = _ALIGNMENTS.get(node.text("alignx").strip().lower(), Qt.AlignmentFlag(0))
    upright = node.text("aligny").strip().lower()
    centre = Qt.AlignmentFlag.AlignVCenter
    return across | (centre if upright == "center" else _ALIGNMENTS.get(upright, Qt.AlignmentFlag(0)))


def _fill_box(layout: QBoxLayout, node: Node, children: list[tuple[Node, QWidget]], margin: int) -> None:
    _apply_spacing(layout, node, margin)
    across = isinstance(layout, QHBoxLayout)
    for child, widget in children:
        stretch = _stretch(child, "x" if across else "y")
        # the form and the views take the room there is, tools what they need
        if not stretch and _holds(child) and not (child.tag == SLOT and child.name == "editor"):
            stretch = 1
        layout.addWidget(widget, stretch, _alignment(child))


def _fill_grid(grid: QGridLayout, node: Node, children: list[tuple[Node, QWidget]]) -> None:
    _apply_spacing(grid, node, 0)
    for child, widget in children:
        x, y = _whole(child, "x", 0), _whole(child, "y", grid.rowCount())
        columns = _whole(child, "colspan", _whole(child, "x2", x) - x + 1)
        rows = _whole(child, "y2", y) - y + 1
        grid.addWidget(widget, y, x, max(1, rows), max(1, columns), _alignment(child))
        _stretch_cell(grid, child, y, x)


def _whole(node: Node, name: str, default: int) -> int:
    """A small whole number that is not negative."""
    number = node.number(name)
    return default if number is None else max(0, min(1000, int(number)))


def _stretch_cell(grid: QGridLayout, node: Node, row: int, column: int) -> None:
    grid.setColumnStretch(column, max(grid.columnStretch(column), _stretch(node, "x")))
    grid.setRowStretch(row, max(grid.rowStretch(row), _stretch(node, "y")))


def _apply_spacing(layout: QLayout, node: Node, margin: int) -> None:
    margin = max(0, int(node.number("margin", margin) or 0))
    layout.setContentsMargins(margin, margin, margin, margin)
    spacing = node.number("spacing", node.number("cellspacing", 6))
    layout.setSpacing(max(0, int(spacing or 0)))


def _apply_common(widget: QWidget, node: Node) -> None:
    """Sizes, policies and words that any tag may have."""
    _apply_sizes(widget, node)
    policy = widget.sizePolicy()
    across, upright = _policy(node, "x"), _policy(node, "y")
    if across is not None:
        policy.setHorizontalPolicy(across)
    if upright is not None:
        policy.setVerticalPolicy(upright)
    if across is not None or upright is not None:
        widget.setSizePolicy(policy)
    if node.text("tooltip"):
        widget.setToolTip(f"<qt>{node.text('tooltip').replace('&', '&amp;').replace('<', '&lt;')}</qt>")
    if node.tag != SLOT and node.text("name"):
        widget.setObjectName(node.text("name"))
    # a part that holds a panel is always shown: the reader must never lose the form
    if not _holds(node):
        widget.setEnabled(node.flag("enabled", True))
        if not node.flag("visible", True):
            widget.hide()


def _policy(node: Node, axis: str) -> QSizePolicy.Policy | None:
    word = node.text(f"expand{axis}").strip().lower()
    if word in _POLICIES:
        return _POLICIES[word]
    return QSizePolicy.Policy.Expanding if node.flag(f"expand{axis}") else None


def _apply_sizes(widget: QWidget, node: Node) -> None:
    for width, height, put in (
        ("mw", "mh", "Minimum"),
        ("maxw", "maxh", "Maximum"),
        ("fw", "fh", "Fixed"),
    ):
        across, upright = node.number(width), node.number(height)
        if across is not None and 0 < across < _LARGEST:
            getattr(widget, f"set{put}Width")(int(across))
        if upright is not None and 0 < upright < _LARGEST:
            getattr(widget, f"set{put}Height")(int(upright))
    initial = node.number("w", node.number("pw")), node.number("h", node.number("ph"))
    if initial[0] and initial[1]:
        widget.resize(int(initial[0]), int(initial[1]))
