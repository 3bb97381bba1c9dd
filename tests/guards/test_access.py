"""Every route of the service, walked as nobody, as every role, and as every role of another agency.

The table below is written by hand, apart from the declarations in the code: a route that is not in it fails, and so
does one that opens to others than it says. A new page adds a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.app import console_pages
from ivr.cases.acts import CovertRecordingRegistered
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.web.access import User
from tests.builders import House
from tests.ivr.web.signed_in import BASE, Colleague, sign_in

EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PRIVACY_OFFICER = frozenset({Role.PRIVACY_OFFICER})
PHONING = frozenset({Role.EMPLOYEE, Role.SUPERVISOR})
SEEING_CALLS = PHONING | {Role.PRIVACY_OFFICER, Role.AUDITOR}
SEEING_CASES = SEEING_CALLS | {Role.COMMITTEE}
SUPERVISING = frozenset({Role.SUPERVISOR, Role.PRIVACY_OFFICER})
FINDING_CALLS = SUPERVISING | {Role.AUDITOR}
CHECKING = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})
ACTING_ON_CASES = SEEING_CASES - {Role.AUDITOR}

# Who is signed in, and may open this.
BY_ROLE = {
    "console.start": EVERYBODY,
    # one's own account
    "console.account": EVERYBODY,
    "console.change_password": EVERYBODY,
    "console.renew_recovery_codes": EVERYBODY,
    "console.end_session": EVERYBODY,
    "console.end_other_sessions": EVERYBODY,
    # users
    "console.users": ADMINISTRATOR,
    "console.user": ADMINISTRATOR,
    "console.new_user": ADMINISTRATOR,
    "console.add_user": ADMINISTRATOR,
    "console.change_user": ADMINISTRATOR,
    "console.disable_user": ADMINISTRATOR,
    "console.unlock_user": ADMINISTRATOR,
    "console.sign_out_user": ADMINISTRATOR,
    "console.invite_user": ADMINISTRATOR,
    "console.new_token": ADMINISTRATOR,
    # calls that go on now
    "console.live": SEEING_CALLS,
    "console.live_part": SEEING_CALLS,
    "console.live_call": SEEING_CALLS,
    "console.live_call_part": SEEING_CALLS,
    "console.live_object": PHONING,
    "console.live_withdraw_objection": PHONING,
    "console.live_third_person": PHONING,
    "console.live_name_kind": PHONING,
    "console.live_pause": PHONING,
    "console.live_resume": PHONING,
    "console.live_stop": PHONING,
    # finding calls
    "console.calls": FINDING_CALLS,
    "console.calls_by_number": SUPERVISING,
    "console.export_calls": SUPERVISING,
    "console.save_search": FINDING_CALLS,
    "console.rename_search": FINDING_CALLS,
    "console.delete_search": FINDING_CALLS,
    # a call, its proofs and its sound
    "console.call": FINDING_CALLS,
    "console.verify_call": FINDING_CALLS,
    "console.call_record": FINDING_CALLS,
    "console.call_note": SUPERVISING,
    "console.listen": SUPERVISING,
    "console.call_sound": SUPERVISING,
    "console.call_waveform": SUPERVISING,
    "console.withdraw_copies": SUPERVISING,
    "console.call_receipt": SUPERVISING,
    # counting
    "console.evaluation": FINDING_CALLS,
    "console.evaluation_report": FINDING_CALLS,
    "console.evaluation_table": FINDING_CALLS,
    # the log's health
    "console.log_health": FINDING_CALLS | ADMINISTRATOR,
    "console.log_check": FINDING_CALLS | ADMINISTRATOR,
    "console.checkpoints": FINDING_CALLS | ADMINISTRATOR,
    "console.checkpoint": FINDING_CALLS | ADMINISTRATOR,
    # case files
    "console.cases": SEEING_CASES,
    "console.case": SEEING_CASES,
    "console.case_sound": ACTING_ON_CASES,
    "console.case_compare_listen": SUPERVISING,
    "console.case_copy_sound": SUPERVISING,
    "console.case_new": ACTING_ON_CASES,
    "console.case_open": ACTING_ON_CASES,
    "console.case_act": ACTING_ON_CASES,
    # keeping, and who looked at what
    "console.hold_page": SUPERVISING,
    "console.hold": SUPERVISING,
    "console.hold_release": SUPERVISING,
    "console.hold_confirm": SUPERVISING,
    "console.hold_keep": SUPERVISING,
    "console.trail": CHECKING,
    "console.trail_file": CHECKING,
    "console.retention": FINDING_CALLS,
    "console.data_subject": PRIVACY_OFFICER,
    "console.data_subject_find": PRIVACY_OFFICER,
    "console.data_subject_register": PRIVACY_OFFICER,
    "console.data_subject_request": PRIVACY_OFFICER,
    "console.data_subject_package": PRIVACY_OFFICER,
    "console.data_subject_erase": PRIVACY_OFFICER,
    "console.data_subject_answer": PRIVACY_OFFICER,
    # rules and settings
    "console.profiles": EVERYBODY - {Role.COMMITTEE},
    "console.profile": EVERYBODY - {Role.COMMITTEE},
    "console.settings": ADMINISTRATOR,
    "console.retry_job": ADMINISTRATOR,
    # the API
    "api.listCalls": SEEING_CALLS,
    "api.getCall": SEEING_CALLS,
    "api.getConsentRecord": SEEING_CALLS,
    "api.objectToRecording": PHONING,
    "api.withdrawObjection": PHONING,
    "api.noteThirdPerson": PHONING,
    "api.nameConversationKind": PHONING,
    "api.pauseRecording": PHONING,
    "api.resumeRecording": PHONING,
    "api.stopRecording": PHONING,
    "api.listCases": SEEING_CASES,
    "api.getCase": SEEING_CASES,
    "api.openCase": ACTING_ON_CASES,
    "api.actOnCase": ACTING_ON_CASES,
}

# No role opens these: what does is tested where it is told, at the right.
BY_OTHER_MEANS = {
    "sign_in": "the way in itself: tests/ivr/web/test_sign_in.py",
    "public": "the agency's rules are for everybody (R2)",
    "pages": "styles and scripts",
    "static": "nothing is there",
    "health": "says of itself only whether it runs",
    "api.openapi": "what the API is like is no secret",
    "voice": "the carrier's signature: tests/ivr/web/test_voice_webhooks.py",
    "portal": "the secret in the caller's link: tests/ivr/web/test_portal.py",
    "browser_phone": "beside the local carrier only: tests/ivr/web/test_browser_phone_pages.py",
}

# Pages about things of all agencies alike: somebody of another agency may see them.
OF_NO_AGENCY = {"console.end_session", "console.retry_job"}

# The role is not enough: who has it is refused all the same, as long as the object itself does not name them.
REFUSED_BY_THE_OBJECT = {"console.case_sound"}

# Besides what the page declares, its view asks for more.
NARROWER = {"console.calls_by_number": SUPERVISING}

CALLER = "+31687654321"
"""Not the number that pages name as an example."""

OTHER_METHODS = ("PUT", "DELETE", "PATCH", "TRACE")


@dataclass
class Walk:
    """A house with one of everything, all of it the example agency's."""

    house: House

    def __post_init__(self) -> None:
        self.house.dial_in(From=CALLER)
        self.house.recorded()
        wiring = self.house.wiring
        case = wiring.cases.open(
            CovertRecordingRegistered("zei het", published=False), "example", Actor("a", Who.EMPLOYEE)
        )
        wiring.users.introduce("x.iemand", Role.EMPLOYEE, ["example"], "a test")
        self.values = {
            "call_id": self.house.call.call_id,
            "case_id": case.case_id,
            "name": "x.iemand",
            "slug": "example",
            "prompt_id": "1",
        }
        self.secrets = (self.house.call.call_id, case.case_id, "x.iemand", CALLER)
        rules = self.house.client.application.url_map.iter_rules()
        # Lists before what they list: a trail names what its own people have asked for in vain.
        self.rules = sorted((rule for rule in rules if rule.endpoint in BY_ROLE), key=lambda rule: len(rule.arguments))

    def is_told(self, answer: TestResponse, path: str) -> bool:
        """Something of the example agency stands in the answer that was not in the address already."""
        if answer.mimetype == "text/event-stream":
            return False  # without end; its rule has an object, and so another test
        return any(secret in answer.text and secret not in path for secret in self.secrets)

    def path(self, rule: Rule) -> str:
        values = {name: self.values.get(name, "0" * 32) for name in rule.arguments}
        with self.house.client.application.test_request_context(base_url=BASE):
            built = self.house.client.application.url_map.bind("localhost").build(rule.endpoint, values)
        return str(built)


