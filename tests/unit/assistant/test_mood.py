import pytest

from shopbell.assistant.mood import frustrated


@pytest.mark.parametrize(
    "said",
    [
        ["this is ridiculous"],
        ["you’re not helping"],
        ["WHERE IS MY ORDER"],
        ["where is it!!!"],
        ["where is my cake", "where is my cake?", "Where is my cake"],
        ["I already told you twice"],
        ["for the third time: no nuts"],
    ],
)
def test_anger_is_heard(said: list[str]) -> None:
    """Hard words, shouting and saying it over and over count."""
    assert frustrated(said)


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["do you sell DARK RYE?"],
        ["OK THANKS"],
        ["great!"],
        ["yes", "yes"],
        ["is the VAT included in the price of a DIY kit"],
        ["what time do you close on Sunday?", "and on Monday?"],
        ["this is ridiculous", "ok sorry", "do you sell tea", "thanks"],
    ],
)
def test_ordinary_customers_are_calm(said: list[str]) -> None:
    """Names in capitals, short answers and old anger do not count."""
    assert not frustrated(said)
