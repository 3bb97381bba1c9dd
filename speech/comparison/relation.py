"""Whether the copy is of this call at all. PURE (numpy).

Two calls to one agency share the bot's prompts and a greeting, and may share voices and sentences. That alone is no
copy: of a call that was recorded, most of one of the two sides is there, or something of what each of the two people
said, as far apart as they said it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speech.comparison.path import Run
from speech.comparison.spectrum import FRAME_S, Matrix
from speech.comparison.weighing import Weighed

_AUDIBLE = 0.3  # nats above the noise: somebody speaks
_NOISE = 0.1  # share of a copy's moments that hold nothing but its noise
_LEAST_S = 2.0  # of speech in common; less may be a "goedemiddag"
_BOTH_S = 2.5  # of speech in common of each of the two parties, at one lag
_MOST, _MOST_OF_AGENCY = 0.5, 0.65  # of the speech in the copy, or in the agency's recording


def is_related(channels: Sequence[Matrix], weighed: Weighed, chain: Sequence[Run]) -> bool:
    audible = weighed.prediction.audible > _AUDIBLE
    shared = np.zeros(len(audible), bool)
    loud = weighed.prediction.heard
    heard = loud > np.quantile(loud, _NOISE) + _AUDIBLE
    explained = np.zeros(len(heard), bool)
    levels = np.array([channel.sum(axis=0) for channel in channels])
    spoken = audible & (levels == levels.max(axis=0))  # [channels, frames]
    spoken_s: list[NDArray[np.float64]] = []
    for run in chain:
        evidence = weighed.evidence[run.track]
        frames = evidence.track.agency_frames(run.first, run.last)
        good = (evidence.matching(run.first, run.last) > 0) & (frames >= 0) & (frames < len(audible))
        shared[frames[good]] = True
        spoken_s.append(spoken[:, frames[good]].sum(axis=1) * FRAME_S)
        explained[run.first : run.last] = good
    shared &= audible
    if shared.sum() * FRAME_S < _LEAST_S:
        return False
    if (explained & heard).sum() > _MOST * heard.sum() or shared.sum() > _MOST_OF_AGENCY * audible.sum():
        return True
    return len(channels) > 1 and any(said_s.min() >= _BOTH_S for said_s in spoken_s)
