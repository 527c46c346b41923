import itertools
import random
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.codes import ALPHABET, check_character, make_code, read_code
from shopbell.loyalty.errors import CodeRefused
from shopbell.loyalty.qr import qr_svg

payloads = st.text(ALPHABET, min_size=1, max_size=12)


@given(payloads)
def test_a_code_is_read_however_it_is_typed(payload: str) -> None:
    """Case, spaces, hyphens and look-alikes change nothing."""
    code = payload + check_character(payload)
    typed = code.lower().replace("0", "o").replace("1", "l")
    spaced = " ".join(itertools.batched(typed, 3)) if hasattr(itertools, "batched") else " ".join(typed)
    assert read_code(spaced).replace("-", "") == code


@given(payloads, st.data())
def test_every_wrong_character_is_caught(payload: str, data: st.DataObject) -> None:
    """One character read as any other makes no code."""
    code = payload + check_character(payload)
    at = data.draw(st.integers(0, len(code) - 1))
    for other in set(ALPHABET) - {code[at]}:
        with pytest.raises(CodeRefused):
            read_code(code[:at] + other + code[at + 1 :])


def test_every_swap_of_neighbours_is_caught() -> None:
    """All pairs in all places of a code, also the one with the check character."""
    for first, second in itertools.permutations(ALPHABET, 2):
        for payload in (first + second + "7A", "7" + first + second + "A"):
            code = payload + check_character(payload)
            at = code.index(first + second)
            with pytest.raises(CodeRefused):
                read_code(code[:at] + second + first + code[at + 2 :])
    for letters in itertools.product(ALPHABET, repeat=2):
        payload = "".join(letters)
        code = payload + check_character(payload)
        if code[1] != code[2]:
            with pytest.raises(CodeRefused):
                read_code(code[0] + code[2] + code[1])


@pytest.mark.parametrize("text", ["", "A", "ABCDU-12345", "ÄÖÜ", "0" * 40, "12345-6788"])
def test_what_is_no_code_is_refused(text: str) -> None:
    """Length and alphabet are checked before the check character."""
    with pytest.raises(CodeRefused, match="no code"):
        read_code(text)


def test_codes_look_as_they_should_and_do_not_repeat() -> None:
    """Two groups of five, every character used, no code twice."""
    draw = random.Random(7).randbytes
    codes = [make_code(draw) for _ in range(2_000)]
    assert len(set(codes)) == 2_000
    assert set("".join(codes)) == set(ALPHABET) | {"-"}
    assert all(len(code) == 11 and code[5] == "-" and read_code(code) == code for code in codes)


def test_a_code_is_drawn_as_svg_and_scales() -> None:
    """The drawing is well-formed, square, and dark on light on any page."""
    svg = qr_svg("ABCDE-FGHJK")
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    assert root.tag.endswith("svg")
    assert root.get("width") == root.get("height")
    assert "#000" in svg
    assert "#fff" in svg
