"""What each moment of the copy says for each track, learned from the pair of recordings itself. PURE (numpy)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speech.comparison.matching import Match, Matcher, Worth, strangeness
from speech.comparison.naming import Evidence
from speech.comparison.path import Run
from speech.comparison.prediction import Prediction, predict
from speech.comparison.spectrum import FRAME_S, Matrix
from speech.comparison.tracks import Track

_AROUND = 800  # frames that a track is followed beyond its windows
_WRONG_S = (7.3, 13.1, 23.7, 41.9)  # lags that are surely wrong, at no regular distance
_LEARNED_FROM = 60_000  # frames, spread over the whole: ten minutes say as much as an hour


@dataclass(frozen=True, slots=True)
class Weighed:
    """`evidence` stands in the tracks' order."""

    prediction: Prediction
    evidence: list[Evidence]


def weigh(channels: Sequence[Matrix], heard: Matrix, tracks: Sequence[Track], runs: Sequence[Run]) -> Weighed:
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
    for track in tracks:
        first, last = max(0, track.first - _AROUND), min(heard.shape[1], track.last + _AROUND)
        match = matcher.match(np.arange(first, last), track.agency_frames(first, last))
        strange = strangeness(match, worth.usual_excess)
        evidence.append(Evidence(track, first, worth.nats(match), worth.sides(match), strange))
    return Weighed(prediction, evidence)
