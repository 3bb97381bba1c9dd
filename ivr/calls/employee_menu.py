"""What an employee with a plain phone can do by key during a call: questions on their own leg, and what each key means.

A question is named by its place in the address that its answer goes to, so nothing is remembered between two of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.policy import AgencyPolicy, Alternative, ConversationKind, Words
from ivr.calls.speaking import Texts
from ivr.cases.channel_request import OTHER_REASON
from ivr.dialogue.events import (
    Event,
    KindNamed,
    ObjectionRaised,
    ObjectionWithdrawn,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    ThirdPersonPresent,
)
from ivr.dialogue.machine import step
from ivr.dialogue.states import Dialogue

OTHER_KEY = "9"


class Place(StrEnum):
    """A question's name; the one for alternatives is followed by the reason's code.

    Key 4 has another meaning in a pause: one that ended since the question was put must not begin again.
    """

    ACTS = "acts"
    ACTS_IN_PAUSE = "acts-in-pause"
    REASONS = "reasons"
    ALTERNATIVES = "alternatives"
    KINDS = "kinds"


@dataclass(frozen=True, slots=True)
class Option:
    """`text` says which key it is. `then` is the fact that it tells the dialogue, or the next question's place."""

    key: str
    text: str
    then: Event | str


@dataclass(frozen=True, slots=True)
class Question:
    """`intro` is said before the options."""

    intro: tuple[str, ...]
    options: tuple[Option, ...]

    def find(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True, slots=True)
class EmployeeMenu:
    """The questions of one call as it is now; `prompts` are the texts by language, `employee` is whose leg it is."""

    policy: AgencyPolicy
    prompts: Mapping[str, Texts]
    dialogue: Dialogue
    employee: str

    @property
    def texts(self) -> Texts:
        """In the language of the agency's staff."""
        return self.prompts[self.policy.language]

    @property
    def first(self) -> str:
        return Place.ACTS_IN_PAUSE if self.dialogue.private else Place.ACTS

    def find(self, place: str) -> Question | None:
        """None for a place that no question has."""
        match place.split("/"):
            case [Place.ACTS | Place.ACTS_IN_PAUSE]:
                return self._acts(in_pause=place == Place.ACTS_IN_PAUSE)
            case [Place.REASONS]:
                return self._reasons()
            case [Place.ALTERNATIVES, code] if code == OTHER_REASON or self.policy.find_reason(code) is not None:
                return self._alternatives(code)
            case [Place.KINDS]:
                return self._kinds()
            case _:
                return None

    def sentences(self, question: Question) -> list[str]:
        """What is said: only what is possible now is offered."""
        offered = [option.text for option in question.options if self.is_possible(option)]
        return [*question.intro, *offered, self.texts.text("menu_back")]

    def is_possible(self, option: Option) -> bool:
        """Whether the dialogue would take it, or something that it leads to."""
        if isinstance(option.then, Event):
            return step(self.dialogue, option.then).ignored is None
        question = self.find(option.then)
        return question is not None and any(self.is_possible(further) for further in question.options)

    # ------------------------------------------------------------ the questions

    def _acts(self, *, in_pause: bool) -> Question:
        texts = self.texts
        options = [
            Option("1", texts.text("menu_object"), Place.REASONS),
            Option("2", texts.text("menu_withdraw"), ObjectionWithdrawn(self.employee)),
            Option("3", texts.text("menu_third_person"), ThirdPersonPresent()),
            Option("4", texts.text("menu_resume"), ResumeAsked())
            if in_pause
            else Option("4", texts.text("menu_pause"), PauseAsked()),
            Option("5", texts.text("menu_stop"), StopAsked(self.employee)),
        ]
        if any(kind.excluded for kind in self.policy.conversation_kinds):
            options.append(Option("6", texts.text("menu_kind"), Place.KINDS))
        return Question((), tuple(options))

    def _reasons(self) -> Question:
        reasons = self.policy.objection_reasons
        listed = self._numbered((reason.text, f"{Place.ALTERNATIVES}/{reason.code}") for reason in reasons)
        other = Option(OTHER_KEY, self.texts.text("menu_other_reason"), f"{Place.ALTERNATIVES}/{OTHER_REASON}")
        return Question((self.texts.text("menu_reasons"),), (*listed, other))

    def _alternatives(self, reason: str) -> Question:
        offers = self.policy.alternatives
        listed = self._numbered((offer.text, self._objection(reason, offer)) for offer in offers)
        return Question((self.texts.text("menu_alternatives"),), listed)

    def _kinds(self) -> Question:
        kinds = self.policy.conversation_kinds
        listed = self._numbered((kind.text, self._kind(kind)) for kind in kinds)
        return Question((self.texts.text("menu_kinds"),), listed)

    def _numbered(self, items: Iterable[tuple[Words, Event | str]]) -> tuple[Option, ...]:
        language = self.policy.language
        return tuple(
            Option(str(number), self.texts.text("menu_item", text=text[language], number=str(number)), then)
            for number, (text, then) in enumerate(items, start=1)
        )

    def _objection(self, reason: str, alternative: Alternative) -> ObjectionRaised:
        """A reason outside the list is told in a fixed sentence, in the caller's language; the employee explains it."""
        texts = self.prompts[self.dialogue.language]
        return ObjectionRaised(
            reason=reason,
            alternative=alternative.code,
            agency_records=alternative.agency_records,
            reason_text=texts.text("other_reason") if reason == OTHER_REASON else "",
            employee=self.employee,
        )

    def _kind(self, kind: ConversationKind) -> KindNamed:
        return KindNamed(kind.code, kind.excluded.alternative if kind.excluded else "", self.employee)
