"""The clerk: does for a customer what they ask in conversation. No model has a part in it.

What is meant is recognised by meaning; what is done is a deed that was echoed and answered by a plain yes,
for the customer of the session, who is checked again just before. A wish taken wrongly costs a question.
"""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import ParamSpec, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.covering import CAUGHT, MASK
from shopbell.assistant.flows import plain
from shopbell.assistant.flows.account import Account
from shopbell.assistant.flows.doing import Doer, Who
from shopbell.assistant.flows.forms import (
    EXPIRED,
    MEANT,
    SIGN_IN,
    Aside,
    Ask,
    Do,
    Form,
    Move,
    Tell,
    go_on,
    start,
)
from shopbell.assistant.flows.lines import DOES, LATER, PHONE, PHONE_SIGN_IN_HOW, SIGN_IN_HOW, WHY
from shopbell.assistant.flows.saying import after, recalled, said, sign_in_first
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.suggestion import WISH, asks_why
from shopbell.assistant.flows.task import Complain, Rate, Task
from shopbell.assistant.flows.wishes import Wish
from shopbell.assistant.known import Known, parting
from shopbell.assistant.turn import Answer, Settled, Step, Turn

P = ParamSpec("P")
T = TypeVar("T")
SURE_BESIDE_A_RULE = 0.8
"""Chance from which a wish goes before a fixed line that is recognised too."""
_FIXED = frozenset({"human", "person", "greeting", "thanks", "bye"})
_ASKS = re.compile(
    r"\?\s*$|^\W*(what|when|where|who|which|why|how|do you|are you|is there|can i|can you)\b", re.IGNORECASE
)


class Work(Protocol):
    """Runs what blocks on the thread where it may."""

    async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `fn` returns."""
        ...


class Gear(Struct, frozen=True, kw_only=True):
    """What the clerk works with."""

    account: Account
    doer: Doer
    forms: Mapping[str, Form]
    """By wish."""
    look: Work
    """Reads the shop's books."""
    act: Work
    """Changes them."""
    think: Work
    """Embeds."""
    recognise: Callable[[str], Wish | None]
    rule: Callable[[str], str]
    """The fixed line an utterance is for, if any."""
    sight: Callable[[str, Turn], Sight]
    still: "Still"
    new_id: Callable[[], str]


class Still(Protocol):
    """Checks in the books that who was recognised still is."""

    async def __call__(self, known: Known | None) -> Known | None:
        """Return them, or None."""
        ...


