"""PURE. When something stored must be destroyed: retention period (bewaartermijn) and dates; legal hold wins."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Destruction is forbidden from `placed_at` until it is released, whatever the period says."""

    placed_at: datetime
    released_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.placed_at <= at and (self.released_at is None or at < self.released_at)


def destruction_date(starts_at: datetime, period_days: int) -> datetime:
    """The period runs from its start, such as the end of the call or the close of the case.

    Raises `ValueError` for a negative period or a start without a zone.
    """
    if period_days < 0:
        raise ValueError(f"a retention period of {period_days} days")
    if starts_at.tzinfo is None:
        raise ValueError(f"time without a zone: {starts_at.isoformat()}")
    return starts_at + timedelta(days=period_days)


def must_destroy(destroy_after: datetime, holds: tuple[LegalHold, ...], now: datetime) -> bool:
    return destroy_after <= now and not any(hold.holds(now) for hold in holds)
