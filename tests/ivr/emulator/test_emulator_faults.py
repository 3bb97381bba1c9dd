"""The fault settings by themselves."""

import pytest

from ivr.emulator.faults import BadFaults, read_faults


def test_without_faults_a_callback_leaves_once_and_at_once() -> None:
    assert read_faults({}).plan_delivery("conference-status").delays_s == (0.0,)


def test_faults_touch_their_kind_only() -> None:
    faults = read_faults({"callbacks": [{"kind": "recording-status", "lost": 1}]})
    assert faults.plan_delivery("recording-status").delays_s == ()
    assert faults.plan_delivery("conference-status").delays_s == (0.0,)


def test_doubled_and_delayed() -> None:
    plan = read_faults({"callbacks": [{"doubled": 1, "delayed": 1, "delay_s": [0.2, 0.3]}]}).plan_delivery("x")
    assert len(plan.delays_s) == 2
    assert all(0.2 <= delay_s <= 0.3 for delay_s in plan.delays_s)


def test_the_seed_repeats_the_mishaps() -> None:
    settings = {"seed": 7, "callbacks": [{"lost": 0.5, "doubled": 0.5, "delayed": 0.5}]}
    one, other = read_faults(settings), read_faults(settings)
    assert [one.plan_delivery("x") for _ in range(50)] == [other.plan_delivery("x") for _ in range(50)]


def test_rest_faults_run_out() -> None:
    faults = read_faults({"rest": [{"match": "POST .*/Recordings", "status": 503, "times": 2}]})
    assert faults.take_rest_fault("GET", "/Recordings") is None
    assert [bool(faults.take_rest_fault("POST", "/x/Recordings.json")) for _ in range(3)] == [True, True, False]


def test_stream_drops_run_out() -> None:
    faults = read_faults({"stream": {"drop_after_s": 1.5}})
    assert (faults.take_stream_drop(), faults.take_stream_drop()) == (1.5, None)


@pytest.mark.parametrize(
    "settings",
    [
        {"calbacks": []},
        {"signature": "off"},
        {"rest": [{"mach": "x"}]},
        {"rest": ["x"]},
        {"rest": [{}]},
        {"stream": {"times": 1}},
    ],
)
def test_misspelt_faults_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(BadFaults):
        read_faults(settings)
