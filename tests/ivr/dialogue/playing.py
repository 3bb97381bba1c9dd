"""How the tests of the dialogue speak: events in, dialogue and effects out."""

from collections.abc import Iterable

from ivr.dialogue.effects import Announce, Effect, LogConsent, Note, PromptKey
from ivr.dialogue.events import (
    CallAnswered,
    CallerJoined,
    ConsentLogged,
    EmployeeJoined,
    Event,
    Heard,
    KindNamed,
    LegAnswered,
    ObjectionRaised,
    PromptFailed,
    PromptPlayed,
    RecordingStarted,
    UtteranceHeard,
)
from ivr.dialogue.machine import step
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import Dialogue, State

OBJECTION = ObjectionRaised("privacy", "verslag")
OBJECTION_WITH_OUR_RECORDING = ObjectionRaised("privacy", "eigen-opname", agency_records=True)
EXCLUDED = KindNamed("bemiddeling", "verslag")
ALWAYS = Rules(agency_records=AgencyRecords.ALWAYS)


class Call:
    """A dialogue that is played; `effects` are those of all events so far, `ignored` the last event's reason."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.now = Dialogue(rules=rules or Rules())
        self.effects: list[Effect] = []
        self.ignored: str | None = None

    def play(self, *events: Event) -> list[Effect]:
        """Give the call these facts; gives the effects that they had."""
        before = len(self.effects)
        for event in events:
            answer = step(self.now, event)
            self.now, self.ignored = answer.dialogue, answer.ignored
            self.effects.extend(answer.effects)
        return self.effects[before:]

    # ------------------------------------------------------------ events about what is being said now

    def played(self) -> list[Effect]:
        """What sounds in the room is heard to its end."""
        return self.play(PromptPlayed(self.sounding))

    def failed(self) -> list[Effect]:
        return self.play(PromptFailed(self.sounding, "cut short"))

    def all_played(self) -> list[Effect]:
        """So is all that waits behind it."""
        effects: list[Effect] = []
        while self.now.sounding is not None:
            effects += self.played()
        return effects

    def keyed(self, digit: str | None) -> list[Effect]:
        """The caller's answer by key on the own leg; None for the time-out."""
        assert self.now.speaking is not None
        return self.play(LegAnswered(self.now.speaking.prompt_id, digit))

    @property
    def sounding(self) -> int:
        assert self.now.sounding is not None
        return self.now.sounding

    def state(self) -> State:
        return self.now.state

    def told(self) -> PromptKey | None:
        """What the caller is being told."""
        return self.now.speaking.key if self.now.speaking else None

    @property
    def tags(self) -> list[str]:
        return tags(self.effects)


# ---------------------------------------------------------------- calls that have come some way


def talking(rules: Rules | None = None) -> Call:
    call = Call(rules)
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined(), EmployeeJoined())
    return call


def asking(rules: Rules | None = None) -> Call:
    """The question was put and heard out."""
    call = talking(rules)
    call.play(heard(Heard.REQUEST))
    call.played()
    return call


def at_the_keypad(rules: Rules | None = None) -> Call:
    call = asking(rules)
    call.play(heard(Heard.UNCLEAR))
    call.played()
    call.play(heard(Heard.UNCLEAR))
    return call


def announcing(rules: Rules | None = None) -> Call:
    call = asking(rules)
    call.play(heard(Heard.YES), ConsentLogged(7))
    return call


def starting(rules: Rules | None = None) -> Call:
    call = announcing(rules)
    call.played()
    return call


def recording(rules: Rules | None = None) -> Call:
    call = starting(rules)
    call.play(RecordingStarted("RE1"))
    return call


def always_recording(rules: Rules = ALWAYS) -> Call:
    call = talking(rules)
    call.play(ConsentLogged(7))
    call.all_played()
    call.play(RecordingStarted("RE1"))
    return call


# ---------------------------------------------------------------- words


def heard(what: Heard, text: str = "") -> UtteranceHeard:
    return UtteranceHeard(what, text, 0.9)


def kinds(effects: Iterable[Effect]) -> list[type[Effect]]:
    """What is wished for, without the log's notes."""
    return [type(effect) for effect in effects if not isinstance(effect, Note)]


def tags(effects: Iterable[Effect]) -> list[str]:
    """What the log is told."""
    return [effect.tag for effect in effects if isinstance(effect, Note | LogConsent)]


def announced(effects: Iterable[Effect]) -> list[PromptKey]:
    return [effect.prompt.key for effect in effects if isinstance(effect, Announce)]
