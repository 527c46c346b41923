"""The house's own rules, as far as a machine can hold them."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".toml", ".md", ".js", ".css", ".html", ".cmake", ".csv", ".lock", ""}


def tracked() -> list[Path]:
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in out.decode().split("\0") if name]


def text_files() -> list[Path]:
    return [path for path in tracked() if path.suffix in TEXT and path.is_file()]


def test_no_package_index_is_named() -> None:
    """No committed file names a package index's host or an option that would."""
    hosts = re.compile(
        r"--(?:extra.)?index.url|--find.links"
        r"|https?:/{2}(?![\w.-]*example|127\.|localhost)[^\s/]+/(?:simple\b|\S+\.whl)"
    )
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if hosts.search(line)
    ]
    assert named == []


def test_no_path_of_one_machine_is_named() -> None:
    """No committed file holds an absolute path of somebody's machine."""
    places = re.compile(r"(?<![\w.])/(work|root|home|farm)/\w")
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if places.search(line)
    ]
    assert named == []


@pytest.mark.parametrize("name", ["utils", "helpers", "base", "models"])
def test_no_module_is_named_after_nothing(name: str) -> None:
    """A module is one noun you can say aloud."""
    assert not [path for path in tracked() if path.stem == name and path.suffix == ".py"]


def test_modules_stay_short() -> None:
    """No module of the product is longer than 250 lines."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py" and path.parts[len(ROOT.parts)] == "shopbell" and path.is_file()
        if (lines := path.read_text().count("\n")) > 250
    }
    assert long == {}


def test_functions_stay_short() -> None:
    """No function of the product is longer than 40 lines."""
    long = {
        f"{path.relative_to(ROOT)}: {node.name}": lines
        for path in tracked()
        if path.suffix == ".py" and path.parts[len(ROOT.parts)] == "shopbell" and path.is_file()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > 40
    }
    assert long == {}


def test_the_papers_are_there() -> None:
    """A visitor finds licence, notices, guides and the two commands."""
    for name in ("LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "docs/owner.md", "docs/why.md"):
        assert (ROOT / name).is_file(), name
    readme = (ROOT / "README.md").read_text()
    assert "./scripts/start" in readme
    assert "./scripts/test" in readme


def test_every_library_has_its_licence_in_the_notice() -> None:
    """Whoever passes Shopbell on finds what each library asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *project["dependency-groups"]["dev"],
    ]
    notice = (ROOT / "NOTICE").read_text().lower()
    names = {re.split(r"[\[<>=]", one)[0].lower() for one in asked}
    assert {name for name in names if not re.search(rf"(^|\s){re.escape(name)}[\s,]", notice)} == set()
