"""One call as a colleague beside the phone sees it: its state, what was said, and what can be done at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from ivr.calls.driver import CallDriver
from ivr.calls.employee_acts import CallAct, possible_acts
from ivr.calls.live import LiveCall
from ivr.calls.receipts import lacks_receipt
from ivr.cases.case import Kind
from ivr.cases.channel_request import OTHER_REASON
from ivr.dialogue.table import OVER
from ivr.ports import Database
from ivr.web import call_words
from ivr.web.access import Permission, User
from ivr.web.console.case_registering import kinds_for
from ivr.web.console.case_words import KIND_WORDS
from ivr.web.console.live_words import NOT_NOW, REFUSED
from ivr.web.language import gettext
from ivr.web.log_words import describe, details, quoted
from storage.records import LoggedEntry

BESIDE = (Kind.REQUEST, Kind.COVERT, Kind.MISUSE, Kind.COMPLAINT)
"""Cases that somebody may want to begin with the call at hand."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the consent log, as it is read along; `language` is that of the quote."""

    entry: LoggedEntry
    words: str
    quote: str
    detail: str
    language: str


@dataclass(frozen=True, slots=True)
class ActForm:
    """What somebody filled in for an act that was not done: nothing of it gets lost.

    `faults` are by field; `refused` is why the dialogue did not take it.
    """

    act: CallAct | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    refused: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class CallScreen:
    """Draws the page of one call, and the parts of it that keep themselves up to date."""

    driver: CallDriver
    database: Database

    def page(
        self, user: User, call: LiveCall, form: ActForm | None = None, *, status: int = 200
    ) -> ResponseReturnValue:
        """The whole page, with the form as it was filled in."""
        form = form or ActForm(key=uuid4().hex)
        refused = form.refused and REFUSED.get(OVER if call.is_over else form.refused, NOT_NOW)
        page = render_template(
            "console/live_call.html",
            **self._shown(user, call),
            form=form,
            refused=refused and gettext(refused),
            acts=CallAct if user.may(Permission.ACT_ON_CALLS) else None,
            other_reason=OTHER_REASON,
            beside=[(kind, KIND_WORDS[kind].register) for kind in BESIDE if kind in kinds_for(user, call.policy)],
        )
        return make_response(page, status)

    def part(self, user: User, call: LiveCall) -> ResponseReturnValue:
        return render_template("console/live_parts.html", **self._shown(user, call))

    def _shown(self, user: User, call: LiveCall) -> dict[str, object]:
        speaking = call.dialogue.speaking or call.dialogue.aside
        with self.database.reading() as unit:
            entries = unit.log.list_call(call.record.call_id)
        return {
            "call": call,
            "policy": call.policy,
            "call_words": call_words,
            "speaking": speaking and self.driver.words(call.record, speaking),
            "spoken_in": speaking and speaking.language,
            "lines": self._lines(user, call, entries),
            "lacks_receipt": lacks_receipt(call.dialogue, entries),
            "possible": sorted(possible_acts(call.policy, call.dialogue)) if user.may(Permission.ACT_ON_CALLS) else [],
        }

    def _lines(self, user: User, call: LiveCall, entries: Sequence[LoggedEntry]) -> list[Line]:
        """The newest first. Who is on the call hears the caller's words anyway; afterwards, and for others, they are
        personal."""
        personal = user.may(Permission.SEE_PERSONAL) or (not call.is_over and user.may(Permission.ACT_ON_CALLS))
        return [
            Line(
                entry=one,
                words=describe(one.tag),
                quote=quoted(one.facts, one.personal if personal else {}),
                detail=details(one.facts),
                language=str(one.facts.get("language") or call.dialogue.language),
            )
            for one in reversed(entries)
        ]
