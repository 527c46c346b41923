"""Recognising wishes: measured on phrasings that nothing was fitted on."""

import hashlib
import os
import tomllib
from pathlib import Path

import pytest

from shopbell.assistant.flows.lines import DOES
from shopbell.assistant.flows.wishes import Wishes, phrases
from shopbell.assistant.reception import forms
from shopbell.assistant.rules import OTHER
from shopbell.knowledge.embedding import MiniLM
from shopbell.models.custom import known_models
from shopbell.models.files import ModelFiles, data_folder
from tests.fakes.embedder import FakeEmbedder

ROOT = Path(__file__).resolve().parents[4]
HELD = ROOT / "tests/data/wishes/phrasings.toml"
SHOP = ROOT / "examples/lantern-street/faq"


def half(name: str) -> list[tuple[str, str]]:
    """Return (words, wish) of the development or the test half; the words' hash decides."""
    held = tomllib.loads(HELD.read_text())
    every = [(text, wish) for wish, texts in held.items() for text in texts]
    return [
        pair for pair in every if (hashlib.sha256(pair[0].encode()).digest()[0] % 2 == 0) == (name == "dev")
    ]


def titles() -> list[str]:
    lines = [line for path in sorted(SHOP.glob("*.md")) for line in path.read_text().splitlines()]
    return [line[3:].strip() for line in lines if line.startswith("## ")]


def test_the_halves_are_large_and_apart_from_the_examples() -> None:
    """At least 300 phrasings, none of them among those the recogniser is fitted on."""
    held = {text.lower() for name in ("dev", "test") for text, _ in half(name)}
    assert len(held) >= 300
    assert not held & {text.lower() for texts in phrases().values() for text in texts}


def test_every_wish_has_words_and_a_way() -> None:
    """What can be recognised can be named in a question, and every form can be reached."""
    assert set(phrases()) - {OTHER} == set(DOES)
    assert set(forms("GB")) - {"nps"} <= set(DOES)


@pytest.mark.parametrize("text", ["", "   ", "word " * 40])
def test_nothing_and_long_speeches_are_no_wish(text: str) -> None:
    """Empty words and long ones are left to the next rungs."""
    assert Wishes(FakeEmbedder().embed).recognise(text) is None


@pytest.mark.model
def test_held_back_phrasings_are_recognised() -> None:
    """Of the test half four in five are recognised; what is begun wrongly costs one question, never a deed.

    Measured once: 132 of 158. The aim is 95 %; more examples in wishes.toml are needed for that.
    """
    embed = MiniLM(
        ModelFiles(folder := data_folder(os.environ, Path.home()), known_models(folder))
        .locate("minilm")
        .folder
    ).embed
    wishes, pairs = Wishes(embed, titles()), half("test")
    found = [(text, wish, wishes.recognise(text)) for text, wish in pairs]
    right = [(got.name if got else OTHER) == wish for _, wish, got in found]
    doing = set(forms("GB"))
    begun = [(t, w, g) for t, w, g in found if g and g.is_sure and g.name != w and g.name in doing]
    wrong = [(t, w, g) for (t, w, g), ok in zip(found, right, strict=True) if not ok]
    assert sum(right) >= 0.8 * len(right), wrong
    assert len(begun) <= 2, begun
