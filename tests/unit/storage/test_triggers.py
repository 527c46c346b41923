import pytest
import sqlalchemy as sa

from shopbell.storage.triggers import Law, _for_postgresql, append_only, enact, repeal


def test_a_law_refuses_and_is_repealed() -> None:
    """On SQLite a refused change raises and leaves the row; once repealed, it goes through."""
    laws = append_only("note", "id = NEW.id", "notes stay")
    engine = sa.create_engine("sqlite://")
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
        enact(db, laws)
        db.exec_driver_sql("INSERT INTO note VALUES (1, 'a')")
        for attack in ("UPDATE note SET text = 'b'", "DELETE FROM note", "REPLACE INTO note VALUES (1, 'b')"):
            with pytest.raises(sa.exc.IntegrityError, match="notes stay"):
                db.exec_driver_sql(attack)
        repeal(db, laws)
        assert db.exec_driver_sql("DELETE FROM note").rowcount == 1
    engine.dispose()


def test_postgresql_is_told_the_same() -> None:
    """There a law is a function and a trigger, and what is never deleted is not truncated either."""
    function, trigger, truncate = _for_postgresql(append_only("note", "id = NEW.id", "notes stay")[1])
    assert "RAISE EXCEPTION 'notes stay' USING ERRCODE = '23000'; RETURN OLD;" in function
    assert trigger.startswith("CREATE TRIGGER note_no_delete BEFORE DELETE ON note FOR EACH ROW")
    assert "BEFORE TRUNCATE ON note" in truncate
    law = Law(name="n", table="note", event="AFTER INSERT", when="NEW.id > 1", then=("SELECT 1", "SELECT 2"))
    assert "IF NEW.id > 1 THEN SELECT 1; SELECT 2; END IF; RETURN NEW;" in _for_postgresql(law)[0]
