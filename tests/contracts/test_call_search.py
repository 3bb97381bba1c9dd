"""What every `CallSearch` keeps to, and the words that the log keeps for it."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.ports import Database
from storage.call_search import SqlCallSearch
from storage.dutch import stems
from storage.errors import UnknownCall
from storage.records import ANY_CASE, CallFacts, CallFilter, CallRecord, CaseRecord, FactField, NewEntry
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS = CallFacts(
    "call-1", "ind", NOON, "+31201234567", "ended", "confirmed", "stored", "client:balie", "", third_person=False
)
ALL = CallFilter(agencies=("ind",))
QUESTION = "U wilt dit gesprek opnemen. Klopt dat?"
REFUSAL = "Uw medewerker heeft een bezwaar tegen de opname."


@pytest.fixture
def calls_db(database: SqlDatabase) -> Database:
    return database


def add(db: Database, *all_facts: CallFacts) -> None:
    with db.transaction() as unit:
        for facts in all_facts:
            unit.calls.insert(
                CallRecord(facts.call_id, f"CA-{facts.call_id}", facts.agency, "digest", facts.opened_at, "{}")
            )
            unit.search.put(facts)


def say(db: Database, call_id: str, event: str, told: str = "", answer: str = "", **facts: str) -> int:
    told_facts = {"text": told} if told else {}
    with db.transaction() as unit:
        entry = NewEntry(call_id, event, "prompt:played", NOON, {**facts, **told_facts}, {"answer": answer})
        return unit.log.append(entry).number


def find(db: Database, wanted: CallFilter = ALL, limit: int = 100, after: str | None = None) -> list[str]:
    with db.reading() as unit:
        return [facts.call_id for facts in unit.search.find(wanted, limit, after)]


def with_words(text: str, *, answers: bool = True) -> CallFilter:
    return replace(ALL, text=text, with_answers=answers)


# ---------------------------------------------------------------- rows


def test_a_call_is_found_as_it_was_put(calls_db: Database) -> None:
    add(calls_db, FACTS)
    with calls_db.reading() as unit:
        assert unit.search.find(ALL, 10) == [FACTS]


def test_putting_again_changes_the_row(calls_db: Database) -> None:
    add(calls_db, FACTS)
    moved = replace(FACTS, caller_recording="withdrawn", reason="mediation", third_person=True)
    with calls_db.transaction() as unit:
        unit.search.put(moved)
    with calls_db.reading() as unit:
        assert unit.search.find(ALL, 10) == [moved]
        assert unit.search.find(replace(ALL, caller_recording="confirmed"), 10) == []


def test_a_row_goes_with_its_transaction(calls_db: Database) -> None:
    add(calls_db, FACTS)
    roll_back(calls_db, lambda unit: unit.search.put(replace(FACTS, state="talking")))
    assert find(calls_db, replace(ALL, running=False)) == ["call-1"]


def test_the_newest_comes_first_and_pages_join_without_gap_or_repeat(calls_db: Database) -> None:
    same_moment = [replace(FACTS, call_id=f"call-{n}", opened_at=NOON + n // 3 * HOUR) for n in range(10)]
    add(calls_db, *same_moment)
    expected = [f"call-{n}" for n in range(9, -1, -1)]
    assert find(calls_db) == expected
    seen, after = [], None
    while page := find(calls_db, limit=3, after=after):
        seen += page
        after = page[-1]
    assert seen == expected


def test_calls_of_several_agencies_come_in_one_order(calls_db: Database) -> None:
    add(
        calls_db,
        FACTS,
        replace(FACTS, call_id="call-2", agency="uwv", opened_at=NOON + HOUR),
        replace(FACTS, call_id="call-3", opened_at=NOON + 2 * HOUR),
        replace(FACTS, call_id="call-4", agency="cak", opened_at=NOON + 3 * HOUR),
    )
    both = CallFilter(agencies=("uwv", "ind"))
    assert find(calls_db, both) == ["call-3", "call-2", "call-1"]
    assert find(calls_db, both, limit=1, after="call-3") == ["call-2"]
    assert find(calls_db, CallFilter(agencies=())) == []


@pytest.mark.parametrize("after", ["nobody", "call-2"])
def test_a_page_after_a_call_that_is_none_of_these_agencies(calls_db: Database, after: str) -> None:
    add(calls_db, FACTS, replace(FACTS, call_id="call-2", agency="uwv"))
    with pytest.raises(UnknownCall):
        find(calls_db, after=after)


def test_counting_stops_where_it_is_told_to(calls_db: Database) -> None:
    add(
        calls_db,
        *(replace(FACTS, call_id=f"call-{n}", agency="uwv" if n % 2 else "ind") for n in range(9)),
    )
    both = CallFilter(agencies=("uwv", "ind"))
    with calls_db.reading() as unit:
        assert [unit.search.count(both, most) for most in (4, 7, 9, 100)] == [4, 7, 9, 9]
        assert unit.search.count(ALL, 100) == 5
        assert unit.search.count(replace(ALL, running=True), 100) == 0


def test_by_the_hash_of_a_number_until_it_is_forgotten(calls_db: Database) -> None:
    add(calls_db, FACTS, replace(FACTS, call_id="call-2"), replace(FACTS, call_id="call-3"))
    with calls_db.transaction() as unit:
        unit.calls.set_caller_number("call-1", "+31612345678", "aa")
        unit.calls.set_caller_number("call-2", "+31612345678", "aa")
        unit.calls.set_caller_number("call-3", "anonymous")
    wanted = replace(ALL, number_hash="aa")
    assert find(calls_db, wanted) == ["call-2", "call-1"]
    with calls_db.transaction() as unit:
        unit.calls.forget_caller_number("call-2")
    assert find(calls_db, wanted) == ["call-1"]


def test_by_the_kinds_of_its_cases(calls_db: Database) -> None:
    add(calls_db, FACTS, replace(FACTS, call_id="call-2"), replace(FACTS, call_id="call-3"))
    case = CaseRecord("1", "complaint", "ind", "digest", "call-1", "received", "x", NOON, None, None, None, "{}")
    with calls_db.transaction() as unit:
        for number, (kind, call_id) in enumerate(
            [("complaint", "call-1"), ("refusal", "call-1"), ("refusal", "call-1"), ("refusal", "call-3")]
        ):
            unit.cases.insert(replace(case, case_id=str(number), kind=kind, call_id=call_id))
    assert find(calls_db, replace(ALL, case=ANY_CASE)) == ["call-3", "call-1"]
    assert find(calls_db, replace(ALL, case="complaint")) == ["call-1"]
    assert find(calls_db, replace(ALL, case="misuse")) == []
    with calls_db.reading() as unit:
        kinds = unit.search.list_case_kinds(["call-1", "call-2", "call-3"])
    assert {call_id: list(found) for call_id, found in kinds.items()} == {
        "call-1": ["complaint", "refusal"],
        "call-3": ["refusal"],
    }


# ---------------------------------------------------------------- words


def test_words_of_bot_and_caller_find_the_call_in_any_order_and_form(calls_db: Database) -> None:
    add(calls_db, FACTS, replace(FACTS, call_id="call-2"))
    say(calls_db, "call-1", "1", told=QUESTION, answer="Ja, dat klópt; voor mijn bezwaren.")
    say(calls_db, "call-2", "2", told=QUESTION)
    for text in ("bezwaar", "BEZWAREN", "klopt ja", "mijn gesprekken", "  bezwaar , OPNEMEN "):
        assert find(calls_db, with_words(text)) == ["call-1"], text
    assert find(calls_db, with_words("opnemen")) == ["call-2", "call-1"]
    assert find(calls_db, with_words("bezwaar nergens")) == []
    assert find(calls_db, with_words("…")) == []


def test_who_may_not_see_answers_does_not_find_by_them(calls_db: Database) -> None:
    add(calls_db, FACTS, replace(FACTS, call_id="call-2"))
    say(calls_db, "call-1", "1", told=QUESTION, answer="ja voor mijn bezwaar")
    say(calls_db, "call-2", "2", told=REFUSAL)
    assert find(calls_db, with_words("bezwaar", answers=False)) == ["call-2"]
    assert find(calls_db, with_words("mijn", answers=False)) == []
    assert find(calls_db, with_words("opnemen", answers=False)) == ["call-1"]


def test_erased_words_find_nothing_and_the_others_still_do(calls_db: Database) -> None:
    add(calls_db, FACTS)
    first = say(calls_db, "call-1", "1", told=QUESTION, answer="Jansen uit Assen")
    say(calls_db, "call-1", "2", answer="ja graag")
    with calls_db.transaction() as unit:
        unit.log.erase_personal([first])
    assert find(calls_db, with_words("Jansen")) == []
    assert find(calls_db, with_words("graag")) == find(calls_db, with_words("opnemen")) == ["call-1"]


def test_what_is_not_committed_and_what_comes_twice_is_not_found_twice(calls_db: Database) -> None:
    add(calls_db, FACTS)
    roll_back(
        calls_db,
        lambda unit: unit.log.append(NewEntry("call-1", "1", "answer:yes", NOON, {}, {"answer": "verdwenen"})),
    )
    assert find(calls_db, with_words("verdwenen")) == []
    say(calls_db, "call-1", "2", told=REFUSAL)
    say(calls_db, "call-1", "2", told=QUESTION)
    assert find(calls_db, with_words("bezwaar")) == ["call-1"]
    assert find(calls_db, with_words("klopt")) == []


def test_what_employees_write_in_a_case_file_is_not_what_was_said(calls_db: Database) -> None:
    add(calls_db, FACTS)
    say(calls_db, "call-1", "1", told="Notitie", answer="vertrouwelijk", case="case-1")
    assert find(calls_db, with_words("vertrouwelijk")) == find(calls_db, with_words("notitie")) == []


def test_the_words_can_be_made_anew_from_the_log(calls_db: Database, database: SqlDatabase) -> None:
    add(calls_db, FACTS)
    say(calls_db, "call-1", "1", told=QUESTION, answer="ja graag")
    with database._own().engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM call_words")
        connection.exec_driver_sql("DELETE FROM told_texts")
    assert find(calls_db, with_words("graag")) == find(calls_db, with_words("klopt")) == []
    with calls_db.transaction() as unit:
        unit.search.rebuild_words("call-1")
        unit.search.rebuild_words("call-1")
    assert find(calls_db, with_words("graag klopt")) == ["call-1"]


@pytest.mark.parametrize(
    "text", ["'", '"', "a' | 'b", "' & !'", "jan:*", "NOT ja", "(", "\\", "%", "_", "NEAR(ja nee)"]
)
def test_signs_of_a_query_language_are_nothing_special(calls_db: Database, text: str) -> None:
    add(calls_db, FACTS)
    say(calls_db, "call-1", "1", answer="gewoon iets anders")
    assert find(calls_db, with_words(text)) == []


def test_a_call_that_never_stops_talking_is_logged_all_the_same(calls_db: Database) -> None:
    add(calls_db, FACTS)
    for turn in range(4):
        say(calls_db, "call-1", str(turn), answer=" ".join(f"woord{turn}x{n}" for n in range(15_000)))
    say(calls_db, "call-1", "last", answer="einde")
    assert find(calls_db, with_words("woord0x14999")) == ["call-1"]


# ---------------------------------------------------------------- any search


@dataclass(frozen=True, repr=False)
class Known:
    """A call of the random ones, with all that a plain filter needs."""

    facts: CallFacts
    told: frozenset[str]
    answered: frozenset[str]
    cases: frozenset[str]
    number_hash: str | None


AGENCIES = ("ind", "uwv", "cak")
LINES = ("+31201234567", "+31700000000")
EMPLOYEES = ("client:balie", "sip:jan@example.nl", "")
STATES = ("ended", "recording", "talking")
CALLER = ("none", "confirmed", "objected", "withdrawn")
AGENCY = ("none", "stored", "degraded", "blocked")
REASONS = ("", "mediation", "privacy")
CASES = ("complaint", "refusal")
TOLD = (QUESTION, REFUSAL, "Dat mag. U kunt dit gesprek nu opnemen.", "U krijgt een kopie per sms.")
ANSWERS = ("ja", "nee dank u", "ik wil dit gesprek opnemen", "mijn bezwaar", "kopieën graag", "")
HASHES = (None, "aa", "bb")
MOMENTS = [NOON + n * HOUR for n in range(12)]
WORDS = ("ja", "opnemen", "gesprekken", "bezwaar", "kopie", "dank", "sms", "mag", "nergens")


@pytest.fixture
def known(database: SqlDatabase) -> list[Known]:
    chance = random.Random(20261127)
    made = []
    with database.transaction() as unit:
        for number in range(80):
            call_id = f"call-{number:02}"
            facts = CallFacts(
                call_id,
                chance.choice(AGENCIES),
                chance.choice(MOMENTS),
                chance.choice(LINES),
                chance.choice(STATES),
                chance.choice(CALLER),
                chance.choice(AGENCY),
                chance.choice(EMPLOYEES),
                chance.choice(REASONS),
                third_person=chance.random() < 0.2,
            )
            unit.calls.insert(
                CallRecord(call_id, f"CA{number}", facts.agency, "digest", facts.opened_at, "{}", line=facts.line)
            )
            unit.search.put(facts)
            number_hash = chance.choice(HASHES)
            unit.calls.set_caller_number(call_id, "+31612345678", number_hash)
            told, answered = set(), set()
            for turn in range(chance.randrange(4)):
                text, answer = chance.choice(TOLD), chance.choice(ANSWERS)
                unit.log.append(
                    NewEntry(call_id, f"{call_id}:{turn}", "prompt:played", NOON, {"text": text}, {"words": answer})
                )
                told |= set(stems(text))
                answered |= set(stems(answer))
            kinds = frozenset(chance.sample(CASES, chance.randrange(3)))
            for kind in kinds:
                case_id = f"{call_id}:{kind}"
                unit.cases.insert(
                    CaseRecord(
                        case_id, kind, facts.agency, "digest", call_id, "closed", "x", NOON, None, None, None, "{}"
                    )
                )
            made.append(Known(facts, frozenset(told), frozenset(answered), kinds, number_hash))
    return made


def holds(call: Known, wanted: CallFilter) -> bool:
    """The search in plain words."""
    facts = call.facts
    words = call.told | call.answered if wanted.with_answers else call.told
    asked = None if wanted.text is None else set(stems(wanted.text))
    return (
        facts.agency in wanted.agencies
        and (wanted.since is None or facts.opened_at >= wanted.since)
        and (wanted.until is None or facts.opened_at < wanted.until)
        and (wanted.running is None or (facts.state != "ended") is wanted.running)
        and wanted.line in (None, facts.line)
        and wanted.employee in (None, facts.employee)
        and wanted.caller_recording in (None, facts.caller_recording)
        and wanted.agency_recording in (None, facts.agency_recording)
        and wanted.reason in (None, facts.reason)
        and wanted.third_person in (None, facts.third_person)
        and wanted.number_hash in (None, call.number_hash)
        and (wanted.case is None or (bool(call.cases) if wanted.case == ANY_CASE else wanted.case in call.cases))
        and (asked is None or (asked <= words and asked != set()))
    )


def maybe(*values: object) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.none(), st.sampled_from(values))


any_filter = st.builds(
    CallFilter,
    agencies=st.lists(st.sampled_from(AGENCIES), unique=True).map(tuple),
    since=maybe(*MOMENTS),
    until=maybe(*MOMENTS),
    line=maybe(*LINES),
    employee=maybe(*EMPLOYEES),
    running=maybe(True, False),
    caller_recording=maybe(*CALLER),
    agency_recording=maybe(*AGENCY),
    reason=maybe(*REASONS[1:]),
    third_person=maybe(True, False),
    case=maybe(ANY_CASE, *CASES, "misuse"),
    number_hash=maybe("aa", "bb", "cc"),
    text=st.one_of(st.none(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)),
    with_answers=st.booleans(),
)


@given(wanted=any_filter, limit=st.integers(1, 90), after=st.integers(0, 79))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_search_agrees_with_a_plain_filter_over_the_same_calls(
    database: SqlDatabase, known: list[Known], wanted: CallFilter, limit: int, after: int
) -> None:
    in_order = sorted(known, key=lambda call: (call.facts.opened_at, call.facts.call_id), reverse=True)
    expected = [call.facts for call in in_order if holds(call, wanted)]
    place = in_order[after].facts
    later = [facts for facts in expected if (facts.opened_at, facts.call_id) < (place.opened_at, place.call_id)]
    with database.snapshot() as connection:
        # With the limits as they are, and with some that a few calls are enough to pass.
        for search in (SqlCallSearch(connection), SqlCallSearch(connection, walked=3, many=2)):
            assert search.find(wanted, limit) == expected[:limit]
            assert search.count(wanted, limit) == min(limit, len(expected))
            if place.agency in wanted.agencies:
                assert search.find(wanted, limit, place.call_id) == later[:limit]


def test_the_values_that_occur_are_listed_in_order(calls_db: Database) -> None:
    add(
        calls_db,
        FACTS,
        replace(FACTS, call_id="call-2", employee="sip:an@example.nl", line="+31700000000", reason="privacy"),
        replace(FACTS, call_id="call-3", employee="", agency="uwv"),
        replace(FACTS, call_id="call-4", employee="client:zo", agency="uwv", reason="mediation"),
        replace(FACTS, call_id="call-5", employee="client:elders", agency="cak"),
    )
    with calls_db.reading() as unit:
        listed = [list(unit.search.list_values(field, ("uwv", "ind"))) for field in FactField]
        assert unit.search.list_values(FactField.EMPLOYEE, ()) == []
        assert unit.search.list_values(FactField.REASON, ("cak",)) == []
    assert listed == [
        ["+31201234567", "+31700000000"],
        ["client:balie", "client:zo", "sip:an@example.nl"],
        ["mediation", "privacy"],
    ]
