"""The one place that builds everything; it imports everyone and is imported only by the entry points."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from shopbell.assistant.ahead import reading_ahead
from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.clubhouse import Grounds
from shopbell.assistant.doctor import Finding
from shopbell.assistant.errors import SettingsError, Unavailable
from shopbell.assistant.flows.callback import CallBackFlow
from shopbell.assistant.flows.hours import HoursFlow
from shopbell.assistant.flows.products import ProductFlow
from shopbell.assistant.frontdesk import FrontDesk, open_front_desk
from shopbell.assistant.frontdesk import Parts as DeskParts
from shopbell.assistant.health import health_of
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.protocol import Beginning
from shopbell.assistant.llm.requests import EngineSettings
from shopbell.assistant.lookup import Lookup
from shopbell.assistant.prompt import PREFIX
from shopbell.assistant.reader import Reader
from shopbell.assistant.reception import open_reception
from shopbell.assistant.rules import Rules
from shopbell.assistant.settings import Settings, load
from shopbell.assistant.shelf import Shelf
from shopbell.assistant.sifting import Sifter, beginning
from shopbell.assistant.turn import Turn
from shopbell.assistant.wares import Shops
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.knowledge.embedding import Embedder, MiniLM
from shopbell.knowledge.errors import KnowledgeError
from shopbell.knowledge.gaps import Gaps
from shopbell.knowledge.library import Library
from shopbell.knowledge.press import IndexPress
from shopbell.knowledge.watch import watch_shop
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles
from shopbell.models.meter import meter
from shopbell.storage.database import open_database
from shopbell.storage.worker import Worker

SUGGESTIONS = 4
"""Questions offered at the start."""
CHECK_AFTER_S = 25.0
"""Seconds for which a shop opens before its golden questions are asked: they would take one of two cores."""


class Here(Shops):
    """This machine: where data is kept and which engines are at hand. Shared by all commands."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._embedder: Embedder | None = None

    def embedder(self) -> Embedder:
        """Return the embedder, loaded once. Raises ModelsError when its files are not here."""
        if self._embedder is None:
            files = ModelFiles(self.data_dir, known_models(self.data_dir))
            self._embedder = MiniLM(files.locate("minilm").folder)
        return self._embedder

    def shop_dir(self, shop: Path) -> Path:
        """Return where this shop's own data is kept: one folder for each path."""
        place = shop.resolve()
        return self.data_dir / "shops" / f"{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"

    def open_library(self, shop: Path) -> Library:
        """Open the knowledge of a shop as the server does; raises KnowledgeError for a bad shop.toml too."""
        try:
            settings = load(shop)
        except SettingsError as error:
            raise KnowledgeError(str(error)) from error
        return _library(self, shop, settings, lambda: datetime.now(UTC))

    def engine(self, name: str) -> EngineSettings | None:
        """Return the language model's settings, or None when its file is not on this machine."""
        files = ModelFiles(self.data_dir, known_models(self.data_dir))
        with contextlib.suppress(ModelsError):
            return EngineSettings(model=files.locate(name).main, data=self.data_dir)
        return None


class House:
    """One shop, standing."""

    def __init__(
        self,
        *,
        settings: Settings,
        library: Library,
        desk: FrontDesk,
        model: WorkerModel,
        loyalty: LoyaltyDesk | None,
    ) -> None:
        self.loyalty = loyalty  # None for a shop without a programme
        self.settings = settings
        self.library = library
        self.conversations = desk.conversations
        self.staff = desk.staff
        self.model = model

    async def model_settled(self, seconds: float) -> None:
        """Wait until the model answers, is known not to, or the seconds are over."""
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(seconds):
                await self.model.ready()


