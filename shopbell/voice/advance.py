"""In advance: in a pause the reply to the words so far is begun, unseen, in case they are all.

Whoever goes on speaking hears nothing of it; who was silent for long because the end was in doubt is answered
without another wait.
"""

import asyncio
from contextlib import suppress

from shopbell.assistant.conversations import Conversations
from shopbell.assistant.errors import AssistantError
from shopbell.voice.speech import Transcript


class Advance:
    """Has the replies of one conversation begun. `run` does the work."""

    def __init__(self, conversations: Conversations, conversation: str) -> None:
        self._conversations = conversations
        self._conversation = conversation
        self._guess: asyncio.Task[Transcript] | None = None
        self._changed = asyncio.Event()

    def paused(self, guess: asyncio.Task[Transcript]) -> None:
        """Take what may be the whole turn."""
        self._guess = guess
        self._changed.set()

    def resumed(self) -> None:
        """Take back what was begun: the customer goes on."""
        if self._guess is not None:
            self._guess = None
            self._changed.set()

    async def run(self) -> None:
        """Begin and take back, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            guess = self._guess
            text = await _words(guess) if guess is not None else ""
            if guess is self._guess:
                with suppress(AssistantError):
                    await self._conversations.prepare(self._conversation, text)


def completed(text: str) -> str:
    """End a turn as a sentence ends: that it is complete was heard already."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


async def _words(guess: asyncio.Task[Transcript]) -> str:
    await asyncio.wait([guess])
    return "" if guess.cancelled() or guess.exception() is not None else completed(guess.result().text)
