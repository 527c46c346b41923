"""Renaming: ids become pseudonyms, and what names a person is taken out of plain text and of JSON. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

GONE = "[erased]"
"""What stands where a person was named."""
_TELLING = 5
"""Letters of an id from which on it is looked for within longer texts; a shorter one could be any number."""
_EMPTIED: Mapping[str, object] = {"birthday": None, "segments": []}
"""Keys that tell of a person without naming them, and what they become."""
Json = object


class Renaming:
    """Takes one person out of texts."""

    def __init__(
        self, pseudonyms: Mapping[str, str], patterns: Iterable[str], by_hand: Sequence[str] = ()
    ) -> None:
        """Take id -> pseudonym and expressions for what names the person.

        Values of the JSON keys `by_hand` were written by people and are replaced as a whole by `own`.
        """
        self._pseudonyms = pseudonyms
        self._telling = {one for one in pseudonyms if len(one) >= _TELLING and not one.isdigit()}
        self._by_hand = frozenset(by_hand)
        joined = "|".join(patterns)
        self._names = re.compile(joined, re.IGNORECASE) if joined else None
        ids = "|".join(re.escape(one) for one in sorted(self._telling, key=len, reverse=True))
        self._ids = re.compile(rf"(?<![\w-])(?:{ids})(?![\w-])") if ids else None

    def own(self, text: str) -> str:
        """Return a text of one of the person's own rows."""
        return self._text(text, own=True)

    def other(self, text: str) -> str:
        """Return a text of a row that is about somebody else or the shop."""
        return self._text(text, own=False)

    def _text(self, text: str, *, own: bool) -> str:
        if text[:1] in {"{", "["}:
            try:
                value = msgspec.json.decode(text)
            except msgspec.DecodeError:
                return self._plain(text, whole=own)
            changed = self._walk(value, own=own)
            return text if changed == value else msgspec.json.encode(changed).decode()
        return self._plain(text, whole=own)

    def _plain(self, text: str, *, whole: bool = True) -> str:
        """Return the text renamed; `whole`: a short id counts when it is all of the text."""
        if text in self._pseudonyms and (whole or text in self._telling):
            return self._pseudonyms[text]
        head, colon, rest = text.partition(":")
        first, second, tail = rest.partition(":")
        if head == "lapse" and first in self._pseudonyms:  # a key of the ledger that is made of an id
            text = f"{head}{colon}{self._pseudonyms[first]}{second}{tail}"
        if self._ids is not None:
            text = self._ids.sub(lambda found: self._pseudonyms[found.group()], text)
        return self._names.sub(GONE, text) if self._names is not None else text

    def _walk(self, value: Json, *, own: bool) -> Json:
        if isinstance(value, str):
            return self._plain(value)
        if isinstance(value, list):
            return [self._walk(one, own=own) for one in value]
        if isinstance(value, dict):
            return {self._plain(str(key)): self._value(str(key), one, own=own) for key, one in value.items()}
        return value

    def _value(self, key: str, value: Json, *, own: bool) -> Json:
        if key == "referred" and isinstance(value, dict) and value.get("by") in self._pseudonyms:
            return None  # whoever brought them is known no more
        if own and key in _EMPTIED:
            return _EMPTIED[key]
        if own and key in self._by_hand and isinstance(value, str):
            return GONE
        return self._walk(value, own=own)
