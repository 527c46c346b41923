"""Condition: how ears, voice and telephone are, for the system page of the staff console."""

from collections.abc import Callable
from pathlib import Path

from shopbell.assistant.staffwire import Part
from shopbell.models.supervision import WorkerState
from shopbell.voice.phone.standing import noted
from shopbell.voice.requests import HearingFacts, SpeakingFacts
from shopbell.voice.resident import ResidentSpeech

_NO_EARS = "no model: customers type at the kiosk. To hear: shopbell models fetch whisper-tiny.en smart-turn"
_NO_VOICE = "no voice: answers are shown only. To speak: shopbell models fetch piper-joe"
_NO_PHONE = "switched off in shop.toml, under [phone]"
_NOT_YET = "no word of the line yet"


def condition(resident: ResidentSpeech, folder: Path, *, phone: bool) -> Callable[[], tuple[Part, ...]]:
    """Return what tells how they are; `folder` is where the shop's data lies, `phone`: it is switched on.

    It reads a small file.
    """

    def parts() -> tuple[Part, ...]:
        return (
            _engine("Hearing", resident.hearing_state, _ears(resident.hearing_facts), _NO_EARS),
            _engine("Speaking", resident.speaking_state, _voice(resident.speaking_facts), _NO_VOICE),
            _telephone(folder) if phone else Part(name="Telephone", state="off", how="off", text=_NO_PHONE),
        )

    return parts


def _engine(name: str, state: WorkerState | None, facts: str, missing: str) -> Part:
    if state is None:
        return Part(name=name, state="not here", how="off", text=missing)
    if state.status == "ready":
        times = "once" if state.restarts == 1 else f"{state.restarts} times"
        again = f"; started anew {times}" if state.restarts else ""
        return Part(name=name, state="ready", how="well", text=facts + again)
    return Part(name=name, state=state.status, how="amiss", text=state.detail)


def _ears(facts: HearingFacts | None) -> str:
    return facts.summary if facts is not None else ""


def _voice(facts: SpeakingFacts | None) -> str:
    return facts.name if facts is not None else ""


def _telephone(folder: Path) -> Part:
    found = noted(folder)
    if found is None:
        return Part(name="Telephone", state="trying", how="amiss", text=_NOT_YET)
    standing = found.standing
    well = standing.state == "registered"
    return Part(name="Telephone", state=standing.state, how="well" if well else "amiss", text=standing.text)
