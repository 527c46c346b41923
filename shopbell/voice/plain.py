"""Plain words: the same facts in shorter sentences, for whoever asked for it. Pure.

Nothing is added and no fact is left out: asides become sentences of their own, long sentences are cut where a
person would breathe.
"""

import re

LONG = 14
"""Words from which a sentence is cut where it can be."""

_ASIDE = re.compile(r"\s*\(([^()]{3,})\)")
_JOINT = re.compile(r"(?:;\s+|,\s+(?:and|but|so|while|although)\s+|\s+[–—]\s+)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])(?=\s)")


def plain(text: str) -> str:
    """Return the text in shorter sentences; white space at its ends is kept."""
    return "".join(_shorter(sentence) for sentence in _SENTENCE.split(text))


def _shorter(sentence: str) -> str:
    lead = sentence[: len(sentence) - len(sentence.lstrip())]
    body = sentence.strip()
    if len(body.split()) < LONG:
        return sentence
    trail = sentence[len(sentence.rstrip()) :]
    asides = [f"{_capital(aside)}." for aside in _ASIDE.findall(body)]
    parts = _parts(_ASIDE.sub("", body))
    whole = " ".join(f"{_capital(part.rstrip(' .'))}." for part in parts[:-1])
    return lead + " ".join(filter(None, [whole, _capital(parts[-1]), *asides])) + trail


def _parts(body: str) -> list[str]:
    """Cut at joints that have a sentence on either side: four words or more."""
    parts = [""]
    at = 0
    for joint in _JOINT.finditer(body):
        left, right = body[at : joint.start()], body[joint.end() :]
        if len(left.split()) > 3 and len(right.split()) > 3:  # noqa: PLR2004 - the least of a sentence
            parts[-1] = left
            parts.append("")
            at = joint.end()
    parts[-1] = body[at:]
    return parts


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
