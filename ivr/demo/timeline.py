"""A call told line by line: who said what (the local carrier knows), what was heard, decided and logged (the log)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from storage.records import LoggedEntry

WHO = {"caller": "caller", "medewerker": "employee"}

LOGGED = {
    "call:opened": "the call is opened under profile {agency}",
    "request:heard": "heard a wish to record: “{words}” (confidence {confidence})",
    "request:keyed": "the caller pressed {digit} to record",
    "consent:requested": "decided to ask",
    "consent:given": "heard a yes: “{answer}” ({channel}, confidence {confidence})",
    "consent:refused": "heard a no: “{answer}” ({channel})",
    "consent:unconfirmed": "not confirmed: {reason}",
    "consent:withdrawn": "withdrawn: “{words}”",
    "answer:unclear": "no clear answer",
    "answer:silence": "no answer",
    "prompt:played": "played to the end: {key}",
    "prompt:failed": "not played to the end: {key} ({reason})",
    "recording:announced": "the agency's recording is announced, permitted by entry #{entry}",
    "recording:started": "the agency records",
    "recording:stopped": "the agency's recording stops: {reason}",
    "recording:blocked": "the agency does not record: {reason}",
    "recording:failed": "the agency's recording failed: {reason}",
    "recording:stored": "stored, encrypted: {samples} samples, {channels} channels, completeness {completeness}",
    "recording:degraded": "stored, but not whole: completeness {completeness}",
    "recording:carrier-deleted": "deleted at the carrier",
    "recording:permitted": "the agency records every call: its profile permits it",
    "recording:paused": "the agency's recording is silent: {reason}",
    "recording:resumed": "the agency's recording goes on",
    "objection:raised": "the employee objects ({reason}) and offers {alternative}",
    "objection:withdrawn": "the employee has no objection any more",
    "objection:sent": "reason, alternative and complaint route were sent by {channel}",
    "request:excluded": "this kind of conversation ({reason}) is not recorded; offered: {alternative}",
    "reason:asked": "heard that the caller asks why: “{words}”",
    "conversation:kind": "the employee names the kind of conversation: {kind}",
    "third-person:present": "somebody else takes part, told by the {by}: “{who}”",
    "video:asked": "heard a wish to film: “{words}”",
    "agency-recording:asked": "heard that the caller asks whether the agency records: “{words}”",
    "pause:asked": "the {by} asks for a pause",
    "pause:ended": "the {by} says that the recording may go on",
    "training:asked": "may staff learn from the recording: {agreed}",
    "employee:unreached": "nobody answered: {reason}",
    "employee:joined": "the employee is on the line",
    "employee:left": "the employee left the line",
    "copy:offered": "the caller is offered a copy",
    "copy:wanted": "heard that a copy is wanted: “{answer}” ({channel})",
    "copy:sent": "the link to the copy was sent by {channel}",
    "copy:declined": "no copy wanted",
    "call:ended": "the call is over: {reason}",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    who: str
    text: str


def carrier_line(event: Mapping[str, Any]) -> Line | None:
    """What people and prompts said, and keys and messages, as the local carrier reports them."""
    match event["kind"]:
        case "said":
            return _spoken(event, WHO.get(event["party"], event["party"]))
        case "prompt" if event["text"].startswith("http"):
            return None  # a sound without words: the ringing tone
        case "prompt":
            return _spoken(event, "bot")
        case "digit":
            return Line(_time(event["at"]), WHO.get(event.get("party", ""), "caller"), f"presses {event['digit']}")
        case "sms":
            return Line(_time(event["at"]), "SMS", str(event.get("body", event.get("text", ""))))
        case "script-timeout":
            who = WHO.get(event["party"], event["party"])
            [awaited] = event["step"].values()
            return Line(_time(event["at"]), who, f"hangs up: waited {event['timeout_s']:g} s in vain for “{awaited}”")
        case _:
            return None


def _spoken(event: Mapping[str, Any], who: str) -> Line:
    """At the moment when it ended: that is when the others have heard it, and what they do about it stands below."""
    ended = _time(event["ended_at"])
    duration_s = (ended - _time(event["started_at"])).total_seconds()
    return Line(ended, who, f"“{event['text']}” ({duration_s:.1f} s{'' if event['completed'] else ', cut short'})")


def log_line(entry: LoggedEntry) -> Line:
    """An entry of the consent log."""
    facts = {**{name: str(value) for name, value in entry.facts.items()}, **entry.personal}
    known = LOGGED.get(entry.tag, "")
    text = known.format_map(_Facts(facts)) if known else ""
    return Line(entry.occurred_at, f"log #{entry.number}", f"{entry.tag:<24} {text}".rstrip())


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


class Timeline:
    """Prints lines in the order of their times; a line waits a moment for an earlier one that is reported later."""

    PATIENCE_S = 1.5

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: list[Line] = []
        self._began: datetime | None = None

    def add(self, lines: list[Line]) -> None:
        self._waiting += lines

    def print_until(self, moment: datetime) -> None:
        """Print what happened before `moment` less the patience."""
        self._waiting.sort(key=lambda line: line.at)
        while self._waiting and (moment - self._waiting[0].at).total_seconds() > self.PATIENCE_S:
            self._print(self._waiting.pop(0))

    def print_rest(self) -> None:
        for line in sorted(self._waiting, key=lambda line: line.at):
            self._print(line)
        self._waiting.clear()

    def _print(self, line: Line) -> None:
        self._began = self._began or line.at
        passed = max(0.0, (line.at - self._began).total_seconds())
        print(f"{int(passed // 60):02d}:{passed % 60:04.1f}  {line.who:<9} {line.text}", file=self._out, flush=True)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
