"""A shop full of customers, each marked, behind the real HTTP and WebSocket server; and its callers.

Its model is obedient: it repeats its whole prompt and emits whatever it is told to.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import sqlalchemy as sa
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from shopbell.assistant import wire
from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.clerk import Clerk, Gear
from shopbell.assistant.doorman import Doorman, Gate
from shopbell.assistant.flows.account import Account, Books
from shopbell.assistant.flows.doing import Doer, Tools
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.wishes import Wish
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.lookup import Lookup
from shopbell.assistant.reader import Reader
from shopbell.assistant.reception import forms
from shopbell.assistant.rules import Rules
from shopbell.assistant.settings import Assistant
from shopbell.assistant.sifting import Sieve, Sifter
from shopbell.assistant.turn import Turn
from shopbell.assistant.web.app import DEFAULTS, create_app
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.knowledge.history import History
from shopbell.knowledge.passage import Outcome
from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.casebook import Casebook
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.identity import Keyring
from shopbell.loyalty.identitytries import Tries
from shopbell.loyalty.sale import Line, Sale
from shopbell.storage.buckets import Rate
from shopbell.storage.database import open_database
from shopbell.storage.worker import Worker
from tests.fakes.clock import InlineWorker
from tests.fakes.club import TEXT
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.knowledge import KnownByHeart, passage
from tests.fakes.llm import ObedientModel
from tests.fakes.service import desk
from tests.fakes.shop import SETTINGS
from tests.fakes.web import serving

SIEVE = Sieve(
    model="m", learned="", layer=0, thresholds=(0.0,), bias=9.0, weights=(0.0, 0.0), fitted_on="nothing"
)
WISHES = {
    "points": "balance",
    "bought": "purchases",
    "usual": "usual",
    "know about me": "knowme",
    "redeem": "redeem",
    "code": "referral",
    "remember": "remember",
    "email": "contact",
    "forget": "forgetme",
}
BOUNDLESS = Rate(1e9, 1e9)
LIMITS = msgspec.structs.replace(
    DEFAULTS,
    says=BOUNDLESS,
    address_says=BOUNDLESS,
    frames=BOUNDLESS,
    handshakes=BOUNDLESS,
    posts=BOUNDLESS,
    bad_frames=1_000_000,
)
"""Wide: what is tested is what a patient attacker gets in the end."""
PATIENCE_S = 120.0
MARKED_POINTS = 731_000
"""And 1,009 times the customer's number: a balance that stands nowhere else."""
_decoder: msgspec.json.Decoder[wire.ServerFrame] = msgspec.json.Decoder(wire.ServerFrame)


def canary(number: int) -> tuple[str, ...]:
    return (
        f"Canaryname{number:03d}x",
        f"canary{number:03d}mail",
        f"Canaryware{number:03d}x",
        f"canarynote{number:03d}x",
    )


