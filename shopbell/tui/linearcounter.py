"""The counter in the linear mode: find a customer, hear the card, give goodwill, hand out by code."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from shopbell.assistant import staffwire as w
from shopbell.tui.around import Around
from shopbell.tui.errors import ConsoleError
from shopbell.tui.house import House
from shopbell.tui.inert import one_line
from shopbell.tui.spoken import found_lines, patron_lines

Form = TypeVar("Form")
HELP = """find WORDS       find a customer, as by name or the last four digits of the phone
customer         the card of the open conversation's customer; with a number: of one that was found
reveal WHAT WHY  phone, email or birthday of this customer, and the reason
goodwill N WHY   give this customer N points, and the reason
code CODE        what a reward's code stands for; then type yes to hand it out"""
VERBS = frozenset({"find", "customer", "reveal", "goodwill", "code", "yes"})


class LinearCounter:
    """One customer, without a screen."""

    def __init__(self, house: House, out: Callable[[str], None], around: Around) -> None:
        """Take the house, where lines go, and what is around."""
        self._house = house
        self._out = out
        self._around = around
        self._found: tuple[w.CustomerRow, ...] = ()
        self._patron: w.Patron | None = None
        self._held: w.HoldRow | None = None

    async def do(self, verb: str, rest: str, known: str) -> None:
        """Do one of the `VERBS`; `known` is the customer of the open conversation, or empty."""
        held, self._held = self._held, None
        try:
            match verb:
                case "find":
                    await self._find(rest)
                case "customer":
                    await self._show(self._picked(rest, known))
                case "reveal":
                    await self._reveal(*_first(rest))
                case "goodwill":
                    await self._goodwill(*_first(rest))
                case "code":
                    await self._look(rest)
                case _:
                    await self._hand_out(held)
        except msgspec.ValidationError:
            self._say("That is too short or too long. Type help.")
        except ConsoleError as error:
            self._say(str(error))

    async def _tell(self, path: str, form: msgspec.Struct, answer: type[Form]) -> Form:
        checked = msgspec.convert(msgspec.to_builtins(form), type(form))
        return await self._house.tell(f"customers/{path}", checked, answer)

    async def _find(self, text: str) -> None:
        rows = await self._tell("find", w.FindCustomer(text=text), w.CustomerRows)
        self._found = rows.rows
        for line in found_lines(rows):
            self._say(line)

    def _picked(self, number: str, known: str) -> str:
        if number.isdecimal() and 0 < int(number) <= len(self._found):
            return self._found[int(number) - 1].customer
        return known if not number else ""

    async def _show(self, customer: str) -> None:
        if not customer:
            self._say("It is not known who this is. Type find and a name, then customer and a number.")
            return
        self._patron = await self._tell("card", w.CustomerId(customer=customer), w.Patron)
        for line in patron_lines(self._patron, self._around.zone):
            self._say(line)

    async def _reveal(self, what: str, why: str) -> None:
        if self._patron is None or what not in {"phone", "email", "birthday"}:
            self._say("Show a customer first; then say reveal phone, email or birthday, and why.")
            return
        form = msgspec.convert({"customer": self._patron.customer, "field": what, "reason": why}, w.Reveal)
        self._say((await self._tell("reveal", form, w.Revealed)).text)

    async def _goodwill(self, points: str, why: str) -> None:
        if self._patron is None or not points.isdecimal() or not why:
            self._say("Show a customer first; then say goodwill, the points, and why.")
            return
        key = self._around.new_key()
        form = w.Award(key=key, customer=self._patron.customer, points=int(points), reason=why)
        done = await self._tell("award", form, w.Awarded)
        if done.state == "waiting":
            self._say(f"{done.points:,} points wait for a colleague to approve them.")
        else:
            self._say(f"{done.points:,} points given. {done.name} has {done.points_now:,} now.")

    async def _look(self, code: str) -> None:
        held = await self._tell("rewards/look", w.RewardCode(code=code), w.HoldRow)
        if held.state != "reserved":
            self._say(f"{held.reward} of {held.name} was {held.state} before. It counts once.")
            return
        self._held = held
        self._say(f"{held.reward} for {held.name}, {held.points:,} points. Type yes to hand it out.")

    async def _hand_out(self, held: w.HoldRow | None) -> None:
        if held is None:
            self._say("There is nothing to say yes to.")
            return
        done = await self._tell("rewards/redeem", w.RewardCode(code=held.hold), w.HoldRow)
        self._say(f"Handed out to {done.name}: {done.reward}.")

    def _say(self, text: str) -> None:
        self._out(one_line(text))


def _first(text: str) -> tuple[str, str]:
    word, _, rest = text.partition(" ")
    return word, rest.strip()
