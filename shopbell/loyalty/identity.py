"""Keys of customers: PINs, one-time codes and cards, kept as hashes only. Every call blocks.

How often somebody may try is for `identitytries` to say. Slow hashing of PINs is the caller's, on a thread of
its own.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.customers import Customers
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.identityerrors import PinRefused
from shopbell.loyalty.members import resolve
from shopbell.loyalty.registry import unstamp
from shopbell.storage.columns import texts
from shopbell.storage.database import metadata, reading

PIN_DIGITS = 6
"""Eight tries before the lock find one of 10^6 with a chance of 8e-6."""
CODE_DIGITS = 8
"""26 bits: OWASP ASVS 6.5 asks for 20."""
CODE_LASTS = timedelta(minutes=10)
_CARD_BYTES = 20
_CARD = "SBC1-"
"""What a card's text begins with, so that it is told from a PIN and a code."""
_RUNS = "01234567890" * 2

pin_table = sa.Table(
    "customer_pin",
    metadata,
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
    *texts("hash", "set_at"),
    sqlite_strict=True,
)
code_table = sa.Table(
    "sign_in_code",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False, index=True),
    *texts("made_at", "expires_at", "by"),
    sa.Column("used_at", sa.Text),
    sqlite_strict=True,
)
card_table = sa.Table(
    "loyalty_card",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False, index=True),
    *texts("made_at"),
    sa.Column("ended_at", sa.Text),
    sqlite_strict=True,
)


class Account(Struct, frozen=True, kw_only=True):
    """Whom a typed number or address means; the same fields for one who is not known."""

    customer: str
    """Empty: nobody."""
    pin: str | None
    """Hash of the PIN; None: none was chosen, or nobody is known."""
    email: str
    """Where a code can be sent; empty: nowhere."""


class Issued(Struct, frozen=True, kw_only=True):
    """A one-time code that was just made; its text is not kept."""

    text: str
    expires_at: datetime


