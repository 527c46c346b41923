"""Forms of `/api/staff` about people: accounts, sessions, conversations."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from shopbell.assistant.staffwire.tells import Card, Role

Name = Annotated[str, Meta(min_length=1, max_length=40)]
Password = Annotated[str, Meta(min_length=1, max_length=256)]


# --- accounts ----------------------------------------------------------------------------------------------


class Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name and password."""

    name: Name
    password: Password


class Join(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one-time code of an invitation, and the password to be."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    password: Password
    name: str = ""
    """Only the first owner chooses a name here."""


class NewPassword(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of one's own password."""

    old: Password
    new: Password


class Session(Struct, frozen=True, kw_only=True):
    """Signed in."""

    token: str
    """Send it as `Authorization: Bearer TOKEN` and in `SignIn`; it is given once."""
    name: str
    role: Role
    rights: tuple[str, ...]
    ends_at: datetime


class Me(Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    name: str
    role: Role
    rights: tuple[str, ...]
    ends_at: datetime


class Account(Struct, frozen=True, kw_only=True):
    """A member of staff."""

    name: str
    role: Role
    state: Literal["active", "invited", "revoked"]
    created_at: datetime
    seen_at: datetime | None = None


class Accounts(Struct, frozen=True, kw_only=True):
    """All members of staff."""

    accounts: tuple[Account, ...]


class NewAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to invite."""

    name: Name
    role: Role


class RoleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another role for somebody."""

    name: Name
    role: Role


class Who(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account, by name."""

    name: Name


class Invitation(Struct, frozen=True, kw_only=True):
    """A one-time code to hand over in person; whoever has it chooses the password."""

    name: str
    role: Role
    code: str
    ends_at: datetime


class Kept(Struct, frozen=True, kw_only=True):
    """It was done."""

    text: str = ""


# --- conversations -----------------------------------------------------------------------------------------


class CardList(Struct, frozen=True, kw_only=True):
    """Every open conversation, by need."""

    cards: tuple[Card, ...]
