"""The catalogue: finds the products a customer names, slips and plurals included."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from msgspec import Struct

from shopbell.knowledge.products import Product

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
_UNITS = frozenset({"g", "kg", "ml", "l", "oz", "cl", "lb", "cm", "mm"})
_FILLER = frozenset("a an and of the with for in on at x per our pack bag box to is do you have any".split())
_SHORTEST_SLIP = 5
"""Letters a word needs before a slip in it is forgiven: "cake" is not "case"."""
_SLIP = 0.8
"""Weight of a word with a slip in it, against 1 for the word itself."""
_CATEGORY = 0.3
"""Weight of a word of the category, against 1 for one of the name."""
LEAST = 0.45
"""Score from which a product counts as named; on the demo shop's names and its questions."""


class Found(Struct, frozen=True):
    """A product with how well it was named."""

    product: Product
    score: float
    """In [0, 1]: 1 when the text names it fully and nothing else of the catalogue."""


class Catalogue:
    """All products, and the words of their names. Immutable."""

    def __init__(self, products: tuple[Product, ...] = ()) -> None:
        self.products = products
        self._by_sku = {product.sku: product for product in products}
        self._names = [frozenset(tokens(product.name)) for product in products]
        self._categories = [frozenset(tokens(product.category)) for product in products]
        rows = defaultdict(set)
        for row, words in enumerate(zip(self._names, self._categories, strict=True)):
            for word in words[0] | words[1]:
                rows[word].add(row)
        self._rows = dict(rows)
        seen = Counter(word for words in self._names for word in words)
        self._weight = {word: math.log(1 + len(products) / (1 + seen[word])) for word in rows}
        self._slips = _slip_index(self._rows)

    def __len__(self) -> int:
        return len(self.products)

    def get(self, sku: str) -> Product | None:
        """Return the product with this SKU."""
        return self._by_sku.get(sku)

    def find(self, text: str) -> tuple[Product, ...]:
        """Return the products `text` names, best first; several when it does not tell them apart."""
        found = self.scored(text)
        return tuple(each.product for each in found if each.score >= max(LEAST, 0.8 * found[0].score))

    def scored(self, text: str) -> tuple[Found, ...]:
        """Return every product that shares a word with `text`, best first."""
        asked = self._meant(text)
        rows = {row for word in asked for row in self._rows[word]}
        found = [Found(self.products[row], self._score(row, asked)) for row in rows]
        return tuple(sorted(found, key=lambda each: (-each.score, each.product.sku)))

    def _score(self, row: int, asked: dict[str, float]) -> float:
        """Weigh how much of the question's catalogue words the name holds, and the other way round."""
        held = sum(self._weight[word] * asked[word] for word in asked if word in self._names[row])
        held_by_category = sum(
            _CATEGORY * self._weight[word] * asked[word]
            for word in asked
            if word in self._categories[row] and word not in self._names[row]
        )
        in_question = sum(self._weight[word] * asked[word] for word in asked)
        in_name = sum(self._weight[word] for word in self._names[row])
        if not held or not in_question:
            return 0.0
        said, covered = (held + held_by_category) / in_question, held / in_name
        # A customer says "the lamplighter" for a name of five words: what is said weighs four times as much.
        return min(1.0, 5 * said * covered / (said + 4 * covered))

    def _meant(self, text: str) -> dict[str, float]:
        """Return the catalogue's words in `text`, with how surely each was meant."""
        meant: dict[str, float] = {}
        for word in tokens(text):
            if word in self._rows:
                meant[word] = 1.0
            elif len(word) >= _SHORTEST_SLIP:
                for near in {near for key in _cuts(word) for near in self._slips.get(key, ())}:
                    meant.setdefault(near, _SLIP)
        return meant


def tokens(text: str) -> list[str]:
    """Return the words of `text` without accents, case, plural and filler; `250 g` is `250g`."""
    plain = unicodedata.normalize("NFKD", text.lower())
    words = _TOKEN.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
    return list(_joined(words))


def _joined(words: list[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if word[0].isdigit() and following in _UNITS:
            yield word + following
        elif (word in _UNITS and at and words[at - 1][0].isdigit()) or word in _FILLER:
            continue
        else:
            yield _singular(word)


def _singular(word: str) -> str:
    """Take the plural off, the same way for names and questions, so that it need not be good English."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004 - "pies" has no "y"
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "oes")):  # noqa: PLR2004
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


def _slip_index(words: dict[str, set[int]]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= _SHORTEST_SLIP - 1:
            for key in _cuts(word):
                index[key].append(word)
    return dict(index)


def _cuts(word: str) -> set[str]:
    """Return the word and it without each letter: two words that share one of these are a slip apart."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
