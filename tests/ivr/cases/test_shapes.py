"""Reading declared shapes: all faults at once, and nothing odd gets through."""

from datetime import UTC, datetime

import pytest

from ivr.cases.acts import AccessGranted, Comparison, ComplaintReceived, CopyReceived, EvidenceAdded, TalkPlanned
from ivr.cases.case import Case, Verdict
from ivr.cases.shapes import Fault, Misshapen, camel, read, split, write

GRANT = {"people": ["c.visser"], "until": "2026-11-10T12:00:00Z", "weighing": "nodig"}
COMPARISON = {"verdict": "cut", "coverage": 1, "driftPpm": -12.5, "edits": []}


def faults(shape: type[object], raw: object) -> set[tuple[str, str]]:
    with pytest.raises(Misshapen) as wrong:
        read(shape, raw, camel)
    return {(fault.pointer, fault.detail) for fault in wrong.value.faults}


def test_what_was_written_is_read_back() -> None:
    act = read(EvidenceAdded, {"evidence": "zie bijlage", "comparison": COMPARISON}, camel)
    assert act == EvidenceAdded("zie bijlage", Comparison(Verdict.CUT, 1, -12.5, ()))
    assert read(EvidenceAdded, write(act, camel), camel) == act


def test_times_come_in_any_zone_and_are_kept_in_utc() -> None:
    act = read(AccessGranted, GRANT | {"until": "2026-11-10T13:00:00.5+01:00"}, camel)
    assert act.until == datetime(2026, 11, 10, 12, 0, 0, 500_000, UTC)
    assert act.until.tzinfo is UTC


def test_all_faults_are_told_at_once() -> None:
    raw = {"people": ["c.visser", "", 3], "until": "tomorrow", "surprise": 1, "a/b~c": 2}
    assert faults(AccessGranted, raw) == {
        ("/people/1", "must have 1 to 60 characters"),
        ("/people/2", "must be text"),
        ("/until", "must be a date and time with its zone, like 2026-11-22T09:30:00Z"),
        ("/weighing", "is missing"),
        ("/surprise", "is not known here"),
        ("/a~1b~0c", "is not known here"),
    }


@pytest.mark.parametrize("raw", [None, 1, "text", [], [{}], True])
def test_anything_but_an_object_is_refused(raw: object) -> None:
    assert faults(ComplaintReceived, raw) == {("", "must be an object")}


@pytest.mark.parametrize(
    "text", [None, 5, "", "  ", "a", " a  ", "x" * 2001, "na\x00m", "\ud800 half a pair", ["text"], {"a": "b"}]
)
def test_texts_that_are_none_too_short_too_long_or_cannot_be_kept(text: object) -> None:
    assert {pointer for pointer, _ in faults(ComplaintReceived, {"complaint": text})} == {"/complaint"}


@pytest.mark.parametrize("size", [0, -1, 2**40 + 1, 10**400, 1.5, True, "1000", None])
def test_numbers_that_are_none_or_out_of_bounds(size: object) -> None:
    assert {pointer for pointer, _ in faults(CopyReceived, {"digest": "a" * 64, "sizeBytes": size})} == {"/sizeBytes"}


@pytest.mark.parametrize("coverage", [float("nan"), float("inf"), -0.1, 1.1, "1", None])
def test_fractions_that_are_none(coverage: object) -> None:
    assert {pointer for pointer, _ in faults(Comparison, COMPARISON | {"coverage": coverage})} == {"/coverage"}


@pytest.mark.parametrize("digest", ["A" * 64, "a" * 63, "a" * 65, "g" * 64, "a" * 64 + "\n", "٣" * 64])
def test_codes_that_do_not_look_like_one(digest: str) -> None:
    assert {pointer for pointer, _ in faults(CopyReceived, {"digest": digest, "sizeBytes": 1})} == {"/digest"}


@pytest.mark.parametrize(
    "until",
    [
        "2026-11-10",
        "2026-11-10T12:00:00",
        "20261110T120000Z",
        "2026-11-10 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-11-10T25:00:00Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        1762000000,
        None,
    ],
)
def test_times_that_are_none(until: object) -> None:
    assert {pointer for pointer, _ in faults(AccessGranted, GRANT | {"until": until})} == {"/until"}


@pytest.mark.parametrize("day", ["10-11-2026", "2026-W46-2", "20261110", "2026-02-30", 5, None])
def test_days_that_are_none(day: object) -> None:
    assert {pointer for pointer, _ in faults(TalkPlanned, {"on": day})} == {"/on"}


@pytest.mark.parametrize("people", [[], ["a"] * 21, "c.visser", {"0": "c.visser"}, ["C. Visser"], None])
def test_lists_that_are_empty_too_long_or_none(people: object) -> None:
    assert all(pointer.startswith("/people") for pointer, _ in faults(AccessGranted, GRANT | {"people": people}))


def test_what_may_be_none_is_left_out_of_the_facts() -> None:
    facts, personal = split(EvidenceAdded("zie bijlage"))
    assert (facts, personal) == ({}, {"evidence": "zie bijlage"})


@pytest.mark.parametrize("text", ["{}", "[]", "1", "not json", '{"about": {}, "kind": "refusal"}'])
def test_a_stored_case_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a case file|is missing|Expecting"):
        Case.from_json(text)


def test_a_fault_says_where() -> None:
    assert str(Misshapen((Fault("/a", "is missing"), Fault("", "must be an object")))) == (
        "/a: is missing; /: must be an object"
    )
