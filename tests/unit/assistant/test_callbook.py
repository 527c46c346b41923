"""The call book, and what the doctor says of a call."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.callbook import Call, CallBook, Heard, Quality
from shopbell.assistant.callcommand import call_command
from shopbell.assistant.calldoctor import diagnose
from shopbell.assistant.wire import Timings

BEGAN = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)
FINE = Quality(received=900, sent=900, loudness_db=-18.0, spoke_s=6.0)
CALL = Call(
    id="c0ffee01",
    conversation="talk-1",
    began_at=BEGAN,
    answered_at=BEGAN + timedelta(seconds=1),
    ended_at=BEGAN + timedelta(seconds=61),
    caller="…123",
    callee="shop",
    outcome="answered",
    ended="goodbye",
    codec="PCMU",
    quality=FINE,
    turns=(Heard(at_s=9.0, seconds=2.0, words=5, confidence=0.9, wait_s=0.8),),
)


def replied(**more: object) -> e.Replied:
    return e.Replied(reply="r1", answers=(1,), text="Yes.", rung="faq", **more)  # type: ignore[arg-type]


def test_a_call_comes_back_as_it_was_kept(engine: sa.Engine) -> None:
    """What is put down is read back, by id, by its beginning, and by conversation."""
    book = CallBook(engine)
    begun = replace(
        CALL, ended_at=None, answered_at=None, quality=Quality(), turns=(), ended="", outcome="ringing"
    )
    book.begin(begun)
    assert book.find("c0ff") == begun
    book.keep(CALL)
    assert book.find("talk-1") == CALL
    assert book.latest() == (CALL,)
    assert CALL.seconds == 60.0
    assert book.find("") is None
    assert book.find("%") is None


def test_two_that_begin_alike_are_not_taken_for_one(engine: sa.Engine) -> None:
    """A beginning that two calls share names neither."""
    book = CallBook(engine)
    book.begin(CALL)
    book.begin(replace(CALL, id="c0ffee02", conversation="talk-2"))
    assert book.find("c0ffee0") is None
    assert book.find("c0ffee02") is not None


def test_calls_that_a_restart_cut_off_get_an_end(engine: sa.Engine) -> None:
    """A call without an end is closed when the line is opened again."""
    book = CallBook(engine)
    book.begin(replace(CALL, ended_at=None, ended=""))
    assert book.close_left(BEGAN + timedelta(hours=1)) == 1
    assert book.close_left(BEGAN) == 0
    found = book.latest()[0]
    assert found.ended == "restart"
    assert diagnose(found, [])[0].area == "cut"


@pytest.mark.parametrize(
    ("call", "log", "level", "area", "words"),
    [
        (CALL, [], "ok", "call", "Nothing went wrong"),
        (replace(CALL, quality=Quality()), [], "bad", "silent", "phone.rtp_ports"),
        (replace(CALL, quality=replace(FINE, spoke_s=0.0)), [], "warn", "silent", "nobody spoke"),
        (replace(CALL, quality=replace(FINE, lost_percent=4.0)), [], "bad", "line", "4.0 % of the caller's"),
        (replace(CALL, quality=replace(FINE, far_lost_percent=1.5)), [], "warn", "line", "1.5 % of our"),
        (replace(CALL, quality=replace(FINE, jitter_ms=45.0)), [], "warn", "line", "45 ms"),
        (replace(CALL, quality=replace(FINE, loudness_db=-44.0)), [], "warn", "misheard", "very quiet"),
        (replace(CALL, quality=replace(FINE, talk_over_s=5.0)), [], "warn", "cut", "5.0 s"),
        (replace(CALL, ended="fault"), [], "bad", "cut", "apology"),
        (replace(CALL, ended="longest"), [], "warn", "cut", "phone.longest_min"),
        (replace(CALL, ended="idle"), [], "warn", "silent", "heard for long"),
        (
            replace(CALL, ended="hung-up"),
            [replied(), e.CutOff(reply="r1", text="Y", rung="faq")],
            "warn",
            "cut",
            "middle of an answer",
        ),
        (CALL, [replied(failed=True)], "warn", "answer", "1 questions found no answer"),
        (replace(CALL, outcome="busy"), [], "warn", "line", "phone.calls"),
        (replace(CALL, outcome="missed"), [], "warn", "line", "phone.ring_s"),
    ],
)
def test_the_cause_is_named(call: Call, log: list[e.Event], level: str, area: str, words: str) -> None:
    """Each thing that can go wrong is found from the figures alone, with what to do."""
    (first, *_) = diagnose(call, log)
    assert (first.level, first.area) == (level, area)
    assert words in first.text


def test_a_slow_answer_names_its_slowest_part() -> None:
    """Of a late answer it is told how late, and what took longest."""
    turns = (replace(CALL.turns[0], wait_s=4.2), CALL.turns[0])
    log = [replied(timings=Timings(search_s=0.1, queue_s=3.0, first_word_s=3.6, total_s=5.0))]
    (found,) = diagnose(replace(CALL, turns=turns), log)
    assert (
        found.text
        == "1 of 2 waits were over 2 s, 4.2 s at most; most of it was waiting for the model (3.0 s)."
    )


def test_misheard_turns_are_counted() -> None:
    """Turns without words, doubtful ones, and ones that nothing answered are each told."""
    turn = CALL.turns[0]
    turns = (replace(turn, words=0), replace(turn, confidence=0.2), replace(turn, wait_s=None), turn)
    found = {(one.area, one.level) for one in diagnose(replace(CALL, turns=turns), [])}
    assert found == {("misheard", "warn"), ("silent", "bad")}


def test_the_worst_comes_first() -> None:
    """What is bad stands before what is only noted."""
    call = replace(CALL, ended="longest", quality=replace(FINE, lost_percent=9.0))
    assert [one.level for one in diagnose(call, [])] == ["bad", "warn"]


def test_the_command_prints_it(engine: sa.Engine, tmp_path: object) -> None:
    """`doctor call` names call, figures and findings; an unknown one is told with what to do."""
    CallBook(engine).begin(replace(CALL, ended="longest"))

    class Here:
        def shop_dir(self, _shop: object) -> object:
            return tmp_path

    said = CliRunner().invoke(call_command, ["c0ff"], obj=Here())
    assert said.exit_code == 0
    assert "Call c0ffee01 from …123" in said.output
    assert "phone.longest_min" in said.output
    assert '"level": "warn"' in CliRunner().invoke(call_command, ["c0ff", "--json"], obj=Here()).output
    unknown = CliRunner().invoke(call_command, ["nope"], obj=Here())
    assert unknown.exit_code == 1
    assert "shopbell phone calls" in unknown.output
