"""What can go wrong with sound.

VoiceError
├── BadAudio        audio-bad           a sound file or a frame that is no sound we can read
├── Deaf            hearing-away        there is no engine to hear with, or it died on the way
├── Mute            speaking-away       there is no engine to speak with, or it died on the way
└── VoiceModelError voice-model-bad     a speech model's file cannot be used
"""

from typing import ClassVar


class VoiceError(Exception):
    """Anything wrong with sound; `str()` is written for the shop's owner."""

    code: ClassVar[str] = "voice"


class BadAudio(VoiceError):
    """The bytes are no sound we can read; the message says what they are."""

    code = "audio-bad"


class Deaf(VoiceError):
    """Nothing can be heard now; the conversation goes on by text."""

    code = "hearing-away"


class Mute(VoiceError):
    """Nothing can be said aloud now; the conversation goes on by text."""

    code = "speaking-away"


class VoiceModelError(VoiceError):
    """A speech model's file is there but cannot be used; the message names it."""

    code = "voice-model-bad"
