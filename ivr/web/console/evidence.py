"""What a page answers where what is kept is not what was written."""

import logging
import wave
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import Conflict

from storage.errors import LogBroken, ObjectDamaged, ObjectMissing

log = logging.getLogger(__name__)


@contextmanager
def whole_evidence() -> Iterator[None]:
    """Answers 409; the page of the call, and the whole log's, tell more when it is checked there."""
    try:
        yield
    except (LogBroken, ObjectMissing, ObjectDamaged, wave.Error, EOFError) as fault:
        log.error("evidence cannot be read", extra={"error": type(fault).__name__})
        raise Conflict("what is kept is not what was written") from None
