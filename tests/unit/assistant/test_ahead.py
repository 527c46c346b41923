"""Reading ahead."""

import asyncio
from collections.abc import Callable

import pytest

from shopbell.assistant import ahead
from shopbell.assistant.ahead import reading_ahead
from shopbell.assistant.errors import TooLong, Unavailable
from shopbell.assistant.llm.protocol import Message
from shopbell.knowledge.passage import Kind, Passage


class Notes:
    def __init__(self, *titles: str) -> None:
        self.publish(*titles)

    def publish(self, *titles: str) -> None:
        self.passages = tuple(Passage(id=title, title=title, text="Words.") for title in titles)


class Engine:
    """Keeps a name for every note; is wanted by others as often as it was told, refuses long notes."""

    def __init__(self, *, wanted: int = 0, absent: bool = False) -> None:
        self.kept: set[str] = set()
        self.asked: list[str] = []
        self._wanted = wanted
        self._absent = absent

    async def ready(self) -> None:
        if self._absent:
            raise Unavailable("no model")

    async def keep(self, messages: tuple[Message, ...]) -> str | None:
        await asyncio.sleep(0)
        if self._wanted:
            self._wanted -= 1
            return None
        if "long" in messages[-1].content:
            raise TooLong("too long")
        self.asked.append(messages[-1].content)
        self.kept.add(messages[-1].content)
        return messages[-1].content

    def keep_only(self, keys: set[str]) -> None:
        self.kept &= keys


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "PAUSE_S", 0.001)
    monkeypatch.setattr(ahead, "overloaded", lambda: False)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for is a fake's own list
            await asyncio.sleep(0.001)


async def test_every_note_is_read_once() -> None:
    """All notes are read, also when the engine was wanted by others in between; a long one is left out."""
    engine, notes = Engine(wanted=3), Notes("a?", "long?", "b?")
    async with reading_ahead(engine, notes, enabled=True):
        await until(lambda: len(engine.kept) == 2)
        await asyncio.sleep(0.02)
    assert engine.asked == ["Note: a? Words.", "Note: b? Words."]


async def test_a_publication_is_followed() -> None:
    """New notes are read, and what was read of withdrawn ones is thrown away."""
    engine, notes = Engine(), Notes("a?", "b?")
    async with reading_ahead(engine, notes, enabled=True):
        await until(lambda: len(engine.kept) == 2)
        notes.publish("b?", "c?")
        await until(lambda: engine.kept == {"Note: b? Words.", "Note: c? Words."})


async def test_only_questions_and_answers_are_read_ahead() -> None:
    """Products and running text are not: there are too many of them."""
    engine, notes = Engine(), Notes("a?")
    notes.passages += (Passage(id="p", title="Guji", text="A coffee.", kind=Kind.PRODUCT),)
    async with reading_ahead(engine, notes, enabled=True):
        await until(lambda: len(engine.kept) == 1)
        await asyncio.sleep(0.01)
    assert engine.asked == ["Note: a? Words."]


async def test_a_busy_machine_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ahead can wait; whoever else works on the machine cannot."""
    busy = [True]
    monkeypatch.setattr(ahead, "overloaded", lambda: busy[0])
    engine = Engine()
    async with reading_ahead(engine, Notes("a?"), enabled=True):
        await asyncio.sleep(0.02)
        assert not engine.kept
        busy[0] = False
        await until(lambda: len(engine.kept) == 1)


@pytest.mark.parametrize("case", ["disabled", "absent"])
async def test_nothing_is_read_without_need(case: str) -> None:
    """Neither when it is switched off nor without a model; leaving is quick."""
    engine = Engine(absent=case == "absent")
    async with asyncio.timeout(5), reading_ahead(engine, Notes("a?"), enabled=case != "disabled"):
        await asyncio.sleep(0.02)
    assert not engine.asked
