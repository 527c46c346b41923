"""Figures of trade and money, counted by hand, and silent where there are too few."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shopbell.assistant.insight.assumptions import FiguresSettings
from shopbell.assistant.insight.counting import Counted
from shopbell.assistant.insight.gains import gains
from shopbell.assistant.insight.trading import Books, Worth, trading
from shopbell.loyalty.takings import Purse, Taking
from tests.fakes.talks import FIVE, NOW, member, part, sale, talk

DAY = date(2026, 11, 2)


def books(**changes: object) -> Books:
    known: dict[str, object] = {"span": (), "quarter": (), "purses": {}, "members": {}}
    return Books(**(known | changes))  # type: ignore[arg-type]  # each test names what it needs


def counted(found: Books) -> dict[str, Counted]:
    return {one.figure.id: one for one in trading(found, FIVE)}


def test_who_came_on_two_days_came_again() -> None:
    """Four of six came on two days; two sales on one day are one visit."""
    quarter = [sale(f"c{n}", DAY) for n in range(6)]
    quarter += [sale(f"c{n}", DAY + timedelta(days=7)) for n in range(4)]
    quarter += [sale("c5", DAY, hour=15), sale("", DAY)]
    members = {f"c{n}": member(f"c{n}", tier="gold" if n < 5 else "") for n in range(6)}
    repeat = counted(books(quarter=quarter, members=members, names={"gold": "Gold", "": "Base"}))["repeat"]
    assert repeat.figure.whole.value == pytest.approx(4 / 6)
    assert part(repeat, "Gold").value == 0.8
    assert part(repeat, "Base").silent == "too few: 1 of 5"


def test_members_share_is_money_over_money() -> None:
    """On each of five days 3.00 of 4.00 were paid by members: 75 %, and every day says so."""
    span = [one for n in range(5) for one in _day(DAY + timedelta(days=n))]
    share = counted(books(span=span))["members"].figure.whole
    assert share.value == 0.75
    assert (share.low, share.high) == pytest.approx((0.75, 0.75))


def _day(day: date) -> list[Taking]:
    return [sale("c", day, 300), sale("", day, 100)]


def test_redemption_and_breakage_are_points_over_points() -> None:
    """Of 500 points issued 100 were redeemed (20 %); of 125 that came to an end 25 expired (20 %)."""
    purses = {f"c{n}": Purse(issued=100, redeemed=20, expired=5) for n in range(5)}
    found = counted(books(purses=purses))
    assert found["redemption"].figure.whole.value == 0.2
    assert found["breakage"].figure.whole.value == 0.2


def test_worth_is_the_mean_of_who_was_reckoned() -> None:
    """Five customers worth 10.00 to 50.00: 30.00 on average."""
    worth = [Worth(f"c{n}", 1000 * (n + 1)) for n in range(5)]
    members = {f"c{n}": member(f"c{n}") for n in range(5)}
    clv = counted(books(worth=worth, members=members, names={"": "Base"}))["clv"]
    assert clv.figure.whole.text == "£30.00"
    assert part(clv, "Base").value == 3000
    assert counted(books(worth_note="Not yet."))["clv"].figure.whole.silent == "Not yet."


@pytest.mark.parametrize("figure", ["repeat", "members", "redemption", "breakage", "clv"])
def test_a_figure_of_too_few_says_nothing(figure: str) -> None:
    """Three customers, or three days, are too few."""
    days = [sale(f"c{n}", DAY + timedelta(days=n)) for n in range(3)]
    purses = {f"c{n}": Purse(issued=9, redeemed=3, expired=1) for n in range(3)}
    worth = [Worth(f"c{n}", 5) for n in range(3)]
    whole = counted(books(span=days, quarter=days, purses=purses, worth=worth))[figure].figure.whole
    assert whole.value is None
    assert whole.silent == "too few: 3 of 5"


def test_saved_is_time_times_wage() -> None:
    """Five settled conversations of six, at 6 minutes and 10.00 an hour, save 5.00; one came back at once."""
    talks = [talk(n) for n in range(5)] + [talk(9, again=NOW - timedelta(days=9, hours=14))]
    saved, _ = gains(talks, (), {}, FiguresSettings(minutes_saved=6, wage=10), FIVE)
    assert saved.figure.whole.text == "£5.00"
    assert saved.figure.whole.n == 6
    assert saved.figure.whole.high == pytest.approx(600, abs=1)


def test_earned_is_a_part_of_what_was_bought_soon_after() -> None:
    """Five customers bought for 20.00 within 48 hours; at 50 % margin and 10 % credit that is 1.00 each."""
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    talks = [talk(n, customer=f"c{n}", at=at) for n in range(7)]
    sales = [sale(f"c{n}", DAY, 2000) for n in range(5)]
    sales += [sale("c5", DAY + timedelta(days=5)), sale("c6", DAY, hour=9), sale("", DAY)]
    _, earned = gains(talks, sales, {}, FiguresSettings(margin=0.5, credit=0.1), FIVE)
    assert earned.figure.whole.text == "£5.00"
    assert earned.figure.whole.n == 5


def test_money_of_too_few_is_not_told() -> None:
    """Three conversations and three buyers are too few to speak of money."""
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    talks = [talk(n, customer=f"c{n}", at=at) for n in range(3)]
    sales = [sale(f"c{n}", DAY) for n in range(3)]
    for one in gains(talks, sales, {}, FiguresSettings(), FIVE):
        assert one.figure.whole.value is None
        assert one.figure.whole.silent == "too few: 3 of 5"
