"""The desk of feedback: whom to call, and what customers speak of."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from shopbell.assistant.callingback import CallsBack
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.feedback.comments import Comment, comments
from shopbell.assistant.feedback.scores import csat, nps
from shopbell.assistant.feedback.tasks import follow_up
from shopbell.assistant.feedback.themes import Theme, themes
from shopbell.assistant.masking import masked_email, masked_phone
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.staffwire.customers import Settle
from shopbell.assistant.staffwire.letters import FeedbackReport, TaskRow, ThemeRow
from shopbell.assistant.staffwire.people import Kept
from shopbell.knowledge.history import Embed
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.storage.worker import Worker

DAYS = 90
"""How far back comments are read."""
MOST = 12
"""Themes shown."""


class FeedbackDesk:
    """What customers said. `worker` is the thread that embeds."""

    def __init__(self, deeds: Deeds, engine: sa.Engine, worker: Worker, embed: Embed) -> None:
        """Take the books, the database and what understands comments."""
        self._deeds = deeds
        self._engine = engine
        self._worker = worker
        self._embed = embed

    async def report(self, member: Member) -> FeedbackReport:
        """Return open tasks, themes and scores; new bad marks become tasks first."""
        now = self._deeds.now()
        await self._deeds.read(lambda: follow_up(self._engine, now))

        def found() -> tuple[tuple[TaskRow, ...], tuple[Comment, ...]]:
            rows = tuple(self._task(one) for one in reversed(Casebook(self._engine).open()))
            return rows, comments(self._engine, now - timedelta(days=DAYS))

        tasks, said = await self._deeds.look(member, Entry("feedback-viewed"), found)
        grouped = await self._worker.call(themes, said, self._embed)
        return FeedbackReport(
            tasks=tasks,
            themes=tuple(_theme(one) for one in grouped[:MOST]),
            days=DAYS,
            nps=nps(said).text,
            csat=csat(said).text,
        )

    async def dial(self, member: Member, ask: Settle, telephone: CallsBack | None) -> Kept:
        """Ring back the customer of a task; raises BadRequest when that is not asked for, or cannot be."""
        if telephone is None:
            raise BadRequest("The shop's telephone is switched off, so nobody can be rung from here.")
        text = await telephone.call_back(ask.number, member.name)
        await self._deeds.look(member, Entry("call-back-dialled", str(ask.number)), lambda: None)
        return Kept(text=text)

    def _task(self, case: Case) -> TaskRow:
        return TaskRow(
            number=case.number,
            kind="complaint" if case.kind == "complaint" else "call-back",
            customer=case.customer,
            name=_name(self._deeds.room.customers.get, case.customer),
            at=case.at,
            text=case.text,
            reach=_masked(case) if case.customer else case.wanted,
            conversation=case.conversation,
        )


def _name(get: Callable[[str], Customer], customer: str) -> str:
    try:
        return get(customer).name if customer else ""
    except NoSuchCustomer:
        return ""


def _masked(case: Case) -> str:
    if case.kind != "call-back":
        return case.wanted
    return masked_email(case.wanted) if "@" in case.wanted else masked_phone(case.wanted)


def _theme(one: Theme) -> ThemeRow:
    return ThemeRow(
        label=one.label,
        count=len(one.comments),
        unhappy=one.unhappy,
        happy=one.happy,
        conversations=tuple(dict.fromkeys(each.conversation for each in one.comments))[:20],
    )
