"""Inert: what others wrote is shown and never obeyed, neither by the terminal nor by the screen's markup.

The server made every text visible already; a console trusts that no more than it trusts the customer.
"""

from typing import TypeVar

import msgspec
from rich.text import Text

from shopbell.assistant.staffwire import DeskFrame, visible, visible_json
from shopbell.tui.errors import Refused

Form = TypeVar("Form")
_frames: msgspec.json.Decoder[DeskFrame] = msgspec.json.Decoder(DeskFrame)


def read_frame(raw: str | bytes) -> DeskFrame:
    """Return a frame of the feed; raises Refused if it is none."""
    try:
        return _frames.decode(visible_json(raw.encode() if isinstance(raw, str) else raw))
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Refused("bad-frame", f"The server sent what this console does not know: {error}") from None


def read_form(raw: bytes, form: type[Form]) -> Form:
    """Return a form of the staff's interface; raises Refused if it is none."""
    try:
        return msgspec.json.decode(visible_json(raw), type=form)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Refused("bad-answer", f"The server answered what this console does not know: {error}") from None


def one_line(text: str) -> str:
    """Return the text on one line, with no control character left."""
    return " ".join(visible(text).split())


def plain(text: str, style: str = "") -> Text:
    """Return the text as it is, with no markup read and no control character left."""
    return Text(visible(text).expandtabs(4), style=style, end="")
