"""What is known of a case file and what was done with it, in words for its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from config.policy import AgencyPolicy, Words
from ivr.cases.acts import ACTS, OPENINGS, Act
from ivr.cases.case import (
    About,
    Case,
    CitizenCopy,
    Complaint,
    Covert,
    MisuseOfRecording,
    Refusal,
    Request,
    Training,
    Who,
)
from ivr.cases.channel_request import OTHER_REASON
from ivr.cases.shapes import PERSONAL, Json, declared, without_none
from ivr.web.console.case_act_words import FACT_WORDS, FIELD_WORDS, NOT_NOW, REASONS
from ivr.web.console.case_words import CHOICE_WORDS, WHO_WORDS
from ivr.web.formats import AMSTERDAM, date_and_time, size
from ivr.web.language import gettext, language, ngettext, words
from ivr.web.log_words import describe
from storage.records import LoggedEntry

Fact = tuple[str, str]
"""What it is, and what is known of it."""

BY = "by"


# ---------------------------------------------------------------- terms


def day(on: date) -> str:
    return format_date(on, "d MMMM y", locale=language())


def term(due_at: datetime, now: datetime) -> str:
    """How long there still is, or how late it is."""
    left = (due_at.astimezone(AMSTERDAM).date() - now.astimezone(AMSTERDAM).date()).days
    if due_at <= now:
        late = ngettext("%(count)s dag te laat", "%(count)s dagen te laat", -left)
        return late if left < 0 else gettext("vandaag verlopen")
    if left == 0:
        return gettext("nog vandaag")
    return ngettext("nog %(count)s dag", "nog %(count)s dagen", left)


# ---------------------------------------------------------------- what is known


def place_of(case: Case, policy: AgencyPolicy) -> str:
    """Where it was asked or done, other than on the phone; empty where that is not known."""
    channel = None if case.channel is None else policy.find_channel(case.channel)
    return "" if channel is None else words(channel.name)


def promise_of(case: Case, policy: AgencyPolicy) -> str:
    """What has to be done for the promised alternative; empty for other cases."""
    if not isinstance(case.about, Refusal):
        return ""
    alternative = policy.find_alternative(case.about.alternative)
    return "" if alternative is None or alternative.follow is None else words(alternative.follow.todo)


def known(case: Case, policy: AgencyPolicy, *, personal: bool) -> list[Fact]:
    """What is known of this kind of case; names only for who may see them."""
    match case.about:
        case Refusal(alternative):
            return [
                (gettext("Beloofd"), text_of(policy, "alternative", alternative)),
                (gettext("Te doen"), promise_of(case, policy)),
            ]
        case Covert(published, talk_on):
            facts = [(gettext("Gepubliceerd"), _yes_or_no(published))]
            return facts if talk_on is None else [*facts, (gettext("Gesprek met de burger"), day(talk_on))]
        case Complaint() as about:
            return _known_of_complaint(about, personal=personal)
        case MisuseOfRecording(what, compared, _):
            return [
                (gettext("Wat is er gedaan"), gettext(CHOICE_WORDS[what])),
                (gettext("Vergeleken met onze opname"), _yes_or_no(compared)),
            ]
        case CitizenCopy() as about:
            return _known_of_copy(about)
        case Training(caller, employee):
            return [
                (gettext("Antwoord van de beller"), _answer(caller)),
                (gettext("Antwoord van de medewerker"), _answer(employee)),
            ]
        case Request() as about:
            return _known_of_request(about, policy)


def _known_of_copy(about: CitizenCopy) -> list[Fact]:
    """Nothing before it was handed in."""
    if about.size_bytes is None or about.digest is None:
        return []
    found = about.verdict or about.not_compared
    verdict = gettext("nog niet vergeleken") if found is None else gettext(CHOICE_WORDS[found])
    return [
        (gettext("Grootte"), size(about.size_bytes)),
        (gettext("Controlegetal (SHA-256)"), about.digest),
        (gettext("Gecontroleerd op kwaadaardige software"), _yes_or_no(about.scanned)),
        (gettext("Vergelijking met onze opname"), verdict),
    ]


def _known_of_complaint(about: Complaint, *, personal: bool) -> list[Fact]:
    objects = gettext("nog niet gevraagd") if about.objects is None else _yes_or_no(about.objects)
    facts = [
        (gettext("Bezwaar van de medewerker tegen luisteren"), objects),
        (gettext("Belang van anderen afgewogen"), _yes_or_no(about.third_persons_weighed)),
    ]
    if about.access is not None:
        count = len(about.access.people)
        hidden = ngettext("%(count)s mens, met naam", "%(count)s mensen, met naam", count)
        facts.append((gettext("Wie mogen luisteren"), ", ".join(about.access.people) if personal else hidden))
        facts.append((gettext("Luisteren mag tot"), date_and_time(about.access.until)))
    return facts


def _known_of_request(about: Request, policy: AgencyPolicy) -> list[Fact]:
    facts = [
        (gettext("Gevraagd op"), date_and_time(about.asked_at)),
        (gettext("Soort gesprek"), text_of(policy, "conversation", about.conversation)),
        (gettext("Iemand anders bij het gesprek"), _yes_or_no(about.third_persons)),
    ]
    if about.reason is not None:
        facts.append((gettext("Zwaarwegende reden"), text_of(policy, "reason", about.reason)))
    if about.alternative is not None:
        facts.append((gettext("In plaats daarvan"), text_of(policy, "alternative", about.alternative)))
    return facts


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the profile's procedure for misuse; `is_next` is the first that was not done."""

    todo: str
    owner: str
    within_days: int
    is_done: bool
    is_next: bool


