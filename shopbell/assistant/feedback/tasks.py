"""Tasks: whoever gave a bad mark and can be reached is called back; a person does it, once. Blocks."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shopbell.assistant.feedback.comments import Comment, comments
from shopbell.loyalty.casebook import Case, Casebook, case_table
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.members import resolve
from shopbell.loyalty.registry import customer_table
from shopbell.storage.database import reading

LOOK_BACK = timedelta(days=3)
"""A bad mark older than that is not called about: it would be odd."""
_SCALES = {"csat": 5, "nps": 10}


def follow_up(engine: Engine, now: datetime) -> int:
    """Make a call-back of every new bad mark of a customer who can be reached; return how many."""
    made = 0
    for one in _low(comments(engine, now - LOOK_BACK)):
        reach = _reach(engine, one.customer)
        if not reach:
            continue
        words = f": “{one.text}”" if one.text else "."
        before = _known(engine, f"low:{one.key}")
        Casebook(engine).add(
            Case(
                key=f"low:{one.key}",
                kind="call-back",
                customer=one.customer,
                conversation=one.conversation,
                at=one.at,
                text=f"Gave {one.score} of {_SCALES[one.kind]}{words}",
                wanted=reach,
            )
        )
        made += not before
    return made


def _low(found: Iterable[Comment]) -> list[Comment]:
    return [one for one in found if one.is_low and one.customer and one.kind in _SCALES]


def _known(engine: Engine, key: str) -> bool:
    with reading(engine) as db:
        return db.execute(sa.select(case_table.c.seq).where(case_table.c.key == key)).first() is not None


def _reach(engine: Engine, customer: str) -> str:
    """Return the number to call, else the address to write to; empty for neither."""
    with reading(engine) as db:
        try:
            owner = resolve(db, customer)
        except NoSuchCustomer:
            return ""
        row = db.execute(sa.select(customer_table).where(customer_table.c.id == owner)).one()
    return str(row.phone or row.email or "")
