"""From the occasion to the letter box: drafted, released, sent once, bounced, stopped at one tap."""

import asyncio
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant.outreach.atrisk import Slipping
from shopbell.assistant.outreach.composing import House
from shopbell.assistant.outreach.errors import LetterRefused, NoSuchLetter, OutreachRefused
from shopbell.assistant.outreach.letters import STRANDED
from shopbell.assistant.outreach.mail import Login, Sender
from shopbell.assistant.outreach.office import STOP, CodePostman
from shopbell.assistant.outreach.opening import stores
from shopbell.assistant.outreach.optout import token
from shopbell.assistant.outreach.plan import Mail, Rule
from shopbell.assistant.outreach.tables import letter_table
from shopbell.assistant.outreach.templates import FILE, Words
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.house import Adjustment
from shopbell.loyalty.identity import Issued
from shopbell.loyalty.sale import Line, Sale
from tests.fakes.mailserver import PASSWORD, mail_server
from tests.unit.assistant.outreach.conftest import DAY, NOON, Writing

pytestmark = pytest.mark.slow


async def test_a_released_letter_goes_once(shop: Writing) -> None:
    """Drafted, released, sent with its basis and both ways to stop; the next rounds send nothing."""
    shop.join()
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        assert await office.draft() == 1
        assert await office.send() == []  # nobody released it
        (letter,) = shop.parts.judging.letters("waiting")
        shop.parts.judging.release(letter.id, "sam", shop.now)
        assert await office.send() == ["sent"]
        assert await office.draft(again=True) == 0
        assert await office.send() == []
    (mail,) = server.mail
    link = f"https://127.0.0.1/stop/{token(b'secret', letter.id)}"
    assert mail["To"] == "ann@example.com"
    assert mail["Message-ID"] == f"<{letter.id}@example.com>"
    assert mail["List-Unsubscribe"] == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = mail.get_body(("plain",))
    assert plain is not None
    text = plain.get_content().replace("=\n", "")
    assert "consent to marketing of 24 November 2026" in text.replace("\n", " ")
    assert link in text
    assert shop.parts.judging.of(letter.id).basis.startswith("consent to marketing of")


async def test_without_consent_nothing_is_even_drafted(shop: Writing) -> None:
    """Silence is no; an agreement taken back after the release stops the letter."""
    shop.join("ann", agrees=False)
    shop.join("ben")
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        assert await office.draft() == 1
        (letter,) = shop.parts.judging.letters("waiting")
        shop.parts.judging.release(letter.id, "sam", shop.now)
        shop.say("ben", given=False)
        assert await office.send() == []
    assert shop.states() == ["stopped"]
    assert server.mail == []


async def test_what_is_refused_for_now_is_tried_again_with_the_same_name(shop: Writing) -> None:
    """451, then yes: one message, under the id it had at first."""
    shop.join()
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        await office.draft()
        (letter,) = shop.parts.judging.letters()
        shop.parts.judging.release(letter.id, "sam", shop.now)
        server.says["."] = "451 later"
        assert await office.send() == ["released"]
        assert await office.send() == []  # not at once
        shop.now += timedelta(minutes=2)
        assert await office.send() == ["sent"]
    assert [one["Message-ID"] for one in server.mail] == [f"<{letter.id}@example.com>"]


async def test_a_bounce_is_written_down_and_the_address_left_alone(shop: Writing) -> None:
    """550: the letter is bounced, and no other e-mail goes to this address."""
    shop.join(born=date(1990, 11, 24))
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        assert await office.draft() == 2
        for one in shop.parts.judging.letters():
            shop.parts.judging.release(one.id, "sam", shop.now)
        server.says["RCPT"] = "550 no such user"
        assert await office.send() == ["bounced"]
        assert await office.send() == []
    assert sorted(shop.states()) == ["bounced", "stopped"]


ROOT = str(Path(__file__).resolve().parents[4])
CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.unit.assistant.outreach.conftest import Writing
import tests.fakes.mailserver as m

async def main():
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    shop = Writing(folder)
    server = m.MailServer(None, implicit=False)
    server.port = port
    office = shop.office(server)
    async def killed(*_):
        os.kill(os.getpid(), signal.SIGKILL)
    keep = office._sender.send
    async def sent(message, to):
        await keep(message, to)
        await killed()
    office._sender.send = sent
    await office.send()

