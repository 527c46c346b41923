"""The demo shop's programme says what its FAQ says, and the papers' examples load."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from shopbell.loyalty import conditions, rules, terms
from shopbell.loyalty.bonuses import due_bonuses
from shopbell.loyalty.cards import lapses
from shopbell.loyalty.programmefile import load, parse
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.standing import Activity, Referred, Standing
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.tiers import reassess
from tests.fakes.programme import NOON, line, member, sale

ROOT = Path(__file__).resolve().parents[3]
FAQ = (ROOT / "examples" / "lantern-street" / "faq" / "loyalty.md").read_text()


def club() -> Terms:
    programme = load(ROOT / "examples" / "lantern-street", currency="GBP", timezone="Europe/London")
    found = programme.terms_at(NOON)
    assert found is not None
    return found


TERMS = club()


def points(amount: int, tier: str = "", category: str = "Bread") -> int:
    standing = member(tier=tier, reviewed=NOON.date())
    awards = judge(sale(line(1, amount, category)), standing, TERMS).awards
    return sum(award.points for award in awards if award.unit == "points")


@pytest.mark.parametrize(
    ("amount", "tier", "earned"),
    [(99, "", 0), (100, "", 1), (1090, "", 10), (1090, "flame", 12), (1090, "beacon", 15), (300, "flame", 3)],
)
def test_points_for_a_pound(amount: int, tier: str, earned: int) -> None:
    """1 point for every full pound on a receipt; 1.25 at Flame, 1.5 at Beacon, rounded down."""
    assert "1 point for every full £1 on a receipt" in FAQ
    assert points(amount, tier) == earned


@pytest.mark.parametrize("category", ["Gift cards", "Delivery", "Wholesale"])
def test_what_earns_nothing(category: str) -> None:
    """Gift cards, delivery charges and wholesale orders earn nothing."""
    assert "Gift cards, delivery charges and wholesale orders earn nothing" in FAQ
    assert points(5000, category=category) == 0


def test_the_tenth_hot_drink_is_free() -> None:
    """After 9 stamps; cold drinks bring none; the free one neither stamp nor points."""
    hot = line(1, 360, sku="DRK-FLAT")
    judgement = judge(sale(hot, line(2, 420, sku="DRK-COLD")), member(stamps={"coffee-card": 8}), TERMS)
    assert [(award.unit, award.points) for award in judgement.awards] == [
        ("points", 7),
        ("stamps:coffee-card", 1),
        ("reward:free-hot-drink", 1),
    ]
    assert judge(sale(line(1, 0, sku="DRK-FLAT")), member(), TERMS).awards == ()


def test_levels_of_the_club() -> None:
    """Flame at 300, Beacon at 800 points in 12 months, counted on the first; three months of grace."""
    assert "With 300 points earned in the last 12 months you become Flame, and with 800 points Beacon" in FAQ
    assert judge(sale(line(1, 30_000, "Bread")), member(), TERMS).standing_after.tier == "flame"
    assert judge(sale(line(1, 80_000, "Bread")), member(), TERMS).standing_after.tier == "beacon"
    standing = member(
        tier="flame", reviewed=date(2026, 5, 15), activity={date(2026, 5, 15): Activity(points=300)}
    )
    assert reassess(standing, TERMS, datetime(2027, 8, 31, 12, tzinfo=UTC)).tier == "flame"
    assert reassess(standing, TERMS, datetime(2027, 9, 1, 12, tzinfo=UTC)).tier == ""


def test_welcome_birthday_and_friend() -> None:
    """20 points on joining, the treat around the birthday, 50 points for both."""
    new = Standing(customer="ann", member_since=NOON, birthday=(11, 28))
    due = due_bonuses(new, TERMS, NOON)
    assert [(award.rule, award.points) for award in due.awards] == [("welcome", 20)]
    assert "at least 30 days" in due.withheld[0].why
    old = due_bonuses(member(birthday=(11, 28), bonuses={"welcome": date(2020, 1, 1)}), TERMS, NOON)
    assert [award.unit for award in old.awards] == ["reward:birthday-treat"]
    friend = member(referred=Referred(by="bob", at=NOON - timedelta(days=60)))
    given = judge(sale(line(1, 1000, "Bread")), friend, TERMS).facts.given
    assert [(one.customer, one.award.points) for one in given if one.award.rule == "friend"] == [
        ("ann", 50),
        ("bob", 50),
    ]


def test_points_and_stamps_run_out() -> None:
    """Points 18 months after the last purchase, stamps after 12; a receipt can be added for 14 days."""
    standing = member(last_purchase=date(2026, 1, 10), stamps={"coffee-card": 2})
    assert [one.unit for one in lapses(standing, TERMS, date(2027, 1, 10))] == ["stamps:coffee-card"]
    assert [one.unit for one in lapses(standing, TERMS, date(2027, 7, 10))] == [
        "stamps:coffee-card",
        "points",
    ]
    assert TERMS.claimable(NOON, NOON + timedelta(days=14))
    assert not TERMS.claimable(NOON, NOON + timedelta(days=15))
    reward = TERMS.reward("five-off")
    assert reward is not None
    assert (reward.cost, int(reward.worth)) == (100, 5)


def test_the_template_loads() -> None:
    """What `shopbell init` writes is right, and so is all that is commented out in it."""
    path = ROOT / "shopbell" / "assistant" / "template" / "programme.toml"
    text = path.read_text()
    whole = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    assert whole.count("[[version.rule]]") == 3
    for body in (text, whole):
        assert parse(body.encode(), path, currency="GBP", timezone="Europe/London").club == "Customer Club"


def test_the_papers_examples_load() -> None:
    """Every example in docs/programme.md is right."""
    text = (ROOT / "docs" / "programme.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert len(examples) > 10
    for example in examples:
        body = example if "club =" in example else f'club = "C"\n[[version]]\nfrom = 2026-01-01\n{example}'
        assert parse(body.encode(), Path("programme.md"), currency="GBP", timezone="Europe/London").versions


def test_every_key_is_in_the_papers() -> None:
    """docs/programme.md names each key of each table."""
    text = (ROOT / "docs" / "programme.md").read_text()
    structs = [
        one
        for module in (rules, terms, conditions)
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, msgspec.Struct)
        and one not in {terms.Terms, terms.Programme}
    ]
    keys = {field.encode_name for one in structs for field in msgspec.structs.fields(one)}
    assert sorted(key for key in keys if f"`{key}`" not in text and f".{key}]" not in text) == []
