"""What every `CaseStore` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import DuplicateCase, UnknownCase, VersionConflict
from storage.records import Around, CaseFilter, CaseOrder, CaseRecord
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
DAY = timedelta(days=1)
CASE = CaseRecord(
    case_id="case-1",
    kind="refusal",
    agency="ind",
    policy_digest="digest",
    call_id="call-1",
    state="promised",
    owner="medewerker",
    opened_at=NOON,
    due_at=NOON + DAY,
    closed_at=None,
    destroy_after=None,
    document='{"about":"é"}',
)


@pytest.fixture
def cases_db(database: SqlDatabase) -> Database:
    return database


def stored(db: Database, *cases: CaseRecord) -> None:
    with db.transaction() as unit:
        for case in cases:
            unit.cases.insert(case)


def listed(
    db: Database,
    limit: int = 10,
    after: str | None = None,
    order: CaseOrder = CaseOrder.OPENED,
    **wanted: object,
) -> list[str]:
    chosen = CaseFilter(**wanted)  # type: ignore[arg-type]
    with db.reading() as unit:
        return [case.case_id for case in unit.cases.list(chosen, limit, after, order)]


def test_a_case_comes_back_as_it_was_stored(cases_db: Database) -> None:
    stored(cases_db, CASE)
    with cases_db.reading() as unit:
        assert unit.cases.get("case-1") == CASE
        with pytest.raises(UnknownCase):
            unit.cases.get("case-2")


def test_the_same_id_is_refused_and_the_transaction_goes_on(cases_db: Database) -> None:
    stored(cases_db, CASE)
    with cases_db.transaction() as unit:
        with pytest.raises(DuplicateCase):
            unit.cases.insert(replace(CASE, state="delivered"))
        assert unit.cases.get("case-1") == CASE


def test_saving_moves_the_version_and_nothing_that_the_case_was_opened_with(cases_db: Database) -> None:
    stored(cases_db, CASE)
    moved = replace(
        CASE, state="delivered", owner="leidinggevende", due_at=None, closed_at=NOON, destroy_after=NOON, document="{}"
    )
    with cases_db.transaction() as unit:
        unit.cases.save(replace(moved, agency="uwv", kind="covert", call_id=None, opened_at=NOON + DAY))
        assert unit.cases.get("case-1") == replace(moved, version=1)


def test_who_read_an_older_version_cannot_save(cases_db: Database) -> None:
    stored(cases_db, CASE)
    with cases_db.transaction() as unit:
        unit.cases.save(CASE)
    with cases_db.transaction() as unit, pytest.raises(VersionConflict):
        unit.cases.save(CASE)
    with cases_db.transaction() as unit, pytest.raises(UnknownCase):
        unit.cases.save(replace(CASE, case_id="case-2"))


def test_an_exception_rolls_everything_back(cases_db: Database) -> None:
    roll_back(cases_db, lambda unit: unit.cases.insert(CASE))
    assert listed(cases_db) == []


def test_lists_have_what_is_wanted_in_the_order_of_opening(cases_db: Database) -> None:
    stored(
        cases_db,
        replace(CASE, case_id="d", kind="covert", opened_at=NOON + DAY),
        replace(CASE, case_id="b", agency="uwv"),
        replace(CASE, case_id="c", state="delivered", closed_at=NOON, destroy_after=NOON + DAY),
        replace(CASE, case_id="a", due_at=None),
    )
    assert listed(cases_db) == ["a", "b", "c", "d"]
    assert listed(cases_db, agencies=("uwv",)) == ["b"]
    assert listed(cases_db, agencies=("uwv", "ind")) == ["a", "b", "c", "d"]
    assert listed(cases_db, agencies=()) == []
    assert listed(cases_db, kind="covert") == ["d"]
    assert listed(cases_db, state="promised") == ["a", "b", "d"]
    assert listed(cases_db, open_only=True) == ["a", "b", "d"]
    assert listed(cases_db, closed_only=True) == ["c"]
    assert listed(cases_db, owner="leidinggevende") == []
    assert listed(cases_db, case_id="b", agencies=("uwv",)) == ["b"]
    assert listed(cases_db, case_id="b", agencies=("ind",)) == []
    assert listed(cases_db, due_before=NOON + DAY) == ["b", "d"]
    assert listed(cases_db, due_before=NOON + DAY - timedelta(microseconds=1)) == []


def test_a_list_goes_on_where_it_was_left(cases_db: Database) -> None:
    stored(cases_db, *(replace(CASE, case_id=name, opened_at=NOON + n * DAY) for n, name in enumerate("dcab")))
    stored(cases_db, replace(CASE, case_id="e"))
    assert listed(cases_db, limit=2) == ["d", "e"]
    assert listed(cases_db, limit=2, after="d") == ["e", "c"]
    assert listed(cases_db, limit=9, after="c") == ["a", "b"]
    with pytest.raises(UnknownCase):
        listed(cases_db, after="z")


def test_what_lies_around_one_kind_and_one_role(cases_db: Database) -> None:
    stored(
        cases_db,
        replace(CASE, case_id="a", kind="complaint", call_id="call-2"),
        replace(CASE, case_id="b", call_id="call-2"),
        replace(CASE, case_id="c", kind="complaint", call_id=None),
        replace(CASE, case_id="d", owner="klachtencommissie", call_id=None),
        replace(CASE, case_id="e", call_id=None),
        replace(CASE, case_id="f"),
    )
    around = Around("complaint", "klachtencommissie")
    assert listed(cases_db, around=around) == ["a", "b", "c", "d"]
    assert listed(cases_db, around=around, kind="refusal") == ["b", "d"]
    assert listed(cases_db, around=around, case_id="f") == []


@pytest.mark.parametrize(
    ("order", "expected"), [(CaseOrder.DUE, ["c", "a", "b", "d", "e"]), (CaseOrder.NEWEST, ["e", "c", "b", "a", "d"])]
)
def test_other_orders_go_on_where_they_were_left_too(cases_db: Database, order: CaseOrder, expected: list[str]) -> None:
    stored(
        cases_db,
        replace(CASE, case_id="a"),
        replace(CASE, case_id="b"),
        replace(CASE, case_id="c", due_at=NOON - DAY),
        replace(CASE, case_id="d", due_at=None, opened_at=NOON - DAY),
        replace(CASE, case_id="e", due_at=None),
    )
    assert listed(cases_db, order=order) == expected
    for n, last in enumerate(expected):
        assert listed(cases_db, after=last, order=order) == expected[n + 1 :]


def test_the_cases_of_a_call(cases_db: Database) -> None:
    stored(
        cases_db,
        replace(CASE, case_id="later", opened_at=NOON + DAY),
        CASE,
        replace(CASE, case_id="other", call_id="call-2"),
        replace(CASE, case_id="none", call_id=None),
    )
    with cases_db.reading() as unit:
        assert [case.case_id for case in unit.cases.list_call("call-1")] == ["case-1", "later"]


def test_closed_cases_are_due_on_their_day_and_gone_when_destroyed(cases_db: Database) -> None:
    closed = replace(CASE, case_id="closed", closed_at=NOON, destroy_after=NOON + DAY)
    longer = replace(closed, case_id="longer", destroy_after=NOON + 2 * DAY)
    stored(cases_db, CASE, longer, closed)
    with cases_db.transaction() as unit:
        assert unit.cases.list_due(NOON) == []
        assert unit.cases.list_due(NOON + DAY) == [closed]
        assert unit.cases.list_due(NOON + 2 * DAY) == [closed, longer]
        unit.cases.destroy("closed")
        unit.cases.destroy("closed")
        assert unit.cases.list_due(NOON + 2 * DAY) == [longer]
