"""A fair continuation: what is bound to happen to a call in the end, whether the carrier answers or not."""

from ivr.dialogue.events import (
    CallAnswered,
    CallerJoined,
    ConsentLogged,
    EmployeeJoined,
    EmployeeUnreachable,
    Event,
    HoldEnded,
    LegAnswered,
    PromptPlayed,
    RecordingStarted,
    ResumeAsked,
    Timer,
    TimerExpired,
)
from ivr.dialogue.states import Dialogue, State
from ivr.dialogue.table import ON_LEG

LONGEST = 60
"""More events than any dialogue of the tests needs to come to rest."""


def next_fair_event(d: Dialogue, *, answered: bool) -> Event | None:
    """`answered` False: no announcement's end and no recording is ever reported, only timers expire."""
    if d.state is State.ENDED:
        return None
    if d.state is State.LOGGING:
        return ConsentLogged(7)
    if d.sounding is not None:
        return PromptPlayed(d.sounding) if answered else TimerExpired(Timer.PROMPT, d.sounding)
    if d.state is State.STARTING:
        return RecordingStarted("RE1") if answered else TimerExpired(Timer.RECORDING_START)
    if d.state in ON_LEG:
        if d.speaking is not None:
            return LegAnswered(d.speaking.prompt_id)
        return CallAnswered() if d.state is State.GREETING else None
    if not d.in_room:
        return CallerJoined()
    if d.on_hold:
        return HoldEnded()
    if d.private:
        return ResumeAsked()
    if d.state is State.WAITING:
        return EmployeeJoined() if answered else EmployeeUnreachable()
    if d.state is State.ASKING:
        return TimerExpired(Timer.ANSWER)
    return None
