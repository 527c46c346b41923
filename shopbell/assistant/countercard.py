"""The counter card: from what the books know of a customer to what staff is shown of it. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, tzinfo

from msgspec import Struct

from shopbell.assistant import staffwire as w
from shopbell.assistant.masking import days_until, masked_birthday, masked_email, masked_phone
from shopbell.loyalty.answers import Offer
from shopbell.loyalty.casebook import Case
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.dossier import Dossier, HeldReward, Punched
from shopbell.loyalty.effects import Purse
from shopbell.loyalty.money import money, plural
from shopbell.loyalty.statement import Balance
from shopbell.loyalty.terms import Terms


class Sight(Struct, frozen=True, kw_only=True):
    """How the shop tells of money and time."""

    terms: Terms
    zone: tzinfo
    today: date

    def day(self, at: datetime) -> date:
        """Return the day on the shop's calendar."""
        return at.astimezone(self.zone).date()


def patron(
    found: Dossier,
    who: Customer,
    sight: Sight,
    *,
    vip: bool,
    most: int,
    name_of: Callable[[str], str],
    complaints: Iterable[Case],
) -> w.Patron:
    """Return the card; `name_of` tells the name of a record that was joined to this one."""
    member, born = found.member, who.birthday
    since = member.member_since
    return w.Patron(
        customer=who.id,
        name=who.name,
        tier=member.tier_name,
        standing=member.sentence,
        vip=vip,
        member_since=sight.day(since) if since else None,
        phone=masked_phone(who.phone),
        email=masked_email(who.email),
        birthday=masked_birthday(born),
        birthday_in=days_until(born, sight.today) if born else None,
        points=points(found.balances),
        purses=(*_purses(found.balances, sight.terms), *map(_card, found.cards)),
        visits=tuple(_visits(found, sight)),
        usual=found.usual,
        complaints=tuple(_open_complaints(complaints, sight)),
        consents=tuple(_consents(found, sight)),
        rewards=tuple(map(_reward, found.offers)),
        holds=tuple(hold_row(one, who.name) for one in found.holds),
        merges=tuple(_merges(found, sight, name_of)),
        most=most,
    )


def _visits(found: Dossier, sight: Sight) -> Iterator[w.VisitRow]:
    for one in found.visits:
        amount = money(one.amount, sight.terms.currency)
        yield w.VisitRow(day=sight.day(one.at), amount=amount, things=one.things)


def _open_complaints(complaints: Iterable[Case], sight: Sight) -> Iterator[w.ComplaintRow]:
    for one in complaints:
        if one.closed_at is None:
            yield w.ComplaintRow(number=one.number, day=sight.day(one.at), text=one.text, wanted=one.wanted)


def _consents(found: Dossier, sight: Sight) -> Iterator[w.ConsentRow]:
    for one in found.consents:
        yield w.ConsentRow(purpose=one.purpose, given=one.given, day=sight.day(one.at))


def _merges(found: Dossier, sight: Sight, name_of: Callable[[str], str]) -> Iterator[w.MergeRow]:
    for one in found.merges:
        name, day = name_of(one.source), sight.day(one.at)
        yield w.MergeRow(merge=one.merge, source=one.source, name=name, day=day, by=one.by)


def points(balances: Iterable[Balance | Purse]) -> int:
    """Return the points that can be spent."""
    return next((one.available for one in balances if one.unit == "points"), 0)


def purses(held: Iterable[Purse], terms: Terms) -> tuple[w.Purse, ...]:
    """Return what somebody has, as it is said; stamps count as they are."""
    rows = [_purse(one, terms) for one in held if one.available or one.pending or one.unit == "points"]
    return tuple(one for one in rows if one is not None)


def hold_row(held: HeldReward, name: str) -> w.HoldRow:
    """Return a reward that is set aside."""
    return w.HoldRow(
        hold=held.hold,
        customer=held.customer,
        name=name,
        reward=held.name,
        points=held.points,
        state=held.state,
        until=held.expires_at,
    )


def _purses(balances: Iterable[Balance], terms: Terms) -> tuple[w.Purse, ...]:
    held = (one for one in balances if not one.unit.startswith("stamps:"))  # told with their card's size
    return purses(
        (
            Purse(
                customer=one.owner,
                unit=one.unit,
                available=one.available,
                pending=one.pending,
                held=one.held,
            )
            for one in held
        ),
        terms,
    )


def _purse(one: Purse, terms: Terms) -> w.Purse | None:
    kind, _, ident = one.unit.partition(":")
    notes = [f"{one.pending:,} more later"] if one.pending else []
    notes += [f"{one.held:,} set aside"] if one.held else []
    note = ", ".join(notes)
    match kind:
        case "points":
            point = terms.version.points.name
            return w.Purse(name="Points", amount=plural(one.available, point), note=note)
        case "money":
            return w.Purse(name="Balance", amount=money(one.available, terms.currency), note=note)
        case "reward":
            reward = terms.reward(ident)
            return w.Purse(name=reward.name if reward else ident, amount=f"{one.available:,}", note=note)
        case _:
            rule = next((rule for rule in terms.version.rule if rule.id == ident), None)
            return w.Purse(name=rule.label if rule else ident, amount=f"{one.available:,}", note=note)


def _card(card: Punched) -> w.Purse:
    return w.Purse(name=card.name, amount=f"{card.stamps} of {card.size} stamps")


def _reward(offer: Offer) -> w.RewardRow:
    cost = 0 if offer.owned else offer.cost
    return w.RewardRow(reward=offer.reward, name=offer.name, cost=cost, can=offer.can, why=offer.why)
