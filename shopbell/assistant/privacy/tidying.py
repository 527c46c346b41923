"""Tidying: the rows of the tables, changed or dropped as their rules say, while the laws are lifted."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from shopbell.assistant.privacy.renaming import GONE, Renaming
from shopbell.assistant.privacy.rules import RULES, Rule
from shopbell.storage.database import metadata

Row: TypeAlias = sa.Row[*tuple[Any, ...]]
Count = dict[str, int]
"""Table -> rows."""
SHOPS_OWN = frozenset({"alembic_version", "document", "passage", "report", "erased_person"})
"""Tables that are never searched: the shop's own words, and what must not change."""
_CHUNK = 500


def drop_talks(db: sa.Connection, talks: Sequence[str]) -> Count:
    """Remove whole conversations."""
    removed: Count = {}
    for start in range(0, len(talks), _CHUNK):
        some = talks[start : start + _CHUNK]
        for rule in RULES:
            if rule.talk and (rule.deed == "delete"):
                table = metadata.tables[rule.table]
                gone = db.execute(table.delete().where(table.c[rule.talk].in_(some))).rowcount
                removed[rule.table] = removed.get(rule.table, 0) + gone
    return removed


def drop_rows(db: sa.Connection, ids: Sequence[str]) -> Count:
    """Remove the rows of customers in tables whose rows go."""
    removed: Count = {}
    for rule in RULES:
        if rule.deed == "delete" and (rule.who or rule.through or rule.inside):
            table = metadata.tables[rule.table]
            removed[rule.table] = db.execute(table.delete().where(rule.matches(ids, ()))).rowcount
    return removed


def rename_rows(db: sa.Connection, ids: Sequence[str], renaming: Renaming) -> Count:
    """Give a person's own rows their pseudonym; `customer` itself is left to the caller."""
    changed: Count = {}
    found = [(rule, _rows(db, rule, ids)) for rule in RULES if rule.deed == "rename"]
    for rule, rows in found:
        if rule.table != "customer":
            table = metadata.tables[rule.table]
            changed[rule.table] = sum(_rename(db, table, row, renaming.own, rule.by_hand) for row in rows)
    return changed


def sweep(db: sa.Connection, renaming: Renaming, needles: Sequence[str]) -> Count:
    """Take what names a person out of everybody else's rows; rows without any of `needles` are not read."""
    changed: Count = {}
    for table in metadata.sorted_tables:
        texts = [column for column in table.c if isinstance(column.type, sa.Text)]
        if table.name in SHOPS_OWN or table.name == "customer" or not texts:
            continue
        hit = sa.or_(
            sa.false(),
            *(sa.func.lower(column).contains(one, autoescape=True) for column in texts for one in needles),
        )
        rows = db.execute(sa.select(table).where(hit)).all()
        if count := sum(_rename(db, table, row, renaming.other, ()) for row in rows):
            changed[table.name] = count
    return changed


def _rows(db: sa.Connection, rule: Rule, ids: Sequence[str]) -> Sequence[Row]:
    return db.execute(sa.select(metadata.tables[rule.table]).where(rule.matches(ids, ()))).all()


def _rename(
    db: sa.Connection,
    table: sa.Table,
    row: Row,
    rename: Callable[[str], str],
    by_hand: Sequence[str],
) -> bool:
    before = row._asdict()
    after = dict(_changes(table, before, rename, by_hand))
    if not after:
        return False
    same = [column == before[column.name] for column in table.primary_key]
    db.execute(table.update().where(*same).values(after))
    return True


def _changes(
    table: sa.Table, row: dict[str, object], rename: Callable[[str], str], by_hand: Sequence[str]
) -> Iterator[tuple[str, object]]:
    new: dict[str, object] = {}
    for column in table.c:
        value = row[column.name]
        if isinstance(value, str) and isinstance(column.type, sa.Text):
            said = GONE if value and column.name in by_hand else rename(value)
            if said != value:
                new[column.name] = said
    if new and "request_hash" in table.c:
        # the digest of a request that named the person would let a guess be checked
        new["request_hash"] = secrets.token_bytes(32)
    yield from new.items()
