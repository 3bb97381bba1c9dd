"""The effects that are asked of the carrier, after the dialogue was saved; each answers with events."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from config.policy import AgencyPolicy
from ivr.calls.jobs import JobKind
from ivr.carrier.links import Links
from ivr.dialogue.effects import (
    Announce,
    CloseRoom,
    Effect,
    MoveCaller,
    PauseRecording,
    RestartStream,
    ResumeRecording,
    RingEmployee,
    StartRecording,
    StopRecording,
)
from ivr.dialogue.events import EmployeeUnreachable, Event, PromptFailed, RecordingRefused, RecordingStarted
from ivr.errors import CarrierBusy, CarrierError, CarrierRefused
from ivr.ports import Carrier, Clock, Database
from storage.records import CallRecord

EMPLOYEE = "employee"
RETRY_S = 2

log = logging.getLogger(__name__)

COMMANDS = {PauseRecording: "pause", ResumeRecording: "resume", StopRecording: "stop"}


class CarrierDesk:
    """Asks the carrier for one effect at a time."""

    def __init__(self, carrier: Carrier, database: Database, links: Links, clock: Clock) -> None:
        self._carrier = carrier
        self._database = database
        self._links = links
        self._clock = clock

    def ask(self, call: CallRecord, policy: AgencyPolicy, effect: Effect, *, leg_waits: bool) -> Sequence[Event]:
        """Carry out one effect. `leg_waits`: the caller's leg is waiting for its document in this very request."""
        match effect:
            case Announce(prompt):
                return self._announce(call, prompt.prompt_id)
            case StartRecording():
                return self._start_recording(call)
            case PauseRecording() | ResumeRecording() | StopRecording():
                self.command_recording(call, COMMANDS[type(effect)])
            case MoveCaller() if not leg_waits:
                self._try(call, "move caller", lambda: self._carrier.move_caller(call.call_sid, self._leg(call)))
            case RingEmployee():
                return self._ring(call, policy)
            case RestartStream():
                self._try(call, "restart stream", lambda: self._carrier.start_stream(call.call_sid, call.call_id))
            case CloseRoom() if call.conference_sid is not None:
                sid = call.conference_sid
                self._try(call, "close room", lambda: self._carrier.end_conference(sid))
            case _:
                pass
        return ()

    def command_recording(self, call: CallRecord, command: str) -> None:
        """Pause, resume or stop the recording; what the carrier does not take now is a job until it does."""
        if call.recording_sid is None:
            return
        try:
            self.repeat_command(call.call_sid, call.recording_sid, command)
        except CarrierBusy as fault:
            log.warning("recording command waits", extra={"call_id": call.call_id, "error": str(fault)})
            payload = {"call_sid": call.call_sid, "recording_sid": call.recording_sid, "command": command}
            with self._database.transaction() as unit:
                due = self._clock.now() + timedelta(seconds=RETRY_S)
                unit.outbox.put(JobKind.RECORDING_COMMAND, call.recording_sid, payload, due)
        except CarrierRefused as fault:
            # The recording ended with its call: there is nothing left to command.
            log.warning("recording command refused", extra={"call_id": call.call_id, "error": str(fault)})

    def repeat_command(self, call_sid: str, recording_sid: str, command: str) -> None:
        """Raises `CarrierError`."""
        match command:
            case "pause":
                self._carrier.pause_recording(call_sid, recording_sid)
            case "resume":
                self._carrier.resume_recording(call_sid, recording_sid)
            case _:
                self._carrier.stop_recording(call_sid, recording_sid)

    def _leg(self, call: CallRecord) -> str:
        return self._links.leg(call.call_id)

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

    def _ring(self, call: CallRecord, policy: AgencyPolicy) -> Sequence[Event]:
        try:
            self._carrier.ring_employee(call.call_id, policy.employee.to, policy.employee.caller_id, EMPLOYEE)
        except CarrierError as fault:
            return (EmployeeUnreachable(str(fault)),)
        return ()

    def _try(self, call: CallRecord, what: str, request: Callable[[], object]) -> None:
        """For what the watch over running calls (`ivr.jobs.watch_calls`) sets right where it fails."""
        try:
            request()
        except CarrierError as fault:
            log.warning("carrier did not %s", what, extra={"call_id": call.call_id, "error": str(fault)})
