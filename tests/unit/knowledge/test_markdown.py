from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.entry import Entry
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.markdown import read_markdown
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes, Problem


def read(text: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    notes = Notes("faq/a.md")
    return read_markdown(text, notes, stem="a"), notes.problems


def only(text: str) -> Entry:
    entries, problems = read(text)
    assert problems == ()
    assert len(entries) == 1
    return entries[0]


def test_a_question_with_everything() -> None:
    """Topic, anchor, other wordings and dates are read; the answer is what is left."""
    entry = only(
        "---\ntopic: Opening hours\n---\n\n## Are you open at Christmas? {#xmas}\n"
        "*Also asked: christmas hours; open on boxing day;; christmas hours*\n"
        "*Valid from: 2026-12-01*\n*Valid until: 2027-01-02*\n\nYes, but\nshorter.\n"
    )
    assert entry == Entry(
        title="Are you open at Christmas?",
        text="Yes, but shorter.",
        line=5,
        anchor="xmas",
        kind=Kind.FAQ,
        also_asked=("christmas hours", "open on boxing day"),
        topic="Opening hours",
        valid_from=date(2026, 12, 1),
        valid_until=date(2027, 1, 2),
    )


def test_attribute_lines_may_touch_the_answer() -> None:
    """No empty line is needed between the attribute lines and the answer."""
    entry = only("## Open?\n_Also asked: a; b_\nYes, *always*.\n")
    assert (entry.also_asked, entry.text) == (("a", "b"), "Yes, always.")


def test_italic_words_that_are_no_attribute_belong_to_the_answer() -> None:
    """An answer may begin with an italic line and a colon."""
    assert only("## Open?\n*Please note: we moved.*\nYes.\n").text == "Please note: we moved. Yes."


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Bold**, `code` and ~~struck~~", "Bold, code and ~~struck~~"),
        ("[our page](https://a.example/x)", "our page (https://a.example/x)"),
        ("[a@b.example](mailto:a@b.example)", "a@b.example"),
        ("[click](javascript:alert(1))", "[click](javascript:alert(1))"),
        ("[files](ftp://a.example)", "files"),
        ("![a loaf](loaf.png)", "a loaf"),
        ("- one\n- two\n  - three", "- one\n- two\n  - three"),
        ("3. one\n4. two", "3. one\n4. two"),
        ("| Size | Price |\n|---|---|\n| S | £3 |\n| L | £4 |", "Size: S; Price: £3\nSize: L; Price: £4"),
        ("first\n\nsecond", "first\n\nsecond"),
        ("line\\\nbreak", "line\nbreak"),
        ("one<br>two", "one\ntwo"),
        ("a <b>b</b> <script>alert(1)</script>c", "a b c"),
        ("<div>kept <script>gone()</script></div>", "kept"),
        ("text\n\n<!-- a note to myself -->", "text"),
        ("5 < 6 &amp; so on", "5 < 6 & so on"),
        ("> quoted", "quoted"),
        ("### Part\n\ntext", "Part\n\ntext"),
    ],
)
def test_answers_are_plain_words(markdown: str, plain: str) -> None:
    """Markup is read as words, never passed on."""
    assert only(f"## Q?\n\n{markdown}\n").text == plain


def test_a_heading_that_is_no_question_holds_running_text() -> None:
    """Sections without question mark, anchor or attributes are document text, and so is text before them."""
    entries, _ = read("# Our story\n\nBefore.\n\n## The oven\n\nOld.\n\n## Q?\n\nA.\n")
    assert [(entry.title, entry.kind, entry.topic) for entry in entries] == [
        ("Our story", Kind.DOCUMENT, "Our story"),
        ("The oven", Kind.DOCUMENT, "Our story"),
        ("Q?", Kind.FAQ, "Our story"),
    ]


def test_text_without_any_heading_goes_by_the_file_name() -> None:
    """A plain text file becomes running text under its own name."""
    assert only("Just words.\n").title == "a"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("## Q?\n*Valid until: soon*\n\nA.\n", 1, '"soon" is no date. Write it as year-month-day'),
        ("\n## Q?\n*Valid till: 2027-01-01*\n\nA.\n", 2, 'in line 3 is not known. Write "Valid until:"'),
        ("## Q?\n*Valid from: 2027-01-02*\n*Valid until: 2027-01-01*\n\nA.\n", 1, "ends before it starts"),
        ("## Q? {#two words}\n\nA.\n", 1, 'anchor "two words"'),
        ("## Q?\n\n## R?\n\nA.\n", 1, "no answer under it"),
        ("---\ntopic: T\nauthor: me\n---\n## R?\n\nA.\n", 3, '"author: me" is not known'),
    ],
)
def test_mistakes_are_named_with_their_line(text: str, line: int, words: str) -> None:
    """What is wrong is said with its line and what to write instead; the rest is read."""
    _, problems = read(text + "\n## Good?\n\nYes.\n")
    assert [problem.line for problem in problems] == [line]
    assert words in problems[0].message
    assert "Good?" in [entry.title for entry in read(text + "\n## Good?\n\nYes.\n")[0]]


def test_a_head_that_is_never_closed_is_refused() -> None:
    """Without its end the head would swallow the file."""
    with pytest.raises(FileRefused, match="not closed"):
        read("---\ntopic: T\n## Q?\nA.\n")


@given(st.text(alphabet="#*_[](){}<>!-|`~ \n\tab:?;&/\\1", max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """No text breaks the reader, and nothing it returns is blank."""
    try:
        entries, _ = read(text)
    except FileRefused:
        return
    assert all(entry.title.strip() and entry.text.strip() for entry in entries)
