"""Calls on a bad day: announcements unheard, streams lost, a carrier that errs, doubles, swaps and is late."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.journeys.conftest import household
from tests.journeys.running import (
    ALLOWED,
    DECLINED,
    HANG_UP,
    NO_COPY,
    RECORD_BY_KEY,
    SKIP_GREETING,
    Call,
    Plan,
    Service,
    hear,
    pause,
    say,
)

pytestmark = pytest.mark.slow

BLOCKED = "De opname door gemeente Voorbeeld is niet gestart. U mag het gesprek zelf wel opnemen."

EMPLOYEE = [hear("Dag"), HANG_UP]
RECORDED = [pause(2), *RECORD_BY_KEY, hear("neemt ook .* op"), pause(1), say("Dag."), *NO_COPY]
NOT_RECORDED = [pause(2), *RECORD_BY_KEY, hear("niet gestart"), say("Dag.")]

dropped = Plan(
    caller=[
        *SKIP_GREETING,
        pause(9),
        say("Ik wil dit gesprek opnemen."),
        hear("Klopt dat"),
        say("Nee, dat klopt niet."),
        hear("gesprek gaat gewoon verder"),
        say("Dag."),
    ],
    employee=EMPLOYEE,
)
unheard = Plan(caller=NOT_RECORDED, employee=EMPLOYEE)
doubtful = Plan(caller=RECORDED, employee=EMPLOYEE)
busy = Plan(caller=RECORDED, employee=EMPLOYEE)
broken = Plan(caller=NOT_RECORDED, employee=EMPLOYEE)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Service]:
    """One with a carrier of its own, because mishaps hit every call of a carrier."""
    with household(tmp_path_factory.mktemp("unlucky"), model_folder) as unlucky, Service(unlucky) as service:
        yield service


@pytest.fixture(scope="module")
def calls(service: Service) -> Mapping[Plan, Call]:
    """They begin together, each with a mishap of its own; the files of all recordings are late."""
    service.fail(stream={"drop_after_s": 5.0, "times": 1})
    begun = {dropped: service.call(dropped)}
    service.wait_until("its stream runs", lambda: service.events("stream", event="stream-started"))
    begun |= {plan: service.call(plan) for plan in (unheard, doubtful, busy, broken)}

    def no_start(plan: Plan, status: int, times: int, *, after_effect: bool = False) -> dict[str, object]:
        match = f"POST .*/Calls/{begun[plan].sid}/Recordings.json"
        return {"match": match, "status": status, "times": times, "after_effect": after_effect}

    service.fail(
        announcements=[{"match": begun[unheard].call_id, "outcome": "silent"}],
        rest=[no_start(doubtful, 500, 1, after_effect=True), no_start(busy, 429, 2), no_start(broken, 503, 99)],
        recording_late_s=3,
    )
    return begun


def test_ik_hoor_de_mededeling_niet_en_word_niet_opgenomen(calls: Mapping[Plan, Call]) -> None:
    """Nothing sounds and nothing is reported: the announcement counts as not played, and both hear what follows."""
    call = calls[unheard].finish()
    order = ["consent:given", "prompt:failed allowed_recording", "recording:blocked", "prompt:played blocked",
             "employee:left", "call:ended"]  # fmt: skip
    assert [tag for tag in call.tags() if tag in order] == order
    assert call.heard_by_both() == [BLOCKED]
    assert not call.carrier_recordings()


def test_de_lijn_naar_de_herkenner_valt_weg_en_ik_word_toch_gehoord(calls: Mapping[Plan, Call]) -> None:
    call = calls[dropped].finish()
    order = ["stream:lost", "request:heard", "consent:refused"]
    assert [tag for tag in call.tags() if tag in order] == order
    streams = call.service.events("stream", callSid=call.sid)
    assert [event["event"] for event in streams] == [
        "stream-started", "stream-error", "stream-started", "stream-stopped",
    ]  # fmt: skip
    assert DECLINED in call.heard_by_both()


@pytest.mark.parametrize("plan", [doubtful, busy], ids=["500-in-doubt", "429-twice"])
def test_de_centrale_hapert_en_neemt_toch_een_keer_op(calls: Mapping[Plan, Call], plan: Plan) -> None:
    call = calls[plan].finish()
    counted = Counter(call.tags())
    assert counted["recording:started"] == counted["recording:stopped"] == counted["recording:stored"] == 1
    assert len({event["recordingSid"] for event in call.carrier_recordings()}) == 1
    assert call.heard_by_both() == [ALLOWED]


def test_de_centrale_kan_niet_opnemen_en_dat_wordt_gezegd(calls: Mapping[Plan, Call]) -> None:
    call = calls[broken].finish()
    order = ["recording:announced", "recording:failed", "prompt:played blocked", "employee:left", "call:ended"]
    assert [tag for tag in call.tags() if tag in order] == order
    assert call.heard_by_both() == [ALLOWED, BLOCKED]
    assert not call.carrier_recordings()


def test_het_bestand_komt_later(calls: Mapping[Plan, Call]) -> None:
    """The carrier says that the recording is complete, and has no file yet."""
    call = calls[busy].finish()
    path = f"/Recordings/{call.carrier_recordings()[0]['recordingSid']}.wav"
    asked = [event["status"] for event in call.service.events("rest") if event["path"].endswith(path)]
    assert asked[0] == 404
    assert asked[-1] == 200
    assert call.tags()[-2:] == ["recording:stored", "recording:carrier-deleted"]


def test_berichten_komen_dubbel_en_door_elkaar(calls: Mapping[Plan, Call], service: Service) -> None:
    """What comes twice changes nothing, and neither does what comes late."""
    for call in calls.values():
        call.finish()
    service.fail(callbacks=[{"doubled": 1.0, "reordered": 0.4, "delayed": 0.5, "delay_s": [0.05, 0.4]}])
    begun = [service.call(Plan(caller=RECORDED, employee=EMPLOYEE)) for _ in range(2)]
    for call in begun:
        counted = Counter(call.finish().tags())
        assert set(counted.values()) == {1}
        order = ["consent:given", "prompt:played allowed_recording", "recording:announced", "recording:started",
                 "employee:left", "recording:stopped", "copy:declined", "call:ended"]  # fmt: skip
        assert [tag for tag in call.tags() if tag in order] == order
        assert {"employee:joined", "recording:stored", "recording:carrier-deleted"} <= set(counted)
    assert service.command("log", "verify") == 0