def methods(rule: Rule) -> Iterator[str]:
    yield from sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def ask(colleague: Colleague, method: str, path: str, token: str) -> TestResponse:
    """By session in the console, by token at the API."""
    if path.startswith("/api/"):
        headers = {"Authorization": f"Bearer {token}"}
        body: dict[str, str] | None = {} if method == "POST" else None
        return colleague.client.open(path, method=method, base_url=BASE, headers=headers, json=body)
    return colleague.get(path) if method == "GET" else colleague.post(path)


def is_let_in(answer: TestResponse) -> bool:
    """Whatever the page then says of an empty form or an odd id."""
    to_sign_in = (answer.location or "").startswith("/console/inloggen")
    return answer.status_code not in (401, 403) and answer.status_code < 500 and not to_sign_in


@pytest.fixture
def walk(tmp_path: Path, sqlite_url: str) -> Iterator[Walk]:
    house = House(tmp_path, sqlite_url)
    yield Walk(house)
    house.close()


def colleague_of(walk: Walk, role: Role, agencies: tuple[str, ...]) -> tuple[Colleague, str]:
    """With a session, and a token for the API."""
    colleague = sign_in(walk.house, role, agencies)
    return colleague, walk.house.wiring.users.new_token(role.value)[0]


def test_of_every_route_it_was_decided_who_may_open_it(walk: Walk) -> None:
    endpoints = {rule.endpoint for rule in walk.house.client.application.url_map.iter_rules()}
    undecided = {
        endpoint
        for endpoint in endpoints - BY_ROLE.keys()
        if endpoint not in BY_OTHER_MEANS and endpoint.split(".")[0] not in BY_OTHER_MEANS
    }
    assert not undecided
    assert not BY_ROLE.keys() - endpoints
    assert not {means for means in BY_OTHER_MEANS if not any(f"{one}.".startswith(f"{means}.") for one in endpoints)}


