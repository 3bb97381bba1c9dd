"""Calls, what telephones make of them, and what people do to files afterwards: made apart from the comparison and from
its own cases, and sent through the codecs that telephones really use.

    python -m tests.speech.comparison.forging FIRST COUNT

tries that many cases and tells those that went wrong, with the seed that makes each one again.
"""

import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.emulator.voice import synthesise
from speech.comparison.comparing import compare
from speech.comparison.decoding import decode
from speech.comparison.result import Comparison, EditKind, Verdict
from speech.comparison.sound import RATE_HZ, Sound
from tests.speech.comparison.encoding import encode

Mono = NDArray[np.float32]

GREETING = "Goedemiddag, u spreekt met de gemeente Voorbeeld. Wilt u dit gesprek opnemen, zeg dat dan."
HOLD = "Een ogenblik geduld alstublieft. Al onze medewerkers zijn in gesprek."
SAID = (
    "Ik bel over de brief die ik vorige week kreeg.",
    "Mijn naam is Van der Meer, en ik woon in de Kerkstraat.",
    "Kunt u mij vertellen wanneer de beslissing komt?",
    "Dat duurt ongeveer zes weken, maar het kan eerder zijn.",
    "Ik heb het formulier twee keer opgestuurd, de laatste keer aangetekend.",
    "Ik zie hier dat het op dertien maart is binnengekomen.",
    "Nee, dat klopt niet, want toen was ik op vakantie.",
    "Dan ga ik het voor u navragen bij mijn collega.",
    "Moet ik daar nog iets voor betalen?",
    "Het bedrag is tweehonderdvijftig euro, in drie termijnen.",
    "Dat kan ik niet in één keer betalen.",
    "U kunt een regeling aanvragen via de website.",
    "Ik heb geen computer, dus dat is lastig voor mij.",
    "Dan stuur ik u de papieren met de post.",
    "Heel fijn, dank u wel.",
    "Is er verder nog iets waarmee ik u kan helpen?",
    "Ja, mijn zoon krijgt ook toeslag, en die is gestopt.",
    "Daarvoor moet u bij de belastingdienst zijn.",
    "Daar heb ik al drie kwartier in de wacht gestaan.",
    "Dat begrijp ik, het is op maandag altijd druk.",
    "Goed, dan probeer ik het morgen nog een keer.",
    "Tot ziens, en een prettige dag verder.",
)
# of espeak's voices those without breath, whose noise is another in each process
VOICES = ("nl+m2", "nl+f1", "nl+m7", "nl+f4", "nl+croak", "nl+klatt2", "nl+anika", "nl+steph2", "nl+belinda")


@dataclass(frozen=True, slots=True)
class Truth:
    """An edit as it was made, in seconds of each file; `slack_s` is how far its place cannot be known, because all that
    lies there is silent."""

    kind: EditKind
    agency: tuple[float, float]
    copy: tuple[float, float]
    slack_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison with its answer; `about` says how the copy was made."""

    seed: int
    agency: NDArray[np.float32]
    copy_file: bytes
    truths: tuple[Truth, ...]
    related: bool
    about: str


# ---------------------------------------------------------------- a call


@cache
def spoken(text: str, voice: str, words_per_minute: int, pitch: int) -> Mono:
    said = np.frombuffer(synthesise(text, voice, RATE_HZ, words_per_minute, pitch), "<i2")
    return np.asarray(said / 32_768, np.float32)


def colour(rng: np.random.Generator, count: int, power: float) -> Mono:
    """Noise with a spectrum that falls by that power of the frequency; RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (power / 2)
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / noise.std(), np.float32)


def music(rng: np.random.Generator, seconds: float) -> Mono:
    """A tune that repeats, as one hears on hold."""
    notes = rng.choice([262, 294, 330, 349, 392, 440], 8)
    beat = np.arange(round(0.3 * RATE_HZ)) / RATE_HZ
    bar = np.concatenate([np.sin(2 * np.pi * note * beat) * np.exp(-3 * beat) for note in notes])
    count = round(seconds * RATE_HZ)
    return np.asarray(0.15 * np.resize(bar, count), np.float32)


