"""Which texts are alike, found anew only for new ones."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge import likeness
from shopbell.knowledge.lexical import Rows, Scores
from shopbell.knowledge.likeness import Alike, Likeness

LEAST = 0.6
texts = st.lists(st.sampled_from([f"text {number}" for number in range(12)]), max_size=20)


def vectors(of: list[str]) -> Scores:
    """Return a unit vector of each text, the same for the same text."""
    rows = [np.random.default_rng(int(text.split()[1])).random(3) - 0.3 for text in of]
    whole = np.array(rows, dtype=np.float32).reshape(-1, 3)
    return np.asarray(whole / np.linalg.norm(whole, axis=1, keepdims=True), dtype=np.float32)


@given(states=st.lists(texts, min_size=1, max_size=4))
def test_after_edits_it_knows_what_a_fresh_look_finds(states: list[list[str]]) -> None:
    """Whatever was added, dropped, moved or doubled, the pairs are those found from nothing, each once."""
    remembering = Likeness(LEAST)
    for state in states:
        found = remembering.pairs(state, vectors(state))
        fresh = Likeness(LEAST).pairs(state, vectors(state))
        assert [pair[:2] for pair in found] == [pair[:2] for pair in fresh]
        cosines = vectors(state) @ vectors(state).T
        assert [pair[:2] for pair in found] == [
            (one, two)
            for one in range(len(state))
            for two in range(one + 1, len(state))
            if cosines[one, two] >= LEAST
        ]


def test_what_was_cut_off_is_found_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a look that met too many pairs, the next one begins from nothing."""
    monkeypatch.setattr(likeness, "MAX_PAIRS", 3)
    looking = Likeness(LEAST)
    assert len(looking.pairs(["text 1"] * 5, vectors(["text 1"] * 5))) == 3
    assert [pair[:2] for pair in looking.pairs(["text 1"] * 2, vectors(["text 1"] * 2))] == [(0, 1)]


def test_only_what_is_new_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three hundred texts and one new one, one row is compared."""
    compared: list[int] = []
    looking = Likeness(LEAST)
    original = looking._compared

    def counted(fresh: Rows, rows: Scores) -> Iterator[Alike]:
        compared.append(len(fresh))
        return original(fresh, rows)

    monkeypatch.setattr(looking, "_compared", counted)
    many = [f"text {number}" for number in range(300)]
    looking.pairs(many, vectors(many))
    looking.pairs([*many, "text 300"], vectors([*many, "text 300"]))
    assert compared == [300, 1]
