"""Decrypt one stored recording, with nothing of Spelregel: Python 3.11 and the package `cryptography` are all it needs.

    python3 decrypt_recording.py OBJECT KEYFILE OUT.wav [NAME]

OBJECT is a file from the store or a backup, KEYFILE a file with the recording key as 64 hexadecimal digits or base64
(`-` reads it from the standard input). NAME is the object's name in the store, such as `recordings/ab/ab12...`, for
a file that is called otherwise now. Written from docs/recording-format.md; what is damaged in any way is refused, and
then there is no OUT.wav. Exit codes: 0 good, 2 wrong use, 3 refused.
"""

import base64
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAGIC = b"SPREL\x00\x00\x01"
HEADER, SALT, COMMITMENT = 76, 24, 32
CHUNK, TAG = 16384, 16
INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
KINDS = ("recordings", "copies", "citizen-copies", "parts")


class Refused(Exception):
    """The text says what is wrong."""


def read_key(text: str) -> bytes:
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
            return bytes.fromhex(text)
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Refused("the recording key has to be 32 bytes, as 64 hexadecimal digits or base64")
    return key


def unwrap(header: bytes, master: bytes, names: list[str]) -> tuple[bytes, str]:
    """The data key, and which of the names the object has."""
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise Refused("this is no stored recording")
    key_id, nonce, wrapped = header[8:16], header[16:28], header[28:]
    if hashlib.sha256(b"spelregel recording key id\x00" + master).digest()[:8] != key_id:
        raise Refused(f"this needs another recording key: {key_id.hex()}")
    for name in names:
        try:
            return AESGCM(master).decrypt(nonce, wrapped, MAGIC + key_id + name.encode()), name
        except InvalidTag:
            continue
    raise Refused("the header is damaged, or the file has another name than the object; give its name")


def decrypt(file: BinaryIO, master: bytes, names: list[str]) -> Iterator[bytes]:
    """The plain text, chunk by chunk; what was given before `Refused` must not be used."""
    data_key, name = unwrap(file.read(HEADER), master, names)
    salt, commitment = file.read(SALT), file.read(COMMITMENT)
    material = HKDFExpand(SHA512(), 32 + 12 + COMMITMENT, INFO + salt + name.encode()).derive(data_key)
    if material[44:] != commitment:
        raise Refused("the key commitment is damaged")
    aead, base = AESGCM(material[:32]), int.from_bytes(material[32:44], "big")
    number = 0
    while True:
        sealed = file.read(CHUNK + TAG)
        try:
            chunk = aead.decrypt((base ^ number).to_bytes(12, "big"), sealed, None)
        except (InvalidTag, ValueError):
            raise Refused(f"chunk {number} is not what was written") from None
        yield chunk
        if len(chunk) < CHUNK:  # the last one, and the only one that may be shorter
            if file.read(1):
                raise Refused("something stands behind the end")
            return
        number += 1


def main(arguments: list[str]) -> int:
    if len(arguments) not in (3, 4):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    path, key_file, out, *names = arguments
    base = os.path.basename(path)
    names = names or [f"{kind}/{base[:2]}/{base}" for kind in KINDS]
    aside = f"{out}.part"
    made = False
    try:
        with sys.stdin if key_file == "-" else open(key_file, encoding="ascii") as text:
            master = read_key(text.read(200))
        with open(path, "rb") as file, open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as plain:
            made = True
            for chunk in decrypt(file, master, names):
                plain.write(chunk)
        os.link(aside, out)  # fails where there is such a file already
    except (Refused, OSError, UnicodeDecodeError) as fault:
        sys.stderr.write(f"{path}: {fault}\n")
        return 3 if isinstance(fault, Refused) else 2
    finally:
        if made:
            os.unlink(aside)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
