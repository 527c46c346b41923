"""Prospects: what the nightly reckoning says of customers, as far as it was done. Every call blocks."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.reckoning.answers import CustomerWorth, Reckoning
from shopbell.loyalty.reckoning.reading import read_at_risk, read_reckoning, read_segments, read_worths

NOT_YET = "Nobody was reckoned yet: the reckoning is done at night, and needs customers who agreed to it."
MOST = 1_000_000
"""More customers than any shop has."""
NAMED = 20
"""Customers at risk that are read."""


class Prospects(Struct, frozen=True, kw_only=True):
    """What may be said of customers who agreed to be reckoned."""

    worths: Mapping[str, CustomerWorth] = {}
    lost: tuple[CustomerWorth, ...] = ()
    """Who is slipping away, the most at stake first."""
    names: Mapping[str, str] = {}
    """Computed segment -> as people read it."""
    note: str = NOT_YET
    """Why there is none, or how sure it is."""


Outlook = Callable[[sa.Connection], Prospects]


def nobody(_: sa.Connection) -> Prospects:
    """Return the prospects of a shop that reckons nothing."""
    return Prospects()


def reckoned(db: sa.Connection) -> Prospects:
    """Return what the last reckoning said."""
    last = read_reckoning(db)
    if last is None:
        return Prospects()
    return Prospects(
        worths={one.customer: one for one in read_worths(db, limit=MOST)},
        lost=read_at_risk(db, limit=NAMED),
        names={one.name: one.label for one in read_segments(db)},
        note=_note(last),
    )


def _note(last: Reckoning) -> str:
    said = (
        f"As of {last.day:%-d %B %Y}: {last.at_risk} of the {last.reckoned} customers who agreed to be "
        "reckoned are slipping away."
    )
    held = last.held_out
    if held is not None and held.auc_risk is not None:
        said += f" Tried on the past, the list told who stayed away with an AUC of {held.auc_risk:.2f}."
    return f"{said} {last.note}".strip()