asyncio.run(main())
"""


async def test_killed_between_sending_and_writing_it_down(shop: Writing) -> None:
    """SIGKILL after the server took it: it is unsure from then on, and the server never sees it again."""
    shop.join()
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        await office.draft()
        (letter,) = shop.parts.judging.letters()
        shop.parts.judging.release(letter.id, "sam", shop.now)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(shop.folder), str(server.port), cwd=ROOT
        )
        async with asyncio.timeout(60):
            assert await child.wait() == -9
        assert shop.states() == ["sending"]
        assert await office.send() == []  # another program may be at it
        shop.now += STRANDED + timedelta(seconds=1)
        assert await office.send() == []
        shop.now += 2 * DAY
        assert await office.send() == []
    assert shop.states() == ["unsure"]
    assert len(server.mail) == 1


def test_what_is_over_stays_over(shop: Writing) -> None:
    """The database itself refuses to send a letter again, unreleased, or without a basis."""
    shop.join()
    (occasion,) = shop.parts.occasions.find(("welcome",), NOON)
    letter = shop.parts.letters.add(occasion, shop.parts.words["welcome"], NOON)
    assert letter is not None
    with pytest.raises(sa.exc.IntegrityError, match="released"):
        _set(shop, {"state": "sending", "basis": "x"})
    _set(shop, {"state": "released"})
    with pytest.raises(sa.exc.IntegrityError, match="basis"):
        _set(shop, {"state": "sending", "basis": ""})
    _set(shop, {"state": "refused"})
    with pytest.raises(sa.exc.IntegrityError, match="never sent again"):
        _set(shop, {"state": "released"})


def _set(shop: Writing, values: dict[str, str]) -> None:
    with shop.engine.begin() as db:
        db.execute(letter_table.update().values(values))


async def test_one_tap_stops_everything(shop: Writing) -> None:
    """The link takes the consent back and stops what waits; a made-up link does nothing; looking neither."""
    shop.join()
    office = shop.office()
    await office.draft()
    (letter,) = shop.parts.judging.letters()
    optout = shop.parts.optout
    with pytest.raises(NoSuchLetter):
        optout.stop(f"{letter.id}.{'0' * 32}", shop.now)
    assert optout.holder(token(b"secret", letter.id)) == "ann"
    assert shop.states() == ["waiting"]
    optout.stop(token(b"secret", letter.id), shop.now)
    optout.stop(token(b"secret", letter.id), shop.now)
    assert shop.states() == ["stopped"]
    assert list(shop.parts.occasions.find(("welcome",), shop.now)) == []


async def test_a_note_is_shown_once_to_who_signs_in(shop: Writing) -> None:
    """Without an address it waits for the next visit; shown, it counts against the cap."""
    shop.join(email=False)
    office = shop.office()
    await office.draft()
    (letter,) = shop.parts.judging.letters()
    assert letter.way == "visit"
    assert await office.note_for("ann") == ""
    shop.parts.judging.release(letter.id, "sam", shop.now)
    assert await office.note_for("nobody") == ""
    shown = await office.note_for("ann")
    assert "Hello Ann" in shown
    assert shown.endswith(STOP)
    assert await office.note_for("ann") == ""
    assert shop.states() == ["shown"]


async def test_who_is_held_out_gets_nothing_and_stays_so(tmp_path: Path) -> None:
    """About a tenth, by lot; nobody can release them, and staff does not see them."""
    shop = Writing(tmp_path, welcome=Rule(mode="auto"))
    for number in range(100):
        shop.join(f"c{number}")
    office = shop.office()
    await office.draft()
    held = shop.parts.judging.letters("held")
    assert 4 <= len(held) <= 18
    assert {one.body for one in held} == {""}
    with pytest.raises(LetterRefused):
        shop.parts.judging.release(held[0].id, "sam", shop.now)
    assert await office.draft(again=True) == 0
    shop.engine.dispose()


def test_every_occasion_finds_its_customer_and_facts(shop: Writing) -> None:
    """Welcome, birthday, reward near, win-back, after a complaint: each with what was looked up."""
    shop.join(born=date(1990, 11, 24))
    key = Adjustment(key="k", customer="ann", points=9, reason="kind", actor="sam")
    shop.room.club.adjust(key, shop.now)
    shop.away.found = (Slipping(customer="ann", last_visit=date(2026, 10, 1), why="Away."),)
    book = Casebook(shop.engine)
    number = book.add(
        Case(key="c", kind="complaint", customer="ann", conversation="t", at=shop.now - 9 * DAY, text="cold")
    )
    book.close(number, "sam", shop.now - 3 * DAY)
    found = {one.trigger: one for one in shop.parts.occasions.find(shop.rules.on, shop.now)}
    assert set(found) == {"welcome", "birthday", "reward_near", "win_back", "service_recovery"}
    assert found["reward_near"].facts["missing"] == "1"
    assert found["reward_near"].facts["reward"] == "5 off"
    assert found["birthday"].facts["birthday"] == "24 November"
    assert found["win_back"].facts["last_visit"] == "1 October 2026"
    assert found["service_recovery"].facts["told_on"] == "15 November 2026"


def test_points_that_end_soon_are_told_of_with_their_last_day(tmp_path: Path) -> None:
    """Of points that end in 45 days nothing is said, in 20 days how many and when; of none nothing at all."""
    shop = Writing(tmp_path, expires="90 days")
    shop.join()
    tea = Line(id="1", sku="T", name="Tea", amount=4_000)
    sale = Sale(source="till", external_id="1", at=shop.now, customer="ann", lines=(tea,))
    shop.room.club.record_sale(sale, shop.now)
    assert list(shop.parts.occasions.find(("points_expiring",), shop.now + 45 * DAY)) == []
    (found,) = shop.parts.occasions.find(("points_expiring",), shop.now + 70 * DAY)
    assert (found.facts["points"], found.facts["expiring"]) == ("40", "40")
    assert found.facts["expires_on"] in found.why
    (again,) = shop.parts.occasions.find(("points_expiring",), shop.now + 71 * DAY)
    assert again.key == found.key  # one message, not one a day
    letter = shop.parts.letters.add(found, shop.parts.words["points_expiring"], shop.now + 70 * DAY)
    assert letter is not None
    assert found.facts["expires_on"] in letter.body
    assert list(shop.parts.occasions.find(("points_expiring",), shop.now + 92 * DAY)) == []
    shop.engine.dispose()


def test_some_days_after_a_purchase_it_is_asked_how_it_was(shop: Writing) -> None:
    """From the third to the sixth day, of the dearest thing; not of who is unknown or did not agree."""
    shop.join()
    shop.join("ben", agrees=False)
    for number, who in enumerate(("ann", "ben", "")):
        lines = (Line(id="1", sku="M", name="Mug", amount=900), Line(id="2", sku="T", name="Tea", amount=300))
        sale = Sale(source="till", external_id=str(number), at=shop.now, customer=who, lines=lines)
        shop.room.club.record_sale(sale, shop.now)
    asked = [list(shop.parts.occasions.find(("after_purchase",), shop.now + days * DAY)) for days in range(9)]
    assert [len(one) for one in asked] == [0, 0, 0, 1, 1, 1, 1, 0, 0]
    (found,) = asked[3]
    assert (found.customer, found.facts["thing"], found.facts["bought_on"]) == ("ann", "Mug", "24 November")
    letter = shop.parts.letters.add(found, shop.parts.words["after_purchase"], shop.now + 3 * DAY)
    assert letter is not None
    assert "Mug" in letter.body


def test_changed_words_are_checked(shop: Writing) -> None:
    """Warm words are kept; pressing ones and numbers nobody looked up are not."""
    shop.join()
    (occasion,) = shop.parts.occasions.find(("welcome",), NOON)
    letter = shop.parts.letters.add(occasion, shop.parts.words["welcome"], NOON)
    assert letter is not None
    judging = shop.parts.judging
    for text in ("Hurry, Ann!", "You have 500 points.", "Come by before 5 December.", " "):
        with pytest.raises(LetterRefused):
            judging.edit(letter.id, Words(subject="Hello Ann", text=text))
    done = judging.edit(letter.id, Words(subject="Hello Ann", text="Good to have you here."))
    assert done.body == "Good to have you here."
    assert done.state == "waiting"


def test_bad_words_and_bad_addresses_keep_the_shop_closed(shop: Writing) -> None:
    """At the start each fault is named with its place."""
    (shop.folder / FILE).write_text('[win_back]\nsubject = "We miss you"\ntext = "Hurry!"\n')
    with pytest.raises(OutreachRefused, match=r"win_back\.subject.*guilt"):
        stores(shop.premises, None)
    (shop.folder / FILE).write_text('[winback]\nsubject = "a"\ntext = "b"\n')
    with pytest.raises(OutreachRefused, match="no occasion 'winback'"):
        stores(shop.premises, None)


async def test_a_one_time_code_goes_by_the_same_server(shop: Writing) -> None:
    """The code stands in the mail; a server that refuses is an OSError without the code."""
    async with mail_server(shop.folder) as server:
        mail = Mail(host="127.0.0.1", port=server.port, user="shop", ca_file=str(shop.folder / "ca.pem"))
        sender = Sender(mail, Login("shop", PASSWORD), "hello@example.com", patience_s=3)
        house = House(shop="Lantern Street", address="", sender="hello@example.com")
        post = CodePostman(sender, house, lambda: NOON)
        code = Issued(text="12345678", expires_at=datetime(2026, 11, 24, 12, 10, tzinfo=UTC))
        await post.send_code("ann@example.com", code)
        assert "1234 5678" in server.mail[0].get_content()
        server.says["RCPT"] = "550 no"
        with pytest.raises(OSError, match="refused") as caught:
            await post.send_code("ann@example.com", code)
        assert "12345678" not in str(caught.value)
