"""`shopbell console`: opens the staff console. The console itself is loaded only then."""

import importlib
from collections.abc import Callable
from typing import cast

import rich_click as click

from shopbell.tui.errors import ConsoleError

URL = "http://127.0.0.1:8000"
WEB_PORT = 8001


@click.command("console")
@click.option("--url", default=URL, show_default=True, help="Where `shopbell serve` answers.")
@click.option("--web", is_flag=True, help="Serve it to a browser on this machine instead.")
@click.option("--port", default=WEB_PORT, show_default=True, type=click.IntRange(1, 65535), help="For --web.")
@click.option("--linear", is_flag=True, help="Plain lines, no boxes: for screen readers.")
def console_command(url: str, web: bool, port: int, linear: bool) -> None:
    """Open the staff console: see every conversation, step in, hand back."""
    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--url must begin with http:// or https://, as in http://127.0.0.1:8000.")
    try:
        if web:
            click.echo(f"The console answers at http://127.0.0.1:{port}   (Ctrl-C stops it)")
            _launch("run_in_browser")(url, port)
        elif linear:
            _launch("run_linear")(url)
        else:
            _launch("run")(url)
    except ConsoleError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
    except (KeyboardInterrupt, EOFError):
        return


def _launch(name: str) -> Callable[..., None]:
    """Return a way to launch; loading it takes a fifth of a second that no other command should pay."""
    return cast("Callable[..., None]", getattr(importlib.import_module("shopbell.tui.launch"), name))
