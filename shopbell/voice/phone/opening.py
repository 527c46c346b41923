"""Voices: the parlour, and the telephone beside it where the shop has one."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import click

from shopbell.assistant.callbook import CallBook
from shopbell.loyalty.casebook import Casebook
from shopbell.storage.database import open_database
from shopbell.storage.worker import Worker
from shopbell.voice.condition import condition
from shopbell.voice.parlour import Parlour, Place, open_parlour
from shopbell.voice.phone import lines
from shopbell.voice.phone.dialfile import serve
from shopbell.voice.phone.lines import PhoneLines
from shopbell.voice.phone.office import Office, open_office
from shopbell.voice.phone.page import router
from shopbell.voice.phone.registrar import Standing
from shopbell.voice.phone.shop import Shop, SignIn
from shopbell.voice.phone.standing import note_standing
from shopbell.voice.phone.wishes import BackDesk

NOTED_BY = "Telephone"
"""Whom the console names for notes about calls."""


@asynccontextmanager
async def open_voices(place: Place) -> AsyncIterator[Parlour]:
    """Open ears and voice, and the telephone when `[phone]` is switched on.

    Raises ModelsError as `open_parlour` does, SettingsError as `open_office` does.
    """
    async with open_parlour(place) as parlour, AsyncExitStack() as stack:
        if place.settings.phone.enabled:
            await stack.enter_async_context(open_telephone(place, parlour))
        if place.staff is not None:
            phone = place.settings.phone.enabled
            place.staff.machine.add(condition(parlour.resident, place.folder, phone=phone))
        yield parlour


@asynccontextmanager
async def open_telephone(place: Place, parlour: Parlour) -> AsyncIterator[Office]:
    """Open the telephone of a shop meanwhile."""
    worker = Worker("calls")
    try:
        database = await worker.call(open_database, place.folder / "shop.db")
        cases = BackDesk(Casebook(database), worker, lambda: datetime.now(place.settings.zone))
        shop = make_shop(place, parlour, cases)
        parlour.phone_texts = lambda: (
            shop.lines.greeting(place.conversations.greeting().notice, shop.now()),
            *lines.fixed(),
        )

        def ready() -> bool:
            state = parlour.resident.speaking_state
            return state is not None and state.status == "ready"

        def tell(standing: Standing) -> None:
            note_standing(place.folder, standing, shop.now())
            click.echo(f"Telephone: {standing.state}, {standing.text}", err=standing.state != "registered")

        async with open_office(shop, place.shop, CallBook(database), worker, ready, tell) as office:
            served = asyncio.create_task(serve(place.folder, office.call_backs), name="phone-dial")
            if place.staff is not None:
                place.staff.telephone = office.call_backs
                parlour.more = (router(lambda: office.switchboard.talks),)
            try:
                yield office
            finally:
                served.cancel()
                if place.staff is not None:
                    place.staff.telephone = None
    finally:
        off = Standing(state="off", text="the shop is not being served")
        note_standing(place.folder, off, datetime.now(place.settings.zone))
        await worker.close()


def make_shop(place: Place, parlour: Parlour, desk: BackDesk) -> Shop:
    """Return what every call is given."""
    settings = place.settings

    async def note(conversation: str, text: str) -> None:
        if place.staff is not None:
            await place.staff.counter.note(conversation, NOTED_BY, text, secrets.token_urlsafe(12))

    def sign_in() -> SignIn | None:
        doorman = place.loyalty.doorman if place.loyalty is not None else None
        return doorman.sign_in if doorman is not None else None

    return Shop(
        conversations=place.conversations,
        speech=parlour.speech,
        ears=parlour.ears,
        settings=settings.phone,
        lines=PhoneLines(settings),
        domain=settings.phone.domain or settings.phone.server,
        note=note,
        ask_back=desk.ask,
        asked_back=desk.asked,
        sign_in=sign_in,
        now=lambda: datetime.now(settings.zone),
        new_key=lambda: secrets.token_urlsafe(12),
    )
