"""A line in the trail for each request of somebody who is known: to the console, to the API, or to sign in."""

from collections.abc import Mapping

from flask import g, request

from ivr.ports import Clock, Database
from ivr.web.access import User
from ivr.web.limiter import network
from storage.records import TrailRow


class Trail:
    """Writes lines. The agency is the one that the view found the object to belong to (`ivr.web.scope.concerns`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def write(self, user: User, action: str, path: Mapping[str, str], status: int) -> None:
        """What a user asked for, and what it came to where the view says so (`ivr.web.scope.came_to`).

        The object is the first value of the path, or what the view says (`about`).
        """
        action = f"{action}:{g.outcome}" if "outcome" in g else action
        self.add(user.name, user.role, action, g.get("about") or next(iter(path.values()), ""), status)

    @staticmethod
    def about(object_id: str) -> None:
        """This request was about something that its path does not name."""
        g.about = object_id

    def add(self, actor: str, role: str, action: str, object_id: str, result: int) -> None:
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
