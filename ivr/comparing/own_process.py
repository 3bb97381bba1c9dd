"""Compares in a process of its own, which gets the two files and nothing else: no key, no address, no environment.

The files reach it as sealed memory (memfd_create(2)), so that nothing of them is ever on a disk in the clear. What it
answers is read as what a stranger says: a file can be stronger than the decoder that reads it.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import speech
from ivr.cases.shapes import Misshapen, read
from ivr.errors import ComparisonBroken, Unusable
from speech.comparison.report import Report

PIECE_BYTES = 1024 * 1024
WITHIN_S = 45 * 60.0
"""An hour of sound takes half a minute on a machine that has nothing else to do."""

LONGEST_ANSWER_BYTES = 4 * 1024 * 1024
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
COMMAND = [sys.executable, "-m", "speech.comparison"]
ENVIRONMENT = {
    "PYTHONPATH": str(Path(speech.__file__).parents[1]),
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # each thread reserves memory, of which the process has a bound
}


class ProcessComparer:
    """Safe to share between threads; each comparison has its own process. Needs Linux."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s

    def compare(self, agency: BinaryIO, copy: BinaryIO) -> Report:
        """Raises `Unusable`, `ComparisonBroken`, and what reading the two raises."""
        with ExitStack() as stack:
            files = [stack.enter_context(_sealed(file)) for file in (agency, copy)]
            answer = stack.enter_context(_memory("answer"))
            command = [*COMMAND, *(f"/dev/fd/{file}" for file in files)]
            try:
                subprocess.run(  # noqa: S603 - our own interpreter with fixed arguments
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                    pass_fds=files,
                    env=ENVIRONMENT,
                    cwd="/",
                    timeout=self._within_s,
                    check=True,
                )
            except subprocess.SubprocessError as fault:
                raise ComparisonBroken(f"the comparison ended without an answer: {_why(fault)}") from fault
            return _report(os.pread(answer, LONGEST_ANSWER_BYTES + 1, 0))


def _why(fault: subprocess.SubprocessError) -> str:
    """Nothing of the file's own words."""
    return f"exit {fault.returncode}" if isinstance(fault, subprocess.CalledProcessError) else "no answer in time"


@contextmanager
def _memory(name: str) -> Iterator[int]:
    file = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _sealed(source: BinaryIO) -> Iterator[int]:
    """A copy that nobody can change, and from its beginning for whoever opens it."""
    with _memory("sound") as file:
        while piece := source.read(PIECE_BYTES):
            left = memoryview(piece)
            while left:
                left = left[os.write(file, left) :]
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
        yield file


def _report(answer: bytes) -> Report:
    """Raises `Unusable`, and `ComparisonBroken` for anything that is no report."""
    try:
        if len(answer) > LONGEST_ANSWER_BYTES:
            raise ValueError("too long")
        raw = json.loads(answer, parse_constant=_no_number)
        if isinstance(raw, dict) and "unusable" in raw:
            raise Unusable(str(raw["unusable"]) != "copy", raw.get("too_long") is True)
        return read(Report, raw)
    except (ValueError, RecursionError, Misshapen) as fault:
        raise ComparisonBroken("the comparison answered something else than a report") from fault


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number")
