from pathlib import Path

import click
import msgspec
from click.testing import CliRunner

from shopbell.models.commands import ModelLine, models_group


def listed(arguments: list[str], **environment: str) -> str:
    """Run `models list` under a command with a `--data` of its own and return the folder it looked into."""

    @click.group()
    @click.option("--data", type=click.Path(path_type=Path))
    def main(data: Path | None) -> None:
        """Stand for `shopbell` itself."""

    main.add_command(models_group)
    result = CliRunner(env=environment).invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return msgspec.json.decode(result.output, type=list[ModelLine])[0].folder


def test_the_data_folder_of_the_whole_command_line_counts(tmp_path: Path) -> None:
    """`shopbell --data X models list` looks into X, and `models list --data Y` into Y."""
    above, below = str(tmp_path / "above"), str(tmp_path / "below")
    assert listed(["--data", above, "models", "list", "--json"]).startswith(above)
    assert listed(["--data", above, "models", "list", "--data", below, "--json"]).startswith(below)
    assert listed(["models", "list", "--json"], SHOPBELL_DATA=below).startswith(below)
