"""The forms in which a caller can have the copy, and what is known of those that were prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.consent_log.tags import Tag
from storage.recordings.keys import copy_key
from storage.records import LoggedEntry, RecordingRow


class Form(StrEnum):
    """WAV holds every sample of the recording; MP3 is small, and every phone plays it. The first is the usual one."""

    WAV = "wav"
    MP3 = "mp3"

    @property
    def mimetype(self) -> str:
        return "audio/wav" if self is Form.WAV else "audio/mpeg"


@dataclass(frozen=True, slots=True)
class CopyFile:
    """One that lies ready: `digest` is the SHA-256 of its bytes; `is_signed`: the agency's credentials are in it."""

    form: Form
    object_key: str
    size_bytes: int
    digest: str
    is_signed: bool


def prepared_files(recording: RecordingRow, entries: Sequence[LoggedEntry]) -> tuple[CopyFile, ...]:
    """What the call's entries say was prepared of this recording, in the order of the forms."""
    facts = {entry.facts["form"]: entry.facts for entry in entries if entry.tag == Tag.COPY_PREPARED}
    return tuple(
        CopyFile(
            form=form,
            object_key=copy_key(recording.recording_id, form),
            size_bytes=int(str(facts[form]["size_bytes"])),
            digest=str(facts[form]["digest"]),
            is_signed=facts[form]["credentials"] == "c2pa",
        )
        for form in Form
        if form in facts
    )
