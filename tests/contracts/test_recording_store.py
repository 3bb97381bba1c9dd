"""What every `RecordingStore` keeps to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.ports import RecordingStore
from storage.errors import ObjectExists, ObjectMissing
from storage.recordings.cipher import CHUNK_BYTES, Keyring
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.keys import recording_key

KEY = recording_key("rec-1")
PLAIN = b"".join(number.to_bytes(4, "big") for number in range(3 * CHUNK_BYTES // 4 + 100))


@pytest.fixture
def store(tmp_path: Path) -> RecordingStore:
    return FilesystemStore(tmp_path, Keyring(bytes(range(32))))


def pieces(plain: bytes, size: int = 1000) -> Iterator[bytes]:
    return (plain[at : at + size] for at in range(0, len(plain), size))


def read_all(store: RecordingStore) -> bytes:
    with store.open(KEY) as reader:
        return reader.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, len(PLAIN)])
def test_what_is_written_comes_back(store: RecordingStore, size: int) -> None:
    written = store.write(KEY, pieces(PLAIN[:size]))
    assert written.size_bytes == store.size_bytes(KEY) == size
    assert read_all(store) == PLAIN[:size]


def test_the_digest_is_that_of_the_plain_text(store: RecordingStore) -> None:
    assert store.write(KEY, [b"a", b"bc"]).digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 10), st.integers(0, 40_000)), max_size=8))
def test_any_part_can_be_read_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, reads: list[tuple[int, int]]
) -> None:
    store = FilesystemStore(tmp_path_factory.mktemp("store"), Keyring(bytes(range(32))))
    store.write(KEY, [PLAIN])
    with store.open(KEY) as reader:
        for at, length in reads:
            assert reader.seek(at) == at
            assert reader.read(length) == PLAIN[at : at + length]
        assert reader.seek(-5, os.SEEK_END) == len(PLAIN) - 5
        assert reader.read() == PLAIN[-5:]


def test_an_object_is_written_once(store: RecordingStore) -> None:
    store.write(KEY, [b"first"])
    with pytest.raises(ObjectExists):
        store.write(KEY, [b"second"])
    assert read_all(store) == b"first"


def test_who_comes_second_while_both_write_is_refused(store: RecordingStore) -> None:
    def slow() -> Iterator[bytes]:
        yield b"second"
        store.write(KEY, [b"first"])

    with pytest.raises(ObjectExists):
        store.write(KEY, slow())
    assert read_all(store) == b"first"


def test_an_error_of_the_source_passes_and_the_name_stays_free(store: RecordingStore) -> None:
    def failing() -> Iterator[bytes]:
        yield PLAIN
        raise ConnectionError("carrier gone")

    with pytest.raises(ConnectionError, match="carrier gone"):
        store.write(KEY, failing())
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    store.write(KEY, [b"now"])
    assert read_all(store) == b"now"


def test_a_destroyed_object_is_gone_and_may_be_destroyed_again(store: RecordingStore) -> None:
    store.write(KEY, [PLAIN])
    store.destroy(KEY)
    store.destroy(KEY)
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    with pytest.raises(ObjectMissing):
        store.size_bytes(KEY)
