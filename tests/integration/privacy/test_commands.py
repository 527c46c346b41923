"""The commands of privacy, from the command line to the files."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shopbell.assistant.privacy.backupcommands import PASSPHRASE, backup_command, restore_command
from shopbell.assistant.privacy.commands import privacy_group
from shopbell.knowledge.embedding import Embedder
from shopbell.models.errors import ModelsError
from tests.fakes.zelda import NAME, PHRASE, Shop, hits


class Place:
    """A machine without models."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder.parent
        self._folder = folder

    def shop_dir(self, _: Path) -> Path:
        """Return the shop's data."""
        return self._folder

    def embedder(self) -> Embedder:
        """Have none."""
        raise ModelsError("none here")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "shop.toml").write_text('[shop]\nname = "Shop"\ncountry = "GB"\n')
    return folder


def run(shop: Shop, command: object, *words: str, phrase: str = PHRASE) -> Result:
    return CliRunner().invoke(command, words, obj=Place(shop.folder), env={PASSPHRASE: phrase})  # type: ignore[arg-type]


def test_export_erase_and_restore_by_command(shop: Shop, own: Path, tmp_path: Path) -> None:
    """An owner backs up, exports by phone, erases by e-mail, and puts the old backup back."""
    done = run(shop, backup_command, str(tmp_path / "usb"), "--shop", str(own))
    assert done.exit_code == 0, done.output
    file = next((tmp_path / "usb").glob("*.shopbell-backup"))
    words = ("export", "07700 900987", "--out", str(tmp_path / "out"), "--shop", str(own))
    assert run(shop, privacy_group, *words).exit_code == 0
    assert NAME in (tmp_path / "out" / "everything.html").read_text()
    done = run(shop, privacy_group, "erase", "zelda.quillfeather@example.com", "--yes", "--shop", str(own))
    assert done.exit_code == 0, done.output
    assert "nothing was found" in done.output
    assert hits(shop.folder) == {}
    shop.engine.dispose()
    refused = run(shop, restore_command, str(file), "--shop", str(own))
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    wrong = run(shop, restore_command, str(file), "--replace", "--shop", str(own), phrase="another phrase")
    assert wrong.exit_code == 1
    assert "not the passphrase" in wrong.output
    done = run(shop, restore_command, str(file), "--replace", "--shop", str(own))
    assert done.exit_code == 0, done.output
    assert "erased again" in done.output
    assert hits(shop.folder) == {}


def test_who_is_not_there_is_said(shop: Shop, own: Path) -> None:
    """A slip in the number is one clear line."""
    done = run(shop, privacy_group, "erase", "07700 900111", "--yes", "--shop", str(own))
    assert done.exit_code == 1
    assert "Nobody has" in done.output


def test_consents_and_retention_are_shown(shop: Shop, own: Path) -> None:
    """The words, the counts and the limits are printed."""
    done = run(shop, privacy_group, "consents", "--shop", str(own))
    assert re.search(r"marketing +1 yes +0 no", done.output), done.output
    done = run(shop, privacy_group, "retention", "--now", "--shop", str(own))
    assert "conversations    180 days" in done.output


def test_changed_words_need_a_new_version(shop: Shop, own: Path) -> None:
    """Words that were shown are kept: others under the same version are refused, under a new one taken."""
    run(shop, privacy_group, "consents", "--shop", str(own))
    names = ("history", "profiling", "marketing", "recordings", "improvement")
    text = "\n".join(f'[{name}]\ntitle = "T"\ntext = "May we?"' for name in names)
    (own / "consents.toml").write_text(f'version = "2026-11"\n{text}\n')
    done = run(shop, privacy_group, "consents", "--shop", str(own))
    assert done.exit_code == 1
    assert "Give the file a new version" in done.output
    (own / "consents.toml").write_text(f'version = "2026-12"\n{text}\n')
    assert run(shop, privacy_group, "consents", "--shop", str(own)).exit_code == 0
    (own / "consents.toml").write_text('version = "2027"\n')
    assert "needs a title" in run(shop, privacy_group, "consents", "--shop", str(own)).output
