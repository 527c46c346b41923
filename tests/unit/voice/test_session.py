"""A whole visit on a virtual clock, with a scripted ladder, ears that were told what to hear, and tones."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, Step, Turn, Words
from shopbell.voice import kioskwire as k
from shopbell.voice import phrases
from shopbell.voice.ears import Ears
from shopbell.voice.endpointing import Manners
from shopbell.voice.errors import Deaf, Mute
from shopbell.voice.minding import Reason
from shopbell.voice.session import Parts, VoiceSession
from shopbell.voice.speech import Transcript
from tests.fakes import clock
from tests.fakes.ladder import Script, ScriptedLadder, Wait, at_once
from tests.fakes.media import FakeMedia, Talking
from tests.fakes.service import desk
from tests.fakes.speech import LoudnessActivity, ScriptedSpeech

LONG = (
    "You can bring it back within thirty days. Please bring the receipt with you, and the box. "
    "Opened coffee cannot come back, because we could not sell it again to anybody else."
)
GREETED = 12.0
"""Seconds after which notice and greeting are over."""


class Visit:
    """One visit: what was heard, shown and kept."""

    def __init__(self, engine: sa.Engine, media: FakeMedia, speech: ScriptedSpeech, script: Script) -> None:
        self.engine = engine
        self.media = media
        self.speech = speech
        self.ladder = ScriptedLadder(script)
        self.shown: list[tuple[float, Struct]] = []
        self.reason: Reason = "gone"
        self.conversation = ""
        self.heard_s = 0.0
        self.session: VoiceSession | None = None

    async def run(self, *alongside: Callable[["Visit"], Coroutine[Any, Any, None]]) -> "Visit":
        loop = asyncio.get_running_loop()
        conversations, self.counter, _ = desk(self.engine, self.ladder)
        opened = await conversations.open("kiosk")
        self.conversation = opened.conversation

        async def show(frame: Struct) -> None:
            self.shown.append((loop.time(), frame))

        numbers = iter(range(1_000))
        parts = Parts(
            conversations=conversations,
            speech=self.speech,
            media=self.media,
            ears=Ears(self.speech, LoudnessActivity(), clock.InlineWorker()),
            show=show,
            clock=loop.time,
            new_key=lambda: f"k{next(numbers)}",
        )
        async with conversations:
            self.session = VoiceSession(parts, opened.conversation)
            others = [asyncio.create_task(one(self)) for one in alongside]
            self.reason = await self.session.run()
            self.heard_s = self.media.heard_s
            for task in others:
                task.cancel()
        return self

    @property
    def log(self) -> list[e.Event]:
        return [entry.event for entry in EventLog(self.engine).read(self.conversation)]

    @property
    def customer(self) -> list[str]:
        return [event.text for event in self.log if isinstance(event, e.CustomerSaid)]

    def captions(self) -> list[str]:
        return [frame.text for _, frame in self.shown if isinstance(frame, k.Caption)]

    def kept(self) -> str:
        """Return the last reply as it counts now."""
        texts = [event.text for event in self.log if isinstance(event, e.Replied | e.CutOff)]
        return texts[-1]


def visit(
    engine: sa.Engine,
    *talking: Talking,
    heard: list[str | Transcript | Deaf] | None = None,
    script: Script = at_once,
    until: float = 60.0,
    speech: ScriptedSpeech | None = None,
    alongside: Callable[[Visit], Coroutine[Any, Any, None]] | None = None,
) -> Visit:
    voice = speech or ScriptedSpeech()
    voice.enqueue(*(heard or []))

    async def main() -> Visit:
        made = Visit(engine, FakeMedia(*talking, until=until), voice, script)
        return await made.run(*([alongside] if alongside else []))

    return clock.run(main())


def faq(text: str) -> Script:
    return lambda _turn: [Answer(text=text, rung="faq")]


def test_the_notice_comes_first(engine: sa.Engine) -> None:
    """Before anything else the customer hears that this is an AI."""
    done = visit(engine, until=5.0)
    assert "AI assistant" in " ".join(done.speech.said[:2])
    assert done.reason == "gone"


def test_a_question_is_answered_aloud(engine: sa.Engine) -> None:
    """What was heard goes to the conversation, and its answer is spoken."""
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        heard=["When do you open?"],
        script=faq("We open at eight."),
        until=20.0,
    )
    assert done.customer == ["When do you open?"]
    assert done.speech.said[-1] == "We open at eight."
    answered = next(at for at in done.media.began if at > GREETED + 2)
    assert answered - (GREETED + 2) < 0.6


def in_doubt(text: str) -> Transcript:
    """Return words after which the speaker may go on."""
    return Transcript(text=text, confidence=0.9, no_speech=0.0, seconds=1.0, closes=0.3)


def slow(turn: Turn) -> list[Step | Wait]:
    """Think for a second, and answer with the question."""
    return [Wait(1.0), Answer(text=f"About {turn.text}", rung="model")]


def test_an_answer_is_thought_out_while_the_end_is_in_doubt(engine: sa.Engine) -> None:
    """Who is silent for long because the ears were not sure does not wait for the model as well."""
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        heard=[in_doubt("A flat white for me")],
        script=slow,
        until=22.0,
    )
    assert done.customer == ["A flat white for me."]
    assert [turn.text for turn in done.ladder.turns] == ["A flat white for me."]
    answered = next(at for at in done.media.began if at > GREETED + 2)
    assert answered - (GREETED + 2) < Manners().doubtful_s + 0.3


def test_who_pauses_to_think_is_answered_to_everything(engine: sa.Engine) -> None:
    """What was thought out in the pause stops when the customer goes on, and is never said or kept."""
    running: list[int] = []

    async def look(done: Visit) -> None:
        for _ in range(2):
            await asyncio.sleep(0.9 if running else GREETED + 2.2)
            running.append(done.ladder.running)

    done = visit(
        engine,
        Talking(GREETED, GREETED + 1),
        Talking(GREETED + 2.4, GREETED + 3.5),
        heard=[in_doubt("A flat white"), "A flat white and a bun, please."],
        script=lambda turn: [Wait(99.0)] if turn.text == "A flat white." else slow(turn),
        until=26.0,
        alongside=look,
    )
    assert running == [1, 0]
    assert [turn.text for turn in done.ladder.turns] == ["A flat white.", "A flat white and a bun, please."]
    assert done.customer == ["A flat white and a bun, please."]
    assert [event.text for event in done.log if isinstance(event, e.Replied)] == [
        "About A flat white and a bun, please."
    ]
    assert "About A flat white." not in done.speech.said


def test_speaking_stops_the_sound_within_200_ms(engine: sa.Engine) -> None:
    """Whoever speaks into a reply stops the sound at once, and the log keeps what was heard of it."""
    start = GREETED + 6
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        Talking(start, start + 1.5),
        heard=["Can I return it?", "No wait, I mean an exchange."],
        script=lambda turn: [Answer(text=LONG if "return" in turn.text else "Yes.", rung="faq")],
        until=start + 8,
    )
    held = next(at for at in done.media.at("hold") if at >= start)
    assert held - start <= 0.2
    assert done.customer == ["Can I return it?", "No wait, I mean an exchange."]
    cut = [event for event in done.log if isinstance(event, e.CutOff)]
    assert len(cut) == 1
    assert LONG.startswith(cut[0].text)
    assert 0 < len(cut[0].text) < len(LONG)
    assert done.speech.said[-1] == "Yes."


@pytest.mark.parametrize("sound", ["Mm-hm.", "Yeah, okay.", ""])
def test_an_mm_hm_does_not_stop_the_reply(engine: sa.Engine, sound: str) -> None:
    """A backchannel or a noise holds the sound for a moment; it goes on within two seconds, to its end."""
    start = GREETED + 5
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        Talking(start, start + 0.4),
        heard=["Can I return it?", sound],
        script=faq(LONG),
        until=GREETED + 30,
    )
    held = next(at for at in done.media.at("hold") if at >= start)
    resumed = next(at for at in done.media.at("resume") if at >= held)
    assert resumed - held <= 2.0
    assert done.customer == ["Can I return it?"]
    assert done.kept() == LONG
    assert not [event for event in done.log if isinstance(event, e.CutOff)]
    assert done.heard_s > 10


def test_a_long_interruption_cuts_before_it_ends(engine: sa.Engine) -> None:
    """Somebody who talks on for longer than an "mm-hm" is not waited for."""
    start = GREETED + 5
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        Talking(start, start + 4),
        heard=["Can I return it?", "And I wanted to say something long."],
        script=lambda turn: [Answer(text=LONG if "return" in turn.text else "I see.", rung="faq")],
        until=start + 10,
    )
    assert next(at for at in done.media.at("clear") if at >= start) - start < 1.3


def test_a_late_answer_is_bridged_once_and_then_by_tones(engine: sa.Engine) -> None:
    """Once most answers would have come, a filler that names the subject; then no silence of two seconds."""
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        heard=["Do you deliver to Whitby?"],
        script=lambda _turn: [Wait(14.0), Answer(text="Yes, we do.", rung="model")],
        until=GREETED + 22,
    )
    said = done.speech.said
    assert said.count("Let me look up delivery.") == 1
    assert " ".join(said).count(phrases.SLOW) == 1
    asked = GREETED + 2
    silences = [end - start for start, end in done.media.silences if start >= asked]
    first = next(end for start, end in done.media.silences if start < asked < end)
    assert first - asked < 1.6
    assert max(silences) < 2.0
    assert said[-1] == "Yes, we do."


def test_a_quick_answer_needs_no_filler(engine: sa.Engine) -> None:
    """What answers in time is not announced."""
    done = visit(engine, Talking(GREETED, GREETED + 2), heard=["Do you deliver?"], until=GREETED + 8)
    assert not [text for text in done.speech.said if text.startswith(("Let me look", "One moment"))]


def test_a_throttled_model_never_cuts_a_sentence_off(engine: sa.Engine) -> None:
    """One word a second: every word is said, in order, and the visit does not end meanwhile."""
    words = "We roast our coffee here every Monday, and we grind it while you wait.".split()
    steps: list[Any] = []
    for word in words:
        steps += [Wait(1.0), Words(f"{word} ")]
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        heard=["Where do you roast?"],
        script=lambda _turn: [*steps, Answer(text=" ".join(words), rung="model")],
        until=GREETED + 22,
    )
    assert done.speech.said[-2:] == [
        "We roast our coffee here every Monday,",
        "and we grind it while you wait.",
    ]
    assert done.kept() == " ".join(words)


def test_nobody_there_is_asked_and_then_let_go(engine: sa.Engine) -> None:
    """Two prompts, then a goodbye, and the visit is over by itself."""
    done = visit(engine, until=120.0)
    assert done.reason == "idle"
    assert done.captions() == [*phrases.PROMPTS, phrases.FAREWELL]


def test_a_goodbye_ends_the_visit(engine: sa.Engine) -> None:
    """After the farewell was heard the visit is over."""
    done = visit(
        engine,
        Talking(GREETED, GREETED + 1),
        heard=["Thanks, bye."],
        script=lambda _turn: [Answer(text="Goodbye!", rung="rule", ends=True)],
    )
    assert done.reason == "bye"
    assert done.speech.said[-1] == "Goodbye!"


def test_noise_starts_no_turn(engine: sa.Engine) -> None:
    """What the engine takes for noise is neither kept nor answered."""
    done = visit(engine, Talking(GREETED, GREETED + 1), heard=[""], until=GREETED + 6)
    assert done.customer == []


def test_staff_are_spoken_aloud(engine: sa.Engine) -> None:
    """What staff type is heard, and the assistant is silent."""

    async def staff(done: Visit) -> None:
        await asyncio.sleep(GREETED)
        await done.counter.take_over(done.conversation, "Sam", 0, "k1")
        await done.counter.say(done.conversation, "Sam", "Hello, Sam here.", "k2")

    done = visit(engine, alongside=staff, until=GREETED + 12)
    assert done.speech.said[-1] == "Hello, Sam here."


def test_an_unclear_yes_to_points_is_read_back(engine: sa.Engine) -> None:
    """A doubtful yes spends nothing: the amount is said once more and a clear yes is needed."""

    def script(turn: Any) -> list[Any]:
        if turn.text.lower().startswith("yes"):
            return [Answer(text="Done.", rung="flow")]
        return [Answer(text="That costs 200 points. Shall I spend 200 points?", rung="flow")]

    doubtful = Transcript(text="Yes.", confidence=0.4, no_speech=0.2, seconds=0.4, closes=0.3)
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        Talking(GREETED + 8, GREETED + 8.5),
        Talking(GREETED + 18, GREETED + 18.5),
        heard=["Spend my points.", doubtful, "Yes, 200 points."],
        script=script,
        until=GREETED + 26,
    )
    assert done.customer == ["Spend my points.", "Yes, 200 points."]
    assert [turn.text for turn in done.ladder.turns] == done.customer, (
        "nothing is thought out on an unclear yes"
    )
    assert any("200 points" in caption for caption in done.captions())
    assert done.speech.said[-1] == "Done."


def test_a_yes_into_the_question_counts_only_after_the_amount(engine: sa.Engine) -> None:
    """Who says yes before the amount was heard is asked again."""
    question = "I found a free flat white for you, from the autumn list. Shall I spend 200 points on it?"
    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        Talking(GREETED + 3.5, GREETED + 5.2),
        heard=["What can I get?", "Yes please do that."],
        script=faq(question),
        until=GREETED + 16,
    )
    assert done.customer == ["What can I get?"]
    assert any("Is that right?" in caption for caption in done.captions())


def test_without_ears_the_customer_is_told_to_type(engine: sa.Engine) -> None:
    """A dead hearing engine is said aloud and shown; typed words are answered."""

    async def types(done: Visit) -> None:
        await asyncio.sleep(GREETED + 10)
        assert done.session is not None
        await done.session.typed("Do you deliver?", "typed-1")

    done = visit(
        engine,
        Talking(GREETED, GREETED + 2),
        heard=[Deaf("gone")],
        alongside=types,
        until=GREETED + 20,
    )
    assert phrases.DEAF in " ".join(done.speech.said)
    assert k.Senses(hearing=False, speaking=True) in [frame for _, frame in done.shown]
    assert done.customer == ["Do you deliver?"]
    assert done.kept() == "About Do you deliver?"


def test_without_a_voice_the_words_are_shown(engine: sa.Engine) -> None:
    """A dead voice leaves the captions, and the visit goes on."""
    speech = ScriptedSpeech("Do you deliver?")
    speech.mute = Mute("gone")
    done = visit(engine, Talking(3, 5), speech=speech, until=12.0)
    frames = [frame for _, frame in done.shown]
    assert k.Senses(hearing=True, speaking=False) in frames
    assert any(isinstance(frame, wire.Replied) for frame in frames)


def test_the_button_takes_what_it_brackets(engine: sa.Engine) -> None:
    """Held, it stops the sound and listens to everything; let go, the turn is complete."""

    async def holds(done: Visit) -> None:
        await asyncio.sleep(2.0)
        assert done.session is not None
        done.session.adapt(k.Habits(hands_free=False))
        await done.session.press()
        await asyncio.sleep(1.5)
        await done.session.release()

    done = visit(engine, heard=["Do you deliver?"], alongside=holds, until=10.0)
    assert done.customer == ["Do you deliver?"]
    assert done.media.at("clear")[0] == pytest.approx(2.0, abs=0.1)
