"""The whole service in one process, for tests of its rooms."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests.builders import House
from tests.ivr.uploads.asking import asked_house

if TYPE_CHECKING:
    from tests.ivr.uploads.comparing import SetComparer


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Thousands of tests make an app of their own; what its templates compile to is worked out once."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": compiled})
        yield


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
