"""Saying: a move of a flow as an answer of the ladder, with what goes into the log. Pure."""

from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.flows.doing import Done
from shopbell.assistant.flows.forms import SIGN_IN, Ask, Do, Move, Tell
from shopbell.assistant.flows.lines import DOES, NO_MORE, PHONE, PHONE_SIGN_IN_FIRST, SIGN_IN_FIRST, WHY
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.task import Complain, Task
from shopbell.assistant.turn import Answer, Turn


def after(move: Do, done: Done, sight: Sight) -> tuple[str, Task | None]:
    """Return what is said after a deed, and what is asked next."""
    if isinstance(move.deed, Complain) and sight.make_good and not done.refused:
        return (
            f"{done.text} The owner offers: {'; '.join(sight.make_good)}. Tell a person which you like.",
            None,
        )
    return done.text, None


def sign_in_first(wish: str, text: str, turn: Turn, key: str) -> Move:
    """Ask for a sign-in, after which the wish goes on."""
    first = PHONE_SIGN_IN_FIRST if turn.channel == PHONE else SIGN_IN_FIRST
    question = first.format(does=DOES[wish])
    task = Task(flow=wish, asking=SIGN_IN, question="", since=turn.now, key=key, slots=(("said", text),))
    return Ask(task=replace(task, question=question))


def said(move: Move, turn: Turn, customer: str) -> Answer:
    """Return the answer that says it."""
    if isinstance(move, Ask):
        task = move.task
        # While nobody is known nothing is asked again on every other answer.
        kept = replace(task, question="") if task.asking == SIGN_IN else task
        return Answer(
            text=f"{move.before} {task.question}".strip(),
            rung="flow",
            subject=task.flow,
            why=WHY["ask"],
            trace=(f"flow {task.flow}: asks {task.asking}",),
            private=customer,
            also=(e.Tasked(task=kept),),
        )
    if not isinstance(move, Tell):
        raise TypeError(move)
    left = turn.task is not None
    return Answer(
        text=move.text,
        rung="flow",
        subject=turn.task.flow if turn.task is not None else "flow",
        why=WHY["tell"],
        trace=("flow: ends here",),
        private=customer,
        offer_person=move.offer_person,
        also=(e.Tasked(),) if left else (),
    )


def recalled(told: str, customer: str) -> Answer:
    """Return the answer that tells what a customer once had remembered."""
    return Answer(
        text=f"{told} {NO_MORE}",
        rung="flow",
        subject="remembered",
        why=WHY["remembered"],
        trace=("flow remembered",),
        private=customer,
        offer_person=True,
    )
