"""Opening outreach: put together from the shop's settings, for the server and for the commands."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.outreach.atrisk import AtRisk
from shopbell.assistant.outreach.composing import House
from shopbell.assistant.outreach.errors import OutreachRefused
from shopbell.assistant.outreach.judging import Judging
from shopbell.assistant.outreach.letters import Ground, Letters
from shopbell.assistant.outreach.mail import Sender, open_sender
from shopbell.assistant.outreach.occasions import About, Occasions
from shopbell.assistant.outreach.office import CodePostman, Office, Stores
from shopbell.assistant.outreach.optout import Optout
from shopbell.assistant.outreach.templates import load_templates
from shopbell.assistant.privacy.wordings import load_wordings
from shopbell.assistant.settings import Settings, Web
from shopbell.assistant.web.origins import Origins
from shopbell.loyalty.backroom import Backroom
from shopbell.storage.worker import Worker


class Premises(Struct, frozen=True, kw_only=True):
    """The shop that writes."""

    shop: Path
    settings: Settings
    database: sa.Engine
    room: Backroom
    secret: bytes
    """Of outreach alone."""
    at_risk: AtRisk
    now: Callable[[], datetime]
    """The time in the shop's zone."""


def stores(premises: Premises, sender: Sender | None) -> Stores:
    """Put the services together; raises OutreachRefused for bad words, an address that is none."""
    settings, engine = premises.settings, premises.database
    _check_address(premises.shop, settings.outreach.address, settings.web)
    judging = Judging(engine)
    ground = Ground(
        rules=settings.outreach,
        zone=settings.zone,
        secret=premises.secret,
        new_id=lambda: secrets.token_hex(16),
        jitter=Random().random,  # noqa: S311 - it only spreads retries
    )
    about = About(shop=settings.shop.name, assistant=settings.assistant.name)
    version = load_wordings(premises.shop).version
    return Stores(
        rules=settings.outreach,
        words=load_templates(premises.shop),
        letters=Letters(engine, ground),
        judging=judging,
        occasions=Occasions(engine, premises.room, premises.at_risk, about),
        optout=Optout(engine, judging, premises.secret, text_version=version),
        secret=premises.secret,
        house=House(
            shop=settings.shop.name,
            address=settings.shop.address,
            sender=sender.sender if sender else settings.shop.email or "nobody@localhost",
        ),
    )


def mail_server(premises: Premises, environ: Mapping[str, str] = os.environ) -> Sender | None:
    """Return the shop's mail server, None when there is none; raises OutreachRefused."""
    settings = premises.settings
    return open_sender(settings.mail, settings.shop.email, premises.shop, environ)


@asynccontextmanager
async def open_office(premises: Premises, database: Worker, *, work: bool) -> AsyncIterator[Office]:
    """Open the office; with `work` it drafts and sends meanwhile. Raises OutreachRefused."""
    sender = mail_server(premises)
    parts = await database.call(stores, premises, sender)
    books = Worker("outreach")
    office = Office(parts, sender, database=database, books=books, now=premises.now)
    task = asyncio.create_task(office.run(), name="outreach") if work else None
    try:
        yield office
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await books.close()


def postman(premises: Premises, office: Office) -> CodePostman | None:
    """Return who sends one-time codes; None when the shop sends none."""
    sender = mail_server(premises) if premises.settings.mail.sign_in_codes else None
    return CodePostman(sender, office.stores.house, premises.now) if sender is not None else None


def _check_address(shop: Path, address: str, web: Web) -> None:
    """Raise OutreachRefused for an address of this server that it would not answer to."""
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        raise OutreachRefused(
            f"{shop / 'shop.toml'}: key outreach.address: {address!r} is no address of a server. Write it as "
            "'https://chat.example.com'."
        )
    if address and not Origins(hosts=web.hosts).serves(parts.netloc):
        raise OutreachRefused(
            f"{shop / 'shop.toml'}: key outreach.address: this server does not answer to {parts.hostname}. "
            "Add the name to web.hosts."
        )
