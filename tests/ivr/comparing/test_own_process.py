"""The comparison in a process of its own: it gets two files and nothing else, and what it says is checked."""

import fcntl
import io
import json
import os
import resource
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.comparing import own_process
from ivr.comparing.own_process import ENVIRONMENT, ProcessComparer
from ivr.errors import ComparisonBroken, Unusable
from speech.comparison.__main__ import LIMITS
from speech.comparison.report import Damage, Report, Side
from speech.comparison.result import Comparison, Edit, EditKind, Stretch, Verdict
from tests.speech.comparison.encoding import encode
from tests.speech.comparison.test_decoding import bursts

AGENCY = encode(np.stack([bursts(12.0, seed=1), bursts(12.0, seed=2)]), "wav")
EDIT = Edit(EditKind.CUT, 1.0, 2.0, 1.0, 1.0, 0.9)
REPORT = Report(
    "spelregel compare 1",
    Comparison(Verdict.CUT, 0.9, 12.0, (EDIT,), (Stretch(0, 1, 0, 1), Stretch(2, 10, 1, 9)), 10, 9),
    Side((0, 50, 100), ()),
    Side((1, 2), (Damage(1, 2),)),
)


def compare(agency: bytes, copy: bytes, within_s: float = 60) -> Report:
    return ProcessComparer(within_s).compare(io.BytesIO(agency), io.BytesIO(copy))


@pytest.mark.parametrize("kind", ["mp3", "m4a", "ogg-opus", "amr"])
def test_a_whole_copy_in_any_kind_of_file_is_complete(kind: str) -> None:
    copy = encode(bursts(12.0, seed=1) + bursts(12.0, seed=2), kind)
    report = compare(AGENCY, copy)
    assert report.comparison.verdict is Verdict.COMPLETE
    assert report.comparison.edits == ()
    assert len(report.agency.outline) == 480
    assert 470 < len(report.copy.outline) <= 480
    assert max(report.copy.outline) == 100


@pytest.mark.parametrize(
    ("agency", "copy", "is_agencys"),
    [(AGENCY, b"no sound at all", False), (b"", AGENCY, True), (AGENCY, b"", False), (b"", b"", True)],
)
def test_what_is_no_sound_is_said_with_whose_it_is(agency: bytes, copy: bytes, is_agencys: bool) -> None:
    with pytest.raises(Unusable) as unusable:
        compare(agency, copy)
    assert unusable.value.is_agencys is is_agencys
    assert not unusable.value.too_long


def test_what_lasts_too_long_is_said_as_such() -> None:
    longer = encode(np.zeros((3 * 3600 + 60) * 8000, np.float32), "flac-8k")
    with pytest.raises(Unusable) as unusable:
        compare(AGENCY, longer)
    assert unusable.value.too_long
    assert not unusable.value.is_agencys


def test_a_comparison_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ComparisonBroken, match="no answer in time"):
        compare(AGENCY, AGENCY, within_s=0.01)


def test_a_process_that_is_killed_leaves_no_answer_and_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "COMMAND", ["/bin/sh", "-c", "kill -KILL $$"])
    with pytest.raises(ComparisonBroken, match="exit -9"):
        compare(AGENCY, AGENCY)


def test_the_process_gets_no_key_and_no_address() -> None:
    assert set(ENVIRONMENT) == {"PYTHONPATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"}
    assert {resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE} == set(LIMITS)


def test_the_process_cannot_change_what_it_compares() -> None:
    with own_process._sealed(io.BytesIO(AGENCY)) as file:
        assert os.pread(file, 12, 0) == AGENCY[:12]
        with pytest.raises(PermissionError):
            os.pwrite(file, b"x", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(file, 0)
        with pytest.raises(PermissionError):
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)


# ---------------------------------------------------------------- what it answers


def test_a_report_is_read_as_it_was_written() -> None:
    assert own_process._report(json.dumps(asdict(REPORT)).encode()) == REPORT


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(ANY_JSON)
def test_any_other_json_is_no_report(value: object) -> None:
    with pytest.raises((ComparisonBroken, Unusable)):
        own_process._report(json.dumps(value).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_no_report(answer: bytes) -> None:
    with pytest.raises(ComparisonBroken):
        own_process._report(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"tool": 3},
        {"comparison": None},
        {"extra": 1},
        {"agency": {"outline": ["<script>"], "damaged": []}},
        {"agency": {"outline": [1.5], "damaged": []}},
        {"copy": {"outline": [], "damaged": [{"start_s": "0", "end_s": 1}]}},
    ],
)
def test_a_report_with_anything_else_in_it_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ComparisonBroken):
        own_process._report(json.dumps(asdict(REPORT) | change).encode())


def test_a_report_with_what_is_no_number_or_without_end_is_refused() -> None:
    text = json.dumps(asdict(REPORT))
    for wrong in (text.replace("12.0", "NaN"), text.replace("12.0", "Infinity"), "[" * 100_000, text + " " * 5_000_000):
        with pytest.raises(ComparisonBroken):
            own_process._report(wrong.encode())
