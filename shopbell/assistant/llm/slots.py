"""Which tokens stand in which sequence of the model's memory. Pure: it plans, the engine obeys.

The memory is one pool of cells. A cell holds the state of one token and may belong to several sequences, so
that histories which begin alike share their beginning. Sequence 0 is the stable prefix; it and further
prefixes are never evicted, nor is the sequence of a job that is at work, nor the room its reply may need.
"""

from collections import Counter
from dataclasses import dataclass, field

from shopbell.assistant.errors import TooLong
from shopbell.assistant.llm.errors import Full
from shopbell.assistant.llm.plans import Copy, Cut, Plan, Step, common_length

PREFIX = "\0prefix"


def prefix_name(place: int) -> str:
    """Name the first prefix, or a further one."""
    return f"{PREFIX} {place}" if place else PREFIX


def _is_kept(name: str) -> bool:
    return name.startswith(PREFIX)


@dataclass(eq=False)
class _Slot:
    sequence: int
    tokens: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    used: int = 0
    """Tick of the last use; the smallest goes first."""
    held: bool = False
    """Whether a job is at work on it."""
    promised: int = 0
    """Cells that the job may yet need."""


def _reusable(slot: _Slot, tokens: list[int]) -> int:
    return max(0, min(common_length(slot.tokens, tokens), len(tokens) - 1))


