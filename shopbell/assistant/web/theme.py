"""The shop's colour made readable: contrast as WCAG 2.2 defines it. Pure."""

import colorsys
import re

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

AA = 4.5
"""The least contrast of text of ordinary size."""
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
PAPER: Colour = (240, 236, 230)
"""The darkest light ground that coloured text stands on."""
NIGHT: Colour = (44, 41, 38)
"""The lightest dark ground that coloured text stands on."""

_STEP = 0.01


def parse(text: str) -> Colour | None:
    """Read `#rrggbb` or `rrggbb`; None when it is no colour."""
    if not re.fullmatch(r"#?[0-9a-fA-F]{6}", text):
        return None
    value = int(text[-6:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def written(colour: Colour) -> str:
    """Write a colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Colour) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(colour: Colour, ground: Colour, least: float = AA) -> Colour:
    """Return the colour nearest in lightness that can be read on the ground, of the same hue."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    step = -_STEP if luminance(ground) > luminance(_MIDDLE) else _STEP
    while contrast(colour, ground) < least and 0 < lightness + step < 1:
        lightness += step
        colour = _from_hls(hue, lightness, saturation)
    return colour if contrast(colour, ground) >= least else (BLACK if step < 0 else WHITE)


def dimmed(colour: Colour) -> Colour:
    """Return the colour dark enough for a large ground at night, of the same hue."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    return _from_hls(hue, min(lightness, _DIM), min(saturation, _CALM))


def on(ground: Colour) -> Colour:
    """Return the colour of text on the ground: white, or black where white cannot be read."""
    return WHITE if contrast(WHITE, ground) >= AA else BLACK


def stylesheet(accent: Colour) -> str:
    """Return the style sheet that carries the shop's colour, for light and for dark."""
    fill = readable(accent, WHITE)
    light = _properties(fill=fill, text=readable(accent, PAPER), side=fill)
    dark = _properties(fill=readable(accent, NIGHT, 3.0), text=readable(accent, NIGHT), side=dimmed(accent))
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n"


_DIM, _CALM = 0.19, 0.5
_MIDDLE: Colour = (118, 118, 118)


def _properties(*, fill: Colour, text: Colour, side: Colour) -> str:
    return (
        f" --accent: {written(fill)}; --on-accent: {written(on(fill))}; --accent-text: {written(text)};"
        f" --side: {written(side)}; --on-side: {written(on(side))}; "
    )


def _from_hls(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the standard's own figures
