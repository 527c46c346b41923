"""The speech models on this machine, and what of them there is for the ears and the voice."""

import contextlib
import os
from pathlib import Path

from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles, ReadyModel
from shopbell.voice.requests import HearingSettings, SpeakingSettings
from shopbell.voice.resident import ResidentSpeech

WHISPERS = ("whisper-base", "whisper-tiny.en")
"""Ears, the better first."""
TURN = "smart-turn"
VOICE = "piper-joe"

THREADS = 2
"""More do not make Whisper quicker on so short a turn."""


def hearing_settings(files: ModelFiles, data: Path) -> HearingSettings | None:
    """Return what the hearing process needs; None when there is no Whisper here."""
    whispers = tuple(model.folder for name in WHISPERS if (model := _here(files, name)))
    turn = _here(files, TURN)
    if not whispers:
        return None
    threads = min(THREADS, len(os.sched_getaffinity(0)))
    return HearingSettings(whispers=whispers, turn=turn.main if turn else None, data=data, threads=threads)


def speaking_settings(files: ModelFiles, voice: str = VOICE) -> SpeakingSettings | None:
    """Return what the speaking process needs; None when the voice is not here."""
    model = _here(files, voice)
    return SpeakingSettings(voice=model.main) if model else None


def speech_of(files: ModelFiles, data: Path, voice: str = VOICE) -> ResidentSpeech:
    """Return ears and voice of this machine, not yet started; what is not here is Deaf or Mute."""
    return ResidentSpeech(hearing_settings(files, data), speaking_settings(files, voice))


def _here(files: ModelFiles, name: str) -> ReadyModel | None:
    with contextlib.suppress(ModelsError):
        return files.locate(name)
    return None
