"""The console as a clerk uses it."""

import pytest
from textual.widgets import Input

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.answering import Answering
from shopbell.tui.login import Login
from shopbell.tui.sheet import Sheet
from shopbell.tui.state import Link
from tests.fakes.console import ANSWERS, CARDS, ME, NOW, TOKEN, FakeHouse, FakeLine, ago, card, fake_app
from tests.fakes.watching import seen, until

pytestmark = pytest.mark.slow


async def test_signing_in() -> None:
    """A wrong password is told; the right one shows the floor, and the token is kept in memory only."""
    line, house = FakeLine(), FakeHouse()
    app = fake_app(line, house, token="")
    async with app.run_test() as pilot:
        await pilot.press(*"Anna", "tab", *"wrong", "enter")
        await until(pilot, "Name or password is wrong.")
        assert isinstance(app.screen, Login)
        await pilot.press(*"right", "enter")
        await until(pilot, "Can I talk to somebody")
        assert house.token == TOKEN


async def test_taking_over_and_answering_takes_two_keys_and_the_words() -> None:
    """T takes the most urgent; whoever types on at once types into the line; Enter sends."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("t", *"Hi", "enter")
        await until(pilot, lambda: line.of(w.StaffSay) and "Hi" in seen(app), "what was said")
        assert [frame.text for frame in line.of(w.StaffSay)] == ["Hi"]
        assert line.of(w.TakeOver)[0].version == 4
        assert "Hi" in seen(app)


async def test_who_was_too_late_keeps_the_words() -> None:
    """When a colleague was quicker the line closes, what was typed is kept, and letters are keys again."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "Can I talk to somebody")
        line.refuses = True
        await pilot.press("t", *"Hi")
        assert line.late is not None
        line.tell(line.late)
        await until(pilot, lambda: not app.screen.has_class("writing"), "the line to close")
        assert app.screen.query_one("#words", Input).value == "Hi"
        assert not line.of(w.StaffSay)


async def test_whisper_note_hand_back_and_end() -> None:
    """Each has its key, and what belongs to the assistant's floor is offered only there."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("enter", "w", *"offer tea", "enter")
        await pilot.press("n", *"a note", "enter", "e", "n")
        await until(pilot, lambda: line.of(w.Note), "the note")
        assert line.of(w.Whisper)[0].text == "offer tea"
        assert line.of(w.Note)[0].text == "a note"
        assert not line.of(w.Finish)
        await pilot.press("b")
        assert not line.of(w.HandBack)
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        await pilot.press("escape", "b", "e", "y")
        await until(pilot, lambda: line.of(w.Finish), "the end")
        assert len(line.of(w.HandBack)) == 1
        assert len(line.of(w.Finish)) == 1


async def test_a_suggestion_is_asked_for_and_accepted() -> None:
    """Once I answer, s asks, s shows, Enter accepts; the verdict is sent."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("enter", "s")
        await pilot.pause(0.05)
        assert not line.of(w.Suggest)  # whoever does not answer here has nothing to suggest
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        await pilot.press("escape", "s")
        await until(pilot, "Sunday works")
        await pilot.press("s")
        await until(pilot, "● live")
        await pilot.press("enter")
        await until(pilot, lambda: line.of(w.Judge), "the verdict")
        assert [(one.draft, one.verdict) for one in line.of(w.Judge)] == [("d1", "accepted")]


async def test_an_edited_suggestion_says_the_edited_words() -> None:
    """E puts the draft into the line; Enter sends the verdict with the words as they are then."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        await pilot.press("escape", "s")
        await until(pilot, "Suggested (s)")
        await pilot.press("s", "e", *" Anna", "enter")
        await until(pilot, lambda: line.of(w.Judge), "the verdict")
        judged = line.of(w.Judge)[0]
        assert judged.verdict == "edited"
        assert judged.text.endswith("for it? Anna")


async def test_a_canned_reply_is_found_by_a_letter() -> None:
    """c, a few letters, Enter: the words stand in the line and are not sent yet."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        await pilot.press("escape", "c", *"than", "enter")
        await until(pilot, lambda: app.screen.query_one("#words", Input).value, "the words in the line")
        assert not line.of(w.StaffSay)
        await pilot.press("enter")
        assert line.of(w.StaffSay)[0].text.startswith("Thank you for waiting")


