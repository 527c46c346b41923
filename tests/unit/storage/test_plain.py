import pytest

from shopbell.storage.plain import clean, decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_usual_encodings_are_told_apart(encoding: str) -> None:
    """The same words come out of all of them."""
    decoded = decode("Café £3 €4".encode(encoding))
    assert decoded.text == "Café £3 €4"
    assert decoded.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def test_what_is_no_text_is_refused_with_its_place() -> None:
    """The first byte that fits no encoding is named."""
    with pytest.raises(UnicodeDecodeError) as fault:
        decode(b"ab\x81")
    assert fault.value.start == 2


def test_nothing_invisible_is_left() -> None:
    """Marks that hide or turn text are gone, line ends are plain, letters are composed."""
    assert clean("a\u202eb\u200bc\ufeff\r\nd\x07\te\u0301") == "abc\nd\té"