def test_what_the_pages_declare_is_what_was_decided(walk: Walk) -> None:
    declared = {
        f"console.{page.name}": {role for role in Role if User("x", role, frozenset()).may(page.permission)}
        for page in console_pages(walk.house.wiring)
    }
    assert declared == {name: set(roles) for name, roles in BY_ROLE.items() if name.startswith("console.")}


def test_nobody_gets_in(walk: Walk) -> None:
    for rule in walk.rules:
        for method in methods(rule):
            answer = walk.house.client.open(walk.path(rule), method=method, base_url=BASE)
            assert not is_let_in(answer), (rule.endpoint, method, answer.status)
            assert not walk.is_told(answer, walk.path(rule)), rule.endpoint


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_was_decided_and_nothing_else(walk: Walk, role: Role) -> None:
    colleague, token = colleague_of(walk, role, ("example",))
    for rule in walk.rules:
        for method in methods(rule):
            answer = ask(colleague, method, walk.path(rule), token)
            allowed = NARROWER.get(rule.endpoint, BY_ROLE[rule.endpoint])
            if role in allowed and rule.endpoint in REFUSED_BY_THE_OBJECT:
                assert answer.status_code in (403, 404), (rule.endpoint, method, answer.status)
            elif role in allowed:
                assert is_let_in(answer), (rule.endpoint, method, answer.status)
            else:
                assert answer.status_code == 403, (rule.endpoint, method, answer.status)


@pytest.mark.parametrize("role", Role)
def test_for_another_agency_nothing_is_there(walk: Walk, role: Role) -> None:
    colleague, token = colleague_of(walk, role, ("ind",))
    for rule in walk.rules:
        for method in methods(rule):
            answer = ask(colleague, method, walk.path(rule), token)
            if rule.arguments and rule.endpoint not in OF_NO_AGENCY:
                assert answer.status_code in (400, 403, 404), (rule.endpoint, method, answer.status)
            assert not walk.is_told(answer, walk.path(rule)), rule.endpoint


@pytest.mark.parametrize("role", Role)
def test_a_form_from_elsewhere_does_nothing(walk: Walk, role: Role) -> None:
    colleague = sign_in(walk.house, role)
    for rule in walk.rules:
        for method in methods(rule):
            if method == "GET" or rule.endpoint.startswith("api."):
                continue  # the API knows no cookie, so a browser cannot be made to use it
            for csrf in ("", "0" * 64, "ü", colleague.signed_in.csrf[:-1]):
                answer = colleague.post(walk.path(rule), {"csrf": csrf})
                assert answer.status_code == 403, (rule.endpoint, answer.status)
            answer = colleague.post(walk.path(rule), Origin="https://elsewhere.example")
            assert answer.status_code == 403, (rule.endpoint, answer.status)


def test_no_other_method_does_anything(walk: Walk) -> None:
    colleague = sign_in(walk.house, Role.ADMINISTRATOR)
    for rule in walk.house.client.application.url_map.iter_rules():
        if rule.endpoint in BY_ROLE:
            for method in OTHER_METHODS:
                answer = colleague.client.open(walk.path(rule), method=method, base_url=BASE)
                assert answer.status_code == 405, (rule.endpoint, method, answer.status)


@pytest.mark.parametrize("role", Role)
def test_who_was_disabled_gets_in_nowhere(walk: Walk, role: Role) -> None:
    colleague, token = colleague_of(walk, role, ("example",))
    walk.house.wiring.users.disable(role.value, leave_nobody=True)
    for rule in walk.rules:
        for method in methods(rule):
            answer = ask(colleague, method, walk.path(rule), token)
            assert not is_let_in(answer), (rule.endpoint, method, answer.status)
