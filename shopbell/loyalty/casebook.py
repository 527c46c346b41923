"""Casebook: complaints, call-backs and feedback, as customers told them in chat. Every call blocks."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine, Row

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.registry import unstamp
from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata, reading
from shopbell.storage.sharing import writing

CaseKind = Literal["complaint", "call-back", "csat", "nps"]
case_table = sa.Table(
    "customer_case",
    metadata,
    sa.Column("seq", whole, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    *texts("kind", "customer", "conversation", "at", "text"),
    sa.Column("score", sa.Integer),
    *texts("wanted"),
    sa.Column("closed_at", sa.Text),
    *texts("closed_by"),
    sa.Index("ix_customer_case_customer", "customer", "kind"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)


class Case(Struct, frozen=True, kw_only=True):
    """One thing a customer told the shop."""

    key: str
    """The same key is kept once."""
    kind: CaseKind
    customer: str = ""
    """Empty: nobody was known."""
    conversation: str
    at: datetime
    text: str = ""
    score: int | None = None
    """1 to 5 (csat), or 0 to 10 (nps)."""
    wanted: str = ""
    """What would make it good, or how to reach the customer."""
    number: int = 0
    """Given by the book."""
    closed_at: datetime | None = None


class Casebook:
    """All cases of the shop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, case: Case) -> int:
        """Keep a case and return its number; one with the same key is there already."""
        with writing(self._engine) as db:
            known = db.execute(sa.select(case_table.c.seq).where(case_table.c.key == case.key)).scalar()
            if known is not None:
                return int(known)
            made = db.execute(
                case_table.insert().values(
                    key=case.key,
                    kind=case.kind,
                    customer=case.customer,
                    conversation=case.conversation,
                    at=stamp(case.at),
                    text=case.text,
                    score=case.score,
                    wanted=case.wanted,
                    closed_by="",
                )
            ).inserted_primary_key
            return int(made[0]) if made else 0

    def of(self, customer: str, kind: CaseKind) -> tuple[Case, ...]:
        """Return one customer's cases of a kind, newest first; nobody's for no customer."""
        mine = (case_table.c.customer == customer) & (case_table.c.kind == kind)
        return self._find(mine) if customer else ()

    def open(self) -> tuple[Case, ...]:
        """Return the complaints and call-backs that nobody closed, newest first."""
        kinds = case_table.c.kind.in_(["complaint", "call-back"])
        return self._find(kinds & case_table.c.closed_at.is_(None))

    def close(self, number: int, by: str, now: datetime) -> bool:
        """Note that a case was seen to; False when it is not open."""
        mine = (case_table.c.seq == number) & case_table.c.closed_at.is_(None)
        with writing(self._engine) as db:
            values = {"closed_at": stamp(now), "closed_by": by}
            return db.execute(case_table.update().where(mine).values(values)).rowcount == 1

    def _find(self, clause: sa.ColumnElement[bool], limit: int = 100) -> tuple[Case, ...]:
        query = sa.select(case_table).where(clause).order_by(case_table.c.seq.desc()).limit(limit)
        with reading(self._engine) as db:
            return tuple(_case(row) for row in db.execute(query))


def _case(row: Row[tuple[object, ...]]) -> Case:
    return Case(
        key=row.key,
        kind=row.kind,
        customer=row.customer,
        conversation=row.conversation,
        at=unstamp(row.at),
        text=row.text,
        score=row.score,
        wanted=row.wanted,
        number=row.seq,
        closed_at=unstamp(row.closed_at) if row.closed_at else None,
    )
