"""Erasure: afterwards nothing of the person is found in any byte, and the books still balance."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant.errors import StillTalking
from shopbell.assistant.insight.report import write_digest
from shopbell.assistant.privacy import erasure
from shopbell.assistant.privacy.backups import backup, restore
from shopbell.assistant.privacy.erasure import Place, erase
from shopbell.assistant.privacy.person import gather
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.store import EventLog
from shopbell.knowledge.index import VectorIndex
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.wordstore import WordStore
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.resealing import Resealed
from shopbell.storage.database import metadata
from tests.fakes.embedding import HashedEmbedder
from tests.fakes.figures import FIGURES
from tests.fakes.zelda import FRIEND, NAME, NOW, OTHER, PHRASE, ZELDA, Shop, hits


def test_nothing_is_found_in_any_byte_afterwards(shop: Shop) -> None:
    """A customer who left traces everywhere is found nowhere in the data folder, Chroma's files included."""
    index = VectorIndex(shop.folder / "index", HashedEmbedder(), WordStore(shop.folder / "words.npz"))
    index.sync([Passage(id="opening", title="When are you open?", text="From ten to four.")])
    index.close()
    found = hits(shop.folder)
    assert len(found) > 5
    assert any(name.startswith("a.csv") for name in found)
    assert any(name.startswith("c.csv.gz") for name in found)
    done = erase(shop.place, ZELDA, NOW, by="owner")
    assert hits(shop.folder) == {}
    assert done.gone
    assert done.files == ("imports/a.csv", "imports/c.csv.gz")
    assert (shop.folder / "imports" / "b.csv").is_file()


def test_a_digest_that_names_the_customer_goes_with_them(shop: Shop) -> None:
    """Monday digests name who is slipping away, in plain text: those that name the customer are removed."""
    folder = shop.folder / "digests"
    folder.mkdir()
    named = replace(FIGURES, slipping=(replace(FIGURES.slipping[0], name=NAME),))
    write_digest(named, folder / "week-to-2026-11-15.txt")
    write_digest(FIGURES, folder / "week-to-2026-11-08.txt")
    done = erase(shop.place, ZELDA, NOW, by="owner")
    assert "digests/week-to-2026-11-15.txt" in done.files
    assert [path.name for path in folder.iterdir()] == ["week-to-2026-11-08.txt"]


def test_nothing_is_found_after_an_older_backup_was_put_back(shop: Shop) -> None:
    """A backup from before the erasure is put back: the person is erased again before it is in place."""
    made = backup(shop.place, "Shop", shop.folder.parent / "usb", PHRASE, NOW, by="owner")
    erase(shop.place, ZELDA, NOW, by="owner")
    shop.engine.dispose()
    done = restore(
        made.path, PHRASE, shop.folder, None, NOW + timedelta(days=1), draw=secrets.token_bytes, by="owner"
    )
    assert [len(one.pseudonyms) for one in done.again] == [2]
    assert hits(shop.folder.parent) == {}
    assert shop.floor.sound()
    with pytest.raises(NoSuchCustomer):
        shop.floor.club.balance(ZELDA, NOW)
    assert shop.floor.has(who=OTHER) > 0


def test_a_backup_put_back_on_another_machine_forgets_again(shop: Shop, tmp_path: Path) -> None:
    """The list of erased people lies beside the backups, so that a new machine knows it too."""
    made = backup(shop.place, "Shop", tmp_path / "usb", PHRASE, NOW, by="owner")
    erase(shop.place, ZELDA, NOW, by="owner")
    backup(shop.place, "Shop", tmp_path / "usb", PHRASE, NOW + timedelta(hours=1), by="owner")
    elsewhere = tmp_path / "elsewhere" / "shop"
    done = restore(made.path, PHRASE, elsewhere, None, NOW, draw=secrets.token_bytes, by="owner")
    assert len(done.again) == 1
    assert hits(tmp_path / "elsewhere") == {}


