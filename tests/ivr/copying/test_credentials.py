"""Content credentials: whoever reads them knows who signed and what; a change in any part of the file is seen."""

import io
import json
import random
import struct
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import Form
from ivr.copying.signing import Signer, SigningFailed
from ivr.copying.trial import try_out
from tests.certificates import DAY, ORGANISATION, Authority
from tests.ivr.copying.copies import CALL_ID, Recorded

EXPIRED = Path(__file__).parent / "expired"
"""A copy that was signed with a certificate which was over a minute later, and its authority."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Signer:
    return Signer(authority.issue().load())


@pytest.fixture(scope="module")
def copies(signer: Signer) -> dict[Form, bytes]:
    return Recorded(seconds=4.0, pauses=[(1.0, 2.0, "on hold")]).copies(signer)


def state_of(form: Form, data: bytes, anchors_pem: str = "") -> State:
    return read_credentials(form, io.BytesIO(data), anchors_pem).state


@pytest.mark.parametrize("form", Form)
def test_who_trusts_the_authority_sees_that_the_agency_signed(
    copies: dict[Form, bytes], authority: Authority, form: Form
) -> None:
    found = read_credentials(form, io.BytesIO(copies[form]), authority.pem.read_text())
    assert (found.state, found.organisation, found.faults) == (State.TRUSTED, ORGANISATION, ())
    assert found.title == "Gesprek met gemeente Voorbeeld, 2026-11-03 14:05"
    assert found.statement is not None
    assert found.statement["call"] == CALL_ID
    assert found.statement["pauses"][0]["reason"] == "on hold"


@pytest.mark.parametrize("form", Form)
def test_who_trusts_nobody_or_somebody_else_sees_that_it_is_unchanged_and_no_more(
    copies: dict[Form, bytes], tmp_path: Path, form: Form
) -> None:
    assert state_of(form, copies[form]) is State.VALID
    found = read_credentials(form, io.BytesIO(copies[form]), Authority(tmp_path, "Een ander").pem.read_text())
    assert (found.state, found.faults) == (State.VALID, ("signingCredential.untrusted",))


@pytest.mark.parametrize("form", Form)
def test_any_viewer_can_read_them(copies: dict[Form, bytes], form: Form) -> None:
    """With the C2PA project's own reader and nothing of ours: what it says without and with the authority."""
    with c2pa.Reader(form.mimetype, io.BytesIO(copies[form])) as reader:
        found = json.loads(reader.json())
    assert found["validation_state"] == "Valid"
    manifest = found["manifests"][found["active_manifest"]]
    assert [one["label"] for one in manifest["assertions"]] == ["c2pa.actions.v2", "org.spelregel.recording"]
    assert manifest["claim_generator_info"][0]["organisation"] == "Gemeente Voorbeeld"
    actions = [one["action"] for one in manifest["assertions"][0]["data"]["actions"]]
    assert actions == (["c2pa.created"] if form is Form.WAV else ["c2pa.opened", "c2pa.transcoded"])


def test_the_mp3_names_the_wav_it_was_made_of_with_the_wavs_own_credentials(copies: dict[Form, bytes]) -> None:
    with c2pa.Reader(Form.WAV.mimetype, io.BytesIO(copies[Form.WAV])) as reader:
        wav = json.loads(reader.json())["active_manifest"]
    with c2pa.Reader(Form.MP3.mimetype, io.BytesIO(copies[Form.MP3])) as reader:
        found = json.loads(reader.json())
    [ingredient] = found["manifests"][found["active_manifest"]]["ingredients"]
    assert (ingredient["relationship"], ingredient["active_manifest"]) == ("parentOf", wav)


def test_the_sound_is_not_touched_by_signing(copies: dict[Form, bytes]) -> None:
    unsigned = Recorded(seconds=4.0, pauses=[(1.0, 2.0, "on hold")]).copies(None)[Form.WAV]
    signed = copies[Form.WAV]
    assert signed[8 : len(unsigned)] == unsigned[8:]
    assert signed[len(unsigned) : len(unsigned) + 4] == b"C2PA"
    assert struct.unpack("<I", signed[4:8])[0] == len(signed) - 8


def test_a_changed_byte_in_any_second_is_seen(copies: dict[Form, bytes]) -> None:
    wav = copies[Form.WAV]
    start = wav.index(b"data") + 8
    for second in range(4):
        at = start + second * 32_000 + random.Random(second).randrange(32_000)
        assert state_of(Form.WAV, changed(wav, at)) is State.CHANGED


@pytest.mark.parametrize("at", [4, 8, 12, 20, 276, 308, 340, 358, 440, 630, 680])
def test_a_changed_byte_in_the_headers_is_seen(copies: dict[Form, bytes], at: int) -> None:
    """RIFF, bext (description, originator, reference, date, time reference, history), fmt."""
    assert state_of(Form.WAV, changed(copies[Form.WAV], at)) is State.CHANGED


def test_a_changed_length_of_a_chunk_hides_the_credentials_but_never_passes(copies: dict[Form, bytes]) -> None:
    for at in range(16, 20):
        assert state_of(Form.WAV, changed(copies[Form.WAV], at)) in (State.CHANGED, State.NONE)


@pytest.mark.parametrize("form", Form)
def test_no_changed_byte_passes_but_in_the_framing_of_the_credentials(
    copies: dict[Form, bytes], authority: Authority, form: Form
) -> None:
    """Labels of boxes and the zeros behind the signature say nothing. No reader covers them; the digest of the whole
    file, which the log has, does."""
    whole, anchors = copies[form], authority.pem.read_text()
    places = random.Random(7).sample(range(len(whole)), 150)
    passed = [at for at in places if state_of(form, changed(whole, at), anchors) is State.TRUSTED]
    frames = len(whole) - 4 * 8000 if form is Form.MP3 else whole.rindex(b"C2PA")
    assert all(at < frames if form is Form.MP3 else at > frames for at in passed)
    assert len(passed) < 15


