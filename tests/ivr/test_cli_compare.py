"""The command `compare`: its fixed JSON, its exit codes, its text and its picture."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.ivr.test_cli import complaint, spelregel
from tests.speech.comparison.encoding import encode
from tests.speech.comparison.forging import Cutter, make_call

RATE_HZ = 8_000
JSON_KEYS = {"verdict", "coverage", "drift_ppm", "edits"}
EDIT_KEYS = {"kind", "agency_start_s", "agency_end_s", "copy_start_s", "copy_end_s", "confidence"}


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return make_call(np.random.default_rng(7), 60.0, ("nl+m2", "nl+f1"))


@pytest.fixture(scope="module")
def agency(call: NDArray[np.float32], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("agency") / "agency.wav"
    path.write_bytes(encode(call, "wav"))
    return path


def written(folder: Path, name: str, file: bytes) -> str:
    (folder / name).write_bytes(file)
    return str(folder / name)


def cut(call: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without 20 to 23 s."""
    cutter = Cutter(call.sum(axis=0))
    cutter.keep_to(20 * RATE_HZ)
    cutter.cut(3 * RATE_HZ)
    cutter.keep_to(call.shape[1])
    return np.concatenate(cutter.pieces)


@pytest.mark.parametrize("kind", ["wav-mulaw", "mp3", "m4a", "ogg-opus"])
def test_a_complete_copy_is_told_in_the_fixed_shape_and_exits_0(
    agency: Path, call: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    copy = written(tmp_path, "kopie", encode(call.sum(axis=0), kind))
    assert spelregel("compare", str(agency), copy, "--json") == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found.keys() == JSON_KEYS
    assert (found["verdict"], found["edits"]) == ("complete", [])
    assert found["coverage"] > 0.95
    assert abs(found["drift_ppm"]) < 100
    assert told.err == ""
    assert told.out.count("\n") == 1


def test_a_copy_that_was_cut_is_told_with_its_times_and_exits_3(
    agency: Path, call: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = written(tmp_path, "kopie.mp3", encode(cut(call), "mp3"))
    assert spelregel("compare", str(agency), copy, "--json") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "cut"
    [edit] = found["edits"]
    assert edit.keys() == EDIT_KEYS
    assert edit["kind"] == "cut"
    assert edit["agency_end_s"] - edit["agency_start_s"] == pytest.approx(3, abs=0.1)
    assert edit["copy_start_s"] == edit["copy_end_s"]
    assert 0 <= edit["confidence"] <= 1


def test_another_conversation_exits_4(agency: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = make_call(np.random.default_rng(8), 60.0, ("nl+m7", "nl+f4"))[:, 10 * RATE_HZ :]
    copy = written(tmp_path, "kopie.ogg", encode(other.sum(axis=0), "ogg-opus"))
    assert spelregel("compare", str(agency), copy, "--json") == 4
    assert json.loads(capsys.readouterr().out)["verdict"] == "unrelated"


def test_for_people_the_times_are_minutes_and_seconds_and_the_picture_tells_itself(
    agency: Path, call: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, picture = written(tmp_path, "kopie.wav", encode(cut(call), "wav")), tmp_path / "beeld.svg"
    assert spelregel("compare", str(agency), copy, "--picture", str(picture)) == 3
    told = capsys.readouterr().out
    assert "the copy misses something from its middle" in told
    assert re.search(r"missing in the copy +00:(19\.9|20\.\d) - 00:(22\.9|23\.\d) +00:(19\.9|20\.\d) ", told)
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 - our own picture
    assert root.attrib["role"] == "img"
    assert "missing in the copy" in root.attrib["aria-label"]


@pytest.mark.parametrize("side", ["agency", "copy"])
@pytest.mark.parametrize("file", [b"", b"MZ" + bytes(500), b"RIFF", None])
def test_what_cannot_be_used_is_one_clear_line_and_exits_2(
    agency: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], side: str, file: bytes | None
) -> None:
    wrong = str(tmp_path / "weg.mp3") if file is None else written(tmp_path, "fout.mp3", file)
    files = (wrong, str(agency)) if side == "agency" else (str(agency), wrong)
    assert spelregel("compare", *files, "--json") == 2
    told = complaint(capsys)
    assert wrong in told


def test_a_damaged_file_is_compared_and_the_damage_told_beside_the_json(
    agency: Path, call: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = encode(call.sum(axis=0), "wav")
    copy = written(tmp_path, "kopie.wav", whole[: len(whole) * 2 // 3])
    assert spelregel("compare", str(agency), copy, "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out).keys() == JSON_KEYS
    assert told.err == f"spelregel: {copy}: damaged at 00:40.0 - 01:00.0\n"


def test_a_picture_that_cannot_be_written_is_said(
    agency: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spelregel("compare", str(agency), str(agency), "--picture", str(tmp_path / "geen" / "beeld.svg")) == 2
    assert "beeld.svg" in complaint(capsys)
