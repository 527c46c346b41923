"""Writes replies and weighs options: the one place where prompt, book of sequences and engine meet."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.pieces import PieceStream
from shopbell.assistant.llm.prompts import Prompter
from shopbell.assistant.llm.protocol import Finished, Judged, Message, Piece
from shopbell.assistant.llm.requests import Generate, Judge, Keep, Kept, Warm, Warmed
from shopbell.assistant.llm.slots import Slots, Step, common_length, prefix_name
from shopbell.assistant.llm.states import States, key_of

Clock = Callable[[], float]
Emit = Callable[[Piece], None]
Watch = Callable[[], None]
"""Called at every step; tells the supervisor of progress, and raises to end the job."""


class Words(Protocol):
    """What is wanted of the weights."""

    def tokenize(self, text: str, special: bool, first: bool) -> list[int]:
        """Return the tokens of a text."""
        ...

    def bytes_of(self, token: int) -> bytes:
        """Return the bytes of a token."""
        ...

    def ends(self, token: int) -> bool:
        """Say whether a token closes the reply."""
        ...


class Reader(Protocol):
    """What is wanted of the memory."""

    def apply(self, steps: Sequence[Step]) -> None:
        """Obey the book of sequences."""
        ...

    def read(self, tokens: Sequence[int], *, sequence: int, position: int, deep: bool = False) -> None:
        """Read a slice; `deep` wants the hidden state of its last token."""
        ...

    def hidden(self) -> NDArray[np.float32]:
        """Return the hidden state of the last token."""
        ...

    def logits(self) -> NDArray[np.float32]:
        """Return the scores of the next token."""
        ...

    def save(self, *, sequence: int, begin: int, end: int) -> bytes:
        """Return the state of the tokens at positions [begin, end); empty when it cannot be had."""
        ...

    def restore(self, state: bytes, *, sequence: int, begin: int, end: int) -> bool:
        """Put a saved state behind the first `begin` tokens; False when it cannot be."""
        ...


class Composer:
    """One model at work, a job at a time."""

    def __init__(
        self,
        words: Words,
        memory: Reader,
        slots: Slots,
        prompter: Prompter,
        *,
        prompt_limit: int,
        slice_length: int,
        clock: Clock,
        watch: Watch,
        states: States | None = None,
    ) -> None:
        """Take the parts; without `states` no beginning is kept on disk."""
        self._states = states
        self._words = words
        self._memory = memory
        self._slots = slots
        self._prompter = prompter
        self._prompt_limit = prompt_limit
        self._slice = slice_length
        self._clock = clock
        self._watch = watch
        self._warm: dict[int, tuple[Message, ...]] = {}
        self._beginnings: dict[int, list[int]] = {}

    def warm(self, request: Warm) -> Warmed:
        """Read messages that prompts begin with and keep them for all conversations."""
        began = self._clock()
        tokens = self._prompter.tokens(request.messages, answer=False)
        if tokens:
            self._read(prefix_name(request.place), tokens, room=0)
        if not request.place:
            self._warm.clear()
            self._beginnings.clear()
        self._warm[request.place] = request.messages
        self._beginnings[request.place] = tokens
        return Warmed(tokens=len(tokens), seconds=self._clock() - began)

    def generate(self, request: Generate, emit: Emit) -> Finished:
        """Write a reply, the likeliest token each time. Raises TooLong, Aborted."""
        began = self._clock()
        tokens = self._prompt(request.messages, request.max_tokens)
        sequence, reused = self._read(request.conversation, tokens, room=request.max_tokens)
        self._forget_judged(request.conversation)
        read = self._clock()
        stream = PieceStream(request.stop)
        written = 0
        while written < request.max_tokens:
            token, logprob = _likeliest(self._memory.logits())
            written += 1
            if self._words.ends(token):
                break
            self._show(stream.feed(self._words.bytes_of(token), logprob), emit)
            if stream.stopped or written == request.max_tokens:
                break
            self._watch()
            self._memory.read([token], sequence=sequence, position=len(tokens) + written - 1)
            self._slots.append(request.conversation, [token])
        self._show(stream.finish(), emit)
        return Finished(
            prompt_tokens=len(tokens),
            cached_tokens=reused,
            tokens=written,
            queue_s=0.0,
            prefill_s=read - began,
            decode_s=self._clock() - read,
        )

    def judge(self, request: Judge) -> Judged:
        """Weigh the first tokens of the options, in a sequence beside the conversation's own.

        It is kept until the conversation's next reply, which then need not read what the two prompts share.
        """
        tokens = self._prompt(request.messages, 1)
        kept = self._boundary(request.messages[: request.kept], tokens) if request.kept else 0
        self._read(_judging(request.conversation), tokens, room=0, kept=kept, deep=request.deep)
        first = [self._words.tokenize(option, False, False)[0] for option in request.options]
        scores = self._memory.logits().astype(np.float64)
        weights = np.exp(scores - scores.max())
        return Judged(
            probabilities=tuple(float(share) for share in weights[first] / weights.sum()),
            hidden=self._memory.hidden().astype("<f2").tobytes() if request.deep else b"",
        )

    def keep(self, request: Keep) -> Kept:
        """Read a beginning and keep its state, unless it is kept. Raises TooLong, Aborted."""
        tokens = self._prompter.tokens(request.messages, answer=False)
        key = key_of(tokens)
        if self._states is not None and key not in self._states:
            self._read(_KEEPING, tokens, room=0, kept=len(tokens))
        return Kept(key=key)

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away the states of all other beginnings."""
        if self._states is not None:
            self._states.keep_only(keys)

    def forget(self, conversation: str) -> None:
        """Drop what is kept of a conversation."""
        self._memory.apply(self._slots.drop(conversation))
        self._forget_judged(conversation)

    def _forget_judged(self, conversation: str) -> None:
        self._memory.apply(self._slots.drop(_judging(conversation)))

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

    def _read(
        self, name: str, tokens: list[int], *, room: int, kept: int = 0, deep: bool = False
    ) -> tuple[int, int]:
        """Read what is not in the memory; the state of the first `kept` tokens is worth a file."""
        warm = max((common_length(it, tokens) for it in self._beginnings.values()), default=0)
        key, state = key_of(tokens[:kept]), None
        if (
            self._states is not None
            and warm < kept
            and self._slots.shared(tokens) < min(kept, len(tokens) - 1)
        ):
            state = self._states.get(key)
        plan = self._slots.open(name, tokens, room=room, most=warm if state else None)
        self._memory.apply(plan.steps)
        place = {"sequence": plan.sequence, "begin": warm, "end": kept}
        reused = plan.reused
        if state and reused == warm and self._memory.restore(state, **place):
            self._slots.append(name, tokens[warm:kept])
            reused = kept
        for start in range(reused, len(tokens), self._slice):
            self._watch()
            part = tokens[start : start + self._slice]
            last = start + len(part) == len(tokens)
            self._memory.read(part, sequence=plan.sequence, position=start, deep=deep and last)
            self._slots.append(name, part)
        if self._states is not None and warm < kept and key not in self._states:
            self._states.put(key, self._memory.save(**place))
        return plan.sequence, reused

    @staticmethod
    def _show(piece: Piece | None, emit: Emit) -> None:
        if piece is not None:
            emit(piece)


_KEEPING = "\0keep"


def _judging(conversation: str) -> str:
    return f"\0judge {conversation}"


def _likeliest(scores: NDArray[np.float32]) -> tuple[int, float]:
    """Return the token of the highest score and its logprob, -ln(sum(exp(score - highest)))."""
    token = int(scores.argmax())
    return token, -float(np.log(np.exp(scores - scores[token]).sum()))
