"""A house around the pages: a real database, real encrypted recordings, the example agency, one call with a copy."""

import io
import wave
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient

import config
from config.policy_file import load_policies
from config.prompts import load_all_prompts
from config.translations import load_translations
from ivr.calls.agencies import Agencies
from ivr.calls.copies import CopyService
from ivr.calls.copy_codes import CodeService
from ivr.calls.jobs import JobKind
from ivr.calls.receipts import ReceiptService
from ivr.carrier.links import Links, token_digest
from ivr.copying.files import Form
from ivr.copying.signing import Signer
from ivr.dialogue.states import AgencyRecording, Dialogue, State
from ivr.jobs.prepare_copy import CopyPreparer
from ivr.uploads.receiving import UploadService
from ivr.web.formats import AMSTERDAM
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from ivr.web.portal.copy_pages import make_portal
from ivr.web.portal.desk import Desk
from ivr.web.portal.visits import Visits
from ivr.web.public.rule_pages import make_public_pages
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.sealing import seal
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.keys import copy_key, recording_key
from storage.recordings.master_keys import Keyring, LocalKey
from storage.records import CallRecord, CopyTicket, Job, Json, LoggedEntry, NewEntry, RecordingRow
from storage.session import SqlDatabase, migrate
from tests.builders import BEGAN, CALLER, SetClock

CONFIG = Path(config.__file__).parent
AGENCY = "example"
SECRET = "a secret of these tests, 32 long"
CALL_ID = "0c5ba6b97ae44ab0a2f1d7a9e1f3c001"
ORIGIN = "spelregel.test/log"
RATE_HZ = 8000


