"""`/bel`: a telephone in the browser, beside the local carrier only. A person can call the bot and see what it logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request

from config.policy import AgencyPolicy
from ivr.calls.driver import CallDriver
from ivr.carrier.links import Links
from ivr.dialogue.events import Event, ObjectionRaised, ObjectionWithdrawn
from ivr.ports import Database
from ivr.web.call_words import SENTENCES
from ivr.web.headers import content_policy
from ivr.web.log_words import describe, details, quoted
from storage.records import CallRecord, Json, LoggedEntry

CLIENT = "client:"
MOBILE = "+31612345678"
LANDLINE = "+31701234567"
EMPLOYEE = "medewerker"


@dataclass(frozen=True, slots=True)
class PhoneLines:
    """Where the page connects to: `phone` and `captions` are WebSocket addresses."""

    phone: str
    captions: str

    @classmethod
    def of(cls, carrier_url: str, media_url: str) -> "PhoneLines":
        """From the local carrier's http address and the media process's `/media` address."""
        media = urlsplit(media_url)
        return cls(
            phone=f"ws{carrier_url.removeprefix('http')}/local/phone",
            captions=media._replace(path="/captions").geturl(),
        )

    def origins(self) -> tuple[str, ...]:
        split = (urlsplit(self.phone), urlsplit(self.captions))
        return tuple(f"{url.scheme}://{url.netloc}" for url in split)


def make_browser_phone(
    driver: CallDriver, database: Database, links: Links, policy: AgencyPolicy, lines: PhoneLines
) -> Blueprint:
    """The routes under /bel. `policy` is the agency that is called. Never registered in production."""
    phone = Blueprint("browser_phone", __name__, url_prefix="/bel", template_folder="templates")
    content = content_policy(scripts=True, connect=lines.origins())

    @phone.before_request
    def only_from_our_pages() -> None:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)

    @phone.get("")
    def show() -> Response:
        response = make_response(
            render_template(
                "bel/phone.html",
                employee=request.args.get("rol") == EMPLOYEE,
                policy=policy,
                lines=lines,
                identity=policy.employee.to[0].removeprefix(CLIENT),
                mobile=MOBILE,
                landline=LANDLINE,
                reasons=[(reason.code, reason.text["nl"]) for reason in policy.objection_reasons],
                alternatives=[(alternative.code, alternative.text["nl"]) for alternative in policy.alternatives],
            )
        )
        response.headers["Content-Security-Policy"] = content
        response.headers["Permissions-Policy"] = "microphone=(self)"
        return response

    @phone.get("/gesprek")
    def latest_call() -> Response:
        """The call that runs now: the employee's own leg does not tell whose it belongs to."""
        with database.reading() as unit:
            calls = sorted(unit.calls.list_open(), key=lambda call: call.opened_at)
        return jsonify(call_sid=calls[-1].call_sid if calls else None)

    @phone.get("/log/<call_sid>")
    def show_log(call_sid: str) -> Response:
        """Entries from number `since` of the call on, and what the bot says at this moment."""
        since = request.args.get("since", 0, type=int)
        call = find(call_sid)
        with database.reading() as unit:
            entries = unit.log.list_call(call.call_id)
        _, dialogue = driver.look(call.call_id)
        speaking = dialogue.speaking or dialogue.aside
        sent = any(entry.tag == "copy:sent" for entry in entries)
        return jsonify(
            state=dialogue.state,
            state_words=SENTENCES[dialogue.state],
            objected=dialogue.caller_recording == "objected",
            speaking=speaking and {"id": speaking.prompt_id, "text": driver.words(call, speaking)},
            entries=[as_json(entry) for entry in entries if entry.call_number >= since],
            copy_url=links.copy(call.call_id) if sent else None,
        )

    @phone.post("/bezwaar/<call_sid>")
    def object_to_recording(call_sid: str) -> Response:
        """The employee objects, with a reason and an alternative of the agency's lists (R1)."""
        reason = policy.find_reason(request.form.get("reden", ""))
        alternative = policy.find_alternative(request.form.get("alternatief", ""))
        if reason is None or alternative is None:
            abort(400)
        return tell(
            call_sid,
            ObjectionRaised(reason.code, alternative.code, alternative.agency_records, employee=EMPLOYEE),
        )

    @phone.post("/bezwaar/<call_sid>/intrekken")
    def withdraw_objection(call_sid: str) -> Response:
        return tell(call_sid, ObjectionWithdrawn(EMPLOYEE))

    def find(call_sid: str) -> CallRecord:
        call = driver.find(call_sid)
        if call is None:
            abort(404)
        return call

    def tell(call_sid: str, event: Event) -> Response:
        _, dialogue = driver.handle(find(call_sid).call_id, event)
        return jsonify(objected=dialogue.caller_recording == "objected")

    return phone


def as_json(entry: LoggedEntry) -> Mapping[str, Json]:
    return {
        "number": entry.call_number,
        "at": entry.occurred_at.isoformat(),
        "tag": entry.tag,
        "words": describe(entry.tag),
        "quote": quoted(entry.facts, entry.personal),
        "detail": details(entry.facts),
        "prompt": str(entry.facts.get("prompt", "")),
    }
