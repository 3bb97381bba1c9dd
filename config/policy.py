"""One agency's recording rules: load a profile, check it, give its digest.

The fields carry rules R1-R9 of the National Ombudsman's recording rules (report 2014/166) as one agency applies them.
A fault names file, line and field, and all faults of all files come in one `PolicyError`.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from config.toml_table import TomlFile, TomlTable

E164 = r"\+[1-9][0-9]{6,14}"
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
CODE_FAULT = "must be a short code like derde-persoon"
NUMBER_FAULT = "must be a number like +31201234567"
URL_FAULT = "must be an https address"


class PolicyError(Exception):
    """Profiles that cannot be used: one fault a line, as `file:line: field what is expected`."""


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
class Choice:
    """An item of one of the agency's lists: `text` for the screen, `spoken` a whole sentence for the call."""

    code: str
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Whom to ring: `to` is `client:name`, `sip:address` or an E.164 number; `caller_id` what they see."""

    to: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class ComplaintRoute:
    """Where the caller can complain about a refusal (R7). `term_days` until there is an answer (Awb art. 9:11)."""

    spoken: str
    text: str
    url: str
    term_days: int


@dataclass(frozen=True, slots=True)
class CopyPolicy:
    """Copies in both directions (R4): offered to the caller, asked of the caller. The link lives `valid_days`."""

    offer: bool
    by: CopyDelivery
    valid_days: int
    ask_theirs: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """Days from the end of the call until destruction; the log of what was said outlives the sound."""

    recording_days: int
    log_days: int


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
class Controller:
    """Who answers for the data (AVG art. 13): named in the consent record and its receipt."""

    name: str
    address: str
    contact: str


@dataclass(frozen=True, slots=True)
class AgencyPolicy:
    """A profile as loaded. `digest` is the hex SHA-256 of its content, whatever the layout and comments of the file.

    `numbers` are the agency's own, E.164. `lawful_basis` is the article of the AVG on which the agency's recording
    rests, like "6(1)(e)". `excluded` are the kinds of conversation that may not be recorded.
    """

    slug: str
    name: str
    version: str
    digest: str
    source: str
    language: str
    numbers: tuple[str, ...]
    employee: Employee
    parallel_recording: ParallelRecording
    lawful_basis: str
    objection_reasons: tuple[Choice, ...]
    alternatives: tuple[Choice, ...]
    excluded: tuple[Choice, ...]
    complaint: ComplaintRoute
    copy: CopyPolicy
    retention: Retention
    rules: CallRules
    controller: Controller

    def reason(self, code: str) -> Choice | None:
        return _find(self.objection_reasons, code)

    def alternative(self, code: str) -> Choice | None:
        return _find(self.alternatives, code)


@dataclass(frozen=True, slots=True)
class Policies:
    """All profiles of the installation; `default` takes the numbers that no profile names."""

    by_slug: Mapping[str, AgencyPolicy]
    default: AgencyPolicy | None = None

    def get(self, slug: str) -> AgencyPolicy:
        """Raises `PolicyError`."""
        if slug not in self.by_slug:
            raise PolicyError(f"no profile is called {slug}; there are: {', '.join(sorted(self.by_slug))}")
        return self.by_slug[slug]

    def for_number(self, number_e164: str) -> AgencyPolicy | None:
        """The profile that names the number, else the default one, else None."""
        owners = (policy for policy in self.by_slug.values() if number_e164 in policy.numbers)
        return next(owners, self.default)


def load_policy(path: Path) -> AgencyPolicy:
    """Raises `PolicyError`."""
    policy, faults = _read_file(path)
    if policy is None:
        raise PolicyError("\n".join(faults))
    return policy


def load_policies(directory: Path, default: str | None = None) -> Policies:
    """All `*.toml` of the folder; `default` is a slug. Raises `PolicyError` with the faults of all files."""
    faults: list[str] = []
    by_slug: dict[str, AgencyPolicy] = {}
    owners: dict[str, str] = {}
    paths = sorted(directory.glob("*.toml"))
    for path in paths:
        policy, file_faults = _read_file(path)
        faults += file_faults
        if policy is None:
            continue
        by_slug[policy.slug] = policy
        for number in policy.numbers:
            if (owner := owners.setdefault(number, policy.slug)) != policy.slug:
                faults.append(f"{path}: numbers holds {number}, which belongs to {owner} already")
    if not paths:
        faults.append(f"{directory}: there is no profile here")
    if faults:
        raise PolicyError("\n".join(faults))
    return Policies(by_slug, Policies(by_slug).get(default) if default else None)


def _find(choices: Sequence[Choice], code: str) -> Choice | None:
    return next((choice for choice in choices if choice.code == code), None)


def _read_file(path: Path) -> tuple[AgencyPolicy | None, list[str]]:
    """The profile, or None and what is wrong with it."""
    try:
        file = TomlFile(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        return None, [f"{path}: cannot be read: {fault}"]
    policy = _read_policy(file, path.stem)
    return (None, file.faults) if file.faults else (policy, [])


def _read_policy(file: TomlFile, stem: str) -> AgencyPolicy:
    root = file.root
    slug = root.text("slug", SLUG, "must be lower-case words with hyphens")
    if slug and slug != stem:
        root.report("slug", f"must be the file's name, {stem}")
    policy = AgencyPolicy(
        slug=slug,
        name=root.text("name"),
        version=root.text("version"),
        digest=_digest(file.content),
        source=root.text("source"),
        language=root.text("language", "[a-z]{2}", "must be a language like nl"),
        numbers=root.texts("numbers", E164, NUMBER_FAULT),
        employee=_read_employee(root.table("employee")),
        parallel_recording=root.choice("parallel_recording", ParallelRecording),
        lawful_basis=root.text("lawful_basis", r"6\(1\)\([a-f]\)", 'must be an article of the AVG like "6(1)(e)"'),
        objection_reasons=_read_choices(root, "objection_reasons"),
        alternatives=_read_choices(root, "alternatives"),
        excluded=_read_choices(root, "excluded", may_be_empty=True),
        complaint=_read_complaint(root.table("complaint")),
        copy=_read_copy(root.table("copy")),
        retention=_read_retention(root.table("retention")),
        rules=_read_rules(root.table("rules")),
        controller=_read_controller(root.table("controller")),
    )
    root.finish()
    return policy


def _read_employee(table: TomlTable) -> Employee:
    employee = Employee(
        to=table.text(
            "to", rf"client:[\w.-]+|sip:[^\s@]+@[^\s@]+|{E164}", "must be client:name, sip:address or a number"
        ),
        caller_id=table.text("caller_id", rf"client:[\w.-]+|{E164}", "must be a number or client:name"),
    )
    table.finish()
    return employee


def _read_choices(root: TomlTable, key: str, *, may_be_empty: bool = False) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    for table in root.tables(key):
        choice = Choice(table.text("code", SLUG, CODE_FAULT), table.text("text"), table.text("spoken"))
        if choice.code and _find(choices, choice.code):
            table.report("code", f"is there twice: {choice.code}")
        choices.append(choice)
        table.finish()
    if not choices and not may_be_empty:
        root.report(key, "must have at least one item")
    return tuple(choices)


def _read_complaint(table: TomlTable) -> ComplaintRoute:
    complaint = ComplaintRoute(
        spoken=table.text("spoken"),
        text=table.text("text"),
        url=table.text("url", r"https://\S+", URL_FAULT),
        term_days=table.count("term_days", 1, 366),
    )
    table.finish()
    return complaint


def _read_copy(table: TomlTable) -> CopyPolicy:
    copy = CopyPolicy(
        offer=table.flag("offer"),
        by=table.choice("by", CopyDelivery),
        valid_days=table.count("valid_days", 1, 366),
        ask_theirs=table.flag("ask_theirs"),
    )
    table.finish()
    return copy


def _read_retention(table: TomlTable) -> Retention:
    retention = Retention(table.count("recording_days", 1, 36_525), table.count("log_days", 1, 36_525))
    if retention.log_days < retention.recording_days:
        table.report("log_days", "must not be shorter than recording_days: the log accounts for the recording")
    table.finish()
    return retention


def _read_rules(table: TomlTable) -> CallRules:
    rules = CallRules(
        reprompts=table.count("reprompts", 0, 3),
        answer_timeout_s=table.number("answer_timeout_s", 2, 30),
        start_timeout_s=table.number("start_timeout_s", 2, 60),
        prompt_margin_s=table.number("prompt_margin_s", 1, 30),
    )
    table.finish()
    return rules


def _read_controller(table: TomlTable) -> Controller:
    controller = Controller(table.text("name"), table.text("address"), table.text("contact"))
    table.finish()
    return controller


def _digest(content: Mapping[str, object]) -> str:
    """Keys sorted and no space between: the same content gives the same digest. No field takes a date: as text."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
