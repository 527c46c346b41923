"""The club: everything a till, the console, the API and the command line do with customers' points.

Every call blocks: call it in a worker. Each is one transaction, unless it says otherwise, and stands on
the disk when it returns; inside `sharing.together` it stands once that is left. The id of a merged record
means the one that remains. Where a request has a name of its own (a sale's number, a key), the same again is
answered as the first time.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import accounts, daily, merging
from shopbell.loyalty import answers as a
from shopbell.loyalty.adjustments import adjust, decide, open_adjustments
from shopbell.loyalty.answers import Flag
from shopbell.loyalty.claims import claim
from shopbell.loyalty.closing import CloseSheet
from shopbell.loyalty.comparison import Replay
from shopbell.loyalty.dossier import Dossier, HeldReward, Joinder, dossier, held_reward, rehearse
from shopbell.loyalty.giveback import Books
from shopbell.loyalty.held import find_held
from shopbell.loyalty.holdings import Holdings
from shopbell.loyalty.house import Adjustment, House, Payment, Shop, Tender
from shopbell.loyalty.importing import SourceBooks, take_in
from shopbell.loyalty.joining import join
from shopbell.loyalty.ledger import Ledger
from shopbell.loyalty.members import lock
from shopbell.loyalty.offers import offers
from shopbell.loyalty.operations import Receipt
from shopbell.loyalty.purchases import record
from shopbell.loyalty.redeeming import hand_out, release, undo_in_time
from shopbell.loyalty.replaying import replay
from shopbell.loyalty.reserving import reserve
from shopbell.loyalty.reversals import reverse
from shopbell.loyalty.sale import Refund, Sale, Void
from shopbell.loyalty.statement import Movement
from shopbell.loyalty.terms import Programme, Terms
from shopbell.loyalty.verify import Anchor, Verified
from shopbell.loyalty.watch import Limits
from shopbell.loyalty.watching import watch
from shopbell.storage.database import reading
from shopbell.storage.sharing import together, writing


class Club:
    """The shop's loyalty programme at work.

    `draw` gives random bytes; `secret` makes the same code again for a repeated reservation, and must outlive
    the program.
    """

    def __init__(
        self,
        engine: sa.Engine,
        programme: Programme,
        *,
        house: House,
        draw: Callable[[int], bytes],
        secret: bytes,
    ) -> None:
        self._engine = engine
        self._shop = Shop(programme=programme, house=house, draw=draw, secret=secret)
        self.holdings = Holdings(engine, self._shop)

    def together(self) -> AbstractContextManager[None]:
        """Open what calls of one transaction can share: one flush of the disk for all, once it is left."""
        return together(self._engine)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Lend the connection to what must stand or fall with calls made inside; for use in `together`."""
        return writing(self._engine)

    def record_sale(self, sale: Sale, now: datetime, *, tender: Tender | None = None) -> a.Recorded:
        """Take a sale in, judge it and post what it earns.

        Raises `PurchaseReused`, `PurchaseRefused`, `NoSuchCustomer`, `NotEnough`, `RewardRefused`.
        """
        with writing(self._engine) as db:
            return record(db, self._shop, sale, tender or Tender(), now)

    def record_refund(self, refund: Refund, now: datetime) -> a.Reversed:
        """Take back what goods that came back had earned, and give back what they were paid with.

        Raises `NoSuchPurchase`, `ReturnRefused`, `PurchaseReused`.
        """
        with writing(self._engine) as db:
            return reverse(db, self._shop, refund, now)

    def record_void(self, void: Void, now: datetime) -> a.Reversed:
        """Undo a whole sale. Raises `NoSuchPurchase`, `PurchaseReused`."""
        with writing(self._engine) as db:
            return reverse(db, self._shop, void, now)

    def claim(self, source: str, external_id: str, customer: str, now: datetime) -> a.Recorded:
        """Add a receipt that nobody was named on. Raises `ClaimRefused`, `NoSuchPurchase`."""
        with writing(self._engine) as db:
            return claim(db, self._shop, source, external_id, customer, now)

    def import_all(self, events: Iterable[Sale | Refund | Void], now: datetime) -> a.Imported:
        """Take in a whole file in one transaction; what is known already adds nothing."""
        with writing(self._engine) as db:
            return take_in(db, self._shop, events, now)

    def books(self, source: str) -> Books:
        """Return what is known of a source's sales, for reading a file."""
        return SourceBooks(self._engine, source)

    def join(self, customer: str, now: datetime, *, brought_by: str = "") -> a.Joined:
        """Welcome a new customer, and note who brought them. Raises `ReferralRefused`."""
        with writing(self._engine) as db:
            return join(db, self._shop, customer, now, by=brought_by)

    def balance(self, customer: str, now: datetime) -> a.Account:
        """Return what a customer has in all units."""
        with reading(self._engine) as db:
            return accounts.account(db, customer, now)

    def history(
        self, customer: str, *, unit: str = "", before: int | None = None, limit: int = 100
    ) -> list[Movement]:
        """Return a customer's entries, newest first, with those of merged records."""
        with reading(self._engine) as db:
            return accounts.history(db, customer, unit=unit, before=before, limit=limit)

    def standing(self, customer: str, now: datetime) -> a.Member:
        """Return where a customer stands."""
        with reading(self._engine) as db:
            return accounts.member(db, self._shop, customer, now)

    def purchases(
        self, customer: str, *, before: int | None = None, limit: int = 50
    ) -> tuple[a.Recorded, ...]:
        """Return a customer's purchases as they were answered, newest first."""
        with reading(self._engine) as db:
            return accounts.purchases(db, customer, before=before, limit=limit)

    def explain(self, source: str, external_id: str) -> a.Explained:
        """Say which rule gave or withheld each point of a purchase. Raises `NoSuchPurchase`."""
        with reading(self._engine) as db:
            return accounts.explained(db, source, external_id)

    def rewards(self, customer: str, now: datetime) -> tuple[a.Offer, ...]:
        """Return the catalogue as this customer sees it."""
        with reading(self._engine) as db:
            return offers(db, self._shop, accounts.who(db, customer), now)

    def reserve(self, customer: str, reward: str, now: datetime, *, key: str, by: str = "") -> a.Reserved:
        """Set a reward aside under a code. Raises `RewardRefused`, `NotEnough`."""
        with writing(self._engine) as db:
            return reserve(db, self._shop, customer, reward, now, key=key, by=by)

    def redeem(self, code_or_hold: str, now: datetime, *, by: str = "") -> a.Redeemed:
        """Hand a reserved reward out. Raises `CodeRefused`, `RewardRefused`."""
        with writing(self._engine) as db:
            return hand_out(db, self._shop, code_or_hold, now, by=by)

    def release(self, hold: str, now: datetime, *, by: str = "") -> a.Redeemed:
        """Put a reserved reward back. Raises `RewardRefused`."""
        with writing(self._engine) as db:
            lock(db)
            return release(db, self._shop, find_held(db, hold), now, by=by)

    def undo(self, hold: str, now: datetime, *, by: str = "") -> a.Redeemed:
        """Take back that a reward was handed out, for a few minutes. Raises `RewardRefused`."""
        with writing(self._engine) as db:
            lock(db)
            return undo_in_time(db, self._shop, find_held(db, hold), now, by=by)

    def pay(self, payment: Payment, customer: str, now: datetime, *, key: str, by: str = "") -> Receipt:
        """Spend points or balance without a sale. Raises `NotEnough`, `KeyReused`."""
        with writing(self._engine) as db:
            return accounts.pay(db, self._shop, payment, customer, now, key=key, by=by)

    def adjust(self, adjustment: Adjustment, now: datetime, *, most: int | None = None) -> a.Adjusted:
        """Correct a balance, or ask a second person to above `most` points; None: those of the house.

        Raises `AdjustmentRefused`, `NotEnough`.
        """
        with writing(self._engine) as db:
            return adjust(db, self._shop, adjustment, now, most=most)

    def approve(self, request: str, by: str, now: datetime) -> a.Adjusted:
        """Make a correction that waits. Raises `AdjustmentRefused`, `NotEnough`."""
        with writing(self._engine) as db:
            return decide(db, self._shop, request, by, now, approved=True)

    def refuse(self, request: str, by: str, now: datetime) -> a.Adjusted:
        """Turn a correction that waits down. Raises `AdjustmentRefused`."""
        with writing(self._engine) as db:
            return decide(db, self._shop, request, by, now, approved=False)

    def open_adjustments(self) -> tuple[a.Adjusted, ...]:
        """Return the corrections that wait for a second person."""
        with reading(self._engine) as db:
            return open_adjustments(db)

    def merge(self, source: str, target: str, now: datetime, *, by: str) -> a.Merged:
        """Make two records of one person one: `target` remains. Raises `MergeRefused`."""
        with writing(self._engine) as db:
            return merging.merge(db, self._shop, source, target, now, by=by)

    def unmerge(self, merge: int, now: datetime, *, by: str) -> a.Merged:
        """Undo a merge; what was spent since stays spent. Raises `MergeRefused`."""
        with writing(self._engine) as db:
            return merging.unmerge(db, self._shop, merge, now, by=by)

    def terms(self, moment: datetime) -> Terms:
        """Return the terms in force."""
        return self._shop.terms(moment)

    def rehearse(self, source: str, target: str, now: datetime, *, by: str) -> Joinder:
        """Return what a merge would bring, and do nothing. Raises `MergeRefused`."""
        return rehearse(self._engine, self._shop, source, target, now, by=by)

    def dossier(self, customer: str, now: datetime) -> Dossier:
        """Return what the counter should know of a customer."""
        with reading(self._engine) as db:
            return dossier(db, self._shop, customer, now)

    def held(self, code_or_hold: str, now: datetime) -> HeldReward:
        """Return what a code stands for, and spend nothing. Raises `CodeRefused`."""
        with reading(self._engine) as db:
            return held_reward(db, self._shop, code_or_hold, now)

    def close_day(self, day: date, *, actor: str = "", now: datetime | None = None) -> CloseSheet:
        """Write the sheet of a day, of one that goes on at `now` as it stands; several transactions."""
        return daily.close(self._engine, self._shop, day, actor, now)

    def daily(self, now: datetime) -> a.DayDone:
        """Do what the calendar brings; several transactions, and nothing the second time on one day."""
        return daily.day_done(self._engine, self._shop, now)

    def replay(self, programme: Programme, since: date, until: date | None = None) -> Replay:
        """Judge past sales under other rules; changes nothing."""
        other = msgspec.structs.replace(self._shop, programme=programme)
        with reading(self._engine) as db:
            return replay(db, self._shop, other, since, until)

    def verify(self, anchor: Anchor | None = None) -> Verified:
        """Walk the ledger and name the first bad row."""
        return Ledger(self._engine).verify(anchor)

    def watch(self, now: datetime, *, days: int = 7, limits: Limits | None = None) -> tuple[Flag, ...]:
        """Return what a person should look at."""
        with reading(self._engine) as db:
            return watch(db, now, days, limits or Limits())
