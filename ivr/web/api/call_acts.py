"""What an employee does during a call, over the API: each act is one event for the dialogue, which may ignore it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from config.policy import AgencyPolicy
from ivr.calls import employee_acts
from ivr.calls.agencies import Agencies
from ivr.calls.driver import TWICE, CallDriver
from ivr.calls.employee_acts import LEAST_REASON, MOST_TEXT, SIMPLE, CallAct, Lack, Unusable
from ivr.cases.acts import Code
from ivr.cases.shapes import Fault, Text, camel
from ivr.dialogue.events import Event
from ivr.web.access import Permission, User
from ivr.web.api.declaring import Asked, Operation
from ivr.web.api.problems import Ignored, Wrong
from ivr.web.api.views import CallView, view_call
from ivr.web.scope import CallFinder


@dataclass(frozen=True, slots=True)
class Objection:
    """A weighty reason, as a code of the agency's list or in words, and what is offered instead (R1)."""

    alternative: Code
    reason: Code | None = None
    reason_text: Annotated[str, Text(LEAST_REASON, MOST_TEXT)] | None = None


@dataclass(frozen=True, slots=True)
class ThirdPerson:
    """Somebody else takes part or listens in; in words, where that is known."""

    who: Annotated[str, Text(0, MOST_TEXT)] = ""


@dataclass(frozen=True, slots=True)
class ConversationKind:
    """The kind of conversation, as a code of the agency's list."""

    kind: Code


MakeEvent = Callable[[AgencyPolicy, Any, User], Event]

FAULT_WORDS: Mapping[Lack, str] = {
    Lack.MISSING: "is missing; or give reasonText",
    Lack.UNKNOWN: "the agency's list does not have it",
    Lack.NEEDLESS: "there is a reason from the list already",
    Lack.DEMANDS: "may not ask for a reason or a promise: it is read out to the caller",
    Lack.TOO_SHORT: f"has fewer than {LEAST_REASON} characters",
    Lack.TOO_LONG: f"has more than {MOST_TEXT} characters",
}


def call_acts(driver: CallDriver, agencies: Agencies, find_call: CallFinder) -> list[Operation]:
    def answering(make: MakeEvent) -> Callable[[Asked], CallView]:
        def answer(asked: Asked) -> CallView:
            """Done before under the same key is done; everything else that changes nothing is told with its reason."""
            call = find_call(asked.path["call_id"], asked.user)
            policy = agencies.by_digest(call.agency, call.policy_digest)
            try:
                event = make(policy, asked.body, asked.user)
            except Unusable as unusable:
                faults = unusable.faults
                raise Wrong("body", [Fault(f"/{camel(one.field)}", FAULT_WORDS[one.lack]) for one in faults]) from None
            key = None if asked.key is None else f"api:{asked.user.name}:{asked.key}"
            told = driver.tell(call.call_id, event, key)
            if told.ignored not in (None, TWICE):
                raise Ignored(told.ignored)
            return view_call(told.call, told.dialogue)

        return answer

    def act(name: str, path: str, summary: str, make: MakeEvent, body: type[object] | None = None) -> Operation:
        return Operation(
            name=name,
            method="POST",
            path=f"/calls/{{callId}}/{path}",
            summary=summary,
            permission=Permission.ACT_ON_CALLS,
            answers=CallView,
            answer=answering(make),
            body=body,
            refuses=(404, 409),
            processing="gesprek bijwerken",
        )

    return [
        act("objectToRecording", "objections", "Object to the caller's recording.", objection, Objection),
        act(
            "withdrawObjection",
            "objections/withdrawal",
            "Take the objection back.",
            simply(CallAct.WITHDRAW_OBJECTION),
        ),
        act(
            "noteThirdPerson",
            "third-persons",
            "Somebody else takes part: everybody hears which recordings run.",
            lambda _, body, __: employee_acts.third_person(body.who),
            ThirdPerson,
        ),
        act(
            "nameConversationKind",
            "conversation-kind",
            "Name the kind of conversation; some may not be recorded.",
            lambda policy, body, user: employee_acts.kind_named(policy, user.name, body.kind),
            ConversationKind,
        ),
        act(
            "pauseRecording",
            "recording-pauses",
            "The agency's recording keeps silence; both hear it.",
            simply(CallAct.PAUSE),
        ),
        act("resumeRecording", "recording-resumptions", "It may go on.", simply(CallAct.RESUME)),
        act("stopRecording", "recording-stops", "End the agency's recording.", simply(CallAct.STOP)),
    ]


def simply(act: CallAct) -> MakeEvent:
    return lambda _, __, user: SIMPLE[act](user.name)


def objection(policy: AgencyPolicy, body: Objection, user: User) -> Event:
    return employee_acts.objection(
        policy,
        user.name,
        reason=body.reason or "",
        reason_text=body.reason_text or "",
        alternative=body.alternative,
    )
