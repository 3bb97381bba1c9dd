"""Calls by the million, as rows: of all agencies, over three years, with what was said and how they ended.

Their entries can be read and are chained within the call; there are no checkpoints over them.
"""

import json
import random
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import md5, sha256
from pathlib import Path

import psycopg
from sqlalchemy import insert, update

from config.policy import AgencyPolicy
from ivr.calls.numbers import NumberKey
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Employee, Refusal, State
from storage.call_words import answer_token, told_token
from storage.consent_log.entry import format_time
from storage.dutch import stems
from storage.session import SqlDatabase
from storage.tables import metadata

YEARS = timedelta(days=3 * 365)
AT_ONCE = 10_000
CASE_EVERY = 50
NUMBERS_FROM = 0.9
"""The numbers of earlier callers were forgotten."""

ENTRIES = 5
OUTCOMES: Mapping[tuple[CallerRecording, AgencyRecording], int] = {
    (CallerRecording.NONE, AgencyRecording.NONE): 70_000,
    (CallerRecording.CONFIRMED, AgencyRecording.STORED): 20_000,
    (CallerRecording.CONFIRMED, AgencyRecording.DEGRADED): 200,
    (CallerRecording.CONFIRMED, AgencyRecording.FAILED): 50,
    (CallerRecording.CONFIRMED, AgencyRecording.BLOCKED): 250,
    (CallerRecording.DECLINED, AgencyRecording.NONE): 4_000,
    (CallerRecording.UNCONFIRMED, AgencyRecording.NONE): 3_000,
    (CallerRecording.OBJECTED, AgencyRecording.NONE): 1_500,
    (CallerRecording.WITHDRAWN, AgencyRecording.STORED): 1_000,
}
CASES = ("refusal", "complaint", "citizen-copy", "misuse")
GREETING = "Welkom bij {agency}. U mag dit gesprek opnemen. Wilt u opnemen? Zeg dat dan, of toets een 1."
PROMPTS = (
    "U wilt dit gesprek opnemen. Klopt dat? Zeg ja of nee.",
    "Dat mag. U kunt dit gesprek nu opnemen. Vanaf nu neemt ook {agency} dit gesprek op.",
    "Goed. Er wordt niets opgenomen.",
    "Er is een bezwaar tegen de opname. U krijgt een schriftelijk verslag.",
    "Wilt u een kopie van de opname? Zeg ja of nee.",
)
SENTENCES = Path(__file__).parents[2] / "speech" / "training" / "utterances.tsv"

Row = tuple[object, ...]


