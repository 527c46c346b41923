"""The tables of what the shop knows, and the statements on them."""

import msgspec
import sqlalchemy as sa

from shopbell.knowledge.problem import Problem
from shopbell.storage.database import metadata

document = sa.Table(
    "document",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
    sqlite_strict=True,
)
passage = sa.Table(
    "passage",
    metadata,
    sa.Column("document", sa.ForeignKey("document.path", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
gap = sa.Table(
    "gap",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("example", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_seen", sa.Text, nullable=False),
    sa.Column("last_seen", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
report = sa.Table(
    "report",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)


def document_digests(connection: sa.Connection) -> dict[str, str]:
    """Return path -> digest of the content that was last read."""
    rows = connection.execute(sa.select(document.c.path, document.c.digest))
    return {row.path: row.digest for row in rows}


def remove_document(connection: sa.Connection, path: str) -> None:
    """Forget a file and all it said."""
    connection.execute(sa.delete(document).where(document.c.path == path))


def put_document(
    connection: sa.Connection,
    path: str,
    digest: str,
    problems: tuple[Problem, ...],
    bodies: tuple[bytes, ...] | None,
) -> None:
    """Keep what was read from a file; None as `bodies` keeps what it said before."""
    values = {"digest": digest, "problems": msgspec.json.encode(problems).decode()}
    changed = connection.execute(sa.update(document).where(document.c.path == path).values(values))
    if not changed.rowcount:
        connection.execute(sa.insert(document).values(path=path, **values))
    if bodies is None:
        return
    connection.execute(sa.delete(passage).where(passage.c.document == path))
    rows = [{"document": path, "position": at, "body": body} for at, body in enumerate(bodies)]
    if rows:
        connection.execute(sa.insert(passage), rows)


def records(connection: sa.Connection) -> list[tuple[str, bytes]]:
    """Return path and encoded record of everything published, in the order of the files."""
    ordered = sa.select(passage.c.document, passage.c.body).order_by(passage.c.document, passage.c.position)
    return [(path, body) for path, body in connection.execute(ordered)]


def problems(connection: sa.Connection) -> list[Problem]:
    """Return what there is to say about the files, in their order."""
    noted = connection.execute(sa.select(document.c.problems).order_by(document.c.path)).scalars()
    return [problem for text in noted for problem in msgspec.json.decode(text, type=tuple[Problem, ...])]


def recall_report(connection: sa.Connection, name: str, digest: str) -> bytes | None:
    """Return the report kept under `name`, if it is of the state `digest` names."""
    wanted = sa.select(report.c.body).where(report.c.name == name, report.c.digest == digest)
    return connection.execute(wanted).scalar_one_or_none()


def keep_report(connection: sa.Connection, name: str, digest: str, body: bytes) -> None:
    """Keep a report in place of the one before."""
    connection.execute(sa.delete(report).where(report.c.name == name))
    connection.execute(sa.insert(report).values(name=name, digest=digest, body=body))


_GAP = (gap.c.id, gap.c.example, gap.c.count, gap.c.first_seen, gap.c.last_seen)


def gap_vectors(connection: sa.Connection) -> list[tuple[int, bytes]]:
    """Return id and vector of every group."""
    return [(number, vector) for number, vector in connection.execute(sa.select(gap.c.id, gap.c.vector))]


def add_gap(connection: sa.Connection, example: str, now: str, vector: bytes, most: int) -> int:
    """Begin a group and return its id; with `most` groups already, the least asked and oldest goes."""
    count = connection.execute(sa.select(sa.func.count()).select_from(gap)).scalar_one()
    if count >= most:
        least = sa.select(gap.c.id).order_by(gap.c.count, gap.c.last_seen).limit(count - most + 1)
        connection.execute(sa.delete(gap).where(gap.c.id.in_(least)))
    added = sa.insert(gap).values(example=example, count=1, first_seen=now, last_seen=now, vector=vector)
    return int(connection.execute(added.returning(gap.c.id)).scalar_one())


def count_gap(connection: sa.Connection, number: int, example: str, now: str) -> None:
    """Count one more question of a group; its wording becomes the example."""
    changed = sa.update(gap).where(gap.c.id == number)
    connection.execute(changed.values(example=example, count=gap.c.count + 1, last_seen=now))


def gap_row(connection: sa.Connection, number: int) -> sa.Row[int, str, int, str, str]:
    """Return one group."""
    return connection.execute(sa.select(*_GAP).where(gap.c.id == number)).one()


def gap_rows(connection: sa.Connection, limit: int) -> list[sa.Row[int, str, int, str, str]]:
    """Return the groups asked most."""
    ordered = sa.select(*_GAP).order_by(gap.c.count.desc(), gap.c.last_seen.desc(), gap.c.id.desc())
    return list(connection.execute(ordered.limit(limit)).all())


def remove_gap(connection: sa.Connection, number: int) -> bool:
    """Drop a group; say whether there was one."""
    return bool(connection.execute(sa.delete(gap).where(gap.c.id == number)).rowcount)
