"""What each moment of the copy says for each track, learned from the pair of recordings itself. PURE (numpy)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.comparison.evidence import Evidence
from speech.comparison.matching import Match, Matcher, Worth, strangeness
from speech.comparison.path import Run
from speech.comparison.prediction import Prediction, predict
from speech.comparison.spectrum import FRAME_S, Matrix
from speech.comparison.tracks import Track
from speech.comparison.waves import Following, Nats

_AROUND = 800  # frames that a track is followed beyond its windows
_FOLLOWED = 20_000  # frames, for the longest tracks: of two prompts that are the same, theirs is likelier the right one
_WRONG_S = (7.3, 13.1, 23.7, 41.9)  # lags that are surely wrong, at no regular distance
_EDGE = 15  # frames at the ends of an edit that are left out, as they may be of what is around it
_TRACE = 3.5  # standard deviations
_AUDIBLE = 0.5  # nats above the noise
_SOUNDS = 0.8  # likewise, of what the copy itself has
_NOTHING = 1e-9  # power of a frame: digital silence, as in a pause of the recording
_PAUSED = 0.3  # of the frames
_TRIED, _TRIED_LEAST = 60, 12
_LEARNED_FROM = 60_000  # frames, spread over the whole: ten minutes say as much as an hour


@dataclass(frozen=True, slots=True)
class Weighed:
    """`evidence` stands in the tracks' order; `silent` tells which of the agency's frames hold nothing."""

    prediction: Prediction
    matcher: Matcher
    worth: Worth
    evidence: list[Evidence]
    silent: NDArray[np.bool_]
    following: Following | None

    def traced(self, number: int, low: int, high: int) -> bool:
        """Whether these frames of the copy still hold a trace of what the track says should be there.

        Softer than anywhere else, or behind other sounds: the correlation of the whole stretch, of its bands or of its
        waveform, stands out of those at lags that are wrong. What was replaced leaves no trace, whatever the noise.
        """
        inner = min(_EDGE, (high - low) // 4)
        frames = np.arange(low + inner, high - inner)
        right = self.evidence[number].track.agency_frames(low + inner, high - inner)
        length = self.prediction.predicted.shape[1]
        wrong = [self.matcher.correlation(frames, (right + shift) % length) for shift in self._shifts(right, length)]
        if self.matcher.correlation(frames, right) > float(np.mean(wrong) + _TRACE * np.std(wrong)):
            return True
        return self.following is not None and self.following.traced(number, low + inner, high - inner) > _TRACE

    def paused(self, number: int, low: int, high: int) -> bool:
        """Whether the agency's recording has nothing at all where these frames of the copy would be."""
        frames = self.evidence[number].track.agency_frames(low, high)
        return float(self.silent[np.clip(frames, 0, len(self.silent) - 1)].mean()) > _PAUSED

    def _shifts(self, right: NDArray[np.intp], length: int) -> list[int]:
        """Lags at which the agency has as much to hear."""
        audible = self.prediction.audible
        here = float(audible[np.clip(right, 0, length - 1)].mean())
        shifts = [length * part // (_TRIED + 1) for part in range(1, _TRIED + 1)]
        loud = [shift for shift in shifts if audible[(right + shift) % length].mean() > here / 2]
        return loud if len(loud) >= _TRIED_LEAST else shifts


def weigh(
    channels: Sequence[Matrix],
    heard: Matrix,
    tracks: Sequence[Track],
    runs: Sequence[Run],
    following: Following | None = None,
) -> Weighed:
    copy_at = np.concatenate([np.arange(run.first, run.last) for run in runs])
    agency_at = np.concatenate([tracks[run.track].agency_frames(run.first, run.last) for run in runs])
    length = channels[0].shape[1]
    there = (agency_at >= 0) & (agency_at < length)
    copy_at, agency_at = copy_at[there], agency_at[there]
    every = len(copy_at) // _LEARNED_FROM + 1
    prediction = predict(channels, heard, agency_at[::every], copy_at[::every])
    matcher = Matcher(prediction)
    wrong = [matcher.match(copy_at, (agency_at + int(shift / FRAME_S)) % length) for shift in _WRONG_S]
    worth = Worth(matcher.match(copy_at, agency_at), Match.joined(wrong))
    evidence = []
    for number, track in enumerate(tracks):
        first, last = _followed(track, tracks, heard.shape[1])
        match = matcher.match(np.arange(first, last), track.agency_frames(first, last))
        followed = following.nats(number, first, last) if following else Nats.none(last - first)
        evidence.append(
            Evidence(
                track,
                first,
                match=worth.nats(match),
                sides=worth.sides(match),
                strange=strangeness(match, worth.usual_excess),
                audible=match.audible > _AUDIBLE,
                excess=match.excess,
                sounds=match.audible + match.excess > _SOUNDS,
                waves=followed,
            )
        )
    silent = np.sum([each.sum(axis=0) for each in channels], axis=0) <= _NOTHING
    return Weighed(prediction, matcher, worth, evidence, silent, following)


def _followed(track: Track, tracks: Sequence[Track], frames: int) -> tuple[int, int]:
    """Until well into the tracks before and after it: in a pause between them nobody knows which of the two it is."""
    before = max((other.last for other in tracks if other.last <= track.first), default=0)
    after = min((other.first for other in tracks if other.first >= track.last), default=frames)
    longest = max(other.last - other.first for other in tracks)
    around = _FOLLOWED if 2 * (track.last - track.first) >= longest else _AROUND
    return max(0, min(track.first, before) - around), min(frames, max(track.last, after) + around)
