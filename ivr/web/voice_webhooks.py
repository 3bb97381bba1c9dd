"""The carrier's webhooks: verify, translate, answer. Every address under /voice/ is for the carrier alone."""

import functools
import hmac
import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request

from config.prompt_audio import PromptAudio
from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.calls.leg import Ask, document
from ivr.calls.ringing import ringing_wav
from ivr.carrier import twiml
from ivr.carrier.call_status import NOT_REACHED
from ivr.carrier.links import Links
from ivr.carrier.signature import SignatureCheck
from ivr.dialogue.effects import Prompt
from ivr.dialogue.events import (
    CallEnded,
    CallerJoined,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    Event,
    HoldEnded,
    HoldStarted,
    LegAnswered,
    PromptFailed,
    PromptPlayed,
    RecordingStarted,
    StarPressed,
)
from ivr.dialogue.states import Dialogue, Employee
from ivr.errors import UnknownAgency
from ivr.web.carrier_request import View, call_is_over, event_key, keyed, xml
from ivr.web.employee_keys import add_employee_keys
from storage.errors import StorageError, UnknownCall
from storage.records import CallRecord

WITHHELD = "anonymous"

log = logging.getLogger(__name__)


def make_blueprint(
    driver: CallDriver,
    agencies: Agencies,
    links: Links,
    signatures: SignatureCheck,
    not_in_service: str,
    collect_now: Callable[[str, str, bool], None],
    audio: PromptAudio,
) -> Blueprint:
    """The routes. `not_in_service` is what a caller of an unknown number hears; `collect_now(call_id, recording_sid,
    absent)` has a finished recording fetched at once, or its absence noted; `audio` are the prompts that have a voice.

    A database that does not answer is a 503: for a document the carrier then asks the number's fallback address, and
    callbacks it brings again (`Links`). Answers to the carrier are short texts without a word about our insides.
    """
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    ringing_audio = ringing_wav()

    def signed(view: View) -> View:
        """403 for everything that the carrier did not sign; nothing is stored of it."""

        @functools.wraps(view)
        def checked(**values: Any) -> Response:
            signature = request.headers.get("X-Twilio-Signature", "")
            if not signatures.is_webhook_genuine(request.environ["RAW_URI"], request.form, signature):
                log.warning("webhook with a wrong signature", extra={"path": request.path})
                abort(403)
            return view(**values)

        return checked

    def known(view: View) -> View:
        """404 for a call that is not ours."""

        @functools.wraps(view)
        def found(**values: Any) -> Response:
            try:
                return view(**values)
            except UnknownCall:
                log.warning("webhook for an unknown call", extra={"path": request.path})
                abort(404)

        return found

    @voice.errorhandler(StorageError)
    def unavailable(fault: StorageError) -> tuple[Response, int]:
        log.error("webhook not dealt with", extra={"path": request.path, "error": str(fault)})
        return Response("try again later\n", mimetype="text/plain"), 503

    def leg(call: CallRecord, dialogue: Dialogue, *, opens_stream: bool = False) -> Response:
        wanted = document(dialogue)
        said = spoken_prompt(call, wanted.prompt) if isinstance(wanted, Ask) else twiml.Spoken("")
        return xml(twiml.leg(wanted, call.call_id, said, links, opens_stream=opens_stream))

    def spoken_prompt(call: CallRecord, prompt: Prompt) -> twiml.Spoken:
        return spoken(driver.words(call, prompt), prompt.language)

    def spoken(text: str, language: str = twiml.DUTCH) -> twiml.Spoken:
        recorded = audio.find(text)
        return twiml.Spoken(text, None if recorded is None else links.audio(recorded.digest), language)

    @voice.post("/incoming")
    @signed
    def incoming() -> Response:
        form = request.form
        if not form.get("CallSid") or not form.get("To"):
            abort(400, "a call names its CallSid and its To")
        try:
            call, dialogue = driver.open(form["CallSid"], form["To"], form.get("From") or WITHHELD)
        except UnknownAgency as fault:
            log.error("call refused", extra={"reason": str(fault)})
            return xml(twiml.hang_up(spoken(not_in_service)))
        return leg(call, dialogue, opens_stream=True)

    @voice.post("/leg/<call_id>")
    @signed
    @known
    def leg_moved(call_id: str) -> Response:
        call, dialogue = driver.look(call_id)
        return leg(call, dialogue)

    @voice.post("/leg/<call_id>/<int:prompt_id>")
    @signed
    @known
    def leg_answered(call_id: str, prompt_id: int) -> Response:
        event = CallEnded() if call_is_over() else LegAnswered(prompt_id, keyed())
        return leg(*driver.handle(call_id, event, leg_waits=True))

    @voice.post("/left/<call_id>")
    @signed
    @known
    def left_room(call_id: str) -> Response:
        """The conference ended for the caller's leg: with `*`, or with the call."""
        event = CallEnded() if call_is_over() else StarPressed()
        return leg(*driver.handle(call_id, event, leg_waits=True))

    @voice.post("/conference/<call_id>")
    @signed
    @known
    def conference(call_id: str) -> Response:
        form = request.form
        event = conference_event(*driver.look(call_id))
        if event is not None:
            joins = form.get("StatusCallbackEvent") == "participant-join"
            driver.handle(
                call_id,
                event,
                key=event_key("ConferenceSid", "StatusCallbackEvent", "CallSid"),
                conference_sid=form.get("ConferenceSid") if joins else None,
            )
        return nothing()

    def conference_event(call: CallRecord, dialogue: Dialogue) -> Event | None:
        form = request.form
        leg = form.get("CallSid", "")
        is_caller = leg == call.call_sid
        match form.get("StatusCallbackEvent"):
            case "participant-join" if is_caller:
                return CallerJoined()
            case "participant-join" if dialogue.employee is Employee.PRESENT and dialogue.on_hold:
                return HoldEnded()
            case "participant-join":
                return EmployeeJoined(leg)
            case "participant-leave" if not is_caller:
                # Told of one who was rung in vain too, in any order with the status of the employee's own leg. One
                # whose leg goes on has pressed a key, and the leg itself says so; its end has a status of its own.
                outcome = form.get("ParticipantCallStatus", "")
                if outcome in NOT_REACHED:
                    return EmployeeUnreachable(outcome, leg)
                return None if outcome == "in-progress" else EmployeeLeft(leg)
            case "participant-hold":
                return HoldStarted()
            case "participant-unhold":
                return HoldEnded()
            case "announcement-end":
                prompt_id = announced(form.get("AnnounceUrl", ""))
                return None if prompt_id is None else PromptPlayed(prompt_id)
            case "announcement-fail":
                prompt_id = announced(form.get("AnnounceUrl", ""))
                reason = form.get("ReasonAnnouncementFailed") or "the carrier could not play it"
                return None if prompt_id is None else PromptFailed(prompt_id, reason)
            case _:
                return None

    @voice.post("/employee/<call_id>")
    @signed
    @known
    def employee(call_id: str) -> Response:
        status, call_leg = request.form.get("CallStatus", ""), request.form.get("CallSid", "")
        key = event_key("CallSid", "CallStatus")
        if status in NOT_REACHED:
            driver.handle(call_id, EmployeeUnreachable(status, call_leg), key=key)
        elif status == "completed":
            driver.handle(call_id, EmployeeLeft(call_leg), key=key)
        return nothing()

    add_employee_keys(voice, lambda view: signed(known(view)), driver, agencies, links, spoken)

    @voice.post("/recording/<call_id>")
    @signed
    @known
    def recording(call_id: str) -> Response:
        """The recording runs, is complete, or there is none (`absent`). What the answer to our own request should have
        told, its sid, is told here too."""
        call, _ = driver.look(call_id)
        status, recording_sid = request.form.get("RecordingStatus"), request.form.get("RecordingSid", "")
        if recording_sid not in ("", call.recording_sid) and status in ("in-progress", "completed"):
            driver.handle(call_id, RecordingStarted(recording_sid), key=f"{recording_sid}:started")
        if status in ("completed", "absent", "failed"):
            collect_now(call_id, recording_sid, status != "completed")
        return nothing()

    @voice.post("/stream/<call_id>")
    @signed
    @known
    def stream(call_id: str) -> Response:
        driver.look(call_id)
        if request.form.get("StreamEvent") == "stream-error":
            driver.lose_stream(call_id, request.form.get("StreamSid", ""))
        return nothing()

    @voice.post("/status")
    @signed
    def status() -> Response:
        """The number's own status callback: the call is over."""
        call = driver.find(request.form.get("CallSid", ""))
        if call is not None and call_is_over():
            driver.handle(call.call_id, CallEnded(request.form["CallStatus"]))
        return nothing()

    @voice.post("/prompt/<call_id>/<int:prompt_id>/<token>")
    @known
    def prompt(call_id: str, prompt_id: int, token: str) -> Response:
        """An announcement's words. Whether the carrier signs this request is not documented: its token counts."""
        if not hmac.compare_digest(token.encode(), links.prompt_token(call_id, prompt_id).encode()):
            abort(403)
        call, dialogue = driver.look(call_id)
        wanted = next(
            (p for p in (dialogue.speaking, dialogue.aside) if p is not None and p.prompt_id == prompt_id), None
        )
        if wanted is None:
            abort(404)
        return xml(twiml.announcement(spoken_prompt(call, wanted)))

    @voice.post("/ringing")
    @signed
    def ringing() -> Response:
        return xml(twiml.ringing(f"{links.public_url}/voice/ringing.wav"))

    @voice.get("/ringing.wav")
    def ringing_tone() -> Response:
        return sound(ringing_audio, kept_s=86_400)

    @voice.get("/audio/<digest>.wav")
    def recorded_prompt(digest: str) -> Response:
        recorded = audio.by_digest.get(digest)
        if recorded is None:
            abort(404)
        return sound(recorded.content, kept_s=31_536_000)

    return voice


def announced(url: str) -> int | None:
    """The prompt that an announcement's address names."""
    parts = url.split("/voice/prompt/", 1)
    if len(parts) != 2 or len(path := parts[1].split("/")) != 3 or not path[1].isdigit():
        return None
    return int(path[1])


def sound(content: bytes, kept_s: int) -> Response:
    """For the carrier's cache; media requests are not signed."""
    return Response(content, mimetype="audio/x-wav", headers={"Cache-Control": f"public, max-age={kept_s}"})


def nothing() -> Response:
    return xml(twiml.nothing())
