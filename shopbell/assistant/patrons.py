"""Patrons: the customers of the shop as staff sees them: found, shown masked, revealed for a reason."""

from shopbell.assistant import staffwire as w
from shopbell.assistant.board import Named
from shopbell.assistant.console import Console
from shopbell.assistant.countercard import Sight, patron, points
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.handover import Worth
from shopbell.assistant.masking import masked_email, masked_phone
from shopbell.assistant.staff.sessions import Member
from shopbell.loyalty.casebook import Casebook
from shopbell.loyalty.dossier import Dossier
from shopbell.loyalty.errors import NoSuchCustomer

MOST = 20
"""Customers in a list."""
_NOTHING: dict[w.Secret, str] = {
    "phone": "No phone number is known.",
    "email": "No e-mail address is known.",
    "birthday": "No birthday is known.",
}


class Patrons:
    """Who the customers are."""

    def __init__(self, deeds: Deeds, cases: Casebook, console: Console) -> None:
        """Take the books, the complaints and the owner's settings."""
        self._deeds = deeds
        self._cases = cases
        self._console = console

    async def find(self, member: Member, text: str) -> w.CustomerRows:
        """Return who has this name, number, address, card or code; what was sought is not written down."""
        return await self._deeds.look(member, Entry("customers-searched"), lambda: self._found(text.strip()))

    async def card(self, member: Member, customer: str) -> w.Patron:
        """Return the counter card; raises NoSuchCustomer."""
        entry = Entry("customer-viewed", customer)
        return await self._deeds.look(member, entry, lambda: self._card(customer, member.role))

    async def reveal(self, member: Member, ask: w.Reveal) -> w.Revealed:
        """Return what is masked; who asked, and why, is written down."""
        entry = Entry("customer-revealed", ask.customer, {"field": ask.field, "reason": ask.reason.strip()})
        return await self._deeds.look(member, entry, lambda: self._revealed(ask))

    async def resolved(self, customer: str) -> str:
        """Return the id of the record that remains; raises NoSuchCustomer."""
        club, now = self._deeds.room.club, self._deeds.now()
        return await self._deeds.read(lambda: club.balance(customer, now).customer)

    async def known(self, customer: str) -> Named | None:
        """Return what the floor tells of a customer; None when nobody has this id."""
        return await self._deeds.read(lambda: self._known(customer))

    async def worth(self, customer: str) -> Worth | None:
        """Return what a customer has, for the rules that call a person; None when nobody has this id."""
        return await self._deeds.read(lambda: self._worth(customer))

    # --- in the worker -------------------------------------------------------------------------------------

    def row(self, customer: str) -> w.CustomerRow:
        """Return a customer as one line; raises NoSuchCustomer."""
        room, now = self._deeds.room, self._deeds.now()
        who, member = room.customers.get(customer), room.club.standing(customer, now)
        return w.CustomerRow(
            customer=who.id,
            name=who.name,
            phone=masked_phone(who.phone),
            email=masked_email(who.email),
            tier=member.tier_name,
            points=points(room.club.balance(customer, now).balances),
            last_visit=member.last_purchase,
        )

    def _found(self, text: str) -> w.CustomerRows:
        customers = self._deeds.room.customers
        found = {one.id: one for one in (customers.find(text),) if one is not None}
        for one in (*customers.search(text, MOST + 1), *customers.ending(text, MOST + 1)):
            found.setdefault(one.id, one)
        shown = tuple(self.row(name) for name in list(found)[:MOST])
        return w.CustomerRows(rows=shown, more=len(found) > MOST)

    def _revealed(self, ask: w.Reveal) -> w.Revealed:
        who = self._deeds.room.customers.get(ask.customer)
        born = f"{who.birthday:%-d %B %Y}" if who.birthday else ""
        texts: dict[w.Secret, str] = {"phone": who.phone, "email": who.email, "birthday": born}
        return w.Revealed(field=ask.field, text=texts[ask.field] or _NOTHING[ask.field])

    def _worth(self, customer: str) -> Worth | None:
        club, now = self._deeds.room.club, self._deeds.now()
        try:
            member, account = club.standing(customer, now), club.balance(customer, now)
        except NoSuchCustomer:
            return None
        return Worth(tier=member.tier, points=points(account.balances))

    def _known(self, customer: str) -> Named | None:
        room = self._deeds.room
        try:
            found = room.club.dossier(customer, self._deeds.now())
        except NoSuchCustomer:
            return None
        name = room.customers.get(found.member.customer).name
        return Named(name=name, tier=found.member.tier_name, vip=self._vip(found))

    def _card(self, customer: str, role: str) -> w.Patron:
        room, now = self._deeds.room, self._deeds.now()
        found = room.club.dossier(customer, now)
        return patron(
            found,
            room.customers.get(found.member.customer),
            Sight(terms=room.club.terms(now), zone=room.zone, today=now.astimezone(room.zone).date()),
            vip=self._vip(found),
            most=self._console.goodwill.of(role),
            name_of=lambda source: room.customers.get(source).name,
            complaints=self._cases.of(found.member.customer, "complaint"),
        )

    def _vip(self, found: Dossier) -> bool:
        return found.member.tier in self._console.vip if self._console.vip else found.top_tier
