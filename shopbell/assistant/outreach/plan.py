"""The owner's settings of outreach and mail, as they stand in `shop.toml`. Pure."""

import ipaddress
from decimal import Decimal
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Trigger = Literal[
    "welcome",
    "birthday",
    "reward_near",
    "points_expiring",
    "win_back",
    "after_purchase",
    "service_recovery",
]
"""What makes a shop write first."""
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
OWED: frozenset[Trigger] = frozenset({"points_expiring", "service_recovery"})
"""They tell somebody of what is theirs: nobody is held out, unless the owner says so."""
Mode = Literal["off", "approve", "auto"]
Way = Literal["email", "visit", "either"]
_SPAN = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$"
_Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_Share = Annotated[float, Meta(ge=0, le=0.5)]


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done on one occasion."""

    mode: Mode = "off"
    """`off`; `approve`: a person lets each message go; `auto`: it goes by itself."""
    way: Way = "either"
    """`email`; `visit`: a note when the customer signs in at the kiosk or in the chat; `either`: by e-mail
    where an address is known."""
    hold_out: _Share | None = None
    """Share that gets nothing, to compare with; none: that of `[outreach]`."""
    cost: Decimal = Decimal(0)
    """What one message costs with all it gives, in the shop's currency."""

    def __post_init__(self) -> None:
        """Raise ValueError for a cost below nothing; `Meta` knows no bounds of a Decimal."""
        if self.cost < 0:
            raise ValueError("a message cannot cost less than nothing")


class Outreach(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Messages the shop writes first; every one is off until you switch it on."""

    welcome: Rule = Rule()
    """Within a week of joining."""
    birthday: Rule = Rule()
    """On the day."""
    reward_near: Rule = Rule()
    """When few points are missing for a reward."""
    points_expiring: Rule = Rule()
    """When points end within 30 days."""
    win_back: Rule = Rule()
    """When a regular stays away for longer than usual."""
    after_purchase: Rule = Rule()
    """Some days after a purchase."""
    service_recovery: Rule = Rule()
    """Some days after a complaint was settled."""
    hours: Annotated[str, Meta(pattern=_SPAN)] = "09:00-19:00"
    """When e-mail may go out, in the shop's time."""
    quiet_days: tuple[_Day, ...] = ("sun",)
    """Days on which none goes."""
    at_most: Annotated[int, Meta(ge=1, le=30)] = 2
    """Messages to one customer within `days`, by whatever way."""
    days: Annotated[int, Meta(ge=1, le=365)] = 30
    """The span that `at_most` counts."""
    apart_days: Annotated[int, Meta(ge=0, le=60)] = 3
    """Days between two messages to one customer."""
    hold_out: _Share = 0.1
    """Share of customers that gets nothing from a campaign, so that its effect can be told."""
    compare_days: Annotated[int, Meta(ge=1, le=180)] = 30
    """Days after which it is looked who came."""
    address: str = ""
    """Where customers reach this server, such as `https://chat.example.com`; the link that ends all messages
    leads there, so no e-mail goes without it."""

    def rule(self, trigger: Trigger) -> Rule:
        """Return what is done on an occasion."""
        found: Rule = getattr(self, trigger)
        return found

    def share_held(self, trigger: Trigger) -> float:
        """Return the share that gets nothing."""
        own = self.rule(trigger).hold_out
        return own if own is not None else 0.0 if trigger in OWED else self.hold_out

    @property
    def on(self) -> tuple[Trigger, ...]:
        """The occasions that are switched on."""
        return tuple(one for one in TRIGGERS if self.rule(one).mode != "off")


class Mail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that takes the shop's e-mail; without one no e-mail is sent."""

    host: str = ""
    """Such as `smtp.example.com`."""
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    """587 with `starttls`, mostly 465 with `tls`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only for a server on this machine, without a user: a password never goes unencrypted."""
    user: str = ""
    """Name to sign in with; empty: none is asked for."""
    password_file: str = ""
    """File with the password alone, readable by its owner only; else SHOPBELL_MAIL_PASSWORD is read."""
    sender: str = ""
    """Address the mail comes from; empty: that of `[shop]`."""
    ca_file: str = ""
    """Certificates to trust besides the system's, for a server of your own."""
    sign_in_codes: bool = True
    """Send customers their one-time codes by e-mail."""

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
