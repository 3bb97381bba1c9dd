"""Recordings at rest: harmed ones are refused, half-written ones never show (what all stores keep to: contracts)."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ivr.ports import RecordingStore
from storage.errors import ObjectDamaged, StorageUnavailable
from storage.recordings.cipher import CHUNK_BYTES, PREFIX_BYTES, SEALED_CHUNK_BYTES, encrypt
from storage.recordings.filesystem_store import ASIDE, FilesystemStore
from storage.recordings.keys import check_key, recording_key
from storage.recordings.master_keys import HEADER_BYTES, Keyring, LocalKey

MASTER = LocalKey(bytes(range(32)))
KEYRING = Keyring(MASTER)
KEY = recording_key("rec-1")
PLAIN = b"".join(number.to_bytes(4, "big") for number in range(3 * CHUNK_BYTES // 4 + 100))
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def store(root: Path) -> RecordingStore:
    return FilesystemStore(root, KEYRING)


def stored_file(root: Path) -> Path:
    return root / KEY


def read_all(store: RecordingStore) -> bytes:
    with store.open(KEY) as reader:
        return reader.read()


def test_an_error_of_the_source_passes_and_leaves_nothing(store: RecordingStore, root: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield PLAIN
        raise ConnectionError("carrier gone")

    with pytest.raises(ConnectionError, match="carrier gone"):
        store.write(KEY, failing())
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_neither_writing_nor_destroying_leaves_files_behind(store: RecordingStore, root: Path) -> None:
    store.write(KEY, [PLAIN])
    assert [path for path in root.rglob("*") if path.is_file()] == [stored_file(root)]
    store.destroy(KEY)
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_nothing_of_the_plain_text_lies_on_the_disk(store: RecordingStore, root: Path) -> None:
    store.write(KEY, [b"ik wil dit gesprek opnemen" * 1000])
    assert b"gesprek" not in stored_file(root).read_bytes()


# ---------------------------------------------------------------- harm


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("at", [*range(PREFIX_BYTES), PREFIX_BYTES, PREFIX_BYTES + 3 * SEALED_CHUNK_BYTES, -1])
def test_every_flipped_bit_is_seen(store: RecordingStore, root: Path, at: int) -> None:
    store.write(KEY, [PLAIN])
    data = stored_file(root).read_bytes()
    stored_file(root).write_bytes(flip(data, at % len(data)))
    with pytest.raises(ObjectDamaged):
        read_all(store)


@pytest.mark.parametrize(
    "length",
    [
        0,
        HEADER_BYTES,
        PREFIX_BYTES,
        PREFIX_BYTES + 15,
        PREFIX_BYTES + 16,
        PREFIX_BYTES + SEALED_CHUNK_BYTES,
        PREFIX_BYTES + SEALED_CHUNK_BYTES + 16,
        PREFIX_BYTES + 3 * SEALED_CHUNK_BYTES,
        -1,
    ],
)
def test_a_truncated_object_is_seen_when_it_is_opened(store: RecordingStore, root: Path, length: int) -> None:
    store.write(KEY, [PLAIN])
    stored_file(root).write_bytes(stored_file(root).read_bytes()[:length])
    with pytest.raises(ObjectDamaged):
        store.open(KEY)


@pytest.mark.parametrize("act", ["swap", "double", "lengthen"])
def test_chunks_in_another_order_are_seen(store: RecordingStore, root: Path, act: str) -> None:
    store.write(KEY, [PLAIN])
    data = stored_file(root).read_bytes()
    prefix = data[:PREFIX_BYTES]
    chunks = [data[at : at + SEALED_CHUNK_BYTES] for at in range(PREFIX_BYTES, len(data), SEALED_CHUNK_BYTES)]
    if act == "swap":
        chunks[0], chunks[1] = chunks[1], chunks[0]
    elif act == "double":
        chunks.insert(1, chunks[0])
    else:
        chunks.append(b"\x00" * 16)
    stored_file(root).write_bytes(prefix + b"".join(chunks))
    with pytest.raises(ObjectDamaged):
        read_all(store)


def test_an_object_under_another_name_is_refused(store: RecordingStore, root: Path) -> None:
    store.write(KEY, [PLAIN])
    other = recording_key("rec-2")
    (root / other).parent.mkdir(parents=True)
    shutil.copyfile(stored_file(root), root / other)
    with pytest.raises(ObjectDamaged):
        store.open(other)


def test_another_recording_key_is_refused_and_named(store: RecordingStore, root: Path) -> None:
    store.write(KEY, [PLAIN])
    with pytest.raises(ObjectDamaged, match="not configured"):
        FilesystemStore(root, Keyring(LocalKey(bytes(32)))).open(KEY)


def test_an_earlier_recording_key_still_opens(store: RecordingStore, root: Path) -> None:
    store.write(KEY, [PLAIN])
    assert read_all(FilesystemStore(root, Keyring(LocalKey(bytes(32)), MASTER))) == PLAIN


def test_a_recording_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LocalKey(b"short")


def test_the_body_is_cobblestone_256_as_specified() -> None:
    """C2SP chunked-encryption, decrypted here by the text of the specification."""
    data = b"".join(encrypt([PLAIN[: CHUNK_BYTES + 5]], KEY, KEYRING))
    data_key = KEYRING.unwrap(data[:HEADER_BYTES], KEY)
    body = data[HEADER_BYTES:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + body[:24] + KEY.encode()
    derived = HKDFExpand(SHA512(), 32 + 12 + 32, info).derive(data_key)
    assert body[24:56] == derived[44:]
    nonces = [bytes(a ^ b for a, b in zip(derived[32:44], n.to_bytes(12, "big"), strict=True)) for n in range(2)]
    chunks = [body[56 : 56 + 16400], body[56 + 16400 :]]
    plain = [AESGCM(derived[:32]).decrypt(nonce, chunk, None) for nonce, chunk in zip(nonces, chunks, strict=True)]
    assert b"".join(plain) == PLAIN[: CHUNK_BYTES + 5]


# ---------------------------------------------------------------- crashes and full disks

WRITER = """
import os, sys
from pathlib import Path
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.master_keys import Keyring, LocalKey
def chunks():
    yield bytes(100_000)
    sys.stdout.write("half\\n"); sys.stdout.flush()
    sys.stdin.read()
