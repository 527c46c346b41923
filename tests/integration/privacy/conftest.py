"""A shop with Zelda in it, made once and copied for each test: so many rows take a while to write."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopbell.storage.database import forget_pages
from tests.fakes.zelda import Shop


@pytest.fixture(scope="session")
def zelda_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give the data folder of the shop, and the number of what she bought last."""
    made = Shop(tmp_path_factory.mktemp("zelda") / "shop")
    made.live()
    forget_pages(made.engine)
    made.engine.dispose()
    return made.folder, made.bought.external_id


@pytest.fixture
def shop(zelda_template: tuple[Path, str], tmp_path: Path) -> Iterator[Shop]:
    """Give a shop of the test's own."""
    folder, number = zelda_template
    shop = Shop.opened(Path(shutil.copytree(folder, tmp_path / "data" / "shop")))
    shop.bought = next(
        one for one in shop.floor.club.purchases("c-5f2e9a01bc77") if one.external_id == number
    )
    yield shop
    shop.engine.dispose()
