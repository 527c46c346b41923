"""What every language model of the house must do: the fake, the toy behind the queue, and the real one."""

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from shopbell.assistant.errors import Overdue, TooLong
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.protocol import Beginning, Finished, Generation, LanguageModel, Message, Piece
from shopbell.assistant.llm.requests import EngineSettings
from tests.fakes.llm import Reply, ScriptedModel
from tests.fakes.toy import ToySettings

SYSTEM = Message("system", "You are the assistant of a small shop. Answer in one short sentence.")
QUESTION = Message("user", "When do you open? Please count from one to twenty, too.")


@pytest.fixture(params=["scripted", "toy", pytest.param("real", marks=pytest.mark.model)])
async def model(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LanguageModel]:
    """Give each of them, ready."""
    if request.param == "scripted":
        words = "We open at nine, and one two three four five six seven eight."
        yield ScriptedModel(*[words] * 4)
        return
    if request.param == "toy":
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]), prepend=os.pathsep)
        file = tmp_path / "toy.json"
        file.write_bytes(msgspec.json.encode(ToySettings(pause_s=0.005)))
        worker = WorkerModel(EngineSettings(model=file, data=tmp_path), factory="tests.fakes.toy:start")
    else:
        worker = WorkerModel(request.getfixturevalue("smol_settings"))
    async with worker, asyncio.timeout(300):
        worker.warm(Beginning(messages=(SYSTEM,)))
        await _ready(worker)
        yield worker


async def _ready(model: WorkerModel) -> None:
    """Wait through a restart too: the processor may refuse an instruction once."""
    while model.state.status != "ready":
        await model.ready()


def job(
    *messages: Message, most: int = 12, deadline_s: float = 60.0, stop: tuple[str, ...] = ()
) -> Generation:
    return Generation(
        conversation="c",
        messages=messages or (SYSTEM, QUESTION),
        max_tokens=most,
        deadline_s=deadline_s,
        stop=stop,
    )


async def test_pieces_come_before_the_one_finish(model: LanguageModel) -> None:
    """Pieces with text and a logprob of at most 0, and `Finished` once, last."""
    async with aclosing(model.generate(job())) as progress:
        events = [event async for event in progress]
    *pieces, finished = [event for event in events if isinstance(event, Piece | Finished)]
    assert isinstance(finished, Finished)
    assert pieces
    for piece in pieces:
        assert isinstance(piece, Piece)
        assert piece.text
        assert -math.inf < piece.logprob <= 1e-6
    assert 0 < finished.tokens <= 12
    assert 0 <= finished.cached_tokens < finished.prompt_tokens


async def test_the_same_prompt_gives_the_same_reply(model: LanguageModel) -> None:
    """The likeliest token is chosen each time; nothing is left to chance.

    The first reply reads the prompt in a batch, the later ones reuse what was read: that may round otherwise,
    so the second and the third are compared.
    """
    said = []
    for _ in range(3):
        async with aclosing(model.generate(job())) as progress:
            said.append("".join([event.text async for event in progress if isinstance(event, Piece)]))
    assert said[1] == said[2]


async def test_a_stop_text_is_not_part_of_the_reply(model: LanguageModel) -> None:
    """The reply ends before the stop text."""
    async with aclosing(model.generate(job(most=8))) as progress:
        whole = "".join([event.text async for event in progress if isinstance(event, Piece)])
    stop = whole[3:6]
    async with aclosing(model.generate(job(most=8, stop=(stop,)))) as progress:
        cut = "".join([event.text async for event in progress if isinstance(event, Piece)])
    assert cut == whole[: whole.find(stop)]


async def test_a_closed_reply_leaves_the_model_free(model: LanguageModel) -> None:
    """After a reply is closed half-way the next one comes."""
    async with aclosing(model.generate(job(most=200))) as progress:
        async for event in progress:
            if isinstance(event, Piece):
                break
    async with aclosing(model.generate(job(most=2))) as progress:
        assert any([isinstance(event, Finished) async for event in progress])


async def test_a_judgement_is_a_share_of_all_words(model: LanguageModel) -> None:
    """One probability for each option, in their order."""
    messages = (SYSTEM, Message("user", "Is water wet? Answer yes or no."))
    found = (await model.judge("c", messages, ("yes", "no", "perhaps"), 60.0)).probabilities
    assert len(found) == 3
    assert sum(found) <= 1.0 + 1e-6
    assert all(0.0 <= probability <= 1.0 for probability in found)


async def test_too_long_a_prompt_is_refused(model: LanguageModel) -> None:
    """What does not fit is TooLong, and the model goes on."""
    with pytest.raises(TooLong):
        async with aclosing(model.generate(job(Message("user", "coffee " * 4000)))) as progress:
            await anext(progress)
    with pytest.raises(TooLong):
        await model.judge("c", (Message("user", "coffee " * 4000),), ("y", "n"), 60.0)
    async with aclosing(model.generate(job(most=2))) as progress:
        assert any([isinstance(event, Finished) async for event in progress])


async def test_past_the_deadline_it_is_overdue(model: LanguageModel) -> None:
    """When the first word cannot come in time, it is said so in time."""
    if isinstance(model, ScriptedModel):
        model._replies.clear()
        model.enqueue(Reply(pieces=("late",), delay_s=5.0))
    with pytest.raises(Overdue):
        async with aclosing(model.generate(job(Message("user", "tea " * 200), deadline_s=0.02))) as progress:
            await anext(progress)


async def test_forgetting_is_never_an_error(model: LanguageModel) -> None:
    """A conversation may be forgotten at any time, known or not."""
    model.forget("c")
    model.forget("nobody")
    async with aclosing(model.generate(job(most=2))) as progress:
        assert any([isinstance(event, Finished) async for event in progress])
    model.forget("c")
