"""What words spoken into a reply mean."""

import pytest

from shopbell.voice.backchannel import meaning

SAYING = "You can bring it back within thirty days, with the receipt."


@pytest.mark.parametrize(
    "heard",
    ["Mm-hm.", "Mhm", "Uh-huh.", "Yeah.", "Okay, right.", "I see.", "Yes, yes.", "Hmm.", "Got it, thanks."],
)
def test_going_on_is_wished(heard: str) -> None:
    """A listener's noises let the reply go on."""
    assert meaning(heard, SAYING) == "go-on"


@pytest.mark.parametrize(
    "heard",
    [
        "No wait.",
        "Stop.",
        "Hold on.",
        "Sorry, what?",
        "But I lost it.",
        "Yeah but I lost it.",
        "What about tea?",
    ],
)
def test_anything_else_stops(heard: str) -> None:
    """Words that say something stop the reply."""
    assert meaning(heard, SAYING) == "stop"


def test_our_own_voice_is_known() -> None:
    """What comes back word for word is an echo; one word of it may well be a question."""
    assert meaning("within thirty days with the receipt", SAYING) == "echo"
    assert meaning("Thirty days?", SAYING) == "stop"
    assert meaning("", SAYING) == "nothing"
