"""`programme.toml`: every fault is told with file, key and what to do; rules without bound are refused."""

from datetime import datetime
from pathlib import Path

import pytest

from shopbell.loyalty.errors import ProgrammeError, UnboundedRule
from shopbell.loyalty.programmefile import load, parse
from shopbell.loyalty.terms import Programme

HEAD = 'club = "Club"\n[[version]]\nfrom = 2026-01-01\n'
SPEND = '[[version.rule]]\nkind="spend"\nid="points"\n'
REWARD = '[[version.reward]]\nid="off"\nname="Money off"\ncost=100\nworth=5\n'
CARD = '[[version.rule]]\nkind="stamps"\nid="card"\nsize=9\nreward="free"\n'
FREE = '[[version.reward]]\nid="free"\nname="Free"\nworth=4\n'
FRIEND = '[[version.rule]]\nkind="referral"\nid="friend"\nfriend=50\nreferrer=50\nwithin="60 days"\n'
TIERS = '[version.tiers]\nby="points"\nwindow="1 year"\n[[version.tiers.tier]]\nid="gold"\nfrom=100\n'


def read(body: str) -> Programme:
    return parse((HEAD + body).encode(), Path("programme.toml"), currency="EUR", timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("colour = 1\n", "there is no key colour here"),
        (SPEND.replace("spend", "magic"), "there is no kind of rule called 'magic'"),
        (SPEND + "per = 0\n", "rule points: per must be above 0; it is 0"),
        (SPEND + "per = nan\n", "per must be an amount of money"),
        (SPEND + "per = 0.001\n", "finer than the smallest coin of EUR"),
        (SPEND + 'per = "much"\n', "key version[0].rule[0].per (rule points): write a number"),
        (SPEND + "points = 0\n", "key version[0].rule[0].points (rule points): must be 1 or more"),
        (SPEND + 'expires = "soon"\n', "write a length of time such as '14 days'"),
        (SPEND + 'when = { hours = ["6pm"] }\n', "write a time of day such as '16:00-18:00'"),
        (SPEND + 'when = { hours = ["18:00-16:00"] }\n', "ends before it starts"),
        (SPEND + "when = { from = 2026-02-01, until = 2026-01-01 }\n", "it ends on 2026-01-01, before"),
        (SPEND + 'when = { tiers = ["gold"] }\n', "when.tiers names 'gold', and there is no such level"),
        (SPEND.replace("points", "My Points"), "write an id of small letters"),
        (SPEND + SPEND, "two rules are called points"),
        (CARD, "reward names 'free', and there is no such reward. There are none."),
        (CARD.replace("9", "0") + FREE, "(rule card): must be 1 or more"),
        ('[[version.rule]]\nkind="topup"\nid="card"\n', "version.gift_cards names none"),
        ('[[version.rule]]\nkind="welcome"\nid="hello"\n', "give either points or a reward"),
        (
            '[[version.rule]]\nkind="pack"\nid="year"\npasses=1\nrefund="days"\n',
            'refund = "days" needs valid',
        ),
        (TIERS + 'calendar = "year"\n', "there is no key calendar here"),
        (TIERS.replace('window="1 year"\n', ""), "give either window or calendar"),
        (TIERS + "times=0.5\n", "times is below 1"),
        (
            TIERS + '[[version.tiers.tier]]\nid="silver"\nfrom=50\n',
            "each level must take more than the one before",
        ),
        (SPEND + "\n[[version]]\nfrom = 2026-01-01\n", "two versions start on 2026-01-01"),
        (
            SPEND + "\n[[version]]\nfrom=2027-01-01\n" + SPEND.replace("spend", "cashback") + "percent=1\n",
            "stays the same",
        ),
        ("from = 2026-01-02\n", "programme.toml: "),
    ],
)
def test_every_fault_is_told_with_its_place(body: str, told: str) -> None:
    """File, key or rule, what is wrong; nothing half read."""
    with pytest.raises(ProgrammeError) as caught:
        read(body)
    assert str(caught.value).startswith("programme.toml: ")
    assert told in str(caught.value)


MULTIPLES = '[[version.rule]]\nkind="multiply"\nid="{}"\ntimes=3\nstack="add"\n'


