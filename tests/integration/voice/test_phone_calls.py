"""Calls over loopback: real SIP and RTP, a telephone of the same libraries, and scripted engines."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosipua import IncomingCall, build_sdp
from aiosipua.refer import notify_refer
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.callbook import Call
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer
from shopbell.loyalty.casebook import Casebook
from shopbell.loyalty.identityerrors import SignInRefused
from shopbell.storage.buckets import Rate
from shopbell.voice.phone import lines
from shopbell.voice.phone.codecs import KINDS, Kind
from tests.fakes.ladder import Script
from tests.fakes.phone import HOST, LINE, Phone, Shopfront, a_phone, open_shop, until
from tests.fakes.service import NIGHT
from tests.fakes.speech import ScriptedSpeech, silence, tone
from tests.fakes.tones import key_tones

Log = Callable[[str], list[e.Event]]
STAFF = replace(LINE, staff="20", domain="pbx.example", staff_ring_s=5.0, staff_briefing=False)


@pytest.fixture(autouse=True)
def quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted voice speak six times as fast as a person."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)


@pytest.fixture
def log(engine: sa.Engine) -> Log:
    """Return what reads a conversation's log."""
    return lambda conversation: [entry.event for entry in EventLog(engine).read(conversation)]


async def settled(front: Shopfront) -> Call:
    """Wait until every call is put down; return the last one."""
    await until(lambda: front.office.switchboard.calm, 30)
    return front.book.latest()[0]


def live(front: Shopfront) -> str:
    """Return the conversation of the only call."""
    (call,) = front.office.switchboard._calls.values()
    assert call is not None
    return call.conversation


def bye(_turn: object) -> list[Answer]:
    return [Answer(text="Goodbye!", rung="rule", ends=True)]


# --- a call ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_call_is_greeted_answered_and_put_down(
    engine: sa.Engine, tmp_path: Path, log: Log, kind: Kind
) -> None:
    """The caller hears that this is an AI and what is kept, asks, is answered, hangs up; nothing is left."""
    speech = ScriptedSpeech("Do you sell tea?")
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await phone.dial(front.office.address, kind=kind)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        greeting = " ".join(speech.said)
        assert greeting.startswith("I am Bell, the AI assistant of Test Shop. I am a computer program")
        assert lines.KEPT in greeting
        await phone.speak(1.0)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        phone.hang_up()
        call = await settled(front)
        assert (call.outcome, call.ended, call.codec, call.caller) == (
            "answered",
            "hung-up",
            kind.name,
            "…123",
        )
        assert [turn.words for turn in call.turns] == [4]
        assert call.quality.lost_percent == 0
        assert 0.8 < call.quality.spoke_s < 1.2
        kept = log(call.conversation)
        assert [event.text for event in kept if isinstance(event, e.CustomerSaid)] == ["Do you sell tea?"]
        assert isinstance(kept[-1], e.Ended)
        assert not front.office.exchange.active_calls
        assert not front.office.exchange.lines


async def test_the_shop_says_goodbye_and_hangs_up(engine: sa.Engine, tmp_path: Path) -> None:
    """After a goodbye the words are played to their end, a rating is asked for, and the line is closed."""
    speech = ScriptedSpeech("Thanks, bye.")
    line = replace(LINE, ask_rating=True)
    async with open_shop(engine, tmp_path, speech, line=line, script=bye) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        await phone.speak(0.8)
        await until(lambda: lines.RATE in speech.said)
        await phone.press("4")
        await asyncio.wait_for(phone.ended.wait(), 30)
        call = await settled(front)
        assert call.ended == "goodbye"
        assert lines.RATED in speech.said
        events = [entry.event for entry in EventLog(engine).read(call.conversation)]
        assert e.Starred(stars=4) in events


async def test_at_night_the_greeting_says_so(engine: sa.Engine, tmp_path: Path) -> None:
    """Outside opening hours the caller hears that the shop is closed, and can ask all the same."""
    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech, now=lambda: NIGHT) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        assert "We are closed now" in " ".join(speech.said)
        phone.hang_up()
        await settled(front)


async def test_a_call_that_is_too_long_ends_with_a_goodbye(engine: sa.Engine, tmp_path: Path) -> None:
    """At its longest a call is ended with words, not cut."""
    speech = ScriptedSpeech()
    line = replace(LINE, longest_min=0.02)
    async with open_shop(engine, tmp_path, speech, line=line) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await asyncio.wait_for(phone.ended.wait(), 30)
        assert (await settled(front)).ended == "longest"
        assert speech.said[-1] == "Goodbye!"


