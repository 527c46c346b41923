"""Whether the last words alone tell finished utterances from unfinished ones."""

import argparse

import msgspec
from msgspec import Struct

from shopbell.models.files import ModelFiles
from shopbell.voice.completeness import WHOLE, completeness


class _Row(Struct):
    text: str
    label: str


def measure(options: argparse.Namespace, _files: ModelFiles) -> None:
    """Print the share judged rightly for each label; "wait" asks us to wait, in a whole sentence."""
    lines = (options.sets / "ten_turn.jsonl").read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=_Row) for line in lines]
    for label in sorted({row.label for row in rows}):
        texts = [row.text for row in rows if row.label == label]
        right = sum((completeness(text) >= WHOLE) is (label != "unfinished") for text in texts)
        print(f"{label:10} {right} of {len(texts)} ({right / len(texts):.1%})")
