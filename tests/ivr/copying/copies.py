"""A recording, the log of its call, and signed copies of it, for tests."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

import config
from config.policy import AgencyPolicy
from config.policy_file import load_policies
from ivr.copying.files import Form
from ivr.copying.making import Subject, check_source, make
from ivr.copying.signing import Signer
from ivr.copying.statement import course_of
from ivr.records.recording_facts import facts_of
from storage.recordings.sound import measure_sound
from storage.records import Json, LoggedEntry, RecordingRow

BEGAN = datetime(2026, 11, 3, 13, 5, 1, tzinfo=UTC)
RATE_HZ = 8000
CALL_ID = "call-1"
ORIGIN = "bellen.voorbeeld.example/log"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Happened = tuple[str, float, dict[str, Json]]


def sound_of(seconds: float, seed: int = 1) -> bytes:
    """Two channels of noise that changes: no second is like another."""
    samples = np.random.default_rng(seed).normal(size=(round(seconds * RATE_HZ), 2)) * 2000
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


@cache
def example_policy() -> AgencyPolicy:
    return load_policies(Path(config.__file__).parent / "policies", "example").get("example")


@dataclass
class Recorded:
    """A call of so many seconds, with pauses (from, until, reason), kept whole or not."""

    seconds: float = 12.5
    pauses: Sequence[tuple[float, float, str]] = ()
    is_whole: bool = True
    completeness: float = 1.0
    seed: int = 1
    more: Sequence[Happened] = ()

    def __post_init__(self) -> None:
        self.sound = sound_of(self.seconds, self.seed)
        measure = measure_sound(io.BytesIO(self.sound))
        self.row = RecordingRow(
            recording_id="a" * 32,
            call_id=CALL_ID,
            recording_sid="RE" + "0" * 32,
            object_key="recordings/aa/x",
            outcome="ok" if self.is_whole else "degraded",
            size_bytes=len(self.sound),
            digest=measure.digest,
            channels=2,
            sample_rate_hz=RATE_HZ,
            samples=measure.place.samples,
            completeness=self.completeness,
            stored_at=BEGAN,
            destroy_after=BEGAN + timedelta(days=30),
        )
        self.policy = example_policy()
        self.facts = dict(facts_of(self.row, measure))

    @property
    def entries(self) -> list[LoggedEntry]:
        rules: dict[str, Json] = {
            "agency": self.policy.slug,
            "profile_version": self.policy.version,
            "profile_digest": self.policy.digest,
        }
        happened: list[Happened] = [("call:opened", -60.0, rules), ("recording:started", 0.0, {}), *self.more]
        for begins, ends, reason in self.pauses:
            happened.append(("recording:paused", begins, {"reason": reason}))
            if ends < self.seconds:
                happened.append(("recording:resumed", ends, {}))
        happened.append(("recording:stopped", self.seconds, {}))
        happened.append(("recording:stored" if self.is_whole else "recording:degraded", 30.0, self.facts))
        return [
            LoggedEntry(
                number=100 + at,
                call_id=CALL_ID,
                call_number=at,
                event_id=f"{CALL_ID}:{at}",
                tag=tag,
                occurred_at=BEGAN + timedelta(seconds=after_s),
                facts=facts,
                personal={},
                entry_hash=f"{at:064x}",
            )
            for at, (tag, after_s, facts) in enumerate(happened)
        ]

    @property
    def subject(self) -> Subject:
        course = course_of(self.entries)
        assert course is not None
        return Subject(self.row, self.policy, course, ORIGIN, AMSTERDAM)

    def copies(self, signer: Signer | None) -> dict[Form, bytes]:
        """Both forms, as the worker makes them."""
        source = check_source(io.BytesIO(self.sound), self.row, self.subject.course)
        wav = make(Form.WAV, source, self.subject, signer, stamped=True)
        found = {Form.WAV: wav.read()}
        parent = io.BytesIO(found[Form.WAV])
        found[Form.MP3] = make(Form.MP3, source, self.subject, signer, parent, stamped=True).read()
        return found
