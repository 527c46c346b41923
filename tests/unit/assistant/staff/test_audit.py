from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant.staff.audit import AuditLog

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
nasty = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["Ana\r\nBen login", "\x1b[2J", "x\u202ey", "a\tb"]
)


def audit(engine: sa.Engine) -> AuditLog:
    return AuditLog(engine, lambda: NOON)


ATTACKS = {
    "update": "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
    "delete": "DELETE FROM audit WHERE seq = 2",
    "delete the last": "DELETE FROM audit WHERE seq = 3",
    "replace": "INSERT OR REPLACE INTO audit SELECT 2, at, 'nobody', action, target, detail, prev_hash, "
    "hash FROM audit WHERE seq = 2",
    "a row too many": "INSERT INTO audit SELECT 9, at, 'nobody', action, target, detail, hash, "
    "zeroblob(32) FROM audit WHERE seq = 3",
    "a row beside the chain": "INSERT INTO audit SELECT 4, at, 'nobody', action, target, detail, prev_hash, "
    "zeroblob(32) FROM audit WHERE seq = 3",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_statement_changes_what_was_written(engine: sa.Engine, attack: str) -> None:
    """Each trigger refuses its attack, and the log still holds."""
    log = audit(engine)
    for name in ("Ana", "Ben", "Cem"):
        log.write(name, "login", name)
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as db:
        db.exec_driver_sql(attack)
    assert (log.verify().fault, log.verify().rows) == ("", 3)
    assert [line.actor for line in log.lines()] == ["Cem", "Ben", "Ana"]


def test_a_change_behind_the_triggers_back_is_found(engine: sa.Engine) -> None:
    """Whoever drops a trigger and edits a row is found at that row."""
    log = audit(engine)
    for name in ("Ana", "Ben", "Cem"):
        log.write(name, "login", name)
    with engine.begin() as db:
        db.exec_driver_sql("DROP TRIGGER audit_no_update")
        db.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    assert log.verify().fault == "row 2 was changed"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=nasty, target=nasty, detail=nasty)
def test_a_line_stays_one_line(engine: sa.Engine, actor: str, target: str, detail: str) -> None:
    """Whatever a name holds, nobody can write a second line or move a terminal with it."""
    log = audit(engine)
    log.write(actor, "login-refused", target, why=detail)
    line = log.lines(limit=1)[0]
    for text in (line.actor, line.target, line.detail):
        assert text.isprintable() or not any(
            ord(letter) < 32 or letter in "\x7f\x1b\x85\u202e" for letter in text
        )
    assert log.verify().fault == ""
