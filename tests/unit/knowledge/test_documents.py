import io
import zipfile

import docx
import pypdf
import pytest
from fpdf import FPDF

from shopbell.knowledge.archive import check_archive
from shopbell.knowledge.documents import read_docx, read_html, read_pdf
from shopbell.knowledge.entry import Entry
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes
from shopbell.storage.archive import MAX_UNPACKED


def html(text: str) -> list[tuple[str, str, str, int]]:
    entries = read_html(text, Notes("faq/a.html"), stem="a")
    return [(entry.topic, entry.title, entry.text, entry.line) for entry in entries]


def test_a_web_page() -> None:
    """h1 is the topic, h2 and h3 the questions; lists and tables keep their lines."""
    page = """<html><head><title>x</title><style>p{}</style></head><body><nav>menu</nav><h1>Catering</h1>
<div><h2 id="q">How <em>much</em>?</h2><p>From <b>£5</b>, a
head.</p><ul><li>cakes</li><li>tea</li></ul><script>steal()</script></div>
<section><h3>Where?</h3>Near<br>you.<table><tr><th>Day</th><th>Hour</th></tr><tr><td>Mon</td><td>9</td></tr></table>
</section></body></html>"""
    assert html(page) == [
        ("Catering", "How much?", "From £5, a head.\n\n- cakes\n- tea", 2),
        ("Catering", "Where?", "Near\nyou.\n\nDay: Mon; Hour: 9", 4),
    ]


def test_hostile_markup_is_words_only() -> None:
    """Nothing that could run comes out of a page."""
    (found,) = html(
        "<h2>Q?</h2><p onclick='x()'>a<img src=x onerror=y()><svg><script>z()</script></svg>b &lt;i&gt;</p>"
    )
    assert found[2] == "ab <i>"


def test_a_page_without_headings_is_running_text() -> None:
    """Loose text goes by the file's name."""
    (entry,) = read_html("hello <b>world</b>", Notes("faq/a.html"), stem="a")
    assert (entry.title, entry.text, entry.kind) == ("a", "hello world", Kind.DOCUMENT)


def test_a_page_nested_without_end_is_refused() -> None:
    """Depth costs the parser the square of it, so it is refused before; what is deep but sane is read."""
    assert html("<div>" * 500 + "<h2>Q?</h2><p>A.</p>")[0][1:3] == ("Q?", "A.")
    with pytest.raises(FileRefused, match="1000 deep"):
        html("<div>" * 100_000 + "<h2>Q?</h2><p>A.</p>")


def test_elements_that_need_no_end_are_not_counted_as_depth() -> None:
    """Old pages leave paragraphs and list items open."""
    assert len(html("<h2>Q?</h2>" + "<p>word" * 3_000)) == 1


def make_docx() -> bytes:
    document = docx.Document()
    document.add_heading("Wholesale", 1)
    document.add_paragraph("For cafés.")
    document.add_heading("How much?", 2)
    document.add_paragraph("It depends:")
    document.add_paragraph("on size", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("kg", "price", "1", "£20"), strict=True
    ):
        cell.text = text
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def test_a_docx() -> None:
    """Heading 1 is the topic, heading 2 the question; lists and tables keep their lines."""
    entries = read_docx(make_docx(), Notes("faq/a.docx"), stem="a")
    assert entries == (
        Entry(title="Wholesale", text="For cafés.", line=2, kind=Kind.DOCUMENT, topic="Wholesale"),
        Entry(
            title="How much?", text="It depends:\n\n- on size\n\nkg: 1; price: £20", line=3, topic="Wholesale"
        ),
    )


def make_pdf(*lines: str, lock: str = "") -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    if lock:
        pdf.set_encryption(owner_password=lock * 2, user_password=lock)
    pdf.add_page()
    for line in lines:
        pdf.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def test_a_pdf() -> None:
    """A line with a question mark is the question, the lines after it the answer; the line is the page."""
    data = make_pdf(
        "Care leaflet", "How often should I descale?", "Every two", "months.", "Can I use vinegar?", "No."
    )
    entries = read_pdf(data, Notes("faq/a.pdf"), stem="care")
    assert [(entry.title, entry.text, entry.line, entry.kind) for entry in entries] == [
        ("care", "Care leaflet", 1, Kind.DOCUMENT),
        ("How often should I descale?", "Every two months.", 1, Kind.FAQ),
        ("Can I use vinegar?", "No.", 1, Kind.FAQ),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_pdf("Q?", "A.", lock="secret"), "locked with a password"),
        (b"%PDF-1.7 nothing more", "damaged"),
        (b"", "damaged"),
        (make_pdf(), "holds no text"),
        (make_pdf("Q?", "A.")[:300], "damaged"),
    ],
)
def test_pdfs_that_cannot_be_read_say_why(data: bytes, words: str) -> None:
    """Locked, broken and empty files are refused with what to do."""
    with pytest.raises(FileRefused, match=words):
        read_pdf(data, Notes("faq/a.pdf"), stem="a")


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    """An owner's lock without a password to open it does not keep the words."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf("Q?", "A.")))
    writer.encrypt("", "for the owner")
    data = io.BytesIO()
    writer.write(data)
    assert read_pdf(data.getvalue(), Notes("faq/a.pdf"), stem="a")[0].text == "A."


def archive(*parts: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive(("a.xml", b"\0" * 30_000_000), ("b.xml", b"x")), "suspiciously small"),
        (archive(*((f"{n}.xml", b"0" * (MAX_UNPACKED // 60)) for n in range(61))), "far more than"),
        (archive(*((f"{n}", b"") for n in range(3_000))), "far more than"),
        (archive(("a.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"), ("need.xml", b"")), "declares entities"),
        (archive(("a.xml", "<!DOCTYPE x>".encode("utf-16")), ("need.xml", b"")), "declares entities"),
        (archive(("other.xml", b"<a/>")), "not the kind of document"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"", "damaged"),
    ],
)
def test_hostile_archives_are_refused_before_they_unpack(data: bytes, words: str) -> None:
    """Bombs, entity tricks and broken files are told from documents by looking at the index and the parts."""
    with pytest.raises(FileRefused, match=words):
        check_archive(data, holds="need.xml")


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    """A part that unpacks to more than the index says is not trusted."""
    data = bytearray(archive(("need.xml", b"a" * 100_000)))
    size = (100_000).to_bytes(4, "little")
    lie = (10).to_bytes(4, "little")
    with pytest.raises(FileRefused):
        check_archive(bytes(data.replace(size, lie)), holds="need.xml")
