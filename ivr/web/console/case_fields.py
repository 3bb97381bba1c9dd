"""From the declaration of an act to the fields of its form, and from what was filled in to the act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_origin

from ivr.cases.acts import Act
from ivr.cases.shapes import AtMost, Declared, Json, Misshapen, Text, declared, moment, read, without_none
from ivr.cases.turn import NotAllowed
from ivr.web.console.case_act_words import FIELD_WORDS, NOT_NOW, REASONS
from ivr.web.console.case_words import CHOICE_WORDS
from ivr.web.formats import AMSTERDAM
from ivr.web.language import N_, gettext

A = TypeVar("A", bound=Act)

Options = Mapping[str, Sequence[tuple[str, str]]]
"""By name of the field: what there is to choose from, as (value, text)."""

YES, NO = "ja", "nee"
LONG = 100
"""A text that may have more characters gets more lines."""
BETWEEN_NAMES = str.maketrans({",": "\n", ";": "\n"})
LOCAL_TIME = "%Y-%m-%dT%H:%M"

REQUIRED = N_("Vul dit in.")
CHOOSE = N_("Kies een antwoord.")


class Sort(StrEnum):
    """What a field is filled in with."""

    LINE = "line"
    AREA = "area"
    NAMES = "names"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field, with its words in the page's language. `name` is the act's own."""

    name: str
    sort: Sort
    label: str
    hint: str
    required: bool
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a form: the values as they were typed, and what is wrong with them, both by field.

    `trouble` is wrong with the whole of it.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.trouble


def summary(fields: Sequence[FormField], filled: Filled, prefix: str) -> list[tuple[str, str]]:
    """For the top of the page: the id of each field with a fault, and what is wrong with it."""
    labels = {one.name: one.label for one in fields}
    return [(f"{prefix}-{name}", f"{labels.get(name, '')} {fault}".strip()) for name, fault in filled.faults.items()]


class WrongInput(Exception):
    """All faults of a form, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def is_typed(one: Declared) -> bool:
    """A person can fill it in: not what only a program knows, such as where two recordings differ."""
    return _sort(one) is not None


def fields_of(act: type[Act], options: Options) -> list[FormField]:
    """`options` for the fields whose choices the profile or the case decides; where there is nothing to choose and
    nothing has to be chosen, there is no field."""
    fields = [_field(act, one, sort, options) for one in declared(act) if (sort := _sort(one)) is not None]
    return [one for one in fields if one.sort is not Sort.CHOICE or one.options or one.required]


def read_act(act: type[A], given: Mapping[str, str], options: Options) -> A:
    """Raises `WrongInput`. Choices that were not offered are wrong too."""
    fields = [one for one in declared(act) if is_typed(one)]
    offered = {one.name: one.options for one in fields_of(act, options)}
    raw: dict[str, Json] = {}
    faults: dict[str, str] = {}
    for one in fields:
        text = given.get(one.name, "").replace("\r\n", "\n").strip()
        choices = offered.get(one.name, ())
        if text and choices and text not in dict(choices):
            faults[one.name] = gettext(CHOOSE)
        elif text or not one.required:
            raw |= {one.name: _raw(one, text)} if text else {}
        else:
            faults[one.name] = gettext(CHOOSE if _sort(one) is Sort.CHOICE else REQUIRED)
    try:
        value = read(act, raw)
    except Misshapen as wrong:
        for fault in wrong.faults:
            name = fault.pointer.split("/")[1]
            faults.setdefault(name, _what_is_wrong(next(one for one in fields if one.name == name), raw.get(name)))
    if faults:
        raise WrongInput({one.name: faults[one.name] for one in fields if one.name in faults})
    return value


def names_in(text: str) -> list[str]:
    """Of people, one a line or with commas between them."""
    return [name.strip() for name in text.translate(BETWEEN_NAMES).split("\n") if name.strip()]


def reason(error: NotAllowed) -> str:
    """Why an act is not possible, in the page's language."""
    return gettext(REASONS.get(error.why, NOT_NOW), **error.places)


# ---------------------------------------------------------------- one field


def _sort(one: Declared) -> Sort | None:
    kind, _ = without_none(one.kind)
    if get_origin(kind) is tuple:
        return Sort.NAMES if any(isinstance(mark, AtMost) for mark in one.marks) else None
    if kind is bool or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return Sort.CHOICE
    if kind is str:
        limits = [mark for mark in one.marks if isinstance(mark, Text)]
        if any(limit.pattern for limit in limits):
            return Sort.CHOICE  # a code: the profile says which there are
        return Sort.AREA if any(limit.most > LONG for limit in limits) else Sort.LINE
    sorts: Mapping[Any, Sort] = {datetime: Sort.MOMENT, date: Sort.DAY}
    return sorts.get(kind)


def _field(act: type[Act], one: Declared, sort: Sort, options: Options) -> FormField:
    words = FIELD_WORDS[act, one.name]
    choices = options.get(one.name) or _choices(one)
    return FormField(one.name, sort, gettext(words.label), words.hint and gettext(words.hint), one.required, choices)


def _choices(one: Declared) -> list[tuple[str, str]]:
    kind, optional = without_none(one.kind)
    if kind is bool:
        not_yet = [("", gettext("nog niet"))] if optional else []
        return [(YES, gettext("ja")), (NO, gettext("nee")), *not_yet]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [(value.value, gettext(CHOICE_WORDS[value])) for value in kind]
    return []


def _raw(one: Declared, text: str) -> Json:
    """As the declaration is read; what cannot be what it should be stays text, and is then refused as such."""
    kind, _ = without_none(one.kind)
    if kind is bool:
        return {YES: True, NO: False}.get(text, text)
    if kind is datetime:
        return _moment(text)
    if get_origin(kind) is tuple:
        return [*names_in(text)]
    return text


def _moment(text: str) -> str:
    """Dutch time, as a browser gives it, in UTC."""
    try:
        return moment(datetime.strptime(text[:16], LOCAL_TIME).replace(tzinfo=AMSTERDAM))
    except (ValueError, OverflowError):
        return text


def _what_is_wrong(one: Declared, raw: Json) -> str:
    sort = _sort(one)
    if sort is Sort.MOMENT:
        return gettext("Vul een datum en een tijd in, zoals 31-12-2026 om 14.30 uur.")
    if sort is Sort.DAY:
        return gettext("Vul een datum in, zoals 31-12-2026.")
    if sort is Sort.NAMES:
        return gettext("Vul namen in zoals mensen inloggen, ten hoogste 20. Zo'n naam heeft kleine letters en cijfers.")
    if sort is Sort.CHOICE:
        return gettext(CHOOSE)
    text = str(raw or "")
    for mark in one.marks:
        if isinstance(mark, Text) and len(text) > mark.most:
            return gettext("Dit is te lang: %(now)s tekens. Er passen %(most)s tekens.", now=len(text), most=mark.most)
        if isinstance(mark, Text) and len(text.strip()) < mark.least:
            return gettext("Dit is te kort. Schrijf minstens %(least)s tekens.", least=mark.least)
    return gettext("Hier staat een teken dat wij niet kunnen bewaren.")
