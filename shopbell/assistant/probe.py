"""A linear probe: one weighted sum over a language model's state behind one of its layers.

Before a model speaks, its state tells more of what it knows than its words do (Alain & Bengio 2016,
"Understanding intermediate layers using linear classifier probes"; for whether a text states an answer,
Slobodkin et al. 2023, "The Curious Case of Hallucinatory (Un)answerability").
"""

import numpy as np
from msgspec import Struct


class Probe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was fitted on one model's states; of another one's nothing is known."""

    model: str
    layer: int
    """Whose state it weighs, counted from 0."""
    bias: float
    weights: tuple[float, ...]
    """One for each number of the state."""

    def score(self, hidden: bytes) -> float:
        """Return the weighted sum over `hidden`, float16[width], little endian.

        Raises ValueError when the state has another width than the weights.
        """
        state = np.frombuffer(hidden, dtype="<f2").astype(np.float32)
        if state.size != len(self.weights):
            raise ValueError(f"the state has {state.size} numbers and the probe {len(self.weights)}")
        return float(state @ np.asarray(self.weights, dtype=np.float32)) + self.bias
