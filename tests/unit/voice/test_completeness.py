"""Whether words could end a turn."""

import pytest

from shopbell.voice.completeness import completeness


@pytest.mark.parametrize(
    "text",
    [
        "do you sell oat milk", "can I return this grinder", "what time do you close", "yes", "no thanks",
        "how much is it", "is it gluten free", "I'd like two please", "what cakes do you have",
        "can you do that",
        "I bought it last week", "where can I park", "turn it off", "I think so", "",
    ],
)  # fmt: skip
def test_whole_sentences_stand(text: str) -> None:
    """What a customer may leave so is taken as finished."""
    assert completeness(text) > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "I would like to", "do you have any", "I want to return a", "what about the", "can I", "my order is",
        "I bought it because", "it's for my", "the grinder and", "I was wondering if", "um", "a pound of",
        "I'd like a coffee,", "can you tell me how",
    ],
)  # fmt: skip
def test_words_that_want_another_hang(text: str) -> None:
    """What nobody ends with is waited for."""
    assert completeness(text) < 0.5
