"""PURE. Declared shapes of values: which fields they have, within which limits, and which of them are personal.

A frozen dataclass is the declaration: `Annotated` fields carry limits, and `PERSONAL` what must not stand in the
consent log itself. Stored documents, bodies of requests and the OpenAPI document are all read off it.
"""

import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Naming: TypeAlias = Callable[[str], str]
"""From a field's name to its key."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339 date-time, to the microsecond."""

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A string of so many characters, of which a pattern may be asked."""

    least: int
    most: int
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """A number, both ends included."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """A list that has something in it, and so many items at most, unless nothing is good too."""

    most: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Personal:
    """Belongs beside the consent log, never in it: names of people, and texts that may name them."""


PERSONAL = Personal()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: a JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


class Misshapen(ValueError):
    """All faults of a value at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Declared:
    """One field: its type without marks, and its marks."""

    name: str
    kind: Any
    marks: tuple[object, ...]
    required: bool


def as_is(name: str) -> str:
    return name


def camel(name: str) -> str:
    """As keys in the API are written: `asked_at` is `askedAt`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def declared(shape: type[object]) -> tuple[Declared, ...]:
    """The fields of a dataclass."""
    kind: Any = shape
    return _declared(kind)


@cache
def _declared(shape: type[Any]) -> tuple[Declared, ...]:
    hints = get_type_hints(shape, include_extras=True)
    return tuple(Declared(field.name, *unmarked(hints[field.name]), _is_required(field)) for field in fields(shape))


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def unmarked(hint: Any) -> tuple[Any, tuple[object, ...]]:
    """The type and its marks; those of an optional one stand inside it."""
    if get_origin(hint) is Annotated:
        return hint.__origin__, hint.__metadata__
    inner, optional = without_none(hint)
    if optional and get_origin(inner) is Annotated:
        return inner.__origin__ | None, inner.__metadata__
    return hint, ()


def without_none(hint: Any) -> tuple[Any, bool]:
    """What the type is where it is not None, and whether it may be None."""
    some = [arg for arg in get_args(hint) if arg is not type(None)]
    is_optional = get_origin(hint) in (Union, types.UnionType) and len(some) == 1
    return (some[0], True) if is_optional else (hint, False)


# ---------------------------------------------------------------- writing


def write(value: object, key: Naming = as_is) -> Json:
    """A value of a declared shape as JSON. Raises `TypeError` for anything else."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key(field.name): write(getattr(value, field.name), key) for field in declared(type(value))}
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [write(item, key) for item in value]
    if isinstance(value, Mapping):
        return dict(value)  # a free object of plain JSON
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no declared shape")


def moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def split(value: object) -> tuple[dict[str, Json], dict[str, str]]:
    """What may stand in the consent log, and what is personal; what was not given is in neither."""
    facts: dict[str, Json] = {}
    personal: dict[str, str] = {}
    for field in declared(type(value)):
        given = getattr(value, field.name)
        if PERSONAL not in field.marks:
            if given is not None:
                facts[field.name] = write(given)
        elif given:
            personal[field.name] = ", ".join(given) if isinstance(given, tuple) else str(given)
    return facts, personal


# ---------------------------------------------------------------- reading


def read(shape: type[T], raw: object, key: Naming = as_is) -> T:
    """The reverse of `write`. Raises `Misshapen` with everything that is wrong; keys that nobody declared are wrong."""
    faults: list[Fault] = []
    value: T = _read(shape, (), raw, "", key, faults)
    if faults:
        raise Misshapen(tuple(faults))
    return value


def _read(kind: Any, marks: tuple[object, ...], raw: object, place: str, key: Naming, faults: list[Fault]) -> Any:
    """None where there is a fault."""
    inner, optional = without_none(kind)
    if optional:
        return None if raw is None else _read(inner, marks, raw, place, key, faults)
    try:
        if is_dataclass(kind):
            return _read_fields(kind, raw, place, key, faults)
        if get_origin(kind) is tuple:
            return _read_items(kind, marks, raw, place, key, faults)
        value = READERS[kind](raw) if kind in READERS else _read_choice(kind, raw)
        for mark in marks:
            _check(mark, value)
    except ValueError as wrong:
        faults.append(Fault(place, str(wrong)))
        return None
    return value


def _read_fields(kind: Any, raw: object, place: str, key: Naming, faults: list[Fault]) -> Any:
    if not isinstance(raw, dict):
        raise ValueError("must be an object")
    known = {key(field.name): field for field in declared(kind)}
    faults.extend(Fault(f"{place}/{_escaped(name)}", "is not known here") for name in raw if name not in known)
    missing = [name for name, field in known.items() if field.required and name not in raw]
    faults.extend(Fault(f"{place}/{name}", "is missing") for name in missing)
    before = len(faults)
    given = {
        field.name: _read(field.kind, field.marks, raw[name], f"{place}/{name}", key, faults)
        for name, field in known.items()
        if name in raw
    }
    return None if missing or len(faults) > before else kind(**given)


def _read_items(kind: Any, marks: tuple[object, ...], raw: object, place: str, key: Naming, faults: list[Fault]) -> Any:
    if not isinstance(raw, list):
        raise ValueError("must be a list")
    for mark in marks:
        if isinstance(mark, AtMost) and not mark.least <= len(raw) <= mark.most:
            raise ValueError(f"must have {mark.least} to {mark.most} items")
    item, item_marks = unmarked(get_args(kind)[0])
    return tuple(_read(item, item_marks, one, f"{place}/{n}", key, faults) for n, one in enumerate(raw))


def _read_choice(kind: Any, raw: object) -> Any:
    if not isinstance(raw, str) or raw not in {*kind}:
        raise ValueError(f"must be one of: {', '.join(kind)}")
    return kind(raw)


def _read_text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be text")
    if "\x00" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise ValueError("has characters that cannot be kept")
    return raw


def _read_bool(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw


def _read_int(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise ValueError("must be a whole number")
    return raw


def _read_float(raw: object) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise ValueError("must be a number")
    return raw


def _read_moment(raw: object) -> datetime:
    try:
        if isinstance(raw, str) and MOMENT.fullmatch(raw):
            return datetime.fromisoformat(raw).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a date and time with its zone, like 2026-11-22T09:30:00Z")


def _read_day(raw: object) -> date:
    try:
        if isinstance(raw, str) and DAY.fullmatch(raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise ValueError("must be a date, like 2026-11-22")


READERS: Mapping[Any, Callable[[object], object]] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    datetime: _read_moment,
    date: _read_day,
}


def _check(mark: object, value: Any) -> None:
    match mark:
        case Text(least, most, pattern):
            if not least <= len(value.strip()) or len(value) > most:
                raise ValueError(f"must have {least} to {most} characters")
            if pattern is not None and not re.fullmatch(pattern, value, re.ASCII):
                raise ValueError(f"must look like {pattern}")
        case Between(least, most):
            if not least <= value <= most:
                raise ValueError(f"must be from {least:g} to {most:g}")


def _escaped(name: str) -> str:
    """A key in a JSON pointer, shortened: somebody else chose it."""
    return "".join(_pointer_characters(name[:100]))


def _pointer_characters(name: str) -> Iterator[str]:
    for character in name:
        yield {"~": "~0", "/": "~1"}.get(character, "?" if "\ud800" <= character <= "\udfff" else character)
