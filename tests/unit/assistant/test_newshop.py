"""`shopbell init` makes a shop that is complete."""

from pathlib import Path

import pytest

from shopbell.assistant.errors import SettingsError
from shopbell.assistant.newshop import make
from shopbell.assistant.settings import load
from shopbell.assistant.wares import Shops
from shopbell.loyalty import programmefile


def test_a_new_shop_has_settings_a_programme_and_wares(tmp_path: Path) -> None:
    """All files of the template are there and can be read."""
    made = make(tmp_path / "shop")
    assert {path.name for path in made} >= {"shop.toml", "programme.toml", "catalogue.csv"}
    settings = load(tmp_path / "shop")
    programme = programmefile.load(
        tmp_path / "shop", currency=settings.shop.currency, timezone=settings.shop.timezone
    )
    assert programme.club == "Customer Club"
    assert Shops().wares(tmp_path / "shop")[0].price == 850


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder that holds something is refused."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SettingsError):
        make(tmp_path)
