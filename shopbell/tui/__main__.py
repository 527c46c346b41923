"""`python -m shopbell.tui`: the console alone, without the rest of the command line to load."""

from shopbell.tui.commands import console_command

console_command()
