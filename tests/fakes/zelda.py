"""A shop whose customer Zelda left traces everywhere, and a search for them of its own."""

import base64
import gzip
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.outreach.letter import Outcome
from shopbell.assistant.outreach.letters import Ground, Letters
from shopbell.assistant.outreach.occasion import Occasion
from shopbell.assistant.outreach.plan import Outreach, Rule
from shopbell.assistant.outreach.templates import Words
from shopbell.assistant.privacy.erasure import Place
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.store import EventLog
from shopbell.knowledge.gaps import Gaps
from shopbell.loyalty.club import Club
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.house import House
from shopbell.loyalty.subscriptions import Subscriptions
from shopbell.storage.database import open_database
from tests.fakes.club import DAY, T0, ShopFloor, programme
from tests.fakes.embedder import FakeEmbedder

ZELDA = "c-5f2e9a01bc77"
OTHER = "c-0000aaaa1111"
FRIEND = "c-friend000001"
PHRASE = "correct horse battery"
NAME, PHONE, EMAIL = "Zelda Quillfeather", "+447700900987", "zelda.quillfeather@example.com"
NEEDLES = (NAME, "quillfeather", PHONE, "07700900987", "07700 900987", EMAIL, ZELDA, "Zanzibar marmalade")
NOW = T0 + 40 * DAY
_GZIP = b"\x1f\x8b\x08"


class Shop:
    """A shop's data folder with a customer who left traces everywhere."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._open(folder)
        self.floor = ShopFloor(self.engine, OTHER, "ben")

    @classmethod
    def opened(cls, folder: Path) -> Self:
        """Return a shop that stands there already."""
        shop = cls.__new__(cls)
        shop._open(folder)
        shop.floor = ShopFloor.__new__(ShopFloor)
        shop.floor.now, shop.floor.engine = T0, shop.engine
        shop.floor.customers = Customers(shop.engine, region="GB", draw=secrets.token_bytes)
        shop.floor.club = Club(
            shop.engine, programme(), house=House(), draw=secrets.token_bytes, secret=b"secret"
        )
        shop.floor._numbers = count(1_000)
        return shop

    def _open(self, folder: Path) -> None:
        self.folder = folder
        self.engine = open_database(folder / "shop.db")
        sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        self.engine.dispose()
        self.place = Place(engine=self.engine, folder=folder, draw=secrets.token_bytes)

    def live(self) -> None:
        """Let Zelda join, buy, bring a friend, talk, complain and be written about."""
        floor = self.floor
        hooks = Subscriptions(self.engine, draw=secrets.token_bytes)
        hooks.subscribe("https://example.com/hook", frozenset({"*"}), NOW)
        joined = floor.now - 30 * DAY
        floor.customers.create(
            Customer(
                id=ZELDA, name=NAME, phone=PHONE, email=EMAIL, birthday=date(1981, 5, 9), joined_at=joined
            )
        )
        floor.customers.create(Customer(id=FRIEND, name="Fay Friend", joined_at=joined))
        floor.club.join(FRIEND, joined, brought_by=ZELDA)
        for who in (OTHER, ZELDA, FRIEND, ZELDA):
            floor.buy(1250, who=who, category="Drinks", pieces="2")
        self.bought = floor.buy(2500, who=ZELDA)
        floor.adjust(5, who=ZELDA, reason=f"{NAME} waited long")
        floor.adjust(2, who=OTHER, reason=f"brought by {NAME.upper()}, 07700 900 987")
        floor.reserve("five-off", who=ZELDA)
        floor.club.merge("ben", ZELDA, floor.now, by="sam")
        with self.engine.begin() as db:
            record_consent(
                db,
                Consent(
                    customer=ZELDA, purpose="marketing", given=True, text_version="1", at=NOW, by="customer"
                ),
            )
        self.write(ZELDA)
        self.talk("t-zelda", ZELDA, f"I am {NAME}, do you have Zanzibar marmalade?")
        self.talk("t-other", OTHER, "When do you open?")
        Gaps(self.engine, FakeEmbedder()).keep(f"I am {NAME}, do you have Zanzibar marmalade?", NOW)
        AuditLog(self.engine, lambda: NOW).write("robin", "conversation-viewed", ZELDA, of=EMAIL)
        AuditLog(self.engine, lambda: NOW).write("robin", "login")
        (self.folder / "imports").mkdir()
        (self.folder / "imports" / "a.csv").write_text(f"sale,customer\n1,{EMAIL}\n", encoding="utf-16")
        packed = f"head{base64.b64encode(f'sale,{EMAIL}'.encode()).decode()}"
        (self.folder / "imports" / "c.csv.gz").write_bytes(b"x" + gzip.compress(packed.encode()))
        (self.folder / "imports" / "b.csv").write_text("sale,customer\n1,ben@example.com\n")

    def write(self, customer: str) -> None:
        """Let the shop write to a customer, and the mail server refuse it."""
        rules = Outreach(
            birthday=Rule(mode="auto", hold_out=0, way="email"), hours="00:00-24:00", quiet_days=()
        )
        ground = Ground(rules=rules, zone=ZoneInfo("UTC"), secret=b"s", new_id=lambda: "e7" * 16)
        letters, until = Letters(self.engine, ground), NOW + DAY
        facts = {"name": NAME, "birthday": "9 May"}
        occasion = Occasion(
            trigger="birthday", customer=customer, key="2026", facts=facts, why=f"{NAME} is born", until=until
        )
        letters.add(occasion, Words(subject="Hello {name}", text="Dear {name}"), NOW)
        parcel = letters.claim(NOW)
        assert parcel is not None
        letters.settle(parcel, Outcome(kind="bounced", code=550, words="no"), NOW)

    def talk(self, name: str, customer: str, text: str) -> None:
        """Let a customer say something in a conversation of their own."""
        log = EventLog(self.engine)
        at = NOW - timedelta(hours=1)
        log.open(name, f"token-{name}", "web", at)
        log.append(name, e.Recognised(customer=customer), at)
        log.append(name, e.CustomerSaid(text=text, key=f"k-{name}"), at, f"k-{name}")

    def trial(self) -> dict[tuple[str, str], int]:
        """Return the sum of every kind of account in each unit."""
        query = sa.text(
            "SELECT a.unit, a.kind, sum(p.points) FROM posting p JOIN account a ON a.id = p.account "
            "GROUP BY 1, 2"
        )
        with self.engine.connect() as db:
            return {(unit, kind): int(points) for unit, kind, points in db.execute(query)}


def hits(folder: Path) -> dict[str, int]:
    """Count the needles in every file: plainly, in UTF-16, in base64 wherever they begin, and inside gzip."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes() + path.name.encode()
            content += b"".join(_unpacked(content))
            for needle in NEEDLES:
                if count := sum(content.lower().count(form) for form in _plain_forms(needle)):
                    found[f"{path.name}: {needle}"] = count
                if count := sum(content.count(form) for form in _packed_forms(needle)):
                    found[f"{path.name}: {needle} in base64"] = count
    return found


def _plain_forms(needle: str) -> list[bytes]:
    return [needle.lower().encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def _packed_forms(needle: str) -> set[bytes]:
    """Return the letters of base64 that are sure, at each of its three offsets, in both cases."""
    forms = set()
    for text in (needle, needle.lower()):
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + text.encode())
            forms.add(whole[4 if shift else 0 : -4])
    return {form for form in forms if len(form) > 6}


def _unpacked(content: bytes) -> Iterator[bytes]:
    start = content.find(_GZIP)
    while start >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(content[start:])
        start = content.find(_GZIP, start + 1)
