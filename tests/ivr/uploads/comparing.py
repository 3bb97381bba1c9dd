"""Copies that are handed in and compared with the agency's recording, by a comparer that is told what to find."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from ivr.calls.jobs import JobKind
from speech.comparison.report import Damage, Report, Side
from speech.comparison.result import Comparison, Edit, EditKind, Stretch
from speech.comparison.result import Verdict as Found
from storage.records import Job
from tests.builders import House
from tests.fakes import RECORDING_SID
from tests.ivr.uploads.asking import Sender, uploads
from tests.speech.comparison.encoding import encode
from tests.speech.comparison.test_decoding import bursts

OURS = np.stack([bursts(20.0, seed=1), bursts(20.0, seed=2)])
RECORDING = encode(OURS, "wav")
COPY = encode(OURS.sum(axis=0), "mp3")
EDIT = Edit(EditKind.CUT, 4.0, 9.5, 6.0, 6.0, 0.97)
REPORT = Report(
    "spelregel compare 1, PyAV 18",
    Comparison(Found.CUT, 0.72, 12.5, (EDIT,), (Stretch(0, 4, 2, 6), Stretch(9.5, 20, 6, 16.5)), 20.0, 16.5),
    Side((10, 100), ()),
    Side((20, 90), (Damage(3.0, 3.5),)),
)


@dataclass
class SetComparer:
    """Finds what it is told to find; `faults` come first, once each."""

    report: Report = REPORT
    faults: list[Exception] = field(default_factory=list)
    seen: list[tuple[bytes, bytes]] = field(default_factory=list)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def compare(self, agency: BinaryIO, copy: BinaryIO) -> Report:
        self.seen.append((agency.read(), copy.read()))
        for act in list(self.meanwhile):
            act()
        if self.faults:
            raise self.faults.pop(0)
        return self.report


def collected(house: House) -> None:
    """The agency's recording of the call is in the store."""
    house.carrier.files[RECORDING_SID] = RECORDING
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)


def handed_in(house: House, file: bytes = COPY) -> None:
    Sender(house).send(file)
    house.run_jobs(JobKind.CHECK_UPLOAD)


def compare(house: House) -> int:
    return house.run_jobs(JobKind.COMPARE_COPY)


def hollow(size: int = 5000) -> bytes:
    """It has the boxes of an M4A, and nothing in them that can be decoded."""
    handler = struct.pack(">I4sII4s", 20, b"hdlr", 0, 0, b"soun")
    boxes = [(b"ftyp", b"M4A \0\0\0\0"), (b"moov", handler), (b"mdat", bytes(size))]
    return b"".join(struct.pack(">I4s", 8 + len(inner), name) + inner for name, inner in boxes)


def unreadable(house: House) -> None:
    """A file was handed in, taken for sound by its first bytes, and could not be read."""
    collected(house)
    handed_in(house, hollow())
    assert uploads(house)[0].state == "kept"
    compare(house)


def job_of(house: House, attempts: int = 1) -> Job:
    upload = uploads(house)[0]
    return Job(1, JobKind.COMPARE_COPY, upload.upload_id, {"upload_id": upload.upload_id}, attempts)


def run_again(house: House, attempts: int = 1) -> None:
    house.wiring.runner._work[JobKind.COMPARE_COPY](job_of(house, attempts))
