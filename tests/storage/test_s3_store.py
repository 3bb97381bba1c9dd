"""Recordings in a bucket: half-written, unreachable, versioned and locked ones (what all stores keep to: contracts)."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.errors import ObjectExists, ObjectMissing, StorageUnavailable
from storage.recordings import s3_store
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import Keyring, LocalKey
from storage.recordings.s3_store import ABANDONED_AFTER, PART_BYTES, S3Store
from storage.records import StoreFault
from tests.conftest import free_port
from tests.s3_server import BUCKET, REGION, S3Server, nanio
from tests.stores import Place

KEY = recording_key("rec-1")
OLD, NEW = LocalKey(bytes(range(32))), LocalKey(bytes(32))
LONG = bytes(range(256)) * (2 * PART_BYTES // 256) + b"more"
"""Three requests' worth."""

pytestmark = pytest.mark.usefixtures("s3_credentials")


@pytest.fixture(params=["bucket_place", "full_bucket_place"], ids=["nanio", "moto"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(place: Place) -> EncryptedStore:
    """On the one server and on the other."""
    return place.open(Keyring(OLD))


@pytest.fixture
def plain_store(bucket_place: Place) -> EncryptedStore:
    """On a server without conditions."""
    return bucket_place.open(Keyring(OLD))


@pytest.fixture
def full_store(full_bucket_place: Place) -> EncryptedStore:
    """In a bucket that keeps versions, on a server that honours conditions."""
    return full_bucket_place.open(Keyring(OLD))


def read_all(store: EncryptedStore) -> bytes:
    with store.open(KEY) as sound:
        return sound.read()


def asked(store: EncryptedStore) -> Counter[str]:
    """Counts the requests from now on."""
    requests: Counter[str] = Counter()
    client: Any = store._client  # type: ignore[attr-defined]
    client.meta.events.register("before-send.s3", lambda event_name, **_: requests.update([event_name.split(".")[-1]]))
    return requests


def client_of(store: EncryptedStore) -> Any:
    return store._client  # type: ignore[attr-defined]


# ---------------------------------------------------------------- written whole or not at all


def test_a_long_object_is_sent_in_parts_and_comes_back(store: EncryptedStore) -> None:
    requests = asked(store)
    store.write(KEY, (LONG[at : at + 100_000] for at in range(0, len(LONG), 100_000)))
    assert requests["UploadPart"] == 3
    assert read_all(store) == LONG


def test_a_source_that_breaks_off_leaves_neither_object_nor_upload(store: EncryptedStore) -> None:
    def breaking() -> Iterator[bytes]:
        yield LONG
        raise ConnectionError("carrier gone")

    with pytest.raises(ConnectionError, match="carrier gone"):
        store.write(KEY, breaking())
    assert list(store.list_keys()) == []
    assert client_of(store).list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_nobody_sees_an_object_before_all_of_it_is_there(store: EncryptedStore) -> None:
    def looking() -> Iterator[bytes]:
        yield LONG
        with pytest.raises(ObjectMissing):
            store.open(KEY)

    store.write(KEY, looking())
    assert store.size_bytes(KEY) == len(LONG)


def test_what_a_killed_writer_left_is_cleared_away_when_it_is_old(
    plain_store: EncryptedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto says of every upload that it began in 2010."""
    name = f"{plain_store._prefix}{KEY}"  # type: ignore[attr-defined]
    client = client_of(plain_store)
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=name)["UploadId"]
    client.upload_part(Bucket=BUCKET, Key=name, UploadId=upload, PartNumber=1, Body=b"half")
    plain_store.tidy()
    assert [found["UploadId"] for found in client.list_multipart_uploads(Bucket=BUCKET)["Uploads"]] == [upload]

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Tomorrow":
            later = datetime.now(UTC) + ABANDONED_AFTER + timedelta(minutes=1)
            return cls.fromtimestamp(later.timestamp(), tz)

    monkeypatch.setattr(s3_store, "datetime", Tomorrow)
    plain_store.tidy()
    assert client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_nothing_of_the_plain_text_lies_in_the_bucket(place: Place, store: EncryptedStore) -> None:
    store.write(KEY, [b"ik wil dit gesprek opnemen" * 1000])
    assert b"gesprek" not in place.stored(KEY)


# ---------------------------------------------------------------- reading parts


def test_a_jump_costs_a_request_and_a_long_stretch_only_a_few(store: EncryptedStore) -> None:
    store.write(KEY, [LONG])
    with store.open(KEY) as sound:
        requests = asked(store)
        sound.seek(5_000_000)
        assert sound.read(1000) == LONG[5_000_000:5_001_000]
        assert requests["GetObject"] == 1
        sound.seek(0)
        assert sound.read() == LONG
        assert requests["GetObject"] <= 12


def test_the_key_of_an_object_is_read_without_the_object(store: EncryptedStore) -> None:
    store.write(KEY, [LONG])
    sizes: list[int] = []
    client_of(store).meta.events.register(
        "after-call.s3.GetObject", lambda parsed, **_: sizes.append(parsed["ContentLength"])
    )
    store.key_id(KEY)
    assert sizes == [76]


# ---------------------------------------------------------------- servers of all kinds


def test_a_server_that_ignores_the_condition_is_named(plain_store: EncryptedStore) -> None:
    """As nanio does; the probe is gone afterwards."""
    assert plain_store.find_faults() == [StoreFault.OVERWRITES]
    assert list(plain_store.list_keys()) == []


def test_where_the_condition_is_ignored_the_last_look_still_refuses_a_second_writer(store: EncryptedStore) -> None:
    def slow() -> Iterator[bytes]:
        yield LONG
        store.write(KEY, [b"first"])

    with pytest.raises(ObjectExists):
        store.write(KEY, slow())
    assert read_all(store) == b"first"


def test_a_writer_whose_object_was_overwritten_at_the_last_moment_notices(
    bucket_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no look can see on such a server: both sent at once, and the other one was later."""
    plain_store, other = (bucket_place.open(Keyring(OLD)) for _ in range(2))
    monkeypatch.setattr(other, "_exists", lambda _: False)

    def overwrite(**_: object) -> None:
        client_of(plain_store).meta.events.unregister("after-call.s3.PutObject", overwrite)
        other.write(KEY, [b"second"])

    client_of(plain_store).meta.events.register("after-call.s3.PutObject", overwrite)
    with pytest.raises(ObjectExists):
        plain_store.write(KEY, [b"first"])
    assert read_all(plain_store) == b"second"


@pytest.mark.parametrize("name", ["s3", "full_s3"], ids=["nanio", "moto"])
def test_a_bucket_that_is_not_there(request: pytest.FixtureRequest, name: str) -> None:
    """A connection each: nanio answers a refused upload before it has read it, and then mistakes it for a request."""
    server: S3Server = request.getfixturevalue(name)

    def store() -> S3Store:
        return S3Store("elsewhere", "", Keyring(OLD), server.endpoint, REGION)

    assert store().find_faults() == [StoreFault.UNUSABLE]
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        store().write(KEY, [b"sound"])
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        list(store().list_keys())
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        store().destroy(KEY)


@pytest.mark.parametrize("ask", ["open", "size_bytes", "destroy", "key_id", "rewrap"])
def test_wrong_credentials_are_no_missing_recording(s3: S3Server, monkeypatch: pytest.MonkeyPatch, ask: str) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not this one")
    store = S3Store(BUCKET, "x", Keyring(OLD), s3.endpoint, REGION)
    with pytest.raises(StorageUnavailable, match="S3 answers 403"):
        getattr(store, ask)(KEY)
    assert store.find_faults() == [StoreFault.UNUSABLE]


def test_no_credentials_at_all(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    store = S3Store(BUCKET, "x", Keyring(OLD), s3.endpoint, REGION)
    with pytest.raises(StorageUnavailable, match="NoCredentialsError"):
        store.open(KEY)


def test_a_server_that_stops_is_unavailable_and_nothing_is_lost(tmp_path: Path) -> None:
    with nanio(tmp_path, free_port()) as server:
        store = S3Store(BUCKET, "", Keyring(OLD), server.endpoint, REGION)
        store.write(KEY, [LONG])
        sound = store.open(KEY)
        assert sound.read(10) == LONG[:10]
        server.process.kill()
        server.process.wait()
        sound.seek(8_000_000)
        with pytest.raises(StorageUnavailable, match="S3 cannot be reached"):
            sound.read(10)
        with pytest.raises(StorageUnavailable, match="S3 cannot be reached"):
            store.write(recording_key("rec-2"), [b"sound"])
    with nanio(tmp_path, free_port()) as server:
        store = S3Store(BUCKET, "", Keyring(OLD), server.endpoint, REGION)
        assert list(store.list_keys()) == [KEY]
        assert read_all(store) == LONG


# ---------------------------------------------------------------- versions and locks


def versions(store: EncryptedStore) -> list[Any]:
    prefix = store._prefix  # type: ignore[attr-defined]
    found = client_of(store).list_object_versions(Bucket=BUCKET, Prefix=prefix)
    return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]


def test_a_server_that_honours_the_condition_has_no_fault(full_store: EncryptedStore) -> None:
    assert full_store.find_faults() == []
    assert versions(full_store) == []


@pytest.mark.parametrize("data", [b"second", LONG], ids=["short", "long"])
def test_the_condition_refuses_a_second_writer_whom_no_look_saw(
    full_store: EncryptedStore, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    full_store.write(KEY, [b"first"])
    monkeypatch.setattr(full_store, "_exists", lambda _: False)
    with pytest.raises(ObjectExists):
        full_store.write(KEY, [data])
    assert read_all(full_store) == b"first"
    assert len(versions(full_store)) == 1


def test_a_recording_is_destroyed_with_all_its_versions(full_bucket_place: Place, full_store: EncryptedStore) -> None:
    full_store.write(KEY, [b"sound"])
    for number in range(3):
        full_bucket_place.put(KEY, b"overwritten %d" % number)
    client_of(full_store).delete_object(Bucket=BUCKET, Key=f"{full_store._prefix}{KEY}")  # type: ignore[attr-defined]
    other = f"{KEY}0"
    full_store.write(other, [b"of another recording"])
    assert len(versions(full_store)) == 6
    full_store.destroy(KEY)
    assert [found["Key"].removeprefix(full_store._prefix) for found in versions(full_store)] == [other]  # type: ignore[attr-defined]


def test_no_version_under_the_old_key_is_left(full_bucket_place: Place, full_store: EncryptedStore) -> None:
    full_store.write(KEY, [b"sound"])
    assert full_bucket_place.open(Keyring(NEW, OLD)).rewrap(KEY)
    assert len(versions(full_store)) == 1
    assert read_all(full_bucket_place.open(Keyring(NEW))) == b"sound"


def locked_store(server: S3Server, bucket: str) -> S3Store:
    """In a bucket that keeps for a day whatever is written to it."""
    server.make_bucket(bucket, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    server.client().put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    return S3Store(bucket, "", Keyring(OLD), server.endpoint, REGION)


def test_a_bucket_that_locks_what_it_has_cannot_destroy_and_says_so(full_s3: S3Server) -> None:
    """moto gives the bucket's period to objects of one request only, not to those sent in parts."""
    store = locked_store(full_s3, "locked")
    assert store.find_faults() == [StoreFault.KEEPS]
    store.write(KEY, [b"sound"])
    with pytest.raises(StorageUnavailable, match="AccessDenied"):
        store.destroy(KEY)
    assert read_all(store) == b"sound"


def test_a_bucket_that_locks_keeps_the_version_under_the_old_key_and_says_so(full_s3: S3Server) -> None:
    """The sound is there under the new key; that the old one still opens a version of it is not passed over."""
    locked_store(full_s3, "locked-keys").write(KEY, [b"sound"])
    store = S3Store("locked-keys", "", Keyring(NEW, OLD), full_s3.endpoint, REGION)
    with pytest.raises(StorageUnavailable, match="AccessDenied"):
        store.rewrap(KEY)
    assert store.key_id(KEY) == NEW.key_id.hex()
    assert read_all(store) == b"sound"


def test_an_object_under_a_legal_hold_is_not_destroyed_before_the_hold_is_lifted(full_s3: S3Server) -> None:
    full_s3.make_bucket("held", ObjectLockEnabledForBucket=True)
    store = S3Store("held", "", Keyring(OLD), full_s3.endpoint, REGION)
    store.write(KEY, [b"sound"])
    full_s3.client().put_object_legal_hold(Bucket="held", Key=KEY, LegalHold={"Status": "ON"})
    with pytest.raises(StorageUnavailable, match="AccessDenied"):
        store.destroy(KEY)
    assert read_all(store) == b"sound"
    full_s3.client().put_object_legal_hold(Bucket="held", Key=KEY, LegalHold={"Status": "OFF"})
    store.destroy(KEY)
    with pytest.raises(ObjectMissing):
        store.open(KEY)


def test_who_deletes_behind_the_stores_back_hides_an_object_that_its_version_brings_back(
    full_bucket_place: Place, full_store: EncryptedStore
) -> None:
    full_store.write(KEY, [b"sound"])
    name = f"{full_store._prefix}{KEY}"  # type: ignore[attr-defined]
    marker = client_of(full_store).delete_object(Bucket=BUCKET, Key=name)["VersionId"]
    with pytest.raises(ObjectMissing):
        full_store.open(KEY)
    client_of(full_store).delete_object(Bucket=BUCKET, Key=name, VersionId=marker)
    assert read_all(full_store) == b"sound"