class Keyring:
    """The keys of all customers. `secret` is the shop's own; `draw` gives random bytes."""

    def __init__(
        self, engine: Engine, customers: Customers, *, secret: bytes, draw: Callable[[int], bytes]
    ) -> None:
        self._engine = engine
        self._customers = customers
        self._secret = secret
        self._draw = draw

    def account(self, typed: str) -> Account:
        """Return whom this phone number, e-mail address or id means; the same reads for one unknown."""
        found = self._customers.find(typed[:254])
        ident = found.id if found else ""
        with reading(self._engine) as db:
            pin = db.execute(sa.select(pin_table.c.hash).where(pin_table.c.customer == ident)).scalar()
        return Account(customer=ident, pin=pin, email=found.email if found else "")

    def named(self, typed: str) -> str:
        """Return a name under which tries for this account are counted; it tells nobody who is meant."""
        found = self._customers.find(typed[:254])
        return self._digest("account", found.id if found else " ".join(typed.lower().split())[:254])

    def origin(self, address: str) -> str:
        """Return a name under which tries from this address are counted."""
        return self._digest("origin", address)

    def still(self, customer: str, how: str, since: datetime) -> str:
        """Return the id that remains of somebody recognised then; empty when that holds no more."""
        with reading(self._engine) as db:
            try:
                owner = resolve(db, customer)
            except NoSuchCustomer:
                return ""
            changed = db.execute(sa.select(pin_table.c.set_at).where(pin_table.c.customer == owner)).scalar()
        outdated = how == "pin" and changed is not None and unstamp(changed) > since
        return "" if outdated else owner

    def keep_pin(self, customer: str, hashed: str, now: datetime) -> None:
        """Keep a PIN's hash in place of the one before."""
        values = {"hash": hashed, "set_at": stamp(now)}
        mine = pin_table.c.customer == customer
        with self._engine.begin() as db:
            if db.execute(pin_table.update().where(mine).values(values)).rowcount == 0:
                db.execute(pin_table.insert().values(customer=customer, **values))

    def issue_code(self, customer: str, now: datetime, *, by: str) -> Issued:
        """Make a one-time code; an earlier one ends. Raises `NoSuchCustomer`."""
        number = int.from_bytes(self._draw(16)) % 10**CODE_DIGITS
        text, expires_at = f"{number:0{CODE_DIGITS}d}", now + CODE_LASTS
        with self._engine.begin() as db:
            owner = resolve(db, customer)
            db.execute(code_table.delete().where(code_table.c.customer == owner, code_table.c.by != "site"))
            values = {"customer": owner, "made_at": stamp(now), "expires_at": stamp(expires_at), "by": by}
            db.execute(code_table.insert().values(digest=self._code(owner, text), **values))
        return Issued(text=text, expires_at=expires_at)

    def use_code(self, customer: str, text: str, now: datetime) -> bool:
        """Use a one-time code up; False when it is not this customer's, was used, or is too old."""
        digest = self._code(customer, text)
        good = (code_table.c.digest == digest) & code_table.c.used_at.is_(None)
        good &= code_table.c.expires_at > stamp(now)
        with self._engine.begin() as db:
            return db.execute(code_table.update().where(good).values(used_at=stamp(now))).rowcount == 1

    def use_token(self, customer: str, jti: str, now: datetime) -> bool:
        """Use a token of the shop's site up; False when it was used before."""
        used = {"digest": self._digest("token", jti), "customer": customer, "by": "site"}
        at = {"made_at": stamp(now), "expires_at": stamp(now), "used_at": stamp(now)}
        try:
            with self._engine.begin() as db:
                db.execute(code_table.insert().values(**used, **at))
        except sa.exc.IntegrityError:
            return False
        return True

    def issue_card(self, customer: str, now: datetime) -> str:
        """Make a card's text, for a QR code; earlier cards of the customer end. Raises `NoSuchCustomer`."""
        text = _CARD + self._draw(_CARD_BYTES).hex()
        with self._engine.begin() as db:
            owner = resolve(db, customer)
            open_cards = (card_table.c.customer == owner) & card_table.c.ended_at.is_(None)
            db.execute(card_table.update().where(open_cards).values(ended_at=stamp(now)))
            digest = self._digest("card", text)
            db.execute(card_table.insert().values(digest=digest, customer=owner, made_at=stamp(now)))
        return text

    def card_holder(self, text: str) -> str:
        """Return whose card this is; empty for none."""
        mine = (card_table.c.digest == self._digest("card", text)) & card_table.c.ended_at.is_(None)
        with reading(self._engine) as db:
            found = db.execute(sa.select(card_table.c.customer).where(mine)).scalar()
            return resolve(db, found) if found else ""

    def _code(self, customer: str, text: str) -> str:
        return self._digest("code", f"{customer}\0{text}")

    def _digest(self, what: str, text: str) -> str:
        return hmac.new(self._secret, f"{what}\0{text}".encode(), hashlib.sha256).hexdigest()


def is_card(text: str) -> bool:
    """Say whether this is the text of a card."""
    return text.startswith(_CARD)


def is_code(text: str) -> bool:
    """Say whether this has the form of a one-time code."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit()


def digits(text: str) -> str:
    """Return a PIN or code as typed, without spaces and dashes."""
    return "".join(c for c in text if c not in " -\u2011\u2013\t")


def check_pin(pin: str) -> None:
    """Raise `PinRefused`, saying why, for a PIN that cannot be kept."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise PinRefused(f"A PIN has {PIN_DIGITS} digits.")
    pairs = len({pin[at : at + 2] for at in (0, 2, 4)})
    if len(set(pin)) < 3 or pairs == 1 or pin[:3] == pin[3:] or pin in _RUNS or pin[::-1] in _RUNS:  # noqa: PLR2004 - fewer than three different digits
        raise PinRefused("That PIN is among the first ones somebody would try. Choose another.")