# --- keys --------------------------------------------------------------------------------------------------


async def test_a_key_asks_what_the_shop_put_there(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """A key interrupts the greeting and asks its question in the caller's name."""
    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await phone.press("1")
        await until(lambda: "About When are you open?" in speech.said)
        phone.hang_up()
        call = await settled(front)
        assert [x.text for x in log(call.conversation) if isinstance(x, e.CustomerSaid)] == [
            "When are you open?"
        ]


async def test_number_and_pin_reach_nothing_but_the_check(
    engine: sa.Engine, tmp_path: Path, log: Log
) -> None:
    """What is keyed in to sign in is handed on once; it stands in no log, prompt, word or byte kept."""
    tried: list[tuple[str, str]] = []

    async def sign_in(_conversation: str, number: str, pin: str, _origin: str) -> None:
        tried.append((number, pin))
        if pin != "86420":
            raise SignInRefused("That did not match.")

    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech, sign_in=sign_in) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await phone.press("2")
        await until(lambda: "Please key in your phone number or card number," in speech.said)
        await phone.press("0987654321#")
        await phone.press("97531#")
        await until(lambda: len(tried) == 1)
        await phone.press("*0987654321#86420#")
        await until(lambda: "About How many points do I have?" in speech.said)
        phone.hang_up()
        call = await settled(front)
        assert tried == [("0987654321", "97531"), ("0987654321", "86420")]
        everything = " ".join(
            [*speech.said, *map(str, log(call.conversation)), *map(str, front.ladder.turns)]
        )
        data = await asyncio.to_thread(everything_in, tmp_path)
        for secret in ("0987654321", "97531", "86420"):
            assert secret not in everything
            assert secret.encode() not in data


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


async def test_a_message_reaches_the_staff_with_the_number(
    engine: sa.Engine, tmp_path: Path, log: Log
) -> None:
    """A message is taken as words, to the last, and waits in the console with the number to call."""
    speech = ScriptedSpeech("It is about my grinder.", "Please call me after five.")
    async with open_shop(engine, tmp_path, speech, now=lambda: NIGHT) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await phone.press("3")
        await phone.hears_silence()
        await phone.speak(0.8)
        await asyncio.sleep(1.4)
        await phone.speak(0.8)
        phone.hang_up()  # without the hash, right after the last word
        call = await settled(front)
        kept = log(call.conversation)
        (note,) = [event.text for event in kept if isinstance(event, e.Noted)]
        assert note == (
            'Call back 01632960123. Message: "It is about my grinder. Please call me after five."'
        )
        (case,) = Casebook(engine).open()
        assert (case.kind, case.wanted, case.conversation) == ("call-back", "01632960123", call.conversation)
        assert case.text == "It is about my grinder. Please call me after five."
        assert any(isinstance(event, e.PersonWanted) for event in kept)
        assert not any(isinstance(event, e.Ended | e.CustomerSaid) for event in kept)


