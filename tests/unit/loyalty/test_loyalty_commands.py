"""`shopbell loyalty`, run in process on a new shop."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from shopbell.assistant.cli import main
from shopbell.assistant.newshop import make


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
