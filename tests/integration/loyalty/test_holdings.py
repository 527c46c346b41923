"""Packs and segments: bought, used, paused, left, once each; and rules that are for some only."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from shopbell.loyalty.errors import BadOperation, NoSuchCustomer, PackRefused
from shopbell.loyalty.holdinganswers import PackState, Stepped
from shopbell.loyalty.packsteps import PackRequest, Step
from tests.fakes.club import DAY, TEXT, ShopFloor

PACKS = """
[[version.rule]]
kind = "pack"
id = "ten-coffees"
name = "Ten coffees"
passes = 10
valid = "12 months"
max_pause = "3 months"
segment = "coffee-club"
when = { categories = ["Packs"] }
[[version.rule]]
kind = "pack"
id = "box"
name = "Coffee box"
passes = 6
every = "1 month"
when = { categories = ["Boxes"] }
[[version.rule]]
kind = "spend"
id = "tea-points"
points = 3
per = 1.00
count = "full"
when = { categories = ["Tea"], segments = ["tea-drinker"] }
[version.tiers]
"""
WITH_PACKS = TEXT.replace("[version.tiers]", PACKS)


@pytest.fixture
def floor(db_engine: sa.Engine) -> ShopFloor:
    return ShopFloor(db_engine, text=WITH_PACKS)


@pytest.fixture
def act(floor: ShopFloor) -> Callable[..., Stepped]:
    """Give a way to take a step with ann's first pack."""

    def step(what: Step, key: str = "", passes: int = 1, until: date | None = None) -> Stepped:
        request = PackRequest(
            key=key or f"{what}-{floor.now}",
            customer="ann",
            pack=_packs(floor)[0].id,
            step=what,
            passes=passes,
            until=until,
            by="till:front",
        )
        return floor.club.holdings.step(request, floor.now)

    return step


def _packs(floor: ShopFloor, who: str = "ann") -> tuple[PackState, ...]:
    return floor.club.holdings.packs(who, floor.now)


def test_ten_coffees_are_bought_used_and_the_rest_refunded(
    floor: ShopFloor, act: Callable[..., Stepped]
) -> None:
    """A pack of ten for 30.00: three used, seven left, 21.00 given back; the ledger says the same."""
    floor.buy(3_000, category="Packs")
    (pack,) = _packs(floor)
    assert (pack.state, pack.left, pack.give_back) == ("running", 10, 3_000)
    assert act("use", passes=3).pack.left == 7
    assert floor.has("passes:ten-coffees") == 7
    left = act("leave")
    assert (left.give_back, left.pack.state, left.pack.left) == (2_100, "left", 0)
    assert floor.has("passes:ten-coffees") == 0
    assert floor.sound()


def test_a_step_sent_again_is_taken_once(floor: ShopFloor, act: Callable[..., Stepped]) -> None:
    """The same key gets the same answer, also when the pack was left since; another request is refused."""
    floor.buy(3_000, category="Packs")
    first = act("use", key="k1")
    assert act("leave", key="k2").give_back == 2_700
    assert act("use", key="k1") == first
    assert act("leave", key="k2").give_back == 2_700
    assert floor.has("passes:ten-coffees") == 0
    with pytest.raises(PackRefused, match="used for something else"):
        act("use", key="k1", passes=2)


def test_a_pause_is_added_to_the_pack(floor: ShopFloor, act: Callable[..., Stepped]) -> None:
    """A paused pack cannot be used; resumed after ten days it lasts ten days longer."""
    floor.buy(3_000, category="Packs")
    ends = _packs(floor)[0].valid_until
    assert ends is not None
    act("pause", until=floor.now.date() + 30 * DAY)
    with pytest.raises(PackRefused, match="paused"):
        act("use")
    floor.now += 10 * DAY
    assert act("resume").pack.valid_until == ends + 10 * DAY
    assert act("use").pack.left == 9


