"""Abstention: signals of a question that the passages do not answer."""

from pathlib import Path

import numpy as np
import pytest

from shopbell.assistant.abstention import (
    GATE_FILE,
    PROBED_FILE,
    Gate,
    Signals,
    expectation,
    gate_for,
    holds_fitting,
    is_turned,
    load_gate,
    measure,
    similarity,
)
from shopbell.assistant.checks import Source
from shopbell.assistant.probe import Probe

HOURS = (
    Source.of("Opening hours", "We are open on Saturday from 08:00. Priya repairs grinders on Tuesdays."),
)


def signals(question: str, stated: float = 0.0) -> Signals:
    """Measure against the hours."""
    return measure(question, HOURS, stated=stated, similarity=0.5)


def test_covered_questions_score_higher() -> None:
    """Words, names and quantities that no passage holds are counted."""
    good, bad = signals("Who repairs grinders on Tuesdays?"), signals("does Marcus sell 3 kettles on Sunday")
    assert good.coverage == 1.0
    assert bad.coverage < 0.5
    assert (good.missing_names, bad.missing_names) == (0.0, 2.0)
    assert (good.missing_quantities, bad.missing_quantities) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many bags?", "count"),
        ("how much is it", "count"),
        ("When do you open?", "time"),
        ("What year was it founded?", "time"),
        ("Who repairs it?", "person"),
        ("where are you", "place"),
        ("Why?", "other"),
    ],
)
def test_expectation(question: str, kind: str) -> None:
    """The kind of thing a question asks for follows from its words."""
    assert expectation(question) == kind


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("When do you open?", "We open at 08:00.", True),
        ("When do you open?", "We open early.", False),
        ("When do you open at 08:00?", "We open at 08:00.", False),
        ("Who repairs it?", "Priya repairs it.", True),
        ("Who repairs it?", "somebody repairs it.", False),
        ("Why?", "", True),
    ],
)
def test_fitting(question: str, text: str, fits: bool) -> None:
    """A time is wanted for "when", a name for "who", and not the one the question gives."""
    assert holds_fitting(question, text) is fits


@pytest.mark.parametrize(
    ("question", "text", "turned"),
    [
        ("Can opened bags be returned?", "Opened bags can be returned.", False),
        ("Can opened bags be returned?", "Opened bags cannot be returned.", True),
        ("What is the largest bag?", "The smallest bag holds 250 g.", True),
        ("Is it unlicensed?", "It is licensed.", True),
    ],
)
def test_turned(question: str, text: str, turned: bool) -> None:
    """A negation or an opposite on one side alone turns the question round."""
    assert is_turned(question, text) is turned


def test_similarity_is_that_of_the_nearest_sentence() -> None:
    """The best sentence counts, not the mean."""
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6]], dtype=np.float32)
    assert similarity(
        "q", (Source.of("", "One. Two. Three."),), lambda texts: vectors[: len(texts)]
    ) == pytest.approx(0.8)


def test_gate_rises_with_its_signals() -> None:
    """More of a signal with a positive weight means a higher probability, between 0 and 1."""
    gate = Gate(
        weights={"stated": 1.0, "coverage": 2.0},
        bias=-1.0,
        threshold=0.5,
        typical_similarity=0.5,
        surest={"stated": 5.0},
        fitted_on="nothing",
    )
    low, high = (gate.probability(signals("Who repairs grinders?", yes)) for yes in (-900.0, 900.0))
    assert 0.0 <= low < 0.5 < high <= 1.0


@pytest.mark.parametrize("file", [GATE_FILE, PROBED_FILE])
def test_the_fitted_gates_can_be_read(file: Path) -> None:
    """The committed coefficients name only signals that exist."""
    gate = load_gate(file)
    assert set(gate.weights) | set(gate.surest) <= set(Signals.__struct_fields__)
    assert ("probed" in gate.weights) is (gate.probe is not None)
    assert 0 < gate.threshold < 1
    assert gate.weights["stated"] > 0


def test_a_probe_counts_for_the_model_it_was_fitted_on_alone() -> None:
    """Another model's states mean something else: then the gate that needs none serves."""
    probe = load_gate(PROBED_FILE).probe
    assert probe is not None
    assert gate_for(probe.model).probe == probe
    assert gate_for("some other model").probe is None


def test_a_state_of_another_width_is_refused() -> None:
    """It is no state of that model, whatever its name says."""
    probe = Probe(model="m", layer=0, bias=0.5, weights=(2.0, -1.0))
    assert probe.score(np.array([1, 3], dtype="<f2").tobytes()) == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="3 numbers and the probe 2"):
        probe.score(np.array([1, 3, 2], dtype="<f2").tobytes())
