"""Erasure: one customer is taken out of everything the shop keeps, and the books go on balancing.

One transaction for the database, then the pages it leaves behind, then files; at last a search through every
byte. Every call blocks: make it in a worker.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.errors import StillTalking
from shopbell.assistant.privacy import erased
from shopbell.assistant.privacy.auditseal import reseal_audit
from shopbell.assistant.privacy.certificate import Certificate, printed
from shopbell.assistant.privacy.gaps import Embed, drop_gaps
from shopbell.assistant.privacy.person import Person, gather, idle_since, name_patterns, needles, search_words
from shopbell.assistant.privacy.renaming import Renaming
from shopbell.assistant.privacy.tidying import Count, drop_rows, drop_talks, rename_rows, sweep
from shopbell.assistant.privacy.traces import Search, search_apart
from shopbell.assistant.staff.audit import AuditLog
from shopbell.loyalty.registry import customer_table
from shopbell.loyalty.resealing import Resealed, first_of, reseal
from shopbell.storage.lifting import laws_lifted
from shopbell.storage.vacuum import vacuum

QUIET = timedelta(minutes=10)
"""A conversation in which nothing was said for so long is over for this purpose."""
CERTIFICATES = "certificates"
"""Folder in the shop's data."""
UPLOADS = "imports"
DIGESTS = "digests"
"""Folder of files that were sent to be taken in; those that name the person are removed."""
NAME = "Erased"
"""What the record is called afterwards."""
_BY_HAND = ("reason",)


class Place(Struct, frozen=True, kw_only=True):
    """Where a shop's data lies."""

    engine: sa.Engine
    folder: Path
    """Of the shop's data."""
    shop: Path | None = None
    """The shop's own files; None: they are not looked at."""
    draw: Callable[[int], bytes]
    """So many random bytes."""
    embed: Embed | None = None
    """For questions without an answer; None: those are compared by their words alone."""


class _Deed(Struct, frozen=True, kw_only=True):
    pseudonyms: dict[str, str]
    dropped: Count
    renamed: Count
    swept: Count
    resealed: Resealed


def erase(place: Place, customer: str, now: datetime, *, by: str) -> Certificate:
    """Erase a customer, with all records joined to them, and return what was done.

    Raises NoSuchCustomer, or StillTalking while a conversation of theirs goes on.
    """
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.engine.begin() as db:
        person = gather(db, customer)
        _check_quiet(db, person, now)
        with laws_lifted(db):
            deed = _do(db, place, person, now, by)
        listed = erased.listed(db)
    erased.keep(place.folder / erased.FILE, listed)
    vacuum(place.engine)
    done = _certify(place, person, deed, now, by)
    _file(place.folder / CERTIFICATES, done)
    return done


def erase_again(place: Place, now: datetime, *, by: str) -> tuple[Certificate, ...]:
    """Erase whoever is on the list and stands in the database all the same, as after a restore."""
    with place.engine.begin() as db:
        listed = erased.keep(place.folder / erased.FILE, erased.listed(db))
        erased.adopt(db, listed)
        found = erased.found_again(db, listed)
    done = []
    for ident in found:
        with place.engine.connect() as db:
            there = db.execute(sa.select(customer_table.c.id).where(customer_table.c.id == ident)).first()
        if there:  # it may have gone together with a record it was joined to
            done.append(erase(place, ident, now, by=by))
    return tuple(done)


def _check_quiet(db: sa.Connection, person: Person, now: datetime) -> None:
    for at in idle_since(db, person.talks).values():
        if now - datetime.fromisoformat(at) < QUIET:
            raise StillTalking(
                "This customer is talking with the shop just now. End the conversation (E in the console), "
                f"or wait until nothing was said for {QUIET.seconds // 60} minutes, and try again."
            )


def _do(db: sa.Connection, place: Place, person: Person, now: datetime, by: str) -> _Deed:
    pseudonyms = erased.pseudonyms(db, person.ids, place.draw)
    renaming = Renaming(pseudonyms, name_patterns(person), _BY_HAND)
    first = first_of(db, person.ids)
    dropped = {"gap": drop_gaps(db, person.talks, place.embed)}
    dropped |= drop_talks(db, person.talks)
    dropped |= drop_rows(db, person.ids)
    for ident, pseudonym in pseudonyms.items():
        _stand_in(db, ident, pseudonym)
    renamed = rename_rows(db, person.ids, renaming)
    db.execute(customer_table.delete().where(customer_table.c.id.in_(person.ids)))
    swept = sweep(db, renaming, needles(person))
    erased.note(db, pseudonyms, now, place.draw)
    resealed = reseal(db, 1 if swept.get("entry") else first)
    reseal_audit(db)
    AuditLog(place.engine, lambda: now).add(db, by, "customer-erased", pseudonyms[person.ids[0]])
    return _Deed(pseudonyms=pseudonyms, dropped=dropped, renamed=renamed, swept=swept, resealed=resealed)


def _stand_in(db: sa.Connection, ident: str, pseudonym: str) -> None:
    """Put a record without a person beside the one that goes, for what points to it."""
    row = db.execute(sa.select(customer_table).where(customer_table.c.id == ident)).one()
    status = "merged" if row.status == "merged" else "erased"
    values = {"id": pseudonym, "name": NAME, "phone": None, "email": None, "birthday": None}
    joined = f"{row.joined_at[:4]}-01-01T00:00:00.000000+00:00"  # the day would be a trace
    values |= {"joined_at": joined, "referral_code": pseudonym, "status": status}
    db.execute(customer_table.insert().values(values))


def _certify(place: Place, person: Person, deed: _Deed, now: datetime, by: str) -> Certificate:
    search = Search(search_words(person))
    files = tuple(
        f"{kind}/{trace.path}" for kind in (UPLOADS, DIGESTS) for trace in search.folder(place.folder / kind)
    )
    for name in files:
        (place.folder / name).unlink()
    return Certificate(
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        by=by,
        pseudonyms=tuple(deed.pseudonyms.values()),
        dropped=deed.dropped,
        renamed=deed.renamed,
        swept=deed.swept,
        files=files,
        first=deed.resealed.first,
        seals=deed.resealed.seals,
        left=search_apart(search_words(person), place.folder),
        elsewhere=search.folder(place.shop) if place.shop is not None else (),
    )


def _file(folder: Path, done: Certificate) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{done.at[:10]}-{done.pseudonyms[0]}.txt"
    path.touch(0o600)
    path.write_text(printed(done), encoding="utf-8")
