"""The ledger: the only writer of points. Every call blocks: call it in a worker.

To post in one transaction with other tables, use `post` and the functions behind it on a connection of
`engine.begin()`; what is raised there must undo the whole transaction.
"""

from datetime import datetime
from typing import assert_never

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.closing import CloseSheet, close_day
from shopbell.loyalty.earning import accrue, adjust, claw_back
from shopbell.loyalty.holds import hold, redeem_hold, release_hold
from shopbell.loyalty.settling import BATCH, DUE_TO_EXPIRE, DUE_TO_MATURE, sweep
from shopbell.loyalty.spending import give_back, spend
from shopbell.loyalty.statement import Balance, Movement, balance, history, units
from shopbell.loyalty.transfers import transfer, undo_transfer
from shopbell.loyalty.verify import Anchor, Verified, verify
from shopbell.storage.database import reading
from shopbell.storage.sharing import writing


def post(db: sa.Connection, request: o.Request) -> o.Receipt:
    """Do one operation in the caller's transaction; raises a `LedgerError` when it cannot be done."""
    match request:
        case o.Accrue():
            return accrue(db, request)
        case o.Spend():
            return spend(db, request)
        case o.Hold():
            return hold(db, request)
        case o.RedeemHold():
            return redeem_hold(db, request)
        case o.ReleaseHold():
            return release_hold(db, request)
        case o.GiveBack():
            return give_back(db, request)
        case o.ClawBack():
            return claw_back(db, request)
        case o.Adjust():
            return adjust(db, request)
        case o.Transfer():
            return transfer(db, request)
        case o.UndoTransfer():
            return undo_transfer(db, request)
        case _:
            assert_never(request)


class Ledger:
    """Points of all customers; each call is one transaction, and stands on the disk when it returns."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def post(self, request: o.Request) -> o.Receipt:
        """Do one operation; see `post`."""
        with writing(self._engine) as db:
            return post(db, request)

    def accrue(self, request: o.Accrue) -> o.Receipt:
        """Give a customer a new lot."""
        return self.post(request)

    def spend(self, request: o.Spend) -> o.Receipt:
        """Redeem points at once, oldest first; raises `NotEnough`."""
        return self.post(request)

    def hold(self, request: o.Hold) -> o.Receipt:
        """Set points aside for a reward; raises `NotEnough`."""
        return self.post(request)

    def redeem_hold(self, request: o.RedeemHold) -> o.Receipt:
        """Redeem what is held; raises `HoldEnded`."""
        return self.post(request)

    def release_hold(self, request: o.ReleaseHold) -> o.Receipt:
        """Put what is held back to its lots; raises `HoldEnded`."""
        return self.post(request)

    def give_back(self, request: o.GiveBack) -> o.Receipt:
        """Return spent points to their lots; raises `MoreThanGiven`."""
        return self.post(request)

    def claw_back(self, request: o.ClawBack) -> o.Receipt:
        """Take earned points back; raises `MoreThanGiven`."""
        return self.post(request)

    def adjust(self, request: o.Adjust) -> o.Receipt:
        """Correct a balance by hand; raises `NotEnough`, `BadOperation`."""
        return self.post(request)

    def transfer(self, request: o.Transfer) -> o.Receipt:
        """Move all of a unit from one customer to another."""
        return self.post(request)

    def undo_transfer(self, request: o.UndoTransfer) -> o.Receipt:
        """Move back what is left of what a transfer moved; raises `MoreThanGiven` the second time."""
        return self.post(request)

    def mature(self, now: datetime) -> int:
        """Make usable what has ripened by `now`; return the number of entries written."""
        return self._sweep(DUE_TO_MATURE, now)

    def expire(self, now: datetime) -> int:
        """Take away what has expired by `now`; return the number of entries written."""
        return self._sweep(DUE_TO_EXPIRE, now)

    def close_day(self, request: o.CloseDay) -> CloseSheet:
        """Ripen and expire up to the end of the day and write its sheet, or return the one written."""
        self.mature(request.at)
        self.expire(request.at)
        with self._engine.begin() as db:
            return close_day(db, request)

    def balance(self, owner: str, unit: str, now: datetime) -> Balance:
        """Return what a customer has at `now`."""
        with reading(self._engine) as db:
            return balance(db, owner, unit, now)

    def units(self, owner: str) -> tuple[str, ...]:
        """Return the units in which a customer has an account."""
        with reading(self._engine) as db:
            return units(db, owner)

    def history(
        self, owner: str, *, unit: str = "", before: int | None = None, limit: int = 100
    ) -> list[Movement]:
        """Return a customer's entries, newest first."""
        with reading(self._engine) as db:
            return history(db, owner, unit=unit, before=before, limit=limit)

    def verify(self, anchor: Anchor | None = None) -> Verified:
        """Walk the chain and the sums and name the first bad row."""
        with reading(self._engine) as db:
            return verify(db, anchor)

    def _sweep(self, due: sa.Select[str, str], now: datetime) -> int:
        entries, customers = 0, BATCH
        while customers == BATCH:
            with self._engine.begin() as db:
                customers, written = sweep(db, due, stamp(now))
            entries += written
        return entries
