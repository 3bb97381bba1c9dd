"""A citizen's copy against the agency's recording: what was cut, put in or replaced. PURE (numpy).

Search where each few seconds are from, follow few lags, learn what the recorder does to the sound, weigh each moment,
take the most likely path, name what it shows: docs/adr/0032.
"""

from collections.abc import Sequence

import numpy as np

from speech.comparison.faint import find_faint
from speech.comparison.gaps import fill
from speech.comparison.naming import name_edits
from speech.comparison.path import Path, Run, best_path
from speech.comparison.relation import is_related
from speech.comparison.result import Comparison, Edit, EditKind, Verdict
from speech.comparison.sound import Sound
from speech.comparison.spectrum import band_powers
from speech.comparison.tracks import find_tracks
from speech.comparison.waves import Waves
from speech.comparison.weighing import Weighed, weigh

_ROUNDS = 3  # what the recorder does to the sound is learned from the coarse path, then from the path that this gives
_ELSEWHERE = 0.02  # nats a frame: of two places where the same is said, the one that follows is the likelier


def compare(agency: Sound, copy: Sound) -> Comparison:
    """Name every edit in the copy. Raises nothing: what cannot be matched is unrelated."""
    channels = [band_powers(samples) for samples in agency.samples]
    heard = np.sum([band_powers(samples) for samples in copy.samples], axis=0)
    both = np.sum(channels, axis=0)
    tracks, drift = find_tracks(both, heard)
    runs = [Run(number, track.first, track.last) for number, track in enumerate(tracks)]
    path = Path.through(runs, tracks, [float(run.last - run.first) for run in runs])
    mixed = copy.samples.sum(axis=0)
    waves = Waves(agency.samples, mixed)
    weighed: Weighed | None = None
    for _ in range(_ROUNDS):
        if not path.chain:
            break
        if weighed is None:
            weighed = weigh(channels, heard, tracks, path.chain)
        else:
            tracks += fill(both, heard, weighed, path.chain, tracks[0].rate)
            following = waves.learn(tracks, path.runs)
            if weighed.following is not None:
                more, known = find_faint(agency.samples, mixed, following, weighed.evidence, path.runs)
                tracks += more
                following = waves.learn(tracks, path.runs, known)
            weighed = weigh(channels, heard, tracks, path.chain, following)
        path = _path(weighed, path, heard.shape[1])
    if weighed is None or not is_related(channels, weighed, path.chain):
        return Comparison(Verdict.UNRELATED, 0.0, 0.0, (), (), agency.duration_s, copy.duration_s)
    if weighed.following is not None:
        drift = 1 / weighed.following.rate - 1
    frames = both.shape[1], heard.shape[1]
    edits, stretches = name_edits(path, weighed.evidence, weighed.traced, weighed.paused, frames)
    covered = sum(each.agency_end_s - each.agency_start_s for each in stretches) / agency.duration_s
    return Comparison(
        _verdict(edits),
        round(min(1.0, covered), 4),
        round(drift * 1e6, 1),
        tuple(edits),
        tuple(stretches),
        agency.duration_s,
        copy.duration_s,
    )


def _path(weighed: Weighed, before: Path, frames: int) -> Path:
    elsewhere = {run.track for run in before.elsewhere} - {run.track for run in before.chain}
    known = weighed.evidence
    nats = [(each.first, each.nats - _ELSEWHERE * (number in elsewhere)) for number, each in enumerate(known)]
    runs = best_path(nats, frames)
    totals = [known[run.track].total(run.first, run.last) for run in runs]
    return Path.through(runs, [each.track for each in known], totals)


def _verdict(edits: Sequence[Edit]) -> Verdict:
    kinds = {edit.kind for edit in edits}
    if not kinds:
        return Verdict.COMPLETE
    if kinds == {EditKind.CUT}:
        return Verdict.CUT
    return Verdict.INSERTED if kinds == {EditKind.INSERT} else Verdict.ALTERED
