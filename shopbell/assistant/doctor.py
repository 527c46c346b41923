"""`shopbell doctor`: looks at machine, models, the shop's folder and the disk, and says what to do."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from shopbell.assistant.errors import SettingsError
from shopbell.assistant.settings import Settings, load
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles
from shopbell.storage.precedence import may_go_first

Level = Literal["ok", "warn", "bad"]
LOW_DISK = 0.10
"""Share of free disk below which the owner is warned."""
LITTLE_MEMORY = 3.5e9
"""Bytes of memory below which the default model is too large."""
NEEDED = ("minilm",)
FIRST = "Customers go before this PC's other programs."
BESIDE = (
    "A busy program beside Shopbell makes the first word twice as late. This account may not go before it;"
    " the owner's guide tells how to allow that."
)


class Finding(Struct, frozen=True):
    """One thing looked at."""

    area: str
    level: Level
    text: str
    """What was found and, unless all is well, what to do."""


def examine(shop: Path, data: Path, library: Callable[[Settings], Iterator[Finding]]) -> tuple[Finding, ...]:
    """Look at everything; `library` examines the shop's knowledge once the settings are sound."""
    findings = [*_machine(), *_disk(data)]
    try:
        settings = load(shop)
    except SettingsError as error:
        return (*findings, Finding("settings", "bad", str(error)))
    findings.append(Finding("settings", "ok", f"{settings.shop.name}: shop.toml is sound."))
    models = list(_models(data, settings))
    findings += models
    if not any(finding.level == "bad" for finding in models):
        findings += library(settings)
    return tuple(findings)


def _machine() -> Iterator[Finding]:
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"Python {platform.python_version()}, {cores} cores, {memory / 1e9:.0f} GB of memory."
    if sys.version_info[:2] != (3, 11):
        yield Finding("machine", "bad", f"{text} Shopbell needs Python 3.11; run it with scripts/start.")
    elif memory < LITTLE_MEMORY:
        yield Finding("machine", "warn", f'{text} Set [engine] model = "qwen2.5-0.5b" or add memory.')
    else:
        yield Finding("machine", "ok", text)
    yield Finding("machine", "ok", FIRST if may_go_first() else BESIDE)


def _disk(data: Path) -> Iterator[Finding]:
    place = next(folder for folder in (data, *data.parents) if folder.exists())
    usage = shutil.disk_usage(place)
    text = f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.0f} GB for {data}."
    if usage.free < LOW_DISK * usage.total:
        yield Finding("disk", "warn", f"{text} Free some space: below this, keeping conversations may fail.")
    else:
        yield Finding("disk", "ok", text)


def _models(data: Path, settings: Settings) -> Iterator[Finding]:
    files = ModelFiles(data, known_models(data))
    for name in NEEDED:
        yield _model(files, name, "bad")
    # Without the language model the shop still answers from its rules and its FAQ.
    yield _model(files, settings.engine.model, "warn")


def _model(files: ModelFiles, name: str, if_absent: Level) -> Finding:
    try:
        ready = files.locate(name)
    except ModelsError as error:
        return Finding("models", if_absent, str(error))
    return Finding("models", "ok", f"{name}: {ready.model.title}, {ready.model.size / 1e6:.0f} MB, verified.")
