"""A WAV file measured: what it is, which second is which, and what is no whole one."""

import hashlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from storage.consent_log.chain import inclusion_proof, leaf_hash, root_of_leaves, verify_inclusion
from storage.recordings.sound import NoWholeWav, SoundMeasure, find_sound, measure_sound
from tests.builders import RATE_HZ, wav_of

HEADER_BYTES = 44
SECOND = 4 * RATE_HZ


def measured(data: bytes) -> SoundMeasure:
    return measure_sound(io.BytesIO(data))


def test_a_file_is_measured() -> None:
    data = wav_of(3.5)
    sound = measured(data)
    assert (sound.place.channels, sound.place.sample_rate_hz, sound.place.samples) == (2, 8000, 28_000)
    assert (sound.size_bytes, sound.place.excess_bytes) == (len(data), 0)
    assert sound.digest == hashlib.sha256(data).hexdigest()
    assert sound.pcm_digest == hashlib.sha256(data[HEADER_BYTES:]).hexdigest()
    pcm = data[HEADER_BYTES:]
    assert sound.seconds == tuple(leaf_hash(pcm[at : at + SECOND]) for at in range(0, len(pcm), SECOND))
    assert len(sound.seconds) == 4


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 2, 7.25])
def test_the_root_is_the_one_that_others_compute(seconds: float) -> None:
    pcm = wav_of(seconds)[HEADER_BYTES:]
    tree = InmemoryTree(algorithm="sha256")
    for at in range(0, len(pcm), SECOND):
        tree.append_entry(pcm[at : at + SECOND])
    expected = tree.get_root() if pcm else hashlib.sha256(b"").digest()
    assert measured(wav_of(seconds)).seconds_root == expected.hex()


def test_one_second_can_be_shown_to_be_part_of_a_recording() -> None:
    """With the second, its place, a handful of hashes and the root that the log has; without the rest."""
    data = wav_of(11)
    sound = measured(data)
    leaves = sound.seconds

    def subtree_at(level: int, index: int) -> bytes:
        return root_of_leaves(leaves[index << level : (index + 1) << level])

    for second in range(11):
        start = HEADER_BYTES + second * SECOND
        proof = inclusion_proof(second, len(leaves), subtree_at)
        root = bytes.fromhex(sound.seconds_root)
        assert len(proof) <= 4
        assert verify_inclusion(second, 11, leaf_hash(data[start : start + SECOND]), root, proof)
        assert not verify_inclusion(second, 11, leaf_hash(data[start + 1 : start + SECOND + 1]), root, proof)


@given(st.integers(HEADER_BYTES, len(wav_of(2)) - 1))
def test_a_changed_byte_changes_the_hash_of_its_second_alone(at: int) -> None:
    whole, data = measured(wav_of(2)), bytearray(wav_of(2))
    data[at] ^= 1
    sound = measured(bytes(data))
    second = (at - HEADER_BYTES) // SECOND
    assert [a == b for a, b in zip(sound.seconds, whole.seconds, strict=True)] == [second != 0, second != 1]
    assert sound.seconds_root != whole.seconds_root
    assert sound.pcm_digest != whole.pcm_digest


def test_other_chunks_belong_to_the_file_and_not_to_its_sound() -> None:
    plain = wav_of(1)
    extra = b"LIST" + struct.pack("<I", 5) + b"hello\x00"
    data = plain[:4] + struct.pack("<I", len(plain) - 8 + 2 * len(extra)) + plain[8:36] + extra + plain[36:] + extra
    sound = measured(data)
    assert sound.place.excess_bytes == 0
    assert sound.pcm_digest == measured(plain).pcm_digest
    assert sound.digest != measured(plain).digest


def test_what_stands_behind_the_end_is_seen() -> None:
    assert find_sound(io.BytesIO(wav_of(1) + b"more")).excess_bytes == 4
    doubled = measured(2 * wav_of(1))
    assert doubled.place.excess_bytes == len(wav_of(1))
    assert doubled.place.samples == 8000


@pytest.mark.parametrize("length", [*range(0, 48, 3), 44, 1000, len(wav_of(1)) - 1])
def test_a_file_that_ends_early_is_no_whole_one(length: int) -> None:
    with pytest.raises(NoWholeWav):
        measured(wav_of(1)[:length])


def changed(at: int, data: bytes) -> bytes:
    whole = wav_of(1)
    return whole[:at] + data + whole[at + len(data) :]


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>502 Bad Gateway</body></html>" * 10,
        changed(0, b"RIFX"),
        changed(8, b"AVI "),
        changed(12, b"fmt?"),
        changed(20, b"\x07\x00"),  # mu-law
        changed(22, b"\x00\x00"),  # no channel
        changed(24, bytes(4)),  # no rate
        changed(32, b"\x03\x00"),  # a frame of three bytes
        changed(36, b"date"),
        changed(40, b"\xff\xff\xff\xff"),
    ],
)
def test_what_is_no_wav_with_linear_samples_is_refused(data: bytes) -> None:
    with pytest.raises(NoWholeWav):
        measured(data)


@given(st.binary(max_size=100))
def test_nothing_else_comes_of_any_bytes(data: bytes) -> None:
    with pytest.raises(NoWholeWav):
        measured(b"RIFF" + data)
