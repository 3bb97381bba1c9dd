"""The effects that are asked of the carrier, after the dialogue was saved; each answers with events."""

import logging
from collections.abc import Sequence

from ivr.calls.agencies import Agencies
from ivr.calls.facts import address_rung
from ivr.calls.jobs import JobKind
from ivr.calls.orders import Order, order_key
from ivr.carrier.links import Links
from ivr.dialogue.effects import Announce, Effect, StartRecording
from ivr.dialogue.events import EmployeeUnreachable, Event, PromptFailed, RecordingRefused, RecordingStarted
from ivr.dialogue.states import AgencyRecording, Dialogue
from ivr.errors import CarrierBusy, CarrierError, CarrierRefused
from ivr.ports import Carrier, Database
from storage.records import CallRecord

EMPLOYEE = "employee"
CURRENT = "Twilio.CURRENT"
"""The carrier's name for whichever recording runs: one whose start was asked for and never answered."""

UNTOUCHED = (AgencyRecording.ANNOUNCED, AgencyRecording.STORED, AgencyRecording.DEGRADED)
"""Being started, or ended long ago: no order."""

log = logging.getLogger(__name__)


class CarrierDesk:
    """Asks the carrier for one effect at a time."""

    def __init__(self, carrier: Carrier, database: Database, agencies: Agencies, links: Links) -> None:
        self._carrier = carrier
        self._database = database
        self._agencies = agencies
        self._links = links

    def ask(self, call: CallRecord, effect: Effect) -> Sequence[Event]:
        """Carry out an effect that has its own timer; one that is not the carrier's is passed over."""
        match effect:
            case Announce(prompt):
                return self._announce(call, prompt.prompt_id)
            case StartRecording():
                return self._start_recording(call)
            case _:
                return ()

    def give(self, call: CallRecord, order: Order) -> Sequence[Event]:
        """Give an order that was written before, and strike it out; where the carrier is busy it stays and waits."""
        try:
            answers = self.repeat(call, order)
        except CarrierBusy as fault:
            log.warning("order waits", extra={"call_id": call.call_id, "order": order, "error": str(fault)})
            return ()
        with self._database.transaction() as unit:
            unit.outbox.cancel(JobKind.CARRIER_ORDER, order_key(call.call_id, order))
        return answers

    def repeat(self, call: CallRecord, order: Order) -> Sequence[Event]:
        """Give an order. Raises `CarrierBusy`; what is refused has become pointless, such as with the call's end."""
        try:
            return self._obey(call, order)
        except CarrierRefused as fault:
            log.warning("order refused", extra={"call_id": call.call_id, "order": order, "error": str(fault)})
            return ()

    def _obey(self, call: CallRecord, order: Order) -> Sequence[Event]:
        match order:
            case Order.MOVE_CALLER:
                self._carrier.move_caller(call.call_sid, self._links.leg(call.call_id))
            case Order.RING_EMPLOYEE:
                return self._ring(call)
            case Order.SET_RECORDING:
                self._set_recording(call)
            case Order.RESTART_STREAM:
                self._carrier.start_stream(call.call_sid, call.call_id)
            case Order.CLOSE_ROOM if call.conference_sid is not None:
                self._carrier.end_conference(call.conference_sid)
            case _:
                pass
        return ()

    # ------------------------------------------------------------ effects with a timer

    def _announce(self, call: CallRecord, prompt_id: int) -> Sequence[Event]:
        if call.conference_sid is None:
            return (PromptFailed(prompt_id, "there is no conference"),)
        try:
            self._carrier.announce(call.conference_sid, self._links.prompt(call.call_id, prompt_id))
        except CarrierError as fault:
            return (PromptFailed(prompt_id, str(fault)),)
        return ()

    def _start_recording(self, call: CallRecord) -> Sequence[Event]:
        try:
            return (RecordingStarted(self._carrier.start_recording(call.call_sid, call.call_id)),)
        except CarrierRefused as fault:
            return (RecordingRefused(str(fault)),)
        except CarrierBusy as fault:
            # Perhaps it records, perhaps not: the timer that was set with the wish asks again.
            log.warning("recording start in doubt", extra={"call_id": call.call_id, "error": str(fault)})
            return ()

    # ------------------------------------------------------------ orders

    def _ring(self, call: CallRecord) -> Sequence[Event]:
        """The next address of those who answer this line."""
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        employee = policy.employee
        to = address_rung(Dialogue.from_json(call.dialogue), policy)
        try:
            self._carrier.ring_employee(call.call_id, to, employee.caller_id, EMPLOYEE, keys=employee.keys)
        except CarrierError as fault:
            return (EmployeeUnreachable(str(fault)),)
        return ()

    def _set_recording(self, call: CallRecord) -> None:
        """As the dialogue says by now. Two that do this at once both end with the newest word."""
        obeyed = None
        while (wanted := self._wanted_recording(call.call_id)) != obeyed:
            recording_sid, state = wanted
            match state:
                case AgencyRecording.STARTED:
                    self._carrier.resume_recording(call.call_sid, recording_sid)
                case AgencyRecording.PAUSED:
                    self._carrier.pause_recording(call.call_sid, recording_sid)
                case _ if state not in UNTOUCHED:
                    self._carrier.stop_recording(call.call_sid, recording_sid)
            obeyed = wanted

    def _wanted_recording(self, call_id: str) -> tuple[str, AgencyRecording]:
        with self._database.transaction() as unit:
            call = unit.calls.get(call_id)
        return call.recording_sid or CURRENT, Dialogue.from_json(call.dialogue).agency_recording
