"""How the language model's worker is started, and how once the processor has refused an instruction."""

from msgspec.structs import replace

from shopbell.assistant.llm.requests import EngineSettings
from shopbell.models.launch import Launch


def launch_of(factory: str, settings: EngineSettings | None) -> Launch:
    """Return the launch of an engine; without settings it is never used."""
    if settings is None:
        return Launch(factory=factory, settings=b"")
    cautious = replace(settings, plain=True).encode()
    return Launch(factory=factory, settings=settings.encode(), cautious=cautious)
