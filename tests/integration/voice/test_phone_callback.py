"""Calling back: staff's telephone first, then the customer's, and both talk."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.store import EventLog
from shopbell.assistant.telephone import Telephone
from shopbell.loyalty.casebook import Casebook
from shopbell.voice.audio import first_audible
from shopbell.voice.phone import dialfile
from tests.fakes.phone import LINE, Phone, Shopfront, a_phone, open_shop, until
from tests.fakes.speech import ScriptedSpeech, tone


@pytest.fixture(autouse=True)
def quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted voice speak six times as fast as a person."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)


def line(staff: Phone, customer: Phone) -> Telephone:
    here, there = staff.socket.local_addr, customer.socket.local_addr
    return replace(LINE, staff=f"20@{here[0]}:{here[1]}", server=f"{there[0]}:{there[1]}")


async def wish(front: Shopfront, engine: sa.Engine) -> int:
    """Let a customer ask to be called back; return the case."""
    opened = await front.conversations.open("phone")
    await front.shop.ask_back(opened.conversation, "01632960123", "My grinder is broken.")
    return Casebook(engine).open()[0].number


async def test_a_customer_who_asked_is_called_back(engine: sa.Engine, tmp_path: Path) -> None:
    """Staff hear what it is about and press one; the customer is rung; both talk; it stands in the log."""
    speech = ScriptedSpeech()
    async with a_phone() as staff, a_phone() as customer:
        staff.takes_calls()
        customer.takes_calls()
        async with open_shop(engine, tmp_path, speech, line=line(staff, customer)) as front:
            number = await wish(front, engine)
            said = await front.office.call_backs.call_back(number, "Ana")
            assert "press one" in said
            with pytest.raises(BadRequest, match="just now"):
                await front.office.call_backs.call_back(number, "Ben")
            await staff.pick_up()
            await until(lambda: any("I ring them" in text for text in speech.said))
            assert "Repairs: My grinder is broken" in " ".join(speech.said)
            await staff.press("1")
            await customer.pick_up()
            assert "01632960123" in customer.rung[0].callee
            await asyncio.sleep(0.5)
            start, mine = len(staff.heard), len(customer.heard)
            await asyncio.gather(staff.speak(0.5), customer.play(tone(0.5, rate=customer.kind.rate)))
            for phone, at in ((staff, start), (customer, mine)):
                await until(lambda p=phone, a=at: first_audible(bytes(p.heard[a:])) is not None)  # type: ignore[misc]
            await customer.put_down()
            await asyncio.wait_for(staff.ended.wait(), 30)
            await until(lambda: front.book.latest()[0].ended_at is not None)
            await until(lambda: not front.office.exchange.lines)
            call = front.book.latest()[0]
            assert (call.outcome, call.caller) == ("called-back", "…123")
            assert front.office.ports_taken == 0
            await until(lambda: bool(notes(engine, call.conversation)))
            assert notes(engine, call.conversation)[0].startswith("Ana called back: talked for")


def notes(engine: sa.Engine, conversation: str) -> list[str]:
    kept = [entry.event for entry in EventLog(engine).read(conversation)]
    return [event.text for event in kept if isinstance(event, e.Noted)]


async def test_a_customer_who_does_not_answer_is_told_of(engine: sa.Engine, tmp_path: Path) -> None:
    """A busy number, asked for by the command line: staff hear it, the book says it, nothing is left."""
    speech = ScriptedSpeech()
    async with a_phone() as staff, a_phone() as customer:
        staff.takes_calls()
        customer.takes_calls(code=486)
        async with open_shop(engine, tmp_path, speech, line=line(staff, customer)) as front:
            number = await wish(front, engine)
            serving = asyncio.create_task(dialfile.serve(tmp_path, front.office.call_backs))
            await asyncio.sleep(0)
            dialfile.ask(tmp_path, dialfile.Dial(number, "m"))
            await until(lambda: dialfile.answered(tmp_path, "m") is not None)
            await staff.pick_up()
            await until(lambda: any("I ring them" in text for text in speech.said))
            await staff.press("1")
            await until(lambda: any("Nobody answers there" in text for text in speech.said))
            await asyncio.wait_for(staff.ended.wait(), 30)
            await until(lambda: front.book.latest()[0].ended_at is not None)
            assert front.book.latest()[0].outcome == "unreached"
            dialfile.ask(tmp_path, dialfile.Dial(999, "n"))
            await until(lambda: dialfile.answered(tmp_path, "n") is not None)
            told = dialfile.answered(tmp_path, "n")
            assert told is not None
            assert not told.done
            assert "any more" in told.text
            serving.cancel()
            await until(lambda: front.office.ports_taken == 0)
