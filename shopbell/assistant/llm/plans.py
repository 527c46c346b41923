"""What the engine is told to do with its sequences before a prompt is read. Pure data."""

from msgspec import Struct


class Copy(Struct, frozen=True, tag=True):
    """Let the target share the first cells of the source."""

    source: int
    target: int
    length: int
    """Tokens, from the start."""


class Cut(Struct, frozen=True, tag=True):
    """Keep only the beginning of a sequence."""

    sequence: int
    length: int
    """Tokens kept, from the start."""


Step = Copy | Cut


class Plan(Struct, frozen=True):
    """What to do before the rest of a prompt is read."""

    steps: tuple[Step, ...]
    sequence: int
    reused: int
    """Tokens at the start of the prompt whose state is there already."""


def common_length(first: list[int], second: list[int]) -> int:
    """Return how many tokens two lists share from the start."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
