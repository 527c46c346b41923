"""The frame around every screen: above it the house and the modes, below it the keys."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.screen import Screen

from shopbell.tui.rows import Piece, Row, fit, paragraph, row, words
from shopbell.tui.state import Desk, waiting

Mode = tuple[str, str, str]
"""Key, name of the mode, label."""
TABS: Sequence[Mode] = (
    ("f1", "floor", "Floor"),
    ("f2", "talk", "Talk"),
    ("f3", "customer", "Customer"),
    ("f4", "knowledge", "Knowledge"),
    ("f5", "numbers", "Numbers"),
    ("f6", "system", "System"),
)


class Key(Struct, frozen=True):
    """A key and what it does."""

    key: str
    label: str


def top(desk: Desk, mode: str, clock: str, width: int, notice: Piece | None = None) -> list[Row]:
    """Return the lines above: house and state of the line, then what was told just now, or the modes."""
    right = _link(desk)
    who = f"{desk.me.name} ({desk.me.role})" if desk.me else "not signed in"
    count = waiting(desk)
    bell = Piece(f" {count} waiting ", "urgent") if count else Piece(" nobody waits ", "dim")
    shop = desk.me.shop if desk.me else "Shopbell"
    asked = desk.to_approve if desk.may("approve") else 0
    ask = Piece(f"{asked} to approve  " if asked else "", "warn")
    used = cell_len(words(right)) + cell_len(bell.text) + cell_len(ask.text) + cell_len(who) + len(clock) + 6
    first = row(Piece(fit(f" {shop}", max(8, width - used)), "strong"), bell, " ", ask, *right)
    last = Piece(f"  {who}  {clock}", "dim")
    if notice is not None:
        return [row(*first, last), *paragraph(notice.text, width - 1, notice.tone, indent=" ")]
    tabs: list[Piece] = [Piece(" ")]
    for key, name, label in TABS:
        if name == mode:
            tabs += [Piece(f"{key.upper()} {label}", "accent"), Piece("  ")]
        else:
            tabs += [Piece(f"{key.upper()} ", "strong"), Piece(label, "dim"), Piece("  ")]
    return [row(*first, last), row(*tabs)]


def _link(desk: Desk) -> Row:
    match desk.link.state:
        case "live":
            return row(Piece("● live", "good"))
        case "opening":
            return row(Piece("○ connecting", "warn"))
        case "lost":
            return row(Piece(f"○ no line, again in {desk.link.wait_s:.0f} s", "urgent"))
        case _:
            return row(Piece("○ signed out", "dim"))


def bottom(keys: Iterable[Key], width: int) -> list[Row]:
    """Return the keys on as many lines as they need; none is ever cut."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for key in keys:
        size = cell_len(key.key) + cell_len(key.label) + 3
        if used + size > width and lines[-1]:
            lines.append([])
            used = 0
        lines[-1] += [Piece(f" {key.key}", "accent"), Piece(f" {key.label} ")]
        used += size
    return [row(*line) for line in lines]


def keys_of(screen: Screen[None]) -> list[Key]:
    """Return the keys that do something on this screen now, the screen's own first."""
    found: dict[str, Key] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.description:
            shown = screen.app.get_key_display(binding)
            found.setdefault(binding.action, Key(shown, binding.description))
    return list(found.values())
