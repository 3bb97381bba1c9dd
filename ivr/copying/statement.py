"""What the agency states of a recording in the copy's credentials, read off the consent log.

No numbers, names or words of people: whoever finds the file learns which call of which agency it is, and no more.
Times are UTC, ISO 8601; seconds count from the beginning of the recording and are text, since readers of credentials
turn lists of numbers into bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import Json, LoggedEntry

LABEL = "org.spelregel.recording"
SCHEMA = "spelregel-recording/1"

WHOLE = "Nothing was left out of this recording but the pauses that are listed, which were announced."
NOT_WHOLE = "This recording is not whole: sound is missing, or one of the two sides."
WHOLLY_STORED = "recording:stored"
STORED = (WHOLLY_STORED, "recording:degraded")


@dataclass(frozen=True, slots=True)
class Pause:
    """An announced silence, by the log's clock: the file may differ from it by about a second."""

    began_at: datetime
    ended_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Course:
    """How a recording went: when it ran, where it was silent, and the entry that says that it was stored."""

    began_at: datetime
    ended_at: datetime
    pauses: tuple[Pause, ...]
    stored: LoggedEntry


def course_of(entries: Sequence[LoggedEntry]) -> Course | None:
    """None where the entries do not say that a recording was made and stored."""
    began_at = ended_at = paused_at = None
    reason, pauses, stored = "", list[Pause](), None
    for entry in entries:
        match entry.tag:
            case "recording:started":
                began_at = entry.occurred_at
            case "recording:paused":
                paused_at, reason = entry.occurred_at, str(entry.facts.get("reason", ""))
            case "recording:resumed" | "recording:stopped" if paused_at is not None:
                pauses.append(Pause(paused_at, entry.occurred_at, reason))
                paused_at = None
        if entry.tag == "recording:stopped":
            ended_at = entry.occurred_at
        elif entry.tag in STORED:
            stored = entry
    if began_at is None or ended_at is None or stored is None:
        return None
    return Course(began_at, ended_at, tuple(pauses), stored)


@dataclass(frozen=True, slots=True)
class About:
    """What the entries of the recording do not say: whose rules held, how the log is called, and, for recordings of
    before it was logged, the digest of the samples alone."""

    agency: str
    profile: str
    profile_version: str
    profile_digest: str
    log_origin: str
    pcm_digest: str


def statement_of(course: Course, about: About) -> dict[str, Json]:
    """The assertion's JSON; docs/copy.md describes it."""
    stored, facts = course.stored, course.stored.facts
    samples, rate_hz = int(str(facts["samples"])), int(str(facts["sample_rate_hz"]))
    is_whole = stored.tag == WHOLLY_STORED
    return {
        "schema": SCHEMA,
        "agency": about.agency,
        "call": stored.call_id,
        "rules": {"profile": about.profile, "version": about.profile_version, "sha256": about.profile_digest},
        "recording": {
            "began_at": moment(course.began_at),
            "ended_at": moment(course.ended_at),
            "duration_s": f"{samples / rate_hz:.3f}",
            "samples": str(samples),
            "sample_rate_hz": str(rate_hz),
            "channels": facts.get("channel_map", str(facts["channels"])),
            "sha256": facts["digest"],
            "pcm_sha256": facts.get("pcm_digest", about.pcm_digest),
        },
        "pauses": [_pause(pause, course.began_at) for pause in course.pauses],
        "whole": is_whole,
        "completeness": facts["completeness"],
        "statement": WHOLE if is_whole else NOT_WHOLE,
        "log": {"origin": about.log_origin, "entry": str(stored.number), "entry_hash": stored.entry_hash},
    }


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pause(pause: Pause, began_at: datetime) -> dict[str, Json]:
    return {
        "from_s": f"{max(0.0, (pause.began_at - began_at).total_seconds()):.1f}",
        "until_s": f"{max(0.0, (pause.ended_at - began_at).total_seconds()):.1f}",
        "began_at": moment(pause.began_at),
        "ended_at": moment(pause.ended_at),
        "reason": pause.reason,
    }


def differences(told: Mapping[str, object], logged: Mapping[str, Json]) -> list[str]:
    """Which parts of a statement are not what the log says; the parts' names, dotted."""
    found = []
    for name in sorted(told.keys() | logged.keys()):
        mine, theirs = told.get(name), logged.get(name)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            found += [f"{name}.{part}" for part in differences(mine, theirs)]
        elif mine != theirs:
            found.append(name)
    return found
