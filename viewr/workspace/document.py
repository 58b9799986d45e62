"""The open task's state and its one writer.

Every edit, of answers, drawings and voxels alike, is one step on one undo stack, and is recorded as it comes, so that
a journal can replay it. Widgets listen to `Document.changed` and ask for edits; they hold no truth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shiboken6
import zstandard
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from viewr.model.annotation import Annotation, apply_diff, diff
from viewr.model.labelmap import Box, LabelArray, Labelmap, box_slices, clip_box, union_box
from viewr.model.measure import MEASURES
from viewr.model.state import Change, LabelmapKey, State, ViewportKey
from viewr.model.volume import Volume
from viewr.workspace.read_record import ReadRecord

#: (context name, scan name of the template)
ScanKey = tuple[str, str]

#: Seconds within which edits of one merge key become one undo step (typing, a slider).
MERGE_PAUSE = 2.0


@dataclass(frozen=True, eq=False)
class EditStep:
    """A change of the annotation, as the data that `model.annotation.diff` gives."""

    changes: list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class PatchStep:
    """A change of voxels; `before` and `after` are the box's voxels in Fortran order, compressed (zstd)."""

    labelmap: LabelmapKey
    box: Box
    before: bytes
    after: bytes


Step = EditStep | PatchStep


class Recorder(Protocol):
    """Who keeps what happens, for the next start: the journal."""

    def step(self, text: str, step: Step, *, gesture: bool, merged: bool) -> None:
        """One step was applied; in a gesture until `finish` or `abandon`, or merged into the step before."""

    def finish(self) -> None:
        """The open gesture became one undo step."""

    def abandon(self) -> None:
        """The open gesture was taken back whole."""

    def moved(self, kind: str) -> None:
        """The reader went back ("undo") or forward ("redo") one step."""


def pack(voxels: npt.NDArray[Any]) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(np.asfortranarray(voxels).tobytes(order="F"))


def unpack(data: bytes, box: Box, dtype: np.dtype[Any]) -> LabelArray:
    (i0, j0, k0), (i1, j1, k1) = box
    shape = (i1 - i0, j1 - j0, k1 - k0)
    return np.frombuffer(zstandard.ZstdDecompressor().decompress(data), dtype=dtype).reshape(shape, order="F")


class _Command(QUndoCommand):
    """Steps that are undone together; they have been applied before the command is made."""

    def __init__(self, document: Document, text: str, steps: list[Step]) -> None:
        super().__init__(text)
        self._document = document
        self.steps = steps
        self._fresh = True

    def redo(self) -> None:
        if self._fresh:
            self._fresh = False
            return
        self._document._apply(self.text(), self.steps, "redo")

    def undo(self) -> None:
        self._document._apply(self.text(), self.steps[::-1], "undo")


