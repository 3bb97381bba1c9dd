"""The words by which a call is found: of what the bot said, and of what it was answered.

A call's document is a set of tokens. `a` and a stem stand for a word of an answer, `t` and a digest for a whole
sentence of the bot. The bot says the same few hundred sentences on every call, so their stems are kept once, in
`told_texts`: a search looks for the sentences that have the word, then for calls in which one of them was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from sqlalchemy import Connection, delete, select, text

from storage.dialects import insert_new
from storage.dutch import stems
from storage.records import LoggedEntry
from storage.search_tables import call_words, told_texts

ANSWERS = ("words", "answer", "text")
"""The personal values that were said on a call; `text` is a sentence of the bot with an employee's own words in it."""

MOST_WORDS = 20_000
"""In a call's document; PostgreSQL's hold one megabyte, and no call may fail because it was long."""

ADD = {
    "postgresql": text(
        """INSERT INTO call_words (call_id, words) VALUES (:call_id, array_to_tsvector(:tokens))
        ON CONFLICT (call_id) DO UPDATE SET words = call_words.words || excluded.words
        WHERE length(call_words.words) < :most"""
    ),
    "sqlite": text(
        """INSERT INTO call_words (call_id, words) VALUES (:call_id, :tokens)
        ON CONFLICT (call_id) DO UPDATE SET words = call_words.words || ' ' || excluded.words
        WHERE length(call_words.words) < 10 * :most"""
    ),
}

ADD_WITH_TOLD = text(
    "WITH told AS (INSERT INTO told_texts (token, stems) VALUES (:token, :stems) ON CONFLICT DO NOTHING) "  # noqa: S608  constants
    + ADD["postgresql"].text
)
"""Both in one statement, for PostgreSQL, where each costs a round trip."""


class SqlCallWords:
    """Kept by the log itself, in the transaction of the entry: what is said is found at once, what is erased never."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, entry: LoggedEntry) -> None:
        if entry.is_of_a_case:
            return
        tokens, told = sorted(set(tokens_of(entry))), _told_row(entry)
        if told is not None and self._dialect == "postgresql":
            self._connection.execute(ADD_WITH_TOLD, {**self._document(entry.call_id, tokens), **told})
            return
        self._keep_told(told)
        self._write(entry.call_id, tokens)

    def replace(self, call_id: str, entries: Sequence[LoggedEntry]) -> None:
        """Make a call's document anew from all its entries."""
        self._connection.execute(delete(call_words).where(call_words.c.call_id == call_id))
        of_call = [entry for entry in entries if not entry.is_of_a_case]
        for entry in of_call:
            self._keep_told(_told_row(entry))
        self._write(call_id, sorted({token for entry in of_call for token in tokens_of(entry)}))

    def _keep_told(self, row: Mapping[str, str] | None) -> None:
        if row is not None:
            insert_new(self._connection, told_texts, row)

    def _write(self, call_id: str, tokens: Sequence[str]) -> None:
        if tokens:
            self._connection.execute(ADD[self._dialect], self._document(call_id, tokens))

    def _document(self, call_id: str, tokens: Sequence[str]) -> dict[str, object]:
        few = tokens[:MOST_WORDS]
        words = few if self._dialect == "postgresql" else " ".join(few)
        return {"call_id": call_id, "tokens": words, "most": MOST_WORDS}


def _told_row(entry: LoggedEntry) -> Mapping[str, str] | None:
    """What the bot said, for `told_texts`."""
    told = told_text(entry)
    if told is None:
        return None
    return {"token": told_token(told), "stems": f" {' '.join(dict.fromkeys(stems(told)))} "}


def told_text(entry: LoggedEntry) -> str | None:
    told = entry.facts.get("text")
    return told if isinstance(told, str) else None


def told_token(told: str) -> str:
    return f"t{sha256(told.encode()).hexdigest()[:16]}"


def answer_token(stem: str) -> str:
    return f"a{stem}"


def tokens_of(entry: LoggedEntry) -> Iterator[str]:
    told = told_text(entry)
    if told is not None:
        yield told_token(told)
    for name in ANSWERS:
        yield from map(answer_token, stems(entry.personal.get(name, "")))


def find_told(connection: Connection, stem: str) -> Sequence[str]:
    """The tokens of the bot's sentences that have this word."""
    having = select(told_texts.c.token).where(told_texts.c.stems.contains(f" {stem} "))
    return connection.execute(having).scalars().all()


def wanted_tokens(connection: Connection, wanted: str, *, with_answers: bool) -> Sequence[Sequence[str]]:
    """For each word the tokens of which a call must have one; a word without any is in no call."""
    return [
        [*([answer_token(stem)] if with_answers else []), *find_told(connection, stem)]
        for stem in dict.fromkeys(stems(wanted))
    ]


def postgres_query(words: Sequence[Sequence[str]]) -> str:
    """For `@@`."""
    return " & ".join("(" + " | ".join(f"'{token}'" for token in tokens) + ")" for tokens in words)


def sqlite_query(words: Sequence[Sequence[str]]) -> str:
    """For MATCH of FTS5."""
    return " AND ".join("(" + " OR ".join(f'"{token}"' for token in tokens) + ")" for tokens in words)
