"""Read a profile from its file and check it: a fault names file, line and field, and all faults of all files come
together in one `PolicyError`."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from config.demands import find_demand
from config.policy import (
    RULES,
    AgencyPolicy,
    Alternative,
    CallRules,
    Channel,
    ComplaintRoute,
    Controller,
    ConversationKind,
    CopyDelivery,
    CopyPolicy,
    CovertRecording,
    Duty,
    Employee,
    Exclusion,
    HasCode,
    Listening,
    MisuseStep,
    Paragraph,
    ParallelRecording,
    Policies,
    PolicyError,
    PublicTexts,
    Reason,
    Retention,
    Role,
    Words,
    find_code,
)
from config.toml_table import TomlFile, TomlTable

E164 = r"\+[1-9][0-9]{6,14}"
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
ADDRESS = rf"client:[\w.-]+|sip:[^\s@]+@[^\s@]+|{E164}"
CODE_FAULT = "must be a short code like derde-persoon"
NUMBER_FAULT = "must be a number like +31201234567"
URL_FAULT = "must be an https address"
LONGEST_SPOKEN = 300
CENTURY_DAYS = 36_525

C = TypeVar("C", bound=HasCode)


def load_policy(path: Path) -> AgencyPolicy:
    """Raises `PolicyError`."""
    policy, faults = _read_file(path)
    if policy is None:
        raise PolicyError("\n".join(faults))
    return policy


def parse_policy(document: str, name: str) -> AgencyPolicy:
    """A profile from its text, kept under `name`, a file's name without its ending. Raises `PolicyError`."""
    policy, faults = _read_text(document, name, name)
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


def _read_file(path: Path) -> tuple[AgencyPolicy | None, list[str]]:
    """The profile, or None and what is wrong with it."""
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        return None, [f"{path}: cannot be read: {fault}"]
    return _read_text(document, str(path), path.stem)


def _read_text(document: str, name: str, stem: str) -> tuple[AgencyPolicy | None, list[str]]:
    try:
        file = TomlFile(name, document)
    except tomllib.TOMLDecodeError as fault:
        return None, [f"{name}: cannot be read: {fault}"]
    policy = _Reader(file).read(document, stem)
    return (None, file.faults) if file.faults else (policy, [])


