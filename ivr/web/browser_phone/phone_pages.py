"""`/bel`: a telephone in the browser, beside the local carrier only, for trials and training.

A person calls any of the agencies, or answers as its employee, and sees what the bot hears, says and logs. What an
employee does besides talking is done in the console, as in a real call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request, url_for

from config.policy import AgencyPolicy, Policies
from ivr.calls.driver import CallDriver
from ivr.carrier.links import Links
from ivr.dialogue.states import Dialogue, Employee
from ivr.ports import Database
from ivr.web.browser_phone.phone_words import script_words
from ivr.web.call_words import SENTENCES
from ivr.web.headers import content_policy
from ivr.web.language import choose_language, gettext, keep_choice
from ivr.web.log_words import describe, details, quoted
from storage.records import Json, LoggedEntry

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
    driver: CallDriver, database: Database, links: Links, policies: Policies, first: AgencyPolicy, lines: PhoneLines
) -> Blueprint:
    """The routes under /bel; `first` is the agency that is called where none was chosen. Never registered in
    production."""
    phone = Blueprint("browser_phone", __name__, url_prefix="/bel", template_folder="templates")
    phone.before_request(choose_language)
    phone.url_defaults(keep_choice)
    content = content_policy(scripts=True, connect=lines.origins())

    def chosen() -> AgencyPolicy:
        return policies.by_slug.get(request.args.get("profiel", ""), first)

    @phone.get("")
    def show() -> Response:
        policy, employee = chosen(), request.args.get("rol") == EMPLOYEE
        response = make_response(
            render_template(
                "bel/phone.html",
                employee=employee,
                policy=policy,
                policies=sorted(policies.by_slug.values(), key=lambda one: one.slug),
                number=next(iter(policies.numbers_of(policy)), ""),
                lines=lines,
                mobile=MOBILE,
                landline=LANDLINE,
                words=script_words(employee=employee),
            )
        )
        response.headers["Content-Security-Policy"] = content
        response.headers["Permissions-Policy"] = "microphone=(self)"
        return response

    @phone.get("/gesprek")
    def latest_call() -> Response:
        """The call for which the employee is rung now: the employee's own leg does not tell whose it belongs to."""
        with database.reading() as unit:
            calls = sorted(unit.calls.list_open(), key=lambda call: call.opened_at)
        mine = [call for call in calls if call.agency == chosen().slug]
        ringing = [one for one in mine if Dialogue.from_json(one.dialogue).employee is Employee.RINGING]
        found = (ringing or mine)[-1:]
        return jsonify(call_sid=found[0].call_sid if found else None)

    @phone.get("/log/<call_sid>")
    def show_log(call_sid: str) -> Response:
        """Entries from number `since` of the call on, and what the bot says at this moment."""
        since = request.args.get("since", 0, type=int)
        call = driver.find(call_sid)
        if call is None:
            abort(404)
        with database.reading() as unit:
            entries = unit.log.list_call(call.call_id)
        _, dialogue = driver.look(call.call_id)
        speaking = dialogue.speaking or dialogue.aside
        sent = {entry.tag for entry in entries}
        refused = "objection:sent" in sent and dialogue.rules.gives_links
        return jsonify(
            state=dialogue.state,
            state_words=gettext(SENTENCES[dialogue.state]),
            speaking=speaking and {"id": speaking.prompt_id, "text": driver.words(call, speaking)},
            entries=[as_json(entry) for entry in entries if entry.call_number >= since],
            copy_url=links.copy(call.call_id) if "copy:sent" in sent else None,
            receipt_url=links.receipt(call.call_id) if refused else None,
            desk_url=url_for("console.live_call", call_id=call.call_id),
        )

    return phone


def as_json(entry: LoggedEntry) -> Mapping[str, Json]:
    detail = details(entry.facts)
    return {
        "number": entry.call_number,
        "at": entry.occurred_at.isoformat(),
        "tag": entry.tag,
        "words": gettext(describe(entry.tag)),
        "quote": quoted(entry.facts, entry.personal),
        "detail": detail and gettext(detail),
        "prompt": str(entry.facts.get("prompt", "")),
    }
