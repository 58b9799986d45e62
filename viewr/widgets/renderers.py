"""Which renderer makes the pictures of the viewports: chosen by what really answers, switched while they are shown."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewr.model.errors import ViewrError
from viewr.render.base import SliceRenderer, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.settings import RendererChoice

if TYPE_CHECKING:
    from viewr.render.gl_context import GlContext


class Renderers(QObject):
    """Makes one renderer for each viewport.

    Parameters
    ----------
    choice : {"auto", "cpu", "gl"}
        "auto" takes OpenGL where a graphics card answers: with OpenGL in software the processor is faster alone.
    """

    #: other renderers are to be used from now on
    changed = Signal()
    #: a sentence that the reader should see
    notice = Signal(str)

    def __init__(self, choice: RendererChoice = "auto", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice: RendererChoice = choice
        self._context: GlContext | None = None
        self._lost: GlContext | None = None
        self._failed = ""

    def make(self) -> SliceRenderer:
        """A renderer for one viewport."""
        context = self._answering()
        if context is None:
            return CpuRenderer(reuse=True)
        from viewr.render.gl import GlRenderer

        return CarefulRenderer(GlRenderer(context), self)

    def use(self, choice: RendererChoice) -> None:
        """Switch, also viewports that are on the screen."""
        self.choice, self._failed = choice, ""
        self.changed.emit()

    @property
    def words(self) -> str:
        """Who makes the pictures."""
        return f"OpenGL on {self._context.card}" if self._answering() is not None and self._context else "processor"

    def lost(self, error: ViewrError) -> None:
        """OpenGL failed while a picture was made: the processor takes over everywhere."""
        if self._failed:
            return
        self._failed = error.message
        # Kept until the end: what it holds may only go while it is current.
        self._lost, self._context = self._context, None
        self.notice.emit(f"{error.message} {error.hint}")
        self.changed.emit()

    def close(self) -> None:
        """Give the graphics card back."""
        for context in (self._context, self._lost):
            if context is not None:
                with suppress(ViewrError):  # it is gone already
                    context.close()
        self._context = self._lost = None

    def _answering(self) -> GlContext | None:
        """The context, if it is to be used."""
        if self.choice == "cpu" or self._failed:
            return None
        if self._context is None:
            self._context = self._connect()
        if self._context is not None and self.choice == "auto" and self._context.is_software:
            return None
        return self._context

    def _connect(self) -> GlContext | None:
        from viewr.render.gl_context import GlContext

        try:
            return GlContext(self)
        except ViewrError as error:
            self._failed = error.message
            if self.choice == "gl":
                self.notice.emit(f"{error.message} {error.hint}")
            return None


class CarefulRenderer:
    """Makes pictures by OpenGL as long as that answers, then by the processor: never a black view."""

    def __init__(self, renderer: SliceRenderer, source: Renderers) -> None:
        self._inner = renderer
        self._source = source
        self.name = renderer.name

    def sample(self, view: SliceView) -> npt.NDArray[Any]:
        """Values before window and LUT; see `SliceRenderer`."""
        return self._inner.sample(view)

    def picture(self, view: SliceView) -> QImage:
        """The picture; by the processor if OpenGL fails now."""
        try:
            return self._inner.picture(view)
        except ViewrError as error:
            self._inner = CpuRenderer(reuse=True)
            self.name = self._inner.name
            self._source.lost(error)
            return self._inner.picture(view)

    def attach(self, widget: object) -> None:
        """Say on which widget the pictures will be shown."""
        self._inner.attach(widget)

    def release(self) -> None:
        """Give back what is kept."""
        try:
            self._inner.release()
        except ViewrError as error:
            self._source.lost(error)
