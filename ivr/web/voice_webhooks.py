"""The carrier's webhooks: verify, translate, answer. Every address under /voice/ is for the carrier alone."""

import functools
import hmac
import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request

from ivr.calls.driver import CallDriver
from ivr.calls.leg import Ask, document
from ivr.calls.ringing import ringing_wav
from ivr.carrier import twiml
from ivr.carrier.links import Links
from ivr.carrier.signature import SignatureCheck
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
    StarPressed,
    StreamLost,
)
from ivr.dialogue.states import Dialogue
from ivr.errors import UnknownAgency
from storage.errors import UnknownCall
from storage.records import CallRecord

OVER = ("completed", "busy", "failed", "no-answer", "canceled")
NOT_REACHED = ("busy", "failed", "no-answer", "canceled")

log = logging.getLogger(__name__)

View = Callable[..., Response]


def make_blueprint(
    driver: CallDriver,
    links: Links,
    signatures: SignatureCheck,
    not_in_service: str,
    collect_now: Callable[[str, bool], None],
) -> Blueprint:
    """The routes. `not_in_service` is what a caller of an unknown number hears; `collect_now(call_id, absent)` has a
    finished recording fetched at once, or its absence noted."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    ringing_audio = ringing_wav()

    def signed(view: View) -> View:
        """403 for everything that the carrier did not sign; nothing is stored of it."""

        @functools.wraps(view)
        def checked(**values: Any) -> Response:
            target = request.full_path if request.query_string else request.path
            signature = request.headers.get("X-Twilio-Signature", "")
            if not signatures.is_webhook_genuine(target, request.form, signature):
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

    def leg(call: CallRecord, dialogue: Dialogue, *, opens_stream: bool = False) -> Response:
        wanted = document(dialogue)
        text = driver.words(call, wanted.prompt) if isinstance(wanted, Ask) else ""
        return xml(twiml.leg(wanted, call.call_id, text, links, opens_stream=opens_stream))

    @voice.post("/incoming")
    @signed
    def incoming() -> Response:
        form = request.form
        try:
            call, dialogue = driver.open(form.get("CallSid", ""), form.get("To", ""), form.get("From", ""))
        except UnknownAgency as fault:
            log.error("call refused", extra={"reason": str(fault)})
            return xml(twiml.not_in_service(not_in_service))
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
        if call_is_over():
            driver.handle(call_id, CallEnded(), leg_waits=True)
        else:
            digit = request.form.get("Digits") or None
            driver.handle(call_id, LegAnswered(prompt_id, digit), leg_waits=True)
        return leg(*driver.look(call_id))

    @voice.post("/left/<call_id>")
    @signed
    @known
    def left_room(call_id: str) -> Response:
        """The conference ended for the caller's leg: with `*`, or with the call."""
        driver.handle(call_id, CallEnded() if call_is_over() else StarPressed(), leg_waits=True)
        return leg(*driver.look(call_id))

    @voice.post("/conference/<call_id>")
    @signed
    @known
    def conference(call_id: str) -> Response:
        form = request.form
        event = conference_event(driver.look(call_id)[0])
        if event is not None:
            key = f"{form.get('ConferenceSid')}:{form.get('SequenceNumber')}:{form.get('StatusCallbackEvent')}"
            joins = isinstance(event, CallerJoined | EmployeeJoined)
            driver.handle(call_id, event, key=key, conference_sid=form.get("ConferenceSid") if joins else None)
        return nothing()

    def conference_event(call: CallRecord) -> Event | None:
        form = request.form
        is_caller = form.get("CallSid") == call.call_sid
        match form.get("StatusCallbackEvent"):
            case "participant-join":
                return CallerJoined() if is_caller else EmployeeJoined()
            case "participant-leave" if not is_caller:
                return EmployeeLeft()
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
        status = request.form.get("CallStatus", "")
        key = f"{request.form.get('CallSid')}:{request.form.get('SequenceNumber')}:{status}"
        if status in NOT_REACHED:
            driver.handle(call_id, EmployeeUnreachable(status), key=key)
        elif status == "completed":
            driver.handle(call_id, EmployeeLeft(), key=key)
        return nothing()

    @voice.post("/recording/<call_id>")
    @signed
    @known
    def recording(call_id: str) -> Response:
        """The recording is complete, or there is none (`absent`): either way it can be looked into now."""
        driver.look(call_id)
        status = request.form.get("RecordingStatus")
        if status in ("completed", "absent", "failed"):
            collect_now(call_id, status != "completed")
        return nothing()

    @voice.post("/stream/<call_id>")
    @signed
    @known
    def stream(call_id: str) -> Response:
        if request.form.get("StreamEvent") == "stream-error":
            driver.handle(call_id, StreamLost(), key=f"{request.form.get('StreamSid')}:error")
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
        return xml(twiml.announcement(driver.words(call, wanted)))

    @voice.post("/ringing")
    @signed
    def ringing() -> Response:
        return xml(twiml.ringing(f"{links.public_url}/voice/ringing.wav"))

    @voice.get("/ringing.wav")
    def ringing_tone() -> Response:
        return Response(ringing_audio, mimetype="audio/x-wav", headers={"Cache-Control": "public, max-age=86400"})

    return voice


def call_is_over() -> bool:
    return request.form.get("CallStatus") in OVER


def announced(url: str) -> int | None:
    """The prompt that an announcement's address names."""
    parts = url.split("/voice/prompt/", 1)
    if len(parts) != 2 or len(path := parts[1].split("/")) != 3 or not path[1].isdigit():
        return None
    return int(path[1])


def xml(text: str) -> Response:
    return Response(text, mimetype="text/xml")


def nothing() -> Response:
    return xml(twiml.nothing())
