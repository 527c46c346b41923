"""Writes replies and weighs options: what a job does with what the engine reads for it, step by step."""

from collections.abc import Callable, Collection, Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.learned import Learned
from shopbell.assistant.llm.pieces import PieceStream
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.protocol import Finished, Judged, Message, Piece
from shopbell.assistant.llm.reading import Desk, Stood
from shopbell.assistant.llm.requests import Generate, Judge, Keep, Kept, Warm, Warmed
from shopbell.assistant.llm.work import Ask, Read, Steps, Words

Clock = Callable[[], float]
Emit = Callable[[Piece], None]


class Composer:
    """The jobs of one model. Each is a generator: several may be at work at once, of other conversations."""

    def __init__(
        self, words: Words, desk: Desk, prompter: Prompter, *, prompt_limit: int, clock: Clock
    ) -> None:
        """Take the parts; `clock` is in seconds."""
        self._words = words
        self._desk = desk
        self._prompter = prompter
        self._prompt_limit = prompt_limit
        self._clock = clock
        self._warm: dict[int, tuple[Message, ...]] = {}

    def warm(self, request: Warm) -> Steps:
        """Read messages that prompts begin with and keep them for all conversations.

        Raises EngineError when what was learned is not to be had, or does not fit the model.
        """
        began = self._clock()
        tokens = self._prompter.tokens(request.messages, answer=False)
        learned = Learned.read(Path(request.learned)) if request.learned else None
        yield from self._desk.begin(request.place, tokens, learned)
        if not request.place:
            self._warm.clear()
        self._warm[request.place] = request.messages
        return Warmed(tokens=len(tokens), seconds=self._clock() - began)

    def generate(self, request: Generate, emit: Emit) -> Steps:
        """Write a reply, the likeliest token each time. Raises TooLong and Full before the first ask."""
        began = self._clock()
        tokens = self._prompt(request.messages, request.max_tokens)
        with self._desk.holding(request.conversation):
            kept = self._boundary(request.messages[:-1], tokens)
            stood = yield from self._desk.read(
                request.conversation,
                tokens,
                room=request.max_tokens,
                kept=kept if self._desk.has(tokens[:kept]) else 0,
            )
            read = self._clock()
            written = yield from self._write(request, emit, stood, len(tokens))
        # Not sooner: what is written next would lie in the memory before what it follows.
        self._desk.drop(_judging(request.conversation))
        return Finished(
            prompt_tokens=len(tokens),
            cached_tokens=stood.reused,
            tokens=written,
            queue_s=0.0,
            prefill_s=read - began,
            decode_s=self._clock() - read,
        )

    def judge(self, request: Judge) -> Steps:
        """Weigh the first tokens of the options, in a sequence beside the conversation's own.

        It is kept until the conversation's next reply, which then need not read what the two prompts share.
        """
        tokens = self._prompt(request.messages, 1)
        kept = self._boundary(request.messages[: request.kept], tokens) if request.kept else 0
        name = _judging(request.conversation)
        with self._desk.holding(name):
            if request.layer is not None and not request.options:
                states = yield from self._desk.glance(name, tokens, kept=kept, layer=request.layer)
                return Judged(probabilities=(), hidden=states.astype("<f2").tobytes())
            stood = yield from self._desk.read(name, tokens, room=0, kept=kept, layer=request.layer)
        first = [self._words.tokenize(option, False, False)[0] for option in request.options]
        scores = _found(stood.read.scores).astype(np.float64)
        weights = np.exp(scores - scores.max())
        state = None if request.layer is None else _found(stood.read.states)[-1]
        return Judged(
            probabilities=tuple(float(share) for share in weights[first] / weights.sum()),
            hidden=b"" if state is None else state.astype("<f2").tobytes(),
        )

    def keep(self, request: Keep) -> Steps:
        """Read a beginning and keep its state, unless it is kept. Raises TooLong and Full."""
        tokens = self._prompter.tokens(request.messages, answer=False)
        if self._desk.keeps and not self._desk.has(tokens):
            with self._desk.holding(KEEPING):
                yield from self._desk.read(KEEPING, tokens, room=0, kept=len(tokens))
        return Kept(key=self._desk.key(tokens))

    def keep_only(self, keys: Collection[str]) -> Steps:
        """Throw away the states of all other beginnings."""
        self._desk.keep_only(keys)
        yield from ()
        return None

    def forget(self, conversation: str) -> Steps:
        """Drop what is kept of a conversation."""
        self._desk.drop(conversation, _judging(conversation))
        yield from ()
        return None

    def _write(self, request: Generate, emit: Emit, stood: Stood, length: int) -> Generator[Ask, Read, int]:
        """Write behind a prompt of so many tokens; return how many were written."""
        stream, read, written = PieceStream(request.stop), stood.read, 0
        while written < request.max_tokens:
            token, logprob = _likeliest(_found(read.scores))
            written += 1
            if self._words.ends(token):
                break
            _show(stream.feed(self._words.bytes_of(token), logprob), emit)
            if stream.stopped or written == request.max_tokens:
                break
            position = length + written - 1
            read = yield Ask(tokens=(token,), sequence=stood.sequence, position=position, writing=True)
            self._desk.wrote(request.conversation, token)
        _show(stream.finish(), emit)
        return written

    def _prompt(self, messages: tuple[Message, ...], room: int) -> list[int]:
        limit = self._prompt_limit - room
        kept = max((len(warm) for warm in self._warm.values() if messages[: len(warm)] == warm), default=0)
        tokens = self._prompter.fitting(messages, kept=kept, limit=limit)
        if len(tokens) > limit:
            raise TooLong(
                f"the prompt is {len(tokens)} tokens long and {limit} are allowed beside its reply;"
                " shorten the message or the passages"
            )
        return tokens

    def _boundary(self, messages: tuple[Message, ...], tokens: list[int]) -> int:
        """Return where these messages end in a prompt; 0 when it does not begin with them."""
        beginning = self._prompter.tokens(messages, answer=False)
        return len(beginning) if tokens[: len(beginning)] == beginning else 0


KEEPING = "\0keep"
"""The name under which beginnings are read ahead."""


def _judging(conversation: str) -> str:
    return f"\0judge {conversation}"


def _show(piece: Piece | None, emit: Emit) -> None:
    if piece is not None:
        emit(piece)


def _found(numbers: NDArray[np.float32] | None) -> NDArray[np.float32]:
    if numbers is None:
        raise ValueError("the engine read a prompt to its end and did not say what follows")
    return numbers


def _likeliest(scores: NDArray[np.float32]) -> tuple[int, float]:
    """Return the token of the highest score and its logprob, -ln(sum(exp(score - highest)))."""
    token = int(scores.argmax())
    return token, -float(np.log(np.exp(scores - scores[token]).sum()))
