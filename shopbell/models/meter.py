"""How far a long piece of work has come, on one line that moves or one now and then."""

import sys
import time
from collections.abc import Callable

import rich_click as click

LINE_EVERY_S = 5.0
"""Seconds between progress lines where no terminal can show a moving one."""

Meter = Callable[[int, int], None]
"""Told how many of how many are done."""


def meter(what: str) -> Meter:
    """Return a meter that keeps one line moving on a terminal, or prints a line now and then elsewhere."""
    moving = sys.stderr.isatty()
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        whole = done >= total
        if time.monotonic() - last < (0.1 if moving else LINE_EVERY_S) and not (whole and moving):
            return
        last = time.monotonic()
        line = f"  {done:,} of {total:,} {what}"
        click.echo(f"\r\x1b[2K{line}" if moving else line, err=True, nl=whole or not moving)

    return tell
