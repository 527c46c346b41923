"""Letters in the linear mode: hear what waits to be released, change it, let it go; hear whom to call."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.assistant.staffwire.letters import (
    FeedbackReport,
    LetterId,
    LetterNo,
    LetterRow,
    LetterRows,
    LetterWords,
)
from shopbell.tui.around import Around
from shopbell.tui.errors import ConsoleError
from shopbell.tui.house import House
from shopbell.tui.inert import one_line
from shopbell.tui.letterlines import OPEN
from shopbell.tui.spoken import letter_lines, waiting_lines

HELP = """letters          messages that wait to be released, whom to call, what customers speak of
letter N         hear message N whole; what follows is about it
change A > B     put B in the place of A in its words
release          let it go
refuse WHY       never send it
dial N           ring me, then number N of those to call, who asked for it
done N           number N of those to call was seen to"""
VERBS = frozenset({"letters", "letter", "change", "release", "refuse", "dial", "done"})
_FIRST = "Type letters, then letter and a number: it is read to you before it goes."


class LinearLetters:
    """Messages the shop writes first, without a screen."""

    def __init__(self, house: House, out: Callable[[str], None], around: Around) -> None:
        """Take the house, where lines go, and what is around."""
        self._house = house
        self._out = out
        self._around = around
        self._letters: tuple[LetterRow, ...] = ()
        self._tasks: tuple[int, ...] = ()
        self._read: LetterRow | None = None

    async def do(self, verb: str, rest: str, *, may_release: bool) -> None:
        """Do one of the `VERBS`; `may_release`: who is signed in may read messages."""
        try:
            if verb == "letters":
                await self._list(may_release=may_release)
            elif verb == "letter":
                self._pick(rest)
            elif verb in {"dial", "done"}:
                await self._see_to(verb, rest)
            elif self._read is None:
                self._say(_FIRST)
            else:
                await self._judge(verb, rest, self._read)
        except msgspec.ValidationError:
            self._say("That is too short or too long. Type help.")
        except ConsoleError as error:
            self._say(str(error))

    async def _list(self, *, may_release: bool) -> None:
        found = await self._house.ask("letters", LetterRows) if may_release else None
        feedback = await self._house.ask("feedback", FeedbackReport)
        self._letters = tuple(one for one in found.letters if one.state in OPEN) if found else ()
        self._tasks = tuple(task.number for task in feedback.tasks)
        for line in waiting_lines(self._letters if found else None, feedback, self._around.zone):
            self._say(line)

    def _pick(self, number: str) -> None:
        if not (number.isdecimal() and 0 < int(number) <= len(self._letters)):
            self._say("Type letters first; then letter and the number.")
            return
        self._hear(self._letters[int(number) - 1])

    def _hear(self, letter: LetterRow) -> None:
        self._read = letter
        for line in letter_lines(letter, self._around.zone):
            self._say(line)

    async def _judge(self, verb: str, rest: str, letter: LetterRow) -> None:
        if verb == "change":
            await self._change(rest, letter)
            return
        if verb == "release":
            await self._house.tell("letters/release", LetterId(id=letter.id), LetterRow)
            self._say(f"Released to {letter.name}.")
        else:
            form = msgspec.convert({"id": letter.id, "why": rest}, LetterNo)
            await self._house.tell("letters/refuse", form, LetterRow)
            self._say(f"Refused. It is never sent to {letter.name}.")
        self._read = None

    async def _change(self, rest: str, letter: LetterRow) -> None:
        old, sign, new = (part.strip() for part in rest.partition(">"))
        if not sign or not old or old not in f"{letter.subject}\n{letter.body}":
            self._say("Say change, words that stand in it, the sign >, and what to say instead.")
            return
        words = {"id": letter.id, "subject": letter.subject.replace(old, new)}
        form = msgspec.convert({**words, "body": letter.body.replace(old, new)}, LetterWords)
        changed = await self._house.tell("letters/edit", form, LetterRow)
        self._say("Changed. It still waits to be released.")
        self._hear(replace(changed, name=changed.name or letter.name))

    async def _see_to(self, verb: str, number: str) -> None:
        if not (number.isdecimal() and 0 < int(number) <= len(self._tasks)):
            who = "who was called" if verb == "done" else "whom to call"
            self._say(f"Type letters first; then {verb} and the number of {who}.")
            return
        form = w.Settle(number=self._tasks[int(number) - 1])
        if verb == "dial":
            self._say((await self._house.tell("feedback/dial", form, w.Kept)).text)
            return
        await self._house.tell("customers/complaints/settle", form, w.Kept)
        self._say("Settled.")

    def _say(self, text: str) -> None:
        self._out(one_line(text))