@pytest.mark.parametrize("form", Form)
def test_no_changed_byte_of_the_statement_passes(copies: dict[Form, bytes], form: Form) -> None:
    whole = copies[form]
    begins = whole.index(b'"schema":"spelregel-recording/1"') if b'"schema":' in whole else whole.index(b'"agency"')
    for at in range(begins, begins + 800, 23):
        assert state_of(form, changed(whole, at)) is State.CHANGED


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("cut", [1, 2, 100, 2_000, 5_000, 20_000])
def test_a_file_cut_short_is_seen(copies: dict[Form, bytes], form: Form, cut: int) -> None:
    assert state_of(form, copies[form][:-cut]) is State.CHANGED


@pytest.mark.parametrize("form", Form)
def test_something_behind_the_end_is_seen(copies: dict[Form, bytes], form: Form) -> None:
    assert state_of(form, copies[form] + b"more") is State.CHANGED


def test_two_frames_of_the_mp3_in_another_order_are_seen(copies: dict[Form, bytes]) -> None:
    """A frame of 64 kbit/s at 16 kHz has 288 bytes."""
    mp3 = copies[Form.MP3]
    at = len(mp3) - 20 * 288
    assert mp3[at : at + 2] == mp3[at + 288 : at + 290]
    swapped = mp3[:at] + mp3[at + 288 : at + 576] + mp3[at : at + 288] + mp3[at + 576 :]
    assert swapped != mp3
    assert state_of(Form.MP3, swapped) is State.CHANGED


def test_credentials_that_were_taken_out_are_gone(copies: dict[Form, bytes]) -> None:
    wav = copies[Form.WAV]
    stripped = wav[: wav.rindex(b"C2PA")]
    assert state_of(Form.WAV, stripped[:4] + struct.pack("<I", len(stripped) - 8) + stripped[8:]) is State.NONE


def test_credentials_of_another_file_do_not_fit(copies: dict[Form, bytes], signer: Signer) -> None:
    other = Recorded(seconds=4.0, seed=2).copies(signer)[Form.WAV]
    wav = copies[Form.WAV]
    grafted = wav[: wav.rindex(b"C2PA")] + other[other.rindex(b"C2PA") :]
    grafted = grafted[:4] + struct.pack("<I", len(grafted) - 8) + grafted[8:]
    assert state_of(Form.WAV, grafted) is State.CHANGED


def test_a_copy_whose_certificate_ended_says_so(authority: Authority) -> None:
    data, anchors = (EXPIRED / "copy.wav").read_bytes(), (EXPIRED / "authority.pem").read_text()
    found = read_credentials(Form.WAV, io.BytesIO(data), anchors)
    assert found.state is State.EXPIRED
    assert state_of(Form.WAV, changed(data, 1000), anchors) is State.CHANGED


def test_a_certificate_that_is_over_signs_nothing(authority: Authority) -> None:
    over = Signer(authority.issue(ends=-DAY, name="over").load())
    with pytest.raises(SigningFailed, match="not valid at time of signing"):
        Recorded(seconds=0.5).copies(over)
    with pytest.raises(SigningFailed):
        try_out(over.certificate)


def test_one_that_begins_later_signs_nothing_yet(authority: Authority) -> None:
    later = Signer(authority.issue(begins=timedelta(days=2), ends=9 * DAY, name="later").load())
    with pytest.raises(SigningFailed):
        Recorded(seconds=0.5).copies(later)


def test_ed25519_signs_as_well(authority: Authority) -> None:
    files = authority.issue(key=ed25519.Ed25519PrivateKey.generate(), name="ed25519")
    copies = Recorded(seconds=0.5).copies(Signer(files.load()))
    anchors = authority.pem.read_text()
    assert {state_of(form, data, anchors) for form, data in copies.items()} == {State.TRUSTED}
    try_out(files.load())


def test_a_time_stamp_authority_that_does_not_answer_is_named(signer: Signer) -> None:
    stamping = replace(signer, tsa="http://127.0.0.1:9/tsr")
    with pytest.raises(SigningFailed, match=r"127\.0\.0\.1:9"):
        stamping.sign(Form.WAV, io.BytesIO(Recorded(seconds=0.5).sound), "x", {"agency": "x"})


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("junk", [b"", b"x" * 1000, b"RIFF\x10\0\0\0WAVE", b"ID3\x04\0\0\xff\xff\xff\xff", bytes(5000)])
def test_what_is_no_sound_file_has_no_good_credentials(form: Form, junk: bytes) -> None:
    assert state_of(form, junk) in (State.CHANGED, State.NONE)


@pytest.mark.parametrize("form", Form)
def test_nothing_of_the_people_in_the_call_is_in_the_file(signer: Signer, form: Form) -> None:
    """Numbers, names and words that stand in the log, beside it and in the telephone company's ids."""
    recorded = Recorded(
        seconds=0.5,
        more=[
            ("consent:given", 0.1, {"text": "ik neem dit gesprek op"}),
            ("employee:joined", 0.2, {"address": "client:m.jansen"}),
        ],
    )
    data = recorded.copies(signer)[form]
    for private in ("ik neem dit", "jansen", "+31612345678", "31612345678", recorded.row.recording_sid):
        assert private.encode() not in data


def changed(data: bytes, at: int) -> bytes:
    harmed = bytearray(data)
    harmed[at] ^= 1
    return bytes(harmed)
