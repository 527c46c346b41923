"""Who may do what, taken from the routes themselves."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import httpx
import pytest
import sqlalchemy as sa
from litestar import Router, get

from shopbell.assistant import staffwire as w
from shopbell.assistant.staff.rights import KNOWN, PUBLIC, RIGHTS
from shopbell.assistant.web.limits import Limits, Rate
from shopbell.assistant.web.staff import customers, identity
from shopbell.assistant.web.staff.commands import NEEDS
from shopbell.assistant.web.staff.guard import FIRST_FRAME
from shopbell.assistant.web.staff.routes import rights_table, router
from tests.fakes.counterdesk import with_club
from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.staff import NAMES, ROLES, staffed

pytestmark = pytest.mark.slow

TABLE = rights_table(router())
REST = {key: right for key, right in TABLE.items() if key[0] != "SOCKET"}
BODIES: dict[str, dict[str, object]] = {
    "/login": {"name": "Nobody", "password": "x"},
    "/join": {"code": "x", "password": "three words in a row", "name": "Eve"},
    "/password": {"old": "x", "new": "three words in a row"},
    "/accounts": {"name": "Newcomer", "role": "clerk"},
    "/accounts/role": {"name": NAMES["clerk"], "role": "clerk"},
    "/accounts/revoke": {"name": "Nobody"},
    "/accounts/reset": {"name": "Nobody"},
    "/knowledge/gaps/forget": {"id": 999},
    "/knowledge/draft": {"conversation": "c", "seq": 1},
    "/knowledge/preview": {"question": "Do you sell tea?", "answer": "Yes, ten kinds."},
    "/knowledge/publish": {"question": "Do you sell tea?", "answer": "Yes, ten kinds."},
    "/knowledge/retire": {"id": "nothing"},
    "/customers/find": {"text": "amberfield"},
    "/customers/card": {"customer": "ann"},
    "/customers/sign-in-code": {"customer": "ann"},
    "/customers/unlock": {"customer": "ann"},
    "/customers/new-card": {"customer": "ann"},
    "/customers/reveal": {"customer": "ann", "field": "phone", "reason": "Cake is ready"},
    "/customers/recognise": {"conversation": "CONVERSATION", "customer": "ann"},
    "/customers/complaints/settle": {"number": 1},
    "/customers/award": {"key": "k", "customer": "ann", "points": 20, "reason": "Wet cake"},
    "/customers/requests/decide": {"request": "none", "approve": True},
    "/customers/rewards/set-aside": {"key": "k", "customer": "ann", "reward": "five-off"},
    "/customers/rewards/look": {"code": "none"},
    "/customers/rewards/redeem": {"code": "none"},
    "/customers/rewards/release": {"code": "none"},
    "/customers/rewards/undo": {"code": "none"},
    "/customers/twins/preview": {"source": "anne", "target": "ann"},
    "/customers/twins/join": {"source": "none", "target": "ann"},
    "/customers/twins/part": {"merge": 99},
    "/letters/edit": {"id": "none", "subject": "Hello", "body": "Come by."},
    "/letters/release": {"id": "none"},
    "/letters/refuse": {"id": "none"},
    "/feedback/dial": {"number": 1},
}


def undeclared(table: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    return [key for key, right in table.items() if right not in KNOWN | {FIRST_FRAME}]


def test_every_route_declares_its_right() -> None:
    """A new route without a known right fails here, and would let nobody in."""
    assert undeclared(dict(TABLE)) == []
    assert len(REST) >= 41
    assert {key for key, right in TABLE.items() if right == PUBLIC} == {
        ("POST", "/api/staff/login"),
        ("POST", "/api/staff/join"),
    }
    assert [key for key, right in TABLE.items() if right == FIRST_FRAME] == [("SOCKET", "/api/staff/feed")]


def test_no_path_under_customers_is_answered_by_two() -> None:
    """Of two handlers with the same method and path one would silently never be asked."""
    found = Counter(
        (method, path)
        for handler in (*customers.HANDLERS, *identity.HANDLERS)
        for method in handler.http_methods
        for path in handler.paths
    )
    assert [key for key, count in found.items() if count > 1] == []


def test_a_route_that_declares_nothing_is_found() -> None:
    """The check above can fail."""

    @get("/leak", opt={})
    async def leak() -> str:
        return "everything"

    assert undeclared(dict(rights_table(Router("/api/staff", route_handlers=[leak])))) != []


def test_every_frame_of_a_console_has_its_right() -> None:
    """A new command without a declared right fails here, and would be refused."""
    assert set(NEEDS) == set(get_args(w.StaffFrame))
    assert all(right in KNOWN for right in NEEDS.values())


def test_each_role_may_do_what_the_one_below_may() -> None:
    """A manager may what a clerk may, an owner may everything."""
    assert set(RIGHTS["clerk"]) < set(RIGHTS["manager"]) < set(RIGHTS["owner"])
    assert set(RIGHTS["owner"]) == KNOWN - {PUBLIC}


async def test_no_role_gets_further_than_it_may(engine: sa.Engine, tmp_path: Path) -> None:
    """Every route x {nobody, customer, forged, clerk, manager, owner}: unexpected success 0."""
    wrong: list[tuple[str, str, str, int]] = []
    limits = Limits(posts=Rate(10_000, 1_000))
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(at_once), limits=limits) as shop:
        with_club(shop, engine, tmp_path / "club", lambda: datetime.now(UTC))
        opened = await shop.conversations.open("web")
        callers: dict[str, str | None] = {
            "nobody": None,
            "customer": opened.token,
            "forged": "x" * 43,
            **{role: shop.tokens[role] for role in ROLES},
        }
        # Signing out ends the session: it comes last.
        for (method, path), right in sorted(REST.items(), key=lambda item: "logout" in item[0][1]):
            for caller, token in callers.items():
                status = await _call(shop.address, method, path, token, opened.conversation)
                allowed = right == PUBLIC or (caller in ROLES and right in RIGHTS[caller])
                if (status in {401, 403}) == allowed and not path.endswith(("/login", "/join", "/password")):
                    wrong.append((caller, method, path, status))
                if status < 300 and not allowed:
                    wrong.append((caller, method, path, status))
                assert status < 500
    assert wrong == []


async def _call(address: str, method: str, path: str, token: str | None, conversation: str) -> int:
    body = BODIES.get(path.removeprefix("/api/staff"))
    if body is not None and "CONVERSATION" in body.values():
        body = {**body, "conversation": conversation}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    where = path.replace("{conversation:str}", conversation)
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        return (await client.request(method, where, json=body, headers=headers)).status_code
