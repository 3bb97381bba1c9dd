"""The whole service in one process, for tests of its rooms."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from tests.builders import House
from tests.ivr.uploads.asking import asked_house

if TYPE_CHECKING:
    from tests.ivr.uploads.comparing import SetComparer

Builder: TypeAlias = Callable[..., tuple[str, str]]


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Thousands of tests make an app of their own; what its templates and addresses compile to is worked out once."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": compiled})
        patch.setattr(Rule, "_compile_builder", once_for_each_rule(Rule._compile_builder))
        yield


def once_for_each_rule(compile_builder: Callable[[Rule, bool], Builder]) -> Callable[[Rule, bool], Builder]:
    """An app compiles two functions for each of its 150 addresses: half of what a house costs. They take the rule that
    they belong to as an argument, so rules of the same text can share them."""
    builders: dict[object, Builder] = {}

    def compile_once(rule: Rule, append_unknown: bool) -> Builder:
        key = (*rule._trace, *(rule.defaults or {}).items(), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    return compile_once


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """Without a call, unless the test is marked `asked`."""
    asked = request.node.get_closest_marker("asked")
    house = House(tmp_path, sqlite_url) if asked is None else asked_house(tmp_path, sqlite_url, **asked.kwargs)
    yield house
    house.close()


@pytest.fixture
def comparer(house: House) -> "SetComparer":
    """Takes the place of the process that compares copies."""
    from tests.ivr.uploads.comparing import SetComparer  # it makes sounds, which most tests do without

    comparer = SetComparer()
    vars(house.wiring).update(comparer=comparer)
    return comparer
