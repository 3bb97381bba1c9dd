"""How an operation of the API is declared: from this its requests are checked, and the OpenAPI document is drawn."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.cases.shapes import Fault, Misshapen, camel, read
from ivr.web.access import Permission, User

KEY = re.compile(r"[\x21-\x7e]{1,100}")
IDEMPOTENCY_KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Variants:
    """A body whose field `tag` says which of several shapes it has; `head` are the fields that all of them have."""

    name: str
    tag: str
    shapes: Mapping[str, type[object]]
    head: type[object] | None = None

    def read(self, raw: object) -> tuple[Any, Any]:
        """The head (None where there is none) and the value. Raises `Misshapen`."""
        if not isinstance(raw, dict):
            raise Misshapen((Fault("", "must be an object"),))
        chosen = raw.get(self.tag)
        if not isinstance(chosen, str) or chosen not in self.shapes:
            detail = f"must be one of: {', '.join(self.shapes)}" if self.tag in raw else "is missing"
            raise Misshapen((Fault(f"/{self.tag}", detail),))
        shared = set() if self.head is None else {camel(name) for name in self.head.__dataclass_fields__}  # type: ignore[attr-defined]
        parts = (
            (self.head, {name: value for name, value in raw.items() if name in shared}),
            (
                self.shapes[chosen],
                {name: value for name, value in raw.items() if name not in shared and name != self.tag},
            ),
        )
        values: list[Any] = []
        faults: list[Fault] = []
        for shape, part in parts:
            try:
                values.append(None if shape is None else read(shape, part, camel))
            except Misshapen as wrong:
                faults.extend(wrong.faults)
        if faults:
            raise Misshapen(tuple(faults))
        return values[0], values[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, checked: its values are as declared. `key` names it where it may come twice."""

    user: User
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does.

    `path` is written as OpenAPI does, `{caseId}`. `answers` is the shape of a good answer, whose status is `status`;
    `refuses` are the statuses of problems that are its own, besides those that any operation may answer with.
    `processing` is what it does with somebody's data, for the agency's processing log; None where it does nothing.
    """

    name: str
    method: str
    path: str
    summary: str
    permission: Permission
    answers: type[object]
    answer: Callable[[Asked], object]
    status: int = 200
    query: type[object] | None = None
    body: type[object] | Variants | None = None
    refuses: tuple[int, ...] = ()
    processing: str | None = None

    @property
    def rule(self) -> str:
        """The path as Flask writes it; names of values in our own way."""
        return re.sub(r"\{(\w+)\}", lambda found: f"<{_snake(found[1])}>", self.path)

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
