"""`shopbell loyalty`, run in process on a new shop."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from shopbell.assistant.cli import main
from shopbell.assistant.newshop import make
from shopbell.assistant.staff.tables import staff
from shopbell.storage.database import open_database


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a new shop."""
    make(tmp_path / "shop")
    return tmp_path / "shop"


def run(shop: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(shop.parent / "data"), *words])


def told(shop: Path, *words: str) -> dict[str, object]:
    result = run(shop, *words, "--shop", str(shop), "--json")
    assert result.exit_code == 0, result.output
    return msgspec.json.decode(result.stdout, type=dict[str, object])


def test_a_simulated_shop_is_kept_from_the_command_line(shop: Path) -> None:
    """Filled once, read, corrected, sold to, explained, closed, proven."""
    filled = run(
        shop, "loyalty", "simulate", "--into", str(shop), "--customers", "5", "--days", "10", "--json"
    )
    assert filled.exit_code == 0, filled.output
    again = run(shop, "loyalty", "simulate", "--into", str(shop), "--customers", "5", "--first-start")
    assert (again.exit_code, again.stdout) == (0, "")
    assert told(shop, "loyalty", "earn", "c0001", "250.00", "--id", "h1")["amount"] == 25_000
    assert told(shop, "loyalty", "explain", "hand/h1")["customer"] == "c0001"
    assert told(shop, "loyalty", "adjust", "c0001", "-5", "--reason", "counted wrong")["state"] == "done"
    held = told(shop, "loyalty", "reserve", "c0001", "five-off")
    assert told(shop, "loyalty", "redeem", str(held["code"]))["state"] == "redeemed"
    assert told(shop, "loyalty", "undo", str(held["hold"]))["state"] == "undone"
    assert told(shop, "loyalty", "close-day")["units"]
    assert told(shop, "ledger", "verify")["fault"] is None
    shown = run(shop, "loyalty", "history", "c0001", "--shop", str(shop))
    assert "adjust" in shown.output


def test_what_goes_wrong_is_one_line(shop: Path) -> None:
    """No traceback, exit code 1, and the room's code in JSON."""
    result = run(shop, "loyalty", "balance", "nobody", "--shop", str(shop), "--json")
    assert result.exit_code == 1
    assert '"loyalty.no_such_customer"' in result.stdout
    assert result.stderr.count("\n") == 1
    (shop / "programme.toml").write_text("club = 1")
    broken = run(shop, "loyalty", "balance", "nobody", "--shop", str(shop))
    assert broken.exit_code == 1
    assert "programme.toml" in broken.stderr


def test_keys_are_made_listed_and_revoked(shop: Path) -> None:
    """The key is shown once; the list does not show it."""
    made = told(shop, "loyalty", "keys", "create", "till-1")
    listed = run(shop, "loyalty", "keys", "list", "--shop", str(shop)).output
    assert "till-1" in listed
    assert str(made["text"]).split("_")[2] not in listed
    ident = str(made["text"]).split("_")[1]
    assert run(shop, "loyalty", "keys", "revoke", ident, "--shop", str(shop)).exit_code == 0


def _employ(shop: Path, name: str) -> None:
    (database,) = (shop.parent / "data").glob("shops/*/shop.db")
    engine = open_database(database)
    with engine.begin() as db:
        row = {"id": name, "name": name, "role": "clerk", "created_at": "2026-01-01"}
        db.execute(staff.insert().values(row))
    engine.dispose()


def test_the_books_name_only_who_is_known(shop: Path) -> None:
    """Without accounts they name the user of the machine; with accounts --by must be one of them."""
    filled = run(shop, "loyalty", "simulate", "--into", str(shop), "--customers", "3", "--days", "5")
    assert filled.exit_code == 0, filled.output
    words = ("loyalty", "adjust", "c0001", "5", "--reason", "sorry")
    assert str(told(shop, *words)["actor"]).endswith("(command line)")
    strange = run(shop, *words, "--shop", str(shop), "--by", "Mallory")
    assert strange.exit_code == 2
    assert "Nobody has a staff account yet" in strange.output
    _employ(shop, "olga")
    assert told(shop, *words, "--by", "olga")["actor"] == "olga"
    assert "no staff account" in run(shop, *words, "--shop", str(shop), "--by", "Mallory").output


def test_segments_are_set_and_shown(shop: Path) -> None:
    """Set with a reason, listed newest first; a pack that is not there is told."""
    filled = run(shop, "loyalty", "simulate", "--into", str(shop), "--customers", "3", "--days", "5")
    assert filled.exit_code == 0, filled.output
    words = ("loyalty", "segments", "c0001", "regular", "--reason", "comes weekly", "--shop", str(shop))
    shown = run(shop, *words)
    assert (shown.exit_code, "regular" in shown.output, "comes weekly" in shown.output) == (0, True, True)
    assert run(shop, "loyalty", "segments", "c0001", "tea", "--shop", str(shop)).exit_code == 1
    assert run(shop, "loyalty", "packs", "c0001", "--shop", str(shop)).exit_code == 0
    lost = run(shop, "loyalty", "pack", "use", "c0001", "nothing", "--shop", str(shop))
    assert (lost.exit_code, "no pack nothing" in lost.output) == (1, True)
