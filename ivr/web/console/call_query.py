"""A search for calls as it stands in an address, read into a filter; every fault is named beside its field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from ivr.calls.numbers import is_hash
from ivr.cases.case import Kind
from ivr.dialogue.states import AgencyRecording, CallerRecording
from ivr.web.access import Permission, User
from ivr.web.formats import AMSTERDAM
from ivr.web.language import gettext
from storage.records import ANY_CASE, CallFilter

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)

MOST_SIGNS = 200
FIRST_YEAR, LAST_YEAR = 2000, 2199


class Field(StrEnum):
    """The parts of the address."""

    SINCE = "van"
    UNTIL = "tot"
    AGENCY = "organisatie"
    LINE = "lijn"
    EMPLOYEE = "medewerker"
    STATE = "stand"
    CALLER = "beller"
    RECORDING = "opname"
    REASON = "reden"
    THIRD = "derde"
    CASE = "zaak"
    TEXT = "woorden"
    NUMBER = "nummer"


RUNNING = {"bezig": True, "afgelopen": False}
THIRD = {"ja": True, "nee": False}


class Unusable(ValueError):
    """A value that cannot be searched for; the text is for the reader."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it came: `values` of the fields that were filled in, and what is wrong with them.

    `wanted` is None where something is wrong.
    """

    values: Mapping[str, str]
    faults: Mapping[str, str]
    wanted: CallFilter | None


def read_query(given: Mapping[str, str], user: User) -> Asked:
    values = {field.value: text for field in Field if (text := given.get(field, "").strip())}
    reader = _Reader(values)
    since, until = reader.read(Field.SINCE, day_of), reader.read(Field.UNTIL, day_of)
    if since is not None and until is not None and until < since:
        reader.faults[Field.UNTIL] = gettext("Deze dag ligt voor de eerste dag.")
    agency = reader.read(Field.AGENCY, _one_of(sorted(user.agencies)))
    by_number = _number_hash if user.may(Permission.FIND_CALLERS) else _not_allowed
    wanted = CallFilter(
        agencies=tuple(sorted(user.agencies)) if agency is None else (agency,),
        since=None if since is None else begin_of(since),
        until=None if until is None else begin_of(until + timedelta(days=1)),
        line=reader.read(Field.LINE, _text),
        employee=reader.read(Field.EMPLOYEE, _text),
        running=reader.read(Field.STATE, lambda text: RUNNING[_one_of(tuple(RUNNING))(text)]),
        caller_recording=reader.read(Field.CALLER, _one_of(tuple(CallerRecording))),
        agency_recording=reader.read(Field.RECORDING, _one_of(tuple(AgencyRecording))),
        reason=reader.read(Field.REASON, _text),
        third_person=reader.read(Field.THIRD, lambda text: THIRD[_one_of(tuple(THIRD))(text)]),
        case=reader.read(Field.CASE, _one_of((ANY_CASE, *Kind))),
        number_hash=reader.read(Field.NUMBER, by_number),
        text=reader.read(Field.TEXT, _text),
        with_answers=user.may(Permission.SEE_PERSONAL),
    )
    return Asked(values, reader.faults, None if reader.faults else wanted)


class _Reader:
    """Collects the faults of all fields."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.faults: dict[str, str] = {}

    def read(self, field: Field, parse: Callable[[str], T]) -> T | None:
        text = self._values.get(field)
        if text is None:
            return None
        try:
            return parse(text)
        except Unusable as fault:
            self.faults[field] = str(fault)
            return None


def day_of(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unusable(gettext("Dit is geen datum. Schrijf een datum als 2026-11-03.")) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unusable(gettext("Kies een dag tussen het jaar %(first)s en %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))
    return day


def begin_of(day: date) -> datetime:
    """In the Netherlands."""
    return datetime.combine(day, time(), AMSTERDAM)


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in known:
            raise Unusable(gettext("Kies een van de mogelijkheden uit de lijst."))
        return text

    return parse


def _text(text: str) -> str:
    if len(text) > MOST_SIGNS:
        raise Unusable(gettext("Gebruik hooguit %(most)s tekens.", most=MOST_SIGNS))
    if not text.isprintable():
        raise Unusable(gettext("Gebruik alleen gewone letters, cijfers en leestekens."))
    return text


def _number_hash(text: str) -> str:
    if not is_hash(text):
        raise Unusable(gettext("Typ het telefoonnummer opnieuw."))
    return text


def _not_allowed(_: str) -> str:
    raise Unusable(gettext("Uw rol mag niet op een telefoonnummer zoeken."))
