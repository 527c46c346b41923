"""Strips: rows as they are drawn; each style is worked out once, and so is each row.

Asking a widget for its colours walks up to the screen, and a burst of events asks a thousand times a second.
"""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from shopbell.tui.rows import TONES, Row, Tone

CURSOR = "row--cursor"
CLASSES = {f"row--{tone}" for tone in TONES} | {CURSOR}
"""Component classes of a widget that is made of rows: they give the tones their colours."""
KEPT = 400
"""Strips that are kept: some screens full."""


class Strips:
    """Draws the rows of one widget."""

    def __init__(self, widget: Widget) -> None:
        """Take the widget, which has the `CLASSES`."""
        self._widget = widget
        self._styles: dict[tuple[Tone, bool], Style] = {}
        self._drawn: dict[tuple[Row, int, bool], Strip] = {}

    def forget(self) -> None:
        """Forget all: the theme, or what has the focus, is another."""
        self._styles.clear()
        self._drawn.clear()

    def of(self, line: Row, *, picked: bool = False) -> Strip:
        """Return a row as it is drawn on the whole width. No markup is read."""
        width = self._widget.size.width
        key = (line, width, picked)
        known = self._drawn.get(key)
        if known is None:
            if len(self._drawn) >= KEPT:
                self._drawn.clear()
            pieces = [Segment(piece.text, self._style(piece.tone, picked=picked)) for piece in line]
            known = Strip(pieces).crop_extend(0, width, self._style("", picked=picked))
            self._drawn[key] = known
        return known

    def _style(self, tone: Tone, *, picked: bool) -> Style:
        known = self._styles.get((tone, picked))
        if known is None:
            widget = self._widget
            known = widget.get_component_rich_style(CURSOR) if picked else widget.rich_style
            if tone:
                known += widget.get_component_rich_style(f"row--{tone}", partial=True)
            self._styles[tone, picked] = known
        return known
