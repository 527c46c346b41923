"""Fixed lines and the FAQ's own words, rendered when they are published: first sound is a read from disk.

Only texts given to `prepare` are ever written: nothing that a customer said, and no reply made for one.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path

from shopbell.voice.clauses import clauses
from shopbell.voice.speech import SAMPLE, Speech, Transcript

MOST_BYTES = 256_000_000
"""Bytes kept: about an hour and a half of speech."""

CHUNK_S = 0.5
"""Seconds of each piece given out of a kept sound."""

_VERSION = "2"
"""Changes when the same text is to sound otherwise."""


def voice_key(voice: Path) -> str:
    """Name a voice by its file: another voice speaks the texts anew."""
    with voice.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


class Rendered:
    """A `Speech` that remembers what it was prepared to say."""

    def __init__(self, speech: Speech, folder: Path, voice: str, *, most: int = MOST_BYTES) -> None:
        """Keep at most `most` bytes in `folder`; `voice` names the voice that speaks."""
        self._speech = speech
        self._folder = folder
        self._voice = voice
        self._most = most
        self._live = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._preparing = asyncio.Lock()

    @property
    def speech_rate(self) -> int:
        """Hz of what `say` yields."""
        return self._speech.speech_rate

    async def hear(self, audio: bytes, *, hints: tuple[str, ...] = ()) -> Transcript:
        """Transcribe one whole turn; see `Speech`."""
        return await self._speech.hear(audio, hints=hints)

    async def consider(
        self, audio: bytes, *, hints: tuple[str, ...] = ()
    ) -> AsyncGenerator[float | Transcript, None]:
        """Yield the verdict, then the words; see `Speech`."""
        async with aclosing(self._speech.consider(audio, hints=hints)) as answers:
            async for answer in answers:
                yield answer

    async def say(self, text: str, *, pace: float = 1.0) -> AsyncGenerator[bytes, None]:
        """Speak, from disk what was prepared; see `Speech`."""
        kept = await asyncio.to_thread(_read, self._place(text)) if pace == 1.0 else None
        if kept is not None:
            size = round(CHUNK_S * self.speech_rate) * SAMPLE
            for at in range(0, len(kept), size):
                yield kept[at : at + size]
            return
        self._live += 1
        self._calm.clear()
        try:
            async with aclosing(self._speech.say(text, pace=pace)) as sounds:
                async for sound in sounds:
                    yield sound
        finally:
            self._live -= 1
            if not self._live:
                self._calm.set()

    async def prepare(self, texts: Iterable[str]) -> int:
        """Render the pieces of `texts` that are not kept yet, likeliest texts first, and drop all others.

        A customer who is being spoken to goes first. Returns how many pieces are kept. Raises Mute.
        """
        async with self._preparing:
            pieces = dict.fromkeys(piece for text in texts for piece in clauses(text))
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            kept: set[Path] = set()
            total = 0
            for piece in pieces:
                place = self._place(piece)
                total += await self._kept_size(piece, place)
                if total > self._most:
                    break
                kept.add(place)
            await asyncio.to_thread(_sweep, self._folder, kept)
            return len(kept)

    async def _kept_size(self, piece: str, place: Path) -> int:
        """Return the bytes of a piece's sound; render it if it is not there."""
        size = await asyncio.to_thread(_size, place)
        if size is not None:
            return size
        await self._calm.wait()
        async with aclosing(self._speech.say(piece)) as sounds:
            sound = b"".join([part async for part in sounds])
        await asyncio.to_thread(_write, place, sound)
        return len(sound)

    def _place(self, text: str) -> Path:
        name = hashlib.sha256(f"{_VERSION}\n{self._voice}\n{text.strip()}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.pcm"


def _read(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None


def _size(place: Path) -> int | None:
    try:
        return place.stat().st_size
    except FileNotFoundError:
        return None


def _write(place: Path, sound: bytes) -> None:
    fresh = place.with_suffix(".part")
    fresh.write_bytes(sound)
    fresh.replace(place)


def _sweep(folder: Path, kept: set[Path]) -> None:
    for file in folder.iterdir():
        if file.suffix in {".pcm", ".part"} and file not in kept:
            file.unlink(missing_ok=True)
