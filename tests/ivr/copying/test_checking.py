"""A copy held against the log: what was handed out passes, whatever was done to it is named."""

import io
import struct
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from ivr.copying.checking import Logged, NoSoundFile, Presented, form_of, hold_against, is_good, look_at
from ivr.copying.credentials import State
from ivr.copying.files import Form
from ivr.copying.signing import Signer
from storage.records import Json, LoggedEntry
from tests.certificates import Authority
from tests.ivr.copying.copies import BEGAN, CALL_ID, Recorded, sound_of

PAUSES = [(1.0, 2.0, "on hold")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Signer:
    return Signer(authority.issue().load())


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return Recorded(seconds=3.0, pauses=PAUSES)


@pytest.fixture(scope="module")
def copies(recorded: Recorded, signer: Signer) -> dict[Form, bytes]:
    return recorded.copies(signer)


def log_of(recorded: Recorded, copies: dict[Form, bytes]) -> list[LoggedEntry]:
    entries = recorded.entries
    last = entries[-1]
    for form, data in copies.items():
        facts: dict[str, Json] = {
            "form": form,
            "digest": sha256(data).hexdigest(),
            "size_bytes": len(data),
            "of": recorded.row.digest,
            "pcm_digest": recorded.facts["pcm_digest"],
            "credentials": "c2pa",
        }
        number = entries[-1].number + 1
        entries.append(replace(last, number=number, tag="copy:prepared", occurred_at=BEGAN, facts=facts))
    return entries


def judge(
    data: bytes, entries: Sequence[LoggedEntry] | None, authority: Authority | None
) -> tuple[Presented, Logged | None, bool]:
    presented = look_at(io.BytesIO(data), authority.pem.read_text() if authority else "")
    logged = None if entries is None else hold_against(entries, presented)
    return presented, logged, is_good(presented, logged, must_be_trusted=authority is not None)


@pytest.mark.parametrize("form", Form)
def test_what_was_handed_out_is_good(
    recorded: Recorded, copies: dict[Form, bytes], authority: Authority, form: Form
) -> None:
    presented, logged, good = judge(copies[form], log_of(recorded, copies), authority)
    assert (presented.form, presented.call_id, presented.credentials.state) == (form, CALL_ID, State.TRUSTED)
    assert logged == Logged((), recorded.entries[-1].number, True)
    assert good


@pytest.mark.parametrize("form", Form)
def test_without_the_log_the_credentials_alone_decide(
    copies: dict[Form, bytes], authority: Authority, form: Form
) -> None:
    assert judge(copies[form], None, authority)[2]
    assert judge(copies[form], None, None)[2]


def test_a_copy_that_somebody_else_signed_is_not_the_agencys(
    recorded: Recorded, tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> None:
    """Everything else is right: the call, the sound, the entry."""
    stranger = Authority(tmp_path_factory.mktemp("stranger"), "Een ander")
    forged = recorded.copies(Signer(stranger.issue("Gemeente Voorbeeld").load()))[Form.WAV]
    assert not judge(forged, None, authority)[2]
    assert not judge(forged, log_of(recorded, {}), authority)[2]


def test_a_copy_of_another_call_is_told_from_the_log(copies: dict[Form, bytes], signer: Signer) -> None:
    """Signed by the agency and unchanged, and yet not the recording of the call that it names."""
    other = Recorded(seconds=3.0, pauses=PAUSES, seed=2)
    _, logged, good = judge(copies[Form.WAV], log_of(other, other.copies(signer)), None)
    assert logged is not None
    assert logged.faults[0] == "its samples are not those of the recording that was stored"
    assert "recording.pcm_sha256, recording.sha256" in logged.faults[1]
    assert not good


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pauses": [(1.0, 2.5, "on hold")]}, "pauses"),
        ({"pauses": []}, "pauses"),
        ({"pauses": [*PAUSES, (2.2, 2.4, "on hold")]}, "pauses"),
        ({"is_whole": False}, "statement, whole"),
        ({"completeness": 0.5}, "completeness"),
    ],
)
def test_each_thing_that_the_log_tells_otherwise_is_named(
    copies: dict[Form, bytes], changes: dict[str, object], named: str
) -> None:
    told = Recorded(**{"seconds": 3.0, "pauses": PAUSES, **changes})  # type: ignore[arg-type]
    _, logged, good = judge(copies[Form.WAV], told.entries, None)
    assert logged is not None
    assert any(named in fault for fault in logged.faults)
    assert not good


