"""Prices and stock, as the catalogue has them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shopbell.assistant.flows.products import ProductFlow
from shopbell.assistant.turn import Turn
from shopbell.knowledge.catalogue import Catalogue
from shopbell.knowledge.products import Product

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def product(sku: str, name: str, stock: int | None) -> Product:
    return Product(
        sku=sku,
        name=name,
        category="Equipment",
        price=Decimal(89),
        unit="each",
        stock=stock,
        description="",
        allergens=(),
        diet=(),
        as_of=NOW,
        source="catalogue.csv:2",
    )


FLOW = ProductFlow(
    lambda: Catalogue(
        (
            product("H2", "Halden H2 hand grinder", 16),
            product("DUO", "Torvi Duo espresso machine", 0),
            product("CROI", "Almond croissant", None),
        )
    ),
    "GBP",
)


def told(text: str) -> str:
    answer = FLOW.answer(Turn(conversation="c", text=text, now=NOW))
    return answer.text if answer else ""


@pytest.mark.parametrize(
    "text",
    [
        "is the hand grinder I asked about back?",
        "is the hand grinder back in stock yet",
        "has the hand grinder come in again?",
        "are the hand grinders back",
    ],
)
def test_what_was_sold_out_is_asked_after(text: str) -> None:
    """Whether a thing can be had again is read from the stock."""
    assert told(text) == "Halden H2 hand grinder is £89.00 (each), and we have 16 in stock."


def test_what_is_still_sold_out_is_said() -> None:
    """A thing that is not back is out of stock."""
    assert told("is the Torvi Duo back yet?").endswith("but it is out of stock.")


@pytest.mark.parametrize(
    "text",
    [
        "is the almond croissant back?",  # nobody counts croissants: the shop's own words may know
        "can I bring the hand grinder back?",
        "is the hand grinder good for French press?",
        "is the manager back?",
    ],
)
def test_what_the_catalogue_does_not_know_is_left(text: str) -> None:
    """Other questions about a thing are for the next rungs."""
    assert told(text) == ""
