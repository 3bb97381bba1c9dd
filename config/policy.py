"""One agency's recording rules, as its profile states them, and all profiles of an installation.

The fields carry rules R1-R9 of the National Ombudsman's recording rules (report 2014/166) as one agency applies them;
docs/rules.md says for each which code and which test carry it. `config/policy_file.py` reads and checks a profile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

Words: TypeAlias = Mapping[str, str]
"""A text in each of the profile's languages: language, like `nl`, to text."""


class PolicyError(Exception):
    """Profiles that cannot be used: one fault a line, as `file:line: field what is expected`."""


class Role(StrEnum):
    """Who does something at the agency: what people may do, and who owns a promise."""

    EMPLOYEE = "medewerker"
    SUPERVISOR = "leidinggevende"
    PRIVACY_OFFICER = "privacyfunctionaris"
    COMMITTEE = "klachtencommissie"
    AUDITOR = "controleur"
    ADMINISTRATOR = "beheerder"


class ParallelRecording(StrEnum):
    """When the agency records too (R9)."""

    WHEN_THE_CALLER_RECORDS = "when-the-caller-records"
    ALWAYS = "always"
    NEVER = "never"


class CopyDelivery(StrEnum):
    """How the caller gets a copy: by a link in an SMS, or by a pick-up code that is read out."""

    SMS = "sms"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Reason:
    """A weighty reason to object (R1): `text` for the screen, `spoken` a whole sentence for the call."""

    code: str
    text: Words
    spoken: Words


@dataclass(frozen=True, slots=True)
class Duty:
    """What has to be done, by whom, and within how many days."""

    todo: Words
    owner: Role
    within_days: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """What is offered in place of the caller's recording (R1).

    `agency_records`: the agency's own recording is the alternative, so an objection starts it or lets it run.
    `follow` is what must happen after the call, None where the promise is kept on the call itself.
    """

    code: str
    text: Words
    spoken: Words
    agency_records: bool
    follow: Duty | None


@dataclass(frozen=True, slots=True)
class ConversationKind:
    """A kind of conversation. Calls to its `numbers` are of this kind; the employee may name it during the call.

    `excluded` is None where it may be recorded, else the reason that is told and the code of the alternative.
    """

    code: str
    text: Words
    numbers: tuple[str, ...]
    excluded: "Exclusion | None"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a kind of conversation is not recorded, as a spoken sentence, and the code of what is offered instead."""

    spoken: Words
    alternative: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Whom to ring: each address of `to` in turn, `rounds` times over, until somebody answers.

    An address is `client:name`, `sip:address` or an E.164 number; several are the queue of those who answer this line.
    `caller_id` is what they see. `keys`: their phone is a plain one, so `*` gives them a menu during the call.
    """

    to: tuple[str, ...]
    rounds: int
    caller_id: str
    keys: bool


@dataclass(frozen=True, slots=True)
class ComplaintRoute:
    """Who handles a complaint about a refusal (R7), where, and within how many days (Awb art. 9:11).

    A committee decides within `committee_days` whether it has to listen; access that it grants lasts at most
    `access_days`.
    """

    who: Words
    where: str
    url: str
    spoken: Words
    term_days: int
    committee_days: int
    access_days: int


@dataclass(frozen=True, slots=True)
class CopyPolicy:
    """Copies in both directions (R4): offered to the caller, asked of the caller. The link lives `valid_days`."""

    offer: bool
    by: CopyDelivery
    valid_days: int
    ask_theirs: bool


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the caller can listen to the agency's recording: on our page, and/or at the agency (None: not there)."""

    online: bool
    on_site: Words | None


@dataclass(frozen=True, slots=True)
class Retention:
    """Days until destruction, from the end of the call: the sound, the caller's number, the log of what was said.

    `case_days` count from a case file's end, `citizen_copy_days` from the receipt of a copy that a citizen gave.
    """

    recording_days: int
    number_days: int
    log_days: int
    case_days: int
    citizen_copy_days: int


@dataclass(frozen=True, slots=True)
class CallRules:
    """Attributes:

    reprompts         how often an unclear or missing spoken answer is asked for again before the keypad
    answer_timeout_s  seconds of waiting for an answer after a question was played
    start_timeout_s   seconds until a start of the recording that was not reported is asked for again
    prompt_margin_s   seconds on top of a prompt's own length until it counts as not played
    """

    reprompts: int
    answer_timeout_s: float
    start_timeout_s: float
    prompt_margin_s: float


@dataclass(frozen=True, slots=True)
class CovertRecording:
    """What happens when a recording that nobody announced is discovered: a message to the citizen, and a talk to
    restore trust within `talk_days`, by `owner`. `publication` says how a publication is weighed; None: as misuse."""

    message: Words
    talk_days: int
    owner: Role
    publication: Words | None