@pytest.mark.parametrize(
    ("body", "names"),
    [
        # bonus on redemption that feeds itself
        ('[[version.rule]]\nkind="redemption"\nid="thanks"\npercent=100\n', ["thanks"]),
        # points bought with points
        (REWARD + "points=100\n", ["off"]),
        (
            REWARD + "points=90\n" + '[[version.rule]]\nkind="redemption"\nid="thanks"\npercent=10\n',
            ["off", "thanks"],
        ),
        # a purchase that earns more than it costs
        (SPEND + "points=20\n" + REWARD, ["points", "off"]),
        (
            SPEND + '[[version.rule]]\nkind="cashback"\nid="back"\npercent=95\n' + REWARD,
            ["points", "back", "off"],
        ),
        # points to money to points
        (SPEND + "points=20\n" + REWARD.replace("worth=5", "worth=0\nmoney=5"), ["points", "off"]),
        ('[[version.rule]]\nkind="item"\nid="each"\npoints=1\n' + REWARD + "money=1\n", ["each", "off"]),
        # cashback of everything
        ('[[version.rule]]\nkind="cashback"\nid="back"\npercent=100\n', ["back"]),
        # a balance that buys a greater one
        (
            '[version.gift_cards]\nskus=["G*"]\n[[version.rule]]\nkind="topup"\nid="load"\nbonus_percent=10\n',
            ["load"],
        ),
        # multiples above the bound
        (
            SPEND + MULTIPLES.format("a") + MULTIPLES.format("b") + MULTIPLES.format("c"),
            ["points", "a", "b", "c"],
        ),
        # a card whose reward is money
        (CARD + FREE + "money=4\n", ["card", "free"]),
        # referrals without a qualifying purchase, or without end
        (FRIEND + "per_year=10\n", ["friend"]),
        (FRIEND + "min_spend=10\n", ["friend"]),
        (FRIEND + "min_spend=4\nper_year=10\n" + REWARD, ["friend"]),
    ],
)
def test_rules_without_bound_are_refused_by_name(body: str, names: list[str]) -> None:
    """Each way to mint is named with the rules in the loop and what to change."""
    with pytest.raises(UnboundedRule) as caught:
        read(body)
    assert all(name in str(caught.value) for name in names)


@pytest.mark.parametrize(
    "body",
    [
        '[[version.rule]]\nkind="redemption"\nid="thanks"\npercent=99\n' + REWARD,
        SPEND + "points=19\n" + REWARD,
        SPEND + "points=20\ncaps={month=500}\n" + REWARD,
        SPEND + MULTIPLES.format("a") + MULTIPLES.format("b"),
        SPEND
        + (MULTIPLES.format("a") + MULTIPLES.format("b") + MULTIPLES.format("c")).replace("add", "best"),
        CARD + "caps={day=9}\n" + FREE + "money=4\n",
        FRIEND + "min_spend=10\nper_year=10\n" + REWARD.replace("worth=5", "worth=4"),
    ],
)
def test_rules_with_a_bound_are_taken(body: str) -> None:
    """Just inside each bound the file loads."""
    assert read(body).club == "Club"


def test_a_sale_is_judged_by_the_version_of_its_day() -> None:
    """Midnight is the shop's; before the first version there is no programme."""
    programme = read(SPEND + "\n[[version]]\nfrom = 2026-07-01\n")

    def version(moment: str) -> str | None:
        terms = programme.terms_at(datetime.fromisoformat(f"{moment}+00:00"))
        return terms.version.start.isoformat() if terms else None

    assert version("2026-06-30T21:59") == "2026-01-01"
    assert version("2026-06-30T22:00") == "2026-07-01"
    assert version("2025-12-31T22:59") is None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, not UTF-8, not TOML."""
    with pytest.raises(ProgrammeError, match="not found"):
        load(tmp_path, currency="EUR", timezone="UTC")
    path = tmp_path / "programme.toml"
    for body, told in ((b"\xff\xfe", "UTF-8"), (b"club = ", "programme.toml: ")):
        path.write_bytes(body)
        with pytest.raises(ProgrammeError, match=told):
            load(path, currency="EUR", timezone="UTC")
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load(tmp_path, currency="EUR", timezone="UTC").club == "Club"