async def test_are_you_there_is_answered_by_typing() -> None:
    """The question stands above the conversation; a letter in the line answers it."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        line.tell(w.AreYouThere(conversation="c-3fa2", until=ago(-60)))
        await until(pilot, "Are you still there?")
        await pilot.press("x")
        await until(pilot, lambda: "Are you still there?" not in seen(app), "no question any more")
        assert len(line.of(w.Stay)) == 1


async def test_the_line_breaks_and_comes_back() -> None:
    """The header says so, nothing is sent meanwhile, and then it is watched from the last seq on."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("t")
        await until(pilot, lambda: app.screen.has_class("writing"), "the line to write in")
        line.up = False
        line.tell(Link("lost", "The server closed the line.", 4.0))
        await until(pilot, "no line, again in 4 s")
        await pilot.press(*"Hi", "enter")
        await pilot.pause(0.05)
        assert not line.of(w.StaffSay)
        line.up = True
        line.tell(ME, Link("live"))
        await until(pilot, lambda: line.of(w.Watch)[-1].after == 9, "the watch from 9 on")
        assert line.of(w.Watch)[-1] == w.Watch("c-3fa2", 9)
        await pilot.press("enter")
        await until(pilot, lambda: line.of(w.StaffSay), "what was said")
        assert line.of(w.StaffSay)[0].text == "Hi"


async def test_a_burst_leaves_the_screen_right() -> None:
    """After 1,000 events the floor shows the last of each card, and the conversation every word once."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        await pilot.press("enter")
        await until(pilot, "Can I talk to somebody")
        for number in range(500):
            name = CARDS[number % len(CARDS)].conversation
            line.tell(card(name, last=f"card {number}", last_who="customer"))
            line.told("c-3fa2", wire.Delta(reply="r9", text=f"{number} "))
        await until(pilot, "498 499")
        thread = app.desk.threads["c-3fa2"]
        assert thread.live is not None
        assert thread.live.text.split() == [str(number) for number in range(500)]
        await pilot.press("f1")
        await until(pilot, lambda: all(f"card {n}" in seen(app) for n in range(494, 500)), "the last cards")
        assert len(app.screen.query_one(Sheet).rows) == len(CARDS)


async def test_the_bell_rings_once_for_each_who_starts_to_wait() -> None:
    """A card that goes on waiting does not ring again; the title counts."""
    line = FakeLine()
    app = fake_app(line, cards=(card("c-1"),))
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        for _ in range(3):
            line.tell(card("c-1", holder="waiting", need="waiting", reason="asked", since=NOW))
        await until(pilot, lambda: app._alarm.title.startswith("(1 waiting)"), "the title")
        assert app._alarm.rung == 1


async def test_a_clerk_sees_no_key_for_what_a_clerk_may_not() -> None:
    """Keys follow the rights of the session."""
    line = FakeLine()
    line.first = (
        w.SignedIn(
            name="Cleo",
            role="clerk",
            rights=("floor", "system"),
            shop="S",
            assistant="Wick",
            presence=ME.presence,
            ends_at=NOW,
        ),
        Link("live"),
        w.Cards(cards=CARDS),
    )
    app = fake_app(line)
    async with app.run_test() as pilot:
        await pilot.press("f6")
        await until(pilot, "Qwen2.5")
        assert "Restart the model" not in seen(app)


async def test_an_answer_is_previewed_and_published() -> None:
    """A gap becomes an entry with the customer's words as its test."""
    house = FakeHouse(ANSWERS)
    app = fake_app(None, house)
    async with app.run_test() as pilot:
        await pilot.press("f4")
        await until(pilot, "gluten free")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Answering), "the form")
        await pilot.press(*"No, sorry.", "f7")
        await until(pilot, "find this entry first")
        await pilot.press("f8")
        await until(pilot, lambda: "knowledge/publish" in dict(house.told), "the entry")
        sent = dict(house.told)["knowledge/publish"]
        assert isinstance(sent, w.Draft)
        assert (sent.answer, sent.test, sent.gap) == ("No, sorry.", "do you have gluten free croissants", 7)


async def test_the_end_of_a_session_asks_to_sign_in() -> None:
    """When the session is over the console says so and asks again."""
    line = FakeLine()
    app = fake_app(line)
    async with app.run_test() as pilot:
        await until(pilot, "● live")
        line.tell(w.SignedOut(text="Your session is over. Sign in again."))
        await until(pilot, "Your session is over")
        assert isinstance(app.screen, Login)