def test_the_books_balance_and_both_chains_hold(shop: Shop) -> None:
    """Sums stay as they were, and ledger and audit log can be followed from the beginning to the end."""
    before = shop.trial()
    shop.floor.club.close_day(NOW.date(), actor="owner")
    done = erase(shop.place, ZELDA, NOW, by="owner")
    assert shop.trial() == before
    assert shop.floor.sound()
    assert AuditLog(shop.engine, lambda: NOW).verify().fault == ""
    assert done.first > 0
    assert [seal.what for seal in done.seals] == [f"close of {NOW.date()}", "end of the ledger"]
    assert shop.floor.club.close_day(NOW.date(), actor="owner").hash == done.seals[0].after


def test_the_shop_goes_on_afterwards(shop: Shop) -> None:
    """Goods of hers can come back, her friend can buy, and the calendar and the watch go on."""
    erase(shop.place, ZELDA, NOW, by="owner")
    floor = shop.floor
    floor.now = NOW
    assert floor.refund(shop.bought).whole
    floor.buy(1250, who=FRIEND)
    floor.buy(1250, who=OTHER)
    floor.club.daily(NOW)
    floor.club.watch(NOW, days=60)
    floor.add("newcomer")
    assert floor.sound()


def test_the_laws_stand_again(shop: Shop) -> None:
    """After an erasure events, entries and consents refuse to be changed, as before."""
    laws = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1")
    with shop.engine.connect() as db:
        before = db.execute(laws).all()
    erase(shop.place, ZELDA, NOW, by="owner")
    with shop.engine.connect() as db:
        assert db.execute(laws).all() == before
    for table in ("event", "entry", "consent", "audit", "purchase"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), shop.engine.begin() as db:
            db.execute(metadata.tables[table].delete())


def test_a_failure_on_the_way_leaves_everything_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure is one transaction: when a late step fails, rows and laws are what they were."""

    def fail(_db: sa.Connection, _first: int) -> Resealed:
        raise RuntimeError("no")

    monkeypatch.setattr(erasure, "reseal", fail)
    with shop.engine.connect() as db:
        before = gather(db, ZELDA)
    with pytest.raises(RuntimeError):
        erase(shop.place, ZELDA, NOW, by="owner")
    with shop.engine.connect() as db:
        assert gather(db, ZELDA) == before
    with pytest.raises(sa.exc.IntegrityError), shop.engine.begin() as db:
        db.execute(sa.text("DELETE FROM event"))


def test_whoever_talks_just_now_is_not_erased(shop: Shop) -> None:
    """While a conversation of hers goes on nothing is done, and the message says what to do."""
    with pytest.raises(StillTalking, match="End the conversation"):
        erase(shop.place, ZELDA, NOW - timedelta(minutes=55), by="owner")
    assert shop.floor.customers.get(ZELDA).name


def test_others_keep_what_is_theirs(shop: Shop) -> None:
    """Another customer's conversation, points and purchases are untouched; only her name is taken out."""
    points, bought = shop.floor.has(who=OTHER), len(shop.floor.club.purchases(OTHER))
    erase(shop.place, ZELDA, NOW, by="owner")
    assert shop.floor.has(who=OTHER) == points
    assert len(shop.floor.club.purchases(OTHER)) == bought
    assert len(EventLog(shop.engine).read("t-other")) == 3
    told = [one.reason for one in shop.floor.club.history(OTHER)]
    assert "brought by [erased], [erased]" in told


def test_who_was_never_there_is_said_so(shop: Shop) -> None:
    """Erasing somebody twice is told as nobody being there."""
    erase(shop.place, ZELDA, NOW, by="owner")
    with pytest.raises(NoSuchCustomer):
        erase(shop.place, ZELDA, NOW, by="owner")


def test_files_of_the_shop_that_name_her_are_told(shop: Shop, tmp_path: Path) -> None:
    """The owner's own files are left alone, and the certificate says which of them name the person."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "faq.md").write_text("## Who bakes?\nZelda Quillfeather does.\n")
    place = Place(engine=shop.engine, folder=shop.folder, shop=own, draw=secrets.token_bytes)
    done = erase(place, ZELDA, NOW, by="owner")
    assert [one.path for one in done.elsewhere] == ["faq.md"]
    assert hits(own) != {}