FilesystemStore(Path(sys.argv[1]), Keyring(LocalKey(bytes(range(32))))).write(sys.argv[2], chunks())
"""


def test_a_writer_killed_halfway_leaves_no_object_and_the_next_start_cleans_up(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half\n"
        FilesystemStore(root, KEYRING)
        assert len(list((root / ASIDE).iterdir())) == 1, "a living writer's file was removed"
        writer.send_signal(signal.SIGKILL)
    assert len(list((root / ASIDE).iterdir())) == 1
    store = FilesystemStore(root, KEYRING)
    assert list((root / ASIDE).iterdir()) == []
    store.write(KEY, [PLAIN])
    assert read_all(store) == PLAIN


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from storage.errors import StorageUnavailable
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.master_keys import Keyring, LocalKey
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    FilesystemStore(Path(sys.argv[1]), Keyring(LocalKey(bytes(range(32))))).write(sys.argv[2], [bytes(100_000)])
except StorageUnavailable as error:
    sys.exit(str(error))
"""


def test_a_write_that_the_disk_refuses_leaves_nothing(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(root), KEY], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert done.stderr.strip() == f"recordings: {os.strerror(errno.EFBIG)}"
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        FilesystemStore(tmp_path / "file" / "recordings", KEYRING)


# ---------------------------------------------------------------- names


def test_a_name_says_nothing_of_the_recording() -> None:
    assert recording_key("rec-1") == recording_key("rec-1") != recording_key("rec-2")
    assert "rec-1" not in recording_key("rec-1")
    assert check_key(recording_key("rec-1")) == recording_key("rec-1")


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".aside/x", "a b", "a\n", "a\x00", "x" * 201]
)
def test_a_name_that_could_leave_the_folder_is_refused(store: RecordingStore, key: str) -> None:
    with pytest.raises(ValueError, match="no object key"):
        store.open(key)
