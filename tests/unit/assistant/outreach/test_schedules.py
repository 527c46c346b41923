"""No message without consent, basis, cap and hours, over random lives of customers."""

from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from shopbell.assistant.outreach import policy
from shopbell.storage.database import open_database
from tests.fakes.schedules import decided, run


def quick(path: Path) -> sa.Engine:
    engine = open_database(path)
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    engine.dispose()
    return engine


def many(number: int) -> tuple[int, list[str]]:
    random, went, wrong = Random(8), 0, list[str]()
    for _ in range(number):
        some, bad = decided(random)
        went, wrong = went + some, wrong + bad
    return went, wrong


def test_10_000_schedules_send_nothing_that_may_not_go() -> None:
    """The deciding core, asked over and over for 10,000 customers: 0 messages against the rules."""
    went, wrong = many(10_000)
    assert wrong == []
    assert went > 5_000


@pytest.mark.parametrize("broken", ["_cap", "_opens", "_complaint", "_never"])
def test_the_oracle_sees_what_is_broken(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """With one of the rules left out, messages go that may not, and the check says so."""
    instead = {
        "_cap": lambda *_: None,
        "_complaint": lambda *_: None,
        "_never": lambda *_: "",
        "_opens": lambda _rules, _zone, now: now,
    }
    monkeypatch.setattr(policy, "basis", lambda *_: "consent to marketing of 1 January 2026 (words 1)")
    monkeypatch.setattr(policy, broken, instead[broken])
    assert many(200)[1] != []


def test_the_outbox_sends_nothing_that_may_not_go(tmp_path: Path) -> None:
    """Lives with changes of mind, complaints, moves, bounces and kills, in the real outbox: 0 as well."""
    went, wrong = run(quick(tmp_path / "shop.db"), seed=8, lives=40)
    assert wrong == []
    assert went > 10
