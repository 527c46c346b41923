"""Linear: the console as plain lines, one after the other, for screen readers and the simplest terminals.

What happens is printed as it happens; what is typed is a command. No boxes, no colours, no cursor.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.around import Around
from shopbell.tui.card import REASONS
from shopbell.tui.house import House
from shopbell.tui.inert import one_line
from shopbell.tui.line import Line
from shopbell.tui.linearcounter import HELP as COUNTER
from shopbell.tui.linearcounter import VERBS, LinearCounter
from shopbell.tui.linearletters import HELP as LETTERS
from shopbell.tui.linearletters import VERBS as LETTER_VERBS
from shopbell.tui.linearletters import LinearLetters
from shopbell.tui.state import Desk, Frame, Link, age, by_need, fold, judge, tag, unwatched, watching
from shopbell.tui.thread import open_draft

BELL = "\a"
HELP = """list             every open conversation, the most urgent first
open N           read conversation N and follow it
take             take it over
say WORDS        say this to the customer
whisper WORDS    a hint for the assistant; the customer never sees it
note WORDS       a private note
suggest          ask for a suggested reply
accept, reject   decide about it
stay             answer "are you still there?"
back             hand it back to the assistant
end              end the conversation"""


class Linear:
    """One console without a screen."""

    def __init__(self, line: Line, house: House, out: Callable[[str], None], around: Around) -> None:
        """Take the line, the house, where lines go, and what is around."""
        self.desk = Desk()
        self._line = line
        self._out = out
        self._around = around
        self._counter = LinearCounter(house, out, around)
        self._letters = LinearLetters(house, out, around)
        self._order: list[str] = []
        self._open = ""

    async def run(self, token: str, typed: AsyncIterator[str]) -> None:
        """Serve until somebody quits or the session is over."""
        feed = asyncio.create_task(self._listen(token), name="linear-feed")
        commands = asyncio.create_task(self._obey(typed), name="linear-commands")
        _, running = await asyncio.wait({feed, commands}, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        await asyncio.gather(feed, commands, return_exceptions=True)

    async def _listen(self, token: str) -> None:
        async with aclosing(self._line.frames(token)) as frames:
            async for frame in frames:
                before, self.desk = self.desk, fold(self.desk, frame)
                if isinstance(frame, Link) and frame.state == "live":
                    for name, thread in self.desk.threads.items():
                        await self._line.send(w.Watch(name, thread.seq))
                for text in news(before, self.desk, frame, self._open):
                    self._out(BELL * text.startswith(BELL) + one_line(text.removeprefix(BELL)))

    async def _obey(self, typed: AsyncIterator[str]) -> None:
        async for text in typed:
            verb, _, rest = text.strip().partition(" ")
            if verb in {"quit", "q"}:
                return
            await self._do(verb, rest.strip())

    async def _do(self, verb: str, rest: str) -> None:
        if verb == "list":
            self._list()
        elif verb == "open":
            await self._show(rest)
        elif verb in VERBS:
            card = self.desk.cards.get(self._open)
            await self._counter.do(verb, rest, card.customer if card else "")
        elif verb in LETTER_VERBS:
            await self._letters.do(verb, rest, may_release=self.desk.may("letters"))
        elif verb in {"help", "?"}:
            self._out(f"{HELP}\n{COUNTER}\n{LETTERS}\nquit             leave")
        elif verb and (frame := self._frame(verb, rest)) is not None:
            if not await self._line.send(frame):
                self._out("There is no line to the server right now. Nothing was sent.")
        elif verb:
            self._out("Open a conversation first, or type help.")

    def _list(self) -> None:
        cards = by_need(self.desk.cards)
        self._order = [card.conversation for card in cards]
        self._out(f"{len(cards)} open conversations." if cards else "No conversation is open.")
        for number, card in enumerate(cards, 1):
            self._out(f"{number}. {spoken(card, self._around)}")

    async def _show(self, number: str) -> None:
        at = int(number) - 1 if number.isdecimal() else -1
        if not 0 <= at < len(self._order):
            self._out("Say open and the number of the list.")
            return
        if self._open:
            await self._line.send(w.Unwatch(self._open))
            self.desk = unwatched(self.desk, self._open)
        self._open = self._order[at]
        self.desk = watching(self.desk, self._open)
        await self._line.send(w.Watch(self._open))

    def _frame(self, verb: str, rest: str) -> w.StaffFrame | None:
        key, name, card = self._around.new_key(), self._open, self.desk.cards.get(self._open)
        if card is None:
            return None
        if rest:
            told: dict[str, Callable[[str, str, str], w.StaffFrame]]
            told = {"say": w.StaffSay, "whisper": w.Whisper, "note": w.Note}
            return told[verb](key, name, rest) if verb in told else None
        draft = open_draft(self.desk.threads[name])
        if verb in {"accept", "reject"}:
            verdict: w.Verdict = "accepted" if verb == "accept" else "rejected"
            return w.Judge(key, name, draft.draft, verdict) if draft is not None else None
        if verb == "take":
            return w.TakeOver(key, name, card.version)
        plain: dict[str, Callable[[str, str], w.StaffFrame]]
        plain = {"back": w.HandBack, "end": w.Finish, "stay": w.Stay, "suggest": w.Suggest}
        return plain[verb](key, name) if verb in plain else None


def spoken(card: w.Card, around: Around) -> str:
    """Return a card as one sentence."""
    who = {"waiting": "waits for a person", "assistant": "with the assistant", "staff": f"with {card.staff}"}
    mood = ", upset" if card.mood == "frustrated" else ""
    why = f", {REASONS.get(card.reason, card.reason)}" if card.reason and card.holder == "waiting" else ""
    since = age(card.since, around.now())
    return one_line(
        f"{tag(card.conversation)} on {card.channel}, {who[card.holder]}{why}{mood}, {since}: {card.last}"
    )


def news(before: Desk, after: Desk, frame: Frame, reading: str) -> list[str]:
    """Return what a frame is worth saying aloud. Pure."""
    match frame:
        case Link(state=state, text=text):
            return [f"Line: {state}. {text}"] if state != before.link.state else []
        case w.SignedIn(name=name, shop=shop):
            return [f"Signed in at {shop} as {name}. Type list or help."]
        case w.Called(conversation=name, reason=reason):
            return [f"{BELL}Somebody waits: {tag(name)}, {REASONS.get(reason, reason)}."]
        case w.ToApprove(count=count) if count > before.to_approve and after.may("approve"):
            return [f"{BELL}Goodwill waits for a second person: {count}. The full console decides it: F3, a."]
        case w.AreYouThere(conversation=name):
            return [f"{BELL}Are you still there in {tag(name)}? Type stay."]
        case w.Told(conversation=name, frame=told) if name == reading:
            return _told(told, after)
        case wire.Trouble() | w.Done():
            answer = judge(frame)
            return ["Done."] if answer is None or answer.ok else [f"Refused: {answer.text}"]
        case _:
            return []


def _told(told: w.Shown, desk: Desk) -> list[str]:
    assistant = desk.me.assistant if desk.me else "Assistant"
    match told:
        case wire.Said(who=who, name=name, text=text):
            return [f"{name or who}: {text}"]
        case w.Answered(reply=reply):
            return [f"{assistant} ({reply.rung}, {len(reply.sources)} sources): {reply.text}"]
        case w.Private(kind=kind, name=name, text=text):
            return [f"Private {kind} by {name or 'the house'}: {text}"]
        case w.Suggested(text=text, ghost=ghost):
            lead = f"{BELL}The customer waits for your approval" if ghost else "Suggested reply"
            return [f"{lead}, accept or reject: {text}"]
        case wire.FloorChanged(holder=holder, name=name):
            return [f"Now with {name or holder}."]
        case wire.Ended():
            return ["The conversation is over."]
        case _:
            return []
