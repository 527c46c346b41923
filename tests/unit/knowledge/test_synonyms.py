from shopbell.knowledge.synonyms import Synonyms, parse_synonyms
from shopbell.knowledge.words import stems


def test_reads_groups() -> None:
    """Groups are parted by semicolons, their phrases by equals signs; a lone phrase says nothing."""
    groups = parse_synonyms("expresso=espresso; opening times = hours ;lonely; =")
    assert groups == (("expresso", "espresso"), ("opening times", "hours"))


def test_the_longest_phrase_wins() -> None:
    """Of overlapping phrases the longest is taken, and its place is given."""
    synonyms = Synonyms([("opening times", "hours"), ("times", "clock")])
    found = synonyms.found(stems("your opening times please"))
    assert found == [(1, 3, {("hour",): "hours"})]


def test_a_shop_without_synonyms_finds_none() -> None:
    """No groups, no finds."""
    assert Synonyms().found(stems("opening times")) == []
