"""PURE. The wishes to record: how each was made, how it ended, why it was refused, what became of the alternative."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.reporting.history import Happened, History
from ivr.reporting.measures import OWN_WORDS, Measure, Row

HOW = {"request:heard": Measure.HEARD, "request:keyed": Measure.KEYED}
ANSWERS = {"consent:refused": Measure.DECLINED, "consent:unconfirmed": Measure.UNCONFIRMED}
REFUSALS = {"objection:raised": Measure.REFUSED_REASON, "request:excluded": Measure.REFUSED_KIND}
ENDS_OF_PROMISE = ("refusal:delivered", "refusal:lapsed")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(slots=True)
class Refusal:
    """`promise` is the case that watches over the alternative, None where it was given at once."""

    why: Row
    alternative: str
    promise: str | None


@dataclass(slots=True)
class Request:
    """`outcome` is how it ended as far as is known; `confirmed`: the caller's yes was logged."""

    how: Measure
    asked_at: datetime
    outcome: Measure = Measure.UNANSWERED
    confirmed: bool = False
    refusal: Refusal | None = None

    def allow_again(self) -> None:
        self.refusal = None
        self.outcome = Measure.CONFIRMED if self.confirmed else Measure.UNANSWERED


def requests_of_call(history: History) -> list[Request]:
    """In the order in which they were made. A wish that is said again before it is answered is the same one."""
    found: list[Request] = []
    promise: str | None = None
    for one in history.happened:
        if one.tag in HOW:
            if not found or found[-1].outcome is not Measure.UNANSWERED:
                found.append(Request(HOW[one.tag], one.at))
        elif one.tag == "refusal:promised" and not one.facts.get("from_case"):
            promise = one.said("case")
            if found and found[-1].refusal is not None:
                found[-1].refusal.promise = promise
        elif one.tag in ENDS_OF_PROMISE and one.said("case") == promise:
            promise = None
        elif found:
            _go_on(found[-1], one, promise)
    return found


def _go_on(request: Request, one: Happened, promise: str | None) -> None:
    if one.tag == "consent:given":
        request.confirmed = True
        request.allow_again()
    elif one.tag in ANSWERS:
        request.outcome = ANSWERS[one.tag]
    elif one.tag in REFUSALS:
        request.outcome = Measure.REFUSED
        request.refusal = refusal_of(one, REFUSALS[one.tag], promise)
    elif one.tag == "objection:withdrawn" or _kind_is_allowed(request, one):
        request.allow_again()


def _kind_is_allowed(request: Request, one: Happened) -> bool:
    """It turned out to be another kind of conversation, that may be recorded."""
    excluded = request.refusal is not None and request.refusal.why.measure is Measure.REFUSED_KIND
    return excluded and one.tag == "conversation:kind" and one.said("excluded") == "no"


def request_of_case(happened: Sequence[Happened], history: History) -> Request | None:
    """The wish that was registered, None for a case of another sort; its promise is a case that came out of it."""
    first = happened[0]
    if first.tag != "channel-request:registered":
        return None
    request = Request(Measure.REGISTERED, first.at)
    for one in happened:
        if one.tag == "channel-request:allowed":
            request.outcome = Measure.CONFIRMED
        elif one.tag == "channel-request:refused":
            request.outcome = Measure.REFUSED
            promise = next(_promises_from(first.said("case"), history), None)
            request.refusal = refusal_of(one, Measure.REFUSED_REASON, promise)
    return request


def _promises_from(case_id: str, history: History) -> Iterator[str]:
    for one in history.happened:
        if one.tag == "refusal:promised" and one.said("from_case") == case_id:
            yield one.said("case")


def refusal_of(one: Happened, measure: Measure, promise: str | None) -> Refusal:
    return Refusal(Row(measure, _code(one.said("reason"))), _code(one.said("alternative")), promise)


def _code(text: str) -> str:
    """What is no code of a profile's list was said in somebody's own words."""
    return text if CODE.fullmatch(text) else OWN_WORDS


def fate_of(promise: str, history: History) -> Measure:
    """What became of the alternative that was promised."""
    for one in history.happened:
        if one.said("case") == promise and one.tag == "refusal:delivered":
            return Measure.DELIVERED_LATE if one.facts.get("late") is True else Measure.DELIVERED
        if one.said("case") == promise and one.tag == "refusal:lapsed":
            return Measure.LAPSED
    return Measure.OVERDUE if promise in history.overdue else Measure.AWAITED


def rows_of(request: Request, history: History) -> Iterator[Row]:
    """Every row in which it counts."""
    yield Row(Measure.REQUESTS)
    yield Row(request.how)
    yield Row(request.outcome)
    refusal = request.refusal
    if request.outcome is not Measure.REFUSED or refusal is None:
        return
    yield refusal.why
    if refusal.promise is None:
        yield Row(Measure.KEPT_AT_ONCE)
        yield Row(Measure.KEPT_AT_ONCE_BY, refusal.alternative)
    else:
        yield Row(Measure.PROMISED)
        yield Row(Measure.PROMISED_BY, refusal.alternative)
        yield Row(fate_of(refusal.promise, history))