@dataclass(frozen=True, slots=True)
class MisuseStep:
    """One step of the procedure for misuse (R6); `within_days` from the step before."""

    code: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Channel:
    """Another channel than the phone, and how a recording is announced there (R3)."""

    code: str
    name: Words
    instruction: Words


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of the public page that is this agency's own."""

    heading: Words
    text: Words


@dataclass(frozen=True, slots=True)
class PublicTexts:
    """The agency's own words on its page and leaflet (R2) and in the employee's work instruction."""

    intro: Words
    leaflet: Words
    paragraphs: tuple[Paragraph, ...]
    work_instruction: Words


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the data (AVG art. 13): named in the consent record and its receipt.

    `country` is where the data are kept, ISO 3166-1 alpha-2. `processing_activity` is the address of this activity in
    the agency's register (AVG art. 30), None where it has none of its own.
    """

    name: str
    address: str
    contact: str
    country: str = "NL"
    processing_activity: str | None = None


RULES = tuple(f"R{number}" for number in range(1, 10))
"""The ids of the recording rules; a profile names its source for each."""


@dataclass(frozen=True, slots=True)
class AgencyPolicy:
    """A profile as loaded. `digest` is the hex SHA-256 of its content, whatever the layout and comments of `document`,
    the file's text.

    `languages` are those of its texts, the first one is spoken on the phone. `numbers` are the agency's own, E.164.
    `opening` is the agency's sentence in the greeting. `lawful_basis` is the article of the AVG on which the agency's
    recording rests, like "6(1)(e)". `dossier`: the agency's recording belongs to the citizen's case file.
    `third_person` is what holds when somebody else takes part. `training`: both parties are asked whether staff may
    learn from the recording. `sources` has one text for each of `RULES`.
    """

    slug: str
    version: str
    digest: str
    document: str
    languages: tuple[str, ...]
    name: Words
    numbers: tuple[str, ...]
    opening: Words
    employee: Employee
    parallel_recording: ParallelRecording
    lawful_basis: str
    dossier: bool
    training: bool
    conversation_kinds: tuple[ConversationKind, ...]
    objection_reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]
    third_person: Words
    complaint: ComplaintRoute
    copy: CopyPolicy
    listening: Listening
    retention: Retention
    rules: CallRules
    covert: CovertRecording
    misuse_steps: tuple[MisuseStep, ...]
    channels: tuple[Channel, ...]
    public: PublicTexts
    controller: Controller
    sources: Mapping[str, str]

    @property
    def language(self) -> str:
        """In which the bot speaks on the phone."""
        return self.languages[0]

    def find_reason(self, code: str) -> Reason | None:
        return find_code(self.objection_reasons, code)

    def find_alternative(self, code: str) -> Alternative | None:
        return find_code(self.alternatives, code)

    def find_kind(self, code: str) -> ConversationKind | None:
        return find_code(self.conversation_kinds, code)

    def find_channel(self, code: str) -> Channel | None:
        return find_code(self.channels, code)

    def kind_of(self, number_e164: str) -> ConversationKind | None:
        """The kind of conversation that calls to this number are."""
        return next((kind for kind in self.conversation_kinds if number_e164 in kind.numbers), None)


class HasCode(Protocol):
    """An item of one of a profile's lists."""

    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=HasCode)


def find_code(items: Sequence[C], code: str) -> C | None:
    return next((item for item in items if item.code == code), None)


@dataclass(frozen=True, slots=True)
class Policies:
    """All profiles of the installation; `default` takes the numbers that no profile names.

    `local_numbers` are numbers by profile, beside those of the profiles themselves: for the local carrier only.
    """

    by_slug: Mapping[str, AgencyPolicy]
    default: AgencyPolicy | None = None
    local_numbers: Mapping[str, str] = field(default_factory=dict)

    def get(self, slug: str) -> AgencyPolicy:
        """Raises `PolicyError`."""
        if slug not in self.by_slug:
            raise PolicyError(f"no profile is called {slug}; there are: {', '.join(sorted(self.by_slug))}")
        return self.by_slug[slug]

    def for_number(self, number_e164: str) -> AgencyPolicy | None:
        """The profile that names the number, else the default one, else None."""
        owners = (policy for policy in self.by_slug.values() if number_e164 in self.numbers_of(policy))
        return next(owners, self.default)

    def numbers_of(self, policy: AgencyPolicy) -> tuple[str, ...]:
        """Under which the agency can be called."""
        local = self.local_numbers.get(policy.slug)
        return policy.numbers if local is None else (*policy.numbers, local)


def with_local_numbers(policies: Policies) -> Policies:
    """Beside the local carrier every profile can be called: one without a number gets one that no subscriber has, since
    no Dutch number begins with two zeros after the country code."""
    without = [slug for slug, policy in sorted(policies.by_slug.items()) if not policy.numbers]
    return replace(policies, local_numbers={slug: f"+31000{n:06d}" for n, slug in enumerate(without, start=1)})
