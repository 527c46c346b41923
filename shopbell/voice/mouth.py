"""Mouth: says things one after the other, and knows at any moment how much of them was heard."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from msgspec import Struct

from shopbell.voice.audio import seconds
from shopbell.voice.clauses import clauses
from shopbell.voice.errors import Mute
from shopbell.voice.media import Media
from shopbell.voice.speech import Speech

LETTER_S = 0.065
"""Seconds a letter takes, for a piece whose end is not known yet."""
HEARD_S = 0.03
"""Seconds missing at the end of a piece that nobody would notice."""
REMEMBERED = 64
"""Pieces whose place is kept."""


class Order(Struct, frozen=True):
    """Something to say."""

    text: str
    reply: str = ""
    """The reply it is a part of; empty for what the house says of itself."""
    sound: bytes = b""
    """Played as it is, in place of the text."""


class Piece:
    """Something that was said, and where it lies on the loudspeaker's time."""

    def __init__(self, order: Order, start_s: float) -> None:
        self.order = order
        self.start_s = start_s
        self.length_s = 0.0
        self.whole = False

    def heard(self, until_s: float) -> str:
        """Return the words that were heard when the sound stopped there."""
        if self.whole and until_s >= self.start_s + self.length_s - HEARD_S:
            return self.order.text
        expected = self.length_s if self.whole else max(self.length_s, LETTER_S * len(self.order.text))
        share = (until_s - self.start_s) / expected if expected else 0.0
        words = self.order.text.split()
        return " ".join(words[: max(0, int(share * len(words)))])


class Mouth:
    """One customer's loudspeaker. `run` does the work; everything else may be called at any time."""

    def __init__(self, speech: Speech, media: Media, *, mute: Callable[[Mute], None]) -> None:
        """Take the voice; `mute` is told when it fails, and what was to be said counts as read."""
        self._speech = speech
        self._media = media
        self._mute = mute
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._pieces: list[Piece] = []
        self._queued_s = 0.0
        self._speaking: asyncio.Task[None] | None = None
        self._held = False
        self.pace = 1.0
        self.off = False
        """Nothing is to be said aloud; the words stand on the screen."""

    @property
    def busy(self) -> bool:
        """Whether something is being said, or waits to be."""
        speaking = self._speaking is not None and not self._speaking.done()
        return speaking or not self._orders.empty() or self._media.left_s > 0

    @property
    def sounding(self) -> bool:
        """Whether sound is on its way to the ear now."""
        return self._media.left_s > 0 and not self._held

    @property
    def saying(self) -> str:
        """What is said about now: the words that may come back through the microphone."""
        at = self._media.heard_s
        return " ".join(
            p.order.text for p in self._pieces if p.start_s - 1 <= at <= p.start_s + p.length_s + 1
        )

    def say(self, text: str, reply: str = "") -> None:
        """Say a text after everything else."""
        for piece in clauses(text):
            self.say_piece(piece, reply)

    def say_piece(self, piece: str, reply: str = "") -> None:
        """Say a piece that is short enough to be spoken in one go."""
        self._orders.put_nowait(Order(piece, reply))

    def sound(self, sound: bytes) -> None:
        """Play a sound after everything else."""
        self._orders.put_nowait(Order("", "", sound))

    async def run(self) -> None:
        """Say what is to be said, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                order = await self._orders.get()
                self._speaking = tasks.create_task(self._speak(order), name="voice-mouth")
                await asyncio.wait([self._speaking])
                self._speaking = None

    async def hold(self) -> None:
        """Stop where it is."""
        self._held = True
        await self._media.hold()

    async def resume(self) -> None:
        """Go on."""
        self._held = False
        await self._media.resume()

    async def cut(self) -> dict[str, str]:
        """Stop and forget what waits; return of every reply that was not said to its end what was heard."""
        unfinished: set[str] = set()
        while not self._orders.empty():  # before anything else, or the next one would begin meanwhile
            unfinished.add(self._orders.get_nowait().reply)
        heard_s = await self._stop()
        texts: dict[str, list[str]] = {}
        for piece in self._pieces:
            words = piece.heard(heard_s)
            texts.setdefault(piece.order.reply, []).append(words)
            if words != piece.order.text:
                unfinished.add(piece.order.reply)
        self._pieces.clear()
        self._queued_s = 0.0
        return {reply: " ".join(filter(None, texts.get(reply, ()))) for reply in unfinished if reply}

    def heard_of(self, reply: str) -> str:
        """Return how much of a reply was heard until now."""
        at = self._media.heard_s
        return " ".join(filter(None, (p.heard(at) for p in self._pieces if p.order.reply == reply)))

    def missed(self, reply: str) -> bool:
        """Whether anything of a reply was not heard; so it is when nothing of it was said."""
        at = self._media.heard_s
        pieces = [piece for piece in self._pieces if piece.order.reply == reply]
        return not pieces or any(piece.heard(at) != piece.order.text for piece in pieces)

    async def _stop(self) -> float:
        """Silence first; then nothing more may come."""
        speaking = self._speaking
        if speaking is not None:
            speaking.cancel()
        heard_s = await self._media.clear()
        if speaking is not None:
            await asyncio.wait([speaking])
        self._held = False
        return heard_s

    async def _speak(self, order: Order) -> None:
        piece = Piece(order, self._queued_s)
        self._pieces = [*self._pieces[-REMEMBERED:], piece]
        if order.sound:
            await self._play(piece, order.sound)
        elif not self.off:
            await self._say(piece)
        piece.whole = True

    async def _say(self, piece: Piece) -> None:
        try:
            async with aclosing(self._speech.say(piece.order.text, pace=self.pace)) as sounds:
                async for sound in sounds:
                    await self._play(piece, sound)
        except Mute as error:
            self._mute(error)

    async def _play(self, piece: Piece, sound: bytes) -> None:
        length = seconds(sound, self._media.rate)
        piece.length_s += length
        self._queued_s += length
        await self._media.play(sound)
