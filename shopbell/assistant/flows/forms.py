"""Forms: something to be done in conversation, asked slot by slot, echoed whole, done on a plain yes. Pure.

The engine knows the ways people answer: they correct, cancel, ask again, talk of something else, or are not
understood. It never does anything: it says what a plain yes to exactly this echo would do.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.flows import plain
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import Deed, Task, filled

CONFIRM, MEANT, SIGN_IN = "confirm", "meant", "sign-in"
PATIENCE = 3
"""Answers in a row that are not understood, after which a person is offered."""
FREE = frozenset({"text", "about", "comment"})
"""Slots that take any words; a question is no answer to them all the same."""
CANCELLED = "All right, I have left it. Nothing was changed."
EXPIRED = "That was a while ago, so I have let it go. Nothing was changed; just ask again."
Slots = tuple[tuple[str, str], ...]


class Question(Struct, frozen=True, kw_only=True):
    """One slot to be asked for."""

    slot: str
    text: str


class Form(Protocol):
    """One kind of thing to be done; its methods are pure."""

    @property
    def flow(self) -> str:
        """The name of the wish it serves."""
        ...

    @property
    def is_private(self) -> bool:
        """Whether only a verified customer may."""
        ...

    def begin(self, text: str, sight: Sight, /) -> Slots | str:
        """Return the slots the first words fill, or why it cannot be done."""
        ...

    def missing(self, slots: Slots, sight: Sight, /) -> Question | None:
        """Return what to ask next; None when nothing is missing."""
        ...

    def read(self, slot: str, text: str, sight: Sight, /) -> str:
        """Return the value in the customer's words; empty when there is none."""
        ...

    def deed(self, slots: Slots, sight: Sight, /) -> Deed | str:
        """Return what a yes will do, or why it cannot be done."""
        ...

    def echo(self, deed: Deed, sight: Sight, /) -> str:
        """Return the question that a yes answers, with every amount in it."""
        ...


class Tell(Struct, frozen=True, kw_only=True):
    """It ends here."""

    text: str
    offer_person: bool = False


class Ask(Struct, frozen=True, kw_only=True):
    """It goes on with this question."""

    task: Task
    before: str = ""
    """Said in front of the question."""


class Do(Struct, frozen=True, kw_only=True):
    """The customer said yes to exactly this."""

    deed: Deed
    task: Task


class Aside(Struct, frozen=True, kw_only=True):
    """That was no answer: the customer may have spoken of something else."""

    unclear: "Ask | Tell"
    """What to say when nothing else answers it."""


Move = Tell | Ask | Do | Aside


def start(form: Form, text: str, sight: Sight, key: str) -> Move:
    """Begin something."""
    slots = form.begin(text, sight)
    if isinstance(slots, str):
        return Tell(text=slots, offer_person=True)
    blank = Task(
        flow=form.flow, asking="", question="", since=sight.now, key=key, slots=slots, customer=sight.owner
    )
    return advance(form, blank, sight)


def advance(form: Form, task: Task, sight: Sight) -> Move:
    """Ask for what is missing, else for the yes."""
    missing = form.missing(task.slots, sight)
    if missing is not None:
        return _asked(task, sight, missing.slot, missing.text)
    deed = form.deed(task.slots, sight)
    if isinstance(deed, str):
        return Tell(text=deed, offer_person=True)
    return _asked(replace(task, deed=deed), sight, CONFIRM, form.echo(deed, sight))


def go_on(form: Form, task: Task, text: str, sight: Sight, key: str) -> Move:
    """Take the customer's answer; `key` names the deed anew where another one is asked for."""
    if task.customer != sight.owner or task.is_over(sight.now):
        return Tell(text=EXPIRED)
    if plain.is_cancel(text):
        return Tell(text=CANCELLED)
    if plain.is_repeat(text):
        return _asked(task, sight, task.asking, task.question)
    if task.asking == CONFIRM:
        return _confirm(form, task, text, sight, key)
    value = "" if task.asking in FREE and text.rstrip().endswith("?") else form.read(task.asking, text, sight)
    if value:
        return advance(form, replace(task, slots=filled(task.slots, **{task.asking: value})), sight)
    return Aside(unclear=_unclear(task, sight))


def _confirm(form: Form, task: Task, text: str, sight: Sight, key: str) -> Move:
    if plain.is_yes(text) and task.deed is not None:
        # The world may have moved on: it is done only if the same question would be asked now.
        same = form.deed(task.slots, sight) == task.deed and form.echo(task.deed, sight) == task.question
        if same:
            return Do(deed=task.deed, task=task)
        again = advance(form, replace(task, deed=None, key=key), sight)
        return replace(again, before="Something has changed meanwhile.") if isinstance(again, Ask) else again
    if plain.is_no(text):
        return Tell(text=CANCELLED)
    changed = _corrected(form, task, text, sight)
    if changed is not None:
        return advance(form, replace(task, slots=changed, deed=None, key=key), sight)
    return Aside(unclear=_unclear(task, sight))


def _corrected(form: Form, task: Task, text: str, sight: Sight) -> Slots | None:
    """Return the slots with the one that the customer said anew; None when none was."""
    if "about" in dict(task.slots) and (matter := plain.matter(text)):
        return filled(task.slots, about=matter)
    if not plain.corrects(text):
        return None
    for slot, before in reversed(task.slots):
        value = form.read(slot, text, sight)
        if value and value != before and slot in _correctable(task.slots):
            return filled(task.slots, **{slot: value})
    return None


def _correctable(slots: Slots) -> Sequence[str]:
    return [slot for slot, _ in slots if slot not in FREE]


def _unclear(task: Task, sight: Sight) -> Ask | Tell:
    if task.tries + 1 >= PATIENCE:
        text = "I still do not understand, so I have left it and changed nothing. A person can help."
        return Tell(text=text, offer_person=True)
    hint = "Please say yes or no." if task.asking == CONFIRM else "I did not get that."
    again = replace(task, tries=task.tries + 1, since=sight.now)
    return Ask(task=again, before=f"{hint} Or say “cancel”.")


def _asked(task: Task, sight: Sight, asking: str, question: str) -> Ask:
    return Ask(task=replace(task, asking=asking, question=question, since=sight.now, tries=0))
