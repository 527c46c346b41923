"""What the engine says of itself."""

import pytest

from shopbell.assistant.llm.requests import EngineFacts, Rates


def facts(prefill: float, decode: float, together: float = 0.0) -> EngineFacts:
    rates = Rates(
        threads=2,
        threads_reading=2,
        flash=True,
        prefill_rate=prefill,
        decode_rate=decode,
        together_rate=together,
    )
    return EngineFacts(
        description="qwen2 1.5B Q4_K",
        template="model",
        rates=rates,
        cells=1,
        sequences=1,
        memory=0,
        library="",
        started_s=0.0,
    )


@pytest.mark.parametrize(
    ("prefill", "decode", "together", "said"),
    [
        (97.0, 26.0, 42.0, "About 0.5 s to the first word, four callers at once"),
        (320.0, 64.0, 100.0, "About 0.2 s to the first word, ten callers at once"),
        (20.0, 4.0, 5.0, "About 2.6 s to the first word, one caller at once"),
        (2000.0, 300.0, 0.0, "About 0.0 s to the first word, 38 callers at once"),
    ],
)
def test_the_owner_is_told_what_the_machine_can_do(
    prefill: float, decode: float, together: float, said: str
) -> None:
    """Seconds to the first word and callers at once, from what was measured at the first start."""
    summary = facts(prefill, decode, together).summary
    assert summary.startswith(said)
    assert "tokens a second on 2 threads" in summary