def make_call(rng: np.random.Generator, seconds: float, voices: tuple[str, str]) -> NDArray[np.float32]:
    """Two channels: caller, and employee with the bot. Turns, pauses, interruptions, now and then hold music."""
    count = round(seconds * RATE_HZ)
    channels = np.zeros((2, count), np.float32)
    channels += 0.0006 * np.stack([colour(rng, count, 1), colour(rng, count, 1)])
    at, side = 0.5, 1
    greeting = spoken(GREETING, "nl", 150, 50)
    put(channels[1], at, greeting)
    at += len(greeting) / RATE_HZ + 0.4
    while at < seconds - 1:
        if rng.random() < 0.04:
            put(channels[1], at, spoken(HOLD, "nl", 150, 50))
            tune = music(rng, float(rng.uniform(4, 12)))
            put(channels[1], at + 5, tune)
            at += 5 + len(tune) / RATE_HZ
        side = 1 - side if rng.random() < 0.75 else side
        said = str(rng.choice(SAID))
        turn = spoken(said, voices[side], int(rng.integers(125, 190)), int(rng.integers(30, 70)))
        put(channels[side], at, turn * np.float32(rng.uniform(0.5, 1.0)))
        at += len(turn) / RATE_HZ + float(
            rng.choice([-0.3, 0.15, 0.4, 0.8, 1.6, 4.0], p=[0.1, 0.2, 0.3, 0.2, 0.15, 0.05])
        )
    return channels


def put(channel: Mono, at_s: float, sound: Mono) -> None:
    start = max(0, round(at_s * RATE_HZ))
    room = channel[start : start + len(sound)]
    room += sound[: len(room)]


# ---------------------------------------------------------------- edits


def quiet_around(mixed: Mono, first: int, second: int) -> float:
    """How long both places of a splice are silent, before and after it together: it could as well be there."""
    block = RATE_HZ // 100
    level = np.sqrt(np.add.reduceat(mixed**2, np.arange(0, len(mixed), block)) / block) > 0.004
    slack = 0
    for step in (1, -1):
        a, b = first // block, second // block
        for away in range(1, 300):
            i, j = a + step * away, b + step * away
            if not (0 <= i < len(level) and 0 <= j < len(level)) or level[i] or level[j]:
                break
            slack += 1
    return slack / 100


def quiet_inside(before: Mono, after: Mono) -> float:
    """How long what was replaced and what came instead are both silent at one of their ends."""
    block = RATE_HZ // 100
    starts = np.arange(0, min(len(before), len(after)), block)
    loud = np.flatnonzero(np.maximum.reduceat(np.maximum(np.abs(before), np.abs(after[: len(before)])), starts) > 0.012)
    return max(int(loud[0]), len(starts) - 1 - int(loud[-1])) / 100 if len(loud) else len(starts) / 100


@dataclass
class Cutter:
    """Makes edits from the beginning to the end, and remembers where both files are."""

    mixed: Mono
    pieces: list[Mono] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    taken: int = 0
    given: int = 0

    def keep_to(self, sample: int) -> None:
        self._give(self.mixed[self.taken : sample])
        self.taken = sample

    def cut(self, length: int) -> None:
        start, end = self.taken, self.taken + length
        here = self.given / RATE_HZ
        slack = quiet_around(self.mixed, start, end)
        self.truths.append(Truth(EditKind.CUT, (start / RATE_HZ, end / RATE_HZ), (here, here), slack))
        self.taken = end

    def insert(self, sound: Mono) -> None:
        here, at = self.given / RATE_HZ, self.taken / RATE_HZ
        slack = quiet_around(self.mixed, self.taken, self.taken)
        self._give(sound)
        self.truths.append(Truth(EditKind.INSERT, (at, at), (here, self.given / RATE_HZ), min(slack, 0.3)))

    def replace(self, length: int, sound: Mono) -> None:
        start, end, here = self.taken, self.taken + length, self.given / RATE_HZ
        self._give(sound)
        self.truths.append(Truth(EditKind.REPLACE, (start / RATE_HZ, end / RATE_HZ), (here, self.given / RATE_HZ), 0.0))
        self.taken = end

    def _give(self, sound: Mono) -> None:
        self.pieces.append(sound)
        self.given += len(sound)


