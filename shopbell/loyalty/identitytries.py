"""Tries to sign in: how often an account and an origin may try. Every call blocks.

A try is written down as failed before the secret is looked at, and as good afterwards, so that any number of
guesses at once counts as that number. Accounts that nobody has are counted alike: a lock tells nothing.
"""

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.identityerrors import SignInLocked, SignInTooFast
from shopbell.storage.columns import whole
from shopbell.storage.database import metadata

ACCOUNT_TRIES, ACCOUNT_SPAN = 5, timedelta(minutes=15)
IN_A_ROW = 8
"""Failed tries after which only a code from the shop opens the account."""
CODES_IN_A_ROW = 40
"""Failed tries after which codes by e-mail are no way in either, until somebody in the shop gives one."""
ORIGIN_ACCOUNTS, ORIGIN_TRIES, ORIGIN_SPAN = 10, 30, timedelta(hours=1)
"""Different accounts, and tries in all, that one address may try in an hour."""
Outcome = Literal["failed", "good", "reset"]
Key = Literal["pin", "code"]

try_table = sa.Table(
    "sign_in_try",
    metadata,
    sa.Column("seq", whole, primary_key=True, autoincrement=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Index("ix_sign_in_try_account", "account", "seq"),
    sa.Index("ix_sign_in_try_origin", "origin", "at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
_OF_ACCOUNT = try_table.c.account == sa.bindparam("account")


class Tries:
    """The tries of all accounts and origins, by the names `Keyring` gives them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, account: str, origin: str, key: Key, now: datetime) -> int:
        """Write a try down and return its number.

        Raises `SignInTooFast`, or `SignInLocked` for a PIN of an account that was guessed at too often.
        """
        with self._engine.begin() as db:
            _check_origin(db, account, origin, now)
            _check_account(db, account, key, now)
            made = db.execute(
                try_table.insert().values(account=account, origin=origin, at=stamp(now), outcome="failed")
            ).inserted_primary_key
            return int(made[0]) if made else 0

    def succeed(self, number: int) -> None:
        """Note that this try was good."""
        self._settle(number, "good")

    def reset(self, account: str, now: datetime) -> None:
        """Open a locked account again; staff does that, who see the customer."""
        with self._engine.begin() as db:
            values = {"account": account, "origin": "", "at": stamp(now), "outcome": "reset"}
            db.execute(try_table.insert().values(values))

    def _settle(self, number: int, outcome: Outcome) -> None:
        with self._engine.begin() as db:
            db.execute(try_table.update().where(try_table.c.seq == number).values(outcome=outcome))


def drop_old(db: Connection, before: datetime) -> int:
    """Remove the tries made before then, and return how many went.

    Those that still count towards a lock stay, without where they came from: or waiting would open it.
    """
    newer = try_table.alias()
    settled = sa.exists().where(newer.c.account == try_table.c.account, newer.c.seq > try_table.c.seq)
    settled = settled.where(newer.c.outcome != "failed")
    old = try_table.c.at < stamp(before)
    gone = db.execute(try_table.delete().where(old & (settled | (try_table.c.outcome != "failed")))).rowcount
    db.execute(try_table.update().where(old).values(origin=""))
    return gone


def _check_origin(db: Connection, account: str, origin: str, now: datetime) -> None:
    recent = (try_table.c.origin == origin) & (try_table.c.at > stamp(now - ORIGIN_SPAN))
    tries, accounts, mine = db.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.distinct(try_table.c.account)),
            sa.func.coalesce(sa.func.max(sa.case((try_table.c.account == account, 1), else_=0)), 0),
        ).where(recent)
    ).one()
    if tries >= ORIGIN_TRIES or (not mine and accounts >= ORIGIN_ACCOUNTS):
        raise SignInTooFast("Too many tries from here. Wait an hour, or ask somebody in the shop.")


def _check_account(db: Connection, account: str, key: Key, now: datetime) -> None:
    named = {"account": account}
    last_good = (
        sa.select(sa.func.coalesce(sa.func.max(try_table.c.seq), 0))
        .where(_OF_ACCOUNT, try_table.c.outcome != "failed")
        .scalar_subquery()
    )
    failed = sa.select(sa.func.count()).where(_OF_ACCOUNT, try_table.c.seq > last_good)
    in_a_row = db.execute(failed, named).scalar_one()
    if key == "pin" and in_a_row >= IN_A_ROW:
        raise SignInLocked("The PIN was wrong too often. Ask in the shop for a one-time code.")
    if in_a_row >= CODES_IN_A_ROW:
        raise SignInLocked("That was wrong too often. Ask in the shop: they give you a one-time code.")
    recent = sa.select(sa.func.count()).where(
        _OF_ACCOUNT,
        try_table.c.outcome == "failed",
        try_table.c.seq > last_good,
        try_table.c.at > stamp(now - ACCOUNT_SPAN),
    )
    if db.execute(recent, named).scalar_one() >= ACCOUNT_TRIES:
        raise SignInTooFast("Too many tries. Wait a quarter of an hour, then try again.")
