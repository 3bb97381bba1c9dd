"""What every store of recordings keeps to: the folder, and buckets of real servers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import ObjectDamaged, ObjectExists, ObjectMissing
from storage.recordings.cipher import CHUNK_BYTES
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import Keyring, LocalKey, MasterKey
from tests.stores import Place, folder_place

KEY = recording_key("rec-1")
PLAIN = b"".join(number.to_bytes(4, "big") for number in range(3 * CHUNK_BYTES // 4 + 100))


FIRST, SECOND = LocalKey(bytes(range(32))), LocalKey(bytes(32))


@pytest.fixture(params=["folder", "bucket", "bucket with versions"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return folder_place(tmp_path)
    bucket: Place = request.getfixturevalue("bucket_place" if request.param == "bucket" else "full_bucket_place")
    return bucket


@pytest.fixture
def store(place: Place) -> EncryptedStore:
    return opened(place, FIRST)


def opened(place: Place, *keys: MasterKey) -> EncryptedStore:
    return place.open(Keyring(*keys))


def pieces(plain: bytes, size: int = 1000) -> Iterator[bytes]:
    return (plain[at : at + size] for at in range(0, len(plain), size))


def read_all(store: EncryptedStore) -> bytes:
    with store.open(KEY) as reader:
        return reader.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, len(PLAIN)])
def test_what_is_written_comes_back(store: EncryptedStore, size: int) -> None:
    written = store.write(KEY, pieces(PLAIN[:size]))
    assert written.size_bytes == store.size_bytes(KEY) == size
    assert read_all(store) == PLAIN[:size]


def test_the_digest_is_that_of_the_plain_text(store: EncryptedStore) -> None:
    assert store.write(KEY, [b"a", b"bc"]).digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(reads=st.lists(st.tuples(st.integers(0, len(PLAIN) + 10), st.integers(0, 40_000)), max_size=8))
def test_any_part_can_be_read_in_any_order(store: EncryptedStore, reads: list[tuple[int, int]]) -> None:
    if KEY not in store.list_keys():  # the object is the same for all examples
        store.write(KEY, [PLAIN])
    with store.open(KEY) as reader:
        for at, length in reads:
            assert reader.seek(at) == at
            assert reader.read(length) == PLAIN[at : at + length]
        assert reader.seek(-5, os.SEEK_END) == len(PLAIN) - 5
        assert reader.read() == PLAIN[-5:]


def test_an_object_is_written_once(store: EncryptedStore) -> None:
    store.write(KEY, [b"first"])
    with pytest.raises(ObjectExists):
        store.write(KEY, [b"second"])
    assert read_all(store) == b"first"


def test_who_comes_second_while_both_write_is_refused(store: EncryptedStore) -> None:
    def slow() -> Iterator[bytes]:
        yield b"second"
        store.write(KEY, [b"first"])

    with pytest.raises(ObjectExists):
        store.write(KEY, slow())
    assert read_all(store) == b"first"


def test_an_error_of_the_source_passes_and_the_name_stays_free(store: EncryptedStore) -> None:
    def failing() -> Iterator[bytes]:
        yield PLAIN
        raise ConnectionError("carrier gone")

    with pytest.raises(ConnectionError, match="carrier gone"):
        store.write(KEY, failing())
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    store.write(KEY, [b"now"])
    assert read_all(store) == b"now"


def test_a_destroyed_object_is_gone_and_may_be_destroyed_again(store: EncryptedStore) -> None:
    store.write(KEY, [PLAIN])
    store.destroy(KEY)
    store.destroy(KEY)
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    with pytest.raises(ObjectMissing):
        store.size_bytes(KEY)


def test_all_objects_are_listed(store: EncryptedStore) -> None:
    keys = {recording_key(f"rec-{number}") for number in range(3)}
    for key in keys:
        store.write(key, [b"sound"])
    store.tidy()
    assert set(store.list_keys()) == keys


# ---------------------------------------------------------------- another master key


def test_a_new_header_leaves_the_body_as_it_is(place: Place) -> None:
    opened(place, FIRST).write(KEY, [PLAIN])
    before = place.stored(KEY)
    store = opened(place, SECOND, FIRST)
    assert store.key_id(KEY) == FIRST.key_id.hex()
    assert store.rewrap(KEY)
    assert store.key_id(KEY) == store.current_key_id == SECOND.key_id.hex()
    after = place.stored(KEY)
    assert after[76:] == before[76:]
    assert after[:76] != before[:76]
    assert read_all(opened(place, SECOND)) == PLAIN
    with pytest.raises(ObjectDamaged, match="not configured"):
        opened(place, FIRST).open(KEY)


def test_what_has_the_current_key_stays_as_it_is(place: Place, store: EncryptedStore) -> None:
    store.write(KEY, [PLAIN])
    before = place.stored(KEY)
    assert not store.rewrap(KEY)
    assert place.stored(KEY) == before


def test_a_new_header_for_what_is_not_there(store: EncryptedStore) -> None:
    with pytest.raises(ObjectMissing):
        store.rewrap(KEY)


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 76, b"x" * 10_000])
def test_what_is_no_object_of_ours_gets_no_new_header(place: Place, store: EncryptedStore, data: bytes) -> None:
    place.put(KEY, data)
    with pytest.raises(ObjectDamaged):
        store.rewrap(KEY)
    assert place.stored(KEY) == data


def test_a_damaged_header_stays_as_it_is(place: Place) -> None:
    opened(place, FIRST).write(KEY, [PLAIN])
    data = bytearray(place.stored(KEY))
    data[40] ^= 1
    place.put(KEY, bytes(data))
    with pytest.raises(ObjectDamaged):
        opened(place, SECOND, FIRST).rewrap(KEY)
    assert place.stored(KEY) == bytes(data)


def test_who_reads_while_the_header_changes_reads_on(place: Place) -> None:
    store = opened(place, SECOND, FIRST)
    opened(place, FIRST).write(KEY, [PLAIN])
    with store.open(KEY) as reader:
        assert reader.read(10) == PLAIN[:10]
        store.rewrap(KEY)
        assert reader.read() == PLAIN[10:]
