"""The staff's side of a shop that has a loyalty programme with a few customers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.backroom import About, open_backroom
from shopbell.loyalty.customers import Customer
from tests.fakes.club import TEXT
from tests.fakes.staff import Staffed


async def _nobody(_: str) -> None:
    return None


def with_club(shop: Staffed, engine: sa.Engine, folder: Path, now: Callable[[], datetime]) -> LoyaltyDesk:
    """Give the shop a programme; its customers are ann and anne (twins) and ben, who has a phone number."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "programme.toml").write_text(TEXT.replace("SHORTFALL", "negative"))
    about = About(currency="EUR", timezone="Europe/London", region="GB")
    room = open_backroom(engine, folder, folder / "data", about)
    club = LoyaltyDesk(
        room,
        database=shop.desk._database,
        books=shop.desk._database,
        ring=lambda: None,
        signed_in=_nobody,
        witness=shop.office.called,
        now=now,
        shop=folder,
        imports=folder / "imports",
    )
    for ident, name, phone, email in (
        ("ann", "Ann Amberfield", "+447700900123", "ann.amberfield@example.com"),
        ("anne", "Anne Amberfield", "", ""),
        ("ben", "Ben Birkholt", "+447700900456", "ben@example.com"),
    ):
        born = datetime(1984, 12, 1, tzinfo=now().tzinfo).date() if ident == "ann" else None
        who = Customer(id=ident, name=name, phone=phone, email=email, birthday=born, joined_at=now())
        room.customers.create(who)
        room.club.join(ident, now())
    shop.desk.join(club, engine)
    return club
