"""The counter without a screen."""

from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.tui.linearcounter import LinearCounter
from tests.fakes.console import ANSWERS, FakeHouse, around
from tests.fakes.patron import HELD


async def heard(house: FakeHouse, *commands: str, known: str = "") -> list[str]:
    """Return what is said to these commands."""
    out: list[str] = []
    counter = LinearCounter(house, out.append, around())
    for command in commands:
        verb, _, rest = command.partition(" ")
        await counter.do(verb, rest, known)
    return out


async def test_the_card_is_read_out_in_sentences() -> None:
    """Found by name and number: level, points, complaint, rewards, visits, consents; one line each."""
    out = await heard(FakeHouse(), "find niamh", "customer 1")
    told = "\n".join(out)
    for words in ("2 found", "1. Niamh Fennmere: Beacon, 1,340 points", "Phone: ***123.", "3 of 9 stamps"):
        assert words in told
    assert "Open complaint of 15 November: The cake for Saturday had the wrong name on it." in told
    assert "Can have: £5 off your bill for 100 points; a free hot drink" in told
    assert "Agreed to: history: yes, marketing: no." in told
    assert all("\n" not in line for line in out)


async def test_the_customer_of_the_conversation_needs_no_search() -> None:
    """Where it is known who writes, customer alone is enough; where not, it says what to do."""
    house = FakeHouse()
    assert (await heard(house, "customer", known="c0042"))[0].startswith("Niamh Fennmere, Beacon")
    assert "find" in (await heard(house, "customer"))[0]


async def test_a_reward_is_handed_out_only_after_a_yes() -> None:
    """A code is looked at first; yes hands it out once, and another command in between forgets it."""
    done = replace(HELD, state="redeemed")
    house = FakeHouse({**ANSWERS, "customers/rewards/look": HELD, "customers/rewards/redeem": done})
    out = await heard(house, "code 7K4QW", "find niamh", "yes", "code 7K4QW", "yes", "yes")
    assert [path for path, _ in house.told].count("customers/rewards/redeem") == 1
    assert "Handed out to Niamh Fennmere: £5 off your bill." in out
    assert out[-1] == "There is nothing to say yes to."


async def test_goodwill_and_reveal_want_a_reason() -> None:
    """Without a customer, a number or a reason nothing is sent."""
    house = FakeHouse()
    out = await heard(house, "goodwill 5 cake", "customer", "goodwill five cake", "reveal shoe x", known="")
    assert not [path for path, _ in house.told if path.endswith(("award", "reveal"))]
    await heard(house, "customer", "goodwill 20 wet cake", "reveal phone cake is ready", known="c0042")
    sent = dict(house.told)
    assert sent["customers/award"] == w.Award(key="k1", customer="c0042", points=20, reason="wet cake")
    assert sent["customers/reveal"] == w.Reveal(customer="c0042", field="phone", reason="cake is ready")
    assert len(out) == 4
