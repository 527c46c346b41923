"""What every screen of the console shares: the frame, the app it stands in, and when it paints."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from shopbell.tui.frame import bottom, keys_of, top
from shopbell.tui.plate import Plate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shopbell.tui.app import ConsoleApp
    from shopbell.tui.rows import Row
    from shopbell.tui.state import Desk

WIDE = 120
"""Columns from which on a screen shows two things side by side."""


class ConsoleScreen(Screen[None]):
    """One mode of the console. It paints what the app knows, when it comes to front and at every change."""

    MODE = ""
    AUTO_FOCUS = "Sheet"

    def __init__(self) -> None:
        """Begin with nothing painted."""
        super().__init__()
        self._put: dict[str, Sequence[Row]] = {}

    @property
    def console_app(self) -> ConsoleApp:
        """The app."""
        return cast("ConsoleApp", self.app)

    @property
    def wide(self) -> bool:
        """Whether there is room for two things side by side."""
        return self.app.size.width >= WIDE

    def compose(self) -> ComposeResult:
        """Put the frame around the screen's own widgets."""
        yield Plate(id="top")
        with Vertical(id="inside"):
            yield from self.inside()
        yield Plate(id="keys")

    def inside(self) -> Iterable[Widget]:
        """Return what stands inside the frame."""
        return ()

    def paint(self, _: Desk) -> None:
        """Show what the app knows."""

    def on_mount(self) -> None:
        """Listen for changes."""
        self.console_app.changed.subscribe(self, self._changed)
        self.bindings_updated_signal.subscribe(self, lambda _: self._paint_keys())
        self.app.theme_changed_signal.subscribe(self, lambda _: self._repaint_all())

    def _repaint_all(self) -> None:
        self._put = {}
        self.repaint()

    def _changed(self, _: Desk) -> None:
        if self.is_current or (self.app.screen_stack and self in self.app.screen_stack):
            self.repaint()

    def on_resize(self, event: events.Resize) -> None:
        """Use the room there is."""
        self.set_class(event.size.width >= WIDE, "wide")
        self.call_after_refresh(self.repaint)
        self.call_after_refresh(self._paint_keys)

    def on_screen_resume(self) -> None:
        """Show what happened meanwhile."""
        self.repaint()
        self._paint_keys()

    def repaint(self) -> None:
        """Paint the frame and what is inside."""
        if not self.is_mounted:
            return
        app = self.console_app
        now = app.around.now().astimezone(app.around.zone)
        lines = top(app.desk, self.MODE, f"{now:%H:%M}", self.app.size.width, app.notice)
        self.put("top", lines)
        self.paint(app.desk)

    def put(self, name: str, rows: Sequence[Row]) -> None:
        """Show rows in the part with this id; what stands there already costs nothing."""
        if self._put.get(name) != rows:
            self._put[name] = rows
            self.query_one(f"#{name}", Plate).show(rows)

    def _paint_keys(self) -> None:
        if self.is_current:
            self.put("keys", bottom(keys_of(self), self.app.size.width))
