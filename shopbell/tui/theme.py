"""The console by day and by night."""

from textual.theme import Theme

DARK = Theme(
    name="shopbell-dark",
    primary="#e0a458",
    secondary="#b8a1e3",
    accent="#7db7f0",
    warning="#f2c14e",
    error="#ff7b72",
    success="#7fd18b",
    foreground="#e8e6e1",
    background="#14171b",
    surface="#1b1f25",
    panel="#262c34",
    dark=True,
    variables={"muted": "#a8a39b"},
)
LIGHT = Theme(
    name="shopbell-light",
    primary="#8a4b1f",
    secondary="#6b4aa8",
    accent="#0f5ea8",
    warning="#7a5000",
    error="#b3261e",
    success="#1e6b34",
    foreground="#1f1d1a",
    background="#fbfaf7",
    surface="#f3f0ea",
    panel="#e6e1d8",
    dark=False,
    variables={"muted": "#5f5a53"},
)
