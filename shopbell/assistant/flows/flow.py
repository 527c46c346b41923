"""The second rung: what code does or knows for certain; a flow recognises its wish and answers itself."""

from typing import Protocol

from shopbell.assistant.turn import Answer, Turn


class Flow(Protocol):
    """One thing that can be done in conversation."""

    @property
    def name(self) -> str:
        """Its stable name, kept as the subject of the reply."""
        ...

    def answer(self, turn: Turn) -> Answer | None:
        """Answer the turn, or return None when it is not about this. Blocks for less than 10 ms."""
        ...
