"""A conversation in the terminal: the plainest channel, and a way to try the shop by hand."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import count

import rich_click as click

from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations


async def talk(
    conversations: Conversations, conversation: str, frames: AsyncGenerator[wire.ServerFrame, None]
) -> None:
    """Read lines until an empty one or the end of input, and print what the shop says."""
    greeting = conversations.greeting()
    click.echo(f"{greeting.notice}\n{greeting.greeting}\n(An empty line ends it.)")
    for number in count(1):
        try:
            line = await asyncio.to_thread(input, "\n> ")
        except EOFError:
            return
        if not line.strip():
            return
        await conversations.say(conversation, line, key=f"line-{number}")
        await _print_reply(frames)


async def _print_reply(frames: AsyncGenerator[wire.ServerFrame, None]) -> None:
    shown = ""
    async for frame in frames:
        match frame:
            case wire.Delta(text=text):
                shown += text
                click.echo(text, nl=False)
            case wire.Waiting(place=place, eta_s=eta_s):
                click.echo(f"({place} before you, about {eta_s:.0f} s)")
            case wire.Replied() as reply:
                click.echo("" if shown else reply.text)
                titles = ", ".join(source.title for source in reply.sources)
                click.echo(
                    f"  [{reply.rung}, {reply.timings.total_s:.2f} s{': ' + titles if titles else ''}]"
                )
                return
            case wire.Said(who="notice", text=text):
                click.echo(text)
            case _:
                pass
