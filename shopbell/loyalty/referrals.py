"""Bringing a friend: both get something after the friend's first qualifying purchase."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from shopbell.loyalty.award import Award, Withheld
from shopbell.loyalty.bonuses import expiry
from shopbell.loyalty.errors import ReferralRefused
from shopbell.loyalty.judgement import Given, Share
from shopbell.loyalty.matching import Paid, inside
from shopbell.loyalty.money import money
from shopbell.loyalty.rules import Referral
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.span import later
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

_SAME_PHONE = 9
"""Last digits that make two phone numbers the same, so that +44 7700 900123 is 07700 900123."""
_FEWEST_DIGITS = 6


class Person(Struct, frozen=True, kw_only=True):
    """What is compared to see whether two customers are one."""

    __pii__ = ("phones", "addresses")

    customer: str
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    """Postal or e-mail addresses."""
    bought: bool = False
    """Has bought something before."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What a sale means for the one who brought the buyer."""

    given: tuple[Given, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    standing: Standing


def check_referral(friend: Person, referrer: Person, brought_by: Mapping[str, str]) -> None:
    """Refuse a referral that could be one person playing two.

    `brought_by` maps every customer to the one who brought them. Raises ReferralRefused.
    """
    if friend.customer == referrer.customer:
        raise ReferralRefused("Nobody can bring himself. Name the friend who told you of the shop.")
    if friend.customer in brought_by:
        raise ReferralRefused("This customer was brought by somebody already; that stays.")
    if friend.bought:
        raise ReferralRefused("This customer has bought here before, so is not new. No bonus is due.")
    above, seen = referrer.customer, {referrer.customer}
    while above in brought_by:
        above = brought_by[above]
        if above == friend.customer:
            raise ReferralRefused("These two would have brought each other, directly or in a circle.")
        if above in seen:
            break
        seen.add(above)
    if _phones(friend) & _phones(referrer):
        raise ReferralRefused("Both have the same phone number. If they are one person, merge the accounts.")
    if _addresses(friend) & _addresses(referrer):
        raise ReferralRefused("Both have the same address, so no bonus is given between them.")


def refer(lines: tuple[Paid, ...], at: datetime, standing: Standing, terms: Terms) -> Outcome:
    """Reward both sides when this sale is the friend's first qualifying purchase."""
    rule = next((rule for rule in terms.version.rule if isinstance(rule, Referral)), None)
    referred = standing.referred
    if rule is None or referred is None or referred.paid:
        return Outcome(standing=standing)
    goods = [one for one in lines if _counts(one, terms)]
    why = _missing(rule, sum(one.paid for one in goods), at, standing, terms)
    if why:
        withheld = Withheld(rule=rule.id, why=f"{rule.label}: {why}")
        return Outcome(standing=standing, withheld=(withheld,))
    after = msgspec.structs.replace(standing, referred=msgspec.structs.replace(referred, paid=True))
    shares = tuple(Share(line=one.line.id, weight=one.paid) for one in goods)
    given, withheld_from = [], []
    if rule.friend:
        why = "your first purchase after a friend brought you"
        given.append(_given(rule, standing.customer, rule.friend, why, at, shares, terms))
    year = terms.day(at).year
    count = sum(day.year == year for day in referred.rewarded)
    if rule.referrer and count < rule.per_year:
        why = "a friend you brought made a first purchase"
        given.append(_given(rule, referred.by, rule.referrer, why, at, shares, terms))
    elif rule.referrer:
        why = (
            f"{rule.label}: {count} friends were rewarded this year already, and {rule.per_year} is the most."
        )
        withheld_from.append(Withheld(rule=rule.id, why=why))
    return Outcome(given=tuple(given), withheld=tuple(withheld_from), standing=after)


def _counts(one: Paid, terms: Terms) -> bool:
    never = (terms.version.gift_cards, terms.version.excluded)
    return one.paid > 0 and not any(inside(one.line, goods) for goods in never)


def _missing(rule: Referral, paid: int, at: datetime, standing: Standing, terms: Terms) -> str:
    referred = standing.referred
    if referred is None or at < referred.at:
        return "the purchase was before joining."
    if at > later(referred.at, rule.within, terms.zone):
        least = money(terms.minor(rule.min_spend), terms.currency)
        return f"the first purchase of {least} came later than {rule.within}."
    if paid < terms.minor(rule.min_spend):
        least, had = money(terms.minor(rule.min_spend), terms.currency), money(paid, terms.currency)
        return f"waits for a purchase of {least} or more; this one was {had}."
    return ""


def _given(
    rule: Referral,
    customer: str,
    points: int,
    why: str,
    at: datetime,
    shares: tuple[Share, ...],
    terms: Terms,
) -> Given:
    award = Award(
        rule=rule.id,
        unit="points",
        points=points,
        expires_at=expiry("points", rule.expires, at, terms),
        why=f"{rule.label}: {why}: {amount('points', points, terms)}.",
    )
    return Given(award=award, customer=customer, shares=shares)


def _phones(person: Person) -> set[str]:
    digits = (re.sub(r"\D", "", phone) for phone in person.phones)
    return {number[-_SAME_PHONE:] for number in digits if len(number) >= _FEWEST_DIGITS}


def _addresses(person: Person) -> set[str]:
    plain = (unicodedata.normalize("NFKC", address).casefold() for address in person.addresses)
    return {re.sub(r"[\W_]+", "", address) for address in plain} - {""}
