"""Opting out: the signed link that ends all messages, and what it does. The calls of `Optout` block."""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa

from shopbell.assistant.outreach.errors import NoSuchLetter
from shopbell.assistant.outreach.judging import Judging
from shopbell.assistant.outreach.occasion import MARKETING
from shopbell.loyalty.consents import Consent, allows, record_consent
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.members import resolve
from shopbell.storage.sharing import writing

PATH = "/stop"
BY = "customer"
_SEAL_CHARS = 32
_OLD = "This link is not known here any more. Tell us at the counter or in the chat, and we stop."


def token(secret: bytes, letter: str) -> str:
    """Return what a link names: the letter, sealed, so that nobody can make one up."""
    return f"{letter}.{_seal(secret, letter)}"


def _seal(secret: bytes, letter: str) -> str:
    return hmac.new(secret, f"stop {letter}".encode(), hashlib.sha256).hexdigest()[:_SEAL_CHARS]


class Optout:
    """Takes back the consent of whoever got a letter."""

    def __init__(self, engine: sa.Engine, judging: Judging, secret: bytes, *, text_version: str) -> None:
        """Take the database, the drafts, the key of the links, and the version of the consents' words."""
        self._engine = engine
        self._judging = judging
        self._secret = secret
        self._text_version = text_version

    def holder(self, said: str) -> str:
        """Return the customer a link is for; raises NoSuchLetter."""
        letter, _, seal = said.partition(".")
        if not hmac.compare_digest(seal.encode(), _seal(self._secret, letter).encode()):
            raise NoSuchLetter(_OLD)
        try:
            return self._judging.of(letter).customer
        except NoSuchLetter:
            raise NoSuchLetter(_OLD) from None

    def stop(self, said: str, now: datetime) -> None:
        """Take the consent back and stop what was to be sent; again changes nothing. Raises NoSuchLetter."""
        customer = self.holder(said)
        with writing(self._engine) as db:
            try:
                owner = resolve(db, customer)
            except NoSuchCustomer:
                raise NoSuchLetter(_OLD) from None
            if allows(db, owner, MARKETING):
                consent = Consent(
                    customer=owner,
                    purpose=MARKETING,
                    given=False,
                    text_version=self._text_version,
                    at=now,
                    by=BY,
                )
                record_consent(db, consent)
        self._judging.stop(customer, "Stopped: the customer wants no more messages.")
