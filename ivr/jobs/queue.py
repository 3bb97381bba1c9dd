"""Huey behind the outbox: its one task wakes a worker, which then looks in the table what there is to do.

Huey takes a task before it runs it, so a task can be lost; the outbox cannot, and is swept besides.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

NAME = "spelregel"

log = logging.getLogger(__name__)


class JsonSerializer(Serializer):  # type: ignore[misc]  # huey has no types
    """Huey's own default is pickle, which runs what it reads; a wake-up needs no more than a row of plain values."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def make_huey(database_url: str, redis_url: str | None, data_dir: Path) -> Huey:
    """Redis where there is one, else the database's own server, else a file on this machine."""
    if redis_url is not None:
        return RedisHuey(NAME, url=redis_url, results=False, serializer=JsonSerializer())
    if database_url.startswith("postgres"):
        return PostgresHuey(NAME, dsn=database_url.replace("+psycopg", ""), results=False, serializer=JsonSerializer())
    data_dir.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(data_dir / "wake.db"), results=False, serializer=JsonSerializer())


class WakeUp:
    """The one task. `ring` is called by whoever wrote a job, `answer` is what the worker does then."""

    def __init__(self, huey: Huey, answer: Callable[[], object]) -> None:
        self.huey = huey
        self._task = huey.task(name="run_due_jobs")(answer)

    def ring(self) -> None:
        """Raises nothing: the job is in the table, and the sweep finds it within a second."""
        try:
            self._task()
        except Exception as fault:  # noqa: BLE001 - of three libraries, none of which may cost a caller their answer
            log.warning("the worker could not be woken", extra={"error": type(fault).__name__})
