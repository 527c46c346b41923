"""Reception: who customers are and what they can do in conversation, put together from desk and club."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.clerk import Clerk, Gear
from shopbell.assistant.clubhouse import Grounds, open_clubhouse
from shopbell.assistant.doorman import Doorman, Gate
from shopbell.assistant.feedback.desk import FeedbackDesk
from shopbell.assistant.flows.account import Account, Books
from shopbell.assistant.flows.asking import (
    CallBackForm,
    ComplainForm,
    FeedbackForm,
    RecommendForm,
    RememberForm,
)
from shopbell.assistant.flows.doing import Doer, Tools
from shopbell.assistant.flows.forgetting import UnrememberForm
from shopbell.assistant.flows.forms import Form
from shopbell.assistant.flows.membership import ContactForm, ForgetForm, JoinForm, OptOutForm
from shopbell.assistant.flows.rewarding import RedeemForm
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.suggestion import Offers
from shopbell.assistant.flows.wishes import Wishes
from shopbell.assistant.frontdesk import FrontDesk, Parts
from shopbell.assistant.keysmith import Keysmith
from shopbell.assistant.minutes import Minutes
from shopbell.assistant.outreach.desk import LetterDesk
from shopbell.assistant.outreach.opening import Premises, open_office, postman
from shopbell.assistant.outreach.reckoned import Reckoned
from shopbell.assistant.privacy.wordings import PURPOSES, Wordings, load_wordings
from shopbell.assistant.rules import Embed
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Turn
from shopbell.assistant.wares import on_shelf
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.history import History
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.casebook import Casebook
from shopbell.loyalty.consents import allows
from shopbell.loyalty.identity import Keyring
from shopbell.loyalty.identitytries import Tries
from shopbell.storage.database import reading
from shopbell.storage.worker import Worker

OTHER_WORDINGS = 3
"""Of each of the shop's questions, to learn what is no wish from: all of them would take long."""
QUARTER = timedelta(days=90)
"""Between two questions whether a customer would recommend the shop."""


class Meaning(Struct, frozen=True):
    """What understands customers: the thread that embeds, and how."""

    worker: Worker
    embed: Embed


@asynccontextmanager
async def open_reception(
    grounds: Grounds, desk: FrontDesk, searcher: Worker, embedder: Embedder, *, work: bool
) -> AsyncIterator[LoyaltyDesk | None]:
    """Open the club with its counter, for staff and customers, and close it again; `searcher` embeds.

    None for a shop without a programme: there nobody can sign in, and nothing can be done. With `work` points
    ripen and webhooks go out. Raises ProgrammeError or ConsentsRefused when the shop's files are wrong.
    """
    async with open_clubhouse(grounds, work=work) as club:
        desk.staff.join(club, grounds.parts.database)
        if club is None:
            yield None
            return
        async with _counter(grounds, desk, club, Meaning(searcher, embedder.embed), work=work):
            yield club


@asynccontextmanager
async def _counter(
    grounds: Grounds, desk: FrontDesk, club: LoyaltyDesk, meaning: Meaning, *, work: bool
) -> AsyncIterator[None]:
    parts = grounds.parts
    books = gate(parts, club.room)
    doorman = Doorman(desk.rooms, books, database=parts.writer, hashing=desk.hashing, now=parts.now)
    asked = [
        words
        for passage in parts.library.passages
        if passage.kind == "faq"
        for words in (passage.title, *passage.also_asked[:OTHER_WORDINGS])
    ]
    wishes = await meaning.worker.call(Wishes, meaning.embed, asked, parts.folder)
    premises = _premises(grounds, club)
    async with doorman, open_office(premises, parts.writer, work=work) as office:
        club.doorman, club.outreach = doorman, office
        club.offering.shelf = lambda: on_shelf(parts.library.catalogue.products, club.room.about.currency)
        doorman.greeting = office.note_for
        doorman.postman = postman(premises, office)
        deeds = desk.staff.club.deeds
        feedback = FeedbackDesk(deeds, parts.database, meaning.worker, meaning.embed)
        desk.staff.club.open(LetterDesk(deeds, office), feedback)
        club.keysmith = Keysmith(books, database=parts.writer, now=parts.now)
        history = History(parts.database, meaning.embed)
        doorman.minutes = Minutes(EventLog(parts.database), history, partial(_agreed, parts.database)).keep
        parts.ladder.clerk = Clerk(_gear(grounds, club, doorman, wishes, meaning))
        yield
        parts.ladder.clerk = club.doorman = club.outreach = None


