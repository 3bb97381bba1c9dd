"""What may go wrong on request: callbacks late, doubled, lost, reordered; dropped streams; REST errors; broken prompts.

The JSON form (of `PUT /local/faults` and `--faults`), every part optional:

    {"seed": 1,
     "callbacks": [{"kind": "conference-status|recording-status", "lost": 0.1, "doubled": 0.2, "reordered": 0.2,
                    "delayed": 0.5, "delay_s": [0.1, 0.5]}],
     "stream": {"drop_after_s": 3.0, "times": 1},
     "rest": [{"match": "POST .*/Recordings", "status": 500, "times": 1, "after_effect": true}],
     "announcements": [{"match": ".*", "outcome": "fail", "times": 1}],
     "signature": "wrong",
     "recording_late_s": 0.3}

`kind` and `match` are regular expressions; `match` looks at "METHOD path" for REST, at the URL for announcements.
`after_effect` does the work and still answers with the error. `outcome` is `fail` (announcement-fail is sent), `silent`
(nothing is heard and nothing is sent) or `cut` (ends after `cut_after_s`; sends `event` if that is given).
`signature` is `wrong` or `trailing-slash` (signs the URL with a slash behind it). `recording_late_s` is how long a file
answers 404 after its `completed`.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar


class BadFaults(ValueError):
    """The fault settings make no sense."""


@dataclass
class CallbackFault:
    kind: str = ".*"
    lost: float = 0.0
    doubled: float = 0.0
    reordered: float = 0.0
    delayed: float = 0.0
    delay_s: tuple[float, float] = (0.1, 0.5)


@dataclass
class StreamFault:
    drop_after_s: float
    times: int = 1


@dataclass
class RestFault:
    match: str
    status: int = 500
    times: int = 1
    after_effect: bool = False


@dataclass
class AnnouncementFault:
    match: str = ".*"
    outcome: str = "fail"
    times: int = 1
    cut_after_s: float = 0.5
    event: str = ""


@dataclass(frozen=True)
class DeliveryPlan:
    """One callback: when each of its copies leaves (none: lost), and whether it lets the next one go first."""

    delays_s: tuple[float, ...] = (0.0,)
    hold_back: bool = False


@dataclass
class Faults:
    seed: int = 0
    callbacks: list[CallbackFault] = field(default_factory=list)
    stream: StreamFault | None = None
    rest: list[RestFault] = field(default_factory=list)
    announcements: list[AnnouncementFault] = field(default_factory=list)
    signature: str = ""
    recording_late_s: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 -- repeatable mishaps, not secrets

    def plan_delivery(self, kind: str) -> DeliveryPlan:
        fault = next((fault for fault in self.callbacks if re.fullmatch(fault.kind, kind)), None)
        if fault is None:
            return DeliveryPlan()
        if self._chance(fault.lost):
            return DeliveryPlan(delays_s=())
        copies = 2 if self._chance(fault.doubled) else 1
        delays_s = tuple(
            self._random.uniform(*fault.delay_s) if self._chance(fault.delayed) else 0.0 for _ in range(copies)
        )
        return DeliveryPlan(delays_s, hold_back=self._chance(fault.reordered))

    def take_rest_fault(self, method: str, path: str) -> RestFault | None:
        for fault in self.rest:
            if fault.times > 0 and re.search(fault.match, f"{method} {path}"):
                fault.times -= 1
                return fault
        return None

    def take_announcement_fault(self, url: str) -> AnnouncementFault | None:
        for fault in self.announcements:
            if fault.times > 0 and re.search(fault.match, url):
                fault.times -= 1
                return fault
        return None

    def take_stream_drop(self) -> float | None:
        """After how many seconds of media the stream that starts now breaks off."""
        if self.stream is None or self.stream.times < 1:
            return None
        self.stream.times -= 1
        return self.stream.drop_after_s

    def _chance(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability


_Part = TypeVar("_Part", CallbackFault, StreamFault, RestFault, AnnouncementFault)


def _part(kind: type[_Part], data: object) -> _Part:
    if not isinstance(data, Mapping):
        raise BadFaults(f"{kind.__name__} wants an object")
    unknown = set(data) - {part.name for part in fields(kind)}
    if unknown:
        raise BadFaults(f"{kind.__name__} does not know {', '.join(sorted(unknown))}")
    try:
        return kind(**data)
    except TypeError as error:
        raise BadFaults(str(error)) from error


def read_faults(data: Mapping[str, Any]) -> Faults:
    """From the JSON form above. Raises BadFaults."""
    unknown = set(data) - {part.name for part in fields(Faults)}
    if unknown:
        raise BadFaults(f"unknown faults: {', '.join(sorted(unknown))}")
    if data.get("signature", "") not in ("", "wrong", "trailing-slash"):
        raise BadFaults("signature is 'wrong' or 'trailing-slash'")
    stream = data.get("stream")
    return Faults(
        seed=int(data.get("seed", 0)),
        callbacks=[_part(CallbackFault, part) for part in data.get("callbacks", [])],
        stream=None if stream is None else _part(StreamFault, stream),
        rest=[_part(RestFault, part) for part in data.get("rest", [])],
        announcements=[_part(AnnouncementFault, part) for part in data.get("announcements", [])],
        signature=data.get("signature", ""),
        recording_late_s=float(data.get("recording_late_s", 0.0)),
    )
