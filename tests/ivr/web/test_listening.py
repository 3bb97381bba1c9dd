"""When a process stops listening to new calls, and when it begins again."""

from ivr.web.listening import Capacity, CapacitySettings

SETTINGS = CapacitySettings(behind_lag_s=1.0, behind_for_s=3.0, caught_up_lag_s=0.3, caught_up_for_s=10.0)


def follow(capacity: Capacity, lag_s: float, from_s: int, to_s: int) -> list[int]:
    """The same lag, looked at every second; gives when `is_short` changed."""
    return [now for now in range(from_s, to_s) if capacity.follow(lag_s, now)]


def test_a_lag_that_lasts_makes_it_short_and_a_long_calm_mends_it() -> None:
    capacity = Capacity(SETTINGS)
    assert follow(capacity, 1.5, 100, 110) == [103]
    assert capacity.is_short
    assert follow(capacity, 0.1, 110, 130) == [120]
    assert not capacity.is_short


def test_one_slow_utterance_is_no_overload() -> None:
    capacity = Capacity(SETTINGS)
    for at in range(0, 40, 4):
        assert follow(capacity, 1.5, at, at + 3) == []
        assert follow(capacity, 0.9, at + 3, at + 4) == []
    assert not capacity.is_short


def test_between_the_two_limits_all_stays_as_it_is() -> None:
    capacity = Capacity(SETTINGS)
    assert follow(capacity, 0.6, 0, 100) == []
    assert follow(capacity, 1.5, 100, 104) == [103]
    assert follow(capacity, 0.6, 104, 204) == []
    assert capacity.is_short


def test_a_calm_that_is_broken_begins_anew() -> None:
    capacity = Capacity(SETTINGS)
    follow(capacity, 2.0, 0, 4)
    assert follow(capacity, 0.0, 4, 13) == []
    assert follow(capacity, 0.4, 13, 14) == []
    assert follow(capacity, 0.0, 14, 30) == [24]