class _Reader:
    """Reads one file; each text is read in the profile's languages."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file
        self._root = file.root
        self._languages = self._root.texts("languages", "[a-z]{2}", "must be a language like nl") or ("nl",)

    def read(self, document: str, stem: str) -> AgencyPolicy:
        root = self._root
        slug = root.text("slug", SLUG, "must be lower-case words with hyphens")
        if slug and slug != stem:
            root.report("slug", f"must be the file's name, {stem}")
        numbers = root.texts("numbers", E164, NUMBER_FAULT)
        alternatives = self._read_alternatives()
        policy = AgencyPolicy(
            slug=slug,
            version=root.text("version"),
            digest=_digest(self._file.content),
            document=document,
            languages=self._languages,
            name=self._words(root, "name"),
            numbers=numbers,
            opening=self._spoken(root, "opening"),
            employee=self._read_employee(root.table("employee")),
            parallel_recording=root.choice("parallel_recording", ParallelRecording),
            lawful_basis=root.text("lawful_basis", r"6\(1\)\([a-f]\)", 'must be an article of the AVG like "6(1)(e)"'),
            dossier=root.flag("dossier"),
            training=root.flag("training"),
            conversation_kinds=self._read_kinds(numbers, alternatives),
            objection_reasons=self._read_reasons(),
            alternatives=alternatives,
            third_person=self._words(root, "third_person"),
            complaint=self._read_complaint(root.table("complaint")),
            copy=_read_copy(root.table("copy")),
            listening=self._read_listening(root.table("listening")),
            retention=_read_retention(root.table("retention")),
            rules=_read_rules(root.table("rules")),
            covert=self._read_covert(root.table("covert")),
            misuse_steps=self._read_misuse(),
            channels=self._read_channels(),
            public=self._read_public(root.table("public")),
            controller=_read_controller(root.table("controller")),
            sources=_read_sources(root.table("sources")),
        )
        if policy.employee.keys:
            self._fits_keys("objection_reasons", len(policy.objection_reasons), 8)
            self._fits_keys("alternatives", len(policy.alternatives), 9)
            self._fits_keys("conversation_kinds", len(policy.conversation_kinds), 9)
        root.finish()
        return policy

    # ------------------------------------------------------------ texts

    def _words(self, table: TomlTable, key: str) -> Words:
        """A text in each language. What a profile says may not ask what may never be asked."""
        words = table.words(key, self._languages)
        for language, text in words.items():
            if demand := find_demand(text):
                table.report(f"{key}.{language}", f'may not ask for a reason or a promise: "{demand}"')
        return words

    def _spoken(self, table: TomlTable, key: str) -> Words:
        """Read out to the caller: whole sentences, and not long."""
        words = self._words(table, key)
        for language, text in words.items():
            if text and not text.rstrip().endswith((".", "!", "?")):
                table.report(f"{key}.{language}", "must be a whole sentence, because it is read out")
            if len(text) > LONGEST_SPOKEN:
                table.report(f"{key}.{language}", f"must be at most {LONGEST_SPOKEN} characters: it is read out")
        return words

    # ------------------------------------------------------------ lists

    def _unique(self, table: TomlTable, item: C, items: Sequence[C]) -> C:
        if item.code and find_code(items, item.code):
            table.report("code", f"is there twice: {item.code}")
        table.finish()
        return item

    def _code(self, table: TomlTable) -> str:
        return table.text("code", SLUG, CODE_FAULT)

    def _read_reasons(self) -> tuple[Reason, ...]:
        reasons: list[Reason] = []
        for table in self._root.tables("objection_reasons"):
            reason = Reason(self._code(table), self._words(table, "text"), self._spoken(table, "spoken"))
            reasons.append(self._unique(table, reason, reasons))
        self._at_least_one("objection_reasons", reasons)
        return tuple(reasons)

    def _read_alternatives(self) -> tuple[Alternative, ...]:
        alternatives: list[Alternative] = []
        for table in self._root.tables("alternatives"):
            alternative = Alternative(
                code=self._code(table),
                text=self._words(table, "text"),
                spoken=self._spoken(table, "spoken"),
                agency_records=table.has("agency_records") and table.flag("agency_records"),
                follow=self._read_duty(table) if table.has("todo") else None,
            )
            alternatives.append(self._unique(table, alternative, alternatives))
        self._at_least_one("alternatives", alternatives)
        return tuple(alternatives)

    def _read_kinds(self, numbers: Sequence[str], alternatives: Sequence[Alternative]) -> tuple[ConversationKind, ...]:
        kinds: list[ConversationKind] = []
        for table in self._root.tables("conversation_kinds"):
            kind = ConversationKind(
                code=self._code(table),
                text=self._words(table, "text"),
                numbers=table.texts("numbers", E164, NUMBER_FAULT) if table.has("numbers") else (),
                excluded=self._read_exclusion(table, alternatives) if table.flag("excluded") else None,
            )
            if strange := set(kind.numbers) - set(numbers):
                table.report("numbers", f"must be among the agency's own numbers: {', '.join(sorted(strange))}")
            kinds.append(self._unique(table, kind, kinds))
        return tuple(kinds)

    def _read_exclusion(self, table: TomlTable, alternatives: Sequence[Alternative]) -> Exclusion:
        exclusion = Exclusion(self._spoken(table, "spoken"), table.text("alternative", SLUG, CODE_FAULT))
        alternative = find_code(alternatives, exclusion.alternative)
        if exclusion.alternative and alternative is None:
            table.report("alternative", "must be the code of one of the alternatives")
        if alternative is not None and alternative.agency_records:
            table.report("alternative", "must not be the agency's recording: nobody records this kind of conversation")
        return exclusion

    def _read_misuse(self) -> tuple[MisuseStep, ...]:
        steps: list[MisuseStep] = []
        for table in self._root.tables("misuse_steps"):
            steps.append(self._unique(table, MisuseStep(self._code(table), self._read_duty(table)), steps))
        self._at_least_one("misuse_steps", steps)
        return tuple(steps)

    def _read_channels(self) -> tuple[Channel, ...]:
        channels: list[Channel] = []
        for table in self._root.tables("channels"):
            channel = Channel(self._code(table), self._words(table, "name"), self._words(table, "instruction"))
            channels.append(self._unique(table, channel, channels))
        return tuple(channels)

    def _at_least_one(self, key: str, items: Sequence[object]) -> None:
        if not items:
            self._root.report(key, "must have at least one item")

    def _fits_keys(self, key: str, count: int, most: int) -> None:
        """Each is chosen by one key; of the reasons, 9 is for another one."""
        if count > most:
            self._root.report(key, f"must have at most {most} items where employee.keys is true")

    def _read_duty(self, table: TomlTable) -> Duty:
        return Duty(self._words(table, "todo"), table.choice("owner", Role), table.count("within_days", 1, 366))

    # ------------------------------------------------------------ tables with texts

    def _read_employee(self, table: TomlTable) -> Employee:
        employee = Employee(
            to=table.texts("to", ADDRESS, "must be client:name, sip:address or a number"),
            rounds=table.count("rounds", 1, 20),
            caller_id=table.text("caller_id", rf"client:[\w.-]+|{E164}", "must be a number or client:name"),
            keys=table.flag("keys"),
        )
        if table.has("to") and not employee.to:
            table.report("to", "must name at least one address")
        table.finish()
        return employee

    def _read_complaint(self, table: TomlTable) -> ComplaintRoute:
        complaint = ComplaintRoute(
            who=self._words(table, "who"),
            where=table.text("where"),
            url=table.text("url", r"https://\S+", URL_FAULT),
            spoken=self._spoken(table, "spoken"),
            term_days=table.count("term_days", 1, 366),
            committee_days=table.count("committee_days", 1, 366),
            access_days=table.count("access_days", 1, 366),
        )
        table.finish()
        return complaint

    def _read_listening(self, table: TomlTable) -> Listening:
        listening = Listening(
            online=table.flag("online"), on_site=self._words(table, "on_site") if table.has("on_site") else None
        )
        if table.has("online") and not listening.online and listening.on_site is None:
            table.report("on_site", "is missing; a caller who cannot listen online has to know where they can")
        table.finish()
        return listening

    def _read_covert(self, table: TomlTable) -> CovertRecording:
        covert = CovertRecording(
            message=self._words(table, "message"),
            talk_days=table.count("talk_days", 1, 366),
            owner=table.choice("owner", Role),
            publication=self._words(table, "publication") if table.has("publication") else None,
        )
        table.finish()
        return covert

    def _read_public(self, table: TomlTable) -> PublicTexts:
        paragraphs: list[Paragraph] = []
        for own in table.tables("paragraphs"):
            paragraphs.append(Paragraph(self._words(own, "heading"), self._words(own, "text")))
            own.finish()
        public = PublicTexts(
            intro=self._words(table, "intro"),
            leaflet=self._words(table, "leaflet"),
            paragraphs=tuple(paragraphs),
            work_instruction=self._words(table, "work_instruction"),
        )
        table.finish()
        return public


# ---------------------------------------------------------------- tables without texts


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
    retention = Retention(
        recording_days=table.count("recording_days", 1, CENTURY_DAYS),
        number_days=table.count("number_days", 1, CENTURY_DAYS),
        log_days=table.count("log_days", 1, CENTURY_DAYS),
        case_days=table.count("case_days", 1, CENTURY_DAYS),
        citizen_copy_days=table.count("citizen_copy_days", 1, CENTURY_DAYS),
    )
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
    activity = "processing_activity"
    controller = Controller(
        name=table.text("name"),
        address=table.text("address"),
        contact=table.text("contact"),
        country=table.text("country", "[A-Z]{2}", "must be a country like NL") if table.has("country") else "NL",
        processing_activity=table.text(activity, r"https://\S+", URL_FAULT) if table.has(activity) else None,
    )
    table.finish()
    return controller


def _read_sources(table: TomlTable) -> Mapping[str, str]:
    sources = {rule: table.text(rule) for rule in RULES}
    table.finish()
    return sources


def _digest(content: Mapping[str, object]) -> str:
    """Keys sorted and no space between: the same content gives the same digest. No field takes a date: as text."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
