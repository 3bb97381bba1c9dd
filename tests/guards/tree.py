"""The project's own files, for the guards that read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE_ROOMS = ("ivr", "speech", "storage", "config")
ROOMS = (*CODE_ROOMS, "tests", "docs", ".ci")


def project_files() -> Iterator[Path]:
    """What we wrote: the rooms and the files beside them; nothing that is made or installed."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".git")
    for room in ROOMS:
        paths = sorted((ROOT / room).rglob("*"))
        yield from (path for path in paths if path.is_file() and "__pycache__" not in path.parts)


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Path relative to the root, and the syntax tree of every Python file in the rooms."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def calls_of(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
