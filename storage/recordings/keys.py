"""PURE. Names of stored objects: opaque, safe as a path and as an S3 key."""

import hashlib
import re
from collections.abc import Sequence

OBJECT_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*")
LONGEST = 200

RECORDINGS, COPIES, CITIZEN_COPIES, PARTS = "recordings", "copies", "citizen-copies", "parts"


def recording_key(recording_id: str) -> str:
    """`recordings/<2 hex>/<64 hex>`: says nothing of the call, and spreads the files over 256 folders."""
    return _key(RECORDINGS, recording_id)


def copy_key(recording_id: str, form: str) -> str:
    """`copies/<2 hex>/<64 hex>`: the recording as it is handed to the caller, in that form."""
    return _key(COPIES, f"{recording_id}:{form}")


def citizen_copy_key(upload_id: str) -> str:
    """`citizen-copies/<2 hex>/<64 hex>`."""
    return _key(CITIZEN_COPIES, upload_id)


def part_key(upload_id: str, part_id: str) -> str:
    """`parts/<2 hex>/<64 hex>`: a stretch of a file that is still being handed in."""
    return _key(PARTS, f"{upload_id}:{part_id}")


def possible_keys(file_name: str) -> Sequence[str]:
    """The objects that a file of this name can be, when it lies outside the store."""
    return [f"{kind}/{file_name[:2]}/{file_name}" for kind in (RECORDINGS, COPIES, CITIZEN_COPIES, PARTS)]


def check_key(object_key: str) -> str:
    """The key itself. Raises `ValueError` for one that could leave its folder or that some store could not keep."""
    if len(object_key) > LONGEST or not OBJECT_KEY.fullmatch(object_key):
        raise ValueError(f"no object key: {object_key[:LONGEST]!r}")
    return object_key


def _key(kind: str, of: str) -> str:
    name = hashlib.sha256(of.encode()).hexdigest()
    return f"{kind}/{name[:2]}/{name}"
