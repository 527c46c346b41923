"""The back room's interface, in process: corrections, merges, the close of the day, webhooks, imports."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shopbell.assistant.web import problems
from shopbell.loyalty import errors
from tests.fakes.till import Counter, counter

AT = "2026-11-21T11:00:00+00:00"
FILE = (
    "Date,Time,Item,Qty,SKU,Net Sales,Tax,Transaction ID,Event Type,Customer Reference ID\n"
    "2026-11-21,12:12:00,Flat white,1,DRK-FLAT,3.00,0.60,T1,Payment,{ann}\n"
    "2026-11-21,12:20:00,Sourdough,2,BRD-SOUR,9.00,0.00,T2,Payment,\n"
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Counter]:
    """Open a shop."""
    async with counter(tmp_path) as one:
        yield one


@pytest.fixture
async def manager(shop: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the manager."""
    async with shop.client({"Authorization": "Bearer manager-token"}) as one:
        yield one


async def joined(web: httpx.AsyncClient, ident: str) -> str:
    answer = await web.post("/api/loyalty/customers", json={"id": ident, "name": f"{ident} Fennmere"})
    assert answer.status_code == 201, answer.text
    return ident


def adjustment(points: int, key: str = "a1") -> dict[str, object]:
    return {"key": key, "customer": "ann", "points": points, "reason": "Waited for a cake"}


async def points(web: httpx.AsyncClient, customer: str) -> int:
    account = (await web.get(f"/api/loyalty/customers/{customer}/balance")).json()
    return next((each["available"] for each in account["balances"] if each["unit"] == "points"), 0)


async def test_a_large_correction_takes_two_people(shop: Counter, manager: httpx.AsyncClient) -> None:
    """Who asked may not approve, nor may a till; another person may."""
    await joined(manager, "ann")
    small = await manager.post("/api/loyalty/adjustments", json=adjustment(50))
    assert small.json()["state"] == "done"
    large = (await manager.post("/api/loyalty/adjustments", json=adjustment(500, "a2"))).json()
    assert large["state"] == "waiting"
    assert [each["request"] for each in (await manager.get("/api/loyalty/adjustments")).json()["adjustments"]]
    path = f"/api/loyalty/adjustments/{large['request']}/approve"
    assert (await manager.post(path)).status_code == 409
    async with shop.client(shop.key()) as till:
        assert (await till.post(path)).json()["code"] == "loyalty.scope_missing"
    async with shop.client({"Authorization": "Bearer owner-token"}) as owner:
        assert (await owner.post(path)).json()["state"] == "done"
    assert await points(manager, "ann") == 550


