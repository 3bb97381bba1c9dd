"""What the caller's copy costs: making and signing each form, reading its credentials, and how large it is."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ivr.copying.credentials import read_credentials
from ivr.copying.files import Form
from ivr.copying.making import check_source, make
from ivr.copying.signing import Signer
from tests.bench.table import Row
from tests.certificates import Authority
from tests.ivr.copying.copies import Recorded

MINUTES = 5
TIMES = 3

T = TypeVar("T")


def measure(folder: Path) -> list[Row]:
    signer = Signer(Authority(folder).issue().load())
    recorded = Recorded(seconds=60.0 * MINUTES)
    subject = recorded.subject
    stored = io.BytesIO(recorded.sound)
    check_ms, source = _time(lambda: check_source(stored, recorded.row, subject.course))
    rows = [Row("copy: hold the recording against the log", check_ms, "ms/min")]
    copies: dict[Form, bytes] = {}
    for form in Form:
        parent = copies.get(Form.WAV)

        def make_one(signer: Signer | None, form: Form = form, parent: bytes | None = parent) -> bytes:
            made = make(form, source, subject, signer, None if parent is None else io.BytesIO(parent))
            return made.read() or b""

        plain_ms, plain = _time(lambda: make_one(None))
        signed_ms, copies[form] = _time(lambda: make_one(signer))
        read_ms, _ = _time(lambda: read_credentials(form, io.BytesIO(copies[form])))  # noqa: B023
        about = f"a call of {MINUTES} minutes, {len(copies[form]) - len(plain)} bytes of credentials"
        rows += [
            Row(f"copy: {form} without credentials", plain_ms, "ms/min"),
            Row(f"copy: {form} signed", signed_ms, "ms/min", about),
            Row(f"copy: {form} credentials read", read_ms, "ms/min"),
            Row(f"copy: {form} size", len(copies[form]) / MINUTES / 1000, "kB/min"),
        ]
    return rows


def _time(work: Callable[[], T]) -> tuple[float, T]:
    """The best of a few, in milliseconds per minute of the call; and what came of it."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        made = work()
        took.append(time.perf_counter() - began)
    return min(took) * 1000 / MINUTES, made
