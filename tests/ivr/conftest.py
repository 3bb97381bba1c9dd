"""The whole service in one process, for tests of its rooms."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = House(tmp_path, sqlite_url)
    yield house
    house.close()
