"""The microphone's thresholds, as calibration found them, kept in the shop's data folder. It blocks."""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from shopbell.voice.audio import Frames
from shopbell.voice.calibration import Calibration, calibrate
from shopbell.voice.endpointing import Manners
from shopbell.voice.errors import VoiceModelError
from shopbell.voice.speech import VoiceActivity

FILE = "microphone.json"


def learn(noise: bytes, ear: VoiceActivity, folder: Path) -> Calibration:
    """Conclude from the shop's own noise and keep the thresholds; int16 mono at `RATE`. Raises BadAudio."""
    found = calibrate(noise, [ear.heard(frame) for frame in Frames().cut(noise)])
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.part"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    fresh.replace(folder / FILE)
    return found


def manners(folder: Path) -> Manners:
    """Return the thresholds that were learnt here, or the usual ones.

    Raises VoiceModelError for a bad file.
    """
    path = folder / FILE
    if not path.is_file():
        return Manners()
    try:
        learnt = msgspec.json.decode(path.read_bytes(), type=Calibration).manners
    except msgspec.DecodeError as error:
        raise VoiceModelError(
            f"{path}: not as calibration writes it ({error}). Remove it, or calibrate again."
        ) from error
    return replace(Manners(), start_at=learnt.start_at, stop_at=learnt.stop_at)  # the rest is not learnt here
