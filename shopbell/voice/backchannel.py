"""Backchannel: what somebody says into a running reply, and whether it means "stop" or "go on". Pure."""

import re
from typing import Literal

Meaning = Literal["nothing", "go-on", "echo", "stop"]
"""`nothing` was noise, `go-on` is an "mm-hm", `echo` is our own voice, `stop` is anything else."""

_GO_ON = re.compile(
    r"(?:(?:m+h?m*|mm+|hm+|h+m+|uh|huh|um|ah|aha|oh|ooh|yeah|yep|yes|yup|ya|ok|okay|right|sure|good|great|nice|"
    r"cool|perfect|lovely|fine|i see|got it|i got it|all right|alright|of course|exactly|indeed|true|wow|"
    r"thanks|thank you)\s*)+"
)
_STOP = re.compile(r"\b(no|wait|stop|hold on|hang on|sorry|but|actually|not|don't|instead)\b")
ECHOED = 3
"""Words in a row, all of which we are just saying, that count as our own voice coming back."""


def meaning(heard: str, saying: str) -> Meaning:
    """Return what words spoken into our reply mean; `saying` is what we say just then."""
    plain = _plain(heard)
    if not plain:
        return "nothing"
    if _STOP.search(plain):
        return "echo" if _echoes(plain, saying) else "stop"
    if _GO_ON.fullmatch(plain):
        return "go-on"
    return "echo" if _echoes(plain, saying) else "stop"


def _echoes(plain: str, saying: str) -> bool:
    return len(plain.split()) >= ECHOED and f" {plain} " in f" {_plain(saying)} "


def _plain(text: str) -> str:
    """Return the words alone, as they are compared."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower().replace("-", "").replace("’", "'")))
