"""Sheet: lines of text that scroll, with a cursor where there is something to pick.

It draws line by line and only what changed, so that fifty streaming conversations cost no more than what is
seen of them. Text goes to the terminal as it is: no markup is ever read here.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from shopbell.tui.rows import Row
from shopbell.tui.strips import CLASSES, Strips

Keys = Sequence[str]


class Sheet(ScrollView, can_focus=True):
    """Lines of text; a line with a key can be picked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, sheet: "Sheet", key: str) -> None:
            """Take the sheet and the line's key."""
            super().__init__()
            self.sheet = sheet
            self.key = key

    def __init__(self, *, id: str, tail: bool = False) -> None:  # noqa: A002 - Textual's word
        """Take its id; one that keeps to its `tail` shows the last line as long as nobody scrolled up."""
        super().__init__(id=id)
        self._strips = Strips(self)
        self._rows: Sequence[Row] = ()
        self._keys: Keys = ()
        self._tail = tail
        self.key = ""
        """The key of the line under the cursor; empty when there is none."""
        self.can_page = True

    @property
    def rows(self) -> Sequence[Row]:
        """The lines."""
        return self._rows

    def notify_style_update(self) -> None:
        """Draw all again: the colours are others."""
        self._strips.forget()
        super().notify_style_update()

    def show(self, rows: Sequence[Row], keys: Keys = ()) -> None:
        """Show these lines. `keys` names each that can be picked and is empty for the others."""
        at_end = self.scroll_offset.y >= self.max_scroll_y
        old, self._rows, self._keys = self._rows, rows, keys
        if not self.key or self.key not in keys:
            self.key = next((key for key in keys if key), "")
        if len(old) != len(rows):
            self.virtual_size = Size(0, len(rows))
            self.refresh()
        else:
            for y, (before, after) in enumerate(zip(old, rows, strict=True)):
                if before != after:
                    self._redraw(y)
        if self._tail and at_end:
            self.scroll_end(animate=False, immediate=True, force=True)

    def choose(self, key: str) -> None:
        """Set the cursor on the line with this key."""
        if key == self.key or key not in self._keys:
            return
        if self.key in self._keys:
            self._redraw(self._keys.index(self.key))
        self.key = key
        y = self._keys.index(key)
        self._redraw(y)
        self.scroll_to_region(Region(0, max(0, y - 1), 1, 3), animate=False, immediate=True)
        self.post_message(self.Moved(self, key))

    def _redraw(self, y: int) -> None:
        seen = y - self.scroll_offset.y
        if 0 <= seen < self.size.height:
            self.refresh(Region(0, seen, self.size.width, 1))

    def action_step(self, by: int) -> None:
        """Go to the next line that can be picked; where there is none, scroll."""
        if not self.key:
            self.scroll_relative(y=by, animate=False)
            return
        at = self._keys.index(self.key) + by
        while 0 <= at < len(self._keys):
            if self._keys[at]:
                self.choose(self._keys[at])
                return
            at += by
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Go one page on; the cursor comes along."""
        if not self.key:
            self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)
            return
        self._near(self._keys.index(self.key) + by * max(1, self.size.height - 1), by)

    def action_edge(self, by: int) -> None:
        """Go to the first line, or to the last."""
        if not self.key:
            (self.scroll_home if by < 0 else self.scroll_end)(animate=False)
            return
        self._near(0 if by < 0 else len(self._keys) - 1, by)

    def _near(self, at: int, by: int) -> None:
        at = min(max(at, 0), len(self._keys) - 1)
        order = [*range(at, len(self._keys)), *range(at, -1, -1)]
        if by > 0:
            order = [*range(at, -1, -1), *range(at, len(self._keys))]
        self.choose(next(self._keys[y] for y in order if self._keys[y]))

    @on(events.Resize)
    def _resized(self) -> None:
        """Keep to the end where the end was seen."""
        if self._tail:
            self.scroll_end(animate=False, immediate=True, force=True)

    def render_line(self, y: int) -> Strip:
        """Return one line as it is drawn."""
        at = y + self.scroll_offset.y
        if at >= len(self._rows):
            return self._strips.of(())
        picked = at < len(self._keys) and self._keys[at] == self.key != ""
        return self._strips.of(self._rows[at], picked=picked)
