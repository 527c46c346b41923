"""The console is readable by day and by night."""

import pytest
from textual.color import Color
from textual.theme import Theme

from shopbell.tui.theme import DARK, LIGHT

LEAST = 4.5
"""Contrast of text, by WCAG 2.2, 1.4.3."""
CURSOR = 0.18
"""How much of the first colour lies under the line with the cursor; as in console.tcss."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def luminance(colour: Color) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_tone_stands_out_from_every_ground(theme: Theme) -> None:
    """Each colour of words has a contrast of 4.5 to 1 on each ground, also under the cursor."""
    names = ("foreground", "primary", "secondary", "accent", "warning", "error", "success")
    tones = {name: Color.parse(getattr(theme, name)) for name in names}
    tones["muted"] = Color.parse(theme.variables["muted"])
    grounds = {name: Color.parse(str(getattr(theme, name))) for name in ("background", "surface", "panel")}
    grounds["cursor"] = grounds["background"].blend(tones["primary"], CURSOR)
    contrasts = {(t, g): contrast(tones[t], grounds[g]) for t in tones for g in grounds}
    assert {pair: found for pair, found in contrasts.items() if found < LEAST} == {}
