"""The command line: every verb is a thin call into a service, loaded when it is called."""

import os
import sys
from pathlib import Path

import rich_click as click

from shopbell import __version__
from shopbell.assistant import logs
from shopbell.assistant.deferred import Deferred, Later, load
from shopbell.models.files import data_folder
from shopbell.storage.quiet import silence

_SHOP = "shopbell.assistant.shopfront"
_COMMANDS = {
    "ask": (f"{_SHOP}:ask", "Ask the shop one QUESTION and print the reply, its rung and its sources."),
    "audit": ("shopbell.assistant.staff.commands:audit_group", "Read and prove the log of what staff did."),
    "backup": (
        "shopbell.assistant.privacy.backupcommands:backup_command",
        "Back the shop up into FOLDER, encrypted, while it is open.",
    ),
    "chat": (f"{_SHOP}:chat", "Talk with the shop in this terminal."),
    "console": (
        "shopbell.tui.commands:console_command",
        "Open the staff console: see every conversation, step in, hand back.",
    ),
    "doctor": (
        f"{_SHOP}:doctor",
        "Look at machine, models, settings, knowledge and disk, and say what to do.",
    ),
    "init": (f"{_SHOP}:init", "Make a new shop in FOLDER, small and complete, to write your own words into."),
    "identity": (
        "shopbell.assistant.identitycommands:identity_group",
        "How customers prove who they are: one-time codes, cards, and the key of your own site.",
    ),
    "knowledge": (
        "shopbell.knowledge.commands:knowledge_group",
        "Read, search and test what the shop knows, and see what is missing.",
    ),
    "ledger": ("shopbell.loyalty.backcommands:ledger_group", "Prove the books of points and money."),
    "loyalty": (
        "shopbell.loyalty.commands:loyalty_group",
        "Points, cards and rewards: what customers have, and the books behind it.",
    ),
    "models": ("shopbell.models.commands:models_group", "List, fetch, verify and add the model files."),
    "phone": ("shopbell.voice.phone.commands:phone_group", "How the shop's telephone stands, and its calls."),
    "outreach": (
        "shopbell.assistant.outreach.commands:outreach_group",
        "Messages the shop writes first: read, release, refuse, send; and what they change.",
    ),
    "privacy": (
        "shopbell.assistant.privacy.commands:privacy_group",
        "Show, hand out and erase what the shop keeps about people.",
    ),
    "report": (
        "shopbell.assistant.insight.commands:report_group",
        "Figures of the shop in a file: the week, and the Monday digest.",
    ),
    "restore": (
        "shopbell.assistant.privacy.backupcommands:restore_command",
        "Put back the shop from a backup FILE; whoever was erased since is erased again.",
    ),
    "serve": (
        f"{_SHOP}:serve",
        "Serve the shop in FOLDER: the chat page, the kiosk, the widget and the HTTP interface.",
    ),
    "staff": ("shopbell.assistant.staff.commands:staff_group", "Who works here and may use the console."),
    "talk": ("shopbell.voice.commands:talk", "Speak with the shop: WAV files in, a WAV file out."),
}
"""Name -> where the command is, and the line that help shows of it."""


class _Commands(Deferred):
    deferred = _COMMANDS


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shopbell")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SHOPBELL_DATA",
    default=lambda: data_folder(os.environ, Path.home()),
    show_default="your data folder",
    help="Where models, index and conversations are kept.",
)
@click.pass_context
def main(context: click.Context, data: Path) -> None:
    """Shopbell: an assistant of its own for a small shop."""
    silence(os.environ)
    logs.configure(sys.stderr)
    context.obj = Later(lambda: load("shopbell.assistant.bootstrap:Here")(data))


if __name__ == "__main__":
    main()
