"""The app: owns the one feed, folds its frames, and tells the screens that something is new."""

import secrets
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from msgspec import Struct
from textual import events, on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.alarm import Alarm
from shopbell.tui.customer import CustomerScreen
from shopbell.tui.finder import Conversations
from shopbell.tui.floor import FloorScreen
from shopbell.tui.frame import TABS
from shopbell.tui.house import House
from shopbell.tui.knowledge import KnowledgeScreen
from shopbell.tui.line import Line
from shopbell.tui.login import Login
from shopbell.tui.numbers import NumbersScreen
from shopbell.tui.state import Desk, Frame, Link, fold, judge, unasked, unwatched, watching
from shopbell.tui.system import SystemScreen
from shopbell.tui.talk import TalkScreen
from shopbell.tui.theme import DARK, LIGHT

PAINT_S = 0.05
"""Seconds within which a burst of frames is painted once."""
PING_S = 60.0
"""Seconds between two signs of life while somebody is at the keys."""
_AGAIN = w.StaffSay | w.Whisper | w.Note | w.Judge
"""Commands that count once however often they are sent."""


class Around(Struct, frozen=True):
    """What the console takes from around it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    zone: tzinfo | None = None
    """In which times are told; None is this machine's own."""
    new_key: Callable[[], str] = lambda: secrets.token_hex(8)
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the sign of life."""


class ConsoleApp(App[None]):
    """The staff console."""

    TITLE = "Shopbell"
    CSS_PATH = "console.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "floor": FloorScreen,
        "talk": TalkScreen,
        "customer": CustomerScreen,
        "knowledge": KnowledgeScreen,
        "numbers": NumbersScreen,
        "system": SystemScreen,
    }
    DEFAULT_MODE = "floor"
    COMMANDS = App.COMMANDS | {Conversations}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"go('{name}')", label, show=False, tooltip=f"Show {label}")
            for key, name, label in TABS
        ),
        Binding("ctrl+p", "command_palette", "Commands", key_display="^P"),
        Binding("ctrl+l", "light", "Light / dark", key_display="^L"),
        Binding("ctrl+q", "quit", "Quit", key_display="^Q"),
    ]

    def __init__(self, line: Line, house: House, *, token: str = "", around: Around | None = None) -> None:
        """Take the line, the house, and a token of a session that was begun elsewhere."""
        super().__init__()
        self.line = line
        self.house = house
        self.around = around or Around()
        self.desk = Desk()
        self.changed: Signal[Desk] = Signal(self, "changed")
        self.talking = ""
        """The conversation on the screen."""
        self.wants_line = False
        """As soon as the floor is mine, let me write."""
        self._token = token
        self._pending: dict[str, w.StaffFrame] = {}
        self._stale = False
        self._pinged_at = 0.0
        self._alarm = Alarm()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for the moment before our themes are known."""
        return dict(DARK.variables)

    def on_mount(self) -> None:
        """Choose the colours and sign in."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.set_interval(1.0, self._tick)
        if self._token:
            self.begin(self._token)
        else:
            self.push_screen(Login())

    def begin(self, token: str) -> None:
        """Listen to the feed in this session."""
        self._token = token
        self.house.resume(token)
        self._listen(token)

    @work(exclusive=True, group="feed")
    async def _listen(self, token: str) -> None:
        async with aclosing(self.line.frames(token)) as frames:
            async for frame in frames:
                await self._take(frame)

    async def _take(self, frame: Frame) -> None:
        before, self.desk = self.desk, fold(self.desk, frame)
        match frame:
            case Link(state="live"):
                await self._resume()
            case w.Told(conversation=name, frame=wire.Trouble(code="lagged")):
                await self._watch(name)
            case _:
                pass
        if (answer := judge(frame)) is not None:
            self._pending.pop(answer.key, None)
            if not answer.ok:
                self.say(answer.text, wrong=True)
        self._alarm.ring(self, before, self.desk)
        if self.desk.link.state == "over" and before.link.state != "over":
            self._signed_out()
        if not self._stale:
            self._stale = True
            self.set_timer(PAINT_S, self._publish)

    def _publish(self) -> None:
        self._stale = False
        self.changed.publish(self.desk)

    def _tick(self) -> None:
        self.changed.publish(self.desk)

    async def _resume(self) -> None:
        """Go on where the line broke: watch what was watched, send again what nobody answered."""
        for name in self.desk.threads:
            await self._watch(name)
        for frame in list(self._pending.values()):
            if isinstance(frame, _AGAIN):
                await self.line.send(frame)
        self._pending = {key: frame for key, frame in self._pending.items() if isinstance(frame, _AGAIN)}

    async def _watch(self, name: str) -> None:
        if name in self.desk.threads:
            await self.line.send(w.Watch(name, self.desk.threads[name].seq))

    def _signed_out(self) -> None:
        self._token = ""
        if not isinstance(self.screen, Login):
            self.push_screen(Login(self.desk.link.text))

    # --- what screens ask for --------------------------------------------------------------------------

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Tell the clerk something; the words are shown as they are."""
        self.notify(w.visible(text), severity="error" if wrong else "information", markup=False)

    async def talk(self, conversation: str) -> None:
        """Show a conversation and follow it."""
        if self.talking and self.talking != conversation:
            await self.line.send(w.Unwatch(self.talking))
            self.desk = unwatched(self.desk, self.talking)
        self.talking = conversation
        self.wants_line = False
        if conversation not in self.desk.threads:
            self.desk = watching(self.desk, conversation)
            await self._watch(conversation)
        await self.switch_mode("talk")

    def answered(self, conversation: str) -> None:
        """Take away the question whether somebody is there: it is being answered."""
        self.desk = unasked(self.desk, conversation)
        self._publish()

    async def command(self, make: Callable[[str], w.StaffFrame]) -> bool:
        """Send a command; False, and the clerk is told, while there is no line."""
        key = self.around.new_key()
        frame = make(key)
        self._pending[key] = frame
        if await self.line.send(frame):
            self._pinged_at = self.around.clock()
            return True
        del self._pending[key]
        self.say("There is no line to the server right now. Nothing was sent.", wrong=True)
        return False

    # --- keys ------------------------------------------------------------------------------------------

    async def action_go(self, mode: str) -> None:
        """Show a mode."""
        if not isinstance(self.screen, Login):
            await self.switch_mode(mode)

    def action_light(self) -> None:
        """Change between light and dark."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    @on(Input.Changed)
    async def _typed(self) -> None:
        await self._alive()

    @on(events.Key)
    async def _pressed(self) -> None:
        """Note that somebody is at the keys."""
        await self._alive()

    async def _alive(self) -> None:
        now = self.around.clock()
        if self.desk.link.state == "live" and now - self._pinged_at >= PING_S:
            self._pinged_at = now
            await self.line.send(w.Ping())
