"""`shopbell backup` and `shopbell restore`."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import rich_click as click

from shopbell.assistant.privacy.backups import DATABASE, backup, expire, restore
from shopbell.assistant.privacy.opening import Machine, now, opened, shop_option, told
from shopbell.assistant.staff.commands import ACTOR
from shopbell.storage.errors import BackupRefused

PASSPHRASE = "SHOPBELL_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable
_KEEP_DAYS = 35
_passphrase = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"File whose first line is the passphrase; else {PASSPHRASE}, else you are asked.",
)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_passphrase
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3_650),
    default=_KEEP_DAYS,
    show_default=True,
    help="Older backups in FOLDER are deleted.",
)
@shop_option
@click.pass_obj
def backup_command(
    here: Machine, folder: Path, passphrase_file: Path | None, keep_days: int, shop: Path
) -> None:
    """Back the shop up into FOLDER, encrypted, while it is open."""
    with opened(here, shop) as (place, settings):
        words = _ask(passphrase_file, confirm=True)
        made = backup(place, settings.shop.name, folder, words, now(), by=ACTOR)
        gone = expire(folder, now(), timedelta(days=keep_days))
    click.echo(f"{made.path}: {made.files} files, {made.bytes / 1e6:.1f} MB, written and read back.")
    for path in gone:
        click.echo(f"deleted {path.name}: older than {keep_days} days")
    click.echo("Without the passphrase nobody can open it, you neither. Keep it on paper, elsewhere.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_passphrase
@click.option("--records-only", is_flag=True, help="Leave the files in the shop's folder as they are.")
@click.option("--replace", is_flag=True, help="Replace what is there now.")
@click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the shop's own files.",
)
@click.pass_obj
def restore_command(
    here: Machine, file: Path, passphrase_file: Path | None, records_only: bool, replace: bool, shop: Path
) -> None:
    """Put back the shop from a backup FILE; whoever was erased since is erased again."""
    with told():
        folder = here.shop_dir(shop)
        if not replace:
            _check_free(folder / DATABASE, shop, records_only=records_only)
        words = _ask(passphrase_file, confirm=False)
        into = None if records_only else shop
        done = restore(file, words, folder, into, now(), draw=secrets.token_bytes, by=ACTOR)
    click.echo(f"{done.shop} as of {done.made_at}: {done.files} files put back.")
    for one in done.again:
        click.echo(f"erased again: {', '.join(one.pseudonyms)}")
    click.echo(f"Now: shopbell serve {shop}")


def _ask(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        if not lines or not lines[0]:
            raise BackupRefused(f"{file}: its first line is empty. Write the passphrase there.")
        return lines[0]
    if PASSPHRASE in os.environ:
        return os.environ[PASSPHRASE]
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))


def _check_free(database: Path, shop: Path, *, records_only: bool) -> None:
    there = database.exists() or (not records_only and shop.exists() and any(shop.iterdir()))
    if there:
        raise BackupRefused(
            f"There is a shop in {shop} already. --replace puts the backup in its place: what was recorded "
            "since the backup is lost then."
        )
