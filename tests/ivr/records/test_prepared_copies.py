"""Harm to the files that callers can keep: `spelregel recordings check` names each."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.copying.files import Form
from ivr.records.recording_check import Flaw
from storage.recordings.keys import copy_key, recording_key
from tests.builders import House
from tests.fakes import RECORDING_SID
from tests.ivr.jobs.test_prepare_copy import bytes_of, recording_of, wanted


@pytest.fixture
def kept(house: House) -> House:
    wanted(house)
    house.run_jobs()
    return house


def key_of(house: House, form: Form) -> str:
    return copy_key(recording_of(house).recording_id, form)


def flaws(house: House) -> dict[str, Flaw | None]:
    return {finding.object_key: finding.flaw for finding in house.wiring.recording_checker.check_all()}


def file_of(house: House, form: Form) -> Path:
    return house.wiring.settings.recordings_dir / key_of(house, form)


def test_what_is_whole_is_found_whole(kept: House) -> None:
    keys = [recording_key(RECORDING_SID), *(key_of(kept, form) for form in Form)]
    assert flaws(kept) == dict.fromkeys(keys)
    assert {one.object_key for one in kept.wiring.recording_checker.check_call(kept.call.call_id)} == set(keys)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:],
        lambda data: data[:0],
    ],
    ids=["truncated", "longer", "a bit flipped", "empty"],
)
def test_a_changed_object_is_damaged(kept: House, form: Form, change: Callable[[bytes], bytes]) -> None:
    path = file_of(kept, form)
    path.write_bytes(change(path.read_bytes()))
    assert flaws(kept)[key_of(kept, form)] is Flaw.DAMAGED


@pytest.mark.parametrize("form", Form)
def test_a_dropped_object_is_missing(kept: House, form: Form) -> None:
    file_of(kept, form).unlink()
    assert flaws(kept)[key_of(kept, form)] is Flaw.MISSING


def test_swapped_objects_are_damaged(kept: House) -> None:
    wav, mp3 = (file_of(kept, form) for form in Form)
    os.rename(wav, wav.with_name("aside"))
    wav.parent.mkdir(exist_ok=True)
    os.rename(mp3, wav)
    os.rename(wav.with_name("aside"), mp3)
    assert {flaws(kept)[key_of(kept, form)] for form in Form} == {Flaw.DAMAGED}


@pytest.mark.parametrize("form", Form)
def test_another_file_well_encrypted_under_the_name_is_not_what_was_logged(kept: House, form: Form) -> None:
    forged = bytearray(bytes_of(kept, form))
    forged[-1] ^= 1
    kept.wiring.store.destroy(key_of(kept, form))
    kept.wiring.store.write(key_of(kept, form), [bytes(forged)])
    assert flaws(kept)[key_of(kept, form)] is Flaw.CHANGED


def test_a_copy_that_no_entry_speaks_of_is_extra(kept: House) -> None:
    extra = copy_key("somebody else's", Form.WAV)
    kept.wiring.store.write(extra, [b"sound"])
    assert flaws(kept)[extra] is Flaw.EXTRA
