"""Callers' numbers as people type them, and the hash by which a call is found."""

import pytest

from ivr.calls.numbers import NumberKey, is_hash, parse_number

KEY = NumberKey("a secret")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+31612345678", "+31612345678"),
        ("06 12 34 56 78", "+31612345678"),
        ("020-123 45 67", "+31201234567"),
        ("(020) 1234567", "+31201234567"),
        ("0031 6 12345678", "+31612345678"),
        ("+31 (0)6 12.34.56.78", "+31612345678"),
        ("0049/30/123456", "+4930123456"),
        ("+32 2 123 45 67", "+3221234567"),
    ],
)
def test_a_number_is_understood_however_it_is_written(typed: str, number: str) -> None:
    assert parse_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anoniem",
        "112",
        "0800",
        "612345678",
        "+0612345678",
        "+31",
        "06 12 34 56 7x",
        "0" * 40,
        "０６１２３４５６７８",
    ],
)
def test_what_is_no_number(typed: str) -> None:
    assert parse_number(typed) is None


def test_the_hash_is_the_same_each_time_and_another_with_another_secret() -> None:
    found = KEY.hash_of("+31612345678")
    assert found is not None
    assert is_hash(found)
    assert found == KEY.hash_of("+31612345678") != KEY.hash_of("+31612345679")
    assert found != NumberKey("another secret").hash_of("+31612345678")
    assert "a secret" not in repr(KEY)


@pytest.mark.parametrize("number", ["", "anonymous", "sip:jan@example.nl", "client:proef", "+31612345678\n"])
def test_a_caller_without_a_number_has_no_hash(number: str) -> None:
    assert KEY.hash_of(number) is None


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "A" * 32, "+31612345678", "0" * 32 + "\n"])
def test_what_is_no_hash(text: str) -> None:
    assert not is_hash(text)