def two_channel_wav(seconds: float) -> bytes:
    """A tone for the caller, a lower one for the employee."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pair = np.stack([np.sin(2 * np.pi * 440 * times), np.sin(2 * np.pi * 220 * times)], axis=1)
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes((pair * 8000).astype("<i2").tobytes())
    return file.getvalue()


@dataclass
class CopyHouse:
    """One finished call at the example agency, whose caller has a link and a pick-up code."""

    folder: Path
    clock: SetClock = field(default_factory=lambda: SetClock(BEGAN + timedelta(hours=1)))
    sound: bytes = field(default_factory=lambda: two_channel_wav(12.5))
    profiles: Path = CONFIG / "policies"

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.folder / 'calls.db'}"
        migrate(url)
        self.database = SqlDatabase(url)
        self.store = FilesystemStore(self.folder / "recordings", Keyring(LocalKey(bytes(range(32)))))
        self.links = Links("http://localhost", "ws://localhost/media", SECRET)
        self.agencies = Agencies(
            load_policies(self.profiles, AGENCY), load_all_prompts(CONFIG / "prompts"), self.database
        )
        self.copies = CopyService(self.database, self.store, self.agencies, self.clock)
        self.codes = CodeService(self.database, self.links, self.clock, wake_worker=lambda: None)
        signer = NoteSigner.from_seed(ORIGIN, bytes(range(32)))
        self.receipts = ReceiptService(
            self.database, self.copies, self.agencies, self.clock, lambda: self.seal(signer), [signer.key]
        )
        self.uploads = UploadService(self.database, self.store, self.clock, wake_worker=lambda: None)
        self.visits = Visits(self.database, self.clock, secure=False)
        self.token = self.links.copy_token(CALL_ID)
        self.code = self.links.copy_code(CALL_ID)
        policy = self.agencies.now(AGENCY)
        ended = Dialogue(state=State.ENDED, agency_recording=AgencyRecording.STORED)
        self.call = CallRecord(CALL_ID, "CA" + "0" * 32, AGENCY, policy.digest, BEGAN, ended.to_json())
        stored = self.store.write(recording_key("recording-1"), [self.sound])
        self.recording = RecordingRow(
            recording_id="recording-1",
            call_id=CALL_ID,
            recording_sid="RE" + "0" * 32,
            object_key=recording_key("recording-1"),
            outcome="ok",
            size_bytes=stored.size_bytes,
            digest=stored.digest,
            channels=2,
            sample_rate_hz=RATE_HZ,
            samples=(len(self.sound) - 44) // 4,
            completeness=1.0,
            stored_at=BEGAN,
            destroy_after=BEGAN + timedelta(days=policy.retention.recording_days),
        )

    def seal(self, signer: NoteSigner) -> None:
        with self.database.transaction() as unit:
            seal(unit, signer, ORIGIN, self.clock.now())

    def add_call(self, agency_recording: AgencyRecording = AgencyRecording.STORED) -> None:
        dialogue = Dialogue(state=State.ENDED, agency_recording=agency_recording)
        with self.database.transaction() as unit:
            unit.calls.insert(replace(self.call, dialogue=dialogue.to_json()))
            unit.calls.set_caller_number(CALL_ID, CALLER)

    def add_recording(self, outcome: str = "ok") -> None:
        """Stored, and the log tells how it went."""
        length_s = self.recording.samples / RATE_HZ
        course = [("recording:started", 0.0), ("recording:stopped", length_s)]
        with self.database.transaction() as unit:
            unit.recordings.add(replace(self.recording, outcome=outcome))
            for tag, after_s in course:
                unit.log.append(NewEntry(CALL_ID, tag, tag, BEGAN + timedelta(seconds=after_s)))
            stored = "recording:stored" if outcome == "ok" else "recording:degraded"
            facts: dict[str, Json] = {
                "digest": self.recording.digest,
                "samples": self.recording.samples,
                "channels": self.recording.channels,
                "sample_rate_hz": RATE_HZ,
                "completeness": f"{self.recording.completeness:.4f}",
            }
            unit.log.append(NewEntry(CALL_ID, stored, stored, BEGAN, facts))

    def prepare(self, signer: Signer | None = None) -> None:
        """What the worker does for who wants a copy."""
        preparer = CopyPreparer(
            self.database, self.store, self.agencies, self.clock, signer, "localhost/log", AMSTERDAM
        )
        preparer.run(Job(1, JobKind.PREPARE_COPY, CALL_ID, {"call_id": CALL_ID}, 1))

    def file(self, form: Form = Form.WAV) -> bytes:
        """The prepared copy, as it is stored."""
        with self.store.open(copy_key(self.recording.recording_id, form)) as file:
            return file.read()

    def add_tickets(self, revoked_at: datetime | None = None) -> None:
        """One for the link, one for the code; both work for 14 days."""
        with self.database.transaction() as unit:
            for name, token in (("sms", self.token), ("code", self.code)):
                unit.copies.add(
                    CopyTicket(
                        ticket_id=f"{CALL_ID}:{name}",
                        call_id=CALL_ID,
                        token_digest=token_digest(token),
                        created_at=BEGAN,
                        expires_at=BEGAN + timedelta(days=14),
                        revoked_at=revoked_at,
                    )
                )

    def send_code(self, kind: str = "sms") -> str:
        """What the worker does when a code was asked for; gives the code."""
        with self.database.transaction() as unit:
            code = unit.copy_codes.find_latest(f"{CALL_ID}:{kind}")
            assert code is not None
            unit.copy_codes.sent(code.code_id, self.clock.now())
        return self.links.opening_code(code.code_id)

    def visitor(self, kind: str = "sms") -> FlaskClient:
        """Somebody who has shown who they are."""
        client = self.app().test_client()
        client.set_cookie(self.visits.cookie, self.visits.begin(f"{CALL_ID}:{kind}").token)
        return client

    def entries(self) -> list[LoggedEntry]:
        """Of what was done with the copy since it lay ready."""
        with self.database.transaction() as unit:
            entries = unit.log.list_call(CALL_ID)
        return [entry for entry in entries if entry.tag.startswith("copy:") and entry.tag != "copy:prepared"]

    def tags(self) -> list[str]:
        return [entry.tag for entry in self.entries()]

    def uses(self) -> int:
        with self.database.transaction() as unit:
            ticket = unit.copies.find_by_digest(token_digest(self.token))
        return ticket.uses if ticket else 0

    def app(self, locale: Path = CONFIG / "locale") -> Flask:
        app = Flask("pages under test")
        register_headers(app)
        register_pages(app, load_translations(locale))
        desk = Desk(self.copies, self.codes, self.receipts, self.uploads, self.visits, self.clock)
        app.register_blueprint(make_portal(desk))
        app.register_blueprint(
            make_public_pages(self.agencies.policies, self.agencies.prompts, self.clock, "https://spelregel.test", [])
        )
        return app


def ready_house(folder: Path) -> CopyHouse:
    """Everything is there: the page can be opened."""
    house = CopyHouse(folder)
    house.add_call()
    house.add_recording()
    house.add_tickets()
    house.prepare()
    return house
