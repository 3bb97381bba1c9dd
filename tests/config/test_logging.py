"""Log lines: one JSON object each, with neither numbers nor anything that nobody allowed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from config.logging import FIELDS, QUIET_LOGGERS, configure, mask_numbers


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The root logger writes here for the time of one test."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in QUIET_LOGGERS}
    stream = io.StringIO()
    configure(stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_logger_text_and_allowed_fields(stream: io.StringIO) -> None:
    logging.getLogger("ivr.calls").warning("moved to %s", "asking", extra={"call_id": "c-1", "version": 3})
    (line,) = lines(stream)
    assert str(line.pop("at")).endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "ivr.calls",
        "text": "moved to asking",
        "call_id": "c-1",
        "version": 3,
    }


def test_a_field_that_nobody_allowed_is_left_out(stream: io.StringIO) -> None:
    logging.getLogger("ivr").info("heard", extra={"utterance": "ik wil dit opnemen", "caller": "+31612345678"})
    assert set(lines(stream)[0]) == {"at", "level", "logger", "text"}


def test_allowed_fields_do_not_shadow_what_logging_itself_sets() -> None:
    assert not FIELDS & set(vars(logging.makeLogRecord({})))


def test_numbers_are_masked_in_texts_fields_and_tracebacks(stream: io.StringIO) -> None:
    try:
        raise ValueError("cannot ring +31612345678")
    except ValueError:
        logging.getLogger("ivr").exception("sms to %s", "+31612345678", extra={"call_id": "tel:+31612345678"})
    assert "612345" not in stream.getvalue()
    assert "cannot ring …78" in str(lines(stream)[0]["traceback"])


def test_a_text_of_many_lines_stays_one_line(stream: io.StringIO) -> None:
    logging.getLogger("ivr").error("one\ntwo")
    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("name", QUIET_LOGGERS)
def test_loggers_that_show_bodies_keep_quiet(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("Body=Uw kopie")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "number",
    [
        "+31612345678",
        "0612345678",
        "06-12345678",
        "020 123 4567",
        "(020) 123 4567",
        "+31 (0)6 12 34 56 78",
        "0031612345678",
    ],
)
@pytest.mark.parametrize("around", ["{}", "tel:{}", "From={}&To=x", "{{'From': '{}'}}", "sip:{}@host", "bel {}."])
def test_a_phone_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    masked = mask_numbers(around.format(number))
    assert "…" in masked
    assert sum(character.isdigit() for character in masked) == 2


@pytest.mark.parametrize(
    "text",
    [
        "CA0123456789012345678901234567890f",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "2026-11-22T03:02:47.123+00:00",
        "2026-11-22 03:02:47",
        "127.0.0.1:8000",
        "version 12, 123456 bytes",
    ],
)
def test_what_is_no_phone_number_is_left_alone(text: str) -> None:
    assert mask_numbers(text) == text


def test_an_encoded_number_is_masked() -> None:
    assert mask_numbers("To=%2B31612345678") == "To=%2B…78"