class Slots:
    """The book of sequences: `sequences` of them over `cells` cells in all."""

    def __init__(self, *, sequences: int, cells: int) -> None:
        self._cells = cells
        self._slots: dict[str, _Slot] = {PREFIX: _Slot(0)}
        self._free = list(range(sequences - 1, 0, -1))
        self._owners: Counter[int] = Counter()
        self._next_cell = 0
        self._tick = 0

    @property
    def used(self) -> int:
        """Cells in use."""
        return len(self._owners)

    @property
    def promised(self) -> int:
        """Cells that those at work may yet need."""
        return sum(slot.promised for slot in self._slots.values())

    @property
    def names(self) -> frozenset[str]:
        """Whoever has a sequence, the prefix among them."""
        return frozenset(self._slots)

    def tokens(self, name: str) -> tuple[int, ...]:
        """Return the tokens read into a sequence so far; none if it has no sequence."""
        slot = self._slots.get(name)
        return tuple(slot.tokens) if slot else ()

    def open(self, name: str, tokens: list[int], *, room: int, most: int | None = None) -> Plan:
        """Plan a sequence that begins as `tokens` does, with cells for the rest and `room` tokens more.

        At least the last token is left to read, because only reading yields what follows it; with `most`, no
        more than so many tokens are taken over from what is there.
        It is held until `release`. Raises TooLong when it would not fit with everything else evicted, and
        Full when it would not fit beside those that are held; then nothing has changed.
        """
        self._refuse_if_too_long(name, tokens, room)
        self._refuse_if_full(name, tokens, room)
        self._tick += 1
        steps: list[Step] = []
        if name == PREFIX:
            for other in self.names - {PREFIX}:
                steps += self._free_up(other)
        source, reused = self._best_source(name, tokens if most is None else tokens[: most + 1])
        target = self._slots.get(name) or self._claim(name, source, steps)
        target.used = self._tick
        self._begin_with(source, target, reused, steps)
        if not self._make_room(len(tokens) - reused + room, target, steps):
            source = max(self._kept(name), key=lambda slot: _reusable(slot, tokens))
            reused = _reusable(source, tokens)
            self._begin_with(source, target, reused, steps)
        target.held, target.promised = True, len(tokens) - reused + room
        return Plan(tuple(steps), target.sequence, reused)

    def release(self, name: str) -> None:
        """Note that the job which opened it is done."""
        if (slot := self._slots.get(name)) is not None:
            slot.held, slot.promised = False, 0

    def append(self, name: str, tokens: list[int]) -> None:
        """Note that tokens were read into the sequence."""
        slot = self._slots[name]
        slot.tokens += tokens
        cells = range(self._next_cell, self._next_cell + len(tokens))
        self._next_cell += len(tokens)
        slot.cells += cells
        self._owners.update(cells)
        slot.promised = max(0, slot.promised - len(tokens))

    def shorten(self, name: str, length: int) -> None:
        """Note that a sequence holds its first `length` tokens only; the rest is promised to it again."""
        slot = self._slots[name]
        slot.promised += len(slot.tokens) - length
        self._truncate(slot, length)

    def drop(self, name: str) -> tuple[Step, ...]:
        """Give a sequence back."""
        if _is_kept(name) or name not in self._slots:
            return ()
        return self._free_up(name)

    def _free_up(self, name: str) -> tuple[Step, ...]:
        slot = self._slots.pop(name)
        self._truncate(slot, 0)
        self._free.append(slot.sequence)
        return (Cut(slot.sequence, 0),)

    def _refuse_if_too_long(self, name: str, tokens: list[int], room: int) -> None:
        kept = [] if name == PREFIX else self._kept(name)
        shared = max((_reusable(slot, tokens) for slot in kept), default=0)
        beside = len({cell for slot in kept for cell in slot.cells}) - shared
        needed = beside + len(tokens) + room
        if needed > self._cells:
            raise TooLong(
                f"the prompt needs {needed} tokens of memory with its reply, and there are {self._cells};"
                " shorten the message or the passages"
            )

    def _refuse_if_full(self, name: str, tokens: list[int], room: int) -> None:
        """Count what would stay with all evicted that may be."""
        own = self._slots.get(name)
        others = [slot for slot in self._slots.values() if slot.held and slot is not own]
        if not others:
            return
        staying = [*others, *(slot for slot in self._kept(name) if slot not in others)]
        cells = len({cell for slot in staying for cell in slot.cells}) + sum(it.promised for it in others)
        shared = max((_reusable(slot, tokens) for slot in self._kept(name)), default=0)
        free = self._free or own or any(self._may_go(other, None) for other in self._slots)
        if not free or cells + len(tokens) - shared + room > self._cells:
            raise Full

    def _may_go(self, name: str, spared: _Slot | None) -> bool:
        slot = self._slots[name]
        return not (_is_kept(name) or slot.held or slot is spared)

    def _best_source(self, name: str, tokens: list[int]) -> tuple[_Slot, int]:
        """Return the slot that begins most like `tokens`; its own first, then the prefix."""
        order = sorted(self._slots, key=lambda key: (key != name, key != PREFIX))
        best = max((self._slots[key] for key in order), key=lambda slot: _reusable(slot, tokens))
        return best, _reusable(best, tokens)

    def _begin_with(self, source: _Slot, target: _Slot, length: int, steps: list[Step]) -> None:
        """Make the target begin with the first tokens of the source, and hold nothing else."""
        if source is target:
            steps.append(Cut(target.sequence, length))
            self._truncate(target, length)
            return
        steps += [Cut(target.sequence, 0), Copy(source.sequence, target.sequence, length)]
        self._truncate(target, 0)
        target.tokens += source.tokens[:length]
        target.cells += source.cells[:length]
        self._owners.update(target.cells)

    def _claim(self, name: str, source: _Slot, steps: list[Step]) -> _Slot:
        """Take a free sequence, or the one used longest ago; the source itself when it is that one."""
        if not self._free:
            further = (other for other in self._slots if _is_kept(other) and other != PREFIX)
            victim = self._oldest(None) or next(further, PREFIX)
            if self._slots[victim] is source:
                self._slots[name] = self._slots.pop(victim)
                return source
            steps += self._free_up(victim)
        slot = _Slot(self._free.pop())
        self._slots[name] = slot
        return slot

    def _kept(self, name: str) -> list[_Slot]:
        """Return the prefixes besides the one named."""
        return [slot for other, slot in self._slots.items() if _is_kept(other) and other != name]

    def _oldest(self, spared: _Slot | None) -> str | None:
        names = (name for name in self._slots if self._may_go(name, spared))
        return min(names, key=lambda name: self._slots[name].used, default=None)

    def _make_room(self, wanted: int, spared: _Slot, steps: list[Step]) -> bool:
        """Evict until `wanted` cells are free; False when all are gone and it is not enough.

        That can be only when the history holds tokens of the prefix in cells of its own.
        """
        while self.used + self.promised + wanted > self._cells:
            victim = self._oldest(spared)
            if victim is None:
                return False
            steps += self.drop(victim)
        return True

    def _truncate(self, slot: _Slot, length: int) -> None:
        for cell in slot.cells[length:]:
            self._owners[cell] -= 1
            if not self._owners[cell]:
                del self._owners[cell]
        del slot.cells[length:]
        del slot.tokens[length:]
