"""What runs inside the hearing process: Whisper, and the turn model."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from shopbell.models.worker import Job, Refused
from shopbell.voice.choice import FILE, Chooser
from shopbell.voice.digits import Counter
from shopbell.voice.errors import BadAudio
from shopbell.voice.requests import (
    Answered,
    Asked,
    Consider,
    Count,
    Hear,
    HearingFacts,
    HearingSettings,
    Verdict,
)
from shopbell.voice.speech import Transcript
from shopbell.voice.stt import Whisper, library
from shopbell.voice.turns import SmartTurn

_ASKED = msgspec.msgpack.Decoder(Asked)
_ENCODER = msgspec.msgpack.Encoder()

UNKNOWN = 0.5
"""What a pause is worth without a turn model."""

LATE_S = 0.4
"""Seconds after which words are late, and the melody is asked as well; till then it would only delay them."""


class Host:
    """The ears as the worker process sees them."""

    def __init__(self, settings: HearingSettings, beat: Callable[[], None]) -> None:
        """Load, choosing by measurement; `beat` is called on the way. Raises VoiceModelError."""

        def load(folder: Path, threads: int) -> Whisper:
            beat()
            return Whisper(folder, threads=threads)

        chooser = Chooser(settings.data / FILE, load, library=library(), threads=settings.threads, beat=beat)
        chosen = chooser.choose(settings.whispers)
        self._whisper = chosen.model
        self._counter = Counter(self._whisper)
        self._turn = SmartTurn(settings.turn) if settings.turn else None
        self._second = ThreadPoolExecutor(1, "words")
        self._whisper.rehearse()
        self._facts = HearingFacts(
            model=chosen.folder.name, seconds=chosen.seconds, turns=self._turn is not None
        )

    @property
    def facts(self) -> bytes:
        """`HearingFacts`, encoded."""
        return _ENCODER.encode(self._facts)

    def run(self, request: bytes, job: Job) -> None:
        """Answer one `Asked`. Raises Refused for what is no sound."""
        try:
            for answer in self._answers(_ASKED.decode(request)):
                job.emit(_ENCODER.encode(answer))
        except BadAudio as error:
            raise Refused(error.code, str(error)) from error

    def close(self) -> None:
        """Let the second thread go."""
        self._second.shutdown(wait=False)

    def _answers(self, asked: Asked) -> Iterator[Answered]:
        match asked:
            case Hear():
                yield self._whisper.hear(asked.audio, hints=asked.hints)
            case Consider():  # neither engine holds Python's lock while it works
                first: Future[Transcript | None] = Future()
                words = self._second.submit(
                    self._whisper.hear, asked.audio, hints=asked.hints, first=first.set_result
                )
                words.add_done_callback(lambda _: _none_came(first))
                yield from considered(first, words, lambda: self._melody(asked.audio), LATE_S)
            case Count():
                yield self._counter.heard(asked.audio, asked.lengths)

    def _melody(self, audio: bytes) -> float:
        return self._turn.finished(audio) if self._turn else UNKNOWN


def _none_came(first: "Future[Transcript | None]") -> None:
    if not first.done():
        first.set_result(None)


def considered(
    first: "Future[Transcript | None]",
    words: "Future[Transcript]",
    melody: Callable[[], float],
    late_s: float,
) -> Iterator[Verdict | Transcript]:
    """Yield the words, before them the `first` reading where there is a second one.

    The `melody` comes before both if they take longer than `late_s` or there are no words.
    """
    try:
        known = bool((first.result(late_s) or words.result()).text)
    except TimeoutError:
        known = False
    if not known:
        yield Verdict(melody())
    reading = first.result()
    if reading is not None:
        yield reading
    yield words.result()


def start(settings: bytes, beat: Callable[[], None]) -> Host:
    """Start the ears: the worker's factory. `settings` is a `HearingSettings`, encoded."""
    return Host(HearingSettings.decode(settings), beat)