class Calls:
    """The rows of `count` calls that ended by `until`; the same ones each time."""

    def __init__(self, count: int, policies: Sequence[AgencyPolicy], numbers: NumberKey, until: datetime) -> None:
        self.count = count
        self._policies = policies
        self._numbers = numbers
        self.began = until - YEARS
        self._chance = random.Random(20261127)
        lines = SENTENCES.read_text(encoding="utf-8").splitlines()[1:]
        said = list(dict.fromkeys(line.split("\t")[-1] for line in lines))
        self.sentences = [(one, [answer_token(stem) for stem in stems(one)]) for one in said]
        self.told = {
            text: told_token(text)
            for policy in policies
            for text in (one.format(agency=policy.name["nl"]) for one in (GREETING, *PROMPTS))
        }

    @property
    def reasons(self) -> Sequence[str]:
        return [reason.code for reason in self._policies[0].objection_reasons]

    def some_hash(self, chance: random.Random) -> str:
        """Of a caller whose number is still kept."""
        number = chance.randrange(int(self.count * NUMBERS_FROM), self.count)
        return str(self._numbers.hash_of(self.number_e164(number)))

    def some_call(self, chance: random.Random) -> str:
        """One without a case, since the files of those that have one are empty."""
        return self.call_id(chance.randrange(self.count // CASE_EVERY) * CASE_EVERY)

    def call_id(self, number: int) -> str:
        return md5(b"call %d" % number, usedforsecurity=False).hexdigest()

    def number_e164(self, number: int) -> str:
        """Callers call more than once."""
        return f"+316{number * 7919 % 30_000_000 % max(1, self.count // 3):08d}"

    def told_rows(self) -> list[tuple[str, str]]:
        return [(token, f" {' '.join(dict.fromkeys(stems(text)))} ") for text, token in self.told.items()]

    def batches(self) -> Iterator[Mapping[str, list[Row]]]:
        """Rows by table, so many calls at once."""
        rows: dict[str, list[Row]] = {}
        for number in range(self.count):
            for table, row in self._call(number):
                rows.setdefault(table, []).append(row)
            if (number + 1) % AT_ONCE == 0:
                yield rows
                rows = {}
        if rows:
            yield rows

    def _call(self, number: int) -> Iterator[tuple[str, Row]]:
        chance = self._chance
        policy = chance.choices(self._policies, weights=[12, *[2] * (len(self._policies) - 1)])[0]
        opened_at = self.began + YEARS * ((number + chance.random()) / self.count)
        call_id, line = self.call_id(number), f"+3120{chance.randrange(20):07d}"
        caller, agency = chance.choices(list(OUTCOMES), weights=list(OUTCOMES.values()))[0]
        reason = chance.choice(policy.objection_reasons).code if caller is CallerRecording.OBJECTED else ""
        third_person = chance.random() < 0.01
        dialogue = _dialogue(caller, agency, reason, policy.alternatives[0].code, third_person)
        closed_at = opened_at + timedelta(seconds=chance.randrange(30, 1800))
        yield (
            "calls",
            (call_id, f"CA{call_id}", policy.slug, policy.digest, opened_at, dialogue, 12, closed_at, line),
        )
        employee = f"client:medewerker{chance.randrange(300)}"
        yield (
            "call_facts",
            (call_id, policy.slug, opened_at, line, "ended", caller, agency, employee, reason, third_person),
        )
        tokens = yield from self._entries(number, call_id, opened_at, policy, caller)
        yield "call_words", (call_id, " ".join(sorted(tokens)))
        if number >= self.count * NUMBERS_FROM:
            number_e164 = self.number_e164(number)
            yield "caller_numbers", (call_id, number_e164, self._numbers.hash_of(number_e164))
        if number % CASE_EVERY == 1:
            kind = chance.choices(CASES, weights=(60, 30, 9, 1))[0]
            yield (
                "cases",
                (f"case-{number}", kind, policy.slug, policy.digest, call_id, "closed", "x", closed_at, "{}", 1),
            )

    def _entries(
        self, number: int, call_id: str, opened_at: datetime, policy: AgencyPolicy, caller: CallerRecording
    ) -> Generator[tuple[str, Row], None, set[str]]:
        """Gives the tokens of what was said."""
        chance, name = self._chance, policy.name["nl"]
        greeting = GREETING.format(agency=name)
        prompt = chance.choice(PROMPTS).format(agency=name)
        tokens = {self.told[greeting], self.told[prompt]}
        words: tuple[str, str] | None = None
        digest = ""
        if caller is not CallerRecording.NONE:
            said, said_tokens = chance.choice(self.sentences)
            nonce = b"%032d" % number
            digest = sha256(nonce + said.encode()).hexdigest()
            words = ("words", said)
            tokens.update(said_tokens)
        profile = f'"profile_digest":"{policy.digest}","profile_version":{json.dumps(policy.version)}'
        steps = (
            ("call:opened", f'{{"agency":"{policy.slug}",{profile}}}'),
            ("prompt:played", _told("greeting", 1, greeting)),
            ("request:heard" if words else "employee:joined", "{}"),
            ("prompt:played", _told("confirm", 2, prompt)),
            ("call:ended", '{"reason":"completed"}'),
        )
        previous = "null"
        for step, (tag, facts) in enumerate(steps):
            at = opened_at + timedelta(seconds=5 * step)
            place = ENTRIES * number + step
            personal = f'{{"words":"{digest}"}}' if step == 2 and words else "{}"
            body = (
                f'{{"call_id":"{call_id}","call_number":{step},"event_id":"{call_id}:{step}","facts":{facts},'
                f'"number":{place},"occurred_at":"{format_time(at)}","personal":{personal},"previous":{previous},'
                f'"schema":1,"tag":"{tag}"}}'
            )
            leaf = sha256(b"\0" + body.encode()).digest()
            previous = f'"{leaf.hex()}"'
            yield "log_entries", (place, call_id, step, f"{call_id}:{step}", tag, at, body, leaf)
            if step == 2 and words:
                yield "log_personal", (place, *words, b"%032d" % number)
        return tokens


@cache
def _dialogue(
    caller: CallerRecording, agency: AgencyRecording, reason: str, alternative: str, third_person: bool
) -> str:
    ended = Dialogue(
        state=State.ENDED,
        caller_recording=caller,
        agency_recording=agency,
        employee=Employee.LEFT,
        attempts=1,
        third_person=third_person,
        refusal=Refusal(reason, alternative) if reason else None,
    )
    return ended.to_json()


@cache
def _told(key: str, number: int, text: str) -> str:
    facts = {"key": key, "language": "nl", "profile_version": "1", "prompt": str(number), "text": text}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


COLUMNS: Mapping[str, str] = {
    "calls": "call_id call_sid agency policy_digest opened_at dialogue version closed_at line",
    "call_facts": "call_id agency opened_at line state caller_recording agency_recording employee reason third_person",
    "call_words": "call_id words",
    "caller_numbers": "call_id number_e164 number_hash",
    "cases": "case_id kind agency policy_digest call_id state owner opened_at document version",
    "log_entries": "number call_id call_number event_id tag occurred_at body subtrees",
    "log_personal": "number name value nonce",
}
"""In the order in which they must be filled."""

INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


def fill_postgres(url: str, calls: Calls) -> None:
    """By COPY, and the indexes afterwards."""
    with psycopg.connect(url) as connection:
        indexes = connection.execute(INDEXES, [list(COLUMNS)]).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO told_texts VALUES (%s, %s)", calls.told_rows())
            for rows in calls.batches():
                for table, columns in COLUMNS.items():
                    copying = f"COPY {table} ({', '.join(columns.split())}) FROM STDIN"
                    with cursor.copy(copying.encode()) as copy:
                        for row in rows.get(table, ()):
                            copy.write_row(row)
        for _, definition in indexes:
            connection.execute(str(definition).encode())
        connection.execute("UPDATE log_head SET size = %s", [ENTRIES * calls.count])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def fill_sqlite(database: SqlDatabase, calls: Calls) -> None:
    with database.transaction() as unit:
        connection = unit.log._connection
        connection.execute(
            insert(metadata.tables["told_texts"]),
            [dict(zip(("token", "stems"), row, strict=True)) for row in calls.told_rows()],
        )
        for rows in calls.batches():
            for table, columns in COLUMNS.items():
                names = columns.split()
                made = [dict(zip(names, row, strict=True)) for row in rows.get(table, ())]
                if made:
                    connection.execute(insert(metadata.tables[table]), made)
        connection.execute(update(metadata.tables["log_head"]).values(size=ENTRIES * calls.count))
        connection.exec_driver_sql("ANALYZE")
