import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shopbell.loyalty.codes import IssuedCode, issue_code, restore_code, spend_code
from shopbell.loyalty.errors import CodeRefused

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(db_engine: sa.Engine) -> sa.Engine:
    return db_engine


@pytest.fixture
def code(engine: sa.Engine) -> IssuedCode:
    draw = random.Random(1).randbytes
    with engine.begin() as db:
        return issue_code(db, customer="c1", reward="free-coffee", at=NOW, lasts=timedelta(days=7), draw=draw)


def test_a_code_is_spent_once_and_can_be_undone(engine: sa.Engine, code: IssuedCode) -> None:
    """Spending tells what it was for; undoing makes it good again."""
    with engine.begin() as db:
        spent = spend_code(db, code.text.lower(), NOW)
        assert (spent.customer, spent.reward) == ("c1", "free-coffee")
        with pytest.raises(CodeRefused, match="spent on 22 November 2026"):
            spend_code(db, code.text, NOW)
        restore_code(db, spent.id)
        with pytest.raises(CodeRefused, match="nothing to undo"):
            restore_code(db, spent.id)
        spend_code(db, code.text, NOW)


def test_a_code_ends(engine: sa.Engine, code: IssuedCode) -> None:
    """At its last moment it is no longer good."""
    with engine.begin() as db:
        with pytest.raises(CodeRefused, match="ended on 29 November"):
            spend_code(db, code.text, code.expires_at)
        spend_code(db, code.text, code.expires_at - timedelta(seconds=1))


def test_a_code_of_another_shop_is_unknown(engine: sa.Engine) -> None:
    """A well-formed code that was never issued buys nothing."""
    with engine.begin() as db, pytest.raises(CodeRefused, match="not known"):
        spend_code(db, "00000-00000", NOW)


def test_the_text_of_a_code_is_not_kept(engine: sa.Engine, code: IssuedCode) -> None:
    """Who reads the database cannot spend."""
    with engine.connect() as db:
        assert code.text not in str(db.exec_driver_sql("SELECT * FROM reward_code").all())
