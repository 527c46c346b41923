"""The kiosk's part of `shop.toml`."""

from typing import Annotated

from msgspec import Meta, Struct


class Kiosk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The voice kiosk."""

    hands_free: bool = True
    """Listen all the time during a visit; otherwise while the button is held. A customer may change it."""
    address: Annotated[str, Meta(pattern=r"^(https?://[^\s/]+)?$")] = ""
    """Where customers' phones reach this server, such as `http://192.168.1.20:8000`; empty: no QR code."""
    words: tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...] = ()
    """Names customers say that a dictionary does not know; product names are known anyway."""
