"""What a call is found by, told from its dialogue."""

from config.policy import AgencyPolicy
from ivr.dialogue.states import Dialogue, Employee
from storage.records import CallFacts, CallRecord

ANSWERED = (Employee.PRESENT, Employee.LEFT)


def facts_of(call: CallRecord, dialogue: Dialogue, policy: AgencyPolicy) -> CallFacts:
    return CallFacts(
        call_id=call.call_id,
        agency=call.agency,
        opened_at=call.opened_at,
        line=call.line,
        state=dialogue.state,
        caller_recording=dialogue.caller_recording,
        agency_recording=dialogue.agency_recording,
        employee=address_rung(dialogue, policy) if dialogue.employee in ANSWERED else "",
        reason="" if dialogue.refusal is None else dialogue.refusal.reason,
        third_person=dialogue.third_person,
    )


def address_rung(dialogue: Dialogue, policy: AgencyPolicy) -> str:
    """The one of the latest attempt; the profile's addresses are rung in turn."""
    return policy.employee.to[(dialogue.attempts - 1) % len(policy.employee.to)]
