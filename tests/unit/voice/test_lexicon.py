"""The shop's lexicon."""

from shopbell.voice.lexicon import HINT_TOKENS, MOST, rare, told_before

COMMON = frozenset("coffee house blend bag of the washed hand grinder tea ethiopia".split())


def is_common(word: str) -> bool:
    return word.lower() in COMMON


def test_only_names_that_nobody_knows_are_hints() -> None:
    """A rare word comes with its neighbours; common ones are left out."""
    names = ["House Blend", "Ethiopia Yirgacheffe washed", "AeroPress hand grinder", "Yirgacheffe bag"]
    assert rare(names, is_common) == ("Ethiopia Yirgacheffe washed", "AeroPress hand")


def test_there_are_never_too_many() -> None:
    """The first names count most."""
    hints = rare((f"Blend{sign}" for sign in "abcdefghijklmnopqrstuvwxyz"), is_common)
    assert hints[0] == "Blenda"
    assert len(hints) == MOST


def test_names_are_told_as_a_shop_would_say_them() -> None:
    """As many as there is room for, and nothing at all without a name."""
    told = told_before(["Yirgacheffe", "AeroPress"], lambda _: HINT_TOKENS // 2)
    assert told == " Welcome! We have Yirgacheffe, AeroPress. What can I do for you?"
    assert "AeroPress" not in told_before(["Yirgacheffe", "AeroPress"], lambda _: HINT_TOKENS // 2 + 1)
    assert told_before([], len) == ""
