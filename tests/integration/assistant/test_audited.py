"""Five hundred things that three members of staff do at once: each is in the audit log exactly once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.limits import Limits
from shopbell.storage.buckets import Rate
from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.staff import NAMES, ROLES, Staffed, Terminal, staffed, terminal

TALKS = 6
DEEDS = 500
Line = tuple[str, str, str]
"""Who, what, in which conversation."""


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    fast = Limits(frames=Rate(10_000, 10_000), posts=Rate(10_000, 10_000))  # nobody types as this script does
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(at_once), limits=fast) as made:
        yield made


class Person:
    """One member of staff who does things at random and remembers what was done."""

    def __init__(self, shop: Staffed, role: w.Role, console: Terminal, talks: list[str], seed: int) -> None:
        self.shop = shop
        self.role = role
        self.name = NAMES[role]
        self.console = console
        self.talks = talks
        self.luck = random.Random(seed)
        self.held: set[str] = set()
        self.done: list[Line] = [(self.name, action, self.name) for action in ("join", "login")]
        self.done += [(self.name, "list-viewed", "")]  # a console shows the list when it is signed in
        headers = {"Authorization": f"Bearer {shop.tokens[role]}"}
        self.http = httpx.AsyncClient(base_url=f"{shop.url}/", headers=headers, trust_env=False)

    async def act(self) -> None:
        """Do one thing; what is refused leaves no line."""
        talk = self.luck.choice(self.talks)
        deeds = [self.take, self.say, self.back, self.whisper, self.note, self.suggest, self.look, self.ask]
        await self.luck.choice(deeds)(talk)

    async def take(self, talk: str) -> None:
        card = self.shop.desk.hub.board.card(talk)
        version = card.version if card else 0
        frame = await self.console.do(lambda k: w.TakeOver(key=k, conversation=talk, version=version))
        if isinstance(frame, w.Done) and talk not in self.held:
            self.held.add(talk)
            self.done.append((self.name, "floor-taken", talk))

    async def say(self, talk: str) -> None:
        await self.twice(w.StaffSay(key=self.key(), conversation=talk, text="Here you are."), "staff-said")

    async def whisper(self, talk: str) -> None:
        await self.twice(w.Whisper(key=self.key(), conversation=talk, text="offer her a refill"), "whispered")

    async def note(self, talk: str) -> None:
        await self.twice(w.Note(key=self.key(), conversation=talk, text="saw\r\n\x1b[31mit"), "noted")

    async def back(self, talk: str) -> None:
        frame = await self.console.do(lambda k: w.HandBack(key=k, conversation=talk))
        if isinstance(frame, w.Done):
            self.held.discard(talk)
            self.done.append((self.name, "floor-returned", talk))

    async def suggest(self, talk: str) -> None:
        frame = await self.console.do(lambda k: w.Suggest(key=k, conversation=talk))
        if not isinstance(frame, w.Done):
            return
        self.done.append((self.name, "draft-asked", talk))
        async with self.shop.conversations._entered(talk) as room:
            draft = room.state.draft
        verdict = self.luck.choice(["accepted", "edited", "rejected"])
        if draft is not None:
            judged = w.Judge(self.key(), talk, draft.draft, verdict, "Edited." * (verdict == "edited"))  # type: ignore[arg-type]
            await self.twice(judged, "draft-judged")

    async def look(self, talk: str) -> None:
        await self.console.send(w.Watch(conversation=talk))
        await self.console.until(
            lambda f: isinstance(f, w.Told) and f.conversation == talk and type(f.frame).__name__ == "Current"
        )
        await self.console.send(w.Unwatch(conversation=talk))
        self.done.append((self.name, "conversation-viewed", talk))

    async def ask(self, talk: str) -> None:
        path, action, target = self.luck.choice(
            [
                ("conversations", "list-viewed", ""),
                (f"conversations/{talk}/transcript", "conversation-exported", talk),
                ("audit", "audit-viewed", ""),
            ]
        )
        if (await self.http.get(path)).is_success:
            self.done.append((self.name, action, target))

    async def twice(self, frame: w.StaffFrame, action: str) -> None:
        """Send a command, and now and then again, as after a lost line."""
        again = self.luck.random() < 0.3
        answer = await self.once(frame)
        if again:
            answer = await self.once(frame)
        if isinstance(answer, w.Done):
            self.done.append((self.name, action, frame.conversation))  # type: ignore[union-attr]

    async def once(self, frame: w.StaffFrame) -> object:
        await self.console.send(frame)
        return await self.console.until(lambda f: getattr(f, "key", None) == frame.key)  # type: ignore[union-attr]

    def key(self) -> str:
        return f"{self.luck.getrandbits(64):x}"


async def test_five_hundred_deeds_of_three(shop: Staffed) -> None:
    """The chain holds, and the log says of each who did what, where: nothing lost, nothing made up."""
    talks = [(await shop.conversations.open("web")).conversation for _ in range(TALKS)]
    for talk in talks:
        await shop.conversations.say(talk, "do you sell tea?", "k")
    async with (
        terminal(shop, "clerk") as one,
        terminal(shop, "manager") as two,
        terminal(shop, "owner") as three,
    ):
        people = [
            Person(shop, role, console, talks, seed)
            for seed, (role, console) in enumerate(zip(ROLES, (one, two, three), strict=True))
        ]

        async def work(person: Person) -> None:
            while sum(len(each.done) for each in people) < DEEDS:
                await person.act()

        await asyncio.gather(*(work(person) for person in people))
        for person in people:
            await person.http.aclose()
    expected = Counter(line for person in people for line in person.done)
    lines = shop.office.audit.lines(limit=2_000)
    staff = set(NAMES.values())
    found = Counter((line.actor, line.action, line.target) for line in lines if line.actor in staff)
    assert found == expected
    assert expected.total() >= DEEDS
    assert {action for _, action, _ in expected} >= {"floor-taken", "draft-judged", "conversation-exported"}
    proof = shop.office.audit.verify()
    assert (proof.fault, proof.rows) == ("", len(lines))
    assert all("\n" not in f"{line.actor}{line.target}{line.detail}" for line in lines)
    assert b"\x1b" not in "".join(line.detail for line in lines).encode()
