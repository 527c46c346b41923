"""The page behind the link: looking changes nothing, one tap does, and mail programs may tap as well."""

from typing import Any, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.testing import AsyncTestClient
from msgspec import Struct

from shopbell.assistant.outreach.office import Office
from shopbell.assistant.outreach.optout import token
from shopbell.assistant.web import stop
from shopbell.assistant.web.pages import Pages
from shopbell.loyalty.consents import allows
from tests.unit.assistant.outreach.conftest import Writing


class Desk(Struct):
    """As much of the desks as the page asks for."""

    shop: Any
    outreach: Office | None
    folder: Any = None
    settings: Any = None

    def now(self) -> Any:
        return self.shop.now

    async def look(self, fn: Any, *args: Any) -> Any:
        return fn(*args)

    act = look


def served(shop: Writing) -> AsyncTestClient[Litestar]:
    desk = Desk(shop, shop.office(), shop.folder, shop.settings)
    pages = Pages(cast("Any", desk))
    app = Litestar(
        [*stop.HANDLERS],
        state=State({"loyalty": desk}),
        dependencies={"pages": Provide(lambda: pages, sync_to_thread=False)},
        openapi_config=None,
    )
    return AsyncTestClient(app)


def agrees(shop: Writing) -> bool:
    with shop.engine.connect() as db:
        return allows(db, "ann", "marketing")


async def test_looking_changes_nothing_and_one_tap_stops(shop: Writing) -> None:
    """GET shows one button; POST, with the body of RFC 8058, takes the consent back; again is no harm."""
    shop.join()
    await shop.office().draft()
    (letter,) = shop.parts.judging.letters()
    path = f"/stop/{token(b'secret', letter.id)}"
    async with served(shop) as client:
        page = await client.get(path)
        assert page.status_code == 200
        assert '<form method="post">' in page.text
        assert "Lantern Street" in page.text
        assert agrees(shop)
        for _ in range(2):
            done = await client.post(path, data={"List-Unsubscribe": "One-Click"})
            assert done.status_code == 200
            assert "no more messages" in done.text
            assert '<form method="post" hidden>' in done.text
        assert not agrees(shop)
        assert shop.states() == ["stopped"]


async def test_a_made_up_link_does_nothing(shop: Writing) -> None:
    """Another letter's seal, a cut one and none are told the same, and nobody's consent changes."""
    shop.join()
    await shop.office().draft()
    (letter,) = shop.parts.judging.letters()
    async with served(shop) as client:
        for said in (f"{letter.id}.{'0' * 32}", letter.id, "x.y", token(b"other", letter.id)):
            assert (await client.get(f"/stop/{said}")).status_code == 404
            assert (await client.post(f"/stop/{said}")).status_code == 404
    assert agrees(shop)
