"""The health of the consent log: checks each day and on request, quick ones, and what makes it warn."""

import pytest

from ivr.calls.jobs import JobKind
from ivr.records.log_watch import LogWatch
from tests.builders import House

DAY_S = 86_400


@pytest.fixture
def watch(house: House) -> LogWatch:
    return house.wiring.log_watch


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


def check(house: House) -> None:
    assert house.run_jobs(JobKind.VERIFY_LOG) == 1


def test_each_day_has_its_check(house: House, watch: LogWatch) -> None:
    watch.keep()
    watch.keep()
    check(house)
    house.clock.pass_s(DAY_S - 1)
    watch.keep()
    assert house.run_jobs(JobKind.VERIFY_LOG) == 0
    house.clock.pass_s(1)
    watch.keep()
    check(house)
    checks = watch.look().checks
    assert [one.asked_by for one in checks] == ["spelregel", "spelregel"]
    assert all(one.verdict is not None and one.verdict.whole for one in checks)


def test_whoever_asks_gets_one_check_at_a_time(house: House, watch: LogWatch) -> None:
    house.stopped(5)
    assert watch.ask("p.groen")
    assert not watch.ask("l.smit")
    assert watch.look().running
    check(house)
    found = watch.look()
    assert not found.running
    assert found.last_ended is not None
    assert found.last_ended.asked_by == "p.groen"
    assert found.last_ended.verdict is not None
    assert found.last_ended.verdict.size == found.state.size == len(house.entries)
    assert watch.ask("l.smit")


def test_a_check_that_was_given_up_is_no_longer_waited_for(house: House, watch: LogWatch) -> None:
    watch.ask("p.groen")
    house.clock.pass_s(DAY_S)
    assert not watch.look().running
    watch.keep()
    assert watch.look().running
    check(house)


def test_a_broken_entry_is_named_at_once_or_by_the_check(house: House, watch: LogWatch) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    assert not watch.look().broken
    harm(house, "UPDATE log_entries SET tag = 'call:ended' WHERE number = 1")
    assert not watch.look().broken  # the quick one reads hashes only
    watch.ask("p.groen")
    check(house)
    found = watch.look()
    assert found.broken
    assert found.last_ended is not None
    assert found.last_ended.verdict is not None
    assert found.last_ended.verdict.faults[0].startswith("entry 1: column tag says call:ended")


def test_a_log_that_was_cut_short_is_seen_at_once(house: House, watch: LogWatch) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    harm(house, "UPDATE log_head SET size = size - 1")
    assert watch.look().quick_faults


def test_a_trail_that_was_changed_is_seen(house: House, watch: LogWatch) -> None:
    harm(house, "INSERT INTO trail VALUES (1, '2026-11-01 00:00:00.000000', 'a', 'b', 'c', 'd', 'example', 200, 'e')")
    watch.keep()
    check(house)
    assert not watch.look().broken
    harm(house, "UPDATE trail SET actor = 'x'")
    assert watch.look().quick_faults
    house.clock.pass_s(DAY_S)
    watch.keep()
    check(house)
    last = watch.look().last_ended
    assert last is not None
    assert last.verdict is not None
    assert (len(last.verdict.faults), len(last.verdict.trail_faults)) == (0, 1)


def test_it_warns_when_nothing_was_sealed_or_checked_for_long(house: House, watch: LogWatch) -> None:
    house.stopped(5)
    assert watch.look().check_is_late
    watch.ask("p.groen")
    check(house)
    found = watch.look()
    assert (found.check_is_late, found.seal_is_late) == (False, False)
    house.clock.pass_s(2 * DAY_S)
    found = watch.look()
    assert (found.check_is_late, found.seal_is_late) == (True, True)
    house.wiring.seal_log()
    assert not watch.look().seal_is_late
