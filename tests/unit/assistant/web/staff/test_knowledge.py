from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.staff import Staffed, staffed

QUESTION = "have you got loose tea leaves?"


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(at_once)) as made:
        yield made


def client(shop: Staffed, role: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {shop.tokens[role]}"}
    return httpx.AsyncClient(base_url=f"http://{shop.address}/api/staff/", headers=headers, timeout=20)


async def test_an_answer_becomes_an_entry_that_the_shop_gives(shop: Staffed) -> None:
    """From what a person said in a chat, through draft and preview, to the owner's file and its test."""
    name = (await shop.conversations.open("web")).conversation
    await shop.conversations.say(name, QUESTION, "k1")
    version = await shop.desk.counter.take_over(name, "Mara", 0, "t")
    assert version
    seq = await shop.desk.counter.say(name, "Mara", "Yes, ten kinds of loose tea.", "s")
    async with client(shop, "manager") as manager:
        draft = (await manager.post("knowledge/draft", json={"conversation": name, "seq": seq})).json()
        assert (draft["question"], draft["test"]) == (QUESTION, QUESTION)
        preview = (await manager.post("knowledge/preview", json=draft)).json()
        assert (preview["before"], preview["after"], preview["wins"]) == ("none", "sure", True)
        assert not (shop.folder / preview["file"]).exists()
        published = await manager.post("knowledge/publish", json=draft)
        assert published.status_code == 201
        shop.library.refresh()
        passage = shop.library.snapshot.passage(published.json()["id"])
        assert passage is not None
        assert passage.text == "Yes, ten kinds of loose tea."
        report = shop.library.check()
        assert [(row.question, row.is_first_right) for row in report.rows] == [(QUESTION, True)]
        assert (await manager.post("knowledge/retire", json={"id": passage.id})).status_code == 200
        shop.library.refresh()
        after = (await manager.post("knowledge/preview", json=draft)).json()
        assert after["before"] == "none"


async def test_a_clerk_looks_but_does_not_publish(shop: Staffed) -> None:
    """Gaps, problems and facts that end soon are read by everybody; files are changed by managers."""
    shop.folder.joinpath("faq", "xmas.md").write_text(
        f"## Open at Christmas?\n*Valid until: {datetime.now(UTC).date()}*\n\nUntil noon.\n"
    )
    shop.library.refresh()
    async with client(shop, "clerk") as clerk:
        (fact,) = (await clerk.get("knowledge/expiring")).json()["facts"]
        assert (fact["title"], fact["days"]) == ("Open at Christmas?", 0)
        problems = (await clerk.get("knowledge/problems")).json()["problems"]
        assert any("Open at Christmas?" in problem["text"] for problem in problems)
        assert (await clerk.get("knowledge/gaps")).json() == {"gaps": []}
        body = {"question": "Tea?", "answer": "Yes."}
        assert (await clerk.post("knowledge/publish", json=body)).status_code == 403
        system = (await clerk.get("system")).json()
        assert (system["model_state"], system["disk_free_bytes"] > 0) == ("absent", True)
