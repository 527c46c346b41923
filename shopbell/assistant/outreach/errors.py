"""What can go wrong with messages the shop writes first.

AssistantError
|- OutreachRefused   outreach.toml, or the settings of mail and outreach, are not as they should be
|- LetterRefused     a message cannot be edited, released or refused like that
`- NoSuchLetter      there is no such message
"""

from typing import ClassVar

from shopbell.assistant.errors import AssistantError


class OutreachRefused(AssistantError):
    """A template or a setting is not as it should be."""

    code: ClassVar[str] = "outreach"


class LetterRefused(AssistantError):
    """A message cannot be edited, released or refused like that."""

    code: ClassVar[str] = "letter-refused"


class NoSuchLetter(AssistantError):
    """There is no such message."""

    code: ClassVar[str] = "no-such-letter"
