"""Export: everything about one customer and nothing about another, for programs and for people."""

from datetime import timedelta
from pathlib import Path

import msgspec

from shopbell.assistant import events as e
from shopbell.assistant.privacy.export import collect, page, write_export
from shopbell.assistant.store import EventLog
from tests.fakes.zelda import NAME, NOW, OTHER, PHONE, ZELDA, Shop


def test_everything_is_in_it(shop: Shop) -> None:
    """Who she is, what she bought, said and agreed to, and what staff did with her record."""
    done = collect(shop.engine, ZELDA, "Shop", NOW)
    tables = {section.table for section in done.sections}
    assert {
        "customer",
        "purchase",
        "entry",
        "posting",
        "account",
        "consent",
        "event",
        "conversation",
    } <= tables
    assert {"adjustment", "reward_hold", "referral", "standing", "customer_merge", "audit"} <= tables
    text = msgspec.json.encode(done).decode()
    assert NAME in text
    assert PHONE in text
    assert "Zanzibar marmalade" in text


def test_nothing_of_another_customer_is_in_it(shop: Shop) -> None:
    """Another's conversation, name and purchases are not handed out."""
    text = msgspec.json.encode(collect(shop.engine, ZELDA, "Shop", NOW)).decode()
    assert "When do you open?" not in text
    assert OTHER not in text
    assert "token_hash" not in text


def test_one_after_another_at_the_kiosk(shop: Shop) -> None:
    """In a conversation that two customers used one after the other each gets their own part."""
    log, at = EventLog(shop.engine), NOW - timedelta(hours=2)
    log.open("t-kiosk", "token-kiosk", "kiosk", at)
    for who, text in ((ZELDA, "mine alone"), ("", "nobody's"), (OTHER, "somebody else's")):
        log.append("t-kiosk", e.Recognised(customer=who), at)
        log.append("t-kiosk", e.CustomerSaid(text=text, key=text), at)
    hers = msgspec.json.encode(collect(shop.engine, ZELDA, "Shop", NOW)).decode()
    assert "mine alone" in hers
    assert "nobody's" not in hers
    assert "somebody else's" not in hers
    assert "somebody else's" in msgspec.json.encode(collect(shop.engine, OTHER, "Shop", NOW)).decode()


def test_a_claim_alone_opens_nothing(shop: Shop) -> None:
    """Whoever only said a number has no part in that customer's export."""
    log, at = EventLog(shop.engine), NOW - timedelta(hours=2)
    log.open("t-claim", "token-claim", "web", at)
    log.append("t-claim", e.Recognised(customer=ZELDA, level="claimed"), at)
    log.append("t-claim", e.CustomerSaid(text="an impostor's words", key="k"), at)
    assert "impostor" not in msgspec.json.encode(collect(shop.engine, ZELDA, "Shop", NOW)).decode()


def test_the_page_is_inert_and_the_files_are_private(shop: Shop, tmp_path: Path) -> None:
    """Words of customers cannot become markup, and only the owner of the files may read them."""
    shop.talk("t-script", ZELDA, "<script>alert(1)</script>")
    done = collect(shop.engine, ZELDA, "Shop <b>", NOW)
    assert "<script>" not in page(done)
    assert "&lt;script&gt;" in page(done)
    made = write_export(done, tmp_path / "out")
    assert [path.name for path in made] == ["everything.json", "everything.html"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)
