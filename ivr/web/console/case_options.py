"""What the fields of an act can be filled in with: the profile's codes with their texts, and what is still open."""

from collections.abc import Callable, Mapping, Sequence

from config.policy import AgencyPolicy
from ivr.cases.acts import (
    Act,
    EvidenceAdded,
    Party,
    RequestRefused,
    RequestRegistered,
    StepDone,
    TrainingAnswered,
    TrainingWithdrawn,
)
from ivr.cases.case import Case, CitizenCopy, MisuseOfRecording, Training, Who
from ivr.cases.channel_request import OTHER_REASON
from ivr.cases.training import speaks_for
from ivr.web.console.case_fields import Options
from ivr.web.console.case_words import CHOICE_WORDS
from ivr.web.language import gettext, words


def options_of(
    act: type[Act], policy: AgencyPolicy, role: Who, case: Case | None = None, compared: Sequence[Case] = ()
) -> Options:
    """`case` is None for an act that opens one; `compared` are the copies of its call that were compared."""
    if act is EvidenceAdded:
        return _proving(compared)
    return OPTIONS[act](policy, role, case) if act in OPTIONS else {}


def _registering(policy: AgencyPolicy, _: Who, __: Case | None) -> Options:
    return {
        "channel": [(channel.code, words(channel.name)) for channel in policy.channels],
        "conversation": [(kind.code, words(kind.text)) for kind in policy.conversation_kinds],
    }


def _refusing(policy: AgencyPolicy, _: Who, __: Case | None) -> Options:
    reasons = [(reason.code, words(reason.text)) for reason in policy.objection_reasons if reason.code != OTHER_REASON]
    return {
        "reason": [*reasons, (OTHER_REASON, gettext("Een andere zwaarwegende reden"))],
        "alternative": [(one.code, words(one.text)) for one in policy.alternatives],
    }


def _next_step(policy: AgencyPolicy, _: Who, case: Case | None) -> Options:
    done = case.about.steps_done if case is not None and isinstance(case.about, MisuseOfRecording) else 0
    return {"step": [(step.code, words(step.duty.todo)) for step in policy.misuse_steps[done : done + 1]]}


def _answering(_: AgencyPolicy, role: Who, case: Case | None) -> Options:
    parties = speaks_for(role, case.about) if case is not None and isinstance(case.about, Training) else [*Party]
    return {"party": [(party.value, gettext(CHOICE_WORDS[party])) for party in parties]}


def _withdrawing(_: AgencyPolicy, __: Who, ___: Case | None) -> Options:
    return {"party": [(party.value, gettext(CHOICE_WORDS[party])) for party in Party]}


def _proving(compared: Sequence[Case]) -> Options:
    """Nothing to choose where nothing was compared."""
    copies = [
        (copy.case_id, gettext("De kopie: %(verdict)s", verdict=gettext(CHOICE_WORDS[copy.about.verdict])))
        for copy in compared
        if isinstance(copy.about, CitizenCopy) and copy.about.verdict is not None
    ]
    return {"from_copy": [*copies, ("", gettext("geen vergelijking"))] if copies else []}


OPTIONS: Mapping[type[Act], Callable[[AgencyPolicy, Who, Case | None], Options]] = {
    RequestRegistered: _registering,
    RequestRefused: _refusing,
    StepDone: _next_step,
    TrainingAnswered: _answering,
    TrainingWithdrawn: _withdrawing,
}
