"""What an employee does during a call, over the API: each act is one event for the dialogue, which may ignore it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from config.demands import find_demand
from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.driver import TWICE, CallDriver
from ivr.cases.acts import Code
from ivr.cases.channel_request import OTHER_REASON
from ivr.cases.shapes import Fault, Text
from ivr.dialogue.events import (
    Event,
    KindNamed,
    ObjectionRaised,
    ObjectionWithdrawn,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    ThirdPersonPresent,
)
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
    reason_text: Annotated[str, Text(3, 200)] | None = None


@dataclass(frozen=True, slots=True)
class ThirdPerson:
    """Somebody else takes part or listens in; in words, where that is known."""

    who: Annotated[str, Text(0, 200)] = ""


@dataclass(frozen=True, slots=True)
class ConversationKind:
    """The kind of conversation, as a code of the agency's list."""

    kind: Code


MakeEvent = Callable[[AgencyPolicy, Any, User], Event]


def call_acts(driver: CallDriver, agencies: Agencies, find_call: CallFinder) -> list[Operation]:
    def answering(make: MakeEvent) -> Callable[[Asked], CallView]:
        def answer(asked: Asked) -> CallView:
            """Done before under the same key is done; everything else that changes nothing is told with its reason."""
            call = find_call(asked.path["call_id"], asked.user)
            policy = agencies.by_digest(call.agency, call.policy_digest)
            event = make(policy, asked.body, asked.user)
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
        )

    return [
        act("objectToRecording", "objections", "Object to the caller's recording.", objection, Objection),
        act(
            "withdrawObjection",
            "objections/withdrawal",
            "Take the objection back.",
            lambda _, __, user: ObjectionWithdrawn(user.name),
        ),
        act(
            "noteThirdPerson",
            "third-persons",
            "Somebody else takes part: everybody hears which recordings run.",
            lambda _, body, __: ThirdPersonPresent(body.who),
            ThirdPerson,
        ),
        act(
            "nameConversationKind",
            "conversation-kind",
            "Name the kind of conversation; some may not be recorded.",
            conversation_kind,
            ConversationKind,
        ),
        act(
            "pauseRecording",
            "recording-pauses",
            "The agency's recording keeps silence; both hear it.",
            lambda _, __, ___: PauseAsked(),
        ),
        act("resumeRecording", "recording-resumptions", "It may go on.", lambda _, __, ___: ResumeAsked()),
        act(
            "stopRecording",
            "recording-stops",
            "End the agency's recording.",
            lambda _, __, user: StopAsked(user.name),
        ),
    ]


def objection(policy: AgencyPolicy, body: Objection, user: User) -> ObjectionRaised:
    """Raises `Wrong` for codes that the profile has not, and where the reason is not told in one way."""
    faults = []
    alternative = policy.find_alternative(body.alternative)
    if alternative is None:
        faults.append(Fault("/alternative", "the agency's list does not have it"))
    in_words = body.reason in (None, OTHER_REASON)
    if in_words and body.reason_text is None:
        faults.append(Fault("/reason", "is missing; or give reasonText"))
    if not in_words and body.reason_text is not None:
        faults.append(Fault("/reasonText", "there is a reason from the list already"))
    if body.reason_text is not None and find_demand(body.reason_text):
        faults.append(Fault("/reasonText", "may not ask for a reason or a promise: it is read out to the caller"))
    if not in_words and policy.find_reason(str(body.reason)) is None:
        faults.append(Fault("/reason", "the agency's list does not have it"))
    if faults or alternative is None:
        raise Wrong("body", faults)
    return ObjectionRaised(
        reason=body.reason or OTHER_REASON,
        alternative=alternative.code,
        agency_records=alternative.agency_records,
        reason_text=body.reason_text or "",
        employee=user.name,
    )


def conversation_kind(policy: AgencyPolicy, body: ConversationKind, user: User) -> KindNamed:
    """Raises `Wrong` for a code that the profile has not."""
    kind = policy.find_kind(body.kind)
    if kind is None:
        raise Wrong("body", [Fault("/kind", "the agency's list does not have it")])
    return KindNamed(kind.code, kind.excluded.alternative if kind.excluded else "", user.name)
