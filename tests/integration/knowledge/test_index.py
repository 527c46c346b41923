import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from shopbell.knowledge.index import VectorIndex, texts_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.wordstore import WordStore
from tests.fakes.embedding import HashedEmbedder

HOURS = Passage(
    id="hours#week", title="When are you open?", also_asked=("opening hours",), text="Eight to four."
)
CARDS = Passage(id="gifts#cards", title="Do you sell gift cards?", text="Yes, from five pounds.")
RARE = "marzipan-zeppelin"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def embedder() -> HashedEmbedder:
    return HashedEmbedder()


@pytest.fixture
def index(tmp_path: Path, embedder: HashedEmbedder) -> Iterator[VectorIndex]:
    index = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    yield index
    index.close()


def test_embeds_each_text_once(index: VectorIndex, embedder: HashedEmbedder) -> None:
    """A second sync of the same passages embeds nothing and doubles nothing."""
    assert index.sync([HOURS, CARDS]) == 7
    assert index.sync([HOURS, CARDS]) == 0
    assert len(index) == 7
    assert len(embedder.embedded) == 7


def test_an_edit_embeds_only_what_changed(index: VectorIndex, embedder: HashedEmbedder) -> None:
    """Another text is embedded, with the joint text; the title is not."""
    index.sync([HOURS, CARDS])
    embedder.embedded.clear()
    edited = Passage(id=CARDS.id, title=CARDS.title, text="Yes, from ten pounds.")
    assert index.sync([HOURS, edited]) == 2
    assert embedder.embedded == [f"{CARDS.title}\n{edited.text}", edited.text]


def test_what_is_gone_is_deleted(index: VectorIndex) -> None:
    """A passage or a wording no longer there is found no more."""
    index.sync([HOURS, CARDS])
    index.sync([Passage(id=HOURS.id, title=HOURS.title, text=HOURS.text)])
    assert len(index) == 3
    assert [name for name, _ in index.query(HashedEmbedder().embed(["gift cards"])[0], 5)] == [HOURS.id]


def test_survives_a_restart(tmp_path: Path, embedder: HashedEmbedder) -> None:
    """What was synced is there when the store is opened again, with the same vectors."""
    first = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    first.sync([HOURS, CARDS])
    before = first.vectors([HOURS, CARDS])
    first.close()
    again = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    assert again.sync([HOURS, CARDS]) == 0
    after = again.vectors([HOURS, CARDS])
    assert np.allclose(before.asked, after.asked)
    assert np.allclose(before.body, after.body)
    again.close()


def published_elsewhere(folder: Path, passages: list[Passage]) -> int:
    """Publish as another program does that has the same shop open; return what it embedded."""
    index = VectorIndex(folder / "vectors", HashedEmbedder(), WordStore(folder / "words.npz"))
    embedded = index.sync(passages)
    index.close()
    return embedded