def speech_start(mixed: Mono, near: int) -> int:
    """A moment at or after `near` where somebody speaks."""
    block = RATE_HZ // 50
    level = np.sqrt(np.add.reduceat(mixed[near:] ** 2, np.arange(0, len(mixed) - near, block)) / block)
    loud = np.flatnonzero(level > 0.02)
    return near + (int(loud[0]) * block if len(loud) else 0)


def edit(rng: np.random.Generator, mixed: Mono, other: Mono, count: int) -> tuple[Mono, list[Truth]]:
    """`other` is another conversation, of the same people's recorder."""
    cutter = Cutter(mixed)
    room = len(mixed) // (count + 1)
    for number in range(count):
        earliest = round((number + 0.3) * room) + 2 * RATE_HZ
        start = speech_start(mixed, earliest + int(rng.integers(0, max(1, room // 4))))
        length = round(float(rng.uniform(0.5, 6)) * RATE_HZ)
        if start + length + 2 * RATE_HZ > min(len(mixed), round((number + 1.3) * room) + 2 * RATE_HZ):
            continue
        source = other if rng.random() < 0.5 else mixed
        origin = int(rng.integers(0, len(source) - length))
        if source is mixed and abs(origin - start) < 2 * length:
            origin = (start + len(mixed) // 2) % (len(mixed) - length)
        piece = source[speech_start(source, origin) :][:length]
        if len(piece) < length:
            continue
        cutter.keep_to(start)
        kind = rng.choice(["cut", "cut", "insert", "replace", "silence", "noise"])
        if kind == "cut":
            cutter.cut(length)
        elif kind == "insert":
            cutter.insert(piece)
        elif kind == "replace":
            cutter.replace(length, piece)
        elif kind == "silence":
            cutter.replace(length, np.zeros(length, np.float32))
        else:
            cutter.insert(colour(rng, length, 1) * np.float32(0.02))
    cutter.keep_to(len(mixed))
    return np.concatenate(cutter.pieces), cutter.truths


# ---------------------------------------------------------------- recorders


def recorded(rng: np.random.Generator, sound: Mono, hard: float) -> tuple[Mono, str]:
    """What a telephone's own microphone and circuits make of it; `hard` from 0 to 1."""
    about = []
    if rng.random() < 0.5:  # a band of its own
        low, high = float(rng.uniform(150, 400)), float(rng.uniform(2_600, 3_600))
        spectrum, hertz = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
        spectrum *= 1 / (1 + (low / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high) ** 8)
        sound = np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)
        about.append(f"band {low:.0f}-{high:.0f}")
    if rng.random() < 0.4 * hard + 0.1:  # a room
        tail = round(float(rng.uniform(0.08, 0.35)) * RATE_HZ)
        room = colour(rng, tail, 0) * np.exp(-6 * np.arange(tail) / tail)
        size = len(sound) + tail
        wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)[: len(sound)]
        sound = np.asarray(sound + float(rng.uniform(0.1, 0.5)) * wet * sound.std() / wet.std(), np.float32)
        about.append(f"room {tail / RATE_HZ:.2f} s")
    if rng.random() < 0.5:  # automatic gain
        block = RATE_HZ // 20
        level = np.sqrt(np.convolve(sound**2, np.ones(4 * block) / (4 * block), "same")) + 1e-3
        sound = np.asarray(sound * (0.1 / level) ** float(rng.uniform(0.3, 0.8)), np.float32)
        about.append("gain control")
    if rng.random() < 0.3:  # held further away for a while
        start = int(rng.integers(0, len(sound)))
        sound = sound.copy()
        sound[start : start + 8 * RATE_HZ] *= np.float32(0.15)
        about.append("held away")
    snr_db = float(rng.uniform(6 if hard > 0.5 else 15, 35))
    power = rng.choice([0.0, 1.0, 2.0])
    active = np.sqrt(np.mean(np.sort(sound**2)[len(sound) // 2 :]))
    sound = sound + colour(rng, len(sound), power) * np.float32(active * 10 ** (-snr_db / 20))
    about.append(f"noise {power:g} {snr_db:.0f} dB")
    if rng.random() < 0.3:  # lost packets
        for at in rng.integers(0, len(sound), len(sound) // (RATE_HZ * 6)):
            sound[at : at + int(rng.integers(160, 480))] = 0
        about.append("packets lost")
    if rng.random() < 0.2:
        sound = np.clip(sound * 4, -0.5, 0.5)
        about.append("clipped")
    return np.asarray(sound, np.float32), ", ".join(about)


def drifted(sound: Mono, ppm: float) -> Mono:
    """As a recorder with a fast clock writes it: more samples for the same time."""
    count = round(len(sound) * (1 + ppm * 1e-6))
    at = np.arange(count) / (1 + ppm * 1e-6)
    size = len(sound) * 4
    spectrum = np.fft.rfft(sound)
    dense = np.fft.irfft(np.pad(spectrum, (0, size // 2 + 1 - len(spectrum))), size) * 4
    return np.asarray(np.interp(at * 4, np.arange(size), dense), np.float32)


CODECS = (
    ("mp3-16k", (16_000, 32_000, 64_000)),
    ("mp3", (32_000, 64_000, 128_000)),
    ("m4a", (24_000, 32_000, 64_000)),
    ("ogg-opus", (6_000, 12_000, 24_000)),
    ("amr", (4_750, 7_400, 12_200)),
    ("wav-mulaw", (64_000,)),
    ("wav", (128_000,)),
)
DELAY_S = {"amr": 0.007}
"""What the codec adds and its file does not tell."""


def make_case(seed: int, *, seconds: float | None = None, plain: bool = False) -> Case:
    """`plain`: nobody edited it."""
    rng = np.random.default_rng(seed)
    voices = tuple(str(voice) for voice in rng.choice(VOICES, 2, replace=False))
    lasts = float(rng.uniform(45, 150)) if seconds is None else seconds
    agency = make_call(rng, lasts, (voices[0], voices[1]))
    another = make_call(rng, lasts, (voices[0], voices[1]))
    sort = "honest" if plain else str(rng.choice(["honest", "edited", "edited", "edited", "unrelated", "partial"]))
    far_db = float(rng.choice([0, -6, -12, -20, -30]))
    gains = np.array([1.0, 10 ** (far_db / 20)], np.float32)
    near = int(rng.integers(0, 2))
    mix = (agency if sort != "unrelated" else another).T @ (gains if near == 0 else gains[::-1])
    other = another.T @ (gains if near == 0 else gains[::-1])
    truths: list[Truth] = []
    sound = np.asarray(mix, np.float32)
    if sort == "edited":
        sound, truths = edit(rng, sound, np.asarray(other, np.float32), int(rng.integers(1, 4)))
    start_s = 0.0
    if sort == "partial":
        start_s = float(rng.uniform(0.1, 0.5)) * lasts
        sound = sound[round(start_s * RATE_HZ) : round((start_s + 0.4 * lasts) * RATE_HZ)]
    head = round(float(rng.choice([0, 0.7, 5, 25])) * RATE_HZ)
    tail = round(float(rng.choice([0, 2, 15])) * RATE_HZ)
    sound = np.concatenate([np.zeros(head, np.float32), sound, np.zeros(tail, np.float32)])
    hard = float(rng.random())
    sound, about = recorded(rng, sound, hard)
    ppm = float(rng.uniform(-300, 300))
    sound = drifted(sound, ppm)
    sound *= np.float32(rng.uniform(0.05, 0.9) / max(1e-6, np.abs(sound).max()))
    kind, rates = CODECS[int(rng.integers(0, len(CODECS)))]
    bit_rate = int(rng.choice(rates))
    file = encode(sound, kind, bit_rate if kind[:3] != "wav" else None)

    def moved(at_s: float) -> float:
        return (at_s + head / RATE_HZ) * (1 + ppm * 1e-6) + DELAY_S.get(kind, 0.0)

    placed = tuple(replace(truth, copy=(moved(truth.copy[0]), moved(truth.copy[1]))) for truth in truths)
    if not placed and sort == "edited":
        sort = "honest"
    scene = f"{sort}, {lasts:.0f} s, near {near}, far {far_db:g} dB, head {head / RATE_HZ:g} s"
    made = f"{kind} {bit_rate}, {ppm:+.0f} ppm, {about}"
    return Case(seed, agency, file, placed, sort != "unrelated", f"{scene}, {made}")


# ---------------------------------------------------------------- judging


@dataclass(frozen=True, slots=True)
class Judged:
    """`missed` are edits that were not found in their place, `alarms` those that nobody made."""

    case: Case
    found: Comparison
    missed: tuple[Truth, ...]
    alarms: int
    seconds: float

    @property
    def is_good(self) -> bool:
        related = (self.found.verdict is not Verdict.UNRELATED) == self.case.related
        return related and not self.missed and not self.alarms


NEAR_S = 0.15


def is_found(truth: Truth, found: Comparison) -> bool:
    """One edit of the same kind, with all its ends in place."""
    within = NEAR_S + truth.slack_s
    return any(
        edit.kind is truth.kind
        and abs(edit.agency_start_s - truth.agency[0]) <= within
        and abs(edit.agency_end_s - truth.agency[1]) <= within
        and abs(edit.copy_start_s - truth.copy[0]) <= within
        and abs(edit.copy_end_s - truth.copy[1]) <= within
        for edit in found.edits
    )


def judge(case: Case, folder: Path) -> Judged:
    path = folder / "copy"
    path.write_bytes(case.copy_file)
    copy = decode(path).sound
    began = time.process_time()
    found = compare(Sound(case.agency), copy)
    took = time.process_time() - began
    missed = tuple(truth for truth in case.truths if not is_found(truth, found))
    touched = [
        edit
        for edit in found.edits
        if any(
            edit.copy_start_s <= truth.copy[1] + 1 + truth.slack_s
            and edit.copy_end_s >= truth.copy[0] - 1 - truth.slack_s
            for truth in case.truths
        )
    ]
    return Judged(case, found, missed, len(found.edits) - len(touched), took)


def told(judged: Judged) -> str:
    """One case that went wrong, for who wants to know why."""
    found = [
        f"{one.kind} a {one.agency_start_s:.2f}-{one.agency_end_s:.2f} c {one.copy_start_s:.2f}-{one.copy_end_s:.2f}"
        for one in judged.found.edits
    ]
    missed = [
        f"{truth.kind} a {truth.agency[0]:.2f}-{truth.agency[1]:.2f} c {truth.copy[0]:.2f}-{truth.copy[1]:.2f}"
        f" slack {truth.slack_s:.2f}"
        for truth in judged.missed
    ]
    return (
        f"seed {judged.case.seed}: {judged.case.about}\n"
        f"  {judged.found.verdict} coverage {judged.found.coverage:.2f} drift {judged.found.drift_ppm:.0f};"
        f" false alarms {judged.alarms}\n  missed {missed}\n  found {found}"
    )


def main(first: int, count: int) -> None:
    edits = found = alarms = accused = honest = unrelated = seconds = lasted = 0.0
    known = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            case = make_case(seed)
            judged = judge(case, Path(folder))
            edits += len(case.truths)
            found += len(case.truths) - len(judged.missed)
            alarms += judged.alarms
            if case.related and not case.truths:
                honest += 1
                accused += judged.found.verdict is not Verdict.COMPLETE
            if not case.related:
                unrelated += 1
                known += judged.found.verdict is Verdict.UNRELATED
            seconds += judged.seconds
            lasted += judged.found.copy_s
            if not judged.is_good:
                sys.stdout.write(f"{told(judged)}\n")
    sys.stdout.write(
        f"{count} cases: {found:.0f} of {edits:.0f} edits in their place, {alarms:.0f} false alarms, "
        f"{accused:.0f} of {honest:.0f} honest copies accused, {known} of {unrelated:.0f} other calls known, "
        f"{seconds / lasted * 3600:.1f} s CPU for an hour\n"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
