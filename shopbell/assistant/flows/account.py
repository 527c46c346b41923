"""Account: what one customer may read of their own, put into words by code. Every call blocks.

Each function is given the customer of the session and reads nobody else's rows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from shopbell.assistant.flows.suggestion import NOTHING, WISH, Offers, told_suggestion
from shopbell.assistant.masking import masked_email, masked_phone
from shopbell.assistant.turn import Turn
from shopbell.knowledge.history import ASSISTANT, History, Remembered
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.dossier import Visit
from shopbell.loyalty.money import money, plural
from shopbell.loyalty.statement import Balance

MOVES, VISITS = 6, 3
"""Points movements and purchases that are told at once."""
NO_HISTORY = (
    "You have not agreed that I use your history, so I do not look at it. Say “remember” to change that."
)
Told = tuple[str, str]
"""What is said, and why in plain words."""


class Books(Struct, frozen=True, kw_only=True):
    """Where it is read."""

    room: Backroom
    history: History
    orders: Callable[[str], Sequence[str]] | None = None
    """Lines on a customer's open orders; None: this shop tells us of none."""
    offers: Offers | None = None
    """What suggestions are made with; None: none are made."""


class Account:
    """Answers from one customer's own rows."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._club = books.room.club
        self._reads: dict[str, Callable[[str, Turn], Told]] = {
            "balance": self._balance,
            "history": self._moves,
            "explain": self._explain,
            "rewards": self._rewards,
            "card": self._card,
            "referral": self._referral,
            "usual": self._usual,
            "purchases": self._purchases,
            "order": self._order,
            "knowme": self._knowme,
            WISH: self._suggestion,
        }

    @property
    def wishes(self) -> frozenset[str]:
        """Return the wishes that are read here."""
        return frozenset(self._reads)

    @property
    def open_to_all(self) -> frozenset[str]:
        """Return the wishes for which nobody needs to be known."""
        return frozenset({WISH})

    def tell(self, wish: str, customer: str, turn: Turn) -> Told:
        """Return the answer to a wish, and why it is that."""
        return self._reads[wish](customer, turn)

    def about(self, customer: str, turn: Turn) -> str:
        """Return what the customer had remembered about a question; empty for nothing, or without consent."""
        if not self._may_look(customer, turn):
            return ""
        found = self._books.history.about(customer, turn.text, limit=2)
        return " ".join(_recalled(one, turn.now) for one in found)

    def _balance(self, customer: str, turn: Turn) -> Told:
        account = self._club.balance(customer, turn.now)
        member = self._club.standing(customer, turn.now)
        points = _of(account.balances, "points")
        lines = [f"You have {plural(points.available, 'point')}." if points else "You have no points yet."]
        if points and points.pending:
            lines.append(f"{plural(points.pending, 'more point')} will be yours soon.")
        cash = _of(account.balances, "money")
        if cash and cash.available:
            lines.append(f"Your balance is {money(cash.available, self._books.room.about.currency)}.")
        ends = [lot for lot in (points.lots if points else ()) if lot.expires_at is not None]
        if ends and ends[0].expires_at is not None:
            lines.append(f"The first {ends[0].points:,} of them end on {_day(ends[0].expires_at, turn.now)}.")
        return " ".join([*lines, member.sentence]).strip(), "I read your account in the shop's ledger."

    def _moves(self, customer: str, turn: Turn) -> Told:
        moves = self._club.history(customer, unit="points", limit=MOVES)
        if not moves:
            return "Nothing has moved on your account yet.", "I read your account in the shop's ledger."
        lines = [f"{_day(one.at, turn.now)}: {one.available:+,} ({one.reason or one.kind})" for one in moves]
        return "Your latest points: " + "; ".join(lines) + ".", "I read your account in the shop's ledger."

    def _explain(self, customer: str, turn: Turn) -> Told:
        bought = self._club.purchases(customer, limit=1)
        if not bought:
            return "I see no purchase of yours yet, so no points were counted.", "I looked for purchases."
        last = self._club.explain(bought[0].source, bought[0].external_id)
        amount = money(bought[0].amount, self._books.room.about.currency)
        text = f"For your purchase of {amount} on {_day(last.at, turn.now)}: {' '.join(last.sentences)}"
        return text, "This is what the programme's rules gave for that receipt, line by line."

    def _rewards(self, customer: str, turn: Turn) -> Told:
        offers = self._club.rewards(customer, turn.now)
        now = [
            f"{one.name} ({'yours already' if one.owned else plural(one.cost, 'point')})"
            for one in offers
            if one.can
        ]
        later = [f"{one.name} ({plural(one.cost, 'point')})" for one in offers if not one.can and one.cost]
        text = f"You can have now: {'; '.join(now)}." if now else "There is nothing you can redeem just now."
        if later:
            text += f" Later: {'; '.join(later)}."
        return text + (
            " Say “redeem” to set one aside." if now else ""
        ), "I compared your points with the rewards."

    def _card(self, customer: str, turn: Turn) -> Told:
        cards = self._club.dossier(customer, turn.now).cards
        lines = [
            f"{one.name}: {one.stamps} of {one.size} stamps, {one.size - one.stamps} to go" for one in cards
        ]
        return "; ".join(
            lines
        ) + "." if lines else "This shop keeps no stamp cards.", "I counted your stamps."

    def _referral(self, customer: str, _turn: Turn) -> Told:
        code = self._books.room.customers.get(customer).referral_code
        text = (
            f"Your code for friends is {code}. They say it when they join, and you both get something for it."
        )
        return text, "The code was given to you when you joined."

    def _usual(self, customer: str, turn: Turn) -> Told:
        if not self._may_look(customer, turn):
            return NO_HISTORY, "You decide whether your history is used."
        usual = self._club.dossier(customer, turn.now).usual
        if not usual:
            return (
                "I see no usual order yet: nothing you have bought three times.",
                "I looked at your purchases.",
            )
        return f"Your usual is {_listed(usual)}. To have it made, tell the counter, or say “person” here.", (
            "These are what you bought most often on your last visits."
        )

    def _purchases(self, customer: str, turn: Turn) -> Told:
        if not self._may_look(customer, turn):
            return NO_HISTORY, "You decide whether your history is used."
        visits = self._club.dossier(customer, turn.now).visits[:VISITS]
        if not visits:
            return "I see no purchase of yours yet.", "I looked at your purchases."
        last, *before = [self._visit(one, turn.now) for one in visits]
        text = f"Last time, {last}."
        return text + (f" Before that, {'; '.join(before)}." if before else ""), "I read your receipts."

    def _order(self, customer: str, _turn: Turn) -> Told:
        if self._books.orders is None:
            text = (
                "I cannot see orders from here, so I do not guess. A person can look it up: shall I get one?"
            )
            return text, "This shop's orders are not connected to me."
        lines = self._books.orders(customer)
        return " ".join(lines) or "You have no open order.", "I looked up your orders."

    def _knowme(self, customer: str, turn: Turn) -> Told:
        who = self._books.room.customers.get(customer)
        known = self._club.dossier(customer, turn.now)
        reach = " and ".join(one for one in (masked_phone(who.phone), masked_email(who.email)) if one)
        agreed = [one.purpose for one in known.consents if one.given]
        lines = [
            f"Your name: {who.name}.",
            f"How to reach you: {reach or 'nothing'}.",
            f"Member since {_day(who.joined_at, turn.now)}.",
            f"Purchases I can see: {len(known.visits)} of the latest.",
            f"You agreed to: {', '.join(agreed) or 'nothing'}.",
        ]
        facts = self._books.history.all(customer)
        told = [f"{_noted(one)} ({_day(one.at, turn.now)}, {one.channel})" for one in facts[:10]]
        lines.append(f"I remember: {'; '.join(told)}." if told else "I remember nothing you told me.")
        lines.append("Say “forget one thing”, “change my e-mail”, or “forget me” to have all of it erased.")
        return " ".join(lines), "This is what the shop keeps about you; a full copy can be had from the shop."

    def _suggestion(self, customer: str, turn: Turn) -> Told:
        offers = self._books.offers
        if offers is None:
            return NOTHING, "Nothing was counted yet."
        return told_suggestion(offers, customer, turn, self._remembered(customer, turn) if customer else ())

    def _remembered(self, customer: str, turn: Turn) -> tuple[str, ...]:
        """Return what the customer had remembered; nothing without consent."""
        if not self._may_look(customer, turn):
            return ()
        return tuple(one.text for one in self._books.history.all(customer) if one.by != ASSISTANT)

    def _may_look(self, customer: str, turn: Turn) -> bool:
        consents = self._club.dossier(customer, turn.now).consents
        return any(one.purpose == "history" and one.given for one in consents)

    def _visit(self, visit: Visit, now: datetime) -> str:
        amount = money(visit.amount, self._books.room.about.currency)
        return f"on {_day(visit.at, now)}, you bought {_listed(visit.things)} for {amount}"


def _recalled(one: Remembered, now: datetime) -> str:
    if one.by == ASSISTANT:
        return f"On {_day(one.at, now)}, when we spoke, {one.text}."
    return f"On {_day(one.at, now)} you told me: “{one.text}”."


def _noted(one: Remembered) -> str:
    return f"when we spoke, {one.text}" if one.by == ASSISTANT else f"“{one.text}”, from you"


def _of(balances: Sequence[Balance], unit: str) -> Balance | None:
    return next((one for one in balances if one.unit == unit), None)


def _listed(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last


def _day(at: datetime, now: datetime) -> str:
    return f"{at.astimezone(now.tzinfo):%-d %B %Y}"
