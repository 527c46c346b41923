"""The words with which customers are asked for their consent: the shop's own, or ours, each under a version.

Words that were shown once are kept: the same version with other words is refused.
"""

import re
from datetime import datetime
from importlib import resources
from pathlib import Path

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.errors import ConsentsRefused
from shopbell.assistant.privacy.tables import consent_text
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.consents import allows
from shopbell.loyalty.registry import consent_table

FILE = "consents.toml"
"""In the shop's folder; without it our own words are used."""
PURPOSES = ("history", "profiling", "marketing", "recordings", "improvement")


class Wording(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One purpose, as it is asked for."""

    title: str
    text: str
    """The whole question."""


class Wordings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All purposes, under one version; each is off until the customer says yes."""

    version: str
    history: Wording
    """What was bought and said before is used in answers."""
    profiling: Wording
    """The customer is put into groups by what they buy."""
    marketing: Wording
    """The shop writes about offers."""
    recordings: Wording
    """Sound is kept."""
    improvement: Wording
    """Conversations are read to improve the answers."""

    def of(self, purpose: str) -> Wording:
        """Return the wording of a purpose."""
        found: Wording = getattr(self, purpose)
        return found


class Tally(Struct, frozen=True, kw_only=True):
    """How many customers said what about a purpose last."""

    purpose: str
    yes: int
    no: int


def load_wordings(shop: Path) -> Wordings:
    """Read `consents.toml` of the shop's folder, or our own words; raises `ConsentsRefused`."""
    path = shop / FILE
    own = path.is_file()
    try:
        body = path.read_bytes() if own else _ours()
        found = msgspec.toml.decode(body, type=Wordings)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as fault:
        raise ConsentsRefused(
            f"{path}: {fault}. Each of {', '.join(PURPOSES)} needs a title and a text; the file, a version."
        ) from fault
    if not re.fullmatch(r"[\w.-]{1,40}", found.version):
        raise ConsentsRefused(f'{path}: version: write a short word without spaces, such as "2026-11".')
    return found


def adopt_wordings(engine: sa.Engine, words: Wordings, now: datetime) -> None:
    """Keep the words for ever under their version; raises `ConsentsRefused` when they were others before."""
    with engine.begin() as db:
        for purpose in PURPOSES:
            before = db.execute(
                sa.select(consent_text.c.words).where(
                    consent_text.c.purpose == purpose, consent_text.c.version == words.version
                )
            ).scalar()
            said = words.of(purpose).text
            if before is None:
                row = {"purpose": purpose, "version": words.version, "words": said, "at": stamp(now)}
                db.execute(consent_text.insert().values(row))
            elif before != said:
                raise ConsentsRefused(
                    f"{FILE}: the words for {purpose} were changed, but version {words.version!r} was "
                    "shown to customers with the old ones. Give the file a new version."
                )


def tally(db: sa.Connection) -> tuple[Tally, ...]:
    """Count what customers said last about each purpose."""
    customers = db.execute(sa.select(consent_table.c.customer).distinct()).scalars().all()
    asked = db.execute(sa.select(consent_table.c.customer, consent_table.c.purpose).distinct()).all()
    said = {(row.customer, row.purpose): allows(db, row.customer, row.purpose) for row in asked}
    return tuple(
        Tally(
            purpose=purpose,
            yes=sum(said.get((one, purpose), False) for one in customers),
            no=sum(said.get((one, purpose)) is False for one in customers),
        )
        for purpose in PURPOSES
    )


def _ours() -> bytes:
    return resources.files("shopbell.assistant.privacy").joinpath(FILE).read_bytes()
