"""A house with two witnesses of its log: one that cosigns, and a folder on another disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.consent_log.checkpoint import NoteSigner
from tests.builders import House
from tests.ivr.records.witnessed import NAME, ORIGIN, SEED
from tests.ivr.witnesses.outsiders import OutsideWitness, web_server


@pytest.fixture
def outside() -> OutsideWitness:
    return OutsideWitness(NAME, ORIGIN, NoteSigner.from_seed(ORIGIN, SEED).key.public.public_bytes_raw())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "other disk"
    folder.mkdir()
    return folder


@pytest.fixture
def witnessed(tmp_path: Path, sqlite_url: str, outside: OutsideWitness, kept: Path) -> Iterator[House]:
    with web_server(outside) as url:
        addresses = f"witness+{url}#{outside.vkey} file://{str(kept).replace(' ', '%20')}"
        house = House(tmp_path, sqlite_url, variables={"SPELREGEL_WITNESSES": addresses})
        yield house
        house.close()
