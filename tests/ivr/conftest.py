"""The whole service in one process, for tests of its rooms."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import House
from tests.ivr.uploads.asking import asked_house

if TYPE_CHECKING:
    from tests.ivr.uploads.comparing import SetComparer


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
