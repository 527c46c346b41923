"""The telephone's part of `shop.toml`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

_HOST = r"^([A-Za-z0-9.\-]+(:\d{1,5})?)?$"
_NUMBER = r"^(\+?[\d*]{2,20}|anonymous)$"
_ADDRESS = r"^(\d{1,3}(\.\d{1,3}){3})?$"
Number = Annotated[str, Meta(pattern=_NUMBER)]
"""A telephone number or the beginning of one, such as `0163296*`; `anonymous` for callers without one."""
Line = Annotated[str, Meta(min_length=1, max_length=400)]
CodecName = Literal["opus", "G722", "PCMA", "PCMU"]
Transport = Literal["udp", "tcp"]
KEYS = {"1": "When are you open?", "2": "points", "3": "message", "9": "repeat", "0": "person"}
"""What keys do unless the shop says otherwise."""


class Telephone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shop's telephone: Shopbell as an extension of the shop's telephone box or trunk."""

    enabled: bool = False
    """Answer calls; everything below counts only then."""
    server: Annotated[str, Meta(pattern=_HOST)] = ""
    """Telephone box or trunk to register at, such as `192.168.178.1` or `sip.example.com:5060`."""
    user: Annotated[str, Meta(max_length=64)] = ""
    """Name of the extension; empty: Shopbell registers nowhere and waits for calls."""
    domain: Annotated[str, Meta(pattern=_HOST)] = ""
    """What stands after the @ of the extension's address; empty: the server."""
    password_file: str = "phone.password"  # noqa: S105 - a file's name
    """File beside shop.toml with the extension's password in its first line."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 5060
    """UDP port of SIP on this machine."""
    listen: Annotated[str, Meta(pattern=_ADDRESS)] = ""
    """Own address to listen on; empty: the one from which the server is reached."""
    address: Annotated[str, Meta(pattern=_ADDRESS)] = ""
    """Address that is told to the other side, behind a router that translates; empty: the own one."""
    allow: tuple[Annotated[str, Meta(pattern=_ADDRESS)], ...] = ()
    """Further addresses that may send calls; all others get no answer at all."""
    rtp_ports: tuple[Annotated[int, Meta(ge=1024, le=65534)], Annotated[int, Meta(ge=1026, le=65535)]] = (
        20000,
        20100,
    )
    """First and last UDP port for sound; each call takes two."""
    transport: Transport = "udp"
    """How SIP travels; with `tcp` the port is open for both."""
    codecs: Annotated[tuple[CodecName, ...], Meta(min_length=1)] = ("opus", "G722", "PCMA", "PCMU")
    """What may code the sound; of these the one that the caller's side likes best is taken."""
    expires_s: Annotated[int, Meta(ge=60, le=3600)] = 300
    """Seconds for which a registration is asked."""
    calls: Annotated[int, Meta(ge=1, le=20)] = 2
    """Calls at once; whoever calls then hears the busy tone and stands in the console."""
    ring_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """Seconds it rings before Shopbell answers, so that somebody in the shop can be first."""
    blocked: tuple[Number, ...] = ()
    """Numbers that are declined, such as `["+4420*", "anonymous"]`."""
    greeting: Annotated[str, Meta(max_length=400)] = ""
    """Said while the shop is open, after the notice that this is an AI; empty: the assistant's greeting."""
    closed_greeting: Annotated[str, Meta(max_length=400)] = ""
    """Said while the shop is closed; empty: when it opens again."""
    keys: dict[Annotated[str, Meta(pattern=r"^\d$")], Line] = field(default_factory=lambda: dict(KEYS))
    """What each key does: `person`, `points`, `message`, `repeat`, or a question asked for the caller."""
    staff: Annotated[str, Meta(pattern=r"^[\w.+\-*]{0,40}(@[\w.\-]+(:\d{1,5})?)?$")] = ""
    """Extension that callers are put through to while somebody is in, such as `20`, or a telephone of its own
    on the shop's network, such as `20@192.168.1.20`; empty: they are not."""
    staff_briefing: bool = True
    """Tell staff first what was said, and let them decide; else the box puts callers through unasked."""
    staff_ring_s: Annotated[float, Meta(ge=5, le=120)] = 25.0
    """Seconds it may ring there."""
    calling_hours: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] = (
        "09:00-20:00"
    )
    """When customers who asked for it are called back, on days when the shop is open."""
    longest_min: Annotated[float, Meta(gt=0, le=240)] = 20.0
    """Minutes after which a call is ended with a goodbye, unless a person has it."""
    ask_rating: bool = True
    """After the goodbye, ask for a key from 1 to 5."""
