"""A labelled corpus through the rules, or through the whole listener: what was understood, and what it cost."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.audio import TELEPHONE_RATE_HZ, encode_mulaw
from speech.errors import SpeechError, UnusableAudio
from speech.events import IntentHeard
from speech.gate import FRAME_SAMPLES
from speech.intent import Expecting, Label, classify
from speech.listener import Listener
from speech.recogniser import Engine
from speech.scoring import Hearing, Outcome
from speech.wav import WavFile

STATE_OF_LABEL = {
    Label.REQUEST: Expecting.LISTENING,
    Label.NONE: Expecting.LISTENING,
    Label.YES: Expecting.CONFIRMING,
    Label.NO: Expecting.CONFIRMING,
    Label.UNCLEAR: Expecting.CONFIRMING,
    Label.STOP: Expecting.RECORDING,
    Label.COPY: Expecting.RECORDING,
}
"""In which state of the dialogue a caller says such a thing."""

_TEXT_COLUMNS = ("label", "variant", "text")
_AUDIO_COLUMNS = ("file", "label", "text", "voice", "snr_db")
_BEFORE_S, _AFTER_S = 0.5, 2.0
_SILENT_BYTE = encode_mulaw(bytes(2))


class UnusableCorpus(SpeechError):
    """Whoever gave the table must mend it; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A labelled text, and the line of the table that holds it."""

    line: int
    label: Label
    variant: str
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A labelled sound file with the words that are said in it; `snr_db` as the table has it."""

    line: int
    path: Path
    label: Label
    text: str
    voice: str
    snr_db: str


def read_utterances(path: Path) -> list[Utterance]:
    """The rows of a table with the columns label, variant, text. Raises `UnusableCorpus`."""
    return [
        Utterance(line, label, fields["variant"], fields["text"]) for line, label, fields in _rows(path, _TEXT_COLUMNS)
    ]


def read_recordings(path: Path) -> list[Recording]:
    """The rows of a table with the columns file, label, text, voice, snr_db; the files lie beside it.

    Every file is opened once. Raises `UnusableCorpus`.
    """
    found = []
    for line, label, fields in _rows(path, _AUDIO_COLUMNS):
        sound = path.parent / fields["file"]
        try:
            with WavFile(sound):
                pass
        except UnusableAudio as error:
            raise UnusableCorpus(f"{path}:{line}: {error}") from error
        found.append(Recording(line, sound, label, fields["text"], fields["voice"], fields["snr_db"]))
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Label, dict[str, str]]]:
    """Line number, label and fields of each row of a tab-separated UTF-8 table with a header; blank lines are none."""
    try:
        first, *lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise UnusableCorpus(f"{path}:{number}: is not UTF-8; save it as UTF-8 text") from error
    header = first.split("\t")
    missing = [column for column in columns if column not in header]
    if missing:
        raise UnusableCorpus(f"{path}:1: has no column {', '.join(missing)}; give {', '.join(columns)}, with tabs")
    if not any(line.strip() for line in lines):
        raise UnusableCorpus(f"{path}:1: has no rows under its header")
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != len(header):
            raise UnusableCorpus(f"{path}:{number}: has {len(fields)} columns where the header has {len(header)}")
        row = dict(zip(header, fields, strict=True))
        if row["label"] not in {label.value for label in Label}:
            raise UnusableCorpus(f"{path}:{number}: unknown label {row['label']!r}; choose from {', '.join(Label)}")
        yield number, Label(row["label"]), row


def evaluate_text(utterances: Iterable[Utterance], expecting: Expecting | None) -> tuple[Outcome, ...]:
    """Each text through the rules, in one state of the dialogue or in none."""
    return tuple(_classified(utterance, expecting) for utterance in utterances)


def _classified(utterance: Utterance, expecting: Expecting | None) -> Outcome:
    intent = classify(utterance.text, expecting)
    return Outcome(
        line=utterance.line,
        text=utterance.text,
        traits={"variant": utterance.variant},
        expected=utterance.label,
        got=intent.label,
        confidence=intent.confidence,
        evidence=intent.evidence,
        wishes=(intent.confidence,) if intent.label is Label.REQUEST else (),
    )


def evaluate_audio(recordings: Iterable[Recording], engine: Engine, expecting: Expecting | None) -> tuple[Outcome, ...]:
    """Each file through a listener of its own; without `expecting` in the state in which its label is said."""
    return tuple(_heard(recording, engine, expecting or STATE_OF_LABEL[recording.label]) for recording in recordings)


def _heard(recording: Recording, engine: Engine, expecting: Expecting) -> Outcome:
    """Latency: from the end of the words, as the recogniser puts it, to the intent.

    Its clock is the audio's, held up by every frame whose work takes longer than the frame, as on the line.
    """
    listener = Listener(engine, expecting=lambda: expecting)
    words: list[str] = []
    intents: list[IntentHeard] = []
    clock_s, latency_s = 0.0, None
    cpu_before_s = time.process_time()
    with WavFile(recording.path) as wav:
        try:
            for frame in _on_the_line(wav):
                began_s = time.perf_counter()
                events = listener.feed(frame)
                clock_s = max(clock_s, listener.now_s) + time.perf_counter() - began_s
                for event in events:
                    if not isinstance(event, IntentHeard):
                        words.append(event.text)
                        continue
                    if not intents:
                        latency_s = clock_s - event.at_s
                    intents.append(event)
            cpu_s = time.process_time() - cpu_before_s
        finally:
            listener.close()
        audio_s = wav.duration_s
    first = intents[0] if intents else None
    return Outcome(
        line=recording.line,
        text=recording.text,
        traits={"voice": recording.voice, "snr_db": recording.snr_db},
        expected=recording.label,
        got=first.label if first else Label.NONE,
        confidence=first.confidence if first else 0.0,
        evidence=first.evidence if first else (),
        wishes=tuple(intent.confidence for intent in intents if intent.label is Label.REQUEST),
        hearing=Hearing(" ".join(words), audio_s, cpu_s, latency_s),
    )


def _on_the_line(wav: WavFile) -> Iterator[bytes]:
    """The first channel as mu-law frames, between silences: a caller's line is open before and after the words."""
    yield from _frames(_SILENT_BYTE * int(_BEFORE_S * TELEPHONE_RATE_HZ))
    for samples in wav.read(0, TELEPHONE_RATE_HZ):
        yield from _frames(encode_mulaw(samples.tobytes()))
    yield from _frames(_SILENT_BYTE * int(_AFTER_S * TELEPHONE_RATE_HZ))


def _frames(mulaw: bytes) -> Iterator[bytes]:
    yield from (mulaw[start : start + FRAME_SAMPLES] for start in range(0, len(mulaw), FRAME_SAMPLES))
