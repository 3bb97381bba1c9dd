"""The whole service in one process, for tests of its rooms."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import House

if TYPE_CHECKING:
    from tests.ivr.uploads.comparing import SetComparer


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = House(tmp_path, sqlite_url)
    yield house
    house.close()


@pytest.fixture
def comparer(house: House) -> "SetComparer":
    """Takes the place of the process that compares copies."""
    from tests.ivr.uploads.comparing import SetComparer  # it makes sounds, which most tests do without

    comparer = SetComparer()
    vars(house.wiring).update(comparer=comparer)
    return comparer
