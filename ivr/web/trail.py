"""A line in the trail for what somebody does in a request."""

from flask import g, request

from ivr.ports import Clock, Database
from ivr.web.limiter import network
from storage.records import TrailRow


class Trail:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, actor: str, role: str, action: str, object_id: str, result: int) -> None:
        """`g.agency` is what the view found the object to belong to."""
        row = TrailRow(
            at=self._clock.now(),
            actor=actor,
            role=role,
            action=action,
            object=object_id,
            agency=g.get("agency"),
            result=result,
            origin=network(request.remote_addr),
        )
        with self._database.transaction() as unit:
            unit.trail.append(row)
