"""The key images of a context, to jump back to; and the keys of a viewport that mark them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewr.forms.base import plain_tip
from viewr.model.frame_point import frame_points
from viewr.model.key_image import KeyImage, key_images
from viewr.model.state import Change
from viewr.workspace.document import Document
from viewr.workspace.key_images import (
    go_to,
    image_text,
    is_marked,
    next_key_image,
    remove_key_image,
    toggle_key_image,
)

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

TIP = "Click goes there; Delete removes it"
#: Lines in sight at most; more scroll.
MOST_LINES = 5


def shown_image(viewport: SliceViewport) -> KeyImage | None:
    """The slice that a viewport shows, as a key image would hold it."""
    scene = viewport.scene
    if scene is None:
        return None
    frames = frame_points(scene.volume, scene.look.frame)
    return KeyImage(
        scene.look.scan, scene.position, scene.look.orientation, scene.index + 1, scene.view.window, frames
    )


def is_key_image(viewport: SliceViewport) -> bool:
    image = shown_image(viewport)
    return image is not None and is_marked(viewport.document, viewport.key[0], image)


def mark(viewport: SliceViewport, _checked: bool = False) -> None:
    """Mark the slice, or take its mark away."""
    image = shown_image(viewport)
    if image is None:
        return
    if viewport.document.read_only:
        viewport.hand.context.tell("This task is open for reading only.")
    else:
        toggle_key_image(viewport.document, viewport.key[0], image)


def show_next(viewport: SliceViewport, _checked: bool = False) -> None:
    """Go to the next key image, after the last one to the first."""
    from viewr.widgets import keymap  # the table of keys leads here

    image = next_key_image(viewport.document, viewport.key[0], shown_image(viewport))
    if image is not None:
        go_to(viewport.document, viewport.key, image)
    else:
        viewport.hand.context.tell(f"No key images yet; {keymap.hint('images.mark', '') or 'the menu'} marks one.")


class KeyImageList(QWidget):
    """Nothing is seen of it while there are no key images.

    Parameters
    ----------
    context : str
        Name of the context.
    """

    def __init__(self, document: Document, context: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.context = document, context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        heading = QLabel("Key images", self)
        heading.setObjectName("quiet")
        column.addWidget(heading)
        self.list = _Images(self)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        column.addWidget(self.list)
        column.addStretch(1)
        self._fill()
        document.changed.connect(self._on_changed)

    @property
    def images(self) -> tuple[KeyImage, ...]:
        return key_images(self.document.state.annotation, self.context)

    def _on_changed(self, change: Change) -> None:
        before, after = (key_images(state.annotation, self.context) for state in (change.before, change.after))
        loaded = change.kind == "load" and bool(after)  # then it is known whether a scan is a film
        if loaded or (change.before.annotation is not change.after.annotation and before != after):
            self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for image in self.images:
            words = image_text(self.document, self.context, image)
            QListWidgetItem(words, self.list).setToolTip(plain_tip(f"{words}. {TIP}"))
        lines = min(self.list.count(), MOST_LINES)
        self.list.setFixedHeight(lines * max(20, self.list.sizeHintForRow(0)) + 2 * self.list.frameWidth() + 2)
        self.setVisible(lines > 0)

    def _go(self, item: QListWidgetItem) -> None:
        look = self.document.state.look
        keys = [key for key in look.viewports if key[0] == self.context]
        key = look.active if look.active in keys else keys[0] if keys else None
        if key is not None:
            go_to(self.document, key, self.images[self.list.row(item)])

    def remove_current(self) -> None:
        """Take the mark of the chosen slice away."""
        row = self.list.currentRow()
        if 0 <= row < len(self.images):
            remove_key_image(self.document, self.context, self.images[row])

    def sizeHint(self) -> QSize:
        return QSize(200, super().sizeHint().height())


class _Images(QListWidget):
    """Delete removes."""

    def __init__(self, owner: KeyImageList) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setAccessibleName("Key images")
        self.setToolTip(TIP)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._owner.remove_current()
        else:
            super().keyPressEvent(event)
