"""Laws a database holds by itself: triggers, said once and made for SQLite and for PostgreSQL.

Conditions and statements are SQL that both understand, with `NEW` and `OLD` as usual.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

Event = Literal["BEFORE INSERT", "BEFORE UPDATE", "BEFORE DELETE", "AFTER INSERT"]


class Law(Struct, frozen=True, kw_only=True):
    """One trigger: it refuses the change, or has statements run with it."""

    name: str
    table: str
    event: Event
    when: str = ""
    """Condition under which it speaks; empty: always."""
    refusal: str = ""
    """What the refused is told; raised as an `IntegrityError`."""
    then: Sequence[str] = ()
    """Statements to run, where nothing is refused."""


def append_only(table: str, same: str, refusal: str) -> tuple[Law, ...]:
    """Return the laws of a table whose rows are never changed, dropped or replaced.

    `same` is the condition under which a row that stands there would be replaced by `NEW`: on SQLite, REPLACE
    drops the old row without asking the delete trigger unless recursive triggers are on.
    """
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own words, never input
    return (
        Law(name=f"{table}_no_update", table=table, event="BEFORE UPDATE", refusal=refusal),
        Law(name=f"{table}_no_delete", table=table, event="BEFORE DELETE", refusal=refusal),
        Law(name=f"{table}_no_replace", table=table, event="BEFORE INSERT", when=exists, refusal=refusal),
    )


def enact(connection: sa.Connection, laws: Iterable[Law]) -> None:
    """Create the triggers; on PostgreSQL also refuse TRUNCATE where DELETE is always refused."""
    make = _for_postgresql if connection.dialect.name == "postgresql" else _for_sqlite
    for law in laws:
        for statement in make(law):
            connection.exec_driver_sql(statement)


def repeal(connection: sa.Connection, laws: Iterable[Law]) -> None:
    """Drop the triggers, and on PostgreSQL the functions behind them."""
    for law in laws:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP FUNCTION {law.name}() CASCADE")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER {law.name}")


def _for_sqlite(law: Law) -> list[str]:
    body = law.then or (f"SELECT RAISE(ABORT, '{law.refusal}')",)
    when = f" WHEN {law.when}" if law.when else ""
    return [f"CREATE TRIGGER {law.name} {law.event} ON {law.table}{when} BEGIN {'; '.join(body)}; END"]


def _for_postgresql(law: Law) -> list[str]:
    # 23000 is integrity_constraint_violation: the driver raises what it raises for a CHECK.
    body = law.then or (f"RAISE EXCEPTION '{law.refusal}' USING ERRCODE = '23000'",)
    back = "OLD" if law.event == "BEFORE DELETE" else "NEW"
    speak = f"{'; '.join(body)};"
    if law.when:  # not as WHEN of the trigger, which may hold no subquery
        speak = f"IF {law.when} THEN {speak} END IF;"
    function = f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    made = [
        f"{function} {speak} RETURN {back}; END $$",
        f"CREATE TRIGGER {law.name} {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()",
    ]
    if law.event == "BEFORE DELETE" and not law.when:
        made.append(
            f"CREATE TRIGGER {law.table}_no_truncate BEFORE TRUNCATE ON {law.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {law.name}()"
        )
    return made
