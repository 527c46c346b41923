"""Every table has a rule, so that nothing about a person is kept that an export would not show."""

import importlib
from pathlib import Path

import shopbell
from shopbell.assistant.privacy.harmless import NOT_ABOUT_CUSTOMERS
from shopbell.assistant.privacy.rules import RULES
from shopbell.storage.database import metadata

HOLDS_PEOPLE = {"customer", "owner", "friend", "referrer", "conversation"}
"""Names of columns that lead to a customer."""


def everything_declared() -> None:
    root = Path(shopbell.__file__).parent
    for path in root.rglob("*.py"):
        if path.is_file() and "versions" not in path.parts and "sa.Table(" in path.read_text():
            importlib.import_module(".".join(("shopbell", *path.relative_to(root).with_suffix("").parts)))


def test_every_table_has_a_rule() -> None:
    """A new table names its rule in privacy/rules.py, or why it has none in harmless.py."""
    everything_declared()
    ruled = {rule.table for rule in RULES}
    assert set(metadata.tables) - ruled - set(NOT_ABOUT_CUSTOMERS) == set()
    assert ruled & set(NOT_ABOUT_CUSTOMERS) == set()


def test_no_table_that_leads_to_a_customer_is_called_harmless() -> None:
    """A table with a column that holds a customer or a conversation cannot be left out of the export."""
    everything_declared()
    wrong = [
        name
        for name in NOT_ABOUT_CUSTOMERS
        if name in metadata.tables and HOLDS_PEOPLE & set(metadata.tables[name].c.keys())
    ]
    assert wrong == []


def test_rules_name_columns_that_exist() -> None:
    """Every column that a rule speaks of is there."""
    everything_declared()
    for rule in RULES:
        columns = set(metadata.tables[rule.table].c.keys())
        named = {*rule.who, *rule.by_hand, *(link.column for link in rule.through)}
        named |= {name for name in (rule.talk, rule.inside) if name}
        assert named <= columns, rule.table


def test_children_come_before_what_they_point_to() -> None:
    """Rows that are removed never leave a row behind that points to them."""
    order = [rule.table for rule in RULES]
    for rule in RULES:
        for key in metadata.tables[rule.table].foreign_keys:
            parent = key.column.table.name
            if parent in order and parent != rule.table:
                assert order.index(rule.table) < order.index(parent), (rule.table, parent)
