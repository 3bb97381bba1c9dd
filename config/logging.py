"""Structured logs: one JSON object a line on stderr; phone numbers, names and speech are never in them.

A field passed with `extra=` is written only when it stands in `FIELDS`, so that a new one is a decision somebody made.
Numbers of seven digits and more are masked wherever they appear, in texts, fields and tracebacks alike.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

FIELDS = frozenset(
    {
        "agency",
        "attempt",
        "call_id",
        "call_sid",
        "conference_sid",
        "duration_ms",
        "effect",
        "engine",
        "entry_number",
        "error",
        "event",
        "job",
        "key",
        "kind",
        "lag_s",
        "method",
        "path",
        "port",
        "prompt_id",
        "prompt_key",
        "queue",
        "reason",
        "recording_id",
        "recording_sid",
        "size_bytes",
        "state",
        "status",
        "stream_sid",
        "version",
    }
)
"""References, counts and closed sets; never a value that a person spoke, is called by, or can be rung on."""

QUIET_LOGGERS = ("twilio.http_client", "urllib3", "sqlalchemy.engine", "faster_whisper")
"""They log request bodies, statements or recognised words below WARNING."""

# International form anywhere (also URL-encoded), else digits that are neither a date nor part of a sid, digest or UUID.
# E.164 has at most 15 digits; people group them by blanks, hyphens and brackets.
_NUMBER = re.compile(
    r"(?:\+|(?<=%2B))\d(?:[ ()-]{0,2}\d){6,14}"
    r"|(?<![\w.-])(?!\d{4}-\d\d-\d\d(?!\d))\(?\d(?:[ ()-]{0,2}\d){6,14}(?![\w-])"
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def mask_numbers(text: str) -> str:
    """Each phone-like number becomes `…` and its last two digits, enough to tell two apart while reading."""
    return _NUMBER.sub(lambda number: f"…{number[0][-2:]}", text)


class JsonFormatter(logging.Formatter):
    """A record -> one line of JSON: time (UTC), level, logger, text, allowed fields, traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": mask_numbers(record.getMessage()),
        }
        for field, value in vars(record).items():
            if field in FIELDS and field not in _STANDARD:
                line[field] = value if isinstance(value, int | float | None) else mask_numbers(str(value))
        if record.exc_info:
            line["traceback"] = mask_numbers(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure(level: int = logging.INFO, stream: TextIO = sys.stderr) -> None:
    """Replace the root logger's handlers by one that writes JSON lines to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
