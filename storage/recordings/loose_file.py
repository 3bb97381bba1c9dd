"""An encrypted object that lies outside the store, such as a file from a backup."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from storage.errors import ObjectDamaged
from storage.recordings.cipher import CHUNK_BYTES, DecryptingReader
from storage.recordings.keys import possible_keys
from storage.recordings.master_keys import HEADER_BYTES, HeaderDamaged, Keyring, key_id_of


def open_loose(path: Path, keyring: Keyring, object_key: str | None = None) -> BinaryIO:
    """A seekable reader of the plain text. The object's name is part of what was encrypted: without `object_key` it is
    made of the file's own.

    Raises `ObjectDamaged` here or while reading, and `OSError`.
    """
    source = path.open("rb")
    try:
        names = possible_keys(path.name) if object_key is None else [object_key]
        name = _name_of(source.read(HEADER_BYTES), names, path, keyring)
        return io.BufferedReader(DecryptingReader(source, name, keyring), CHUNK_BYTES)
    except BaseException:
        source.close()
        raise


def _name_of(header: bytes, names: Sequence[str], path: Path, keyring: Keyring) -> str:
    key_id_of(header, path.name)
    for name in names:
        try:
            keyring.unwrap(header, name)
        except HeaderDamaged:
            continue
        return name
    raise ObjectDamaged(f"{path.name}: the header is damaged, or this is not the object's name")
