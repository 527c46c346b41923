"""Consents: what a customer agreed to, in which words, and when they took it back. Only ever added."""

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.reckoning.tables import membership, worth
from shopbell.loyalty.registry import consent_table, unstamp

PROFILING = "profiling"
"""The purpose without which nobody has figures, segments or suggestions of their own."""


class Consent(Struct, frozen=True, kw_only=True):
    """One yes or no."""

    customer: str
    purpose: str
    """What for: "profiling", "marketing-email", "recording"."""
    given: bool
    text_version: str
    """Which wording was shown, such as "2026-11"."""
    at: datetime
    by: str
    """Who wrote it down: "customer", or the staff member's id."""


def record_consent(db: Connection, consent: Consent) -> None:
    """Add a yes or no; the latest of a purpose counts. A no to profiling takes the figures away at once."""
    db.execute(
        consent_table.insert().values(
            customer=consent.customer,
            purpose=consent.purpose,
            given=int(consent.given),
            text_version=consent.text_version,
            at=stamp(consent.at),
            by=consent.by,
        )
    )
    if consent.purpose == PROFILING and not consent.given:
        for table in (worth, membership):
            db.execute(table.delete().where(table.c.customer == consent.customer))


def consents(db: Connection, customer: str) -> tuple[Consent, ...]:
    """Return all that was said, oldest first."""
    query = sa.select(consent_table).where(consent_table.c.customer == customer).order_by(consent_table.c.seq)
    return tuple(
        Consent(
            customer=row.customer,
            purpose=row.purpose,
            given=bool(row.given),
            text_version=row.text_version,
            at=unstamp(row.at),
            by=row.by,
        )
        for row in db.execute(query)
    )


def allows(db: Connection, customer: str, purpose: str) -> bool:
    """Say whether the customer's last word on `purpose` is yes; silence is no."""
    query = (
        sa.select(consent_table.c.given)
        .where(consent_table.c.customer == customer, consent_table.c.purpose == purpose)
        .order_by(consent_table.c.seq.desc())
        .limit(1)
    )
    return bool(db.execute(query).scalar())
