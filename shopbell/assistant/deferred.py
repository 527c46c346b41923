"""What is loaded only when it is asked for, so that help and small commands answer at once."""

import importlib
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import cast

import rich_click as click

from shopbell.storage.quiet import silence


class Later:
    """Stands for what `make` returns, which is made when something of it is first asked for."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._made, name)

    @cached_property
    def _made(self) -> object:
        return self._make()


def load(where: str) -> Callable[..., object]:
    """Import what `module:attribute` names."""
    silence(os.environ)  # before an engine is imported
    module, _, attribute = where.partition(":")
    return cast("Callable[..., object]", getattr(importlib.import_module(module), attribute))


class Deferred(click.RichGroup):
    """A group that loads each command when it is called, and knows before where it is and what help says."""

    deferred: Mapping[str, tuple[str, str]] = MappingProxyType({})
    """Name -> `module:attribute`, and the line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self.deferred})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or while it was not called one that knows its line alone."""
        if cmd_name in self.commands or cmd_name not in self.deferred:
            return super().get_command(ctx, cmd_name)
        return click.RichCommand(name=cmd_name, help=self.deferred[cmd_name][1])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Load the command that is called."""
        if args[0] in self.deferred and args[0] not in self.commands:
            self.add_command(cast("click.Command", load(self.deferred[args[0]][0])), args[0])
        return super().resolve_command(ctx, args)
