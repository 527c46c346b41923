"""Feedback: marks from every place, bad ones called about once, scores that can be silent, themes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.feedback.comments import Comment, comments
from shopbell.assistant.feedback.scores import csat, nps
from shopbell.assistant.feedback.tasks import follow_up
from shopbell.assistant.feedback.themes import themes
from shopbell.assistant.store import EventLog
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.customers import Customer, Customers
from shopbell.storage.database import open_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(tmp_path / "shop.db")
    people = Customers(engine, region="GB", draw=lambda size: bytes(range(size)))
    people.create(Customer(id="ann", name="Ann Field", phone="07700 900123", joined_at=NOW))
    log = EventLog(engine)
    for name, who, stars in (("t1", "ann", 1), ("t2", "", 2), ("t3", "ann", 5)):
        log.open(name, f"token-{name}", "web", NOW)
        if who:
            log.append(name, e.Recognised(customer=who, level="verified"), NOW)
        log.append(name, e.Starred(stars=stars, comment=f"words of {name}"), NOW)
    return engine


def mark(kind: str, score: int, number: int, text: str = "") -> Comment:
    return Comment(
        key=f"{kind}{number}",
        kind=kind,  # type: ignore[arg-type]  # one of the kinds
        conversation=f"t{number}",
        customer=f"c{number}",
        at=NOW,
        score=score,
        text=text,
    )


def test_a_bad_mark_becomes_one_call_back(engine: sa.Engine) -> None:
    """Of who is known and can be reached; linked to its conversation; asked again, nothing is added."""
    Casebook(engine).add(Case(key="n", kind="nps", customer="ann", conversation="t9", at=NOW, score=3))
    assert follow_up(engine, NOW) == 2
    assert follow_up(engine, NOW) == 0
    found = {one.conversation: one for one in Casebook(engine).open()}
    assert set(found) == {"t1", "t9"}
    assert found["t1"].text == "Gave 1 of 5: “words of t1”"
    assert found["t1"].wanted == "+447700900123"
    assert found["t9"].text == "Gave 3 of 10."
    assert follow_up(engine, NOW + timedelta(days=30)) == 0


def test_comments_come_with_their_conversation_and_mood(engine: sa.Engine) -> None:
    """Stars of the page and marks of the chat stand side by side."""
    found = {one.conversation: one for one in comments(engine, NOW - timedelta(days=1))}
    assert {name: one.mood for name, one in found.items()} == {
        "t1": "unhappy",
        "t2": "unhappy",
        "t3": "happy",
    }
    assert (found["t1"].customer, found["t2"].customer) == ("ann", "")
    assert mark("csat", 3, 1, "this is useless!!!").mood == "unhappy"


def test_nps_by_hand() -> None:
    """12 of 20 promoters, 4 detractors: +40, adjusted Wald from +2 to +67; 19 answers say nothing."""
    marks = [mark("nps", score, n) for n, score in enumerate([10] * 12 + [7] * 4 + [2] * 4)]
    found = nps(marks)
    assert found.value == pytest.approx(40)
    assert (round(found.low), round(found.high)) == (2, 67)
    assert nps(marks[:-1]).value is None
    assert "19 of the 20" in nps(marks[:-1]).text
    assert nps([*marks, mark("nps", 0, 0)]).value == pytest.approx(30)  # the last word of a customer counts


def test_csat_by_hand() -> None:
    """15 of 20 with four or five stars: 75 %, Wilson from 53 to 89."""
    marks = [mark("csat", score, n) for n, score in enumerate([5] * 10 + [4] * 5 + [3] * 5)]
    found = csat(marks)
    assert (found.value, round(found.low), round(found.high)) == (75, 53, 89)
    assert csat(marks[:19]).value is None


def embed(texts: "list[str]") -> npt.NDArray[np.float32]:
    """Place comments by their first word, a little apart."""
    words = sorted({text.split()[0] for text in texts})
    found = np.zeros((len(texts), len(words) + 1), dtype=np.float32)
    for at, text in enumerate(texts):
        found[at, words.index(text.split()[0])] = 1
        found[at, -1] = 0.01 * at
    return found


def test_comments_of_one_thing_stand_together() -> None:
    """Largest theme first, named by words somebody wrote; marks without words are left out."""
    said = ["coffee was cold", "coffee is weak", "queue too long", "coffee tepid", "", "queue again"]
    marks = [mark("csat", 1 if "coffee" in text else 5, n, text) for n, text in enumerate(said)]
    found = themes(marks, embed)  # type: ignore[arg-type]  # lists are sequences
    assert [(len(one.comments), one.unhappy, one.happy) for one in found] == [(3, 3, 0), (2, 0, 2)]
    assert found[0].label.startswith("coffee")
    assert themes([], embed) == ()  # type: ignore[arg-type]  # as above
    assert len(themes(marks[:1], embed)) == 1  # type: ignore[arg-type]  # as above
