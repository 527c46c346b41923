"""The command line itself: what it loads, and what it says of its commands."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from shopbell.assistant.cli import main

HEAVY = ("chromadb", "litestar", "sqlalchemy", "onnxruntime", "textual", "numpy", "httpx", "alembic")
MOST_TIMES_PYTHON = 7.0
"""Processor time of a help page, in starts of Python with click: 3.5 to 4 of them were seen."""
_PYTHON = """
import resource
import asyncio, click
used = resource.getrusage(resource.RUSAGE_SELF)
print("seconds", used.ru_utime + used.ru_stime)
"""
_HELP = """
import resource, sys
from shopbell.assistant.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code
used = resource.getrusage(resource.RUSAGE_SELF)
print("loaded", *sorted(set({heavy!r}) & set(sys.modules)))
print("seconds", used.ru_utime + used.ru_stime)
"""


@pytest.mark.parametrize("words", [["--help"], ["console", "--help"], ["--version"], ["models", "--help"]])
def test_help_loads_no_engine_and_is_there_at_once(words: list[str]) -> None:
    """Help needs no engine, no database and no web server, and is there in a fraction of a second."""
    program = _HELP.format(heavy=HEAVY)
    runs = [run_python(program, *words) for _ in range(3)]  # the later ones find the first's compiled modules
    assert runs[-1][-2].split() == ["loaded"]
    python = min(cpu_s(run_python(_PYTHON)) for _ in range(2))
    assert min(cpu_s(run) for run in runs) < MOST_TIMES_PYTHON * python


def run_python(program: str, *words: str) -> list[str]:
    """Return the lines that the program prints."""
    run = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def cpu_s(said: list[str]) -> float:
    """Return the seconds of processor time that the last line tells."""
    return float(said[-1].split()[1])


def test_help_says_of_each_command_what_the_command_says() -> None:
    """The lines in the list of commands are those of the commands themselves; each can be loaded."""
    above = click.Context(main, info_name="shopbell")
    shown = {name: main.get_command(above, name) for name in main.list_commands(above)}
    assert len(shown) > 10
    for name, stub in shown.items():
        _, command, _ = main.resolve_command(above, [name])
        assert stub is not None
        assert command is not None
        assert command.get_short_help_str(200) == stub.get_short_help_str(200), name


def test_an_unknown_command_is_told() -> None:
    """A misspelt command is refused in words, and no command at all shows the help."""
    wrong = CliRunner().invoke(main, ["sreve"])
    assert wrong.exit_code == 2
    assert "sreve" in wrong.output
    assert "Usage" in CliRunner().invoke(main, []).output
