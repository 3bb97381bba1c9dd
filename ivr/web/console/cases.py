"""`/console/zaken`: the case files of somebody's agencies, what is late first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.cases.case import STATES, Case, Kind, State, Who
from ivr.cases.service import CaseService
from ivr.ports import Clock
from ivr.web.access import Permission, User
from ivr.web.console.case_history import place_of, promise_of, term
from ivr.web.console.case_page import CasePages
from ivr.web.console.case_registering import RegisteringPages, kinds_for
from ivr.web.console.case_words import KIND_WORDS, STATE_WORDS, WHO_WORDS, StateWords
from ivr.web.console.declaring import Page
from ivr.web.language import N_, gettext, words
from ivr.web.scope import CASE_ID, seeing
from storage.records import CaseOrder

AT_ONCE = 50
OPEN, CLOSED, ALL = "open", "gesloten", "alle"
SHOWN = {OPEN: False, CLOSED: True, ALL: None}
NAME = re.compile(r"[a-z-]{1,60}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to. `show` is one of `SHOWN`, or a state of `kind`."""

    kind: Kind | None
    show: str
    late: bool
    mine: bool
    agency: str

    @property
    def state(self) -> State | None:
        return None if self.show in SHOWN else State(self.show)

    @property
    def address(self) -> dict[str, str]:
        """The parts of the list's address that are not as usual."""
        ticks = {"te-laat": self.late, "van-mij": self.mine}
        said = {"soort": self.kind or "", "stand": "" if self.show == OPEN else self.show, "organisatie": self.agency}
        return {name: value for name, value in said.items() if value} | {name: "on" for name, on in ticks.items() if on}

    @property
    def is_narrow(self) -> bool:
        return bool(self.address)


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list, in words."""

    case: Case
    kind: str
    state: StateWords
    owner: str
    agency: str
    place: str
    promise: str
    term: str
    is_overdue: bool
    can_deliver: bool


def read_wanted(user: User) -> Wanted:
    """What is no filter of ours is left out: an old address still shows a list."""
    asked = request.args
    kind = Kind(asked["soort"]) if asked.get("soort") in {*Kind} else None
    show = asked.get("stand", OPEN)
    if show not in SHOWN and (kind is None or show not in STATES[kind]):
        show = OPEN
    agency = asked.get("organisatie", "")
    return Wanted(kind, show, "te-laat" in asked, "van-mij" in asked, agency if agency in user.agencies else "")


class CaseLists:
    """The list."""

    def __init__(self, cases: CaseService, agencies: Agencies, clock: Clock) -> None:
        self._cases = cases
        self._agencies = agencies
        self._clock = clock

    def show(self, user: User) -> ResponseReturnValue:
        wanted = read_wanted(user)
        after = request.args.get("na") or None
        if after is not None and not CASE_ID.fullmatch(after):
            raise NotFound("there is no such case")
        found = self._find(user, wanted, after)
        page = found[:AT_ONCE]
        return make_response(
            render_template(
                "console/cases.html",
                rows=[self._row(user, case) for case in page],
                wanted=wanted,
                kinds=[(kind.value, gettext(KIND_WORDS[kind].name)) for kind in Kind],
                shows=self._shows(wanted),
                agencies=[(slug, words(self._agencies.now(slug).name)) for slug in sorted(user.agencies)],
                mine=gettext(WHO_WORDS[user.actor.role]),
                is_first=after is None,
                address=wanted.address,
                next=page[-1].case_id if len(found) > AT_ONCE else None,
                registering=[(kind.value, gettext(KIND_WORDS[kind].register)) for kind in self._kinds(user)],
            )
        )

    def _find(self, user: User, wanted: Wanted, after: str | None) -> Sequence[Case]:
        with seeing(user) as sight:
            if after is not None:
                self._cases.get(after, sight)
            return self._cases.list(
                replace(sight, agencies=(wanted.agency,)) if wanted.agency else sight,
                kind=wanted.kind,
                state=wanted.state,
                owner=user.actor.role if wanted.mine else None,
                closed=SHOWN.get(wanted.show),
                overdue=wanted.late,
                limit=AT_ONCE + 1,
                after=after,
                order=CaseOrder.DUE if wanted.show == OPEN else CaseOrder.NEWEST,
            )

    def _row(self, user: User, case: Case) -> Row:
        policy = self._agencies.by_digest(case.agency, case.policy_digest)
        now = self._clock.now()
        may = user.may(Permission.ACT_ON_CASES) and user.actor.role in (case.owner, Who.SUPERVISOR)
        return Row(
            case=case,
            kind=gettext(KIND_WORDS[case.kind].name),
            state=STATE_WORDS[case.kind][case.state],
            owner=gettext(WHO_WORDS[case.owner]),
            agency=words(policy.name),
            place=place_of(case, policy),
            promise=promise_of(case, policy),
            term="" if case.due_at is None else term(case.due_at, now),
            is_overdue=case.is_overdue(now),
            can_deliver=may and case.state is State.PROMISED,
        )

    def _shows(self, wanted: Wanted) -> list[tuple[str, str]]:
        """Open, closed, all, and the states of one kind."""
        states = [] if wanted.kind is None else STATE_WORDS[wanted.kind].items()
        only = [(state.value, gettext("alleen: %(state)s", state=gettext(its.name))) for state, its in states]
        return [(OPEN, gettext("lopend")), (CLOSED, gettext("afgerond")), (ALL, gettext("alle")), *only]

    def _kinds(self, user: User) -> list[Kind]:
        """Whatever one of their agencies has; what is about one call begins at that call."""
        policies: Sequence[AgencyPolicy] = [self._agencies.now(slug) for slug in user.agencies]
        return [kind for kind in kinds_for(user) if any(kind in kinds_for(user, policy) for policy in policies)]


def case_pages(lists: CaseLists, registering: RegisteringPages, one: CasePages) -> list[Page]:
    return [
        Page("/zaken", "cases", lists.show, Permission.SEE_CASES, menu=N_("Zaken")),
        *registering.pages(),
        *one.pages(),
    ]
