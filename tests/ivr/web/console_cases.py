"""Cases of the example agency and the people who work on them, for tests of the console."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from werkzeug.test import TestResponse

from config.policy import Role
from ivr.calls.jobs import JobKind
from ivr.cases.acts import (
    AccessGranted,
    Act,
    ComplaintReceived,
    CovertRecordingRegistered,
    EmployeeAnswered,
    ListeningNeeded,
    Opening,
)
from ivr.cases.case import Case, Who
from ivr.cases.opening import open_refusal
from ivr.cases.service import Actor
from ivr.web.sessions import SignedIn
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.forms import form_to
from tests.ivr.web.signed_in import Colleague, sign_in

LENGTH_S = 20.0
STAYS = timedelta(minutes=20)
SCRIPT = "<script>alert(1)</script>"
COVERT = CovertRecordingRegistered("zei het zelf", published=False)
COMPLAINT = ComplaintReceived("de medewerker weigerde")


def record_call(house: House) -> bytes:
    """One call that was recorded and is over; gives the sound as it was stored."""
    sound = wav_of(LENGTH_S)
    house.stopped(LENGTH_S)
    house.carrier.files[RECORDING_SID] = sound
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return sound


@dataclass
class Office:
    """A house in which one person of each role is signed in when first asked for."""

    house: House
    people: dict[Role, Colleague] = field(default_factory=dict)
    came: dict[Role, datetime] = field(default_factory=dict)

    def __getitem__(self, role: Role) -> Colleague:
        """Signed in anew where the clock was moved so far that the session may have ended."""
        now = self.house.clock.now()
        if role not in self.people:
            self.people[role] = sign_in(self.house, role)
        elif self.came[role] + STAYS <= now:
            sessions, before = self.house.wiring.sessions, self.people[role]
            token = sessions.begin(before.signed_in.user.name)
            before.client.set_cookie(sessions.cookie, token)
            self.people[role] = replace(before, cookie=token, signed_in=SignedIn(before.signed_in.user, token))
        self.came[role] = now
        return self.people[role]

    # ------------------------------------------------------------ cases

    def opened(self, opening: Opening = COVERT, role: Role = Role.SUPERVISOR, *, call: bool = False) -> Case:
        call_id = self.house.call.call_id if call else None
        return self.house.wiring.cases.open(opening, "example", Actor(role.value, Who(role)), call_id=call_id)

    def did(self, case: Case, act: Act, role: Role) -> Case:
        return self.house.wiring.cases.act(case.case_id, act, Actor(role.value, Who(role))).case

    def listening(self, *people: str, days: float = 5) -> Case:
        """A complaint about the call for which these people may listen."""
        case = self.opened(COMPLAINT, call=True)
        until = self.house.clock.now() + timedelta(days=days)
        for act in (ListeningNeeded("nodig"), EmployeeAnswered(objects=False), AccessGranted(people, until, "nodig")):
            case = self.did(case, act, Role.COMMITTEE)
        return case

    def promised(self, alternative: str = "verslag") -> Case:
        """What was promised when the employee objected on the call of this house."""
        wiring = self.house.wiring
        with wiring.database.transaction() as unit:
            policy = wiring.agencies.now("example")
            case_id = open_refusal(unit, policy, self.house.call.call_id, alternative, wiring.clock.now())
        assert case_id is not None
        return self.now(case_id)

    def now(self, case_id: str) -> Case:
        return self.house.wiring.cases.get(case_id).case

    def tags(self, case: Case) -> list[str]:
        return [entry.tag for entry in self.house.wiring.cases.get(case.case_id).history]

    # ------------------------------------------------------------ pages

    def page(self, role: Role, path: str) -> str:
        answer = self[role].get(f"/console/zaken{path}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def fill_in(self, role: Role, case: Case, act: str, **values: str) -> TestResponse:
        """Open the case's page, fill in the form of an act, send it."""
        form = form_to(self.page(role, f"/{case.case_id}"), f"/doen/{act}")
        return self[role].post(form.action, form.values | values)
