"""The microphone's thresholds, kept."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from shopbell.voice.calibration import calibrate
from shopbell.voice.endpointing import Manners
from shopbell.voice.errors import VoiceModelError
from shopbell.voice.microphone import FILE, manners
from tests.fakes.speech import silence


def test_only_what_was_learnt_is_kept(tmp_path: Path) -> None:
    """Thresholds come back; a pause as another version thought right does not."""
    found = calibrate(silence(20.0), [0.1] * 590 + [0.7] * 10)
    older = replace(found, manners=replace(found.manners, pause_s=0.16))
    (tmp_path / FILE).write_bytes(msgspec.json.encode(older))
    learnt = manners(tmp_path)
    assert learnt.start_at == found.manners.start_at > Manners().start_at
    assert learnt.stop_at == found.manners.stop_at
    assert learnt.pause_s == Manners().pause_s


def test_without_a_calibration_the_usual_thresholds_count(tmp_path: Path) -> None:
    """A shop that was never calibrated can listen; a broken file is told of."""
    assert manners(tmp_path) == Manners()
    (tmp_path / FILE).write_text("?")
    with pytest.raises(VoiceModelError, match="calibrate again"):
        manners(tmp_path)
