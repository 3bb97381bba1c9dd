"""Edits at any moment of a call, in the agency's own sound, then a recorder: the line's noise is in the copy too.

    python -m tests.speech.comparison.splices FIRST COUNT

tries that many calls, each once honest and once edited, and tells which edits were not found in their place.
"""

import sys

import numpy as np
from numpy.random import Generator

from speech.comparison.comparing import compare
from speech.comparison.result import Comparison, Edit, Verdict
from speech.comparison.sound import Sound
from tests.speech.comparison.calls import RATE_HZ, Call, Samples, make_call
from tests.speech.comparison.edits import Change, Truth, apply
from tests.speech.comparison.recorders import Recorder, band, coded, drifting, levelled, noisy, swinging

NEAR_S = 0.15
_APART_S = 3.0
_CODECS = (
    "mulaw",
    "alaw",
    "mp3_16",
    "mp3_32",
    "mp3_64",
    "aac_24",
    "aac_64",
    "opus_12",
    "opus_24",
    "amr_475",
    "amr_122",
)
KINDS = ("cut", "insert own", "insert other", "insert noise", "insert silence", "replace own", "replace silence")


def material(kind: str, count: int, own: Samples, other: Samples, rng: Generator) -> Samples:
    if kind.endswith("silence"):
        return np.zeros(count, np.float32)
    if kind.endswith("noise"):
        return (rng.standard_normal(count) * 10 ** rng.uniform(-3, -1.3)).astype(np.float32)
    source = own if kind.endswith("own") else other
    start = int(rng.integers(len(source) - count))
    return source[start : start + count].copy()


def some_changes(own: Samples, other: Samples, rng: Generator) -> list[tuple[str, Change]]:
    """One to three, of 0.5 to 5 s, a second and more from both ends and 3 s from one another."""
    changes: list[tuple[str, Change]] = []
    for _ in range(int(rng.integers(1, 4))):
        kind, count = str(rng.choice(KINDS)), int(rng.uniform(0.5, 5) * RATE_HZ)
        start = int(rng.integers(RATE_HZ, len(own) - RATE_HZ - count))
        end = start if kind.startswith("insert") else start + count
        instead = own[:0] if kind == "cut" else material(kind, count, own, other, rng)
        apart = _APART_S * RATE_HZ
        if all(start > each.end + apart or end < each.start - apart for _, each in changes):
            changes.append((kind, Change(start, end, instead)))
    return sorted(changes, key=lambda each: each[1].start)


def some_recorders(rng: Generator) -> tuple[list[Recorder], str, float]:
    """And what they are, and the clock's drift as a part of 1."""
    recorders: list[Recorder] = []
    about = []
    if rng.random() < 0.4:
        low, high = float(rng.uniform(100, 400)), float(rng.uniform(2_500, 3_600))
        recorders.append(band(low, high))
        about.append(f"band {low:.0f}-{high:.0f}")
    if rng.random() < 0.7:
        noise, snr_db = str(rng.choice(("white", "pink", "street"))), float(rng.uniform(6, 30))
        recorders.append(noisy(noise, snr_db))
        about.append(f"{noise} {snr_db:.0f} dB")
    if rng.random() < 0.4:
        recorders.append(levelled if rng.random() < 0.5 else swinging(6, 9))
        about.append("gain")
    ppm = float(rng.uniform(-300, 300)) if rng.random() < 0.6 else 0.0
    codec = str(rng.choice(_CODECS))
    recorders += [drifting(ppm), coded(codec)]
    return recorders, ", ".join([*about, f"{ppm:+.0f} ppm", codec]), ppm * 1e-6


def some_mix(call: Call, rng: Generator) -> Samples:
    soft = 10 ** (-float(rng.choice((0, 0, 6, 15, 30))) / 20)
    weights = rng.permutation(np.array([1, soft], np.float32))
    return np.asarray(weights @ call.channels, np.float32)


def is_found(truth: Truth, found: Comparison, moved_s: float, drift: float) -> bool:
    def apart(edit: Edit) -> float:
        return max(
            abs(edit.agency_start_s - truth.agency_start_s),
            abs(edit.agency_end_s - truth.agency_end_s),
            abs(edit.copy_start_s - (truth.copy_start_s + moved_s) * (1 + drift)),
            abs(edit.copy_end_s - (truth.copy_end_s + moved_s) * (1 + drift)),
        )

    return any(edit.kind is truth.kind and apart(edit) <= NEAR_S for edit in found.edits)


def told(one: Edit | Truth) -> str:
    return f"{one.kind} a {one.agency_start_s:.2f}-{one.agency_end_s:.2f} c {one.copy_start_s:.2f}-{one.copy_end_s:.2f}"


def main(first: int, count: int) -> None:
    edits: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    accused = alarms = 0
    for seed in range(first, first + count):
        rng = np.random.default_rng([seed, 77])
        call, another = (make_call(number, 50, repeats=seed % 3 == 0) for number in (seed, seed + 100_000))
        own, other = some_mix(call, rng), some_mix(another, rng)
        changes = some_changes(own, other, rng)
        sound, truths = apply(own, [change for _, change in changes])
        recorders, about, drift = some_recorders(rng)
        head_s, tail_s = (float(rng.choice((0, 0, 0.7, 4))) for _ in range(2))
        for made, edited in ((own, False), (sound, True)):
            copy = np.concatenate([np.zeros(int(head_s * RATE_HZ)), made, np.zeros(int(tail_s * RATE_HZ))])
            copy = copy.astype(np.float32)
            for recorder in recorders:
                copy = recorder(copy, rng)
            found = compare(Sound(call.channels), Sound(copy[None].astype(np.float32)))
            where = f"{seed} {about}, head {head_s:g}"
            if not edited:
                accused += found.verdict is not Verdict.COMPLETE
                if found.edits or found.verdict is not Verdict.COMPLETE:
                    sys.stdout.write(f"{where}: ACCUSED {found.verdict} {'; '.join(map(told, found.edits))}\n")
                continue
            good = [is_found(truth, found, head_s, drift) for truth in truths]
            alarms += max(0, len(found.edits) - len(truths))
            for (kind, _), well in zip(changes, good, strict=True):
                edits[kind].append(well)
            if not all(good):
                missed = "; ".join(
                    f"[{kind}] {told(truth)}"
                    for (kind, _), truth, well in zip(changes, truths, good, strict=True)
                    if not well
                )
                sys.stdout.write(f"{where}\n   missed {missed}\n   found {'; '.join(map(told, found.edits))}\n")
    sys.stdout.write(", ".join(f"{kind} {sum(good)}/{len(good)}" for kind, good in edits.items()) + "\n")
    good = [well for kind in edits.values() for well in kind]
    sys.stdout.write(f"{sum(good)} of {len(good)} edits in place, {alarms} too many, {accused} of {count} accused\n")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
