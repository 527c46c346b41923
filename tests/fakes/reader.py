"""A reader that plays a script instead of asking a model."""

from collections.abc import AsyncGenerator, Sequence

from shopbell.assistant.reader import Reader
from shopbell.assistant.reading import Progress
from shopbell.assistant.turn import Turn
from shopbell.knowledge.passage import Passage


class ScriptedReader(Reader):
    """Yields or raises each step in turn and remembers what it was given to read."""

    def __init__(self, *steps: Progress | Exception) -> None:
        self._steps = steps
        self.read_for: list[tuple[str, tuple[Passage, ...]]] = []
        self.closed = 0

    async def read(
        self, turn: Turn, question: str, passages: Sequence[Passage], *, sifted: bool = False
    ) -> AsyncGenerator[Progress, None]:
        """Play the script."""
        self.read_for.append((question, tuple(passages)))
        try:
            for step in self._steps:
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.closed += 1