async def test_a_correction_counts_once(manager: httpx.AsyncClient) -> None:
    """The same key gets the same bytes."""
    await joined(manager, "ann")
    answers = [await manager.post("/api/loyalty/adjustments", json=adjustment(50)) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert await points(manager, "ann") == 50


async def test_two_records_become_one_and_two_again(manager: httpx.AsyncClient) -> None:
    """A merge conserves points and can be undone."""
    await joined(manager, "ann")
    await joined(manager, "anne")
    await manager.post("/api/loyalty/adjustments", json=adjustment(50))
    merged = await manager.post("/api/loyalty/merges", json={"source": "ann", "target": "anne"})
    assert merged.status_code == 200, merged.text
    assert await points(manager, "anne") == 50
    number = merged.json()["merge"]
    assert (await manager.post(f"/api/loyalty/merges/{number}/undo")).json()["undone"] is True
    assert (await points(manager, "ann"), await points(manager, "anne")) == (50, 0)
    again = await manager.post("/api/loyalty/merges", json={"source": "ann", "target": "ann"})
    assert again.status_code == 409


async def test_a_day_is_closed_once_and_seals_the_books(manager: httpx.AsyncClient) -> None:
    """The sheet is the same the second time, and what it prints proves the books."""
    await joined(manager, "ann")
    await manager.post("/api/loyalty/adjustments", json=adjustment(50))
    sheets = [await manager.post("/api/loyalty/days/2026-11-20/close") for _ in range(2)]
    assert sheets[0].content == sheets[1].content
    sheet = sheets[0].json()
    proof = await manager.get(
        "/api/loyalty/verify", params={"entries": sheet["entries"], "hash": sheet["hash"]}
    )
    assert proof.json()["fault"] is None
    false = await manager.get("/api/loyalty/verify", params={"entries": sheet["entries"], "hash": "0" * 64})
    assert false.json()["fault"]["table"] == "entry"
    assert (await manager.post("/api/loyalty/days/2026-11-23/close")).status_code == 400
    assert (await manager.post("/api/loyalty/days/0001-01-01/close")).status_code == 400


async def test_webhooks_are_told_in_the_own_network(manager: httpx.AsyncClient) -> None:
    """Subscribed, listed, told, and ended; the secret is shown once; no interface makes an address public."""
    hook = {"url": "http://127.0.0.1:9/bell", "events": ["points.adjusted"]}
    made = (await manager.post("/api/loyalty/webhooks", json=hook)).json()
    assert made["secret"]
    listed = (await manager.get("/api/loyalty/webhooks")).text
    assert made["secret"] not in listed
    assert made["subscription"]["id"] in listed
    assert (await manager.post("/api/loyalty/webhooks", json={**hook, "public": True})).status_code == 400
    assert (await manager.post("/api/loyalty/webhooks", json={**hook, "url": "ftp://a.b/c"})).json()[
        "code"
    ] == "loyalty.subscription_refused"
    await joined(manager, "ann")
    await manager.post("/api/loyalty/adjustments", json=adjustment(50))
    assert (await manager.post("/api/loyalty/webhooks/deliveries/1/redeliver")).status_code == 204
    assert (await manager.post("/api/loyalty/webhooks/deliveries/99/redeliver")).status_code == 404
    assert (await manager.get("/api/loyalty/webhooks/log")).json() == {"attempts": []}
    path = f"/api/loyalty/webhooks/{made['subscription']['id']}"
    assert (await manager.delete(path)).status_code == 204
    assert (await manager.get("/api/loyalty/webhooks")).json() == {"subscriptions": []}


async def test_a_file_is_tried_and_then_taken_in_once(manager: httpx.AsyncClient) -> None:
    """A dry run changes nothing; the commit takes all; the same file again adds nothing."""
    await joined(manager, "ann")
    file = {"file": ("sales.csv", FILE.format(ann="ann").encode(), "text/csv")}
    tried = await manager.post("/api/loyalty/imports", params={"recipe": "square"}, files=file)
    assert tried.status_code == 201, tried.text
    report = tried.json()
    assert (report["sales"], report["members"], report["bad"]) == (2, 1, 0)
    assert (await manager.get("/api/purchases/square/T1/explain")).status_code == 404
    path = f"/api/loyalty/imports/{report['id']}"
    done = (await manager.post(f"{path}/commit")).json()
    assert (done["sales"], done["repeated"], done["points"]) == (2, 0, 3)
    again = (await manager.post(f"{path}/commit")).json()
    assert (again["sales"], again["repeated"], again["points"]) == (0, 2, 0)


async def test_a_bad_file_is_refused_whole_with_an_error_file(manager: httpx.AsyncClient) -> None:
    """Row and reason are named, and nothing is taken in."""
    bad = FILE.format(ann="").replace("9.00", "nine")
    tried = await manager.post(
        "/api/loyalty/imports", params={"recipe": "square"}, files={"file": ("sales.csv", bad.encode())}
    )
    report = tried.json()
    assert (report["bad"], report["faults"][0]["row"]) == (1, 3)
    path = f"/api/loyalty/imports/{report['id']}"
    refused = await manager.post(f"{path}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "loyalty.import_refused")
    table = await manager.get(f"{path}/errors")
    assert table.headers["content-type"].startswith("text/csv")
    assert "3,Net Sales" in table.text
    assert (await manager.get("/api/purchases/square/T1/explain")).status_code == 404


@pytest.mark.parametrize("recipe", ["nothing", "../../etc", "a/b", ""])
async def test_unknown_recipes_are_refused(manager: httpx.AsyncClient, recipe: str) -> None:
    """Only the built-in ones and the shop's own are read, and no path leads elsewhere."""
    answer = await manager.post(
        "/api/loyalty/imports", params={"recipe": recipe}, files={"file": ("sales.csv", b"a,b\n1,2\n")}
    )
    assert answer.status_code == 400


async def test_a_mapping_of_the_shops_own_is_a_recipe(shop: Counter, manager: httpx.AsyncClient) -> None:
    """`recipes/NAME.toml` in the shop's folder is found by its name."""
    (shop.desk.shop / "recipes").mkdir()
    (shop.desk.shop / "recipes" / "old-till.toml").write_text(
        'source = "old-till"\n[columns]\nsale = ["No"]\ndate = ["When"]\namount = ["Paid"]\n'
    )
    file = {"file": ("sales.csv", b"No;When;Paid\n7;2026-11-02 10:00;4,50\n")}
    report = (await manager.post("/api/loyalty/imports", params={"recipe": "old-till"}, files=file)).json()
    assert (report["source"], report["amount"]) == ("old-till", 450)


async def test_kept_files_are_few(shop: Counter, manager: httpx.AsyncClient) -> None:
    """The oldest goes when another comes; a file that is no table is not kept."""
    for number in range(22):
        text = FILE.format(ann="").replace("T1", f"T{number + 10}")
        await manager.post(
            "/api/loyalty/imports", params={"recipe": "square"}, files={"file": ("s.csv", text.encode())}
        )
    assert len(list(shop.desk.imports.iterdir())) == 20
    answer = await manager.post(
        "/api/loyalty/imports", params={"recipe": "square"}, files={"file": ("s.csv", b"\x00\x01")}
    )
    assert answer.json()["code"] == "loyalty.sheet_refused"
    assert len(list(shop.desk.imports.iterdir())) == 20


def test_every_refusal_has_a_status_and_its_code() -> None:
    """Each error of the room is told with its own code and a status below 500, but a broken programme."""

    def kinds(kind: type[errors.LoyaltyError]) -> list[type[errors.LoyaltyError]]:
        return [kind, *(each for sub in kind.__subclasses__() for each in kinds(sub))]

    for kind in kinds(errors.LoyaltyError):
        error = kind("field", "words") if issubclass(kind, errors.CustomerRefused) else kind("words")
        told = problems.problem(error)
        assert (told.code, told.text) == (kind.code, "words")
        assert told.status == 503 if issubclass(kind, errors.ProgrammeError) else 400 <= told.status < 500
