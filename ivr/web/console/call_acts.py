"""What an employee does during a call, from the console: each form is one fact for the dialogue, told once.

The dialogue decides. What it does not take comes back as the same page with the form as it was filled in (409), also
when the call has ended meanwhile; a form with faults as well (422).
"""

import re
from collections.abc import Callable, Mapping

from flask import request, url_for
from flask.typing import ResponseReturnValue

from config.policy import AgencyPolicy
from ivr.calls import employee_acts
from ivr.calls.driver import TWICE, CallDriver
from ivr.calls.employee_acts import SIMPLE, CallAct, Lack, Unusable, why_not
from ivr.calls.live import LiveCalls
from ivr.cases.channel_request import OTHER_REASON
from ivr.dialogue.events import Event
from ivr.web.access import Permission, User
from ivr.web.console.call_screen import ActForm, CallScreen
from ivr.web.console.declaring import Page
from ivr.web.console.live_words import told_fault
from ivr.web.console.notices import see_other
from ivr.web.scope import CallFinder

FIELDS = ("reason", "reason_text", "alternative", "who", "kind")
KEY = re.compile(r"[0-9a-f]{32}")

PATHS: Mapping[CallAct, str] = {
    CallAct.OBJECT: "bezwaar",
    CallAct.WITHDRAW_OBJECTION: "bezwaar-intrekken",
    CallAct.THIRD_PERSON: "iemand-erbij",
    CallAct.NAME_KIND: "soort-gesprek",
    CallAct.PAUSE: "pauze",
    CallAct.RESUME: "verder",
    CallAct.STOP: "stoppen",
}


def call_act_pages(driver: CallDriver, live: LiveCalls, screen: CallScreen, find_call: CallFinder) -> list[Page]:
    def answering(act: CallAct) -> Callable[[User, str], ResponseReturnValue]:
        def answer(user: User, call_id: str) -> ResponseReturnValue:
            call = live.of(find_call(call_id, user))
            values = {name: one_line(request.form.get(name, "")) for name in FIELDS}
            key = request.form.get("key", "")
            known = f"console:{user.name}:{key}" if KEY.fullmatch(key) else None
            try:
                event = event_of(act, call.policy, values, user)
            except Unusable as unusable:
                refusal = why_not(call.policy, call.dialogue, act)
                if refusal is not None:
                    return screen.page(user, call, ActForm(act, values, refused=refusal, key=key), status=409)
                return screen.page(user, call, ActForm(act, values, told(unusable, values), key=key), status=422)
            done = driver.tell(call_id, event, known)
            if done.ignored in (None, TWICE):
                return see_other(url_for("console.live_call", call_id=call_id), f"call-{act}")
            refused = ActForm(act, values, refused=done.ignored, key=key)
            return screen.page(user, live.of(done.call), refused, status=409)

        return answer

    return [
        Page(
            f"/nu/<call_id>/{path}",
            act_page(act),
            answering(act),
            Permission.ACT_ON_CALLS,
            method="POST",
        )
        for act, path in PATHS.items()
    ]


def act_page(act: CallAct) -> str:
    """The page's name, which is the action in the trail."""
    return f"live_{act.replace('-', '_')}"


def event_of(act: CallAct, policy: AgencyPolicy, values: Mapping[str, str], user: User) -> Event:
    """Raises `Unusable`."""
    match act:
        case CallAct.OBJECT:
            return employee_acts.objection(
                policy,
                user.name,
                reason=values["reason"],
                reason_text=values["reason_text"],
                alternative=values["alternative"],
            )
        case CallAct.THIRD_PERSON:
            return employee_acts.third_person(values["who"])
        case CallAct.NAME_KIND:
            return employee_acts.kind_named(policy, user.name, values["kind"])
        case _:
            return SIMPLE[act](user.name)


def one_line(text: str) -> str:
    """It is read out, sent by SMS and kept: no line breaks, and no characters that have no shape."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def told(unusable: Unusable, values: Mapping[str, str]) -> dict[str, str]:
    """By field of the form; whoever chose "another reason" lacks its words."""
    faults = {}
    for fault in unusable.faults:
        lacks_words = fault.lack is Lack.MISSING and values["reason"] == OTHER_REASON
        name = "reason_text" if fault.field == "reason" and lacks_words else fault.field
        faults[name] = told_fault(name, fault.lack)
    return faults
