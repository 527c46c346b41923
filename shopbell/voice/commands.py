"""`shopbell talk`: the kiosk's conversation in the terminal, with WAV files in and out."""

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import msgspec
import rich_click as click
from msgspec import Struct

from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations
from shopbell.assistant.deferred import load
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.settings import Settings
from shopbell.knowledge.errors import KnowledgeError
from shopbell.knowledge.library import Library
from shopbell.models.errors import ModelsError
from shopbell.storage.errors import StorageError
from shopbell.voice.audio import read_wav, write_wav
from shopbell.voice.errors import VoiceError
from shopbell.voice.microphone import learn
from shopbell.voice.parlour import Parlour, Place, open_parlour
from shopbell.voice.resampling import resampled
from shopbell.voice.session import Parts, VoiceSession
from shopbell.voice.speech import RATE
from shopbell.voice.vad import Silero, silero_file
from shopbell.voice.wavmedia import WavMedia

PATIENCE_S = 20.0
"""Seconds an answer may take to begin."""
_FAILURES = (AssistantError, KnowledgeError, ModelsError, StorageError, VoiceError)
_NO_MICROPHONE = (
    "There is no library for a live microphone here. Give a WAV file with --in, or use the kiosk page: "
    "shopbell serve, then open /kiosk in Chromium."
)


class _Here(Protocol):
    data_dir: Path

    def shop_dir(self, shop: Path) -> Path: ...


class _House(Protocol):
    conversations: Conversations
    settings: Settings
    library: Library

    async def model_settled(self, seconds: float) -> None: ...


class Turn(Struct, kw_only=True):
    """One turn as `--json` prints it; seconds."""

    file: str
    heard: str = ""
    reply: str = ""
    rung: str = ""
    first_sound_s: float | None = None
    """From the end of the file to the first sound of the answer, fillers included."""


class Talk:
    """Watches a session and writes down its turns."""

    def __init__(self, files: tuple[Path, ...], *, quiet: bool) -> None:
        self.turns = [Turn(file=str(file)) for file in files]
        self._quiet = quiet
        self._at = -1

    async def show(self, frame: Struct) -> None:
        """Take a frame."""
        match frame:
            case wire.Said(who="customer", text=text):
                self._at = min(self._at + 1, len(self.turns) - 1)
                self.turns[self._at].heard = text
                self._tell(f"> {text}")
            case wire.Replied(text=text, rung=rung) if self._at >= 0:
                self.turns[self._at].reply, self.turns[self._at].rung = text, rung
                self._tell(f"{text}   [{rung}]")
            case wire.Said(text=text) | wire.Trouble(text=text):
                self._tell(text)
            case _:
                pass

    def time(self, media: WavMedia) -> None:
        """Add when each answer first sounded."""
        for turn, ended in zip(self.turns, media.ended_at, strict=False):
            sounded = next((at for at in media.sounded_at if at >= ended), None)
            turn.first_sound_s = None if sounded is None else round(sounded - ended, 3)

    def _tell(self, text: str) -> None:
        if not self._quiet:
            click.echo(text)


@click.command()
@click.option(
    "--shop", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The shop's folder."
)
@click.option(
    "--in",
    "spoken",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A WAV file with one turn; give it again for further turns.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write what is said to this WAV file."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option(
    "--calibrate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Learn the shop's noise from 20 seconds of it in a WAV file, and stop.",
)
@click.option("--wait", default=120.0, show_default=True, help="Seconds to wait for the engines to start.")
@click.pass_obj
def talk(
    here: _Here,
    shop: Path,
    spoken: tuple[Path, ...],
    out: Path | None,
    as_json: bool,
    calibrate: Path | None,
    wait: float,
) -> None:
    """Speak with the shop: WAV files in, a WAV file out."""
    try:
        if calibrate is not None:
            _learn(here, shop, calibrate, as_json=as_json)
        elif not spoken:
            raise VoiceError(_NO_MICROPHONE if find_spec("sounddevice") is None else _USE_KIOSK)
        else:
            turns = asyncio.run(_talk(here, shop, spoken, out, wait, quiet=as_json))
            if as_json:
                _print_json({"turns": turns})
    except _FAILURES as error:
        if as_json:
            _print_json({"error": {"code": error.code, "message": str(error)}})
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None


_USE_KIOSK = (
    "A live microphone is heard on the kiosk page only: shopbell serve, then open /kiosk in Chromium."
)


def _learn(here: _Here, shop: Path, file: Path, *, as_json: bool) -> None:
    found = learn(_turn(file), Silero(silero_file()).ear(), here.shop_dir(shop))
    if as_json:
        _print_json(found)
        return
    click.echo(f"noise {found.noise_db:.0f} dB, speech stands {found.snr_db:.0f} dB over it: {found.verdict}")
    click.echo(found.advice)


async def _talk(
    here: _Here, shop: Path, spoken: tuple[Path, ...], out: Path | None, wait: float, *, quiet: bool
) -> list[Turn]:
    sounds = [_turn(file) for file in spoken]
    opened = load("shopbell.assistant.bootstrap:open_house")(here, shop, watch=False)
    async with cast("AbstractAsyncContextManager[_House]", opened) as house:
        place = Place(
            data=here.data_dir,
            folder=here.shop_dir(shop),
            conversations=house.conversations,
            settings=house.settings,
            library=house.library,
        )
        async with open_parlour(place, render=False) as parlour:
            await parlour.settled(wait)
            await house.model_settled(wait)
            watching = Talk(spoken, quiet=quiet)
            media = await _visit(house.conversations, parlour, sounds, watching)
    watching.time(media)
    if out is not None:
        await asyncio.to_thread(out.write_bytes, write_wav(bytes(media.spoken), media.rate))
    return watching.turns


async def _visit(
    conversations: Conversations, parlour: Parlour, sounds: list[bytes], watching: Talk
) -> WavMedia:
    begun = await conversations.open("terminal")
    media = WavMedia(sounds, parlour.speech.speech_rate, patience_s=PATIENCE_S)
    parts = Parts(
        conversations=conversations,
        speech=parlour.speech,
        media=media,
        ears=parlour.ears(),
        show=watching.show,
        clock=asyncio.get_running_loop().time,
        new_key=lambda: secrets.token_urlsafe(12),
    )
    await VoiceSession(parts, begun.conversation).run()
    return media


def _turn(file: Path) -> bytes:
    sound, rate = read_wav(file.read_bytes(), str(file))
    return resampled(sound, rate, RATE)


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
