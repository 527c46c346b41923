from datetime import date
from pathlib import Path

import pytest

from shopbell.assistant.errors import SettingsError
from shopbell.assistant.settings import load

DEMO = Path(__file__).parents[3] / "examples" / "lantern-street"
TEMPLATE = Path(__file__).parents[3] / "shopbell" / "assistant" / "template"
EXCEPTION = "[[hours.exceptions]]\nfrom = 2026-12-24\nuntil = {until}\nhours = {hours}\n"


def write(folder: Path, body: str | bytes) -> Path:
    path = folder / "shop.toml"
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


def shop(more: str) -> str:
    return f'[shop]\nname = "X"\n{more}'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", ["missing required field `shop`"]),
        ("[shop]\n", ["key shop:", "missing required field `name`"]),
        ('[shop]\nname = ""\n', ["key shop.name:"]),
        ("[shop]\nname = 3\n", ["key shop.name:", "Expected `str`, got `int`"]),
        (shop('colour = "red"\n'), ["key shop:", "unknown field `colour`"]),
        (shop("[shoop]\n"), ["unknown field `shoop`"]),
        (shop('currency = "pounds"\n'), ["key shop.currency: write three capital letters"]),
        (shop('timezone = "Mars/North"\n'), ["key shop.timezone:", "'Mars/North' is no time zone"]),
        (shop('timezone = "../../etc/passwd"\n'), ["key shop.timezone:"]),
        (shop('country = "ZZ"\n'), ["shop.country", "'ZZ'"]),
        (shop('country = "GB"\nsubdivision = "ATLANTIS"\n'), ["shop.subdivision", "'ATLANTIS'"]),
        (shop('[assistant]\nname = ""\n'), ["key assistant.name:"]),
        (shop('[assistant]\nrefusal = ""\n'), ["key assistant.refusal:"]),
        (
            shop('[hours]\nmon = ["9-5"]\n'),
            ["key hours.mon[0]: write opening and closing time as in '07:30-17:30'"],
        ),
        (shop('[hours]\nmon = "09:00-17:00"\n'), ["key hours.mon:", "got `str`"]),
        (shop('[hours]\nmon = ["17:00-09:00"]\n'), ["key hours.mon:", "'17:00-09:00'"]),
        (shop('[hours]\nmon = ["09:00-24:30"]\n'), ["key hours.mon:"]),
        (shop('[hours]\nmon = ["09:00-13:00", "12:00-17:00"]\n'), ["key hours.mon:", "'12:00-17:00'"]),
        (shop('[hours]\nfunday = ["09:00-13:00"]\n'), ["key hours:", "unknown field `funday`"]),
        (shop('[hours]\npublic_holidays = "maybe"\n'), ["key hours.public_holidays:"]),
        (shop('[hours]\npublic_holidays = "99:00-99:30"\n'), ["key hours.public_holidays:"]),
        (shop('[hours]\npublic_holidays = "15:00-09:00"\n'), ["key hours.public_holidays:"]),
        (shop(EXCEPTION.format(until="2026-12-24", hours='["18:00-07:00"]')), ["key hours.exceptions[0]:"]),
        (shop(EXCEPTION.format(until="2026-12-24", hours='["18:00-24:30"]')), ["key hours.exceptions[0]:"]),
        (
            shop(EXCEPTION.format(until="2026-12-01", hours="[]")),
            ["key hours.exceptions[0]:", "before it starts on 2026-12-24"],
        ),
        (shop(EXCEPTION.format(until='"soon"', hours="[]")), ["key hours.exceptions[0].until:"]),
        (shop('[staff]\ntue = ["x"]\n'), ["key staff.tue[0]: write"]),
        (shop('[staff]\ntue = ["10:00-10:00"]\n'), ["key staff.tue:"]),
        (shop('[web]\naccent = "blue"\n'), ["key web.accent: write a colour"]),
        (shop("[engine]\ndeadline_s = 0\n"), ["key engine.deadline_s:"]),
        ("[shop\n", ["line 1"]),
        ('[shop]\nname = "X"\nname = "Y"\n', ["line 3"]),
        (b'[shop]\nname = "caf\xe9"\n', ["not UTF-8"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, body: str | bytes, words: list[str]) -> None:
    """The message is one line and names the file, the key where there is one, and the fault."""
    path = write(tmp_path, body)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert caught.value.code == "settings"
    assert [word for word in words if word not in message] == []


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """A folder without a shop, or no folder at all, leads to `shopbell init`."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match=r"shop\.toml: not found\. .*shopbell init"):
            load(folder)


def test_the_least_shop_has_sensible_settings(tmp_path: Path) -> None:
    """A name is enough."""
    write(tmp_path, shop(""))
    settings = load(tmp_path)
    assert settings.shop.name == "X"
    assert settings.zone.key == "UTC"
    assert settings.hours.on(date(2026, 11, 23)) == ()
    assert settings.hours.public_holidays == "open"


def test_a_mark_that_an_editor_put_in_front_does_no_harm(tmp_path: Path) -> None:
    """A UTF-8 byte order mark is passed over."""
    write(tmp_path, b"\xef\xbb\xbf" + shop("").encode())
    assert load(tmp_path).shop.name == "X"


def test_hours_may_touch_and_end_at_midnight(tmp_path: Path) -> None:
    """Two spans may meet, and 24:00 is a closing time."""
    write(tmp_path, shop('[hours]\nmon = ["08:00-12:00", "12:00-24:00"]\npublic_holidays = "09:00-24:00"\n'))
    assert load(tmp_path).hours.mon == ("08:00-12:00", "12:00-24:00")


@pytest.mark.parametrize("folder", [DEMO, TEMPLATE], ids=["demo", "template"])
def test_the_shops_that_come_along_load(folder: Path) -> None:
    """The demo shop and the one that `shopbell init` makes are without fault."""
    settings = load(folder)
    assert settings.shop.name
    assert any(settings.hours.on(date(2026, 11, day)) for day in range(23, 30))
