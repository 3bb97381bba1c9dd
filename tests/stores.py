"""Places where a store of recordings can lie, and the way around it: tests harm what is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.master_keys import Keyring
from storage.recordings.s3_store import S3Store
from tests.s3_server import BUCKET, REGION, S3Server


@dataclass(frozen=True)
class Place:
    """`stored` and `put` get and set the bytes under an object key, behind the store's back."""

    open: Callable[[Keyring], EncryptedStore]
    stored: Callable[[str], bytes]
    put: Callable[[str, bytes], None]


def folder_place(folder: Path) -> Place:
    def put(object_key: str, data: bytes) -> None:
        (folder / object_key).parent.mkdir(parents=True, exist_ok=True)
        (folder / object_key).write_bytes(data)

    return Place(lambda keyring: FilesystemStore(folder, keyring), lambda key: (folder / key).read_bytes(), put)


def bucket_place(server: S3Server, prefix: str) -> Place:
    client = server.client()

    def stored(object_key: str) -> bytes:
        data: bytes = client.get_object(Bucket=BUCKET, Key=f"{prefix}/{object_key}")["Body"].read()
        return data

    return Place(
        lambda keyring: S3Store(BUCKET, prefix, keyring, server.endpoint, REGION),
        stored,
        lambda object_key, data: client.put_object(Bucket=BUCKET, Key=f"{prefix}/{object_key}", Body=data),
    )
