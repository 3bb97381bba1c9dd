"""Canonical bytes: the fast writer is the standard's writer, and only canonical bytes are read."""

import json
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from storage.consent_log.entry import Entry, canonical_json, normal_json, parse_entry, personal_digest
from storage.records import Json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2**53), 2**53, exclude_min=True, exclude_max=True)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
ENTRY = Entry(
    number=3,
    call_id="call-1",
    call_number=1,
    event_id="event-1",
    tag="answer:yes",
    occurred_at=datetime(2026, 11, 22, 12, 0, 0, 0, UTC),
    facts={"confidence": 0.5, "channel": "speech"},
    personal={"heard": "ab" * 32},
    previous="cd" * 32,
)


@given(VALUES)
def test_the_fast_writer_writes_what_the_standard_says(value: Json) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_the_bytes_of_an_entry() -> None:
    assert ENTRY.canonical() == (
        b'{"call_id":"call-1","call_number":1,"event_id":"event-1","facts":{"channel":"speech","confidence":0.5},'
        b'"number":3,"occurred_at":"2026-11-22T12:00:00.000000Z","personal":{"heard":"' + b"ab" * 32 + b'"},'
        b'"previous":"' + b"cd" * 32 + b'","schema":1,"tag":"answer:yes"}'
    )
    assert parse_entry(ENTRY.canonical()) == ENTRY


@given(st.dictionaries(TEXT, VALUES), TEXT)
def test_any_entry_is_read_as_it_was_written(facts: dict[str, Json], call_id: str) -> None:
    entry = Entry(0, call_id, 0, "e", "t", ENTRY.occurred_at, facts, {}, None)
    assert parse_entry(entry.canonical()) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"number": "3"},
        {"number": True},
        {"facts": []},
        {"personal": {"heard": 1}},
        {"previous": 0},
        {"occurred_at": "2026-11-22T12:00:00Z"},
        {"occurred_at": "2026-11-22T13:00:00.000000+01:00"},
        {"occurred_at": "noon"},
        {"extra": 1},
    ],
)
def test_what_is_no_entry_is_refused(change: dict[str, Json]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each has its own message
        parse_entry(canonical_json(json.loads(ENTRY.canonical()) | change))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        ENTRY.canonical() + b" ",
        ENTRY.canonical().replace(b'"number":3', b'"number": 3'),
        ENTRY.canonical().replace(b'"number":3', b'"number":3,"number":3'),
        ENTRY.canonical().replace(b"0.5", b"0.50"),
        ENTRY.canonical().replace(b"call-1", b"call\\u002d1"),
        ENTRY.canonical().replace(b"0.5", b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_other_bytes_than_the_canonical_ones_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each has its own message
        parse_entry(body)


def test_strings_and_keys_are_normalised_at_every_depth() -> None:
    assert normal_json({"e\u0301": ["e\u0301", {"e\u0301": 1.5}]}) == {"\u00e9": ["\u00e9", {"\u00e9": 1.5}]}


def test_the_digest_covers_nonce_and_value() -> None:
    assert personal_digest(bytes(32), "ja") != personal_digest(bytes([1]) * 32, "ja")
    assert personal_digest(bytes(32), "ja") != personal_digest(bytes(32), "nee")
