"""One form of the copy, made of the stored recording: the file's headers first, the agency's signature last."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import BinaryIO

from config.policy import AgencyPolicy
from ivr.copying.broadcast_wave import Origin, header
from ivr.copying.files import Form
from ivr.copying.joined import Joined
from ivr.copying.mp3 import encode_mp3
from ivr.copying.signing import Signer
from ivr.copying.statement import About, Course, statement_of
from storage.errors import LogBroken
from storage.recordings.sound import NoWholeWav, SoundPlace, measure_sound
from storage.records import RecordingRow

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """The stored recording, open, after its digest was found to be the log's; `file` stays its opener's to close."""

    file: BinaryIO
    place: SoundPlace
    pcm_digest: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What the copy is of."""

    recording: RecordingRow
    policy: AgencyPolicy
    course: Course
    log_origin: str
    zone: tzinfo

    @property
    def title(self) -> str:
        """In the agency's language: with whom, and when. Nothing of who called."""
        local = self.course.began_at.astimezone(self.zone)
        return f"Gesprek met {self.policy.name[self.policy.language]}, {local:%Y-%m-%d %H:%M}"


def check_source(file: BinaryIO, recording: RecordingRow, course: Course) -> Source:
    """Reads all of it. Raises `ObjectDamaged`, and `LogBroken` where file, index and log are not of one digest."""
    number, logged = course.stored.number, course.stored.facts
    try:
        found = measure_sound(file)
    except NoWholeWav as fault:
        raise LogBroken(f"the recording of call {recording.call_id} is not that of entry {number}: {fault}") from fault
    if not found.digest == recording.digest == logged.get("digest"):
        raise LogBroken(f"the recording of call {recording.call_id} is not that of entry {number}")
    return Source(file, found.place, found.pcm_digest)


def make(
    form: Form,
    source: Source,
    subject: Subject,
    signer: Signer | None = None,
    parent: BinaryIO | None = None,
    *,
    stamped: bool = False,
) -> BinaryIO | io.RawIOBase:
    """The file, at its beginning. `parent` is the WAV that an MP3 names as its origin, None where it has none.

    A WAV is read as it goes, an MP3 is in memory. Raises `SigningFailed`, `NotCopied`.
    """
    made = _wave(source, subject) if form is Form.WAV else encode_mp3(source.file, source.place, subject.title)
    if signer is None:
        return made
    policy = subject.policy
    about = About(
        agency=policy.controller.name,
        profile=policy.slug,
        profile_version=policy.version,
        profile_digest=policy.digest,
        log_origin=subject.log_origin,
        pcm_digest=source.pcm_digest,
    )
    statement = statement_of(subject.course, about)
    return signer.sign(form, made, subject.title, statement, parent, stamped=stamped)


def _wave(source: Source, subject: Subject) -> Joined:
    origin = Origin(
        description=f"Gesprek {subject.recording.call_id}",
        originator=subject.policy.name[subject.policy.language],
        reference=subject.recording.recording_id,
        began_at=subject.course.began_at.astimezone(subject.zone),
    )
    return Joined(header(source.place, origin), source.file, source.place.start, source.place.sound_bytes)


def pieces(file: BinaryIO | io.RawIOBase) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