def test_a_box_that_comes_by_itself_can_be_skipped(floor: ShopFloor, act: Callable[..., Stepped]) -> None:
    """The skipped month is not used up, and comes at the end."""
    floor.buy(6_000, category="Boxes")
    due = _packs(floor)[0].next_due
    assert due == date(2026, 4, 2)
    assert act("skip").pack.next_due == date(2026, 5, 2)
    floor.now += 70 * DAY
    floor.club.daily(floor.now)
    assert _packs(floor)[0].left == 5
    assert floor.has("passes:box") == 5


def test_more_than_is_left_is_refused(floor: ShopFloor, act: Callable[..., Stepped]) -> None:
    """Eleven of ten are not there, and nothing is taken."""
    floor.buy(3_000, category="Packs")
    with pytest.raises(PackRefused, match="10 are left"):
        act("use", passes=11)
    assert _packs(floor)[0].left == floor.has("passes:ten-coffees") == 10
    with pytest.raises(PackRefused, match="no pack"):
        floor.club.holdings.step(
            PackRequest(key="x", customer="ben", pack=_packs(floor)[0].id, step="use"), floor.now
        )


def test_a_pack_that_is_sold_no_more_can_still_be_left(db_engine: sa.Engine) -> None:
    """When the rule has gone from the programme, the terms it was bought on count."""
    floor = ShopFloor(db_engine, text=WITH_PACKS)
    floor.buy(3_000, category="Packs")
    (pack,) = _packs(floor)
    points = '[[version.rule]]\nkind = "spend"\nid = "points"\npoints = 1\nper = 1.00\n'
    later = f"{WITH_PACKS}[[version]]\nfrom = 2026-06-01\n{points}"
    newer = ShopFloor(db_engine, "zoe", text=later)
    newer.now += 120 * DAY
    request = PackRequest(key="k", customer="ann", pack=pack.id, step="leave")
    assert newer.club.holdings.step(request, newer.now).give_back == 3_000


def test_a_rule_for_a_segment_gives_to_those_in_it(floor: ShopFloor) -> None:
    """Put among the tea drinkers ann gets the extra points, ben does not; taken out she gets none."""
    put = floor.club.holdings.set_segments
    before = put("ann", ["tea-drinker"], "buys loose tea", floor.now, by="olga")
    assert put("ann", ["tea-drinker"], "once more", floor.now, by="max") == before
    assert floor.buy(1_000, category="Tea").gained[-1].points == 30
    assert {one.rule for one in floor.buy(1_000, category="Tea", who="ben").gained} == {"points"}
    floor.now += DAY
    put("ann", [], "stopped", floor.now, by="olga")
    assert {one.rule for one in floor.buy(1_000, category="Tea").gained} == {"points"}
    said = floor.club.holdings.segments("ann")
    assert [(one.segments, one.reason, one.by) for one in said] == [
        ((), "stopped", "olga"),
        (("tea-drinker",), "buys loose tea", "olga"),
    ]


@pytest.mark.parametrize(("names", "reason"), [(["Tea drinker"], "why"), (["tea"], " "), (["a"] * 1, "")])
def test_what_is_no_segment_is_refused(floor: ShopFloor, names: list[str], reason: str) -> None:
    """A name with blanks or capitals, or no reason, changes nothing."""
    with pytest.raises(BadOperation):
        floor.club.holdings.set_segments("ann", names, reason, floor.now, by="olga")
    assert floor.club.holdings.segments("ann") == ()
    with pytest.raises(NoSuchCustomer):
        floor.club.holdings.set_segments("nobody", ["tea"], "why", floor.now, by="olga")


def test_segments_survive_a_merge(floor: ShopFloor) -> None:
    """Who remains is in the segments of both."""
    floor.club.holdings.set_segments("ann", ["tea-drinker"], "why", floor.now, by="olga")
    floor.club.holdings.set_segments("ben", ["regular"], "why", floor.now, by="olga")
    floor.club.merge("ann", "ben", floor.now, by="olga")
    floor.club.holdings.set_segments("ann", ["tea-drinker", "regular"], "both", floor.now, by="olga")
    assert floor.club.holdings.segments("ann")[0].segments == ("regular", "tea-drinker")
    assert "tea-points" in {one.rule for one in floor.buy(1_000, category="Tea", who="ben").gained}