def test_an_entry_that_was_rewritten_is_named(recorded: Recorded, copies: dict[Form, bytes]) -> None:
    entries = [replace(entry, entry_hash="f" * 64) for entry in log_of(recorded, copies)]
    _, logged, _ = judge(copies[Form.WAV], entries, None)
    assert logged is not None
    assert logged.faults == ("its credentials say something else than the log: log.entry_hash",)


def test_a_call_that_the_log_does_not_have_is_named(copies: dict[Form, bytes]) -> None:
    _, logged, good = judge(copies[Form.WAV], [], None)
    assert logged is not None
    assert "knows of no recording" in logged.faults[0]
    assert not good


def test_a_wav_whose_credentials_were_taken_out_is_still_proven_by_the_log(
    recorded: Recorded, copies: dict[Form, bytes], authority: Authority
) -> None:
    presented, logged, good = judge(recorded.sound, log_of(recorded, copies), authority)
    assert (presented.credentials.state, presented.call_id) == (State.NONE, None)
    assert logged == Logged((), recorded.entries[-1].number, False)
    assert good
    assert not judge(recorded.sound, None, authority)[2]


def test_a_wav_with_a_piece_cut_out_is_told_by_the_log(recorded: Recorded, copies: dict[Form, bytes]) -> None:
    sound = recorded.sound[44:]
    cut = sound[:32_000] + sound[40_000:]
    head = recorded.sound[:4] + struct.pack("<I", 36 + len(cut)) + recorded.sound[8:40] + struct.pack("<I", len(cut))
    _, logged, good = judge(head + cut, log_of(recorded, copies), None)
    assert logged is not None
    assert logged.faults == ("its samples are not those of the recording that was stored",)
    assert not good


def test_an_mp3_without_credentials_that_was_not_handed_out_proves_nothing(
    recorded: Recorded, copies: dict[Form, bytes]
) -> None:
    mp3 = recorded.copies(None)[Form.MP3]
    _, logged, good = judge(mp3, log_of(recorded, copies), None)
    assert logged is not None
    assert logged.faults == ("it is not the MP3 that was handed out",)
    assert not good
    assert judge(mp3, log_of(recorded, {Form.MP3: mp3}), None)[2]


def test_a_changed_byte_in_the_padding_of_the_signature_is_seen_by_the_logs_digest(
    recorded: Recorded, copies: dict[Form, bytes], authority: Authority
) -> None:
    """The one place that C2PA does not cover: zeros behind the signature, which say nothing."""
    harmed = bytearray(copies[Form.MP3])
    at = harmed.rindex(b"cpad") + 500
    assert harmed[at] == 0
    harmed[at] = 1
    presented, logged, good = judge(bytes(harmed), log_of(recorded, copies), authority)
    assert presented.credentials.state is State.TRUSTED
    assert logged is not None
    assert logged.faults == ("it is not the MP3 that was handed out",)
    assert not good


@pytest.mark.parametrize("data", [b"", b"R", b"not a sound file", b"OggS" + bytes(100), b"RIFF\0\0\0\0AVI "])
def test_what_is_no_wav_or_mp3_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NoSoundFile, match="neither a WAV nor an MP3"):
        look_at(io.BytesIO(data))


def test_the_form_is_told_by_the_first_bytes() -> None:
    assert form_of(io.BytesIO(sound_of(0.1))) is Form.WAV
    assert form_of(io.BytesIO(b"ID3\x04" + bytes(20))) is Form.MP3
    assert form_of(io.BytesIO(b"\xff\xfb\x90\x00" + bytes(20))) is Form.MP3
