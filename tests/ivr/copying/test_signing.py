"""Signing a WAV piece by piece: what comes out is what the C2PA project's library makes of a whole file."""

import io
import json
import re
import struct
import tracemalloc
import wave
from pathlib import Path
from typing import BinaryIO

import c2pa
import pytest

from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import Form
from ivr.copying.joined import Joined
from ivr.copying.signing import PIECE_BYTES, RECORDED, Signer, SigningFailed
from storage.recordings.sound import find_sound
from storage.records import Json
from tests.certificates import Authority
from tests.ivr.copying.copies import sound_of

STATEMENT: dict[str, Json] = {"agency": "Gemeente Voorbeeld", "call": "call-1"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(Authority(tmp_path_factory.mktemp("certificates")).issue().load())


def signed(signer: Signer, sound: BinaryIO, statement: dict[str, Json] = STATEMENT) -> bytes:
    return signer.sign(Form.WAV, sound, "Gesprek", statement).read() or b""


def signed_whole(signer: Signer, data: bytes) -> bytes:
    """By the library alone, which is given the file."""
    created = {"action": "c2pa.created", "digitalSourceType": RECORDED}
    definition = {
        "claim_generator_info": [{"name": "Spelregel"}],
        "title": "Gesprek",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": "org.spelregel.recording", "kind": "Json", "data": STATEMENT},
        ],
    }
    pem = signer.certificate.chain_pem.encode(), signer.certificate.key_pem.encode()
    out = io.BytesIO()
    with (
        c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", *pem, None)) as own,
        c2pa.Builder(json.dumps(definition)) as builder,
    ):
        builder.sign(own, Form.WAV.mimetype, io.BytesIO(data), out)
    return out.getvalue()


def results(data: bytes) -> list[tuple[str, str]]:
    """Everything that the library's reader found good or bad, and where."""
    with c2pa.Reader(Form.WAV.mimetype, io.BytesIO(data)) as reader:
        found = json.loads(reader.json())["validation_results"]["activeManifest"]
    every = [*found["success"], *found["informational"], *found["failure"]]
    return sorted((one["code"], UUID.sub("", one["url"])) for one in every)


def hash_assertion(data: bytes) -> dict[str, Json]:
    with c2pa.Reader(Form.WAV.mimetype, io.BytesIO(data)) as reader:
        detailed = json.loads(reader.detailed_json())
    found: dict[str, Json] = detailed["manifests"][detailed["active_manifest"]]["assertion_store"]["c2pa.hash.data"]
    return found


def test_the_library_finds_in_it_what_it_finds_in_a_file_that_it_signed_itself(signer: Signer) -> None:
    """The same assertions, bound in the same way to the bytes before and behind the same chunk."""
    sound = sound_of(1.0)
    ours, theirs = signed(signer, io.BytesIO(sound)), signed_whole(signer, sound)
    assert results(ours) == results(theirs)
    mine, own = hash_assertion(ours), hash_assertion(theirs)
    assert mine.keys() == own.keys()
    for made, stated in ((ours, mine), (theirs, own)):
        chunk, length = struct.unpack_from("<4sI", made, len(sound))
        assert (chunk, stated["exclusions"]) == (b"C2PA", [{"start": len(sound), "length": 8 + length}])
    assert ours[8 : len(sound)] == theirs[8 : len(sound)] == sound[8:]


@pytest.mark.parametrize("length", [1, 2, 8001, 8002])
def test_a_chunk_stands_at_an_even_byte_also_behind_sound_of_an_odd_length(signer: Signer, length: int) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(1)
        wav.setframerate(8000)
        wav.writeframes(bytes(range(1, 251)) * (length // 250) + bytes(length % 250))
    place = find_sound(file)
    data = file.getvalue()[: place.start + place.sound_bytes]
    made = signed(signer, io.BytesIO(data))
    at = made.rindex(b"C2PA")
    assert at % 2 == len(made) % 2 == 0
    assert made[len(data) : at] == bytes(length % 2)
    assert struct.unpack("<I", made[4:8])[0] == len(made) - 8
    assert read_credentials(Form.WAV, io.BytesIO(made)).state is State.VALID


@pytest.mark.parametrize("letters", [0, 30_000, 61_000, 62_000, 63_000, 64_000, 70_000, 200_000])
def test_a_statement_of_any_length_fits(signer: Signer, letters: int) -> None:
    """Beyond 65,535 bytes of credentials the number that says how long they are takes more bytes itself."""
    statement: dict[str, Json] = {**STATEMENT, "pauses": "x" * letters}
    found = read_credentials(Form.WAV, io.BytesIO(signed(signer, io.BytesIO(sound_of(0.1)), statement)))
    assert (found.state, found.statement) == (State.VALID, statement)


def sparse_wav(path: Path, sound_bytes: int) -> Path:
    """Silence that takes no room on the disk."""
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 8000, 32_000, 4, 16)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", 36 + sound_bytes, b"WAVE") + fmt)
        file.write(struct.pack("<4sI", b"data", sound_bytes))
        file.truncate(44 + sound_bytes)
    return path


def test_a_call_of_two_and_a_half_hours_is_signed_and_only_a_piece_of_it_is_held(
    signer: Signer, tmp_path: Path
) -> None:
    """The library is given none of it, so what Python holds is all."""
    path, out = sparse_wav(tmp_path / "long.wav", 9000 * 32_000), tmp_path / "signed.wav"
    with path.open("rb") as source, out.open("wb") as target:
        tracemalloc.start()
        try:
            made = signer.sign(Form.WAV, source, "Gesprek", STATEMENT)
            while piece := made.read(PIECE_BYTES):
                target.seek(len(piece), io.SEEK_CUR) if not any(piece) else target.write(piece)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert most < 16 * PIECE_BYTES
    with out.open("rb") as file:
        assert read_credentials(Form.WAV, file).state is State.VALID


@pytest.mark.parametrize("data", [b"", b"RIFF", b"x" * 100, b"RIFF\0\0\0\0AVI " + bytes(100)])
def test_what_is_no_wav_is_not_signed_as_one(signer: Signer, data: bytes) -> None:
    with pytest.raises(SigningFailed, match="no WAV"):
        signed(signer, io.BytesIO(data))


def test_a_wav_with_no_room_for_credentials_is_not_signed(signer: Signer) -> None:
    """A RIFF file has four bytes for its length."""
    head = struct.pack("<4sI4s", b"RIFF", 0xFFFF_FFF0, b"WAVE")
    with pytest.raises(SigningFailed, match="no room"):
        signer.sign(Form.WAV, Joined(head, io.BytesIO(), 0, 0xFFFF_FFF0 - 4), "Gesprek", STATEMENT)
