"""Reaches: reads from the books what counts about a customer when somebody wants to write to them."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from shopbell.assistant.outreach.policy import Reach, Yes
from shopbell.assistant.outreach.tables import COUNTED, letter_table
from shopbell.loyalty.casebook import case_table
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.registry import consent_table, customer_table, unstamp

NOBODY = Reach(stands=False, agreed={}, has_address=False)


class Reaches:
    """Looks customers up in the transaction in which it is decided. `secret` hides addresses."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hidden(self, address: str) -> str:
        """Return an address as a letter names it: told apart, and not readable."""
        return hmac.new(self._secret, address.encode(), hashlib.sha256).hexdigest()

    def of(self, db: sa.Connection, customer: str) -> tuple[Reach, str]:
        """Return what counts about a customer, and their e-mail address; of nobody, nothing."""
        try:
            owner = resolve(db, customer)
        except NoSuchCustomer:
            return NOBODY, ""
        query = sa.select(customer_table.c.email).where(customer_table.c.id == owner)
        email = str(db.execute(query).scalar() or "")
        names = also_known_as(db, owner)
        return Reach(
            stands=True,
            agreed=agreed(db, owner),
            has_address=bool(email),
            refused_by_server=bool(email) and self._bounced(db, names, email),
            reached=_reached(db, names),
            complains=_complains(db, names),
        ), email

    def _bounced(self, db: sa.Connection, names: Sequence[str], email: str) -> bool:
        table = letter_table.c
        mine = table.customer.in_(names) & (table.state == "bounced") & (table.address == self.hidden(email))
        return db.execute(sa.select(table.id).where(mine).limit(1)).first() is not None


def agreed(db: sa.Connection, customer: str) -> Mapping[str, Yes]:
    """Return the purposes of which the customer's last word is yes."""
    query = sa.select(consent_table).where(consent_table.c.customer == customer).order_by(consent_table.c.seq)
    last = {row.purpose: row for row in db.execute(query)}
    return {
        purpose: Yes(at=unstamp(row.at), text_version=row.text_version)
        for purpose, row in last.items()
        if row.given
    }


def _reached(db: sa.Connection, names: Sequence[str]) -> list[datetime]:
    table = letter_table.c
    mine = table.customer.in_(names) & table.state.in_(COUNTED) & table.reached_at.is_not(None)
    return [unstamp(at) for at in db.execute(sa.select(table.reached_at).where(mine)).scalars()]


def _complains(db: sa.Connection, names: Sequence[str]) -> bool:
    table = case_table.c
    mine = table.customer.in_(names) & (table.kind == "complaint") & table.closed_at.is_(None)
    return db.execute(sa.select(table.seq).where(mine).limit(1)).first() is not None
