"""What keeping recordings costs: writing, reading back, seeking and another master key, in a folder and in a bucket."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import Keyring, LocalKey
from storage.recordings.s3_store import S3Store
from storage.recordings.sound import measure_sound
from tests.bench.table import Row, percentile
from tests.builders import wav_of
from tests.s3_server import BUCKET, CREDENTIALS, REGION, nanio

OLD, NEW = LocalKey(bytes(range(32))), LocalKey(bytes(32))
HOUR = recording_key("an hour")
CALLS = 40
CALL_S = 300.0
SEEKS = 50
PIECE_BYTES = 256 * 1024


def measure(folder: Path) -> list[Row]:
    rows = _of_store("folder", lambda keyring: FilesystemStore(folder / "recordings", keyring))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with nanio(folder / "bucket", port) as server, _environment(CREDENTIALS):
        rows += _of_store("bucket", lambda keyring: S3Store(BUCKET, "bench", keyring, server.endpoint, REGION))
    return rows


def _of_store(name: str, opened: Callable[[Keyring], EncryptedStore]) -> list[Row]:
    store, hour = opened(Keyring(OLD)), wav_of(3600)
    megabytes = len(hour) / 1e6
    pieces = (hour[at : at + PIECE_BYTES] for at in range(0, len(hour), PIECE_BYTES))
    written_s = _took(lambda: store.write(HOUR, pieces))
    with store.open(HOUR) as sound:
        read_s = _took(lambda: measure_sound(sound))
    seeks = []
    with store.open(HOUR) as sound:
        for number in range(SEEKS):
            sound.seek((number * 7_919_003) % len(hour))
            seeks.append(_took(lambda: sound.read(PIECE_BYTES // 4)))
    calls = [recording_key(str(number)) for number in range(CALLS)]
    for call in calls:
        store.write(call, [hour[: round(CALL_S * 32_000)]])
    moving = opened(Keyring(NEW, OLD))
    moves = [_took(partial(moving.rewrap, call)) for call in calls]
    return [
        Row(f"recording written, durable ({name})", megabytes / written_s, "MB/s", "an hour, 115 MB"),
        Row(f"recording read back and measured ({name})", megabytes / read_s, "MB/s", "digests and seconds"),
        Row(f"jump in a recording, p50 ({name})", percentile(seeks, 0.5) * 1000, "ms", "64 kB from anywhere"),
        Row(f"another master key, p50 ({name})", percentile(moves, 0.5) * 1000, "ms", "per call of 5 minutes, 9.6 MB"),
    ]


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(more)
    yield
    os.environ.clear()
    os.environ.update(before)