@asynccontextmanager
async def open_house(
    here: Here, shop: Path, *, watch: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[House]:
    """Build the shop and take it down again.

    Raises SettingsError, KnowledgeError, ModelsError or StorageError, each saying what to do.
    """
    settings = load(shop)
    writer, searcher = Worker("log"), Worker("search")
    try:
        async with WorkerModel(here.engine(settings.engine.model)) as model:
            library = await searcher.call(_library, here, shop, settings, clock)
            database = await writer.call(open_database, here.shop_dir(shop) / "shop.db")
            parts = await searcher.call(_Parts, here, shop, settings, library, clock)
            model.warm(Beginning(messages=PREFIX), beginning(settings.engine.model))
            ladder = _ladder(here, settings, model, parts, searcher, Gaps(database, here.embedder()))
            desk_parts = DeskParts(
                settings=settings,
                database=database,
                writer=writer,
                ladder=ladder,
                lines=parts.lines,
                library=library,
                model=model,
                rehearse=lambda: IndexPress(here.shop_dir(shop) / "rehearsal", here.embedder()),
                count=here.embedder().token_count,
                folder=here.shop_dir(shop),
                now=lambda: clock().astimezone(settings.zone),
                suggestions=lambda: _suggestions(settings, library),
                health=lambda live: health_of(live, library, model),
            )
            background = (_watching(library, enabled=watch), reading_ahead(model, library, enabled=watch))
            async with open_front_desk(desk_parts) as desk, background[0], background[1]:
                grounds = Grounds.of(desk_parts, shop, clock, desk.staff.office)
                async with open_reception(grounds, desk, searcher, here.embedder(), work=watch) as club:
                    yield House(settings=settings, library=library, desk=desk, model=model, loyalty=club)
    finally:
        await searcher.close()
        await writer.close()


def _ladder(
    here: Here, settings: Settings, model: WorkerModel, parts: "_Parts", searcher: Worker, gaps: Gaps
) -> Ladder:
    reader = Reader(
        model,
        here.embedder().embed,
        settings.shop.name,
        settings.assistant,
        name=settings.engine.model,
        deadline_s=settings.engine.deadline_s,
    )
    return Ladder(
        lookup=parts.lookup,
        sifter=Sifter(model, name=settings.engine.model, deadline_s=settings.engine.deadline_s),
        reader=reader,
        forget=model.forget,
        lines=parts.lines,
        worker=searcher,
        keep_gap=lambda text, turn: _keep_gap(gaps, text, turn),
    )


class _Parts:
    """What is built from the library in its own thread: embedding the phrases takes a while."""

    def __init__(
        self, here: Here, shop: Path, settings: Settings, library: Library, clock: Callable[[], datetime]
    ) -> None:
        calendar = OpeningHours(settings)
        products = ProductFlow(lambda: library.catalogue, settings.shop.currency)
        titles = [passage.title for passage in library.passages if passage.kind == "faq"]
        self.lines = Lines(settings, calendar)
        self.lookup = Lookup(
            rules=Rules(here.embedder().embed, titles, here.shop_dir(shop)),
            flows=(CallBackFlow(calendar, self.lines), HoursFlow(calendar), products),
            knowledge=Shelf(library, products, lambda: clock().astimezone(settings.zone)),
            lines=self.lines,
        )


def _library(here: Here, shop: Path, settings: Settings, clock: Callable[[], datetime]) -> Library:
    folder = here.shop_dir(shop)
    return Library(
        shop,
        engine=open_database(folder / "shop.db"),
        press=IndexPress(folder / "index", here.embedder(), told=meter("sentences of the shop read")),
        count=here.embedder().token_count,
        clock=clock,
        zone=settings.zone,
    )


@asynccontextmanager
async def _watching(library: Library, *, enabled: bool) -> AsyncIterator[None]:
    if not enabled:
        yield
        return
    worker = Worker("ingest")  # its own: an edit must not make a customer wait
    try:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(watch_shop(library, worker, check_after_s=CHECK_AFTER_S))
            try:
                yield
            finally:
                task.cancel()
    finally:
        await worker.close()


def _keep_gap(gaps: Gaps, text: str, turn: Turn) -> None:
    gaps.keep(text, turn.now)


def _suggestions(settings: Settings, library: Library) -> tuple[str, ...]:
    if settings.assistant.suggestions:
        return settings.assistant.suggestions
    today = library.today()
    by_topic: dict[str, str] = {}
    for passage in library.passages:
        if passage.kind == "faq" and passage.title.endswith("?") and passage.is_valid(today):
            by_topic.setdefault(passage.topic, passage.title)
    return tuple(by_topic.values())[:SUGGESTIONS]


def shop_findings(here: Here, shop: Path, settings: Settings) -> Iterator[Finding]:
    """Examine the shop's knowledge for `doctor`."""
    library = _library(here, shop, settings, lambda: datetime.now(UTC))
    counts = f"{len(library.passages)} passages, {len(library.catalogue)} products."
    yield Finding("knowledge", "ok" if library.passages else "warn", counts)
    for problem in library.problems:
        yield Finding("knowledge", "warn", str(problem))
