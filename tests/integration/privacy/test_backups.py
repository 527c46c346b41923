"""Backups: everything comes back as it was, and a file that was touched is refused with a clear message."""

import os
import secrets
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from shopbell.assistant.privacy.backups import backup, expire, in_use, last_backup, restore
from shopbell.assistant.privacy.erasure import Place
from shopbell.storage.backup import Made, verify_backup
from shopbell.storage.database import open_database
from shopbell.storage.errors import BackupRefused
from shopbell.storage.sealing import CHUNK
from tests.fakes.zelda import NOW, PHRASE, ZELDA, Shop, hits


@pytest.fixture(autouse=True)
def own(shop: Shop, tmp_path: Path) -> Path:
    own = tmp_path / "own"
    (own / "faq").mkdir(parents=True)
    (own / "shop.toml").write_text('[shop]\nname = "Shop"\n')
    (own / "faq" / "a.md").write_bytes(secrets.token_bytes(2 * CHUNK))
    (shop.folder / "club.key").write_bytes(b"key")
    shop.place = Place(engine=shop.engine, folder=shop.folder, shop=own, draw=secrets.token_bytes)
    return own


@pytest.fixture
def made(shop: Shop, tmp_path: Path) -> Made:
    return backup(shop.place, "The Shop", tmp_path / "usb", PHRASE, NOW, by="owner")


def test_everything_comes_back_on_a_bare_machine(shop: Shop, made: Made, tmp_path: Path) -> None:
    """Records, keys and the shop's own files are put back, and the books are sound."""
    before = shop.trial()
    shop.engine.dispose()
    folder, own = tmp_path / "new" / "shop", tmp_path / "newown"
    done = restore(made.path, PHRASE, folder, own, NOW, draw=secrets.token_bytes, by="owner")
    assert done.shop == "The Shop"
    assert (own / "faq" / "a.md").read_bytes() == (tmp_path / "own" / "faq" / "a.md").read_bytes()
    assert (folder / "club.key").read_bytes() == b"key"
    again = Shop.opened(folder)
    assert again.trial() == before
    assert again.floor.sound()
    assert again.floor.customers.get(ZELDA).phone == "+447700900987"
    again.engine.dispose()


def test_nobody_reads_a_backup_without_the_passphrase(made: Made) -> None:
    """No word of the shop stands in the file, and another passphrase is refused."""
    assert hits(made.path.parent) == {}
    with pytest.raises(BackupRefused, match="not the passphrase"):
        verify_backup(made.path, "wrong horse battery")


def test_a_file_that_was_touched_is_refused(made: Made) -> None:
    """One bit flipped anywhere, or any end cut off, is seen."""
    whole = made.path.read_bytes()
    for at in (0, 10, 40, 200, CHUNK, CHUNK + 77, len(whole) // 2, len(whole) - 1):
        made.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupRefused):
            verify_backup(made.path, PHRASE)
    for size in (0, 17, 100, CHUNK, len(whole) - CHUNK, len(whole) - 1):
        made.path.write_bytes(whole[:size])
        with pytest.raises(BackupRefused):
            verify_backup(made.path, PHRASE)
    made.path.write_bytes(whole)
    verify_backup(made.path, PHRASE)


def test_what_is_refused_changes_nothing(shop: Shop, made: Made) -> None:
    """A restore that fails leaves the shop's data as it is."""
    made.path.write_bytes(made.path.read_bytes()[:-1])
    before = shop.trial()
    with pytest.raises(BackupRefused):
        restore(made.path, PHRASE, shop.folder, None, NOW, draw=secrets.token_bytes, by="owner")
    assert shop.trial() == before
    assert [path.name for path in shop.folder.parent.iterdir()] == ["shop"]


def test_a_short_passphrase_is_refused(shop: Shop, tmp_path: Path) -> None:
    """Nothing is written under a passphrase that is quickly guessed."""
    with pytest.raises(BackupRefused, match="at least 10"):
        backup(shop.place, "Shop", tmp_path / "usb", "short", NOW, by="owner")
    assert list((tmp_path / "usb").iterdir()) == []


def test_a_backup_is_one_moment_while_others_write(shop: Shop, tmp_path: Path) -> None:
    """What was acknowledged before the backup began is in it, and the books in it are sound."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.002):  # a till that never draws breath would let nobody else write
            shop.floor.buy(100, who="c-0000aaaa1111")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        shop.floor.club.verify()
        with sqlite3.connect(shop.folder / "shop.db") as db:
            known = db.execute("SELECT count(*) FROM purchase").fetchone()[0]
        made = backup(shop.place, "Shop", tmp_path / "usb", PHRASE, NOW, by="owner")
    finally:
        stop.set()
        writer.join()
    folder = tmp_path / "new" / "shop"
    restore(made.path, PHRASE, folder, None, NOW, draw=secrets.token_bytes, by="owner")
    again = Shop.opened(folder)
    assert again.floor.sound()
    with sqlite3.connect(folder / "shop.db") as db:
        assert db.execute("SELECT count(*) FROM purchase").fetchone()[0] >= known
    again.engine.dispose()


def test_the_age_is_known_and_old_ones_go(shop: Shop, made: Made) -> None:
    """The last backup's time is kept, and backups beyond their days are deleted, the newest never."""
    assert last_backup(shop.engine) == NOW
    older = made.path.with_name("shop-20200101-000000.shopbell-backup")
    older.write_bytes(b"")
    long_ago = (NOW - timedelta(days=36)).timestamp()
    os.utime(older, (long_ago, long_ago))
    os.utime(made.path, (long_ago + 1, long_ago + 1))
    assert expire(made.path.parent, NOW, timedelta(days=35)) == (older,)
    assert made.path.exists()


def test_a_server_that_opens_and_closes_files_is_seen(tmp_path: Path) -> None:
    """A descriptor that closes while they are looked at hides none that stays open."""
    wanted = tmp_path / "shop.db"
    wanted.touch()
    open_files = tmp_path / "1" / "fd"
    open_files.mkdir(parents=True)
    for number in range(9):
        (open_files / str(number)).touch()  # no link: it cannot be read, like one that has closed since
    assert not in_use(wanted, tmp_path)
    (open_files / "9").symlink_to(wanted)
    assert in_use(wanted, tmp_path)


def test_an_open_shop_is_not_replaced(shop: Shop, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the database a restore is refused."""
    assert not in_use(shop.folder / "shop.db")
    monkeypatch.setattr("shopbell.assistant.privacy.backups._other", lambda _process: True)
    with open_database(shop.folder / "shop.db").connect() as held:
        assert held is not None
        with pytest.raises(BackupRefused, match="Stop it"):
            restore(made.path, PHRASE, shop.folder, None, NOW, draw=secrets.token_bytes, by="owner")
