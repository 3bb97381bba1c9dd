"""Jobs and timers, written in the transaction of the fact that asks for them; the table is the truth."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal_column, or_, select, update

from storage.dialects import insert_for
from storage.oversight import ParkedJob, StandingJob
from storage.records import Job, Json
from storage.tables import jobs


class JobState(StrEnum):
    """Done jobs are deleted: what they did stands in the log."""

    WAITING = "waiting"
    TAKEN = "taken"
    PARKED = "parked"


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, kind: str, key: str, payload: Mapping[str, Json], due_at: datetime) -> None:
        """Write or replace the job of this key; its attempts start anew.

        A taken one is replaced too: its row goes, so its worker can neither finish, retry nor park the new one.
        """
        self.cancel(kind, key)
        statement = insert_for(self._connection.dialect.name, jobs).values(
            kind=kind, key=key, payload=dict(payload), state=JobState.WAITING, due_at=due_at, attempts=0
        )
        self._connection.execute(
            statement.on_conflict_do_update(  # PostgreSQL: somebody else put the same key just now; the last one counts
                index_elements=[jobs.c.kind, jobs.c.key],
                index_where=jobs.c.state == literal_column("'waiting'"),  # a prepared statement's $1 matches no index
                set_={"payload": statement.excluded.payload, "due_at": statement.excluded.due_at},
            )
        )

    def cancel(self, kind: str, key: str) -> None:
        """Parked jobs stay: an operator decides about them."""
        self._connection.execute(
            delete(jobs).where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.state != JobState.PARKED)
        )

    def claim(self, kinds: Sequence[str], now: datetime, lease_s: float) -> Job | None:
        """Take the earliest due job; another taker gets it only after the lease ran out."""
        due = or_(
            and_(jobs.c.state == JobState.WAITING, jobs.c.due_at <= now),
            and_(jobs.c.state == JobState.TAKEN, jobs.c.lease_until <= now),
        )
        earliest = (
            select(jobs.c.job_id)
            .where(jobs.c.kind.in_(kinds), due)
            .order_by(jobs.c.due_at, jobs.c.job_id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(jobs)
            .where(jobs.c.job_id == earliest)
            .values(state=JobState.TAKEN, lease_until=now + timedelta(seconds=lease_s), attempts=jobs.c.attempts + 1)
            .returning(jobs.c.job_id, jobs.c.kind, jobs.c.key, jobs.c.payload, jobs.c.attempts)
        )
        row = self._connection.execute(statement).first()
        return None if row is None else Job(row.job_id, row.kind, row.key, row.payload, row.attempts)

    def finish(self, job: Job) -> None:
        """Without effect, like `retry` and `park`, when the job was taken over or replaced meanwhile."""
        self._connection.execute(delete(jobs).where(_held(job)))

    def retry(self, job: Job, due_at: datetime, error: str) -> None:
        self._connection.execute(
            update(jobs)
            .where(_held(job))
            .values(state=JobState.WAITING, due_at=due_at, lease_until=None, last_error=error)
        )

    def park(self, job: Job, error: str) -> None:
        """Give up until an operator looks."""
        self._connection.execute(
            update(jobs).where(_held(job)).values(state=JobState.PARKED, lease_until=None, last_error=error)
        )

    def list_parked(self, limit: int) -> Sequence[ParkedJob]:
        """The oldest first."""
        statement = select(jobs).where(jobs.c.state == JobState.PARKED).order_by(jobs.c.job_id).limit(limit)
        return [
            ParkedJob(row.job_id, row.kind, row.key, row.due_at, row.attempts, row.last_error or "")
            for row in self._connection.execute(statement)
        ]

    def find(self, kind: str, key: str) -> StandingJob | None:
        """The job of this key that is not done: the parked one before one that waits."""
        of_key = select(jobs).where(jobs.c.kind == kind, jobs.c.key == key)
        row = self._connection.execute(of_key.order_by(jobs.c.state != JobState.PARKED, jobs.c.job_id).limit(1)).first()
        if row is None:
            return None
        return StandingJob(row.job_id, row.state == JobState.PARKED, row.due_at, row.attempts, row.last_error)

    def revive(self, job_id: int, now: datetime) -> bool:
        """A parked job is tried again, as often as a new one; where another one of its key waits already, that one does
        the work. False where it is not parked."""
        parked = select(jobs).where(jobs.c.job_id == job_id, jobs.c.state == JobState.PARKED).with_for_update()
        row = self._connection.execute(parked).first()
        if row is None:
            return False
        self._connection.execute(delete(jobs).where(jobs.c.job_id == job_id))
        if not self._waits(row.kind, row.key):
            self.put(row.kind, row.key, row.payload, now)
        return True

    def _waits(self, kind: str, key: str) -> bool:
        waiting = select(jobs.c.job_id).where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.state == JobState.WAITING)
        return self._connection.execute(waiting).first() is not None

    def find_oldest_due(self, kinds: Sequence[str], now: datetime) -> datetime | None:
        """Since when the longest waiting job of these kinds is due; None where none is."""
        statement = select(func.min(jobs.c.due_at)).where(
            jobs.c.state == JobState.WAITING, jobs.c.kind.in_(kinds), jobs.c.due_at <= now
        )
        return self._connection.execute(statement).scalar()

    def count_by_state(self) -> Mapping[str, int]:
        """Every state, also those without jobs."""
        counted = self._connection.execute(select(jobs.c.state, func.count().label("total")).group_by(jobs.c.state))
        return {state.value: 0 for state in JobState} | {row.state: row.total for row in counted}


def _held(job: Job) -> ColumnElement[bool]:
    """The row as this worker took it: each claim counts one attempt, each `put` gives a new number."""
    return and_(jobs.c.job_id == job.job_id, jobs.c.attempts == job.attempts, jobs.c.state == JobState.TAKEN)
