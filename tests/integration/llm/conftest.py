"""The real engine with the smallest model."""

import os
from pathlib import Path

import pytest

from shopbell.assistant.llm.requests import EngineSettings
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles, data_folder


@pytest.fixture(scope="session")
def smol() -> Path:
    """Return the file of the smallest language model; the test is skipped where it was not fetched."""
    data = data_folder(os.environ, Path.home())
    try:
        return ModelFiles(data, known_models(data)).locate("smollm2-135m").main
    except ModelsError as error:
        pytest.skip(f"the small language model is not here ({error}); run `shopbell models fetch`")


@pytest.fixture(scope="session")
def smol_settings(smol: Path, tmp_path_factory: pytest.TempPathFactory) -> EngineSettings:
    """Return settings for it; the measurement of the machine is shared by all tests of the run."""
    return EngineSettings(model=smol, data=tmp_path_factory.mktemp("engine"), cells=2048, sequences=8)
