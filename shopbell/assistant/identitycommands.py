"""`shopbell identity`: keys of customers, from the machine itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rich_click as click
import sqlalchemy as sa

from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.identity import Keyring
from shopbell.loyalty.identitytries import Tries
from shopbell.loyalty.opening import Place, machine_user, now, opened, shop_option, who
from shopbell.loyalty.qr import qr_svg
from shopbell.storage.database import open_database


@click.group("identity")
def identity_group() -> None:
    """How customers prove who they are: one-time codes, cards, and the key of your own site."""


@identity_group.command()
@click.argument("customer")
@shop_option
@click.pass_obj
def code(place: Place, customer: str, shop: Path) -> None:
    """Print a one-time code for CUSTOMER (id, phone, e-mail or code), to be read out; a lock opens."""
    with _keys(place, shop) as (room, keyring, tries):
        found = who(room, customer)
        made = keyring.issue_code(found, now(), by=machine_user())
        tries.reset(keyring.named(found), now())
    click.echo(f"{made.text[:4]} {made.text[4:]}   good until {made.expires_at.astimezone():%H:%M}, once")


@identity_group.command()
@click.argument("customer")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@shop_option
@click.pass_obj
def card(place: Place, customer: str, file: Path, shop: Path) -> None:
    """Write the QR code of CUSTOMER's card to FILE (SVG); an earlier card ends."""
    with _keys(place, shop) as (room, keyring, _):
        text = keyring.issue_card(who(room, customer), now())
    file.write_text(qr_svg(text))
    click.echo(f"{file}: the card. Whoever holds it is taken for the customer, so hand it over in person.")


@identity_group.command()
@click.argument("customer")
@shop_option
@click.pass_obj
def unlock(place: Place, customer: str, shop: Path) -> None:
    """Let the PIN of CUSTOMER be tried again after it was wrong too often."""
    with _keys(place, shop) as (room, keyring, tries):
        tries.reset(keyring.named(who(room, customer)), now())
    click.echo("The PIN can be tried again.")


@identity_group.command("site-key")
@shop_option
@click.pass_obj
def site_key(place: Place, shop: Path) -> None:
    """Print the key with which your own site's server signs in its customers; keep it secret."""
    from shopbell.assistant.reception import derived  # noqa: PLC0415 - it loads much that the others need not

    with _keys(place, shop) as (room, _, _tries):
        click.echo(derived(room.secret, "site").hex())


@contextmanager
def _keys(place: Place, shop: Path) -> Iterator[tuple[Backroom, Keyring, Tries]]:
    from shopbell.assistant.reception import keyring  # noqa: PLC0415 - as above

    with opened(place, shop, as_json=False) as room:
        engine: sa.Engine = open_database(place.shop_dir(shop) / "shop.db")
        try:
            yield room, keyring(engine, room), Tries(engine)
        finally:
            engine.dispose()
