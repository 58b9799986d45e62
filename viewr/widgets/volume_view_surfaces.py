"""Which label maps the volume view shows as surfaces, and when they are made anew."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from viewr.model.labelmap import Labelmap
from viewr.model.state import Change, LabelmapKey
from viewr.model.volume import Volume
from viewr.render.volume_labels import without
from viewr.widgets.volume_view_pictures import VolumePictures
from viewr.workspace.document import Document
from viewr.workspace.localizer import map_belongs

#: Milliseconds after an edit of labels until their surfaces are made anew: a stroke is many edits.
SETTLE = 150


class LabelSurfaces(QObject):
    """Keeps the surfaces in step with the label maps of a scan.

    Parameters
    ----------
    document : Document
    context : str
        Its label maps are shown.
    pictures : VolumePictures
        Draws them.
    """

    def __init__(self, document: Document, context: str, pictures: VolumePictures, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._context, self._pictures = document, context, pictures
        self._volume: Volume | None = None
        self._hidden = document.state.look.hidden_labels
        self._dirty: set[LabelmapKey] = set()
        self._sent: set[LabelmapKey] = set()
        self._settle = QTimer(self, interval=SETTLE)
        self._settle.timeout.connect(self._send)

    def show_scan(self, volume: Volume | None) -> None:
        """Show those of this scan from the next `send_all` on."""
        self._settle.stop()
        self._volume = volume

    def shown(self) -> dict[LabelmapKey, Labelmap]:
        """The label maps that lie in the space of the scan, as the slices show them: without hidden labels."""
        volume, hidden = self._volume, self._document.state.look.hidden_labels
        return {
            key: without(labelmap, hidden.get(key, frozenset()))
            for key, labelmap in self._document.labelmaps.items()
            if key[0] == self._context and volume is not None and map_belongs(labelmap.grid, volume)
        }

    def send_all(self, afresh: bool) -> None:
        """Have all surfaces made, and those of other scans go.

        Parameters
        ----------
        afresh : bool
            The process is a new one and knows none.
        """
        self._dirty = set(self.shown()) | (set() if afresh else self._sent)
        self._sent = set() if afresh else self._sent
        self._send()

    def follow(self, change: Change) -> bool:
        """Take notice of a change of the document; whether it touches what is shown."""
        shown = set(self.shown())
        touched = set(change.boxes) & (shown | self._sent)
        hidden = self._document.state.look.hidden_labels
        if hidden is not self._hidden:
            touched |= {key for key in shown if hidden.get(key) != self._hidden.get(key)}
            self._hidden = hidden
        if touched:
            self._dirty |= touched
            self._settle.start()
        return bool(touched)

    def _send(self) -> None:
        if self._document.in_gesture and self._settle.isActive():
            return  # as soon as the stroke is done
        self._settle.stop()
        shown = self.shown()
        for key in self._dirty:
            if key in shown:
                self._pictures.show_labels(key[1], shown[key])
                self._sent.add(key)
            elif key in self._sent:
                self._pictures.drop_labels(key[1])
                self._sent.discard(key)
        self._dirty = set()
