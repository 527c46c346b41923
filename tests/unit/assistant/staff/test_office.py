from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shopbell.assistant.errors import BadLogin, BadRequest, NameTaken, NoSuchStaff
from shopbell.assistant.frontdesk import office as make_office
from shopbell.assistant.staff.office import Office
from shopbell.assistant.staff.passwords import Passwords
from shopbell.assistant.web.errors import TooFast
from shopbell.storage.worker import Worker

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GOOD = "seven grey herons"


class Clock:
    """A wall clock and a steady one, set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def steady(self) -> float:
        return self.seconds


class QuickPasswords(Passwords):
    """Counts like the real one; comparing costs nothing."""

    def hash(self, password: str) -> str:
        self.hashed += 1
        return f"hash of {password}"

    def matches(self, kept: str | None, password: str) -> bool:
        self.hashed += 1
        return kept == f"hash of {password}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(engine: sa.Engine, clock: Clock) -> AsyncIterator[Office]:
    database, hashing = Worker("log"), Worker("passwords")
    made = make_office(engine, clock.now, database=database, hashing=hashing)
    made.passwords = QuickPasswords()
    made.pace_by(clock.steady)
    yield made
    await hashing.close()
    await database.close()


async def owner(office: Office) -> None:
    await office.join(await office.first_code(), "Otto", GOOD, "10.0.0.1")


async def test_the_first_owner_is_made_once(office: Office) -> None:
    """The code works once; with an owner there is no other, and the newest code voids those before."""
    old = await office.first_code()
    code = await office.first_code()
    with pytest.raises(BadLogin):
        await office.join(old, "Eve", GOOD, "a")
    signed = await office.join(code, "Otto", GOOD, "a")
    assert (signed.member.name, signed.member.role) == ("Otto", "owner")
    assert await office.member(signed.token) == signed.member
    assert await office.first_code() == ""
    with pytest.raises(BadLogin):
        await office.join(code, "Eve", GOOD, "a")


async def test_a_code_ends_after_a_day(office: Office, clock: Clock) -> None:
    """A link that was found later opens nothing."""
    code = await office.first_code()
    clock.seconds = 24 * 3600 + 1
    with pytest.raises(BadLogin):
        await office.join(code, "Otto", GOOD, "a")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "otto-otto-otto!"])
async def test_a_guessable_password_is_refused_and_the_code_stays_good(office: Office, password: str) -> None:
    """What is too short, repeats itself or holds the name is told why; the next try works."""
    code = await office.first_code()
    with pytest.raises(BadRequest):
        await office.join(code, "Otto", password, "a")
    await office.join(code, "Otto", GOOD, "a")


async def test_ten_thousand_guesses_reach_the_hash_at_most_fifty_times(office: Office, clock: Clock) -> None:
    """In ten minutes, from one address or from ten thousand, for a name that exists or does not."""
    await owner(office)
    for name, addresses in (("Otto", 1), ("Otto", 10_000), ("Nobody", 10_000)):
        before, begun = office.passwords.hashed, clock.seconds
        for guess in range(10_000):
            clock.seconds = begun + guess * 0.06
            with pytest.raises((BadLogin, TooFast)):
                await office.login(name, f"guess {guess}", f"10.1.0.{guess % addresses}")
        assert office.passwords.hashed - before <= 50
        clock.seconds += 600
    # Whoever has the password gets in again a minute later.
    clock.seconds += 60
    assert (await office.login("Otto", GOOD, "10.0.0.1")).member.name == "Otto"


async def test_an_unknown_name_is_answered_as_a_wrong_password(office: Office) -> None:
    """The same words and the same work: nobody learns who is on the staff."""
    await owner(office)
    said, work = [], []
    for name in ("Otto", "Nobody"):
        before = office.passwords.hashed
        with pytest.raises(BadLogin) as refused:
            await office.login(name, "wrong wrong wrong", "10.0.0.1")
        said.append(str(refused.value))
        work.append(office.passwords.hashed - before)
    assert said[0] == said[1]
    assert work == [1, 1]


async def test_a_session_ends_when_quiet_and_after_twelve_hours(office: Office, clock: Clock) -> None:
    """Thirty quiet minutes end it; keys pressed keep it, but no longer than half a day."""
    await owner(office)
    quiet = await office.login("Otto", GOOD, "a")
    clock.seconds += 1790
    assert await office.member(quiet.token)
    clock.seconds += 20
    assert await office.member(quiet.token) is None
    busy = await office.login("otto", GOOD, "a")
    for _ in range(12 * 6 - 1):
        clock.seconds += 600
        await office.seen(busy.member)
    assert await office.member(busy.token)
    clock.seconds += 600
    await office.seen(busy.member)
    assert await office.member(busy.token) is None


async def test_revoking_ends_every_session_at_once(office: Office) -> None:
    """A revoked account cannot sign in, its sessions are over, and the name may be given anew."""
    await owner(office)
    boss = (await office.login("Otto", GOOD, "a")).member
    invited = await office.add(boss, "  Cleo  ", "clerk")
    assert invited.name == "Cleo"
    signed = await office.join(invited.code, "", "green paper boats", "b")
    with pytest.raises(NameTaken):
        await office.add(boss, "CLEO", "clerk")
    await office.revoke(boss, "cleo")
    assert await office.member(signed.token) is None
    assert await office.still(signed.member) is None
    with pytest.raises(BadLogin):
        await office.login("Cleo", "green paper boats", "c")
    with pytest.raises(NoSuchStaff):
        await office.revoke(boss, "Cleo")
    await office.add(boss, "Cleo", "manager")


async def test_a_changed_password_ends_the_other_sessions(office: Office) -> None:
    """Who changed it stays; wherever else the account was open it is shut."""
    await owner(office)
    here, there = await office.login("Otto", GOOD, "a"), await office.login("Otto", GOOD, "b")
    with pytest.raises(BadLogin):
        await office.change_password(here.member, "wrong", "another fine phrase", "a")
    await office.change_password(here.member, GOOD, "another fine phrase", "a")
    assert await office.member(here.token)
    assert await office.member(there.token) is None


async def test_the_last_owner_stays(office: Office) -> None:
    """Nobody locks everybody out by mistake."""
    await owner(office)
    boss = (await office.login("Otto", GOOD, "a")).member
    for attempt in (office.revoke(boss, "Otto"), office.change_role(boss, "Otto", "clerk")):
        with pytest.raises(BadRequest):
            await attempt


async def test_no_secret_is_kept_or_written_down(office: Office, engine: sa.Engine) -> None:
    """Neither password nor token nor code stands in the database, the log of what was done included."""
    code = await office.first_code()
    office.passwords = Passwords()
    signed = await office.join(code, "Otto", GOOD, "a")
    with pytest.raises(BadLogin):
        await office.login("my password is hunter2hunter2", "x", "a")
    with engine.connect() as db:
        raw = db.connection.driver_connection
        assert raw is not None
        kept = "\n".join(raw.iterdump())
    for secret in (code, signed.token, GOOD, "hunter2"):
        assert secret not in kept
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
    assert [line.action for line in office.audit.lines()] == ["login-refused", "login", "join"]
    assert office.audit.verify().fault == ""


@pytest.mark.parametrize("name", ["", "  ", "1st", "a" * 41, "Eve\x1b[2J", "<b>Eve</b>", "[@click=x]"])
async def test_a_name_that_could_do_something_is_refused(office: Office, name: str) -> None:
    """Names are shown to customers and in terminals: letters, digits and little else."""
    await owner(office)
    boss = (await office.login("Otto", GOOD, "a")).member
    with pytest.raises(BadRequest):
        await office.add(boss, name, "clerk")
