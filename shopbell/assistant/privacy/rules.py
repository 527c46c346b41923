"""Rules: for every table, whether it tells of customers, how their rows are found, and what erasing does.

A table without a rule fails the tests: nothing about a person is kept that an export would not show.
"""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.privacy.declared import DECLARED_BY
from shopbell.storage.database import metadata

__all__ = ["BY_TABLE", "DECLARED_BY", "NOBODY", "RULES", "Deed", "Rule", "Through"]
Deed = Literal["delete", "rename", "rename-only-names"]
"""`delete`: the row goes. `rename`: it stays under a pseudonym, words written by hand go.
`rename-only-names`: it is about the shop or others, and only what names the person is taken out."""
NOBODY = "nobody"
"""Fits no id: what an empty list of ids is compared with."""


class Through(Struct, frozen=True):
    """Rows that belong to a row of another table."""

    column: str
    table: str
    parent: str
    """Column of the other table that `column` points to."""


class Rule(Struct, frozen=True, kw_only=True):
    """How one table tells of customers."""

    table: str
    title: str
    """As the export calls it."""
    deed: Deed
    who: Sequence[str] = ()
    """Columns that hold a customer's id."""
    talk: str = ""
    """Column that holds the id of a conversation."""
    through: Sequence[Through] = ()
    inside: str = ""
    """Column of JSON that may name a customer."""
    hidden: Sequence[str] = ()
    """Columns that are no use to anybody, or secret: left out of an export."""
    by_hand: Sequence[str] = ()
    """Columns with words that staff wrote; erasing replaces them."""

    def matches(self, customers: Sequence[str], talks: Sequence[str]) -> sa.ColumnElement[bool]:
        """Return the condition that finds the rows of these customers and conversations."""
        table = metadata.tables[self.table]
        found: list[sa.ColumnElement[bool]] = [table.c[name].in_(customers) for name in self.who]
        if self.talk:
            found.append(table.c[self.talk].in_(talks))
        for link in self.through:
            above = BY_TABLE[link.table].matches(customers, talks)
            parent = metadata.tables[link.table]
            found.append(table.c[link.column].in_(sa.select(parent.c[link.parent]).where(above)))
        if self.inside:
            found += [table.c[self.inside].contains(f'"{one}"', autoescape=True) for one in customers]
        return sa.or_(sa.false(), *found)


_PURCHASES = (Through("id", "purchase_claim", "purchase"),)
_HASHES = ("hash", "prev_hash", "request_hash")

RULES: tuple[Rule, ...] = (  # children before what they point to
    Rule(
        table="outreach_try",
        title="Tries to send you a message",
        deed="delete",
        through=(Through("letter", "outreach_letter", "id"),),
    ),
    Rule(
        table="outreach_letter",
        title="Messages the shop wrote you first",
        deed="delete",
        who=("customer",),
        hidden=("address", "template"),
    ),
    Rule(table="phone_call", title="Telephone calls", deed="delete", talk="conversation"),
    Rule(table="client_key", title="Receipts of messages", deed="delete", talk="conversation"),
    Rule(table="event", title="Conversations", deed="delete", talk="conversation"),
    Rule(
        table="conversation",
        title="Conversations held",
        deed="delete",
        talk="id",
        hidden=("token_hash",),
    ),
    Rule(
        table="customer_case",
        title="Complaints, call-backs and feedback",
        deed="delete",
        who=("customer",),
        talk="conversation",
    ),
    Rule(
        table="remembered",
        title="What the assistant remembers",
        deed="delete",
        who=("customer",),
        hidden=("vector",),
    ),
    Rule(table="customer_pin", title="PIN", deed="delete", who=("customer",), hidden=("hash",)),
    Rule(
        table="sign_in_code",
        title="Codes to sign in",
        deed="delete",
        who=("customer",),
        hidden=("digest",),
    ),
    Rule(table="loyalty_card", title="Cards", deed="delete", who=("customer",), hidden=("digest",)),
    Rule(
        table="pack_step",
        title="Passes used",
        deed="rename",
        who=("customer",),
        hidden=("request_hash",),
    ),
    Rule(
        table="customer_worth",
        title="What the shop reckons of you",
        deed="delete",
        who=("customer",),
    ),
    Rule(
        table="segment_membership",
        title="Groups that rules put you into",
        deed="delete",
        who=("customer",),
    ),
    Rule(
        table="segment_change",
        title="Groups you were put into",
        deed="delete",
        who=("customer",),
    ),
    Rule(table="consent", title="Consents", deed="rename", who=("customer",)),
    Rule(table="standing", title="Where you stand in the programme", deed="rename", who=("customer",)),
    Rule(table="referral", title="Who brought whom", deed="rename", who=("friend", "referrer")),
    Rule(
        table="reward_event",
        title="What became of rewards",
        deed="rename",
        through=(Through("hold", "reward_hold", "id"),),
    ),
    Rule(
        table="reward_hold",
        title="Rewards set aside",
        deed="rename",
        who=("customer",),
        hidden=("request_hash",),
    ),
    Rule(table="reward_code", title="Codes of rewards", deed="rename", who=("customer",), hidden=("digest",)),
    Rule(
        table="adjustment_decision",
        title="Decisions on corrections",
        deed="rename",
        through=(Through("adjustment", "adjustment", "id"),),
    ),
    Rule(
        table="adjustment",
        title="Corrections by hand",
        deed="rename",
        who=("customer",),
        hidden=("request_hash",),
        by_hand=("reason",),
    ),
    Rule(
        table="customer_unmerge",
        title="Records parted again",
        deed="rename",
        through=(Through("merge", "customer_merge", "id"),),
    ),
    Rule(table="customer_merge", title="Records joined", deed="rename", who=("source", "target")),
    Rule(
        table="purchase_return",
        title="Goods brought back",
        deed="rename",
        through=(Through("purchase", "purchase", "id"),),
        hidden=("request_hash",),
    ),
    Rule(table="purchase_claim", title="Receipts added later", deed="rename", who=("customer",)),
    Rule(
        table="purchase",
        title="Purchases",
        deed="rename",
        who=("customer",),
        through=_PURCHASES,
        hidden=("request_hash",),
    ),
    Rule(
        table="piece",
        title="What is left of points",
        deed="rename",
        through=(Through("account", "account", "id"),),
    ),
    Rule(
        table="posting",
        title="Movements of points",
        deed="rename",
        through=(Through("account", "account", "id"),),
    ),
    Rule(
        table="entry",
        title="Entries of the points ledger",
        deed="rename",
        who=("owner", "other"),
        hidden=_HASHES,
        by_hand=("reason",),
    ),
    Rule(table="account", title="Accounts of points", deed="rename", who=("owner",)),
    Rule(
        table="webhook_attempt",
        title="Tries to tell other programs",
        deed="delete",
        through=(Through("delivery", "webhook_delivery", "id"),),
    ),
    Rule(
        table="webhook_delivery",
        title="Messages to other programs, where to",
        deed="delete",
        through=(Through("message", "webhook_message", "id"),),
    ),
    Rule(table="webhook_message", title="Messages to other programs", deed="delete", inside="body"),
    Rule(
        table="audit",
        title="What staff did with your record",
        deed="rename-only-names",
        who=("target",),
        hidden=_HASHES,
    ),
    Rule(table="customer", title="Who you are", deed="rename", who=("id",)),
)

BY_TABLE = {rule.table: rule for rule in RULES}
