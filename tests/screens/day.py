"""A believable day at gemeente Voorbeeld: calls of every kind, case files, and calls that go on now."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.cases.acts import (
    ComplaintReceived,
    CovertRecordingRegistered,
    MessageSent,
    MisuseReported,
    RequestRegistered,
    TalkPlanned,
)
from ivr.cases.case import Misuse, Who
from ivr.cases.service import Actor
from ivr.dialogue.events import Heard, ObjectionRaised
from ivr.emulator.voice import synthesise
from storage.records import CallRecord
from storage.session import migrate
from tests.builders import CALL_SID, CALLER, EMPLOYEE_SID, ROOM_SID, Form, House, SetClock
from tests.fakes import RECORDING_SID, FakeCarrier
from tests.ivr.web.signed_in import Colleague, sign_in
from tests.voices import pcm_wav

MORNING = datetime(2026, 11, 3, 8, 2, tzinfo=UTC)
RATE_HZ = 8000
SPEAKING_S, ANSWERING_S, TALKING_S = 6, 2, 40
CALLER_VOICE, EMPLOYEE_VOICE = "nl+f2", "nl+m3"

SAID = (
    (CALLER_VOICE, "Goedemorgen. Ik bel over mijn aanvraag voor een parkeervergunning."),
    (EMPLOYEE_VOICE, "Goedemorgen. Ik zoek het voor u op. Een ogenblik."),
    (EMPLOYEE_VOICE, "Uw aanvraag is op twaalf oktober binnengekomen. U krijgt binnen acht weken een besluit."),
    (CALLER_VOICE, "Dus uiterlijk zeven december?"),
    (EMPLOYEE_VOICE, "Ja, dat klopt. Duurt het langer, dan krijgt u een brief."),
    (CALLER_VOICE, "Dank u wel. Dan weet ik genoeg."),
)


def conversation() -> tuple[bytes, float]:
    """Two people by turns: a WAV file with the caller left and the employee right, and its seconds."""
    left, right = bytearray(), bytearray()
    pause = bytes(RATE_HZ)  # half a second
    for voice, text in SAID:
        speech = synthesise(text, voice, rate_hz=RATE_HZ) + pause
        silence = bytes(len(speech))
        left += speech if voice == CALLER_VOICE else silence
        right += silence if voice == CALLER_VOICE else speech
    both = bytearray(2 * len(left))
    for byte in range(2):
        both[byte::4], both[2 + byte :: 4] = left[byte::2], right[byte::2]
    return pcm_wav(bytes(both), channels=2), len(left) / 2 / RATE_HZ


class DayCarrier(FakeCarrier):
    """Each call has a recording of its own."""

    def start_recording(self, call_sid: str, call_id: str) -> str:
        super().start_recording(call_sid, call_id)
        return own_sid(RECORDING_SID, call_sid)


def own_sid(sid: str, call_sid: str) -> str:
    return sid[:3] + call_sid[3:]


@dataclass
class Day(House):
    """A house where one call comes after another; `call` is the last one."""

    carrier: FakeCarrier = field(default_factory=DayCarrier)
    clock: SetClock = field(default_factory=lambda: SetClock(MORNING))
    calls_so_far: int = 0
    caller: str = CALLER

    @property
    def call_sid(self) -> str:
        return f"CA{self.calls_so_far:032x}"

    @property
    def call(self) -> CallRecord:
        found = self.wiring.driver.find(self.call_sid)
        assert found is not None
        return found

    def post(self, path: str, form: Form | None = None, *, signature: str | None = None) -> TestResponse:
        """As the house's, with the sids and the number of this call in place of those of the tests."""
        mine = {CALL_SID: self.call_sid, CALLER: self.caller}
        mine |= {sid: own_sid(sid, self.call_sid) for sid in (EMPLOYEE_SID, ROOM_SID)}
        fields = MultiDict((name, mine.get(value, value)) for name, value in (form or {}).items())
        return super().post(path, fields, signature=signature)

    # ------------------------------------------------------------ calls; everything in them takes its time

    def leg(self, prompt_id: int, **fields: str) -> TestResponse:
        self.clock.pass_s(SPEAKING_S)
        return super().leg(prompt_id, **fields)

    def announced(self, number: int, event: str = "announcement-end", **fields: str) -> TestResponse:
        self.clock.pass_s(SPEAKING_S)
        return super().announced(number, event, **fields)

    def hears(self, heard: Heard, text: str) -> None:
        self.clock.pass_s(ANSWERING_S if heard in (Heard.YES, Heard.NO) else TALKING_S)
        super().hears(heard, text)

    def next_call(self, minutes_later: float, caller: str) -> None:
        self.calls_so_far += 1
        self.caller = caller
        self.clock.pass_s(60 * minutes_later)

    def hang_up(self) -> None:
        self.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
        self.run_jobs()

    def quiet_call(self, seconds: float) -> None:
        """Nobody asks to record."""
        self.together()
        self.clock.pass_s(seconds)
        self.hang_up()

    def declined_call(self) -> None:
        """The caller changes their mind."""
        self.together()
        self.hears(Heard.REQUEST, "mag ik dit gesprek opnemen")
        self.announced(3)
        self.hears(Heard.NO, "nee laat maar")
        self.clock.pass_s(140)
        self.hang_up()

    def refused_call(self, reason: str, alternative: str) -> None:
        """The employee objects."""
        self.confirmed()
        self.happens(ObjectionRaised(reason, alternative, employee="s.bakker"))
        self.announced(4)
        self.clock.pass_s(200)
        self.hang_up()

    def recorded_call(self) -> None:
        """The agency records too, and the caller gets a copy."""
        sound, seconds = conversation()
        self.recorded()
        self.clock.pass_s(seconds)
        self.room("participant-leave", 5, EMPLOYEE_SID)
        self.leg(4, Digits="1")
        self.leg(5)
        self.hang_up()
        recording = own_sid(RECORDING_SID, self.call_sid)
        self.carrier.files[recording] = sound
        self.recording("completed", recording)
        self.run_jobs()
        self.clock.pass_s(1000)  # the message waits for the recording
        self.run_jobs()


