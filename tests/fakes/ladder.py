"""A ladder that plays a script: what it says, how long it takes, how it fails."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from msgspec import Struct

from shopbell.assistant.ladder import Ladder
from shopbell.assistant.turn import Answer, Step, Turn, Words


class Wait(Struct, frozen=True):
    """A pause in the script."""

    seconds: float


Script = Callable[[Turn], Sequence[Step | Wait | Exception]]


def echo(turn: Turn) -> list[Step | Wait]:
    """Say the turn back word by word: half a second of thought, a tenth for each word."""
    words = [f"{word} " for word in turn.text.split()]
    said: list[Step | Wait] = [Wait(0.5)]
    for word in words:
        said += [Words(word), Wait(0.1)]
    return [*said, Answer(text="".join(words).strip(), rung="model")]


def at_once(turn: Turn) -> list[Step]:
    """Answer without a pause, as a rule does."""
    return [Answer(text=f"About {turn.text}", rung="faq")]


class ScriptedLadder(Ladder):
    """Plays `script` for every turn and remembers the turns."""

    def __init__(self, script: Script = echo) -> None:
        self.script = script
        self.turns: list[Turn] = []
        self.running = 0
        self.forgotten: list[str] = []

    def forget(self, conversation: str) -> None:
        """Remember who was forgotten."""
        self.forgotten.append(conversation)

    async def respond(self, turn: Turn) -> AsyncGenerator[Step, None]:
        """Play the script."""
        self.turns.append(turn)
        self.running += 1
        try:
            for step in self.script(turn):
                match step:
                    case Wait(seconds=seconds):
                        await asyncio.sleep(seconds)
                    case Exception():
                        raise step
                    case _:
                        yield step
        finally:
            self.running -= 1
