"""When a recording must go, and what keeps it."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.retention import LegalHold, destruction_date, must_destroy

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_period_runs_from_its_start() -> None:
    assert destruction_date(NOON, 30) == NOON + 30 * DAY
    assert destruction_date(NOON, 0) == NOON


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 days"):
        destruction_date(NOON, -1)
    with pytest.raises(ValueError, match="without a zone"):
        destruction_date(NOON.replace(tzinfo=None), 1)


@pytest.mark.parametrize(
    ("holds", "now", "due"),
    [
        ((), NOON - DAY, False),
        ((), NOON, True),
        ((LegalHold(NOON - DAY),), NOON + 9 * DAY, False),
        ((LegalHold(NOON - 9 * DAY, NOON - DAY),), NOON, True),
        ((LegalHold(NOON - 9 * DAY, NOON + DAY),), NOON, False),
        ((LegalHold(NOON - 9 * DAY, NOON),), NOON, True),
        ((LegalHold(NOON + DAY),), NOON, True),
        ((LegalHold(NOON - 9 * DAY, NOON - DAY), LegalHold(NOON)), NOON, False),
    ],
)
def test_a_legal_hold_wins(holds: tuple[LegalHold, ...], now: datetime, due: bool) -> None:
    assert must_destroy(NOON, holds, now) is due
