"""A console without a server: a line that says what it is told to, and a house with fixed answers."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.app import ConsoleApp
from shopbell.tui.around import Around
from shopbell.tui.errors import Refused
from shopbell.tui.state import Frame, Link
from tests.fakes.figures import ANSWERS as FIGURE_ANSWERS
from tests.fakes.letters import ANSWERS as LETTER_ANSWERS
from tests.fakes.patron import ANSWERS as PATRON_ANSWERS

Form = TypeVar("Form")
TOKEN = "tok"  # noqa: S105 - of a fake
NOW = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
COUNTER = ("customers", "reveal", "award", "redeem", "approve", "merge", "letters")
ME = w.SignedIn(
    name="Anna",
    role="manager",
    rights=(
        "floor",
        "export",
        "knowledge",
        "publish",
        "system",
        "restart",
        "ghost",
        "numbers",
        "figures",
        *COUNTER,
    ),
    shop="Lantern Street Coffee & Bakery",
    assistant="Wick",
    canned=(
        w.Canned(name="one moment", text="One moment, I am looking it up for you."),
        w.Canned(name="thanks", text="Thank you for waiting. Have a lovely day!"),
    ),
    presence=wire.Presence(staffed=True, text="Someone is here until 17:00."),
    ends_at=NOW + timedelta(hours=12),
)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def card(name: str, **changes: Any) -> w.Card:
    known = w.Card(conversation=name, channel="web", holder="assistant", started_at=ago(600), since=ago(30))
    return msgspec.structs.replace(known, **changes)


CARDS = (
    card(
        "c-3fa2",
        holder="waiting",
        need="waiting",
        since=ago(192),
        reason="asked",
        last_who="customer",
        last="Can I talk to somebody about the cake for Saturday?",
        rung="rule",
        version=4,
        unanswered=1,
    ),
    card(
        "c-91be",
        channel="kiosk",
        holder="waiting",
        need="waiting",
        since=ago(41),
        reason="failed-turns",
        last_who="customer",
        last="No, the OTHER grinder.",
        rung="model",
        version=2,
        unanswered=2,
    ),
    card(
        "c-77d0",
        need="frustrated",
        mood="frustrated",
        since=ago(75),
        last_who="customer",
        last="This is the third time I ask. Where is my order?",
        rung="faq",
        version=1,
    ),
    card(
        "c-0c41",
        holder="staff",
        staff="Ben",
        since=ago(20),
        last_who="staff",
        last="It is on the shelf for you.",
        rung="person",
        version=3,
    ),
    card(
        "c-5e18",
        since=ago(8),
        last_who="assistant",
        last="We open at 07:30 on Saturdays.",
        rung="faq",
        version=0,
        need="vip",
        customer="c0042",
        who="Niamh Fennmere",
        tier="Beacon",
        known="verified",
    ),
    card(
        "c-a9f3",
        channel="phone",
        since=ago(4),
        last_who="customer",
        answering=True,
        rung="model",
        last="Do you roast a decaf that is good for espresso?",
    ),
)
SOURCES = (
    wire.Source(
        id="cakes#order",
        title="How do I order a cake?",
        source="faq/cakes.md:12",
        text="Whole cakes are baked to order: tell us two days before, by noon. "
        "A deposit of 10 pounds holds it.",
    ),
    wire.Source(
        id="cakes#sizes",
        title="Which sizes are there?",
        source="faq/cakes.md:20",
        text="Six inches serves eight, ten inches serves twenty.",
    ),
)
REPLY = wire.Replied(
    seq=3,
    reply="r1",
    rung="model",
    at=ago(240),
    sources=SOURCES,
    text="Whole cakes are baked to order. Please tell us two days before, by noon; "
    "a deposit of 10 pounds holds it.",
    why="Two passages fit, neither for sure, so the model answered from them.",
    timings=wire.Timings(search_s=0.04, queue_s=0.1, first_word_s=0.8, total_s=3.2),
)
STORY: tuple[w.Shown, ...] = (
    wire.Said(seq=1, who="customer", text="Hello! Do you make birthday cakes?", at=ago(250)),
    w.Answered(
        reply=REPLY,
        subject="cakes",
        trace=(
            "rule: nothing",
            "flow: nothing",
            "search: cakes#order 0.71, cakes#sizes 0.55; unsure",
            "model: answered from 2 passages; every number stands in a source",
        ),
    ),
    wire.Rated(seq=4, reply="r1", helpful=False),
    wire.Said(seq=5, who="customer", text="Can I talk to somebody about the cake for Saturday?", at=ago(195)),
    wire.FloorChanged(seq=6, holder="waiting"),
    wire.Said(
        seq=7, who="notice", text="You asked for a person. Someone will be with you shortly.", at=ago(192)
    ),
    w.Private(seq=8, kind="note", name="Ben", text="Saturday is full; Sunday works.", at=ago(100)),
    wire.Current(seq=8),
)


class FakeLine:
    """Says what was put into it; remembers what it was sent and does what a server would."""

    def __init__(self, *frames: Frame) -> None:
        self.sent: list[w.StaffFrame] = []
        self.up = True
        self.refuses = False
        self.late: wire.Trouble | None = None
        """What a refused take-over gets, once the test lets it come."""
        self.queue: asyncio.Queue[Frame] = asyncio.Queue()
        self.first = frames
        self.stories: dict[str, tuple[w.Shown, ...]] = {"c-3fa2": STORY}

    async def frames(self, token: str) -> AsyncGenerator[Frame, None]:
        for frame in self.first:
            yield frame
        while True:
            yield await self.queue.get()

    def tell(self, *frames: Frame) -> None:
        for frame in frames:
            self.queue.put_nowait(frame)

    def told(self, name: str, *frames: w.Shown) -> None:
        self.tell(*(w.Told(conversation=name, frame=frame) for frame in frames))

    async def send(self, frame: w.StaffFrame) -> bool:
        if not self.up:
            return False
        self.sent.append(frame)
        if isinstance(frame, w.Watch):
            self.told(frame.conversation, *self.stories.get(frame.conversation, (wire.Current(seq=0),)))
        elif isinstance(frame, w.TakeOver) and self.refuses:
            self.late = wire.Trouble(code="floor-taken", text="Ben answers there already.", key=frame.key)
        elif isinstance(frame, w.TakeOver):
            self.tell(w.Done(key=frame.key, seq=9))
            held = next(one for one in CARDS if one.conversation == frame.conversation)
            taken = {"holder": "staff", "staff": ME.name, "need": "rest", "since": NOW}
            self.tell(msgspec.structs.replace(held, **taken))
            self.told(frame.conversation, wire.FloorChanged(seq=9, holder="staff", name=ME.name))
        elif isinstance(frame, w.StaffSay):
            self.tell(w.Done(key=frame.key, seq=10))
            said = wire.Said(seq=10, who="staff", text=frame.text, at=NOW, name=ME.name)
            self.told(frame.conversation, said)
        elif isinstance(frame, w.Suggest):
            draft = w.Suggested(
                seq=11,
                draft="d1",
                text="Sunday works; shall I put you down for it?",
                rung="model",
                sources=SOURCES[:1],
                at=NOW,
            )
            self.told(frame.conversation, draft)
        return True

    def of(self, kind: type[Form]) -> list[Form]:
        return [frame for frame in self.sent if isinstance(frame, kind)]


ANSWERS: dict[str, msgspec.Struct] = {
    **PATRON_ANSWERS,
    **FIGURE_ANSWERS,
    **LETTER_ANSWERS,
    "knowledge/gaps": w.Gaps(
        gaps=(
            w.GapRow(
                id=7,
                example="do you have gluten free croissants",
                count=9,
                first_seen="2026-11-02",
                last_seen="2026-11-21",
            ),
            w.GapRow(
                id=9, example="can i bring my dog", count=4, first_seen="2026-11-10", last_seen="2026-11-20"
            ),
            w.GapRow(
                id=4,
                example="is there parking behind the shop",
                count=1,
                first_seen="2026-11-19",
                last_seen="2026-11-19",
            ),
        )
    ),
    "knowledge/problems": w.Complaints(
        problems=(
            w.Complaint(
                severity="warning",
                place="faq/hours.md:8",
                text="Two answers give different closing times for Sunday.",
            ),
        )
    ),
    "knowledge/expiring": w.Expiring(
        facts=(
            w.ExpiringRow(
                id="xmas#stollen",
                title="Do you have stollen?",
                source="faq/christmas.md:3",
                last_day="2026-11-30",
                days=9,
            ),
        )
    ),
    "knowledge/preview": w.Preview(
        entry="## Do you have gluten free croissants?\n\nNo, but our almond cake is gluten free.",
        file="faq/answered.md",
        before="none",
        after="sure",
        wins=True,
        found=(w.Found(source=SOURCES[1], score=0.31),),
    ),
    "knowledge/publish": w.Published(id="answered#gf", file="faq/answered.md"),
    "system": w.SystemReport(
        status="ok",
        version="0.1.0",
        model="Qwen2.5 1.5B",
        model_state="ready",
        model_detail="loaded in 2.1 s",
        restarts=1,
        queue=2,
        conversations=6,
        consoles=2,
        passages=214,
        disk_free_bytes=52_000_000_000,
        disk_total_bytes=240_000_000_000,
        data_bytes=88_000_000,
        problems=(w.Complaint(severity="warning", place="", text="The model was started anew at 09:12."),),
        parts=(
            w.Part(
                name="Hearing", state="ready", how="well", text="whisper-tiny.en, 0.62 s for a short turn"
            ),
            w.Part(name="Speaking", state="ready", how="well", text="en_US-joe-medium"),
            w.Part(
                name="Telephone",
                state="unreachable",
                how="amiss",
                text="192.168.178.1 does not answer. Is the box switched on, and is its address right?",
            ),
        ),
        backup="The last backup was made 1 day ago.",
    ),
    "system/model/restart": w.Kept(),
    "ghost": w.GhostReport(
        topics=(
            w.GhostTopic(topic="returns", in_a_row=7, accepted=18, edited=3, rejected=1, lapsed=1),
            w.GhostTopic(topic="delivery", in_a_row=20, accepted=24, edited=1, promoted_at=ago(86_400)),
        ),
        promote_after=20,
        deadline_s=60.0,
    ),
    "ghost/take-back": w.Kept(text="Replies on delivery need approval again."),
    "numbers": w.Numbers(
        day="2026-11-21",
        conversations=41,
        customer_messages=133,
        handovers=6,
        waiting_median_s=38.0,
        waiting_longest_s=192.0,
        unserved=1,
        thumbs_up=18,
        thumbs_down=3,
        stars=4.4,
        stars_given=9,
        resolved=33,
        drafts={"accepted": 3, "edited": 2},
        rungs=(
            w.RungNumbers(rung="faq", replies=61, median_s=0.05, p95_s=0.09),
            w.RungNumbers(rung="model", replies=34, median_s=0.9, p95_s=2.4),
            w.RungNumbers(rung="rule", replies=12, median_s=0.01, p95_s=0.02),
        ),
        by_hour=(0,) * 7 + (4, 9, 14, 12, 2) + (0,) * 12,
        trade=w.Trade(
            sales=64, amount="£512.40", known=41, known_amount="£371.10", issued=3_711, redeemed=450
        ),
    ),
}
NOTHING: dict[str, msgspec.Struct] = {
    "knowledge/gaps": w.Gaps(gaps=()),
    "knowledge/problems": w.Complaints(problems=()),
    "knowledge/expiring": w.Expiring(facts=()),
    "numbers": w.Numbers(
        day="2026-11-21",
        conversations=0,
        customer_messages=0,
        handovers=0,
        waiting_median_s=0.0,
        waiting_longest_s=0.0,
        unserved=0,
        thumbs_up=0,
        thumbs_down=0,
        stars=0.0,
        stars_given=0,
        resolved=0,
        drafts={},
        rungs=(),
        by_hour=(0,) * 24,
        trade=w.Trade(sales=3, amount="£21.40", known=1, known_amount="£7.40", issued=74, redeemed=0),
    ),
}


class FakeHouse:
    """Gives fixed answers; the password is `right`."""

    def __init__(self, answers: dict[str, msgspec.Struct] | None = None) -> None:
        self.answers = ANSWERS if answers is None else answers
        self.told: list[tuple[str, msgspec.Struct | None]] = []
        self.token = ""

    def resume(self, token: str) -> None:
        self.token = token

    async def login(self, name: str, password: str) -> w.Session:
        if password != "right":  # noqa: S105 - of a fake
            raise Refused("bad-login", "Name or password is wrong.")
        return w.Session(token=TOKEN, name=name, role=ME.role, rights=ME.rights, ends_at=ME.ends_at)

    async def join(self, code: str, name: str, password: str) -> w.Session:
        return await self.login(name, password)

    async def ask(self, path: str, answer: type[Form]) -> Form:
        return await self.tell(path, None, answer)

    async def tell(self, path: str, body: msgspec.Struct | None, answer: type[Form]) -> Form:
        self.told.append((path, body))
        found = self.answers.get(path)
        if not isinstance(found, answer):
            raise Refused("not-found", "There is no such thing.")
        return found


def around() -> Around:
    numbers = iter(range(1, 10_000))
    return Around(now=lambda: NOW, zone=UTC, new_key=lambda: f"k{next(numbers)}", clock=lambda: 0.0)


def fake_app(
    line: FakeLine | None = None,
    house: FakeHouse | None = None,
    *,
    token: str = TOKEN,
    cards: tuple[w.Card, ...] = CARDS,
) -> ConsoleApp:
    """Return a console that is signed in and sees the floor."""
    line = line or FakeLine()
    if not line.first:
        line.first = (ME, Link("live"), w.Cards(cards=cards))
    return ConsoleApp(line, house or FakeHouse(), token=token, around=around())
