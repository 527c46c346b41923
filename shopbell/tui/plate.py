"""Plate: some rows that stand still; of what is shown again only the rows that changed are drawn."""

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from shopbell.tui.rows import Row
from shopbell.tui.strips import CLASSES, Strips


class Plate(Widget):
    """Rows without a cursor, as high as they are many."""

    COMPONENT_CLASSES: ClassVar[set[str]] = CLASSES

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        """Take its id."""
        super().__init__(id=id)
        self._strips = Strips(self)
        self._rows: Sequence[Row] = ()

    def notify_style_update(self) -> None:
        """Draw all again: the colours are others."""
        self._strips.forget()
        super().notify_style_update()

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows. Only another number of them moves what stands around."""
        old, self._rows = self._rows, rows
        if len(old) != len(rows):
            self.refresh(layout=self.styles.is_auto_height)
            return
        for y, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after and y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual asks so
        """Return the number of rows."""
        return len(self._rows)

    def render_line(self, y: int) -> Strip:
        """Return one row as it is drawn."""
        return self._strips.of(self._rows[y] if y < len(self._rows) else ())