@dataclass(frozen=True)
class Scene:
    """What the pictures are taken of; each name can stand in an address."""

    day: Day
    names: dict[str, str]
    colleagues: dict[Role, Colleague]


STAFF = {
    Role.EMPLOYEE: "s.bakker",
    Role.SUPERVISOR: "m.devries",
    Role.PRIVACY_OFFICER: "f.elamrani",
    Role.COMMITTEE: "k.jansen",
    Role.AUDITOR: "r.visser",
    Role.ADMINISTRATOR: "t.yilmaz",
}


def play(folder: Path) -> Scene:
    url = f"sqlite:///{folder / 'spelregel.db'}"
    migrate(url)
    day = Day(folder, url)
    names: dict[str, str] = {}
    day.next_call(0, "+31612345601")
    day.quiet_call(310)
    day.next_call(6, "+31612345602")
    day.recorded_call()
    names["recorded"] = day.call.call_id
    names["copy"] = urlsplit(day.wiring.links.copy(day.call.call_id)).path
    day.next_call(11, "+31612345603")
    day.refused_call("derde-persoon", "verslag")
    day.next_call(4, "+31201112233")
    day.declined_call()
    day.next_call(9, "+31612345605")
    day.recorded_call()
    complained = day.call.call_id
    day.next_call(14, "+31612345606")
    day.refused_call("privacy", "nieuwe-afspraak")
    names["case"] = open_cases(day, complained)
    colleagues = {role: sign_in(day, role, name=name) for role, name in STAFF.items()}
    day.next_call(2, "+31612345607")
    day.together()
    day.clock.pass_s(95)
    day.next_call(1, "+31612345608")
    day.recorded()
    day.clock.pass_s(48)
    names["live"] = day.call.call_id
    return Scene(day, names, colleagues)


def open_cases(day: Day, call_id: str) -> str:
    """Gives the complaint's id."""
    cases, now = day.wiring.cases, day.clock.now()
    employee, supervisor = Actor("s.bakker", Who.EMPLOYEE), Actor("m.devries", Who.SUPERVISOR)
    covert = CovertRecordingRegistered("De beller zei achteraf dat het gesprek was opgenomen.", published=False)
    opened = cases.open(covert, "example", supervisor)
    cases.act(opened.case_id, MessageSent("Per brief, met de spelregels erbij."), supervisor)
    cases.act(opened.case_id, TalkPlanned((now + timedelta(days=9)).date()), supervisor)
    misuse = MisuseReported(Misuse.PUBLICATION, "Een deel van een gesprek staat op sociale media.")
    cases.open(misuse, "example", employee)
    at_the_counter = RequestRegistered("balie", now - timedelta(hours=20), "gewoon", third_persons=True)
    cases.open(at_the_counter, "example", employee)
    complaint = ComplaintReceived("De beller vindt dat de uitleg aan de telefoon niet klopte.")
    return cases.open(complaint, "example", supervisor, call_id=call_id).case_id
