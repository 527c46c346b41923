"""The console knows only the wire."""

import ast
from pathlib import Path

import shopbell.tui

ALLOWED = ("shopbell.tui", "shopbell.assistant.wire", "shopbell.assistant.staffwire")


def imported(path: Path) -> set[str]:
    """Return what a module imports of the product; `from shopbell.assistant import x` counts as x."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "shopbell.assistant"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if whole else {node.module}
    return {name for name in names if name.split(".")[0] == "shopbell"}


def test_nothing_but_the_wire_is_imported() -> None:
    """No module of the console imports anything of the product but the two wires."""
    folder = Path(str(shopbell.tui.__file__)).parent
    modules = list(folder.glob("*.py"))
    assert len(modules) > 20
    wrong = {(path.name, name) for path in modules for name in imported(path) if not name.startswith(ALLOWED)}
    assert wrong == set()
