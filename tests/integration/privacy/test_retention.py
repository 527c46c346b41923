"""Retention on a clock that is moved: what is older than the shop keeps it goes, and nothing else."""

import os
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.privacy.keeping import Retention
from shopbell.assistant.privacy.retention import past_sweeps, sweep_once
from shopbell.assistant.store import EventLog, conversation_table, event_table
from shopbell.knowledge.gaps import Gaps, list_gaps
from shopbell.knowledge.history import ASSISTANT, History
from shopbell.loyalty.registry import message_table
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.zelda import NOW, OTHER, Shop

KEEPS = Retention(anonymous=30, conversations=90, unanswered=120, messages=20, uploads=10)
DAY = timedelta(days=1)


def ages(shop: Shop, now: datetime) -> dict[str, float]:
    """Return the age in days of the oldest thing of each kind."""
    with shop.engine.connect() as db:
        known = sa.select(event_table.c.conversation).where(event_table.c.kind == "Recognised")
        last = sa.select(sa.func.max(event_table.c.at)).group_by(event_table.c.conversation)
        found = {
            "anonymous": db.execute(last.where(event_table.c.conversation.not_in(known))).scalars().all(),
            "conversations": db.execute(last.where(event_table.c.conversation.in_(known))).scalars().all(),
            "unanswered": [gap.last_seen for gap in list_gaps(shop.engine)],
            "messages": db.execute(sa.select(message_table.c.at)).scalars().all(),
        }
    return {
        kind: max(((now - datetime.fromisoformat(at)) / DAY for at in times), default=0.0)
        for kind, times in found.items()
    }


def test_nothing_older_than_its_limit_is_left_over_400_days(shop: Shop) -> None:
    """On each of 400 days people talk; after the day's removal no kind is older than its limit and a day."""
    log, gaps = EventLog(shop.engine), Gaps(shop.engine, FakeEmbedder())
    upload = shop.folder / "imports" / "b.csv"
    os.utime(upload, (NOW.timestamp(), NOW.timestamp()))
    now = NOW
    for number in range(0, 400, 5):
        now = NOW + number * DAY
        for who in ("", OTHER):
            name = f"t{number}{who}"
            log.open(name, f"token-{name}", "web", now)
            if who:
                log.append(name, e.Recognised(customer=who), now)
            log.append(name, e.CustomerSaid(text="hello there", key="k"), now, "k")
        gaps.keep(f"what about zx{number}?", now)
        sweep_once(shop.place, KEEPS, now)
        for kind, oldest in ages(shop, now).items():
            assert oldest <= getattr(KEEPS, kind) + 1, (kind, number)
    assert not upload.exists()
    assert shop.floor.sound()
    assert ages(shop, now)["conversations"] > 80


def test_it_is_done_once_a_day_and_told(shop: Shop) -> None:
    """The second look of a day finds it done; what was removed can be read."""
    later = NOW + 200 * DAY
    done = sweep_once(shop.place, Retention(), later)
    assert done is not None
    assert done.removed["conversations"] == 2
    assert sweep_once(shop.place, Retention(), later + timedelta(minutes=5)) is None
    assert past_sweeps(shop.engine)[0] == done
    assert sweep_once(shop.place, Retention(), later + DAY) is not None


def test_what_was_removed_is_in_no_byte(shop: Shop) -> None:
    """The words of a removed conversation are not left in the database's file or log."""
    said = b"do you have Zanzibar"
    files = [path for path in shop.folder.iterdir() if path.name.startswith("shop.db")]
    assert any(said in path.read_bytes() for path in files)
    sweep_once(shop.place, Retention(unanswered=30), NOW + 200 * DAY)
    assert not any(said in path.read_bytes() for path in shop.folder.iterdir() if path.is_file())


def test_what_was_noted_of_a_conversation_goes_when_conversations_go(shop: Shop) -> None:
    """The line on a conversation is kept as long as conversations are; what somebody told stays."""
    history = History(shop.engine, FakeEmbedder().embed)
    for by in (ASSISTANT, "customer"):
        history.remember(OTHER, f"from {by}", NOW, channel="web", by=by)
    sweep_once(shop.place, KEEPS, NOW + 89 * DAY)
    assert len(history.all(OTHER)) == 2
    sweep_once(shop.place, KEEPS, NOW + 91 * DAY)
    assert [one.text for one in history.all(OTHER)] == ["from customer"]


def test_an_empty_conversation_goes_too(shop: Shop) -> None:
    """A conversation in which nothing was said is removed with the others."""
    EventLog(shop.engine).open("t-empty", "token-empty", "web", NOW.astimezone(UTC))
    sweep_once(shop.place, Retention(), NOW + 31 * DAY)
    with shop.engine.connect() as db:
        assert "t-empty" not in db.execute(sa.select(conversation_table.c.id)).scalars().all()
