"""Turns over a telephone line beside the same turns over the kiosk's socket: same shop, same sound."""

import argparse
import asyncio
import statistics
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shopbell.assistant.bootstrap import Here, open_house
from shopbell.assistant.telephone import Telephone
from shopbell.voice.audio import first_audible, floats
from shopbell.voice.parlour import Place, open_parlour
from shopbell.voice.phone.codecs import G722, PCMU, Kind
from shopbell.voice.phone.office import Office
from shopbell.voice.phone.opening import open_telephone
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE
from tests.fakes.phone import Phone, a_phone, until

LINE = Telephone(enabled=True, allow=("127.0.0.1",), port=0, ask_rating=False, longest_min=200.0)
BUFFER_S = 0.02
"""Seconds until a packet counts as whole: the next one shows it.

Sound counts when it comes, as in the kiosk's benchmark; a telephone or a browser keeps some of it back.
"""


class Beside(Struct, frozen=True):
    """Middle and slow seconds from the end of speech to the reply's first sound, both ways."""

    asked: int
    turns: int
    """Turns that were answered both ways; the rest of the figures are about them."""
    phone_p50: float
    phone_p95: float
    kiosk_p50: float
    kiosk_p95: float
    turn_by_turn_p50: float
    """The middle of what each turn took more over the line."""

    @property
    def difference(self) -> float:
        """Seconds that the telephone takes more."""
        return round(self.phone_p50 - self.kiosk_p50, 3)


def bench_turn() -> ModuleType:
    """Return the kiosk's benchmark, which has no ending in its name."""
    loader = SourceFileLoader("bench_turn", str(Path(__file__).parent / "bench_turn"))
    spec = spec_from_loader("bench_turn", loader)
    if spec is None:
        raise SystemExit("scripts/bench_turn is missing")
    module = module_from_spec(spec)
    sys.modules["bench_turn"] = module
    loader.exec_module(module)
    return module


async def measure(shop: Path, wav: list[Path], data: Path, rounds: int, most: int, *, wide: bool) -> Beside:
    """Speak every turn over the line, then over the socket: the sounds given, or so many questions."""
    kiosk, here = bench_turn(), Here(data)
    options = argparse.Namespace(wav=wav, rounds=1, shop=shop, ask=kiosk.QUESTIONS[:most])
    async with open_house(here, shop, watch=False) as house:
        place = Place(
            data=data,
            folder=here.shop_dir(shop),
            conversations=house.conversations,
            settings=replace(house.settings, phone=LINE),
            library=house.library,
        )
        async with open_parlour(place, render=False) as parlour:
            await parlour.settled(180.0)
            await house.model_settled(180.0)
            await kiosk.warmed(options.ask, house, parlour)
            spoken = await kiosk.sounds(options, parlour.speech)
            line, socket = list[float](), list[float]()
            for number in range(rounds):  # who comes second finds the machine warmer: they take turns at it
                for way in ("line", "socket")[:: -1 if number % 2 else 1]:
                    if way == "line":
                        async with open_telephone(place, parlour) as office, a_phone() as phone:
                            line += await _call(office, phone, spoken, G722 if wide else PCMU)
                    else:
                        socket += [
                            turn.sound_s for turn in await kiosk.over_the_socket(options, house, parlour)
                        ]
    return _beside(line, socket)


async def _call(office: Office, phone: Phone, spoken: list[tuple[str, bytes]], kind: Kind) -> list[float]:
    await phone.dial(office.address, kind=kind, waiting=1)
    await phone.hears_something(60)
    await phone.hears_silence(1.5, 90)
    found = [await _turn(office, phone, resampled(sound, RATE, phone.kind.rate)) for _, sound in spoken]
    for (asked, _), seconds in zip(spoken, found, strict=True):
        print(f"line   sound {seconds:5.2f}  {asked!r}", file=sys.stderr, flush=True)
    phone.hang_up()
    return found


async def _turn(office: Office, phone: Phone, sound: bytes) -> float:
    """Speak one turn; return the seconds until the reply sounds, 0 when none did."""
    loop, rate = asyncio.get_running_loop(), phone.kind.rate
    (call,) = office.switchboard._calls.values()  # noqa: SLF001 - the line is looked into as it is measured
    session = call._session if call else None  # noqa: SLF001
    if session is None or phone.sound is None:
        raise SystemExit("the call is over")
    loud = np.flatnonzero(np.abs(floats(sound)) > 0.01)  # noqa: PLR2004 - -40 dB
    replied = list[float]()

    def heard(pcm: bytes, _stamp: int) -> None:
        phone.heard.extend(pcm)
        if first_audible(pcm) is not None and _is_reply(session):
            replied.append(loop.time())

    began = loop.time()
    await phone.play(sound)
    ended = began + (int(loud[-1]) if loud.size else 0) / rate
    phone.sound.on_audio = heard
    try:
        await until(lambda: bool(replied), 40)
    except TimeoutError:
        return 0.0
    await phone.hears_silence(1.0, 90)
    return replied[0] - ended


def _is_reply(session: PhoneSession) -> bool:
    """Say whether what sounds now is an answer, and nothing that the house says while it is looked for."""
    mouth, at = session._mouth, session._parts.media.heard_s - BUFFER_S  # noqa: SLF001
    return any(
        piece.order.reply and piece.start_s <= at + BUFFER_S and at <= piece.start_s + piece.length_s
        for piece in mouth._pieces  # noqa: SLF001
    ) and not any(
        not piece.order.reply and piece.start_s <= at <= piece.start_s + piece.length_s
        for piece in mouth._pieces  # noqa: SLF001
    )


def _beside(phone: list[float], kiosk: list[float]) -> Beside:
    """Compare turns that were answered both ways; 0 stands for no answer."""
    both = [(line, socket) for line, socket in zip(phone, kiosk, strict=True) if line and socket]
    line, socket = ([pair[way] for pair in both] for way in (0, 1))

    def slow(found: list[float]) -> float:
        return sorted(found)[round(0.95 * (len(found) - 1))]

    return Beside(
        asked=len(phone),
        turns=len(both),
        phone_p50=round(statistics.median(line), 3),
        phone_p95=round(slow(line), 3),
        kiosk_p50=round(statistics.median(socket), 3),
        kiosk_p95=round(slow(socket), 3),
        turn_by_turn_p50=round(statistics.median(first - second for first, second in both), 3),
    )