def test_two_programs_share_the_work(tmp_path: Path, index: VectorIndex) -> None:
    """What another process has published meanwhile is taken over, not made a second time."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        assert other.submit(published_elsewhere, tmp_path, [HOURS, CARDS]).result(60) == 7
        assert index.sync([HOURS, CARDS]) == 0
        assert index.vectors([HOURS, CARDS]).asked.shape == (3, 384)
        assert index.sync([HOURS]) == 0
        assert other.submit(published_elsewhere, tmp_path, [HOURS]).result(60) == 0


def test_a_store_that_cannot_be_read_is_made_anew(tmp_path: Path, embedder: HashedEmbedder) -> None:
    """Where the store has lost what it says it holds, the next opening throws it away and embeds again."""
    first = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    first.sync([HOURS, CARDS])
    first.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "vectors" / "chroma.sqlite3")) as db:
        db.execute("DELETE FROM embeddings_queue")
        db.commit()
    again = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    assert len(again) == 0
    assert again.sync([HOURS, CARDS]) == 7
    again.close()


def test_another_model_embeds_all_anew(tmp_path: Path, embedder: HashedEmbedder) -> None:
    """Vectors of one model are never used with another."""

    class Other(HashedEmbedder):
        @property
        def fingerprint(self) -> str:
            return "other"

    first = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    first.sync([HOURS])
    first.close()
    other = VectorIndex(tmp_path / "vectors", Other(), WordStore(tmp_path / "words.npz"))
    assert other.sync([HOURS]) == 4
    other.close()


def test_query_finds_the_nearest_passage(index: VectorIndex) -> None:
    """The passage with the nearest vector is first, with its cosine."""
    index.sync([HOURS, CARDS])
    found = index.query(HashedEmbedder().embed(["opening hours"])[0], 2)
    assert found[0][0] == HOURS.id
    assert found[0][1] == pytest.approx(1.0, abs=1e-4)
    assert [name for name, _ in found] == [HOURS.id, CARDS.id]


def test_an_empty_store_finds_nothing(index: VectorIndex) -> None:
    """Without passages there is nothing near, and the shapes hold."""
    assert index.sync([]) == 0
    assert index.query(HashedEmbedder().embed(["anything"])[0], 3) == []
    assert index.vectors([]).asked.shape == (0, 384)


def test_no_text_is_ever_stored(tmp_path: Path, embedder: HashedEmbedder) -> None:
    """No word of a passage is in the store's files, only ids, digests and vectors."""
    index = VectorIndex(tmp_path / "vectors", embedder, WordStore(tmp_path / "words.npz"))
    index.sync([Passage(id="a#b", title=f"Is {RARE} here?", text=f"Yes, {RARE}.", also_asked=(RARE,))])
    index.close()
    files = [path for path in (tmp_path / "vectors").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if RARE.encode() in path.read_bytes()]
    with sqlite3.connect(tmp_path / "vectors" / "chroma.sqlite3") as store:
        assert store.execute("SELECT count(*) FROM embeddings").fetchone() == (4,)
    store.close()


def test_a_passage_without_text_is_its_title(index: VectorIndex) -> None:
    """Only the title is embedded where there is no text, and it stands for the text."""
    bare = Passage(id="p", title="Sourdough", text=" ")
    assert [key for key, _ in texts_of(bare)] == ["p|2"]
    index.sync([bare])
    vectors = index.vectors([bare])
    assert np.array_equal(vectors.text, vectors.asked)


DIRTY = """
import ctypes, sys, threading
from pathlib import Path
from shopbell.knowledge.index import VectorIndex
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.wordstore import WordStore
from tests.fakes.embedding import HashedEmbedder

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def leave() -> None:
    sizes = [60_000, 100_000, 168_000, 170_000, 300_000, 700_000] * 4
    left = [libc.malloc(size) for size in sizes]
    for place, size in zip(left, sizes, strict=True):
        ctypes.memmove(place, b"Zelda was here. " * (size // 16), size // 16 * 16)
    for place in left[::2] + left[1::2]:
        libc.free(place)

libc.free(libc.malloc(30_000_000))  # from here on large pieces come from what was freed
for _ in range(3):
    threads = [threading.Thread(target=leave) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
folder = Path(sys.argv[1])
index = VectorIndex(folder / "vectors", HashedEmbedder(), WordStore(folder / "words.npz"))
index.sync([Passage(id="hours", title="When are you open?", text="From ten.")])
index.close()
"""


def test_nothing_of_the_memory_is_in_the_files(tmp_path: Path) -> None:
    """Chroma writes room it has not filled yet: it holds zeros, not what others left in the memory."""
    subprocess.run([sys.executable, "-c", DIRTY, str(tmp_path)], check=True, timeout=120, cwd=ROOT)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "data_level0.bin" in {path.name for path in files}
    assert [path.name for path in files if b"Zelda was here" in path.read_bytes()] == []
