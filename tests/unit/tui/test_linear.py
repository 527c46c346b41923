"""The counter and the messages without a screen."""

import asyncio
from collections.abc import AsyncIterator

from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.assistant.staffwire.letters import LetterId, LetterNo, LetterWords
from shopbell.tui.linear import Linear
from shopbell.tui.linearcounter import LinearCounter
from shopbell.tui.linearletters import LinearLetters
from tests.fakes.console import ANSWERS, ME, FakeHouse, FakeLine, around
from tests.fakes.letters import BIRTHDAY
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


async def read_out(house: FakeHouse, *commands: str, may_release: bool = True) -> list[str]:
    """Return what is said of messages to these commands."""
    out: list[str] = []
    letters = LinearLetters(house, out.append, around())
    for command in commands:
        verb, _, rest = command.partition(" ")
        await letters.do(verb, rest, may_release=may_release)
    return out


async def test_messages_are_heard_whole_before_they_go() -> None:
    """What waits is numbered; one is read with reason, words, facts and basis, then released."""
    house = FakeHouse()
    out = await read_out(house, "release", "letters", "letter 1", "release", "release")
    told = "\n".join(out)
    assert out[0] == out[-1] == "Type letters, then letter and a number: it is read to you before it goes."
    for words in (
        "2 to release.",
        "1. Birthday for Niamh Fennmere, waiting. Birthday today.",
        "1 to call.",
        "Gave 2 of 5: “The coffee was cold again.” Reach: ***123.",
        "9 times, 8 unhappy, 0 happy: The coffee was cold.",
        "Subject: Happy birthday, Niamh",
        "today, 21 November, is yours.",
        "Looked up: name Niamh, birthday 21 November.",
        "Basis: consent to marketing of 3 March 2026",
        "Released to Niamh Fennmere.",
    ):
        assert words in told
    assert "Ida Quist" not in told  # it went already
    sent = [body for path, body in house.told if path == "letters/release"]
    assert sent == [LetterId(id=BIRTHDAY.id)]
    assert all("\n" not in line for line in out)


async def test_a_message_is_changed_by_its_words_or_refused() -> None:
    """Words that stand in it are replaced and it is read again; without them nothing is sent."""
    house = FakeHouse()
    out = await read_out(
        house, "letters", "letter 1", "change a good day", "change Dear Tom > Dear", "change Dear > Hello"
    )
    sent = [body for path, body in house.told if path == "letters/edit"]
    body = BIRTHDAY.body.replace("Dear", "Hello")
    assert sent == [LetterWords(id=BIRTHDAY.id, subject=BIRTHDAY.subject, body=body)]
    assert len([line for line in out if line.startswith("Say change")]) == 2
    assert len([line for line in out if line.startswith("Subject: ")]) == 2
    await read_out(house, "letters", "letter 1", "refuse she moved away")
    assert [body for path, body in house.told if path == "letters/refuse"] == [
        LetterNo(id=BIRTHDAY.id, why="she moved away")
    ]


async def test_who_may_not_release_hears_whom_to_call() -> None:
    """A clerk is not asked for messages; a call is noted as done by its number."""
    house = FakeHouse()
    out = await read_out(house, "letters", "done 2", "done 1", may_release=False)
    assert "letters" not in [path for path, _ in house.told]
    assert out[0] == "1 to call. When one was seen to, say done and the number."
    assert dict(house.told)["customers/complaints/settle"] == w.Settle(number=7)
    assert out[-2:] == ["Type letters first; then done and the number of who was called.", "Settled."]


async def test_messages_are_commands_of_the_linear_console() -> None:
    """Typed beside the other commands, and named in help; a manager hears what waits to be released."""
    heard_so_far: list[str] = []
    signed_in = asyncio.Event()

    def out(text: str) -> None:
        heard_so_far.append(text)
        if text.startswith("Signed in"):
            signed_in.set()

    async def typed() -> AsyncIterator[str]:
        async with asyncio.timeout(20):
            await signed_in.wait()
        for command in ("help", "letters", "quit"):
            yield command

    await Linear(FakeLine(ME), FakeHouse(), out, around()).run("tok", typed())
    assert any("release          let it go" in text for text in heard_so_far)
    assert "2 to release. Say letter and the number." in heard_so_far
