"""`/console`: where everybody begins, with the few things that wait for them."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue

from ivr.calls.live import LiveCalls
from ivr.cases.case import Case, Who
from ivr.cases.service import CaseService
from ivr.dialogue.states import CallerRecording
from ivr.ports import Clock, Database
from ivr.web.access import Permission, User
from ivr.web.console.case_words import KIND_WORDS
from ivr.web.console.declaring import Page
from ivr.web.language import N_
from ivr.web.scope import sight_of
from storage.oversight import LogState
from storage.records import CaseOrder

MOST_CASES = 5
"""The others stand on their own page."""

ELSEWHERE: Sequence[tuple[str, str, str]] = (
    ("calls", N_("Gesprekken zoeken"), N_("Vind een gesprek terug: op tijd, uitkomst, reden of nummer.")),
    ("evaluation", N_("Evaluatie"), N_("Hoe vaak mensen opnemen, en hoe dat gaat.")),
    ("trail", N_("Wie keek waar"), N_("Elke keer dat iemand iets bekeek of beluisterde.")),
    ("data_subject", N_("Vragen van bellers"), N_("Een beller wil gegevens inzien of laten wissen.")),
    ("log_health", N_("Logboek"), N_("Of het logboek heel is, en wanneer het voor het laatst is verzegeld.")),
    ("retention", N_("Bewaren en vernietigen"), N_("Wat wanneer wordt vernietigd, en wat langer blijft.")),
    ("users", N_("Gebruikers"), N_("Wie er mag inloggen, en als wat.")),
    ("settings", N_("Instellingen"), N_("Wat er nog moet gebeuren voordat alles werkt.")),
    ("profiles", N_("Spelregels van de organisaties"), N_("De profielen en hun versies.")),
)
"""Pages of the console, with what they are for; each reader sees their own."""


def start_pages(live: LiveCalls, cases: CaseService, database: Database, clock: Clock) -> list[Page]:
    def mine(user: User) -> Sequence[Case]:
        """What this user's role has to do, by what is due first."""
        return cases.list(sight_of(user), owner=Who(user.role), closed=False, limit=MOST_CASES + 1, order=CaseOrder.DUE)

    def log_state() -> LogState:
        with database.reading() as unit:
            return unit.checks.state()

    def start(user: User) -> ResponseReturnValue:
        calls = live.list(user.agencies) if user.may(Permission.SEE_CALLS) else []
        todo = mine(user) if user.may(Permission.SEE_CASES) else []
        return render_template(
            "console/start.html",
            agencies=live.profiles(user.agencies),
            calls=calls,
            wishes=[call for call in calls if call.dialogue.caller_recording is CallerRecording.ANNOUNCED],
            cases=todo[:MOST_CASES],
            kind_words=KIND_WORDS,
            more=len(todo) > MOST_CASES,
            log=log_state() if user.may(Permission.SEE_LOG_HEALTH) else None,
            now=clock.now(),
            elsewhere=ELSEWHERE,
        )

    return [Page("", "start", start, Permission.BE_SIGNED_IN)]
