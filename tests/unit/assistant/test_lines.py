from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.lines import Lines
from shopbell.assistant.settings import Settings, Shop
from tests.fakes.shop import SETTINGS

LINES = Lines(SETTINGS, OpeningHours(SETTINGS))
ZONE = ZoneInfo("Europe/London")
OPEN = datetime(2026, 11, 21, 10, 24, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 21, 23, 0, tzinfo=ZONE)


def test_the_notice_says_it_is_an_ai() -> None:
    """Whatever the shop sets, the first line says that no person speaks."""
    shops = [SETTINGS, Settings(shop=Shop(name="X"))]
    for settings in shops:
        notice = Lines(settings, OpeningHours(settings)).notice
        assert "AI assistant" in notice
        assert "not a person" in notice
        assert settings.shop.name in notice


def test_are_you_human_is_answered_with_no() -> None:
    """The first word is the truth, and a person is offered."""
    assert LINES.human.startswith("No, I am not a person.")
    assert "talk to a person" in LINES.human


def test_a_person_is_promised_only_when_one_is_there() -> None:
    """By day the closing time is said, by night when somebody is back and how else to reach the shop."""
    assert LINES.presence(OPEN).staffed
    assert LINES.person_wanted(OPEN) == (
        "I have let the shop know that you would like a person. Someone is here until 17:00."
    )
    night = LINES.presence(NIGHT)
    assert not night.staffed
    assert night.text == (
        "Nobody is in now; we are back Monday 23 November at 08:00. You can also reach us at 01632 960000."
    )
    assert LINES.person_wanted(NIGHT) == (
        f"I have noted that you would like a person. {night.text} Leave your phone number or e-mail here and "
        "somebody gets back to you then."
    )


def test_a_shop_that_is_never_staffed_says_so() -> None:
    """Without staff hours no return is promised."""
    settings = Settings(shop=Shop(name="X", email="x@example.com"))
    presence = Lines(settings, OpeningHours(settings)).presence(OPEN)
    assert presence.text == "Nobody is in now. You can also reach us at x@example.com."


def test_over_a_long_closure_no_return_is_made_up() -> None:
    """Past the horizon the line says only that nobody is in."""
    presence = LINES.presence(datetime(2027, 6, 2, 12, 0, tzinfo=ZONE))
    assert presence.text == "Nobody is in now. You can also reach us at 01632 960000."


@pytest.mark.parametrize("contact", [("", ""), ("1", ""), ("", "a@b"), ("1", "a@b")])
def test_only_known_ways_are_named(contact: tuple[str, str]) -> None:
    """Phone and mail are named where the shop gave them."""
    shop = replace(SETTINGS.shop, phone=contact[0], email=contact[1])
    settings = replace(SETTINGS, shop=shop)
    text = Lines(settings, OpeningHours(settings)).presence(NIGHT).text
    assert text.endswith(f" You can also reach us at {' or '.join(filter(None, contact))}.") == any(contact)


def test_the_shops_own_words_are_used() -> None:
    """Refusal and greeting are what `shop.toml` says."""
    assert LINES.refusal == "I do not know that."
    assert LINES.greeting == SETTINGS.assistant.greeting
    assert "“Returns” Bring it back." in LINES.closest("Returns", "Bring it back.")
    for line in (LINES.thanks, LINES.bye, LINES.erase):
        assert line