class Clerk:
    """Answers the turns that something can be done about."""

    def __init__(self, gear: Gear) -> None:
        self._gear = gear

    async def respond(self, turn: Turn) -> AsyncGenerator[Step, None]:
        """Yield the answer, after `Settled` where something is done; nothing where it is not for us."""
        customer = await self._customer(turn)
        move = await self._move(turn, customer)
        if isinstance(move, Do):
            yield Settled()
            yield await self._done(move, turn, customer)
        elif isinstance(move, Answer):
            yield self.resumed(turn, move)
        elif move is not None:
            yield said(move, turn, customer)

    async def before(self, turn: Turn, rest: AsyncGenerator[Step, None]) -> AsyncGenerator[Step, None]:
        """Yield the clerk's answer, or else what the rest of the ladder says, with the open question."""
        answered = False
        async with aclosing(self.respond(turn)) as steps:
            async for step in steps:
                answered = answered or isinstance(step, Answer)
                yield step
        async with aclosing(rest) as steps:
            if answered:
                return
            async for step in steps:
                yield self.resumed(turn, step) if isinstance(step, Answer) else step

    async def ask(self, turn: Turn) -> Answer | None:
        """Ask whether an unsure wish is meant; for when nothing else answers."""
        wish = await self._gear.think(self._gear.recognise, turn.text)
        if wish is None or turn.task is not None or not turn.acts:
            return None
        question = f"Would you like {DOES[wish.name]}? (yes or no)"
        task = Task(
            flow=wish.name,
            asking=MEANT,
            question=question,
            since=turn.now,
            key=self._gear.new_id(),
            slots=(("said", turn.text),),
        )
        return said(Ask(task=task), turn, "")

    async def recall(self, turn: Turn) -> Answer | None:
        """Return what the customer once had remembered about a question; for when nothing else answers."""
        customer = await self._customer(turn) if turn.acts else ""
        told = await self._gear.look(self._gear.account.about, customer, turn) if customer else ""
        return recalled(told, customer) if told else None

    def resumed(self, turn: Turn, answer: Answer) -> Answer:
        """Add to an answer on something else that a question is still open."""
        task = turn.task
        if task is None or task.is_over(turn.now) or answer.ends or answer.also or answer.wants_person:
            return answer
        return replace(answer, text=f"{answer.text}\n\n{LATER} {task.question}") if task.question else answer

    # --- what is meant -------------------------------------------------------------------------------------

    async def _move(self, turn: Turn, customer: str) -> Move | Answer | None:
        if MASK in turn.text:
            return Answer(text=CAUGHT, rung="rule", why=WHY["covered"], trace=("rule covered",))
        if turn.task is not None and (move := await self._go_on(turn.task, turn, customer)) is not None:
            return move
        if asks_why(turn):
            return await self._begin(WISH, turn.text, turn, customer)
        wish = await self._gear.think(self._gear.recognise, turn.text)
        if wish is None or not wish.is_sure:
            return None
        if wish.chance < SURE_BESIDE_A_RULE and await self._gear.think(self._gear.rule, turn.text) in _FIXED:
            return None
        return await self._begin(wish.name, turn.text, turn, customer)

    async def _go_on(self, task: Task, turn: Turn, customer: str) -> Move | Answer | None:
        words = task.slot("said")
        if task.asking in {MEANT, SIGN_IN}:
            agreed = customer if task.asking == SIGN_IN else plain.is_yes(turn.text)
            if agreed and not task.is_over(turn.now):
                return await self._begin(task.flow, words, turn, customer)
            return Tell(text="All right.") if plain.is_no(turn.text) or plain.is_cancel(turn.text) else None
        form = self._gear.forms.get(task.flow)
        if form is None:
            return None
        sight = await self._gear.look(self._gear.sight, customer, turn)
        move = go_on(form, task, turn.text, sight, self._gear.new_id())
        if isinstance(move, Tell) and move.text == EXPIRED and not plain.is_yes(turn.text):
            return None
        if isinstance(move, Aside):
            return None if await self._is_aside(task, turn) else move.unclear
        return move

    async def _is_aside(self, task: Task, turn: Turn) -> bool:
        """Say whether the customer spoke of something else, rather than answer badly."""
        wish = await self._gear.think(self._gear.recognise, turn.text)
        if wish is not None and wish.is_sure and wish.name != task.flow:
            return True
        rule = await self._gear.think(self._gear.rule, turn.text)
        return bool(rule) or bool(_ASKS.search(turn.text))

    async def _begin(self, wish: str, text: str, turn: Turn, customer: str) -> Move | Answer:
        gear = self._gear
        if wish == "signout":
            gone = parting(turn.who, "asked")
            return Answer(text="You are signed out.", rung="flow", subject=wish, also=(*gone, e.Tasked()))
        if wish == "signin":
            how = PHONE_SIGN_IN_HOW if turn.channel == PHONE else SIGN_IN_HOW
            return Tell(text="You are signed in already." if customer else how)
        form = gear.forms.get(wish)
        if not customer and wish not in gear.account.open_to_all and (form is None or form.is_private):
            return sign_in_first(wish, text, turn, gear.new_id())
        if form is None:
            told, why = await gear.look(gear.account.tell, wish, customer, turn)
            return Answer(
                text=told,
                rung="flow",
                subject=wish,
                why=why,
                trace=(f"flow {wish}",),
                private=customer,
                offer_person=wish == "order",
                also=(e.Tasked(),) if turn.task is not None and turn.task.asking in {MEANT, SIGN_IN} else (),
            )
        return start(form, text, await gear.look(gear.sight, customer, turn), gear.new_id())

    # --- what is done --------------------------------------------------------------------------------------

    async def _customer(self, turn: Turn) -> str:
        """Return whose turn it is, checked in the books just now; empty for nobody verified."""
        known = await self._gear.still(turn.who if turn.who and turn.who.is_verified else None)
        return known.customer if known is not None else ""

    async def _done(self, move: Do, turn: Turn, customer: str) -> Answer:
        gear, task = self._gear, move.task
        who = Who(customer=customer, conversation=turn.conversation, channel=turn.channel, now=turn.now)
        done = await gear.act(gear.doer.do, move.deed, task.key, who)
        sight = await gear.look(gear.sight, customer, turn)
        text, next_task = after(move, done, sight)
        if isinstance(move.deed, Rate) and move.deed.kind == "csat" and sight.ask_nps:
            begun = start(gear.forms["nps"], "", sight, gear.new_id())
            if isinstance(begun, Ask):
                text, next_task = f"{text} {begun.task.question}", begun.task
        did = e.Did(flow=task.flow, key=task.key, outcome="refused" if done.refused else "done")
        return Answer(
            text=text,
            rung="flow",
            subject=task.flow,
            why=WHY["done"],
            trace=(f"flow {task.flow}: {did.outcome}",),
            private=customer,
            offer_person=isinstance(move.deed, Complain),
            wants_person="erase" if done.wants_erasure else None,
            also=(did, e.Tasked(task=next_task)),
        )
