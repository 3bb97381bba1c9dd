"""A citizen's copy against the agency's recording: what was cut, put in or replaced. PURE (numpy).

Search where each few seconds are from, follow few lags, learn what the recorder does to the sound, weigh each moment,
take the most likely path, name what it shows: docs/adr/0032.
"""

from collections.abc import Sequence

import numpy as np

from speech.comparison.gaps import fill
from speech.comparison.naming import name_edits
from speech.comparison.path import Run, best_path, forward
from speech.comparison.relation import is_related
from speech.comparison.result import Comparison, Edit, EditKind, Verdict
from speech.comparison.sound import Sound
from speech.comparison.spectrum import band_powers
from speech.comparison.tracks import find_tracks
from speech.comparison.waves import Waves
from speech.comparison.weighing import Weighed, weigh

_ROUNDS = 2  # what the recorder does to the sound is learned from the coarse path, then from the path that this gives


def compare(agency: Sound, copy: Sound) -> Comparison:
    """Name every edit in the copy. Raises nothing: what cannot be matched is unrelated."""
    channels = [band_powers(samples) for samples in agency.samples]
    heard = np.sum([band_powers(samples) for samples in copy.samples], axis=0)
    agency_powers = np.sum(channels, axis=0)
    tracks, drift = find_tracks(agency_powers, heard)
    runs = [Run(number, track.first, track.last) for number, track in enumerate(tracks)]
    chain = forward(runs, tracks, [float(run.last - run.first) for run in runs])
    weighed: Weighed | None = None
    for _ in range(_ROUNDS):
        if chain:
            if weighed is not None:
                tracks += fill(agency_powers, heard, weighed, chain, tracks[0].rate)
            weighed = weigh(channels, heard, tracks, chain)
            runs = best_path([(each.first, each.nats) for each in weighed.evidence], heard.shape[1])
            totals = [weighed.evidence[run.track].total(run.first, run.last) for run in runs]
            chain = forward(runs, tracks, totals)
    if weighed is None or not is_related(channels, weighed, chain):
        return Comparison(Verdict.UNRELATED, 0.0, 0.0, (), (), agency.duration_s, copy.duration_s)
    waves = Waves(agency.samples, copy.samples.sum(axis=0))
    edits, stretches = name_edits(chain, weighed.evidence, weighed.traced, waves)
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


def _verdict(edits: Sequence[Edit]) -> Verdict:
    kinds = {edit.kind for edit in edits}
    if not kinds:
        return Verdict.COMPLETE
    if kinds == {EditKind.CUT}:
        return Verdict.CUT
    return Verdict.INSERTED if kinds == {EditKind.INSERT} else Verdict.ALTERED
