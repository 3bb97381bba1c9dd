"""PURE. The fields of a consent-log entry and their canonical bytes.

An entry is the RFC 8785 form of one JSON object, every string in Unicode NFC:
`schema` 1 · `number` from 0 over the whole log · `call_id` · `call_number` from 0 within the call · `event_id` ·
`tag` · `occurred_at` as `2026-11-22T09:30:00.000000Z` · `facts` as given ·
`personal` name -> hex SHA-256(nonce || value) ·
`previous` hex leaf hash of the call's entry before this one, null for its first.
At most 1 MiB, and nested at most 32 deep, so that no reader can be overwhelmed. docs/log-format.md has it in full.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785

from storage.records import Json, LoggedEntry

SCHEMA = 1
NONCE_BYTES = 32
MOST_BYTES = 1 << 20
DEEPEST = 32
TOO_LONG = f"longer than {MOST_BYTES} bytes"
DIGEST = re.compile(r"[0-9a-f]{64}")
FIELD_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int,),
    "call_id": (str,),
    "call_number": (int,),
    "event_id": (str,),
    "tag": (str,),
    "occurred_at": (str,),
    "facts": (dict,),
    "personal": (dict,),
    "previous": (str, type(None)),
}
FIELDS = {"schema", *FIELD_TYPES}
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Entry:
    """`personal` holds hex digests, never values; `previous` is hex or None."""

    number: int
    call_id: str
    call_number: int
    event_id: str
    tag: str
    occurred_at: datetime
    facts: Mapping[str, Json]
    personal: Mapping[str, str]
    previous: str | None

    def canonical(self) -> bytes:
        """Raises `ValueError` for what RFC 8785 cannot write: integers from 2^53, NaN, keys that are no strings.

        Also for what is too long or nested too deep.
        """
        _check_nesting(self.facts)
        body = canonical_json(
            {
                "schema": SCHEMA,
                "number": self.number,
                "call_id": self.call_id,
                "call_number": self.call_number,
                "event_id": self.event_id,
                "tag": self.tag,
                "occurred_at": format_time(self.occurred_at),
                "facts": dict(self.facts),
                "personal": dict(self.personal),
                "previous": self.previous,
            }
        )
        if len(body) > MOST_BYTES:
            raise ValueError(TOO_LONG)
        return body

    def logged(self, entry_hash: str, personal: Mapping[str, str]) -> LoggedEntry:
        """As the stores give it: with the values of before, where they are at hand, in place of their digests."""
        return LoggedEntry(
            number=self.number,
            call_id=self.call_id,
            call_number=self.call_number,
            event_id=self.event_id,
            tag=self.tag,
            occurred_at=self.occurred_at.astimezone(UTC),
            facts=self.facts,
            personal=personal,
            entry_hash=entry_hash,
        )


def parse_entry(body: bytes) -> Entry:
    """The reverse of `canonical`. Raises `ValueError` for bytes that are not the canonical form of an entry."""
    if len(body) > MOST_BYTES:
        raise ValueError(TOO_LONG)
    try:
        fields = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(fields, dict) or set(fields) != FIELDS or fields.pop("schema") != SCHEMA:
        raise ValueError("not an entry of schema 1")
    for name, kind in FIELD_TYPES.items():
        if type(fields[name]) not in kind:
            raise ValueError(f"field {name} is not of its type")
    digests = [*fields["personal"].values(), *([] if fields["previous"] is None else [fields["previous"]])]
    if not all(isinstance(digest, str) and DIGEST.fullmatch(digest) for digest in digests):
        raise ValueError("a digest is not 64 hexadecimal digits")
    entry = Entry(**fields | {"occurred_at": datetime.fromisoformat(fields["occurred_at"])})
    try:
        if entry.canonical() == body:
            return entry
    except OverflowError as error:
        raise ValueError("a time before the first year or after the last") from error
    raise ValueError("not in canonical form")


def _check_nesting(facts: Mapping[str, Json]) -> None:
    """The facts themselves are the first level."""
    level: list[Mapping[str, Json] | list[Json]] = [facts]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _values(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} deep")


def _values(outer: Mapping[str, Json] | list[Json]) -> Iterable[Json]:
    return outer if isinstance(outer, list) else outer.values()


def format_time(at: datetime) -> str:
    """Raises `ValueError` for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"time without a zone: {at.isoformat()}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical_json(value: Json) -> bytes:
    """RFC 8785. What it writes like the standard library's C encoder, that writes, five times as fast."""
    return ENCODER.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)


def _is_plain(value: Json) -> bool:
    """No large integers, no fractions with an exponent or without need, and keys that UTF-16 puts in the same order.

    Plain loops: every entry of a log that is verified goes through here.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or not (type(item) is str or _is_plain(item)):
                return False
        return True
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, float):
        digits = repr(value)  # ECMAScript writes the same digits: the fewest that give the value back
        return not digits.endswith(".0") and digits.strip("-0123456789") == "."
    return value is None or isinstance(value, str | bool) or -(2**53) < value < 2**53


def normal_text(value: str) -> str:
    """Unicode NFC. Raises `ValueError` for what a database cannot keep: NUL and half surrogate pairs."""
    if "\x00" in value:
        raise ValueError("text with a NUL character")
    value.encode()
    return unicodedata.normalize("NFC", value)


def normal_json(value: Json) -> Json:
    """All strings and keys in NFC. Raises `ValueError` for two keys that become one, and as `normal_text`.

    Also for fractions from 2^53: RFC 8785 writes them as integers, which it then refuses to read.
    """
    if isinstance(value, float) and not abs(value) < 2**53:
        raise ValueError(f"a fraction that JSON cannot keep exactly: {value}")
    if isinstance(value, str):
        return normal_text(value)
    if isinstance(value, list):
        return [normal_json(item) for item in value]
    if isinstance(value, dict):
        return normal_object(value)
    return value


def normal_object(value: Mapping[str, Json]) -> dict[str, Json]:
    normal = {normal_text(key): normal_json(item) for key, item in value.items()}
    if len(normal) != len(value):
        raise ValueError("two keys are the same text in Unicode NFC")
    return normal


def personal_digest(nonce: bytes, value: str) -> str:
    """Hex SHA-256(nonce || UTF-8 value): without the nonce a phone number could be guessed back."""
    return hashlib.sha256(nonce + value.encode()).hexdigest()
