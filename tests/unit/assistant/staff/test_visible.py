import unicodedata

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.web.staff.feed import encode
from tests.fakes.log import START

controls = st.sampled_from(
    [
        "\x1b[2J",
        "\x1b]0;x\x07",
        "\x9b31m",
        "\x00",
        "\r",
        "\x7f",
        "\x85",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\U000e0041",
        "\\u001b",
        "\\x1b",
        "\\\\",
        '"',
        "[@click=app.quit]x[/]",
        "\n",
        "\t",
        "\x08",
        "\x0c",
    ]
)
texts = st.lists(st.one_of(controls, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))).map(
    "".join
)
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_inert(text: str) -> bool:
    return not any(
        (unicodedata.category(letter) in {"Cc", "Zl", "Zp"} and letter not in "\n\t") or letter in BIDI
        for letter in text
    )


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(texts)
def test_nothing_visible_moves_a_terminal(text: str) -> None:
    """What comes out holds no control and no bidirectional mark, and doing it twice changes nothing."""
    shown = w.visible(text)
    assert is_inert(shown)
    assert w.visible(shown) == shown


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(st.text(st.characters(categories=["L", "N", "P", "Sm", "Sc"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Letters of every script, digits, punctuation and money come through."""
    assert w.visible(
        text.replace("\u3164", "").replace("\uffa0", "").replace("\u115f", "").replace("\u1160", "")
    ) == (text.replace("\u3164", "").replace("\uffa0", "").replace("\u115f", "").replace("\u1160", ""))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(texts, texts, texts)
def test_every_frame_to_a_console_is_inert(said: str, name: str, last: str) -> None:
    """A frame says the same as its text made visible, wherever in it the text stands."""
    frames: list[msgspec.Struct] = [
        w.Told(
            conversation="c",
            frame=wire.Said(seq=1, who="customer", text=said, at=START, key=name, name=name),
        ),
        w.Card(
            conversation=name,
            channel="web",
            holder="staff",
            staff=name,
            started_at=START,
            since=START,
            last=last,
        ),
        w.Told(
            conversation="c",
            frame=w.Answered(
                reply=wire.Replied(seq=1, reply="r", text=said, rung="faq", at=START), trace=(last, name)
            ),
        ),
    ]
    for frame in frames:
        body = encode(frame)
        assert b"\\u00" not in body.replace(b"\\\\", b"")
        back = msgspec.json.decode(body, type=w.DeskFrame)
        assert is_inert(repr(back).replace("\\n", "").replace("\\t", ""))
        if isinstance(back, w.Told) and isinstance(back.frame, wire.Said):
            assert back.frame.text == w.visible(said)


def test_escape_is_shown_as_what_it_is() -> None:
    """ESC, the right-to-left override and a C1 control each have a sign of their own."""
    assert w.visible("a\x1b[1mb\u202ec\x9bd\x7f\r\n") == "a␛[1mb⟨202E⟩c⟨009B⟩d␡␍\n"
