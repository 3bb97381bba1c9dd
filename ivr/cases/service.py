"""Case files as staff use them: open, act, list, look into."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.cases.acts import Act, EvidenceAdded, Opening
from ivr.cases.case import Case, Kind, State, Who
from ivr.cases.compared import compared_copies, comparison_of
from ivr.cases.machine import Choice, choices
from ivr.cases.profile import terms_of
from ivr.cases.turn import Doing, NotAllowed
from ivr.cases.writing import case_of, entries_of, event_id, move_case, open_case, third_person_present
from ivr.ports import Clock, Database, Unit
from storage.errors import DuplicateCase, UnknownCase, VersionConflict
from storage.records import Around, CaseFilter, CaseOrder, LoggedEntry

TRIES = 20
"""Two people who act at once try in turn."""

T = TypeVar("T")


class KeyUsedBefore(NotAllowed):
    """The key of this act named another one before."""


class MovedOn(NotAllowed):
    """Others acted since the case was looked at."""

    def __init__(self) -> None:
        super().__init__("the case has changed since you looked at it")


@dataclass(frozen=True, slots=True)
class Sight:
    """Which case files exist at all for somebody: those of their agencies.

    `complaints_only`: of these only complaints and what belongs to them, which is other cases of the same call and
    whatever the committee itself has to act on.
    """

    agencies: tuple[str, ...]
    complaints_only: bool = False

    @property
    def around(self) -> Around | None:
        return Around(Kind.COMPLAINT, Who.COMMITTEE) if self.complaints_only else None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by the name they sign in with."""

    name: str
    role: Who


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its entries in the consent log, oldest first."""

    case: Case
    history: Sequence[LoggedEntry]


@dataclass(frozen=True, slots=True)
class Considered:
    """A case file as somebody has it before them: with the profile that it falls under, what they can do now, and the
    copies of the same call that were compared."""

    case: Case
    history: Sequence[LoggedEntry]
    policy: AgencyPolicy
    choices: Sequence[Choice]
    compared: Sequence[Case]


@dataclass(frozen=True, slots=True)
class Acted:
    """The case after an act; `refused` says why what was wished for is not given, though the wish is logged."""

    case: Case
    refused: str | None = None


class CaseService:
    """Safe to share between threads. What is done twice under one key is done once."""

    def __init__(self, database: Database, agencies: Agencies, clock: Clock) -> None:
        self._database = database
        self._agencies = agencies
        self._clock = clock

    def open(
        self, opening: Opening, agency: str, by: Actor, *, call_id: str | None = None, key: str | None = None
    ) -> Case:
        """Open a case; one of a call falls under the profile that the call was told by.

        Raises `NotAllowed`, `UnknownCall`, `PolicyError`.
        """
        case_id = None if key is None else hashlib.sha256(f"{by.name}\n{key}".encode()).hexdigest()[:32]
        try:
            with self._database.transaction() as unit:
                policy = self._policy(unit, agency, call_id)
                doing = Doing(by.name, by.role, self._clock.now())
                return open_case(unit, policy, opening, doing, call_id=call_id, case_id=case_id)
        except DuplicateCase as known:
            case = self.get(str(known)).case
            if (case.kind, case.agency, case.call_id) != (opening.kind, agency, call_id):
                raise KeyUsedBefore("this key was used for another case before") from None
            return case

    def act(
        self, case_id: str, act: Act, by: Actor, key: str | None = None, *, seen_version: int | None = None
    ) -> Acted:
        """Do one act; with `seen_version` only where the case still is as whoever acts saw it.

        Raises `NotAllowed`, `UnknownCase`.
        """
        return self._try(lambda unit: self._act(unit, case_id, act, by, key, seen_version))

    def was_done(self, case_id: str, by: Actor, key: str) -> bool:
        """They did something with the case under this key."""
        with self._database.reading() as unit:
            return unit.log.find_event(event_id(case_id, own(by, key))) is not None

    def get(self, case_id: str, sight: Sight | None = None) -> CaseFile:
        """Raises `UnknownCase`, also for one that is out of sight."""
        with self._database.reading() as unit:
            case = _find(unit, case_id, sight)
            return CaseFile(case, entries_of(unit, case.chain, case.case_id))

    def consider(self, case_id: str, by: Actor, sight: Sight) -> Considered:
        """Raises `UnknownCase`, also for one that is out of sight."""
        with self._database.reading() as unit:
            case = _find(unit, case_id, sight)
            history = entries_of(unit, case.chain, case.case_id)
            doing = Doing(by.name, by.role, self._clock.now(), third_person_present(unit, case.call_id))
            compared = compared_copies(unit, case.call_id)
        policy = self._agencies.by_digest(case.agency, case.policy_digest)
        return Considered(case, history, policy, choices(case, doing, terms_of(policy)), compared)

    def list(
        self,
        sight: Sight | None,
        *,
        kind: Kind | None = None,
        state: State | None = None,
        owner: Who | None = None,
        closed: bool | None = None,
        overdue: bool = False,
        limit: int = 100,
        after: str | None = None,
        order: CaseOrder = CaseOrder.OPENED,
    ) -> Sequence[Case]:
        """In that order, from the one after the case `after`; without `sight` all agencies' cases.

        Raises `UnknownCase` where there is no case `after`.
        """
        wanted = CaseFilter(
            agencies=None if sight is None else sight.agencies,
            around=None if sight is None else sight.around,
            kind=kind,
            state=state,
            owner=owner,
            due_before=self._clock.now() if overdue else None,
            open_only=closed is False,
            closed_only=closed is True,
        )
        with self._database.reading() as unit:
            return [case_of(record) for record in unit.cases.list(wanted, limit, after, order)]

    def _act(self, unit: Unit, case_id: str, act: Act, by: Actor, key: str | None, seen_version: int | None) -> Acted:
        case = case_of(unit.cases.get(case_id))
        name = str(case.version) if key is None else own(by, key)
        if key is not None and (before := unit.log.find_event(event_id(case_id, name))) is not None:
            return repeated(case, act, before)
        if seen_version is not None and case.version != seen_version:
            raise MovedOn
        policy = self._agencies.by_digest(case.agency, case.policy_digest)
        doing = Doing(by.name, by.role, self._clock.now(), third_person_present(unit, case.call_id))
        if isinstance(act, EvidenceAdded) and act.from_copy is not None:
            act = replace(act, comparison=comparison_of(unit, case, act.from_copy))
        done = move_case(unit, policy, case, act, doing, name)
        return Acted(done.case, done.refused)

    def _policy(self, unit: Unit, agency: str, call_id: str | None) -> AgencyPolicy:
        if call_id is None:
            return self._agencies.now(agency)
        call = unit.calls.get(call_id)
        if call.agency != agency:
            raise NotAllowed("the call is another agency's")
        return self._agencies.by_digest(call.agency, call.policy_digest)

    def _try(self, act: Callable[[Unit], T]) -> T:
        for _ in range(TRIES):
            try:
                with self._database.transaction() as unit:
                    return act(unit)
            except VersionConflict:
                continue
        raise VersionConflict(f"others acted first, {TRIES} times in a row")


def own(by: Actor, key: str) -> str:
    """A key is one person's own."""
    return f"{by.name}:{key}"


def _find(unit: Unit, case_id: str, sight: Sight | None) -> Case:
    if sight is None:
        return case_of(unit.cases.get(case_id))
    found = unit.cases.list(CaseFilter(agencies=sight.agencies, around=sight.around, case_id=case_id), 1)
    if not found:
        raise UnknownCase(case_id)
    return case_of(found[0])


def repeated(case: Case, act: Act, before: LoggedEntry) -> Acted:
    """The answer to an act that was done before: the case as it is now. Raises `KeyUsedBefore`."""
    refused = str(before.facts.get("refused", "")) or None
    if before.facts.get("act") != act.code:
        raise KeyUsedBefore("this key was used for another act before")
    return Acted(case, refused)
