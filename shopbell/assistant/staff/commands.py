"""`shopbell staff` and `shopbell audit`: the accounts and the log, from the machine itself."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, get_args

import rich_click as click

from shopbell.assistant.deferred import Deferred
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.names import checked_name
from shopbell.assistant.staff.roster import Roster
from shopbell.assistant.staffwire import Role
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError

ACTOR = "the command line"
"""Who the audit log names: whoever may run commands on this machine."""
_shop = click.option(
    "--shop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_role = click.Choice(get_args(Role))
_ALSO = {
    "bias": (
        "shopbell.assistant.privacy.biascommand:bias_command",
        "Let twins ask the same, who differ in name, dialect, politeness or spelling; compare what they get.",
    )
}


class Place(Protocol):
    """Where a shop's data lies."""

    def shop_dir(self, shop: Path) -> Path:
        """Return the folder of this shop's data."""
        ...


@click.group("staff")
def staff_group() -> None:
    """Who works here and may use the console."""


@staff_group.command("list")
@_shop
@click.pass_obj
def list_staff(here: Place, shop: Path) -> None:
    """List everybody."""
    with _book(here, shop) as (roster, _):
        for account in roster.accounts():
            seen = f"{account.seen_at:%Y-%m-%d %H:%M}" if account.seen_at else "never signed in"
            click.echo(f"{account.name:<24} {account.role:<8} {account.state:<8} {seen}")


@staff_group.command()
@click.argument("name")
@click.option("--role", type=_role, default="clerk", show_default=True)
@_shop
@click.pass_obj
def add(here: Place, name: str, role: Role, shop: Path) -> None:
    """Invite NAME, who chooses a password with the code that is printed."""
    with _book(here, shop) as (roster, _):
        code = secrets.token_urlsafe(24)
        _tell(code, roster.add(ACTOR, checked_name(name), role, code))


@staff_group.command("role")
@click.argument("name")
@click.argument("role", type=_role)
@_shop
@click.pass_obj
def change_role(here: Place, name: str, role: Role, shop: Path) -> None:
    """Give NAME another ROLE: clerk, manager or owner."""
    with _book(here, shop) as (roster, _):
        roster.change_role(ACTOR, name, role)
        click.echo(f"{name} is {role} now.")


@staff_group.command()
@click.argument("name")
@_shop
@click.pass_obj
def revoke(here: Place, name: str, shop: Path) -> None:
    """End the account of NAME; open consoles close within a second."""
    with _book(here, shop) as (roster, _):
        roster.revoke(ACTOR, name)
        click.echo(f"{name} may not sign in any more.")


@staff_group.command()
@click.argument("name")
@_shop
@click.pass_obj
def reset(here: Place, name: str, shop: Path) -> None:
    """Void the password of NAME, who chooses another with the code that is printed."""
    with _book(here, shop) as (roster, _):
        code = secrets.token_urlsafe(24)
        _tell(code, roster.reset(ACTOR, name, code)[1])


class _Audit(Deferred):
    """The group, with what runs the whole shop loaded only when it is called."""

    deferred = _ALSO


@click.group("audit", cls=_Audit)
def audit_group() -> None:
    """Read and prove the log of what staff did."""


@audit_group.command()
@_shop
@click.pass_obj
def verify(here: Place, shop: Path) -> None:
    """Follow the log's chain; exit code 1 when it is broken."""
    with _book(here, shop) as (_, audit):
        proof = audit.verify()
    if proof.fault:
        click.echo(f"BROKEN: {proof.fault}. {proof.rows} lines before it hold.", err=True)
        raise SystemExit(1)
    click.echo(f"{proof.rows} lines hold. The last seal is {proof.head.hex()}.")


@audit_group.command()
@click.option("--last", default=50, show_default=True, type=click.IntRange(1, 10_000))
@_shop
@click.pass_obj
def show(here: Place, last: int, shop: Path) -> None:
    """Print the last lines of the log."""
    with _book(here, shop) as (_, audit):
        for line in reversed(audit.lines(limit=last)):
            told = (line.at, line.actor, line.action, line.target, line.detail)
            click.echo(f"{line.seq:>6} {' '.join(text for text in told if text)}")


@contextmanager
def _book(here: Place, shop: Path) -> Iterator[tuple[Roster, AuditLog]]:
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - passed on as it is
    try:
        engine = open_database(here.shop_dir(shop) / "shop.db")
        try:
            audit = AuditLog(engine, clock)
            yield Roster(engine, audit, clock), audit
        finally:
            engine.dispose()
    except (AssistantError, StorageError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None


def _tell(code: str, until: datetime) -> None:
    click.echo(f"Hand over this code in person; it works once, until {until:%Y-%m-%d %H:%M} UTC:")
    click.echo(f"  {code}")