def _agreed(database: sa.Engine, customer: str) -> bool:
    with reading(database) as db:
        return allows(db, customer, "history")


def _premises(grounds: Grounds, club: LoyaltyDesk) -> Premises:
    parts = grounds.parts
    return Premises(
        shop=grounds.shop,
        settings=parts.settings,
        database=parts.database,
        room=club.room,
        secret=derived(club.room.secret, "outreach"),
        at_risk=Reckoned(parts.database),
        now=parts.now,
    )


def gate(parts: Parts, room: Backroom) -> Gate:
    """Return what the doorman looks things up in."""
    return Gate(
        keyring=keyring(parts.database, room),
        tries=Tries(parts.database),
        site_key=derived(room.secret, "site"),
        audience=parts.settings.shop.name,
    )


def keyring(database: sa.Engine, room: Backroom) -> Keyring:
    """Return the customers' keys."""
    return Keyring(
        database, room.customers, secret=derived(room.secret, "identity"), draw=secrets.token_bytes
    )


def derived(secret: bytes, purpose: str) -> bytes:
    """Return a key of its own for one purpose, from the shop's secret."""
    return hmac.new(secret, f"shopbell {purpose}".encode(), hashlib.sha256).digest()


def forms(region: str) -> dict[str, Form]:
    """Return everything that can be done in conversation, by wish."""
    every: tuple[Form, ...] = (
        RedeemForm(),
        JoinForm(region),
        ContactForm(region),
        OptOutForm(),
        ForgetForm(),
        ComplainForm(),
        CallBackForm(region),
        FeedbackForm(),
        RecommendForm(),
        RememberForm(),
        UnrememberForm(),
    )
    return {form.flow: form for form in every}


class Outlook:
    """Reads what a flow may look at, for one customer. Blocks."""

    def __init__(
        self, parts: Parts, room: Backroom, books: tuple[Casebook, History], words: Wordings
    ) -> None:
        self._parts = parts
        self._room = room
        self._cases, self._history = books
        self._purposes = {purpose: words.of(purpose).text for purpose in PURPOSES}

    def __call__(self, customer: str, turn: Turn) -> Sight:
        """Return the view of this customer; of nobody, what everybody may know."""
        nobody = Sight(
            now=turn.now,
            club=self._room.programme.club,
            purposes=self._purposes,
            make_good=self._parts.settings.assistant.make_good,
            back=self._parts.lines.presence(turn.now).text,
        )
        return self._of(customer, turn, nobody) if customer else nobody

    def _of(self, customer: str, turn: Turn, nobody: Sight) -> Sight:
        known = self._room.club.dossier(customer, turn.now)
        points = next((one.available for one in known.balances if one.unit == "points"), 0)
        asked = self._cases.of(customer, "nps")
        return Sight(
            now=nobody.now,
            club=nobody.club,
            customer=self._room.customers.get(customer),
            offers=known.offers,
            points=points,
            consents={one.purpose: one.given for one in known.consents},
            purposes=nobody.purposes,
            remembered=self._history.all(customer),
            make_good=nobody.make_good,
            ask_nps=not asked or turn.now - asked[0].at > QUARTER,
            back=nobody.back,
        )


def _gear(grounds: Grounds, club: LoyaltyDesk, doorman: Doorman, wishes: Wishes, meaning: Meaning) -> Gear:
    parts, words = grounds.parts, load_wordings(grounds.shop)
    cases, history = Casebook(parts.database), History(parts.database, meaning.embed)
    offers = Offers(offering=club.offering, cases=cases, currency=club.room.about.currency)
    tools = Tools(
        room=club.room,
        cases=cases,
        history=history,
        consent_version=words.version,
    )
    return Gear(
        account=Account(Books(room=club.room, history=history, offers=offers)),
        doer=Doer(tools),
        forms=forms(club.room.about.region),
        look=club.look,
        act=club.act,
        think=meaning.worker.call,
        recognise=wishes.recognise,
        rule=parts.ladder.rule,
        sight=Outlook(parts, club.room, (cases, history), words),
        still=doorman.still,
        new_id=lambda: secrets.token_hex(16),
    )
