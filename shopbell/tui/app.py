"""The app: owns the one feed, folds its frames, and tells the screens that something is new."""

from collections.abc import Callable
from contextlib import aclosing
from typing import ClassVar

from textual import events, on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.alarm import Alarm
from shopbell.tui.around import Around
from shopbell.tui.customer import CustomerScreen
from shopbell.tui.finder import Conversations
from shopbell.tui.floor import FloorScreen
from shopbell.tui.frame import TABS
from shopbell.tui.house import House
from shopbell.tui.knowledge import KnowledgeScreen
from shopbell.tui.line import Line
from shopbell.tui.login import Login
from shopbell.tui.numbers import NumbersScreen
from shopbell.tui.rows import Piece, Tone
from shopbell.tui.state import Desk, Frame, Link, fold, judge, unasked, unwatched, watching
from shopbell.tui.system import SystemScreen
from shopbell.tui.talk import TalkScreen
from shopbell.tui.theme import DARK, LIGHT

PAINT_S = 0.1
"""Seconds within which a burst of frames is painted once: nobody reads faster, and keys never wait for it."""
SOON_S = 0.02
"""The same while a command of ours is on its way: what a key did is to be seen at once."""
NOTICE_S = 6.0
"""Seconds for which something told to the clerk is shown."""
PING_S = 60.0
"""Seconds between two signs of life while somebody is at the keys."""
_AGAIN = w.StaffSay | w.Whisper | w.Note | w.Judge
"""Commands that count once however often they are sent."""


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
        Binding("ctrl+l", "light", "Light/dark", key_display="^L"),
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
        """I reached for the floor: let me write at once, lest my words be taken for keys."""
        self.loses_line = False
        """Somebody else was quicker."""
        self.notice: Piece | None = None
        """What was told last, while it is shown."""
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
            asked = self._pending.pop(answer.key, None)
            if not answer.ok:
                self.loses_line = self.loses_line or isinstance(asked, w.TakeOver)
                self.say(answer.text, wrong=True)
        if text := self._alarm.ring(self, before, self.desk):
            self.say(text, tone="warn")
        if self.desk.link.state == "over" and before.link.state != "over":
            self._signed_out()
        if not self._stale:
            self._stale = True
            self.set_timer(SOON_S if self._pending else PAINT_S, self._publish)

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

    def say(self, text: str, *, wrong: bool = False, tone: Tone = "good") -> None:
        """Tell the clerk something, for some seconds where the names of the pages stand."""
        self.notice = notice = Piece(text, "urgent" if wrong else tone)
        self._publish()
        self.set_timer(NOTICE_S, lambda: self._unsay(notice))

    def _unsay(self, notice: Piece) -> None:
        if self.notice is notice:
            self.notice = None
            self._publish()

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

    async def take(self, card: w.Card) -> None:
        """Reach for the floor of the conversation on the screen, at the version that was looked at."""
        name, version = card.conversation, card.version
        self.wants_line = await self.command(lambda key: w.TakeOver(key, name, version))
        self._publish()

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

    def drafting(self, conversation: str) -> bool:
        """Say whether a suggestion for this conversation is being written."""
        asked = (frame for frame in self._pending.values() if isinstance(frame, w.Suggest))
        return any(frame.conversation == conversation for frame in asked)

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
