"""`spelregel evaluate`: what is counted, over which rows, and how it is shown."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest

from speech import scoring
from speech.charts import bins_of
from speech.engines.whisper_engine import WhisperEngine
from speech.evaluation import (
    UnusableCorpus,
    evaluate_audio,
    evaluate_text,
    read_recordings,
    read_utterances,
)
from speech.evaluation_report import WRONG_AT_MOST, Evaluation, as_html, as_json, as_text
from speech.intent import Expecting, Label
from speech.scoring import Hearing, Outcome, Share
from tests.browser import accessibility_faults, chromium, scrolls_sideways
from tests.speech.hearing import spoken
from tests.speech.test_wav import fmt_chunk, riff

TEXTS = "label\tvariant\ttext\n"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SOUNDS = "file\tlabel\ttext\tvoice\tsnr_db\n"


def outcome(
    expected: Label,
    got: Label,
    *,
    confidence: float = 0.9,
    wishes: tuple[float, ...] = (),
    hearing: Hearing | None = None,
    text: str = "",
    **traits: str,
) -> Outcome:
    return Outcome(2, text, traits, expected, got, confidence, ("regel: proef",), wishes, hearing)


def heard(text: str, latency_s: float | None = None) -> Hearing:
    return Hearing(text, audio_s=1800.0, cpu_s=450.0, latency_s=latency_s)


MIXED = (
    outcome(
        Label.REQUEST, Label.REQUEST, wishes=(0.9,), hearing=heard("ik neem op", 0.42), text="ik neem op", voice="a"
    ),
    outcome(Label.REQUEST, Label.REQUEST, confidence=0.3, wishes=(0.3,), hearing=heard("neem", 0.61), voice="b"),
    outcome(Label.REQUEST, Label.NONE, confidence=0.0, hearing=heard(""), text="mag <ik> & u", voice="b"),
    outcome(Label.NONE, Label.REQUEST, confidence=0.5, wishes=(0.5, 0.4), hearing=heard("", 1.3), voice="a"),
    outcome(Label.NONE, Label.NONE, confidence=0.0, hearing=heard(""), voice="a"),
    outcome(Label.NO, Label.YES, hearing=heard("ja", 0.4), voice="a"),
)
AUDIO = Evaluation("index.tsv", "whisper", None, MIXED)


# ---------------------------------------------------------------- counting


def test_recall_and_precision_are_shares_of_different_rows() -> None:
    by_label = scoring.recall_by(MIXED, lambda row: row.expected.value)
    assert by_label == {"request": Share(2, 3), "none": Share(1, 2), "no": Share(0, 1)}
    assert scoring.precision_of(MIXED, Label.REQUEST) == Share(2, 3)
    assert scoring.precision_of(MIXED, Label.COPY).value is None


def test_every_wish_in_a_negative_row_is_a_false_alarm() -> None:
    """Long recordings can hold several; two rows of half an hour are one hour."""
    alarms = scoring.count_false_alarms(MIXED)
    assert (alarms.alarms, alarms.utterances, alarms.hours) == (2, 2, 1.0)
    assert (alarms.per_100, alarms.per_hour) == (100.0, 2.0)
    nothing = scoring.count_false_alarms(MIXED[:3])
    assert (nothing.per_100, nothing.per_hour) == (None, None)


def test_a_false_yes_is_counted_apart() -> None:
    assert scoring.count_false_yes(MIXED) == 1


def test_a_higher_threshold_misses_more_and_alarms_less() -> None:
    points = scoring.trade_off(MIXED)
    assert [point.threshold for point in points] == pytest.approx([step / 20 for step in range(21)])
    assert (round(points[0].missed, 3), points[0].alarmed) == (0.333, 0.5)
    assert (points[-1].missed, points[-1].alarmed) == (1.0, 0.0)
    assert all(low.missed <= high.missed and low.alarmed >= high.alarmed for low, high in pairwise(points))
    assert scoring.trade_off(MIXED[:3]) == []


@pytest.mark.parametrize(
    ("said", "recognised", "errors"),
    [
        ("ik neem dit op", "ik neem dit op", 0),
        ("ik neem dit op", "", 4),
        ("", "ja hoor", 2),
        ("ik neem dit gesprek op", "ik nam gesprek op hoor", 3),
        ("a b c", "b c a", 2),
    ],
)
def test_word_errors(said: str, recognised: str, errors: int) -> None:
    assert scoring.count_word_errors(said.split(), recognised.split()) == errors


def test_word_errors_do_not_see_punctuation() -> None:
    row = outcome(Label.YES, Label.YES, text="ja, dat klopt", hearing=heard("Ja dat klopt."))
    assert scoring.word_error_rate([row]) == 0
    assert scoring.word_error_rate([outcome(Label.YES, Label.YES, text="ja")]) is None


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(20, 0, -1)]
    assert scoring.percentile(values, 50) == 10
    assert scoring.percentile(values, 95) == 19
    assert scoring.percentile([3.0], 5) == 3
    assert scoring.percentile([], 50) is None


def test_bins_are_neighbours_and_hold_everything() -> None:
    bins = bins_of([-20.0, 0.0, 99.9, 100.0, 310.0], 100)
    assert [(bin_.start, bin_.count) for bin_ in bins] == [(-100, 1), (0, 2), (100, 1), (200, 0), (300, 1)]
    assert bins_of([], 100) == []
    assert len(bins_of([0.0, 60_000.0], 100)) <= 26


# ---------------------------------------------------------------- reading


def table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "corpus.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    content = "\ufefftext\tsource\tlabel\tvariant\r\nja hoor\tx\tyes\tinformal\r\n\r\nnee\ty\tno\tformal\r\n"
    found = read_utterances(table(tmp_path, content))
    assert [(row.line, row.label, row.variant, row.text) for row in found] == [
        (2, Label.YES, "informal", "ja hoor"),
        (4, Label.NO, "formal", "nee"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "corpus.tsv:1: has no column label, variant, text"),
        ("label,variant,text\nyes,formal,ja\n", "corpus.tsv:1: has no column"),
        ("label\ttext\nyes\tja\n", "corpus.tsv:1: has no column variant"),
        (TEXTS, "corpus.tsv:1: has no rows"),
        (f"{TEXTS}yes\tformal\tja\nmaybe\tformal\tja\n", "corpus.tsv:3: unknown label 'maybe'"),
        (f"{TEXTS}yes\tformal\n", "corpus.tsv:2: has 2 columns where the header has 3"),
        (f"{TEXTS}yes\tformal\tja\tja\n", "corpus.tsv:2: has 4 columns"),
        (TEXTS.encode() + b"yes\tformal\tja\nno\tformal\tn\xe9\n", "corpus.tsv:3: is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(UnusableCorpus) as refused:
        read_utterances(table(tmp_path, content))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("sound", [None, b"", b"no sound at all"])
def test_every_sound_is_looked_at_before_anything_is_heard(tmp_path: Path, sound: bytes | None) -> None:
    (tmp_path / "good.wav").write_bytes(riff(fmt_chunk(7, 8), bytes(800)))
    if sound is not None:
        (tmp_path / "bad.wav").write_bytes(sound)
    index = table(tmp_path, f"{SOUNDS}good.wav\tyes\tja\tx\tclean\nbad.wav\tno\tnee\tx\t20\n")
    with pytest.raises(UnusableCorpus, match=r"corpus\.tsv:3: .*bad\.wav"):
        read_recordings(index)


# ---------------------------------------------------------------- evaluating


def test_text_is_read_in_one_state_or_in_none(tmp_path: Path) -> None:
    rows = read_utterances(table(tmp_path, f"{TEXTS}yes\tformal\tja dat klopt\nrequest\tl2\tik neem dit gesprek op\n"))
    free = evaluate_text(rows, None)
    assert [row.got for row in free] == [Label.YES, Label.REQUEST]
    assert [len(row.wishes) for row in free] == [0, 1]
    assert free[1].traits == {"variant": "l2"}
    assert [row.got for row in evaluate_text(rows, Expecting.LISTENING)] == [Label.NONE, Label.REQUEST]


def test_sound_is_heard_in_the_state_of_its_label(whisper: WhisperEngine, tmp_path: Path) -> None:
    """Each has its words, its price and its time; a file may end with its last word."""
    said = {
        "request": "Ik neem dit gesprek op.",
        "yes": "Ja, dat klopt.",
        "none": "Wanneer krijg ik daar bericht over?",
    }
    lines = SOUNDS
    for label, text in said.items():
        (tmp_path / f"{label}.wav").write_bytes(riff(fmt_chunk(7, 8), spoken(text)))
        lines += f"{label}.wav\t{label}\t{text}\tespeak\tclean\n"
    recordings = read_recordings(table(tmp_path, lines))
    found = evaluate_audio(recordings, whisper, None)
    assert [row.got for row in found] == [Label.REQUEST, Label.YES, Label.NONE]
    for row in found:
        assert row.hearing is not None
        assert row.hearing.text
        assert row.hearing.cpu_s > 0
        assert 0.5 < row.hearing.audio_s < 5
    waits = [row.hearing.latency_s for row in found if row.hearing]
    assert waits[0] is not None
    assert waits[0] > 0
    assert waits[2] is None
    (listening,) = evaluate_audio(recordings[1:2], whisper, Expecting.LISTENING)
    assert listening.got is Label.NONE


# ---------------------------------------------------------------- showing


def test_json_has_every_figure() -> None:
    found = json.loads(json.dumps(as_json(AUDIO)))
    assert found["labels"]["request"] == {"rows": 3, "right": 2, "recall": 0.6667, "precision": 0.6667}
    assert found["confusion"]["none"] == {"request": 1, "none": 1}
    assert found["request_by"]["voice"]["b"]["recall"] == 0.5
    assert found["false_alarms"] == {"alarms": 2, "utterances": 2, "per_100_utterances": 100.0}
    assert found["false_alarms_per_hour"] == 2.0
    assert found["false_yes"] == 1
    assert found["latency_s"] == {"intents": 4, "p50": 0.42, "p95": 1.3}
    assert found["cpu_s_per_audio_s"] == 0.25
    assert found["wrong_rows"] == 3
    assert found["wrong"][0] == {
        "line": 2,
        "text": "mag <ik> & u",
        "expected": "request",
        "got": "none",
        "evidence": ["regel: proef"],
        "heard": "",
    }


def test_text_has_no_figures_of_sound() -> None:
    rows = tuple(outcome(Label.YES, Label.YES, text="ja", variant="formal") for _ in range(3))
    found = as_json(Evaluation("utterances.tsv", None, Expecting.CONFIRMING, rows))
    assert found["state"] == "confirming"
    assert not found.keys() & {"latency_s", "cpu_s_per_audio_s", "word_error_rate", "audio_s"}
    told = as_text(Evaluation("utterances.tsv", None, Expecting.CONFIRMING, rows))
    assert "CPU" not in told
    assert "Wrong" not in told


def test_only_so_many_wrong_rows_are_shown() -> None:
    rows = tuple(outcome(Label.YES, Label.NO, text="ja", variant="formal") for _ in range(WRONG_AT_MOST + 7))
    found = Evaluation("utterances.tsv", None, None, rows)
    wrong = as_json(found)["wrong"]
    assert isinstance(wrong, list)
    assert len(wrong) == WRONG_AT_MOST
    assert f"Wrong: {WRONG_AT_MOST} of {WRONG_AT_MOST + 7} shown" in as_text(found)


def test_tables_are_aligned() -> None:
    told = as_text(AUDIO)
    assert "no, unclear or none taken for yes" in told
    block = next(block for block in told.split("\n\n") if block.startswith("By label"))
    header, *rows = block.splitlines()[1:]
    assert all(row[header.index("recall") - 2 : header.index("recall")] == "  " for row in rows)


def test_the_page_is_whole_and_brings_everything_itself() -> None:
    page = ElementTree.fromstring(as_html(AUDIO).removeprefix("<!doctype html>\n"))  # noqa: S314 - our own page
    assert page.get("lang") == "en"
    assert [element.tag for element in page.iter() if element.tag in {"script", "link", "img"}] == []
    pictures = [element for element in page.iter("svg") if element.get("aria-label")]
    assert len(pictures) == 3
    body = page.find("body/main")
    assert body is not None
    for picture, after in pairwise(body):
        assert picture.tag != "svg" or after.find("table") is not None
    assert "mag <ik> & u" in [cell.text for cell in page.iter("td")]


def test_a_page_without_requests_or_intents_has_no_empty_charts() -> None:
    rows = (outcome(Label.NONE, Label.NONE, hearing=heard(""), voice="a"),)
    assert as_html(Evaluation("index.tsv", "vosk", None, rows)).count("<svg") == 1


def test_the_page_is_accessible(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(as_html(AUDIO), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 400, "height": 800})
        page.goto(path.as_uri())
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert accessibility_faults(page) == [], scheme
            assert not scrolls_sideways(page), scheme
