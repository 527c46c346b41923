from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge import gaps as room
from shopbell.knowledge.gaps import MAX_LETTERS, Gaps, forget_gap, list_gaps, masked
from shopbell.storage.database import open_database
from tests.fakes.embedder import FakeEmbedder

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(tmp_path / "data/shop.db")
    yield engine
    engine.dispose()


@pytest.fixture
def gaps(engine: sa.Engine) -> Gaps:
    return Gaps(engine, FakeEmbedder())


def test_like_questions_are_one_group(gaps: Gaps, engine: sa.Engine) -> None:
    """They are counted together, with the newest wording and the first and last time."""
    gaps.keep("do you sell car tyres", NOON)
    gaps.keep("do you sell bicycle tyres?", NOON + timedelta(hours=1))
    gaps.keep("where is the moon tonight", NOON + timedelta(hours=2))
    first, second = list_gaps(engine)
    assert (first.example, first.count) == ("do you sell bicycle tyres?", 2)
    assert (first.first_seen, first.last_seen) == ("2026-11-21T12:00:00+00:00", "2026-11-21T13:00:00+00:00")
    assert (second.example, second.count) == ("where is the moon tonight", 1)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("call me on +44 1632 960142 please", "call me on [number] please"),
        ("(01632) 960-142 is me", "([number] is me"),
        ("order 123456?", "order [number]?"),
        ("card 4111-1111-1111-1111", "card [number]"),
        ("mail jo.b+x@shop.example now", "mail [e-mail] now"),
        ("is it 12.50 or 30 days", "is it 12.50 or 30 days"),
        ("a\x1b[31mred\x00\u202e\n  line", "a[31mred line"),
        ("x" * 1_000, "x" * MAX_LETTERS),
    ],
)
def test_what_could_name_a_person_is_masked(said: str, kept: str) -> None:
    """Addresses, long numbers, control marks and length never reach the table."""
    assert masked(said) == kept


@given(st.text(max_size=2_000))
def test_any_question_can_be_masked(said: str) -> None:
    """What is kept is one short line without control marks."""
    kept = masked(said)
    assert len(kept) <= MAX_LETTERS
    assert kept.isprintable() or not any(ord(letter) < 32 for letter in kept)


@pytest.mark.parametrize("said", ["", "  ", "123 456 789", "?!", "a@b.example", "\x00\x07"])
def test_what_holds_no_word_is_not_kept(gaps: Gaps, engine: sa.Engine, said: str) -> None:
    """Noise is no gap."""
    assert gaps.keep(said, NOON) is None
    assert list_gaps(engine) == ()


def test_a_group_can_be_forgotten_without_a_trace(gaps: Gaps, engine: sa.Engine, tmp_path: Path) -> None:
    """Not even the files of the database hold it after that."""
    kept = gaps.keep("do you sell sandalwood", NOON)
    assert kept is not None
    assert forget_gap(engine, kept.id)
    assert not forget_gap(engine, kept.id)
    assert not any(b"sandalwood" in path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_the_number_of_groups_is_capped(
    gaps: Gaps, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group asked least and longest ago makes room."""
    monkeypatch.setattr(room, "MAX_GROUPS", 2)
    for minute, said in enumerate(["alpha", "alpha", "beta", "gamma"]):
        gaps.keep(said, NOON + timedelta(minutes=minute))
    assert [each.example for each in list_gaps(engine)] == ["alpha", "gamma"]
