"""Whether a file that somebody has is a copy that the agency handed out, unchanged and whole.

The credentials in it say what it is and show whether it was changed. They can be taken out, and they rest on the word
of who signed; so whoever has the log, or an export of it, holds both against what was logged at the time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from ivr.copying.credentials import Credentials, State, read_credentials
from ivr.copying.files import Form
from ivr.copying.statement import About, course_of, differences, statement_of
from ivr.errors import SpelregelError
from storage.consent_log.chain import leaf_hash
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.entry import parse_entry
from storage.consent_log.exported_log import CHECKPOINT_START, verify_export
from storage.consent_log.tags import Tag
from storage.errors import LogBroken
from storage.recordings.sound import NoWholeWav, measure_sound
from storage.records import LoggedEntry

PIECE_BYTES = 256 * 1024
MP3_SYNC = 0xFFE0
"""Of a frame without an ID3 tag before it (ISO/IEC 11172-3)."""


class NoSoundFile(SpelregelError):
    """Neither a WAV nor an MP3."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A file, as it was given to be checked. `pcm_digest` is that of a WAV's samples, "" where they cannot be found."""

    form: Form
    digest: str
    pcm_digest: str
    credentials: Credentials

    @property
    def call_id(self) -> str | None:
        """Which call its credentials name."""
        statement = self.credentials.statement
        return None if statement is None else str(statement.get("call", "")) or None


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log says of a presented file: `faults` in words, none where both agree. `entry` is the number of the
    entry that says that the recording was stored."""

    faults: tuple[str, ...]
    entry: int | None
    is_as_handed_out: bool


def form_of(file: BinaryIO) -> Form:
    """By its first bytes. Raises `NoSoundFile`."""
    file.seek(0)
    head = file.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return Form.WAV
    if head[:3] == b"ID3" or int.from_bytes(head[:2], "big") & MP3_SYNC == MP3_SYNC:
        return Form.MP3
    raise NoSoundFile("this is neither a WAV nor an MP3 file")


def look_at(file: BinaryIO, anchors_pem: str = "") -> Presented:
    """`anchors_pem` are the authorities that are trusted. Raises `NoSoundFile`."""
    form = form_of(file)
    digest = sha256()
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    pcm_digest = ""
    if form is Form.WAV:
        try:
            pcm_digest = measure_sound(file).pcm_digest
        except NoWholeWav:
            pcm_digest = ""
    file.seek(0)
    return Presented(form, digest.hexdigest(), pcm_digest, read_credentials(form, file, anchors_pem))


def exported_call(path: Path, keys: Sequence[NoteKey], presented: Presented) -> list[LoggedEntry]:
    """The entries of the presented file's call, from an export that is whole and signed by one of `keys`.

    Where credentials name no call, it is found by the file's digest, or by its samples. Raises `LogBroken`,
    `NotAnExport`, `OSError`.
    """
    verdict = verify_export(path, keys)
    if not verdict.whole:
        raise LogBroken(f"the export is not a whole log: {verdict.first}")
    call_id = presented.call_id or _find_call(path, presented)
    return [entry for entry in _entries(path) if entry.call_id == call_id]


def _find_call(path: Path, presented: Presented) -> str | None:
    for entry in _entries(path):
        if entry.tag == Tag.COPY_PREPARED and _is_of(entry, presented):
            return entry.call_id
    return None


def _is_of(entry: LoggedEntry, presented: Presented) -> bool:
    same_sound = bool(presented.pcm_digest) and entry.facts["pcm_digest"] == presented.pcm_digest
    return entry.facts["digest"] == presented.digest or same_sound


def _entries(path: Path) -> Iterator[LoggedEntry]:
    """Of an export that was found to be whole."""
    with path.open("rb") as export:
        for line in export:
            if not line.startswith(CHECKPOINT_START):
                body = line.rstrip(b"\n")
                yield parse_entry(body).logged(leaf_hash(body).hex(), {})


def hold_against(entries: Sequence[LoggedEntry], presented: Presented) -> Logged:
    """The entries are those of the call."""
    course = course_of(entries)
    if course is None:
        return Logged(("the log knows of no recording that this is a copy of",), None, False)
    prepared = [entry.facts for entry in entries if entry.tag == Tag.COPY_PREPARED]
    is_as_handed_out = any(facts["digest"] == presented.digest for facts in prepared)
    pcm_digest = str(course.stored.facts.get("pcm_digest") or next((facts["pcm_digest"] for facts in prepared), ""))
    faults = []
    if presented.form is Form.WAV and presented.pcm_digest != pcm_digest:
        faults.append("its samples are not those of the recording that was stored")
    if presented.form is Form.MP3 and not is_as_handed_out:
        faults.append("it is not the MP3 that was handed out")
    statement = presented.credentials.statement
    if statement is not None:
        expected = statement_of(course, _about(statement, entries, pcm_digest))
        wrong = differences(statement, expected)
        if wrong:
            faults.append(f"its credentials say something else than the log: {', '.join(wrong)}")
    return Logged(tuple(faults), course.stored.number, is_as_handed_out)


def _about(told: Mapping[str, Any], entries: Sequence[LoggedEntry], pcm_digest: str) -> About:
    """What the entries do not say is believed: the agency's name, and how its log is called."""
    rules = told.get("rules")
    rules = rules if isinstance(rules, Mapping) else {}
    opened = next((entry.facts for entry in entries if entry.tag == Tag.CALL_OPENED), {})
    log = told.get("log")
    return About(
        agency=str(told.get("agency", "")),
        profile=str(opened.get("agency", rules.get("profile", ""))),
        profile_version=str(opened.get("profile_version", rules.get("version", ""))),
        profile_digest=str(opened.get("profile_digest", rules.get("sha256", ""))),
        log_origin=str(log.get("origin", "")) if isinstance(log, Mapping) else "",
        pcm_digest=pcm_digest,
    )


def is_good(presented: Presented, logged: Logged | None, *, must_be_trusted: bool) -> bool:
    """Unchanged and signed by who is trusted; or else the very file that was logged, or, with no credentials in it that
    could say otherwise, the very samples."""
    state = presented.credentials.state
    if state is State.CHANGED or (logged is not None and logged.faults):
        return False
    if state is State.TRUSTED or (state is State.VALID and not must_be_trusted):
        return True
    return logged is not None and (logged.is_as_handed_out or state is not State.VALID)
