"""Prices and stock: read from the catalogue by code, with the time they were true."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches

from shopbell.assistant.turn import Answer, Turn
from shopbell.assistant.wire import Source
from shopbell.knowledge.catalogue import Catalogue, tokens
from shopbell.knowledge.products import Product

STALE_AFTER = timedelta(hours=24)
"""Age from which a reply says that price and stock may have changed."""
FEW = 4
"""Products listed at most when the words fit several."""
SHORTEST_SLIP = 5
"""Letters a word needs before a slip of the fingers in it is forgiven."""
ALIKE = 0.8
"""Ratio of equal letters from which a word is a slip of another."""
_PRICE = re.compile(
    r"\b(how much|what('?s| is| does| do)? .*\b(cost|price)|prices?|costs?|priced|charge)\b|\bhow much\b",
    re.IGNORECASE,
)
_STOCK = re.compile(
    r"\b(in stock|out of stock|sold out|do (you|u) (still )?(have|sell|stock|do|carry)|"
    r"have (you|u) (got|any)|(is|are) (there|the|any) .*\b(left|available)|got any|any .* left|"
    r"how many .* (left|have))\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(is|are|has|have|did|'?s)\b.*\b(back|in again|arrived|come in)\b(?! (up|to|from|at|home)\b)",
    re.IGNORECASE,
)
"""Asks whether something that was sold out can be had again."""
_BESIDE = frozenset(
    """
    how much is are the a an of for what whats does do did cost costs price prices priced you u your
    have got any still sell stock carry in left available there hi hello hey please pls and it them
    these those this that one some can i get buy me my today now right just wondering um uh was
    would like want to know is's each per many be by on at out sold back or will with here thanks
    thank tell charge much us we looking ok oh so well about roughly going rate whole shop moment
    currently asked mentioned wanted waiting after again yet has been come came arrived
    """.split()
)
"""Words that ask for nothing beyond price or stock; any other word is left to the next rungs."""
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


class ProductFlow:
    """Answers "how much is the Guji?" and "do you have oat milk?" from the catalogue."""

    name = "product"

    def __init__(self, catalogue: Callable[[], Catalogue], currency: str) -> None:
        """Take a function that returns the catalogue as it is now, and the currency's ISO code."""
        self._catalogue = catalogue
        self._currency = currency

    def answer(self, turn: Turn) -> Answer | None:
        """Answer when price or stock is asked of products that are named, or of the one just talked about."""
        asks_back = bool(_BACK.search(turn.text))
        if not (asks_back or _PRICE.search(turn.text) or _STOCK.search(turn.text)):
            return None
        products = self._named(turn)
        if not products or (asks_back and all(product.stock is None for product in products)):
            return None
        lines = [self.line(product, turn.now) for product in products[:FEW]]
        if len(products) > FEW:
            lines.append(f"There are {len(products) - FEW} more like these; tell me which you mean.")
        return Answer(
            text=" ".join(lines),
            rung="flow",
            subject=f"{self.name}:{products[0].sku}",
            sources=tuple(self._source(product, turn.now) for product in products[:FEW]),
            why="I read price and stock from the shop's catalogue.",
            trace=(f"flow product: {', '.join(product.sku for product in products[:FEW])}",),
        )

    def price(self, product: Product) -> str:
        """Return the price as written, such as `£9.20 for a 250 g bag`."""
        amount = _money(product.price, self._currency)
        return f"{amount} ({product.unit})" if product.unit else amount

    def _named(self, turn: Turn) -> tuple[Product, ...]:
        catalogue = self._catalogue()
        found = catalogue.find(turn.text)
        if found and _asks_only_this(turn.text, found):
            return found
        follows = turn.history and turn.history[-1].subject.startswith(f"{self.name}:")
        if not found and follows and _asks_only_this(turn.text, ()):
            last = catalogue.get(turn.history[-1].subject.partition(":")[2])
            return (last,) if last else ()
        return ()

    def line(self, product: Product, now: datetime) -> str:
        """Return price and stock in a sentence, with their time when they are old."""
        stale = product.is_stale(now, STALE_AFTER)
        as_of = product.as_of.astimezone(now.tzinfo)
        when = f" as of {as_of.day} {as_of:%B} {as_of:%H:%M}; it may have changed since" if stale else ""
        price = self.price(product)
        if product.stock is None:
            return f"{product.name} is {price}{when}."
        if product.stock == 0:
            return f"{product.name} is {price}, but it is out of stock{when}."
        return f"{product.name} is {price}, and we have {product.stock} in stock{when}."

    def _source(self, product: Product, now: datetime) -> Source:
        return Source(
            id=f"product:{product.sku}",
            title=product.name,
            text=f"{self.line(product, now)} {product.description}",
            source=product.source,
        )


def _asks_only_this(text: str, products: tuple[Product, ...]) -> bool:
    """Say whether every word is about price, stock or the products: "is it vegan" is another question."""
    known = {
        word for product in products for word in tokens(f"{product.name} {product.category} {product.unit}")
    }
    words = [word for word in tokens(text) if word not in known]
    strange = [word for word in words if word not in _BESIDE and f"{word}s" not in _BESIDE]
    return all(_is_slip(word, known) for word in strange)


def _is_slip(word: str, known: set[str]) -> bool:
    return len(word) >= SHORTEST_SLIP and bool(get_close_matches(word, known, n=1, cutoff=ALIKE))


def _money(amount: Decimal, currency: str) -> str:
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{amount:.2f}" if symbol else f"{amount:.2f} {currency}"
