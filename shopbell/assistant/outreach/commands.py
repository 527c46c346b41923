"""`shopbell outreach`: the messages the shop writes first, from the machine itself."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import rich_click as click
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.outreach.letter import Letter
from shopbell.assistant.outreach.lift import Lift, Span
from shopbell.assistant.outreach.occasion import LABELS
from shopbell.assistant.outreach.office import Office, Stores
from shopbell.assistant.outreach.opening import Premises, mail_server, stores
from shopbell.assistant.outreach.outcomes import lifts
from shopbell.assistant.outreach.reckoned import Reckoned
from shopbell.assistant.outreach.tables import State
from shopbell.assistant.outreach.templates import Finding, fill, lint, read_templates
from shopbell.assistant.privacy.opening import Machine, now, opened, shop_option, told
from shopbell.assistant.settings import Settings, load
from shopbell.loyalty.backroom import About, open_backroom
from shopbell.loyalty.money import money
from shopbell.loyalty.opening import by_option, json_option, print_json
from shopbell.storage.worker import Worker

T = TypeVar("T")
_STATES: tuple[State, ...] = ("waiting", "released")


class Place(Machine, Protocol):
    """What the commands need of the machine they run on."""

    def about(self, shop: Path) -> About:
        """Return what the shop's settings say of its programme."""
        ...


class Desk(Struct, frozen=True, kw_only=True):
    """What a command works with."""

    settings: Settings
    database: sa.Engine
    parts: Stores
    premises: Premises


@click.group("outreach")
def outreach_group() -> None:
    """Messages the shop writes first: read, release, refuse, send; and what they change."""


@outreach_group.command("list")
@click.option("--all", "every", is_flag=True, help="Also what is over.")
@json_option
@shop_option
@click.pass_obj
def list_letters(here: Place, every: bool, as_json: bool, shop: Path) -> None:
    """List the drafts that wait for you, and what is released."""
    with _desk(here, shop) as desk:
        found = desk.parts.judging.letters(*(() if every else _STATES))
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(f"{one.id[:8]}  {one.state:<9} {one.way:<6} {LABELS[one.trigger]:<18} {one.why}")
    if not found:
        on = ", ".join(desk.settings.outreach.on)
        off = "None is switched on: see [outreach] in docs/owner.md."
        click.echo(f"Nothing waits. Switched on: {on}." if on else f"Nothing waits. {off}")


@outreach_group.command("preview")
@click.argument("letter", required=False)
@json_option
@shop_option
@click.pass_obj
def preview(here: Place, letter: str | None, as_json: bool, shop: Path) -> None:
    """Show LETTER whole; without one, whom the shop could write to today, and keep nothing."""
    with _desk(here, shop) as desk:
        if letter:
            one = desk.parts.judging.of(letter)
            print_json(one) if as_json else click.echo(_whole(one))
            return
        found = list(desk.parts.occasions.find(desk.settings.outreach.on, desk.premises.now()))
        words = [fill(desk.parts.words[one.trigger], one.facts) for one in found]
    if as_json:
        print_json([{"occasion": one, "words": text} for one, text in zip(found, words, strict=True)])
        return
    for occasion, text in zip(found, words, strict=True):
        click.echo(f"--- {LABELS[occasion.trigger]} for {occasion.customer}: {occasion.why}")
        click.echo(f"{text.subject}\n\n{text.text}\n")
    click.echo(f"{len(found)} occasions today. Consent, cap and hours are looked at again before each goes.")


@outreach_group.command("draft")
@json_option
@shop_option
@click.pass_obj
def draft(here: Place, as_json: bool, shop: Path) -> None:
    """Write today's drafts now; the server does so once a day."""
    with _desk(here, shop) as desk:
        made = asyncio.run(_with_office(desk, lambda office: office.draft(again=True)))
    print_json({"drafts": made}) if as_json else click.echo(f"{made} new drafts.")


@outreach_group.command("release")
@click.argument("letters", nargs=-1, required=True)
@by_option
@json_option
@shop_option
@click.pass_obj
def release(here: Place, letters: tuple[str, ...], by: str, as_json: bool, shop: Path) -> None:
    """Let LETTERS go, each as soon as consent, cap and hours allow."""
    with _desk(here, shop) as desk:
        done = [desk.parts.judging.release(one, by, now()) for one in letters]
    print_json(done) if as_json else click.echo(f"{len(done)} released.")


@outreach_group.command("refuse")
@click.argument("letters", nargs=-1, required=True)
@click.option("--why", default="", help="For your colleagues.")
@by_option
@json_option
@shop_option
@click.pass_obj
def refuse(here: Place, letters: tuple[str, ...], why: str, by: str, as_json: bool, shop: Path) -> None:
    """Never send LETTERS."""
    with _desk(here, shop) as desk:
        done = [desk.parts.judging.refuse(one, by, why) for one in letters]
    print_json(done) if as_json else click.echo(f"{len(done)} refused.")


