"""What happened on a call, line by line, in words: each line is one entry of the consent log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.policy import AgencyPolicy, Role
from ivr.calls.call_file import CallFile
from ivr.calls.listening_in import Purpose
from ivr.web.console.call_words import PURPOSES, REASONS, SPEAKERS
from ivr.web.language import gettext, words
from ivr.web.log_words import describe, details
from ivr.web.public.telling import ROLE_WORDS
from storage.consent_log.tags import Tag
from storage.records import LoggedEntry, RecordingRow

PROMPTS = (Tag.PROMPT_PLAYED, Tag.PROMPT_FAILED)
LEAD_S = 4.0
"""What was said is logged when it has been said, so listening begins a little earlier."""

QUOTED = ("words", "answer", "text", "reason_text", "who")
"""Personal values that are somebody's own words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `number` is its place in the whole log, `passed` the time since the call began.

    `quote` is what was said or written, `language` that of the call; `unseen`: there is more, which this reader may
    not see. `heard_out` is None for what the bot did not say. `position_s` is where in the recording it can be heard.
    `case` is the file that it belongs to.
    """

    number: int
    at: datetime
    passed: str
    text: str
    quote: str
    language: str
    unseen: bool
    heard_out: bool | None
    details: tuple[str, ...]
    position_s: float | None
    case: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """During the call, and what came after it."""

    during: tuple[Line, ...]
    afterwards: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was recorded: from which entry to which, since when, for how long."""

    entries: range
    began_at: datetime
    length_s: float


def timeline_of(file: CallFile, entries: Sequence[LoggedEntry], *, personal: bool) -> Timeline:
    """`personal`: the reader may see words and names."""
    ended = next((entry.number for entry in entries if entry.tag == Tag.CALL_ENDED), None)
    recorded = recorded_stretch(entries, file.recording)
    lines = [_line(file, entry, recorded, personal) for entry in entries]
    if ended is None:
        return Timeline(tuple(lines), ())
    return Timeline(
        tuple(line for line in lines if line.number <= ended), tuple(line for line in lines if line.number > ended)
    )


def recorded_stretch(entries: Sequence[LoggedEntry], recording: RecordingRow | None) -> Stretch | None:
    """Pauses are kept as silence, so the recording's time line is whole and the log's clock tells the place in it."""
    began = next((entry for entry in reversed(entries) if entry.tag == Tag.RECORDING_STARTED), None)
    if recording is None or began is None:
        return None
    stopped = next((entry for entry in reversed(entries) if entry.tag == Tag.RECORDING_STOPPED), entries[-1])
    length_s = recording.samples / recording.sample_rate_hz
    return Stretch(range(began.number, stopped.number + 1), began.occurred_at, length_s)


def clock(seconds: float) -> str:
    """`0:27`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _line(file: CallFile, entry: LoggedEntry, recorded: Stretch | None, personal: bool) -> Line:
    seen = entry.personal if personal else {}
    quote = str(entry.facts.get("text") or next((seen[name] for name in QUOTED if name in seen), ""))
    case = entry.facts.get("case")
    return Line(
        number=entry.number,
        at=entry.occurred_at,
        passed=clock(max(0.0, (entry.occurred_at - file.call.opened_at).total_seconds())),
        text=gettext(describe(entry.tag)),
        quote=quote,
        language=str(entry.facts.get("language") or file.dialogue.language),
        unseen=bool(entry.personal) and not personal,
        heard_out=entry.tag == Tag.PROMPT_PLAYED if entry.tag in PROMPTS else None,
        details=tuple(_details(file.policy, entry, seen)),
        position_s=_position(entry, recorded),
        case=str(case) if case else None,
    )


def _position(entry: LoggedEntry, recorded: Stretch | None) -> float | None:
    if recorded is None or entry.number not in recorded.entries:
        return None
    since_s = (entry.occurred_at - recorded.began_at).total_seconds()
    return min(max(0.0, since_s - LEAD_S), recorded.length_s)


def _details(policy: AgencyPolicy, entry: LoggedEntry, seen: Mapping[str, str]) -> Iterator[str]:
    facts = {name: str(value) for name, value in entry.facts.items()}
    if channel := details(facts):
        yield gettext(channel)
    if "confidence" in facts:
        yield gettext("zekerheid %(percent)s %%", percent=round(float(facts["confidence"]) * 100))
    if "digit" in facts:
        yield gettext("toets %(digit)s", digit=facts["digit"])
    if by := SPEAKERS.get(facts.get("by", "")):
        yield gettext(by)
    if entry.tag == Tag.RECORDING_PLAYED:
        yield from _listening(facts)
    if "reason" in facts:
        yield _reason(policy, facts["reason"])
    if alternative := policy.find_alternative(facts.get("alternative", "")):
        yield gettext("in plaats daarvan: %(alternative)s", alternative=words(alternative.text))
    if kind := policy.find_kind(facts.get("kind", "")):
        yield words(kind.text)
    if entry.tag in (Tag.RECORDING_STORED, Tag.RECORDING_DEGRADED):
        yield gettext("volledigheid %(percent)s %%", percent=round(float(facts["completeness"]) * 100))
    if "agreed" in facts:
        yield gettext("ja") if facts["agreed"] == "yes" else gettext("nee")
    if "employee" in seen:
        yield gettext("door %(name)s", name=seen["employee"])
    if "evidence" in seen:
        yield gettext("herkend aan: %(evidence)s", evidence=seen["evidence"])


def _listening(facts: Mapping[str, str]) -> Iterator[str]:
    yield gettext(PURPOSES[Purpose(facts["purpose"])])
    yield gettext(ROLE_WORDS[Role(facts["role"])])


def _reason(policy: AgencyPolicy, reason: str) -> str:
    """Of the profile's lists, of the service's own, or as it is: the words of a carrier, or of tomorrow."""
    listed = policy.find_reason(reason) or policy.find_kind(reason)
    if listed is not None:
        return words(listed.text)
    known = "cut short by key" if reason.startswith("cut short by key ") else reason
    return gettext(REASONS[known]) if known in REASONS else reason
