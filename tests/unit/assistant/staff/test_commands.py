import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shopbell.assistant.staff.commands import audit_group, staff_group
from shopbell.storage.database import open_database


class Here:
    """A machine with one shop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shop_dir(self, shop: Path) -> Path:
        return self.folder


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path / "data")


def staff(here: Here, *arguments: str) -> Result:
    return CliRunner().invoke(staff_group, [*arguments, "--shop", "."], obj=here)


def audit(here: Here, *arguments: str) -> Result:
    return CliRunner().invoke(audit_group, [*arguments, "--shop", "."], obj=here)


def test_accounts_are_kept_from_the_command_line(here: Here) -> None:
    """Invite, list, change, reset, revoke: each says what it did and leaves a line in the log."""
    added = staff(here, "add", "Cleo", "--role", "manager")
    assert added.exit_code == 0
    assert re.search(r"^  [\w-]{32}$", added.output, re.MULTILINE)
    assert re.search(r"Cleo +manager +invited +never", staff(here, "list").output)
    assert staff(here, "role", "Cleo", "clerk").output == "Cleo is clerk now.\n"
    assert staff(here, "reset", "Cleo").exit_code == 0
    assert staff(here, "revoke", "Cleo").exit_code == 0
    shown = audit(here, "show").output
    assert [line.split()[5] for line in shown.splitlines()] == [
        "account-added",
        "account-role",
        "account-reset",
        "account-revoked",
    ]
    assert audit(here, "verify").output.startswith("4 lines hold.")


def test_what_went_wrong_is_one_line(here: Here) -> None:
    """A name that is taken or not known, and a log that was changed, end with exit code 1."""
    staff(here, "add", "Cleo")
    for arguments in (("add", "cleo"), ("revoke", "Nobody"), ("add", "<b>")):
        failed = staff(here, *arguments)
        assert failed.exit_code == 1
        assert failed.output.startswith("Error: ")
    engine = open_database(here.folder / "shop.db")
    with engine.begin() as db:
        db.exec_driver_sql("DROP TRIGGER audit_no_update")
        db.exec_driver_sql("UPDATE audit SET actor = 'nobody'")
    engine.dispose()
    broken = audit(here, "verify")
    assert (broken.exit_code, "row 1 was changed" in broken.output) == (1, True)
