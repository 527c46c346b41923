"""Who may be rung by the shop, and when."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.callingback import dialable, refusal
from shopbell.assistant.telephone import Telephone
from shopbell.loyalty.casebook import Case
from tests.fakes.web import SETTINGS

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
WISH = Case(key="k", kind="call-back", conversation="c", at=NOON, wanted="07700 900123, after five")
LINE = Telephone(staff="20")
HOURS = OpeningHours(SETTINGS)


def test_who_asked_is_rung_in_calling_hours() -> None:
    """A wish with a number, on a day when the shop is open, within the hours."""
    assert HOURS.on(NOON.date()).spans
    assert refusal(WISH, NOON, HOURS, LINE) == ""


@pytest.mark.parametrize(
    ("case", "now", "line", "words"),
    [
        (WISH, NOON, Telephone(), "phone.staff"),
        (replace(WISH, key="low:7"), NOON, LINE, "did not ask"),
        (replace(WISH, kind="complaint"), NOON, LINE, "did not ask"),
        (replace(WISH, wanted="ana@example.org"), NOON, LINE, "No telephone number"),
        (WISH, NOON.replace(hour=20), LINE, "from 09:00 to 20:00 only"),
        (WISH, NOON.replace(hour=8, minute=59), LINE, "from 09:00 to 20:00 only"),
        (WISH, datetime(2026, 7, 19, 12, tzinfo=UTC), LINE, "the shop is closed"),
    ],
)
def test_all_others_are_not(case: Case, now: datetime, line: Telephone, words: str) -> None:
    """Unasked, without a number, at night, on a day off: the reason says which."""
    assert words in refusal(case, now, HOURS, line)


def test_a_number_is_dialled_without_what_stands_around_it() -> None:
    """Spaces, brackets and words are left out, a plus stays; a date is no number."""
    assert dialable("+44 (0)7700 900-123 in the evening") == "+4407700900123"
    assert dialable("tomorrow at 10") == ""
