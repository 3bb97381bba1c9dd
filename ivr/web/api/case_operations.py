"""Case files over the API: list, look into, open, act."""

from dataclasses import dataclass, replace
from typing import Annotated

from werkzeug.exceptions import Forbidden

from ivr.cases.acts import ACTS, OPENINGS, Code
from ivr.cases.case import Case, Kind, State
from ivr.cases.service import CaseFile, CaseService
from ivr.cases.shapes import Between, Fault, Text
from ivr.ports import Clock
from ivr.web.access import Permission, User
from ivr.web.api.declaring import Asked, Operation, Variants
from ivr.web.api.problems import Wrong
from ivr.web.api.views import CaseFileView, CaseList, CaseView, view_case, view_entries
from ivr.web.scope import concerns, in_scope, seeing, sight_of
from storage.errors import UnknownCall

MOST_AT_ONCE = 100
Id = Annotated[str, Text(1, 64, r"[0-9a-f]+")]


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases: all that is given must hold."""

    agency: Code | None = None
    kind: Kind | None = None
    state: State | None = None
    overdue: bool = False
    limit: Annotated[int, Between(1, MOST_AT_ONCE)] = 50
    after: Id | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """Which agency's the case is, and of which call, where it is of one."""

    agency: Code
    call_id: Id | None = None


OPENED_BY_STAFF = {kind.value: opening for kind, opening in OPENINGS.items() if kind is not Kind.REFUSAL}
"""A promise after a refusal comes out of the refusal itself."""


def case_operations(cases: CaseService, clock: Clock) -> list[Operation]:
    def found(case_id: str, user: User) -> CaseFile:
        with seeing(user) as sight:
            file = cases.get(case_id, sight)
        concerns(file.case.agency)
        return file

    def view(case: Case, user: User) -> CaseView:
        return view_case(case, clock.now(), personal=user.may(Permission.SEE_PERSONAL))

    def list_cases(asked: Asked) -> CaseList:
        query: CaseQuery = asked.query
        if query.agency is not None:
            in_scope(query.agency, asked.user)
        if query.after is not None:
            found(query.after, asked.user)
        sight = sight_of(asked.user)
        listed = cases.list(
            sight if query.agency is None else replace(sight, agencies=(query.agency,)),
            kind=query.kind,
            state=query.state,
            overdue=query.overdue,
            limit=query.limit + 1,
            after=query.after,
        )
        page = listed[: query.limit]
        return CaseList(
            tuple(view(case, asked.user) for case in page), page[-1].case_id if len(listed) > len(page) else None
        )

    def get_case(asked: Asked) -> CaseFileView:
        file = found(asked.path["case_id"], asked.user)
        personal = asked.user.may(Permission.SEE_PERSONAL)
        return CaseFileView(view(file.case, asked.user), view_entries(file.history, personal=personal))

    def open_case(asked: Asked) -> CaseView:
        whose, opening = asked.body
        in_scope(whose.agency, asked.user)
        try:
            case = cases.open(opening, whose.agency, asked.user.actor, call_id=whose.call_id, key=asked.key)
        except UnknownCall:
            raise Wrong("body", [Fault("/callId", "there is no such call")]) from None
        return view(case, asked.user)

    def act(asked: Asked) -> CaseView:
        _, wanted = asked.body
        case_id = found(asked.path["case_id"], asked.user).case.case_id
        done = cases.act(case_id, wanted, asked.user.actor, key=asked.key)
        if done.refused is not None:
            raise Forbidden(done.refused)
        return view(done.case, asked.user)

    see, do = Permission.SEE_CASES, Permission.ACT_ON_CASES
    return [
        Operation(
            name="listCases",
            method="GET",
            path="/cases",
            summary="Cases of your agencies, in the order in which they were opened.",
            permission=see,
            answers=CaseList,
            answer=list_cases,
            query=CaseQuery,
            refuses=(404,),
            processing="zaken inzien",
        ),
        Operation(
            name="getCase",
            method="GET",
            path="/cases/{caseId}",
            summary="One case with its history.",
            permission=see,
            answers=CaseFileView,
            answer=get_case,
            refuses=(404,),
            processing="zaak inzien",
        ),
        Operation(
            name="openCase",
            method="POST",
            path="/cases",
            summary="Open a case.",
            permission=do,
            answers=CaseView,
            answer=open_case,
            status=201,
            body=Variants("Open", "kind", OPENED_BY_STAFF, Whose),
            refuses=(409, 422),
            processing="zaak openen",
        ),
        Operation(
            name="actOnCase",
            method="POST",
            path="/cases/{caseId}/acts",
            summary="Do something with a case. An act that does not fit is refused and changes nothing.",
            permission=do,
            answers=CaseView,
            answer=act,
            body=Variants("Do", "act", ACTS),
            refuses=(404, 409, 422),
            processing="zaak bijwerken",
        ),
    ]
