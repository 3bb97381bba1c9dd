"""PURE. One turn of a case: what an act changes and what is logged of it, with the verbs that handlers share."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ivr.cases.acts import Act, Opening
from ivr.cases.case import FINAL, About, Case, State, Who
from ivr.cases.shapes import Json, split
from ivr.cases.terms import Promise, Terms

A = TypeVar("A", bound=About)


class NotAllowed(Exception):
    """The act does not fit the state, the role or the facts; the text says why.

    `why` is that text with the names of its places, as pages translate it; `field` the field of the act that it is
    about, empty where it is about none.
    """

    def __init__(self, why: str, *, field: str = "", **places: object) -> None:
        super().__init__(why % places if places else why)
        self.why = why
        self.places = places
        self.field = field


class WrongRole(NotAllowed):
    """Others may do this, but not in that role."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, when, and what the case itself cannot know.

    `name` is what they sign in with. `third_persons`: the consent log of the call says that somebody else took part.
    """

    name: str
    role: Who
    at: datetime
    third_persons: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A wish for one entry in the consent log."""

    tag: str
    facts: dict[str, Json]
    personal: dict[str, str]


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a case of some kind begins; `opens` are the cases that it leads to at once."""

    state: State
    owner: Who
    about: About
    within_days: int | None = None
    channel: str | None = None
    opens: tuple[Opening, ...] = ()


class Turn:
    """Collects the new case, its entry in the log, and what else is opened, of one act."""

    def __init__(self, case: Case, act: Act, doing: Doing, terms: Terms) -> None:
        self.case = case
        self.doing = doing
        self.terms = terms
        self._act = act
        self._code = act.code
        self.refused: str | None = None
        self.opens: list[Opening] = []
        self._facts, self._personal = split(act)

    def about(self, kind: type[A]) -> A:
        """What is known of this case, which is of that kind."""
        if not isinstance(self.case.about, kind):
            raise TypeError(f"a case of kind {self.case.kind} holds {type(self.case.about).__name__}")
        return self.case.about

    def learn(self, **changes: Any) -> None:
        """Replace fields of what is known of this case."""
        self.case = replace(self.case, about=replace(self.case.about, **changes))

    def go(self, state: State) -> None:
        """Enter a state, or stay in it; a final one ends the case."""
        closed_at = self.doing.at if state in FINAL else None
        self.case = replace(self.case, state=state, closed_at=closed_at)

    def expect(self, promise: Promise, since: datetime | None = None) -> None:
        """From now on, or counted from `since`, somebody has so many days."""
        due_at = (since or self.doing.at) + timedelta(days=promise.within_days)
        self.case = replace(self.case, owner=promise.owner, due_at=due_at)

    def fact(self, **facts: Json) -> None:
        """Say more in the log than the act itself does."""
        self._facts |= facts

    def log_refusal(self, code: str, why: str) -> None:
        """The act is refused, and that is a fact for the log under a name of its own."""
        self._code, self.refused = code, why
        self.fact(refused=why)

    def open(self, opening: Opening) -> None:
        """Open another case out of this one."""
        self.opens.append(opening)

    def note(self) -> Note:
        """The entry of this turn, as things stand now."""
        return make_note(self.case, self._act, self.doing, self._facts, self._personal, self._code)


def make_note(
    case: Case, act: Act, doing: Doing, facts: dict[str, Json], personal: dict[str, str], code: str | None = None
) -> Note:
    """Every entry says which case, where it is now, what was done in which role; the name stands beside the log.

    `code` is the tag's second part where that is not the act's own.
    """
    common: dict[str, Json] = {
        "case": case.case_id,
        "agency": case.agency,
        "act": act.code,
        "state": case.state.value,
        "role": doing.role.value,
    }
    if case.from_case is not None:
        common["from_case"] = case.from_case
    named = {"by": doing.name} if doing.name else {}
    return Note(f"{case.kind}:{code or act.code}", common | facts, personal | named)