class Document(QObject):
    """The state of the open task.

    Parameters
    ----------
    state : State
    labelmaps : mapping of (context, annotation) to Labelmap
        Written here alone, see `patch`.
    recorder : Recorder, optional
    """

    changed = Signal(object)
    #: (context, scan), slice k: voxels of a volume that is still arriving were filled in place.
    filled = Signal(object, object)

    def __init__(
        self,
        state: State | None = None,
        labelmaps: Mapping[LabelmapKey, Labelmap] | None = None,
        recorder: Recorder | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state or State()
        self.labelmaps: dict[LabelmapKey, Labelmap] = dict(labelmaps or {})
        self.volumes: dict[ScanKey, Volume] = {}
        #: Which slices k of a volume that is still arriving hold data; a volume without an entry is whole.
        self.arriving: dict[ScanKey, npt.NDArray[np.bool_]] = {}
        #: Scans that will not come.
        self.unavailable: set[ScanKey] = set()
        #: Which slices were on the screen; no part of the state, since nobody can undo having seen.
        self.seen = ReadRecord()
        self.recorder = recorder
        self.stack = QUndoStack(self)
        self.read_only = False
        #: Opened to look at: nothing of it is kept, so that measuring does no harm although it is read-only.
        self.for_looking = False
        self._gesture: tuple[str, list[Step]] | None = None
        self._last: tuple[str, float] = ("", 0.0)

    def __del__(self) -> None:
        # a collected document's commands may go before its stack does, which would then delete them once more
        if shiboken6.isValid(self.stack):
            self.stack.blockSignals(True)
            self.stack.clear()

    @property
    def state(self) -> State:
        return self._state

    # --- edits -------------------------------------------------------------------------------------------------

    def edit(self, text: str, change: Callable[[Annotation], Annotation], merge: str = "") -> None:
        """Change answers or drawings, as one undo step or as a part of the open gesture.

        Parameters
        ----------
        text : str
            What the reader did, for the undo menu.
        change : callable
            Pure function from the annotation as it is to the annotation as it shall be.
        merge : str
            Edits of the same key in quick succession become one undo step.
        """
        changes = diff(self._state.annotation, change(self._state.annotation))
        if changes and (not self.read_only or self._notes_only(changes)):
            self._do(text, EditStep(changes), merge)

    def patch(self, labelmap: LabelmapKey, box: Box, values: LabelArray, text: str = "Paint") -> None:
        """Write the voxels of a box; what lies outside the label map is left out, equal voxels cost nothing.

        Parameters
        ----------
        values : ndarray, shape of the box
            Label values after the change.
        """
        array = self.labelmaps[labelmap].array
        inside = clip_box(box, self.labelmaps[labelmap].grid.shape)
        if inside is None or self.read_only or not self.labelmaps[labelmap].editable:
            return
        cut = tuple(slice(a - o, b - o) for a, b, o in zip(*inside, box[0], strict=True))
        after = np.asarray(values[cut], dtype=array.dtype)
        before = array[box_slices(inside)]
        if not np.array_equal(before, after):
            self._do(text, PatchStep(labelmap, inside, pack(before), pack(after)))

    def begin(self, text: str) -> None:
        """Start a gesture: all edits until `commit` are one undo step; not while the document is being sent."""
        if self._being_sent:
            return
        if self._gesture is not None:
            self.commit()
        self._gesture = (text, [])

    def commit(self) -> None:
        """End the gesture; without a change in it nothing is left on the undo stack."""
        if self._gesture is None:
            return
        text, steps = self._gesture
        self._gesture = None
        if steps:
            if self.recorder:
                self.recorder.finish()
            self.stack.push(_Command(self, text, steps))

    def cancel(self) -> None:
        """Take the open gesture back whole; while the document is being sent it is kept, as `commit` does."""
        if self._being_sent:
            self.commit()  # its voxels may be on their way into a file
            return
        if self._gesture is None:
            return
        text, steps = self._gesture
        self._gesture = None
        if steps:
            if self.recorder:
                self.recorder.abandon()
            self._apply(text, steps[::-1], "cancel")

    @property
    def _being_sent(self) -> bool:
        """Read-only because its results are on their way: a step now would be lost."""
        return self.read_only and not self.for_looking

    def _notes_only(self, changes: list[dict[str, Any]]) -> bool:
        """Whether the changes are measures in a task that is only looked at: nothing of them is kept."""
        return self.for_looking and all(change.get("drawing", ("", ""))[1] == MEASURES for change in changes)

    @property
    def in_gesture(self) -> bool:
        return self._gesture is not None

    def undo(self) -> None:
        """Take back the last step; an open gesture is taken back instead. Nothing while the document is being sent."""
        if self._being_sent:
            return
        if self._gesture is not None:
            self.cancel()
        elif self.stack.canUndo():
            self._move("undo")

    def redo(self) -> None:
        """Do again what was taken back. Nothing while the document is being sent."""
        if not self._being_sent and self._gesture is None and self.stack.canRedo():
            self._move("redo")

    def _move(self, kind: str) -> None:
        self._last = ("", 0.0)
        if self.recorder:
            self.recorder.moved(kind)
        if kind == "undo":
            self.stack.undo()
        else:
            self.stack.redo()

    # --- views -------------------------------------------------------------------------------------------------

    def look(self, **fields: Any) -> None:
        """Change what is on the screen; not undoable."""
        look = replace(self._state.look, **fields)
        if look != self._state.look:
            self._publish(replace(self._state, look=look), "", "look")

    def look_viewport(self, key: ViewportKey, **fields: Any) -> None:
        """Change how one viewport shows its scan."""
        viewports = self._state.look.viewports
        self.look(viewports={**viewports, key: replace(viewports[key], **fields)})

    def add_volume(self, key: ScanKey, volume: Volume) -> None:
        """Show a scan's voxels, or other ones than before."""
        self.volumes[key] = volume
        self._publish(self._state, "", "load")

    def volume_filled(self, key: ScanKey, k: int) -> None:
        """Tell the views that one more slice of a volume has arrived."""
        self.filled.emit(key, k)

    def add_labelmap(self, key: LabelmapKey, labelmap: Labelmap) -> None:
        """Take in an annotation's voxels once their grid is known."""
        self.labelmaps[key] = labelmap
        self._touch("", "load", {key: ((0, 0, 0), labelmap.grid.shape)}, self._state.annotation)

    def load(self, annotation: Annotation) -> None:
        """Take in answers and drawings from before; not undoable."""
        self._publish(replace(self._state, annotation=annotation), "", "load")

    def retire(self) -> None:
        """Fall silent: whoever shows the document is about to go."""
        self.stack.blockSignals(True)
        self.blockSignals(True)

    def wake(self) -> None:
        """Speak again: somebody else shows the document now."""
        self.stack.blockSignals(False)
        self.blockSignals(False)

    # --- replay ------------------------------------------------------------------------------------------------

    def replay(self, text: str, step: Step, *, gesture: bool, merged: bool) -> None:
        """Do again what a journal holds, with the undo stack as it was."""
        self._apply(text, [step], "edit")
        if gesture:
            self._gesture = self._gesture or (text, [])
            self._gesture[1].append(step)
        else:
            self._push(text, step, merged)

    # --- inside ------------------------------------------------------------------------------------------------

    def _do(self, text: str, step: Step, merge: str = "") -> None:
        merged = self._merges(merge)
        if self.recorder:
            named = self._gesture[0] if self._gesture else text
            self.recorder.step(named, step, gesture=self._gesture is not None, merged=merged)
        self._apply(text, [step], "edit")
        if self._gesture is not None:
            self._gesture[1].append(step)
        else:
            self._push(text, step, merged)

    def _merges(self, merge: str) -> bool:
        now = time.monotonic()
        key, last = self._last
        self._last = (merge, now)
        on_top = self.stack.canUndo() and not self.stack.canRedo() and not self.stack.isClean()
        return bool(merge) and merge == key and now - last < MERGE_PAUSE and on_top and self._gesture is None

    def _push(self, text: str, step: Step, merged: bool) -> None:
        top = self.stack.command(self.stack.index() - 1) if merged and self.stack.canUndo() else None
        if isinstance(top, _Command):
            top.steps.append(step)
        else:
            self.stack.push(_Command(self, text, [step]))

    def _apply(self, text: str, steps: list[Step], kind: str) -> None:
        back = kind in ("undo", "cancel")
        annotation = self._state.annotation
        boxes: dict[LabelmapKey, Box] = {}
        for step in steps:
            if isinstance(step, EditStep):
                annotation = apply_diff(annotation, step.changes, back=back)
            else:
                self._write(step, step.before if back else step.after)
                held = boxes.get(step.labelmap)
                boxes[step.labelmap] = union_box(held, step.box) if held else step.box
        self._touch(text, kind, boxes, annotation)

    def _write(self, step: PatchStep, packed: bytes) -> None:
        array = self.labelmaps[step.labelmap].array
        array[box_slices(step.box)] = unpack(packed, step.box, array.dtype)

    def _touch(self, text: str, kind: str, boxes: dict[LabelmapKey, Box], annotation: Annotation) -> None:
        voxels = {**self._state.voxels, **{key: self._state.voxels.get(key, 0) + 1 for key in boxes}}
        self._publish(replace(self._state, annotation=annotation, voxels=voxels), text, kind, boxes)

    def _publish(self, state: State, text: str, kind: str, boxes: dict[LabelmapKey, Box] | None = None) -> None:
        before, self._state = self._state, state
        self.changed.emit(Change(before, state, text, kind, boxes or {}))
