"""PURE. The digest of a stretch of the trail, by which the consent log holds it.

SHA-256 over the lines in the order of their numbers, each the RFC 8785 form of one JSON object and a newline.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict

from storage.consent_log.entry import canonical_json, format_time
from storage.oversight import TrailLine


def digest_of(lines: Iterable[TrailLine]) -> tuple[int, str]:
    """How many lines there are, and their digest in hex."""
    digest, count = hashlib.sha256(), 0
    for line in lines:
        fields = asdict(line.row) | {"number": line.number, "at": format_time(line.row.at)}
        digest.update(canonical_json(fields) + b"\n")
        count += 1
    return count, digest.hexdigest()
