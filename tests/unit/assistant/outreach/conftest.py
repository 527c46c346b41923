"""A shop that writes: its books, its outbox, and a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.assistant.outreach.atrisk import Slipping
from shopbell.assistant.outreach.mail import Login, Sender
from shopbell.assistant.outreach.office import Office, Stores
from shopbell.assistant.outreach.opening import Premises, stores
from shopbell.assistant.outreach.plan import TRIGGERS, Mail, Outreach, Rule
from shopbell.assistant.settings import Settings, Shop
from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customer
from shopbell.storage.database import open_database
from tests.fakes import mailserver
from tests.fakes.clock import InlineWorker
from tests.fakes.club import TEXT
from tests.fakes.mailserver import MailServer

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""
DAY = timedelta(days=1)
EVERY = Rule(mode="approve", hold_out=0)


class Away:
    """Says who is slipping away."""

    def __init__(self) -> None:
        self.found: tuple[Slipping, ...] = ()

    def slipping(self) -> tuple[Slipping, ...]:
        return self.found


class Writing:
    """The shop."""

    def __init__(
        self, folder: Path, *, expires: str = "", url: sa.URL | None = None, **changes: object
    ) -> None:
        self.folder, self.now = folder, NOON
        terms = f'[version.points]\nexpires = "{expires}"' if expires else "[version.points]"
        text = TEXT.replace("SHORTFALL", "negative").replace("[version.points]", terms)
        (folder / "programme.toml").write_text(text)
        self.engine = open_database(folder / "shop.db" if url is None else url)
        off = "PRAGMA synchronous = OFF" if url is None else "SET synchronous_commit = off"
        sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute(off))
        self.engine.dispose()
        chosen: dict[str, object] = {
            "address": "https://127.0.0.1",
            **dict.fromkeys(TRIGGERS, EVERY),
            **changes,
        }
        self.rules = msgspec.structs.replace(Outreach(), **chosen)
        self.settings = Settings(
            shop=Shop(name="Lantern Street", email="hello@example.com", timezone="Europe/London"),
            outreach=self.rules,
        )
        about = About(currency="EUR", timezone="Europe/London", region="GB")
        self.room: Backroom = open_backroom(self.engine, folder, folder, about)
        self.away = Away()
        self.premises = Premises(
            shop=folder,
            settings=self.settings,
            database=self.engine,
            room=self.room,
            secret=b"secret",
            at_risk=self.away,
            now=lambda: self.now,
        )
        self.parts: Stores = stores(self.premises, None)

    def join(
        self, ident: str = "ann", *, agrees: bool = True, email: bool = True, born: date | None = None
    ) -> None:
        address = f"{ident}@example.com" if email else ""
        who = Customer(
            id=ident, name=f"{ident.title()} Field", email=address, birthday=born, joined_at=self.now
        )
        self.room.customers.create(who)
        self.room.club.join(ident, self.now)
        if agrees:
            self.say(ident, given=True)

    def say(self, ident: str, *, given: bool, purposes: tuple[str, ...] = ("marketing", "profiling")) -> None:
        with self.engine.begin() as db:
            for purpose in purposes:
                record_consent(
                    db,
                    Consent(
                        customer=ident,
                        purpose=purpose,
                        given=given,
                        text_version="1",
                        at=self.now,
                        by="customer",
                    ),
                )

    def office(self, server: MailServer | None = None) -> Office:
        sender = None
        if server is not None:
            mail = Mail(host="127.0.0.1", port=server.port, user="shop", ca_file=str(self.folder / "ca.pem"))
            sender = Sender(mail, Login("shop", mailserver.PASSWORD), "hello@example.com", patience_s=3)
        worker = InlineWorker()
        return Office(
            self.parts,
            sender,
            database=worker,
            books=worker,
            now=lambda: self.now.astimezone(self.settings.zone),
        )

    def states(self) -> list[str]:
        return [one.state for one in self.parts.judging.letters()]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Writing]:
    made = Writing(tmp_path)
    yield made
    made.engine.dispose()
