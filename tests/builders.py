"""Objects with sensible defaults: the service on a real database and a real store, with the carrier as a fake."""

import base64
import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from gettext import NullTranslations
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config import settings
from config.translations import load_translations
from ivr.adapters import CONFIG_DIR
from ivr.app import create_app
from ivr.calls.jobs import JobKind
from ivr.dialogue.events import Event, Heard, UtteranceHeard
from ivr.dialogue.states import Dialogue
from ivr.wiring import Wiring
from storage.records import CallRecord, Job, LoggedEntry
from tests.fakes import Asked, FakeCarrier

BEGAN = datetime(2026, 11, 3, 13, 5, tzinfo=UTC)
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "fedcba9876543210" * 2
PUBLIC_URL = "http://spelregel.test"
NUMBER = "+31201234567"
CALLER = "+31612345678"
CALL_SID = "CA" + "1" * 32
EMPLOYEE_SID = "CA" + "2" * 32
ROOM_SID = "CF" + "3" * 32
RATE_HZ = 8000

Form = Mapping[str, str] | MultiDict[str, str]


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    at: datetime = BEGAN

    def now(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """Everything that the service needs, for the local carrier's account."""
    key = base64.b64encode(bytes(range(32))).decode()
    return {
        "SPELREGEL_DATA_DIR": str(folder),
        "SPELREGEL_PUBLIC_URL": PUBLIC_URL,
        "SPELREGEL_SECRET_KEY": "a-secret-of-these-tests-32-long-or-more",
        "SPELREGEL_RECORDING_KEY": key,
        "SPELREGEL_SIGNING_KEY": key,
        "SPELREGEL_SMS_SENDER": "Voorbeeld",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:9",
        **changes,
    }


@cache
def page_translations() -> Mapping[str, NullTranslations]:
    """Of every house: they never change, and reading them is a fifth of what a house costs."""
    return load_translations(CONFIG_DIR / "locale")


@dataclass
class House:
    """The service as wired, on `database_url`; carrier and clock are in the test's hands. `profiles`: other ones;
    `variables`: more of the environment."""

    folder: Path
    database_url: str
    carrier: FakeCarrier = field(default_factory=FakeCarrier)
    clock: SetClock = field(default_factory=SetClock)
    profiles: Path | None = None
    voices: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folders = {"SPELREGEL_POLICIES": self.profiles, "SPELREGEL_PROMPT_AUDIO": self.voices}
        own = {name: str(folder) for name, folder in folders.items() if folder is not None}
        own |= {"DATABASE_URL": self.database_url, **self.variables}
        self.wiring = Wiring(settings.load(environment(self.folder, **own)))
        # The composition root keeps what it was given: the two ports that a test stands in for, and what is read once.
        vars(self.wiring).update(carrier=self.carrier, clock=self.clock, translations=page_translations())

    @cached_property
    def app(self) -> Flask:
        return create_app(self.wiring)

    @cached_property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def close(self) -> None:
        self.wiring.database.close()
        self.wiring.wake_up.huey.storage.close()

    # ------------------------------------------------------------ the carrier's side

    def post(self, path: str, form: Form | None = None, *, signature: str | None = None) -> TestResponse:
        """A webhook, signed as the carrier does unless `signature` is given."""
        fields = form or {}
        if signature is None:
            signature = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signature}
        return self.client.post(path, base_url=PUBLIC_URL, data=fields, headers=headers)

    def dial_in(self, **fields: str) -> TestResponse:
        form = {"CallSid": CALL_SID, "From": CALLER, "To": NUMBER, "CallStatus": "ringing", "CallerName": "", **fields}
        return self.post("/voice/incoming", form)

    def leg(self, prompt_id: int, **fields: str) -> TestResponse:
        """The end of a prompt on the caller's own leg."""
        return self.post(f"/voice/leg/{self.call.call_id}/{prompt_id}", {"CallStatus": "in-progress", **fields})

    def room(self, event: str, number: int, call_sid: str = "", **fields: str) -> TestResponse:
        """A conference callback with its sequence number."""
        form = {"ConferenceSid": ROOM_SID, "StatusCallbackEvent": event, "SequenceNumber": str(number), **fields}
        return self.post(f"/voice/conference/{self.call.call_id}", form | ({"CallSid": call_sid} if call_sid else {}))

    def announced(self, number: int, event: str = "announcement-end", **fields: str) -> TestResponse:
        """The last announcement that was asked for has ended."""
        url = next(asked.arguments[1] for asked in reversed(self.carrier.asked) if asked.verb == "announce")
        return self.room(event, number, AnnounceUrl=url, **fields)

    def text_of(self, asked: Asked) -> str:
        """What an announcement says."""
        return self.client.post(urlsplit(asked.arguments[1]).path, base_url=PUBLIC_URL).get_data(as_text=True)

    def recording(self, status: str, sid: str) -> TestResponse:
        return self.post(f"/voice/recording/{self.call.call_id}", {"RecordingStatus": status, "RecordingSid": sid})

    # ------------------------------------------------------------ our side

    @property
    def call(self) -> CallRecord:
        """The first call of the test."""
        found = self.wiring.driver.find(CALL_SID)
        assert found is not None
        return found

    @property
    def dialogue(self) -> Dialogue:
        return Dialogue.from_json(self.call.dialogue)

    def happens(self, event: Event) -> None:
        self.wiring.driver.handle(self.call.call_id, event)

    def hears(self, heard: Heard, text: str) -> None:
        self.happens(UtteranceHeard(heard, text, 0.9, ("a", "b")))

    @property
    def entries(self) -> Sequence[LoggedEntry]:
        call_id = self.call.call_id
        with self.wiring.database.transaction() as unit:
            return unit.log.list_call(call_id)

    @property
    def tags(self) -> list[str]:
        return [entry.tag for entry in self.entries]

    def entry(self, tag: str) -> LoggedEntry:
        """The last one of that kind."""
        return next(entry for entry in reversed(self.entries) if entry.tag == tag)

    def run_jobs(self, *kinds: JobKind) -> int:
        return self.wiring.runner.run_due(kinds or tuple(JobKind))

    def waiting(self) -> dict[str, int]:
        with self.wiring.database.transaction() as unit:
            return dict(unit.outbox.count_by_state())

    def job(self, kind: JobKind, **payload: str | bool) -> Job:
        """As the worker gets it."""
        call_id = self.call.call_id
        return Job(1, kind, call_id, {"call_id": call_id, **payload}, 1)

    # ------------------------------------------------------------ a call up to some point

    def together(self) -> None:
        """Caller and employee are in the room."""
        self.dial_in()
        self.leg(1)
        self.room("participant-join", 1, CALL_SID)
        self.room("participant-join", 2, EMPLOYEE_SID)

    def confirmed(self) -> None:
        """The caller asked to record and said yes; the announcement is being spoken."""
        self.together()
        self.hears(Heard.REQUEST, "ik neem dit gesprek op")
        self.announced(3)
        self.hears(Heard.YES, "ja")

    def recorded(self) -> None:
        """The agency records."""
        self.confirmed()
        self.announced(4)

    def stopped(self, length_s: float = 20.0) -> None:
        """The recording ran for so long, then the caller hung up."""
        self.recorded()
        self.clock.pass_s(length_s)
        self.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})


def xml_of(document: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(document)  # noqa: S314 - our own service wrote it


def wav_of(seconds: float, channels: int = 2) -> bytes:
    """A WAV file as the carrier makes it: 16 bit, 8 kHz; its sound is a ramp."""
    frames = round(seconds * RATE_HZ)
    samples = bytes(n % 251 for n in range(2 * channels * frames))
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(samples)
    return file.getvalue()
