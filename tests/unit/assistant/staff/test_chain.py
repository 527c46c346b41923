from hypothesis import given
from hypothesis import strategies as st

from shopbell.storage.chain import GENESIS, Link, follow, seal

rows = st.lists(st.tuples(st.text(max_size=5), st.integers(0, 9)), max_size=12)


def chain(parts: list[tuple[str, int]]) -> list[Link]:
    links, before = [], GENESIS
    for number, part in enumerate(parts, 1):
        sealed = seal(before, *part)
        links.append(Link(seq=number, before=before, seal=sealed, parts=part))
        before = sealed
    return links


@given(rows)
def test_a_chain_that_nobody_touched_holds(parts: list[tuple[str, int]]) -> None:
    """All rows are counted and the head is the last seal."""
    links = chain(parts)
    proof = follow(links)
    assert (proof.fault, proof.rows) == ("", len(parts))
    assert proof.head == (links[-1].seal if links else GENESIS)


@given(rows.filter(bool), st.data())
def test_a_changed_or_missing_row_is_found_where_it_is(
    parts: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Rows before it hold; a row cut out of the middle breaks the one after it."""
    links = chain(parts)
    at = data.draw(st.integers(0, len(links) - 1))
    link = links[at]
    changed = Link(
        seq=link.seq, before=link.before, seal=link.seal, parts=(f"{link.parts[0]}!", link.parts[1])
    )
    proof = follow([*links[:at], changed, *links[at + 1 :]])
    assert proof.fault
    assert proof.rows == at
    if at < len(links) - 1:
        assert follow([*links[:at], *links[at + 1 :]]).rows == at
