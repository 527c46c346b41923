"""Doing: carries out exactly the deed that the customer said yes to, for the customer of the session alone.

Every call blocks. Who it is comes from the session, checked by the caller a moment before; the deed's key
makes it happen once, however often it is carried out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct, structs

from shopbell.assistant.flows import task as t
from shopbell.knowledge.history import History
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.errors import CustomerRefused, CustomerTaken, LoyaltyError, NotEnough
from shopbell.loyalty.money import plural

BY = "assistant"
"""Who the books name."""
NOT_YET = "Nobody but the owner can do that here. I have asked for it; a person does it and tells you."
JOINED = (
    "Done, thank you. If your number is new here you are in {club} from now on; if it was known, everything "
    "stays as it was. At the counter they give you a one-time code; with it you can sign in here and choose "
    "a PIN."
)


class Tools(Struct, frozen=True, kw_only=True):
    """What deeds are done with."""

    room: Backroom
    cases: Casebook
    history: History
    consent_version: str
    erase: Callable[[str], str] | None = None
    """Erases a customer and says what was done; None: a person does it."""


class Who(Struct, frozen=True, kw_only=True):
    """For whom, from where."""

    customer: str
    """Empty: nobody is known."""
    conversation: str
    channel: str
    now: datetime


class Done(Struct, frozen=True, kw_only=True):
    """What came of it."""

    text: str
    refused: bool = False
    wants_erasure: bool = False
    """A person must do it."""


class Doer:
    """Carries deeds out."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def do(self, deed: t.Deed, key: str, who: Who) -> Done:
        """Do it, or say why the books refuse it; nothing is half done."""
        try:
            return self._do(deed, key, who)
        except NotEnough as fault:
            return Done(
                text=f"That cannot be done any more: you have {fault.available:,} points.", refused=True
            )
        except LoyaltyError as fault:
            return Done(text=f"That cannot be done: {fault}", refused=True)

    def _do(self, deed: t.Deed, key: str, who: Who) -> Done:
        match deed:
            case t.Join():
                return self._join(deed, key, who)
            case t.Complain(text=text):
                return self._complain(text, key, who)
            case t.CallBack(number=number, about=about):
                self._case(
                    Case(
                        key=key,
                        kind="call-back",
                        conversation=who.conversation,
                        at=who.now,
                        customer=who.customer,
                        text=about,
                        wanted=number,
                    )
                )
                return Done(text=f"Noted: somebody will call you on {number}.")
            case t.Rate(kind=kind, score=score, comment=comment):
                self._case(
                    Case(
                        key=key,
                        kind=kind,
                        conversation=who.conversation,
                        at=who.now,
                        customer=who.customer,
                        text=comment,
                        score=score,
                    )
                )
                return Done(text="Thank you, I have passed that on.")
            case _:
                return self._for_customer(deed, key, who)

    def _for_customer(
        self,
        deed: t.Redeem | t.Change | t.Consent | t.Remember | t.Unremember | t.Erase,
        key: str,
        who: Who,
    ) -> Done:
        if not who.customer:
            return Done(text="For that I need to know that it is you. Please sign in.", refused=True)
        match deed:
            case t.Redeem():
                return self._redeem(deed, key, who)
            case t.Change():
                return self._change(deed, who)
            case t.Consent(purposes=purposes, given=given):
                self._consent(who, purposes, given=given)
                agreed = "You agree to" if given else "You no longer agree to"
                return Done(text=f"Done. {agreed}: {', '.join(purposes)}.")
            case t.Remember(text=text, agreed=agreed):
                if agreed:
                    self._consent(who, ("history",), given=True)
                self._tools.history.remember(who.customer, text, who.now, channel=who.channel, by="customer")
                return Done(text="I will remember that. Ask “what do you know about me” to see it.")
            case t.Unremember(number=number):
                self._tools.history.forget(who.customer, number or None)
                return Done(text="Forgotten.")
            case t.Erase():
                return self._erase(who)
            case _:
                assert_never(deed)

    def _redeem(self, deed: t.Redeem, key: str, who: Who) -> Done:
        club = self._tools.room.club
        held = club.reserve(who.customer, deed.reward, who.now, key=f"talk:{key}", by=BY)
        points = held.points if held.unit == "points" else 0
        if points != deed.cost:
            # The price is not the one that was said yes to: it is put back, and nothing was spent.
            club.release(held.hold, who.now, by=BY)
            return Done(text="The price has changed, so I have left it. Please ask again.", refused=True)
        until = held.expires_at.astimezone(who.now.tzinfo)
        spent = f" {plural(points, 'point')} are set aside for it." if points else ""
        code = f"Say this code at the counter by {until:%H:%M}: {held.code}."
        return Done(text=f"Done: {held.name} is yours.{spent} {code}")

    def _join(self, deed: t.Join, key: str, who: Who) -> Done:
        room = self._tools.room
        # The same words whether the number is known or not: nobody learns who is a member here.
        done = Done(text=JOINED.format(club=room.programme.club))
        ident = f"m-{key[:24]}"
        new = Customer(id=ident, name=deed.name, phone=deed.phone, joined_at=who.now)
        try:
            room.customers.create(new)
        except CustomerTaken:
            return done
        except CustomerRefused as fault:
            return Done(text=str(fault), refused=True)
        friend = room.customers.resolve(deed.friend) if deed.friend else ""
        try:
            room.club.join(ident, who.now, brought_by=friend)
        except LoyaltyError:
            room.club.join(ident, who.now)  # a code that cannot be used keeps nobody out
        member = structs.replace(who, customer=ident)
        self._consent(member, deed.purposes, given=True)
        self._consent(member, deed.refused, given=False)
        return done

    def _change(self, deed: t.Change, who: Who) -> Done:
        customers = self._tools.room.customers
        before = customers.get(who.customer)
        after = (
            structs.replace(before, email=deed.value)
            if deed.field == "email"
            else structs.replace(before, phone=deed.value)
        )
        try:
            customers.update(after)
        except CustomerTaken:
            return Done(text="I cannot change it to that from here. Please ask in the shop.", refused=True)
        return Done(text="Done, that is changed.")

    def _complain(self, text: str, key: str, who: Who) -> Done:
        number = self._case(
            Case(
                key=key,
                kind="complaint",
                conversation=who.conversation,
                at=who.now,
                customer=who.customer,
                text=text,
            )
        )
        return Done(text=f"I have put it down as number {number}; the owner sees it. I am sorry it happened.")

    def _erase(self, who: Who) -> Done:
        if self._tools.erase is None:
            return Done(text=NOT_YET, wants_erasure=True)
        return Done(text=self._tools.erase(who.customer))

    def _case(self, case: Case) -> int:
        return self._tools.cases.add(case)

    def _consent(self, who: Who, purposes: tuple[str, ...], *, given: bool) -> None:
        with self._tools.room.club.writing() as db:
            for purpose in purposes:
                record_consent(
                    db,
                    Consent(
                        customer=who.customer,
                        purpose=purpose,
                        given=given,
                        text_version=self._tools.consent_version,
                        at=who.now,
                        by="customer",
                    ),
                )
