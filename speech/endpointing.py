"""When an utterance begins and when it has ended, from the gate's opinion of each frame. PURE."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

_ONSET_VOICED, _ONSET_FRAMES = 4, 6  # a click is shorter; the shortest "ja" is longer


class Boundary(StrEnum):
    """What a frame means for the utterance."""

    OUTSIDE = "outside"
    BEGIN = "begin"
    INSIDE = "inside"
    END = "end"
    CUT = "cut"  # too long: this utterance ends and the next one begins, without a pause between them


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Lengths in frames: the silence that ends an utterance, and the longest utterance."""

    silence_frames: int
    longest_frames: int


class Endpointer:
    """Follows one stream, frame by frame."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=_ONSET_FRAMES)
        self._settings: EndpointSettings | None = None
        self._silent = 0
        self._length = 0

    @property
    def is_inside(self) -> bool:
        return self._settings is not None

    @property
    def silent_frames(self) -> int:
        """How long the pause is by now."""
        return self._silent

    def end(self) -> None:
        """The utterance has ended, whatever comes next."""
        self._settings = None

    def begin(self, settings: EndpointSettings) -> None:
        """The utterance that `step` announced has begun; the settings hold until its end."""
        self._settings = settings
        self._silent = self._length = 0
        self._recent.clear()

    def step(self, voiced: bool) -> Boundary:
        """The next frame. After BEGIN and CUT call `begin`."""
        settings = self._settings
        if settings is None:
            self._recent.append(voiced)
            return Boundary.BEGIN if sum(self._recent) >= _ONSET_VOICED else Boundary.OUTSIDE
        self._length += 1
        self._silent = 0 if voiced else self._silent + 1
        if self._silent >= settings.silence_frames:
            self.end()
            return Boundary.END
        return Boundary.CUT if self._length >= settings.longest_frames else Boundary.INSIDE
