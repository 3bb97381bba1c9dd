"""The employee's leg where the profile gives it keys: `*` takes it out of the room, it is asked something, and it goes
back. The caller waits meanwhile, as on hold."""

from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import uuid4

from flask import Blueprint, Response, abort, request

from ivr.calls.agencies import Agencies
from ivr.calls.driver import TWICE, CallDriver
from ivr.calls.employee_menu import EmployeeMenu
from ivr.carrier import twiml
from ivr.carrier.links import Links
from ivr.dialogue.events import EmployeeLeft, Event, HoldStarted, ObjectionRaised
from ivr.dialogue.states import GONE, Dialogue, Employee
from ivr.web.carrier_request import View, call_is_over, keyed, xml
from storage.records import CallRecord

BACK = (None, "*")

Speak: TypeAlias = Callable[[str, str], twiml.Spoken]


def add_employee_keys(
    voice: Blueprint,
    admitted: Callable[[View], View],
    driver: CallDriver,
    agencies: Agencies,
    links: Links,
    speak: Speak,
) -> None:
    """Add the routes. `admitted` wraps a view so that only the carrier gets in, for a call that is known; `speak` makes
    a text and its language sound."""

    def menu_of(call: CallRecord, dialogue: Dialogue) -> EmployeeMenu:
        policy = agencies.by_digest(call.agency, call.policy_digest)
        return EmployeeMenu(policy, agencies.prompts, dialogue, request.form.get("To", ""))

    def spoken(menu: EmployeeMenu, texts: Sequence[str]) -> list[twiml.Spoken]:
        return [speak(text, menu.policy.language) for text in texts]

    def ask(call: CallRecord, menu: EmployeeMenu, visit: str, place: str) -> Response:
        question = menu.find(place)
        if question is None:
            abort(404)
        action = links.employee_answered(call.call_id, visit, place)
        wait_s = round(menu.policy.rules.answer_timeout_s)
        return xml(twiml.employee_question(spoken(menu, menu.sentences(question)), wait_s, action))

    def back(call: CallRecord, menu: EmployeeMenu, *texts: str) -> Response:
        return xml(twiml.employee_room(call.call_id, spoken(menu, texts), links))

    def leave(call_id: str) -> Response:
        driver.handle(call_id, EmployeeLeft(request.form.get("CallSid", "")))
        return xml(twiml.hang_up())

    @voice.post("/employee/<call_id>/leg")
    @admitted
    def employee_answers(call_id: str) -> Response:
        """Whoever answers when nobody is rung any more is not wanted: the caller has gone, or somebody was first."""
        call, dialogue = driver.look(call_id)
        if dialogue.employee is not Employee.RINGING:
            return xml(twiml.hang_up())
        return back(call, menu_of(call, dialogue))

    @voice.post("/employee/<call_id>/left")
    @admitted
    def employee_left_room(call_id: str) -> Response:
        """The conference ended for the employee's leg: with `*`, with the leg, or with the room."""
        if call_is_over():
            return leave(call_id)
        call, dialogue = driver.handle(call_id, HoldStarted())
        if dialogue.employee in GONE:
            return xml(twiml.hang_up())
        menu = menu_of(call, dialogue)
        return ask(call, menu, uuid4().hex, menu.first)

    @voice.post("/employee/<call_id>/<string(length=32):visit>/<path:place>")
    @admitted
    def employee_keyed(call_id: str, visit: str, place: str) -> Response:
        if call_is_over():
            return leave(call_id)
        call, dialogue = driver.look(call_id)
        menu = menu_of(call, dialogue)
        question = menu.find(place)
        if question is None:
            abort(404)
        if dialogue.employee in GONE:
            return xml(twiml.hang_up(*spoken(menu, [menu.texts.text("menu_over")])))
        key = keyed()
        if key in BACK:
            return back(call, menu)
        option = question.find(key or "")
        if option is None:
            return back(call, menu, menu.texts.text("menu_not_now"))
        if isinstance(option.then, Event):
            return act(call, menu, option.then, f"employee:{visit}:{place}")
        if not menu.is_possible(option):
            return back(call, menu, menu.texts.text("menu_not_now"))
        return ask(call, menu, visit, option.then)

    def act(call: CallRecord, menu: EmployeeMenu, event: Event, key: str) -> Response:
        """The dialogue decides. The same key of the same visit counts once, however often the carrier brings it."""
        told = driver.tell(call.call_id, event, key)
        if told.ignored in (None, TWICE):
            texts = menu.texts
            objected = isinstance(event, ObjectionRaised)
            return back(call, menu, texts.text("menu_objected") if objected else texts.text("menu_done"))
        if told.dialogue.employee in GONE:
            return xml(twiml.hang_up(*spoken(menu, [menu.texts.text("menu_over")])))
        return back(call, menu, menu.texts.text("menu_not_now"))