class Everybody:
    """A shop with many customers, each marked, and one ladder from rules to model."""

    def __init__(self, engine: sa.Engine, folder: Path, many: int) -> None:
        self.engine, self.now = engine, datetime.now(UTC)
        folder.mkdir()
        self.folder = folder
        (folder / "programme.toml").write_text(TEXT.replace("SHORTFALL", "negative"))
        about = About(currency="EUR", timezone="Europe/London", region="GB")
        self.room: Backroom = open_backroom(engine, folder, folder / "data", about)
        self.history = History(engine, FakeEmbedder().embed)
        self.many = many
        for number in range(many):
            self._add(number)
        self.points = {ident: self._balance(ident) for ident in (f"c{number}" for number in range(many))}
        cases = Casebook(engine)
        self.doer = Doer(Tools(room=self.room, cases=cases, history=self.history, consent_version="1"))
        self.model = ObedientModel()
        self.ladder = self._ladder()
        self.service, _, rooms = desk(engine, self.ladder, now=lambda: self.now)
        keys = Keyring(engine, self.room.customers, secret=b"s", draw=secrets.token_bytes)
        self.keys, self.tries = keys, Tries(engine)
        gate = Gate(keyring=keys, tries=self.tries, site_key=b"k", audience="shop")
        self.doorman = Doorman(
            rooms, gate, database=InlineWorker(), hashing=InlineWorker(), now=lambda: self.now
        )
        self.ladder.clerk = self.clerk(_recognise)
        self.address = ""

    def _add(self, number: int) -> None:
        ident, (name, mail, ware, note) = f"c{number}", canary(number)
        who = Customer(
            id=ident,
            name=name,
            phone=f"07700 900{number:03d}",
            email=f"{mail}@example.com",
            joined_at=self.now,
        )
        self.room.customers.create(who)
        line = Line(id="1", sku="x", name=ware, amount=100 * (MARKED_POINTS + 1_009 * number))
        sale = Sale(source="till", external_id=ident, at=self.now, customer=ident, lines=(line,))
        self.room.club.record_sale(sale, self.now)
        self.history.remember(ident, note, self.now, channel="web", by="customer")
        with self.engine.begin() as db:
            record_consent(
                db,
                Consent(
                    customer=ident,
                    purpose="history",
                    given=True,
                    text_version="1",
                    at=self.now,
                    by="customer",
                ),
            )

    def _balance(self, customer: str) -> str:
        points = next(
            one for one in self.room.club.balance(customer, self.now).balances if one.unit == "points"
        )
        return f"{points.available:,}"

    def _ladder(self) -> Ladder:
        hours = OpeningHours(SETTINGS)
        known = KnownByHeart(grinder=(Outcome.UNSURE, 0.6, passage("grinder")))
        reader = Reader(self.model, None, "Shop", Assistant(), deadline_s=5.0)
        return Ladder(
            lookup=Lookup(rules=Rules(), flows=(), knowledge=known, lines=Lines(SETTINGS, hours)),
            sifter=Sifter(self.model, name="m", deadline_s=5.0, sieve=SIEVE),
            reader=reader,
            lines=Lines(SETTINGS, hours),
            worker=InlineWorker(),
            keep_gap=lambda _text, _turn: None,
            forget=lambda _talk: None,
        )

    def clerk(self, recognise: Callable[[str], Wish | None]) -> Clerk:
        """Return the clerk, with something that tells what is wished."""
        work: Worker = InlineWorker()
        return Clerk(
            Gear(
                account=Account(Books(room=self.room, history=self.history)),
                doer=self.doer,
                forms=forms("GB"),
                look=work.call,
                act=work.call,
                think=work.call,
                recognise=recognise,
                rule=self.ladder.rule,
                sight=self._sight,
                still=self.doorman.still,
                new_id=lambda: secrets.token_hex(16),
            )
        )

    def _sight(self, customer: str, turn: Turn) -> Sight:
        if not customer:
            return Sight(now=turn.now, club="Club")
        known = self.room.club.dossier(customer, turn.now)
        points = next((one.available for one in known.balances if one.unit == "points"), 0)
        return Sight(
            now=turn.now,
            club="Club",
            customer=self.room.customers.get(customer),
            offers=known.offers,
            points=points,
            consents={one.purpose: one.given for one in known.consents},
        )

    def others(self, own: str = "") -> list[str]:
        """Return the marks of all customers but one: name, e-mail, goods, note, and the points they have."""
        marks = [word for number in range(self.many) if f"c{number}" != own for word in canary(number)]
        return marks + [one for ident, one in self.points.items() if ident != own]

    def found(self, told: str, own: str = "") -> list[str]:
        """Return the marks of others in something that was told."""
        return [mark for mark in self.others(own) if mark in told]

    def books(self) -> list[tuple[str, int]]:
        with self.engine.connect() as db:
            return [
                (table, db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608 - our own names
                for table in ("entry", "reward_hold", "consent", "customer", "customer_case", "remembered")
            ]

    def desk(self) -> LoyaltyDesk:
        """Return the programme as the web serves it."""
        work = InlineWorker()

        async def nobody(_header: str) -> None:
            return None

        async def unseen(_who: str, _what: str) -> None:
            return None

        made = LoyaltyDesk(
            self.room,
            database=work,
            books=work,
            ring=lambda: None,
            signed_in=nobody,
            witness=unseen,
            now=lambda: self.now,
            shop=self.folder,
            imports=self.folder,
        )
        made.doorman = self.doorman
        return made

    @asynccontextmanager
    async def caller(self, customer: str = "") -> AsyncIterator["Caller"]:
        """Open the chat page's socket, as nobody or signed in as a customer."""
        host = self.address
        async with connect(f"ws://{host}/api/chat", origin=Origin(f"http://{host}"), max_size=None) as socket:
            caller = Caller(socket)
            await caller.send(wire.Hello())
            await caller.until(wire.Current)
            if customer:
                code = self.keys.issue_code(customer, self.now, by="sam")
                await caller.send(wire.SignIn(key="in", account=customer, secret=code.text))
                await caller.until(wire.Identity)
            yield caller

    async def talk(self, lines: Sequence[str], customer: str = "") -> str:
        """Say the lines over the web, as nobody or as a customer; return every byte that came back."""
        async with self.caller(customer) as caller:
            for line in lines:
                await caller.say(line)
            return caller.heard

    async def ask(self, lines: Sequence[str]) -> str:
        """Ask by the REST interface, which knows nobody; return every byte that came back."""
        async with httpx.AsyncClient(base_url=f"http://{self.address}/api", trust_env=False) as web:
            answers = [(await web.post("/ask", json={"text": line})).text for line in lines]
            return "".join(answers)


class Caller:
    """A page's side of the socket; keeps every byte that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.heard = ""
        self._number = 0

    async def send(self, frame: wire.CustomerFrame) -> None:
        """Send a frame."""
        await self._socket.send(msgspec.json.encode(frame).decode())

    async def raw(self, text: str) -> None:
        """Send anything."""
        await self._socket.send(text)

    async def until(self, kind: type[wire.ServerFrame], after: int = 0) -> wire.ServerFrame:
        """Wait for a frame of the kind, past `after` where it has a number."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                text = str(await self._socket.recv())
            self.heard += text
            frame = _decoder.decode(text)
            if isinstance(frame, kind) and getattr(frame, "seq", after + 1) > after:
                return frame

    async def say(self, text: str) -> wire.Replied:
        """Say something and wait for its reply."""
        self._number += 1
        key = f"k{self._number}"
        await self.send(wire.Say(key=key, text=text))
        while not (isinstance(said := await self.until(wire.Said), wire.Said) and said.key == key):
            continue
        replied = await self.until(wire.Replied, said.seq)
        assert isinstance(replied, wire.Replied)
        return replied


def _recognise(text: str) -> Wish | None:
    found = next((wish for word, wish in WISHES.items() if word in text.lower()), None)
    return Wish(found, 1.0) if found else None


@asynccontextmanager
async def everybody(tmp_path: Path, many: int) -> AsyncIterator[Everybody]:
    """Open the shop and serve it."""
    engine = open_database(tmp_path / "shop.db")
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    engine.dispose()
    shop = Everybody(engine, tmp_path / "shop", many)
    app = create_app(shop.service, SETTINGS, tmp_path / "shop", limits=LIMITS, loyalty=shop.desk())
    async with shop.service, serving(app) as shop.address:
        yield shop
    engine.dispose()
