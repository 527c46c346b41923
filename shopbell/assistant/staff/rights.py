"""Rights: what each role may do. What stands in no list is refused."""

from typing import Literal, get_args

from shopbell.assistant.staffwire import Role

Right = Literal[
    "session",
    "floor",
    "knowledge",
    "system",
    "numbers",
    "figures",
    "publish",
    "export",
    "restart",
    "ghost",
    "audit",
    "accounts.see",
    "accounts",
    "customers",
    "reveal",
    "award",
    "redeem",
    "approve",
    "merge",
    "letters",
]
"""`session` is what everybody signed in may do with their own account."""

_COUNTER: tuple[Right, ...] = ("customers", "reveal", "award", "redeem")
_CLERK: tuple[Right, ...] = ("session", "floor", "knowledge", "system", "numbers", *_COUNTER)
_BACK: tuple[Right, ...] = ("approve", "merge", "letters")
_MANAGER: tuple[Right, ...] = (
    *_CLERK,
    "figures",
    "publish",
    "export",
    "restart",
    "ghost",
    "audit",
    "accounts.see",
    *_BACK,
)
RIGHTS: dict[Role, tuple[Right, ...]] = {
    "clerk": _CLERK,
    "manager": _MANAGER,
    "owner": (*_MANAGER, "accounts"),
}
PUBLIC = "public"
"""Declared by a route that anybody may call: signing in is one."""
KNOWN = frozenset((*get_args(Right), PUBLIC))


def may(role: Role, right: str) -> bool:
    """Say whether the role has the right; nobody has one that is not known."""
    return right in RIGHTS.get(role, ())