def steps_of(about: About, policy: AgencyPolicy) -> list[StepView]:
    """None for cases that have no steps."""
    if not isinstance(about, MisuseOfRecording):
        return []
    return [
        StepView(
            words(step.duty.todo),
            gettext(WHO_WORDS[Who(step.duty.owner)]),
            step.duty.within_days,
            is_done=number < about.steps_done,
            is_next=number == about.steps_done,
        )
        for number, step in enumerate(policy.misuse_steps)
    ]


# ---------------------------------------------------------------- what was done


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the log: `texts` are what somebody wrote. `name` is empty where it may not be seen or was erased."""

    number: int
    at: datetime
    what: str
    role: str
    name: str
    facts: Sequence[Fact]
    texts: Sequence[Fact]
    hides: bool


def history_lines(
    case: Case, history: Sequence[LoggedEntry], policy: AgencyPolicy, *, personal: bool
) -> list[HistoryLine]:
    """Oldest first."""
    return [_line(entry, _act_of(case, entry), policy, personal=personal) for entry in history]


def acts_since(history: Sequence[LoggedEntry], version: int) -> Sequence[LoggedEntry]:
    """What was done with a case since it had this version; its first entry opened it."""
    return [entry for entry in history if "act" in entry.facts][version + 1 :]


def _act_of(case: Case, entry: LoggedEntry) -> type[Act] | None:
    """None for what happened beside the case, such as a file that is on its way."""
    code = str(entry.facts.get("act", ""))
    opening = OPENINGS[case.kind]
    return opening if code == opening.code else ACTS.get(code)


def _line(entry: LoggedEntry, act: type[Act] | None, policy: AgencyPolicy, *, personal: bool) -> HistoryLine:
    labels = {**FACT_WORDS, **({} if act is None else _labels(act))}
    facts = [
        (gettext(labels[name]), _fact(act, name, value, policy))
        for name, value in entry.facts.items()
        if name in labels
    ]
    texts = [(gettext(labels[name]), text) for name, text in entry.personal.items() if name in labels]
    needed = [field.name for field in declared(act) if PERSONAL in field.marks and field.required] if act else []
    gone = [(gettext(labels[name]), gettext("Deze tekst is gewist.")) for name in needed if name not in entry.personal]
    return HistoryLine(
        number=entry.number,
        at=entry.occurred_at,
        what=gettext(describe(entry.tag)),
        role=gettext(WHO_WORDS[Who(str(entry.facts.get("role", Who.SYSTEM)))]),
        name=entry.personal.get(BY, "") if personal else "",
        facts=facts,
        texts=[*texts, *gone] if personal else (),
        hides=not personal and bool(texts),
    )


def _labels(act: type[Act]) -> Mapping[str, str]:
    return {name: found.label for (owner, name), found in FIELD_WORDS.items() if owner is act}


def _fact(act: type[Act] | None, name: str, value: Json, policy: AgencyPolicy) -> str:
    kinds = {field.name: without_none(field.kind)[0] for field in declared(act)} if act else {}
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, Mapping):
        return gettext(CHOICE_WORDS[str(value["verdict"])])
    text = str(value)
    if name == "refused":
        return gettext(REASONS.get(text, NOT_NOW))
    if name == "size_bytes":
        return size(int(text))
    if kinds.get(name) is date:
        return day(date.fromisoformat(text))
    if kinds.get(name) is datetime:
        return date_and_time(datetime.fromisoformat(text))
    return gettext(CHOICE_WORDS[text]) if text in CHOICE_WORDS else text_of(policy, name, text)


def text_of(policy: AgencyPolicy, name: str, code: str) -> str:
    """The profile's text of a code in the field of that name; what is no code of it stays as it is."""
    if code == OTHER_REASON:
        return gettext("een andere reden")
    texts: Mapping[str, Mapping[str, Words]] = {
        "reason": {reason.code: reason.text for reason in policy.objection_reasons},
        "alternative": {alternative.code: alternative.text for alternative in policy.alternatives},
        "conversation": {kind.code: kind.text for kind in policy.conversation_kinds},
        "channel": {channel.code: channel.name for channel in policy.channels},
        "step": {step.code: step.duty.todo for step in policy.misuse_steps},
    }
    found = texts.get(name, {}).get(code)
    return code if found is None else words(found)


def _yes_or_no(value: bool) -> str:
    return gettext("ja") if value else gettext("nee")


def _answer(value: bool | None) -> str:
    return gettext("nog niet") if value is None else _yes_or_no(value)
