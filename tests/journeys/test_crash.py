"""The service is killed in the middle of calls that it records, and started again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import household
from tests.journeys.running import HANG_UP, NO_COPY, RECORD_BY_KEY, Plan, Service, hear, pause, say

pytestmark = pytest.mark.slow

PROCESSES = ("web", "media", "worker")
UNTIL_RECORDED = hear("neemt ook .* op")
EMPLOYEE = [hear("opname door ons is gestopt"), HANG_UP]

goes_on = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, pause(40), say("Ik wil dat u stopt met opnemen."), *NO_COPY],
    employee=EMPLOYEE,
)
hangs_up = Plan(caller=[*RECORD_BY_KEY, UNTIL_RECORDED, pause(6), HANG_UP], employee=EMPLOYEE)


@pytest.fixture
def service(tmp_path: Path, model_folder: Path) -> Iterator[Service]:
    with household(tmp_path, model_folder) as fragile, Service(fragile) as service:
        yield service


def test_er_valt_een_storing_midden_in_mijn_gesprek(service: Service) -> None:
    """What was logged is still there, who stays on the line is heard again, who hung up is seen to have done so."""
    staying, leaving = service.call(goes_on), service.call(hangs_up)
    staying.wait_for("recording:started")
    leaving.wait_for("recording:started")
    before = {call: call.entries() for call in (staying, leaving)}

    service.household.kill(*PROCESSES)
    service.wait_until("one caller hangs up", leaving.is_over)
    service.household.start(*PROCESSES)
    verified = service.command("log", "verify")
    assert verified.returncode == 0, verified.stderr

    staying.finish()
    leaving.finish()
    for call, entries in before.items():
        assert call.entries()[: len(entries)] == entries
        assert call.recording().caller.size > 0
        assert "recording:carrier-deleted" in call.tags()
    order = [
        "recording:started",
        "stream:lost",
        "consent:withdrawn",
        "recording:stopped",
        "copy:declined",
        "call:ended",
    ]
    assert [tag for tag in staying.tags() if tag in order] == order
    assert "recording:stored" in staying.tags()
    assert leaving.entry("recording:stopped").facts["reason"] == "the call ended"
    verified = service.command("log", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