@outreach_group.command("send")
@json_option
@shop_option
@click.pass_obj
def send(here: Place, as_json: bool, shop: Path) -> None:
    """Send now what was released and may go; the server does so every minute."""
    with _desk(here, shop) as desk:
        done = asyncio.run(_with_office(desk, _sent))
    if as_json:
        print_json({"sends_mail": done is not None, "letters": done or []})
    elif done is None:
        click.echo("E-mail cannot be sent: set [mail] host and [outreach] address in shop.toml.", err=True)
        raise SystemExit(1)
    else:
        click.echo(f"{len(done)} tried: {', '.join(done)}." if done else "Nothing may go now.")


async def _sent(office: Office) -> list[State] | None:
    return await office.send() if office.sends_mail else None


@outreach_group.command("lint")
@json_option
@shop_option
def lint_words(as_json: bool, shop: Path) -> None:
    """Look through the shop's words for false urgency, guilt and numbers that nobody looked up."""
    with told():
        load(shop)
        found: list[Finding] = lint(read_templates(shop))
    if as_json:
        print_json(found)
    else:
        for one in found:
            click.echo(str(one))
        click.echo("Nothing to find fault with." if not found else f"{len(found)} faults.", err=bool(found))
    if found:
        raise SystemExit(1)


@outreach_group.command("lift")
@json_option
@shop_option
@click.pass_obj
def show_lift(here: Place, as_json: bool, shop: Path) -> None:
    """Say what each campaign changed, compared with those who were held out by lot."""
    with _desk(here, shop) as desk:
        currency = desk.settings.shop.currency
        found = lifts(desk.database, desk.settings.outreach, currency, now())
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(lift_text(one, currency, desk.settings.outreach.compare_days))
    if not found:
        click.echo("No campaign is old enough yet.")


def lift_text(one: Lift, currency: str, days: int) -> str:
    """Return what a campaign changed, in a few lines."""
    lines = [
        f"{one.campaign}: {one.treated} drawn to be written to ({one.sent} were), {one.held} held out.",
        f"  came within {days} days: {one.came_treated} and {one.came_held}",
    ]
    if one.visits is not None and one.extra is not None and one.spent is not None:
        more, extra = _span(one.visits, "{:+.1f}"), _span(one.extra, "{:+.0f}")
        lines.append(f"  more came: {more} in 100; that is {extra}")
        low, high = (money(round(each), currency) for each in (one.spent.low, one.spent.high))
        lines.append(f"  spent more: {money(round(one.spent.value), currency)} each ({low} to {high})")
    if one.per_extra_minor is not None:
        per = one.per_extra_minor
        low, high = (money(round(each), currency) for each in (per.low, per.high))
        each = money(round(per.value), currency)
        lines.append(f"  cost {money(one.cost_minor, currency)}: {each} for each who came ({low} to {high})")
    return "\n".join((*lines, *([f"  {one.note}"] if one.note else [])))


def _span(span: Span, form: str) -> str:
    return f"{form.format(span.value)} ({form.format(span.low)} to {form.format(span.high)})"


def _whole(one: Letter) -> str:
    facts = "\n".join(f"  {name}: {value}" for name, value in one.facts.items())
    about = f"{LABELS[one.trigger]}, {one.state}, by {one.way}, until {one.until:%Y-%m-%d}. {one.why}"
    end = "\n".join(filter(None, (one.basis and f"Basis: {one.basis}.", one.outcome)))
    return f"{one.id}\n{about}\n\n{one.subject}\n\n{one.body}\n\nFacts:\n{facts}\n{end}".rstrip()


@contextmanager
def _desk(here: Place, shop: Path) -> Iterator[Desk]:
    from shopbell.assistant.reception import derived  # noqa: PLC0415 - it loads much that `lint` does not need

    with opened(here, shop) as (place, settings):
        room = open_backroom(place.engine, shop, place.folder, here.about(shop))
        premises = Premises(
            shop=shop,
            settings=settings,
            database=place.engine,
            room=room,
            secret=derived(room.secret, "outreach"),
            at_risk=Reckoned(place.engine),
            now=lambda: now().astimezone(settings.zone),
        )
        parts = stores(premises, mail_server(premises))
        yield Desk(settings=settings, database=place.engine, parts=parts, premises=premises)


async def _with_office(desk: Desk, do: Callable[[Office], Awaitable[T]]) -> T:
    worker = Worker("outreach")
    try:
        office = Office(
            desk.parts, mail_server(desk.premises), database=worker, books=worker, now=desk.premises.now
        )
        return await do(office)
    finally:
        await worker.close()
