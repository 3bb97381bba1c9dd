"""A call whose caller was asked for a copy of their own recording."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House
from tests.ivr.uploads.asking import asked_house


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = asked_house(tmp_path, sqlite_url)
    yield house
    house.close()
