"""Export: everything the shop keeps about one customer, as JSON for programs and as a page for people."""

import html
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.privacy.person import Person, Stretch, gather, stretches
from shopbell.assistant.privacy.rules import RULES, Rule
from shopbell.storage.database import metadata, reading

JSON_FILE, PAGE_FILE = "everything.json", "everything.html"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2rem}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}"
)
Cell = object
"""Text, a number, null, or what JSON within a column holds."""


class Section(Struct, frozen=True, kw_only=True):
    """One table's part."""

    table: str
    title: str
    rows: tuple[Mapping[str, Cell], ...]


class Export(Struct, frozen=True, kw_only=True):
    """All of it."""

    shop: str
    made_at: str
    """ISO 8601, in UTC."""
    customer: str
    """Id of the record that remains."""
    sections: tuple[Section, ...]


def collect(engine: sa.Engine, customer: str, shop: str, now: datetime) -> Export:
    """Return everything about a customer, as it stands at one moment; raises NoSuchCustomer."""
    with reading(engine) as db:
        person = gather(db, customer)
        own = tuple(stretches(db, person.ids))
        found = (_section(db, rule, person, own) for rule in reversed(RULES))
        return Export(
            shop=shop,
            made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            customer=person.ids[0],
            sections=tuple(section for section in found if section.rows),
        )


def write_export(done: Export, folder: Path) -> tuple[Path, ...]:
    """Write both files into a folder, for its owner only; returns them. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed = msgspec.json.format(msgspec.json.encode(done), indent=2)
    made = []
    for name, content in ((JSON_FILE, packed), (PAGE_FILE, page(done).encode())):
        path = folder / name
        path.touch(0o600)
        path.write_bytes(content)
        made.append(path)
    return tuple(made)


def page(done: Export) -> str:
    """Return the export as a page that needs nothing from anywhere."""
    return "\n".join(_page(done)) + "\n"


def _section(db: sa.Connection, rule: Rule, person: Person, own: tuple[Stretch, ...]) -> Section:
    table = metadata.tables[rule.table]
    shown = [column for column in table.c if column.name not in rule.hidden]
    query = sa.select(*shown).where(rule.matches(person.ids, person.talks)).order_by(*table.primary_key)
    rows = ({name: _cell(value) for name, value in row._asdict().items()} for row in db.execute(query))
    return Section(
        table=rule.table,
        title=rule.title,
        rows=tuple(row for row in rows if rule.table != "event" or _hers(row, own)),
    )


def _hers(row: Mapping[str, Cell], own: tuple[Stretch, ...]) -> bool:
    """Say whether an event is of a stretch of the customer's own: a kiosk is used by one after another."""
    seq, talk = row["seq"], row["conversation"]
    return isinstance(seq, int) and any(
        one.conversation == talk and one.first <= seq <= one.last for one in own
    )


def _cell(value: object) -> Cell:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def _page(done: Export) -> Iterator[str]:
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_safe(done.shop)}</title>'
    yield f"<style>{_STYLE}</style><h1>What {_safe(done.shop)} keeps about you</h1>"
    yield f"<p>Made {_safe(done.made_at)}. Your number here is {_safe(done.customer)}.</p>"
    for section in done.sections:
        yield f"<h2>{_safe(section.title)}</h2><table>"
        yield "<tr>" + "".join(f"<th>{_safe(name)}</th>" for name in section.rows[0]) + "</tr>"
        for row in section.rows:
            yield "<tr>" + "".join(f"<td>{_safe(_told(value))}</td>" for value in row.values()) + "</tr>"
        yield "</table>"
    yield "</html>"


def _told(value: Cell) -> str:
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {_told(one)}" for key, one in value.items() if one not in ("", None, [], {})
        )
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return "" if value is None else str(value)


def _safe(text: str) -> str:
    return html.escape(text)
