"""A caller is put through: staff are rung first, hear what it is about, and decide."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosipua import IncomingCall
from aiosipua.refer import notify_refer
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.store import EventLog
from shopbell.assistant.telephone import Telephone
from shopbell.voice.audio import first_audible
from shopbell.voice.phone import lines
from tests.fakes.phone import HOST, LINE, Phone, Shopfront, a_phone, open_shop, until
from tests.fakes.speech import ScriptedSpeech, tone


@pytest.fixture(autouse=True)
def quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted voice speak six times as fast as a person, and staff decide at once."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)
    monkeypatch.setattr("shopbell.voice.phone.handover.DECIDE_S", 0.5)


def line(staff: Phone, ring_s: float = 5.0) -> Telephone:
    host, port = staff.socket.local_addr
    return replace(LINE, staff=f"20@{host}:{port}", staff_ring_s=ring_s)


def hears_tone(phone: Phone, start: int) -> bool:
    return first_audible(bytes(phone.heard[start:])) is not None


def joined(front: Shopfront) -> bool:
    """Say whether the only caller talks with staff."""
    (call,) = front.office.switchboard._calls.values()
    return call is not None and call._media is not None and call._media.beyond is not None


async def test_staff_hear_what_it_is_about_and_take_the_call(engine: sa.Engine, tmp_path: Path) -> None:
    """Staff are told the caller's last words, press one, and both talk; when staff hang up all is over."""
    speech = ScriptedSpeech("Do you sell tea?")
    async with a_phone() as staff, a_phone() as phone:
        staff.takes_calls()
        async with open_shop(engine, tmp_path, speech, line=line(staff)) as front:
            await phone.dial(front.office.address)
            await phone.hears_something()
            await front.said_all()
            await phone.hears_silence()
            await phone.speak(0.8)
            await until(lambda: "About Do you sell tea?" in speech.said)
            await phone.press("0")
            await staff.pick_up()
            await until(lambda: any("Do you sell tea" in text for text in speech.said[-2:]))
            assert "Press one to take the call" in speech.said[-1]
            await staff.press("1")
            await until(lambda: joined(front))
            start, mine = len(staff.heard), len(phone.heard)
            await asyncio.sleep(0.5)
            await asyncio.gather(phone.play(tone(0.5, rate=8_000)), staff.speak(0.5))
            await until(lambda: hears_tone(staff, start) and hears_tone(phone, mine))
            assert len(speech.turns) == 1  # what people say to each other, no ear of ours hears
            await staff.put_down()
            await asyncio.wait_for(phone.ended.wait(), 30)
            await until(lambda: front.office.switchboard.calm)
            call = front.book.latest()[0]
            assert (call.outcome, call.ended) == ("answered", "transferred")
            kept = [entry.event for entry in EventLog(engine).read(call.conversation)]
            notes = [event.text for event in kept if isinstance(event, e.Noted)]
            assert notes == ['Telephone: 01632960123 would like a person. Last words: "Do you sell tea?"']
            assert front.office.ports_taken == 0
            assert not front.office.exchange.lines


@pytest.mark.parametrize("how", ["busy", "hangs up", "key", "silence", "rings"])
async def test_staff_who_do_not_take_it_leave_the_caller_with_the_shop(
    engine: sa.Engine, tmp_path: Path, how: str
) -> None:
    """Busy, hung up, declined by key, not pressed, not answered: the caller is told, and may go on."""
    speech = ScriptedSpeech()
    async with a_phone() as staff, a_phone() as phone:
        staff.takes_calls(code=486 if how == "busy" else 0)
        ring_s = 0.6 if how == "rings" else 5.0
        async with open_shop(engine, tmp_path, speech, line=line(staff, ring_s)) as front:
            await phone.dial(front.office.address)
            await phone.hears_something()
            await phone.press("0")
            if how in {"hangs up", "key", "silence"}:
                await staff.pick_up()
                await until(lambda: any("Press one" in text for text in speech.said))
            if how == "hangs up":
                await staff.put_down()
            elif how == "key":
                await staff.press("2")
            await until(lambda: lines.NOBODY.split(". ", maxsplit=1)[0] + "." in speech.said, 30)
            await phone.press("1")
            await until(lambda: "About When are you open?" in speech.said)
            phone.hang_up()
            await until(lambda: front.office.switchboard.calm)
            assert front.office.ports_taken == 0
            if how == "rings":
                assert staff.cancelled.is_set()
            if how in {"key", "silence"}:
                assert staff.ended.is_set()


async def test_a_caller_who_hangs_up_stops_the_ringing(engine: sa.Engine, tmp_path: Path) -> None:
    """Staff are not left with a telephone that rings for nobody."""
    async with a_phone() as staff, a_phone() as phone:
        staff.takes_calls()
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line(staff)) as front:
            await phone.dial(front.office.address)
            await phone.hears_something()
            await phone.press("0")
            await until(lambda: bool(staff.rung))
            phone.hang_up()
            await asyncio.wait_for(staff.cancelled.wait(), 30)
            await until(lambda: front.office.switchboard.calm)
            assert front.office.ports_taken == 0


async def test_where_the_box_can_it_joins_the_lines_itself(engine: sa.Engine, tmp_path: Path) -> None:
    """A side that takes Replaces is asked to take the shop's place, which then has no part in the call."""
    speech = ScriptedSpeech()

    def accepts(call: IncomingCall) -> None:
        notify_refer(call, 200, "OK")

    async with a_phone() as staff, a_phone() as phone:
        staff.takes_calls()
        async with open_shop(engine, tmp_path, speech, line=line(staff)) as front:
            phone.refer = accepts
            await phone.dial(front.office.address, headers={"Supported": "timer, replaces"})
            await phone.hears_something()
            await phone.press("0")
            await staff.pick_up()
            await until(lambda: any("Press one" in text for text in speech.said))
            await staff.press("1")
            await asyncio.wait_for(phone.ended.wait(), 30)
            await until(lambda: front.office.switchboard.calm)
            (target,) = phone.referred
            call = staff.rung[0]
            assert target.startswith(f"sip:{HOST}:{staff.socket.local_addr[1]}?Replaces=")
            assert call.dialog.call_id.replace("@", "%40") in target
            assert f"to-tag%3D{call.dialog.local_tag}" in target
            assert front.book.latest()[0].ended == "transferred"
