"""PURE. Whether a media process can listen to one more call, from how far it is behind real time.

Who falls behind keeps the calls that it listens to, and does not listen to new ones: their callers have the keys. Going
short takes a lag that lasts, for one slow utterance is no overload; coming back takes longer, and goes call by call.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """Seconds. Short of capacity after `behind_for_s` of a lag above `behind_lag_s`; good again after `caught_up_for_s`
    of one below `caught_up_lag_s`. The lag is looked at every `look_every_s`."""

    behind_lag_s: float = 1.0
    behind_for_s: float = 3.0
    caught_up_lag_s: float = 0.3
    caught_up_for_s: float = 10.0
    look_every_s: float = 1.0


class Capacity:
    """Follows one process."""

    def __init__(self, settings: CapacitySettings | None = None) -> None:
        self.settings = settings or CapacitySettings()
        self.is_short = False
        self._turning_since_s: float | None = None

    def follow(self, lag_s: float, now_s: float) -> bool:
        """The lag as it is now, on a clock that only goes forward; True where `is_short` changed with it."""
        settings = self.settings
        is_turning = lag_s < settings.caught_up_lag_s if self.is_short else lag_s > settings.behind_lag_s
        if not is_turning:
            self._turning_since_s = None
            return False
        if self._turning_since_s is None:
            self._turning_since_s = now_s
        if now_s - self._turning_since_s < (settings.caught_up_for_s if self.is_short else settings.behind_for_s):
            return False
        self.is_short = not self.is_short
        self._turning_since_s = None
        return True
