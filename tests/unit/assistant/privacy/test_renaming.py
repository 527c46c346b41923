"""Renaming: what names a person goes, what looks alike stays."""

import pytest

from shopbell.assistant.privacy.person import Person, name_patterns
from shopbell.assistant.privacy.renaming import GONE, Renaming

PERSON = Person(
    ids=("c-5f2e9a", "7"),
    names=("Ann-Marie O'Neil",),
    phones=("+447700900123",),
    emails=("ann.m@example.com",),
    codes=("K7P2-9QX",),
    talks=(),
)
RENAMING = Renaming({"c-5f2e9a": "erased-1", "7": "erased-2"}, name_patterns(PERSON), ("reason",))


@pytest.mark.parametrize(
    "said",
    [
        "Ann-Marie O'Neil",
        "ANN-MARIE  O'NEIL",
        "+447700900123",
        "07700 900123",
        "(07700) 900-123",
        "00447700900123",
        "ANN.M@example.com",
        "k7p2-9qx",
    ],
)
def test_names_go_however_they_are_written(said: str) -> None:
    """Name, number, address and code are found in any spelling a person uses, and nothing around them."""
    assert RENAMING.other(f"call {said}, please") == f"call {GONE}, please"


@pytest.mark.parametrize(
    "said", ["Mann-Marie O'Neils", "17700900123456", "xann.m@example.community", "7 points"]
)
def test_what_looks_alike_stays(said: str) -> None:
    """A longer word, a longer number and another address are somebody else's."""
    assert RENAMING.other(said) == said


def test_json_is_changed_value_by_value() -> None:
    """Ids become pseudonyms as values and as keys; a number that happens to be the same stays."""
    said = '{"customer":"7","points":7,"by":{"c-5f2e9a":1},"reason":"sorry","birthday":[5,9]}'
    kept = '{"customer":"erased-2","points":7,"by":{"erased-1":1},"reason":"[erased]","birthday":null}'
    assert RENAMING.own(said) == kept


def test_json_of_others_keeps_their_own_words() -> None:
    """In a row about somebody else only the person is taken out."""
    said = '{"reason":"brought by c-5f2e9a","birthday":[5,9],"referred":{"by":"7"}}'
    assert RENAMING.other(said) == '{"reason":"brought by erased-1","birthday":[5,9],"referred":null}'


def test_keys_of_the_ledger_are_renamed_where_they_hold_an_id() -> None:
    """A key made of an id is renamed; one with a number of a purchase is not."""
    assert RENAMING.own("lapse:7:points:2026-01-01:9") == "lapse:erased-2:points:2026-01-01:9"
    assert RENAMING.own("purchase:7:0") == "purchase:7:0"