async def test_keys_that_come_as_tones_only_are_heard(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """Where the other side offers no keys, they are found in the sound, and no ear hears the tones."""
    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        call = await phone.dial(front.office.address, keys=0)
        assert call.sdp_answer is not None
        assert "telephone-event" not in str(call.sdp_answer)
        await phone.hears_something()
        await phone.play(key_tones("1") + silence(0.3, rate=8_000))
        await until(lambda: "About When are you open?" in speech.said)
        phone.hang_up()
        kept = await settled(front)
        assert [x.text for x in log(kept.conversation) if isinstance(x, e.CustomerSaid)] == [
            "When are you open?"
        ]
        assert not speech.turns


# --- to a person -------------------------------------------------------------------------------------------


def declines(call: IncomingCall) -> None:
    notify_refer(call, 603, "Decline")


def accepts(call: IncomingCall) -> None:
    notify_refer(call, 200, "OK")


async def test_who_wants_a_person_is_put_through(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """Zero rings the staff's extension; the console has the briefing; once answered the line is given up."""
    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech, line=STAFF) as front, a_phone() as phone:
        phone.refer = accepts
        await phone.dial(front.office.address)
        await phone.hears_something()
        await phone.press("0")
        await asyncio.wait_for(phone.ended.wait(), 30)
        call = await settled(front)
        assert phone.referred == ["sip:20@pbx.example"]
        assert call.ended == "transferred"
        kept = log(call.conversation)
        assert [x.text for x in kept if isinstance(x, e.Noted)] == [
            "Telephone: 01632960123 would like a person."
        ]
        assert isinstance(kept[-1], e.Ended)


async def test_where_nobody_answers_the_caller_is_told(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """A declined transfer gives the caller back, with words; the conversation waits for a call-back."""
    speech = ScriptedSpeech("Do you sell tea?")
    async with open_shop(engine, tmp_path, speech, line=STAFF) as front, a_phone() as phone:
        phone.refer = declines
        await phone.dial(front.office.address)
        await phone.hears_something()
        await phone.press("0")
        await until(lambda: lines.NOBODY.split(". ", maxsplit=1)[0] + "." in speech.said, 30)
        await phone.hears_silence()
        await phone.speak(0.8)
        await until(lambda: "About Do you sell tea?" in speech.said)
        phone.hang_up()
        call = await settled(front)
        assert call.ended == "hung-up"
        assert not any(isinstance(event, e.Ended) for event in log(call.conversation))


async def test_what_staff_types_is_spoken(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """While staff holds the floor their typed words are spoken, and the assistant is silent."""
    speech = ScriptedSpeech("Do you sell tea?", "And coffee?")
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        conversation = live(front)
        await front.counter.take_over(conversation, "Ana", 0, "k1")
        await front.counter.say(conversation, "Ana", "Ana here, one moment.", "k2")
        await until(lambda: "one moment." in " ".join(speech.said))
        await phone.hears_silence()
        await phone.speak(0.8)
        await until(lambda: any(isinstance(event, e.CustomerSaid) for event in log(conversation)))
        await asyncio.sleep(0.5)
        assert not any(isinstance(event, e.Replied) for event in log(conversation))
        await front.counter.hand_back(conversation, "Ana", "k3")
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        await phone.speak(0.8)
        await until(lambda: any(isinstance(event, e.Replied) for event in log(conversation)))
        await front.counter.finish(conversation, "Ana", "k4")
        await asyncio.wait_for(phone.ended.wait(), 30)
        assert (await settled(front)).ended in {"staff", "goodbye"}


# --- calls that are not taken ------------------------------------------------------------------------------


async def test_who_calls_when_all_lines_are_taken_hears_busy(
    engine: sa.Engine, tmp_path: Path, log: Log
) -> None:
    """Beyond the set number of calls the answer is 486, and the staff sees who called."""
    line = replace(LINE, calls=1)
    async with (
        open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front,
        a_phone() as phone,
        a_phone() as other,
    ):
        await phone.dial(front.office.address)
        with pytest.raises(RuntimeError, match="486"):
            await other.dial(front.office.address, number="01632960999")
        phone.hang_up()
        await settled(front)
        (busy,) = [call for call in front.book.latest() if call.outcome == "busy"]
        assert busy.caller == "…999"
        notes = [event.text for event in log(busy.conversation) if isinstance(event, e.Noted)]
        assert notes == ["Missed call from 01632960999: the line was busy."]


async def test_blocked_numbers_are_declined(engine: sa.Engine, tmp_path: Path) -> None:
    """A blocked number gets 603, and nobody is called back."""
    line = replace(LINE, blocked=("01632*",))
    async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front, a_phone() as phone:
        with pytest.raises(RuntimeError, match="603"):
            await phone.dial(front.office.address)
        call = await settled(front)
        assert (call.outcome, call.conversation) == ("blocked", "")


async def test_who_gives_up_while_it_rings_is_a_missed_call(
    engine: sa.Engine, tmp_path: Path, log: Log
) -> None:
    """CANCEL ends the ringing; the staff sees the number."""
    line = replace(LINE, ring_s=5.0)
    async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front, a_phone() as phone:
        dialling = asyncio.create_task(phone.dial(front.office.address))
        await until(lambda: phone.call is not None and front.office.switchboard.busy == 1)
        await asyncio.sleep(0.1)
        assert phone.call is not None
        phone.call.cancel(phone.uac)
        dialling.cancel()
        call = await settled(front)
        assert call.outcome == "missed"
        notes = [event.text for event in log(call.conversation) if isinstance(event, e.Noted)]
        assert notes == ["Missed call from 01632960123."]


async def test_strangers_get_no_answer_at_all(engine: sa.Engine, tmp_path: Path) -> None:
    """Whoever is neither the server nor allowed is not answered, not even with a refusal."""
    line = replace(LINE, allow=("192.0.2.1",))
    async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front, a_phone() as phone:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(phone.dial(front.office.address), 1.0)
        assert front.office.socket.strangers > 0
        assert not front.book.latest()


# --- what the network does ---------------------------------------------------------------------------------


async def test_sound_of_a_stranger_is_never_heard(engine: sa.Engine, tmp_path: Path) -> None:
    """Packets from a third port are not heard, however loud and many, and the call goes on."""
    speech = ScriptedSpeech("Do you sell tea?")
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        assert phone.call is not None
        assert phone.call.sdp_answer is not None
        there = phone.call.sdp_answer.rtp_address
        assert there is not None
        loud = phone_packets()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(50):
                for packet in loud:
                    stranger.sendto(packet, there)
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)
        assert not speech.turns
        await phone.speak(0.8)
        await until(lambda: "About Do you sell tea?" in speech.said)
        phone.hang_up()
        call = await settled(front)
        assert call.quality.strangers >= 450
        assert call.quality.lost_percent == 0


def phone_packets() -> list[bytes]:
    """Return ten packets of loud sound that nobody asked for."""
    coded = bytes([0x10, 0x90] * 80)
    return [bytes([0x80, 0, 0, number]) + bytes(4) + b"evil" + coded for number in range(10)]


async def test_broken_sip_is_survived(engine: sa.Engine, tmp_path: Path) -> None:
    """Bytes that are no SIP, and SIP that is broken, change nothing: OPTIONS is answered at once."""
    async with open_shop(engine, tmp_path, ScriptedSpeech()) as front:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((HOST, 0))
            stranger.setblocking(False)
            for bad in broken(stranger.getsockname()[1]):
                stranger.sendto(bad, front.office.address)
            stranger.sendto(options(stranger.getsockname()[1]), front.office.address)
            async with asyncio.timeout(1.0):
                while b"OPTIONS" not in (answer := await loop.sock_recv(stranger, 65_535)):
                    pass
        assert answer.startswith(b"SIP/2.0 200 OK")
        assert not front.office.switchboard.busy
        assert not front.office.exchange.active_calls


async def test_a_flood_of_calls_is_not_even_read(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of hundreds of INVITEs only the first are answered; a call that stands is heard all the same."""
    monkeypatch.setattr("shopbell.voice.phone.sip.NEW_CALLS", Rate(5, 0.001))
    async with open_shop(engine, tmp_path, ScriptedSpeech()) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((HOST, 0))
            port, sdp = stranger.getsockname()[1], "Content-Type: application/sdp\r\n"
            for number in range(300):
                invite = head("INVITE", port, f"{sdp}X: {'x' * number}\r\n", "v=0\r\n")
                stranger.sendto(invite.encode(), front.office.address)
                await asyncio.sleep(0)
        await until(lambda: front.office.socket.unread > 200)
        await phone.hears_something()
        await reinvite(phone, front, "sendonly")
        await phone.hears_silence()
        phone.hang_up()
        assert (await settled(front)).ended == "hung-up"


def options(port: int) -> bytes:
    return head("OPTIONS", port).encode()


def head(method: str, port: int, extra: str = "", body: str = "") -> str:
    return (
        f"{method} sip:shop@{HOST} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK{method}{len(extra)}\r\n"
        f"From: <sip:a@b>;tag=1\r\nTo: <sip:shop@{HOST}>\r\n"
        f"Call-ID: {method}{len(extra)}\r\nCSeq: 1 {method}\r\n"
        f"Max-Forwards: 70\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"
    )


def broken(port: int) -> list[bytes]:
    sdp = "Content-Type: application/sdp\r\nContact: <sip:a@b>\r\n"
    whole = head("INVITE", port, sdp, "v=0\r\nm=audio x RTP/AVP 0\r\n")
    cut = [whole[: len(whole) * part // 12].encode() for part in range(1, 12)]
    return [
        *cut,
        bytes(range(256)) * 4,
        b"\xff" * 2_000,
        whole.encode(),
        head("INVITE", port, sdp + "X: 1\r\n").encode(),
        head("BYE", port, "CSeq: x y\r\n").encode(),
        head("ACK", port, "Via: ;;;\r\n").encode(),
        head("REFER", port).encode(),
        b"SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n\r\n" + b" " * 20,
        whole.replace("Via:", "Via: \0").encode(),
    ]


async def test_a_call_may_come_over_tcp(engine: sa.Engine, tmp_path: Path) -> None:
    """Where TCP is set, a call over a stream is answered on it, and the shop's BYE goes the same way."""
    speech, line = ScriptedSpeech("Thanks, bye."), replace(LINE, transport="tcp")
    async with (
        open_shop(engine, tmp_path, speech, line=line, script=bye) as front,
        a_phone("tcp") as phone,
        a_phone() as plain,
    ):
        await phone.dial(front.office.address)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        await phone.speak(0.8)
        await asyncio.wait_for(phone.ended.wait(), 30)
        assert not front.office.socket._by_udp
        assert not phone.socket._by_udp
        await plain.dial(front.office.address)  # UDP is answered all the same
        plain.hang_up()
        await settled(front)
        assert [kept.outcome for kept in front.book.latest()] == ["answered", "answered"]


async def test_broken_streams_are_survived(engine: sa.Engine, tmp_path: Path) -> None:
    """Bytes that are no SIP on a stream end that stream and nothing else."""
    line = replace(LINE, transport="tcp")
    async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front, a_phone("tcp") as phone:
        for bad in (
            b"\xff" * 200_000,
            b"INVITE\r\n\r\n",
            b"\r\n\r\n",
            b"BYE x SIP/2.0\r\nl: 9999999\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(*front.office.address)
            writer.write(bad)
            writer.write_eof()
            with suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 5)
            writer.close()
        await phone.dial(front.office.address)
        phone.hang_up()
        await settled(front)


async def test_an_invite_that_is_sent_again_is_one_call(engine: sa.Engine, tmp_path: Path) -> None:
    """The same INVITE, sent again while it rings and after the answer, makes one call."""
    line = replace(LINE, ring_s=0.5)
    async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front, a_phone() as phone:
        dialling = asyncio.create_task(phone.dial(front.office.address))
        await until(lambda: front.office.switchboard.busy == 1)
        again = dict(phone.uac._calls).popitem()[1].invite
        phone.socket.send(again, front.office.address)
        await dialling
        phone.socket.send(again, front.office.address)
        await phone.hears_something()
        assert front.office.switchboard.busy == 1
        phone.hang_up()
        await settled(front)
        assert len(front.book.latest()) == 1


async def test_on_hold_nothing_is_played_and_afterwards_it_goes_on(engine: sa.Engine, tmp_path: Path) -> None:
    """A re-INVITE puts the line on hold: the shop waits in silence, and goes on when it is taken back."""
    speech = ScriptedSpeech()
    async with open_shop(engine, tmp_path, speech) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await reinvite(phone, front, "sendonly")
        await phone.hears_silence()
        before = len(speech.said)
        await asyncio.sleep(0.5)
        assert len(speech.said) == before
        await reinvite(phone, front, "sendrecv")
        await phone.hears_something()
        phone.hang_up()
        assert (await settled(front)).ended == "hung-up"


async def reinvite(phone: Phone, front: Shopfront, direction: str) -> None:
    assert phone.call is not None
    assert phone.sound is not None
    assert phone.call.sdp_offer is not None
    named = phone.call.sdp_offer.rtp_address
    assert named is not None
    offer = build_sdp(HOST, named[1], 0, "PCMU")
    assert offer.audio is not None
    offer.audio.attributes.pop("sendrecv", None)
    offer.audio.attributes[direction] = []
    phone.uac.send_reinvite(phone.call.dialog, offer, front.office.address)
    await asyncio.sleep(0.2)


async def test_leaving_hangs_up_every_call(engine: sa.Engine, tmp_path: Path) -> None:
    """When the server stops, callers get a BYE, and the book has no call without an end."""
    async with a_phone() as phone:
        async with open_shop(engine, tmp_path, ScriptedSpeech()) as front:
            await phone.dial(front.office.address)
            await phone.hears_something()
        await asyncio.wait_for(phone.ended.wait(), 30)
        assert all(call.ended_at is not None for call in front.book.latest())


def script_of(text: str) -> Script:
    return lambda _turn: [Answer(text=text, rung="faq")]


async def test_the_caller_may_speak_into_an_answer(engine: sa.Engine, tmp_path: Path, log: Log) -> None:
    """Speaking into a reply stops it; the log keeps what was heard of it."""
    speech = ScriptedSpeech("Do you sell tea?", "No wait, coffee.")
    long = "We have forty kinds of tea on the left. " * 12
    async with open_shop(engine, tmp_path, speech, script=script_of(long)) as front, a_phone() as phone:
        await phone.dial(front.office.address)
        await phone.hears_something()
        await front.said_all()
        await phone.hears_silence()
        await phone.speak(0.8)
        await phone.hears_something()
        await asyncio.sleep(0.5)
        await phone.play(tone(1.2, rate=8_000))
        await until(lambda: len(speech.turns) >= 2)
        await asyncio.sleep(0.5)
        phone.hang_up()
        call = await settled(front)
        cut = [event for event in log(call.conversation) if isinstance(event, e.CutOff | e.Replied)]
        assert any(len(event.text) < len(long) / 2 for event in cut)
