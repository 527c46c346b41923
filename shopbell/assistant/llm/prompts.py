"""Messages to tokens, by the chat template the model was trained with.

The template is rendered with a mark in the place of each content; the text between the marks is the
template's own and may hold control tokens, the contents are data and may not.
"""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from shopbell.assistant.llm.protocol import Message

Render = Callable[[Sequence[tuple[str, str]], bool], str]
"""(role, content) pairs and whether the assistant's turn is opened -> text. """

Tokenize = Callable[[str, bool, bool], list[int]]
"""Text, whether control tokens in it are meant, whether the text starts the prompt -> tokens."""

DROPPED_TOGETHER = 4
"""Old messages are dropped this many at a time, so that the turns which follow find the same beginning."""

_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000(\\d+)\ue001")


class Prompter:
    """Writes prompts for one model."""

    def __init__(self, render: Render, tokenize: Tokenize) -> None:
        self._render = render
        self._tokenize = tokenize

    def tokens(self, messages: Sequence[Message], *, answer: bool) -> list[int]:
        """Return the prompt's tokens; `answer` opens the assistant's turn at the end."""
        marked = [(message.role, _MARK.format(place)) for place, message in enumerate(messages)]
        parts = _MARKED.split(self._render(marked, answer))
        tokens: list[int] = []
        for template, place in zip_longest(parts[::2], parts[1::2]):
            tokens += self._tokenize(template, True, not tokens)
            if place is not None:
                tokens += self._tokenize(messages[int(place)].content, False, not tokens)
        return tokens

    def fitting(self, messages: Sequence[Message], *, kept: int, limit: int) -> list[int]:
        """Return the prompt's tokens without the oldest turns after the first `kept` if it must be shorter.

        The result may still exceed `limit` tokens when nothing but the last message is left to drop.
        """
        tokens = self.tokens(messages, answer=True)
        dropped = 0
        while len(tokens) > limit and kept + dropped + 1 < len(messages):
            dropped = min(dropped + DROPPED_TOGETHER, len(messages) - kept - 1)
            tokens = self.tokens([*messages[:kept], *messages[kept + dropped :]], answer=True)
        return tokens
