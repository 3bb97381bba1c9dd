"""What the comparison of a copy with the agency's recording finds, where it errs, and what it costs.

Calls and edits come from seeds on which no constant was chosen: 90 s each, three edits of 0.5 to 4 s, six recorders.
"""

import time
from collections.abc import Mapping

import numpy as np

from speech.comparison.comparing import compare
from speech.comparison.result import Comparison, Edit, Verdict
from speech.comparison.sound import Sound
from tests.bench.table import Row
from tests.speech.comparison.calls import Call, Samples, make_call
from tests.speech.comparison.edits import SORTS, Change, Truth, apply, some_change
from tests.speech.comparison.recorders import Recorder, coded, drifting, levelled, noisy, reverberant

SEEDS = (201, 202)
LENGTH_S = 90
HOUR_S = 3_600
TOLERANCE_S = 0.15
APART_S = 4

RECORDERS: Mapping[str, tuple[Recorder, ...]] = {
    "mu-law": (coded("mulaw"),),
    "AMR 4.75, white noise 6 dB": (noisy("white", 6), coded("amr_475")),
    "AMR 12.2, pink noise 10 dB": (noisy("pink", 10), coded("amr_122")),
    "Opus 12, babble 10 dB": (noisy("babble", 10), coded("opus_12")),
    "MP3 8, street 6 dB": (noisy("street", 6), coded("mp3_8")),
    "AAC 24, room, automatic gain": (reverberant(0.5, 0.8), noisy("pink", 15), levelled, coded("aac_24")),
}


def measure() -> list[Row]:
    edits = found = honest = accused = 0
    for seed in SEEDS:
        call = make_call(seed, LENGTH_S, repeats=seed % 2 == 0)
        mix = np.asarray(call.channels.sum(axis=0))
        for number, recorders in enumerate(RECORDERS.values()):
            rng = np.random.default_rng([seed, number])
            honest += 1
            accused += _compared(call, _recorded(mix, recorders, rng)).verdict is not Verdict.COMPLETE
            sound, truths = apply(mix, _changes(call, mix, rng))
            named = _compared(call, _recorded(sound, recorders, rng)).edits
            edits += len(truths)
            found += sum(any(_same(edit, truth) for edit in named) for truth in truths)
    return [
        Row("compare: edits found", 100 * found / edits, "%", f"both ends within {TOLERANCE_S} s, n={edits}"),
        Row("compare: honest copies accused", accused, "", f"n={honest}"),
        Row("compare: an hour", _an_hour(), "s", "CPU; 300 ppm, noise of 10 dB, AMR 12.2"),
    ]


def _recorded(sound: Samples, recorders: tuple[Recorder, ...], rng: np.random.Generator) -> Samples:
    for recorder in recorders:
        sound = recorder(sound, rng)
    return sound


def _compared(call: Call, copy: Samples) -> Comparison:
    return compare(Sound(call.channels), Sound(copy[None].astype(np.float32)))


def _changes(call: Call, mix: Samples, rng: np.random.Generator) -> list[Change]:
    changes: list[Change] = []
    for sort, share in zip(rng.permutation(SORTS)[:3], (0.2, 0.5, 0.8), strict=True):
        change = some_change(str(sort), call, mix, rng, share * LENGTH_S, float(rng.uniform(0.5, 4)))
        if all(abs(change.start - other.end) > APART_S * 8_000 < abs(other.start - change.end) for other in changes):
            changes.append(change)
    return changes


def _same(edit: Edit, truth: Truth) -> bool:
    apart = (
        edit.agency_start_s - truth.agency_start_s,
        edit.agency_end_s - truth.agency_end_s,
        edit.copy_start_s - truth.copy_start_s,
        edit.copy_end_s - truth.copy_end_s,
    )
    return edit.kind is truth.kind and max(map(abs, apart)) <= TOLERANCE_S


def _an_hour() -> float:
    call = make_call(77, HOUR_S)
    rng = np.random.default_rng(77)
    recorders = (noisy("pink", 10), drifting(300), coded("amr_122"))
    copy = _recorded(np.asarray(call.channels.sum(axis=0)), recorders, rng)
    start = time.process_time()
    _compared(call, copy)
    return time.process_time() - start
