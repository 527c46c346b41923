"""A whole shop, with the real embedding model and the smallest real language model."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shopbell.assistant.bootstrap import Here, House, open_house
from shopbell.assistant.newshop import make
from shopbell.models.files import data_folder

pytestmark = pytest.mark.model


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a new shop as `shopbell init` makes it."""
    folder = tmp_path / "shop"
    make(folder)
    settings = folder / "shop.toml"
    settings.write_text(settings.read_text() + '\n[engine]\nmodel = "smollm2-135m"\ndeadline_s = 60.0\n')
    return folder


@pytest.fixture
async def house(shop: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Give that shop, standing, with data of its own."""
    models = data_folder(os.environ, Path.home()) / "models"
    if not (models / "minilm").is_dir():
        pytest.skip("the model minilm is not here: run scripts/test")
    data = tmp_path / "house"
    data.mkdir()
    (data / "models").symlink_to(models)
    async with open_house(Here(data), shop, watch=False) as house:
        await house.model_settled(120)
        yield house


async def test_each_rung_answers(house: House) -> None:
    """Rule, flow and the shop's own words answer without the model, each with its source."""
    ask = house.conversations.answer
    assert (await ask("are you a real person?")).rung == "rule"
    hours = await ask("are you open on monday?")
    assert (hours.rung, "18:00" in hours.text) == ("flow", True)  # said on an open Monday as well
    price = await ask("how much is the blue mug")
    assert "£8.50" in price.text
    assert price.sources[0].id == "product:MUG-1"
    own = await ask("which payment methods do you take?")
    assert "There is no minimum amount" in own.text
    assert own.sources[0].id == "first-answers#payment"


async def test_it_does_not_guess(house: House) -> None:
    """A question about nothing the shop wrote gets the refusal line and the offer of a person."""
    reply = await house.conversations.answer("what is the boiling point of tungsten in kelvin?")
    assert reply.rung == "person"
    assert reply.offer_person
    assert "Shall I get someone" in reply.text


async def test_an_edit_counts_without_restart(house: House, shop: Path) -> None:
    """A new answer is given as soon as the library has read it, and a deleted one never again."""
    page = shop / "faq" / "parking.md"
    page.write_text("## Where can I park my bicycle? {#bike}\n\nThere are nine stands beside the door.\n")
    house.library.refresh()
    assert "nine stands" in (await house.conversations.answer("where can i park my bicycle?")).text
    page.unlink()
    house.library.refresh()
    assert "nine stands" not in (await house.conversations.answer("where can i park my bicycle?")).text
