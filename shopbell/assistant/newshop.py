"""`shopbell init`: a small, complete shop folder to start from. Never writes over a file."""

from importlib import resources
from pathlib import Path

from shopbell.assistant.errors import SettingsError

_FILES = {
    "shop.toml": "shop.toml",
    "faq.md": "faq/first-answers.md",
    "catalogue.csv": "catalogue.csv",
    "golden.csv": "golden.csv",
    "programme.toml": "programme.toml",
}


def make(folder: Path) -> tuple[Path, ...]:
    """Write the template into a new or empty folder and return the files made.

    Raises SettingsError when the folder holds something already or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder}: is not an empty folder. Name a new one, so that nothing is lost.")
    template = resources.files("shopbell.assistant") / "template"
    made = []
    try:
        for name, place in _FILES.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((template / name).read_bytes())
            made.append(path)
    except OSError as error:
        raise SettingsError(
            f"{folder}: cannot be written ({error.strerror}). Name another folder."
        ) from error
    return tuple(made)
