"""What the tests of a log with witnesses do to it, and what they look at."""

from ivr.calls.jobs import JobKind
from ivr.records.witnessing import WitnessHealth
from storage.records import NewEntry
from tests.builders import House

HOUR_S, DAY_S = 3600, 86_400
ORIGIN = "spelregel.test/log"
NAME = "witness.test/w1"
SEED = bytes(range(32))
"""The signing key of the tests' house."""


def happens(house: House, times: int = 1) -> None:
    """So many entries that belong to no call."""
    with house.wiring.database.transaction() as unit:
        for _ in range(times):
            size = unit.checks.state().size
            unit.log.append(NewEntry("test", f"test:{size}", "prompt:played", house.clock.now()))


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


def sealed(house: House, times: int = 1) -> None:
    """So many more entries, signed, as after a call."""
    happens(house, times)
    house.wiring.witnessing.seal()


def send(house: House) -> int:
    return house.run_jobs(JobKind.SEND_CHECKPOINT)


def healths(house: House) -> tuple[WitnessHealth, WitnessHealth]:
    cosigner, folder = house.wiring.witnessing.look()
    return cosigner, folder


def size_of(house: House) -> int:
    with house.wiring.database.reading() as unit:
        return unit.checks.state().size
