"""Modules that call themselves PURE: the standard library and other PURE modules only, no clock, chance or I/O."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.tree import CODE_ROOMS, ROOT, calls_of, modules

OUTSIDE = frozenset(
    {
        "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil",
        "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib",
    }
)  # fmt: skip
"""Standard library that reaches the clock, chance, the network or the disk."""

COMPUTES = {"urllib.parse"}
"""A part of an outside package that only works on text."""

LIBRARIES = {
    "speech/audio.py": {"numpy"},
    **{f"speech/comparison/{path.name}": {"numpy"} for path in (ROOT / "speech" / "comparison").glob("*.py")},
    "speech/intent_features.py": {"numpy"},
    "speech/intent_model.py": {"numpy"},
    "storage/consent_log/entry.py": {"rfc8785"},
}
"""They compute and do nothing else: sound as arrays, and the canonical form of JSON."""

DATA = {"speech/phrases/__init__.py", "speech/spotting.py"}
"""Read their own file once, at import, and are constants from then on."""

MARK = re.compile(r"\bPURE(?:\.| \(\w+\)\.)")

MODULES = {str(path): tree for path, tree in modules(*CODE_ROOMS)}
PURE = {path: tree for path, tree in MODULES.items() if MARK.search(ast.get_docstring(tree) or "")}


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names; `from a import b` gives `a.b` where that is a module of ours, else `a`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if file_of(inner) else node.module


def file_of(module: str) -> str | None:
    place = Path(*module.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((str(path) for path in candidates if (ROOT / path).is_file()), None)


@pytest.mark.parametrize("path", sorted(PURE))
def test_a_pure_module_imports_only_what_is_pure(path: str) -> None:
    for name in imported(PURE[path]):
        top = name.split(".")[0]
        if file := file_of(name):
            assert file in PURE.keys() | DATA or not MODULES[file].body, f"{name} is not PURE"
            assert top == path.split("/")[0], f"{name} is another area's"
        elif name not in COMPUTES:
            assert top in LIBRARIES.get(path, set()) or (top in sys.stdlib_module_names and top not in OUTSIDE), name


@pytest.mark.parametrize("path", sorted(PURE))
def test_a_pure_module_asks_no_clock_and_opens_no_file(path: str) -> None:
    asked = [call.func for call in calls_of(PURE[path])]
    assert not {node.id for node in asked if isinstance(node, ast.Name)} & {"open", "print", "input"}
    assert not {node.attr for node in asked if isinstance(node, ast.Attribute)} & {"now", "utcnow", "today"}


def test_the_conversation_and_the_evidence_are_pure() -> None:
    dialogue = {path for path, tree in MODULES.items() if path.startswith("ivr/dialogue/") and tree.body}
    evidence = {"storage/records.py", "storage/consent_log/entry.py", "storage/consent_log/chain.py"}
    sound = {"speech/audio.py", "speech/hypothesis.py", "speech/endpointing.py", "speech/intent.py"}
    assert dialogue | evidence | sound | {"ivr/carrier/media_stream.py"} <= PURE.keys()
