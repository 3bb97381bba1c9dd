"""Is this process alive, is each port alive, and how much is waiting."""

from flask import Blueprint, Response, jsonify

from ivr.ports import Database
from storage.errors import StorageError


def make_blueprint(database: Database) -> Blueprint:
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @health.get("/readyz")
    def readyz() -> Response:
        with database.reading() as unit:
            unit.outbox.count_by_state()
        return jsonify(status="ok")

    @health.errorhandler(StorageError)
    def unavailable(_: StorageError) -> tuple[Response, int]:
        return jsonify(status="unavailable", database="does not answer"), 503

    @health.get("/metrics")
    def metrics() -> Response:
        """Prometheus text format. Counts only."""
        with database.reading() as unit:
            jobs = unit.outbox.count_by_state()
            calls = len(unit.calls.list_open())
        lines = ["# TYPE spelregel_open_calls gauge", f"spelregel_open_calls {calls}", "# TYPE spelregel_jobs gauge"]
        lines += [f'spelregel_jobs{{state="{state}"}} {count}' for state, count in sorted(jobs.items())]
        return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")

    return health
