"""A signed vCon: what is in it, and that any change of it is named."""

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey

from ivr.calls.exporting import Format
from ivr.calls.listening_in import Purpose
from ivr.calls.vcon import ENTRIES, PROOF, RECORD
from ivr.calls.vcon_checking import Against, UnreadableVcon, check_vcon
from ivr.calls.vcon_contents import Finding
from ivr.calls.vcon_evidence import base64url
from ivr.calls.vcon_signing import VconSigner
from storage.consent_log.checkpoint import NoteKey, NoteSigner
from tests.builders import House, wav_of
from tests.certificates import DAY, EMAIL, Authority
from tests.ivr.calls.linked_data import check_schema
from tests.ivr.calls.vcons import SECONDS, attachment, flip, payload_of, recorded_call, with_payload


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, authority: Authority) -> Iterator[House]:
    made = recorded_call(tmp_path, sqlite_url, authority.issue().load())
    yield made
    made.close()


@pytest.fixture
def signed(house: House) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(house.wiring.exporter.vcon(house.call.call_id, inline=True))
    return made


def now() -> datetime:
    return datetime.now(UTC)


def against(authority: Authority, *keys: NoteKey, recording: bytes | None = None, days: int = 0) -> Against:
    return Against([authority.certificate], now() + timedelta(days=days), keys, recording)


def wrong(document: object, how: Against) -> list[str]:
    return [one.about for one in check_vcon(json.dumps(document).encode(), how) if one.good is False]


# ---------------------------------------------------------------- as it is made


def test_everything_about_a_signed_vcon_is_good(house: House, authority: Authority, signed: dict[str, Any]) -> None:
    how = against(authority, *house.wiring.log_keys, recording=wav_of(SECONDS))
    findings = check_vcon(json.dumps(signed).encode(), how)
    assert {one.about for one in findings} == {"signature", "certificate", "recording", "log", "record", "proof"}
    assert [one for one in findings if one.good is not True] == []


def test_it_is_a_general_json_signature_with_the_certificates_beside_it(
    house: House, authority: Authority, signed: dict[str, Any]
) -> None:
    """draft-ietf-vcon-vcon-core-04, 5.2, and RFC 7515, 7.2.1: no name stands in both headers."""
    assert set(signed) == {"payload", "signatures"}
    (signature,) = signed["signatures"]
    assert set(signature) == {"protected", "header", "signature"}
    assert set(signature["header"]) == {"x5c", "uuid"}
    assert signature["protected"] == base64url(b'{"alg":"ES256"}')
    first, *others = signature["header"]["x5c"]
    leaf = house.wiring.settings.certificate
    assert leaf is not None
    pem = "\n".join(["-----BEGIN CERTIFICATE-----", first, "-----END CERTIFICATE-----"]).encode()
    assert x509.load_pem_x509_certificate(pem) == x509.load_pem_x509_certificates(leaf.chain_pem.encode())[0]
    assert len(others) == 1


def test_record_entries_proof_and_sound_are_in_it(house: House, signed: dict[str, Any]) -> None:
    vcon = payload_of(signed)
    assert vcon["analysis"] == []
    check_schema(attachment(vcon, RECORD)["body"])
    lines = attachment(vcon, ENTRIES)["body"].splitlines()
    assert [json.loads(line)["tag"] for line in lines] == house.tags
    assert attachment(vcon, PROOF)["body"].startswith("c2sp.org/tlog-proof@v1\nindex ")
    assert attachment(vcon, PROOF)["filename"] == f"{len(lines) - 1}.tlog-proof"
    recording = next(one for one in vcon["dialog"] if one["type"] == "recording")
    assert (recording["encoding"], recording["body"]) == ("base64url", base64url(wav_of(SECONDS)))
    assert "url" not in recording


def test_by_reference_it_has_an_https_address_and_no_sound(
    tmp_path: Path, sqlite_url: str, authority: Authority
) -> None:
    house = recorded_call(tmp_path, sqlite_url, authority.issue().load(), public_url="https://spelregel.voorbeeld.nl")
    (line,) = house.wiring.exporter.export([house.call.call_id], Format.VCON, personal=True)
    recording = next(one for one in payload_of(json.loads(line))["dialog"] if one["type"] == "recording")
    assert recording["url"] == f"https://spelregel.voorbeeld.nl/console/gesprekken/{house.call.call_id}/geluid"
    assert "body" not in recording
    good = against(authority, recording=wav_of(SECONDS))
    assert wrong(json.loads(line), good) == []
    assert "recording" in wrong(json.loads(line), against(authority, recording=wav_of(SECONDS + 1)))
    unlooked = [one for one in check_vcon(line, against(authority)) if one.good is None]
    assert [one.about for one in unlooked] == ["recording", "proof"]
    house.close()


def test_an_ed25519_certificate_signs_too(tmp_path: Path, sqlite_url: str, authority: Authority) -> None:
    certificate = authority.issue(key=ed25519.Ed25519PrivateKey.generate(), name="ed").load()
    house = recorded_call(tmp_path, sqlite_url, certificate)
    made = json.loads(house.wiring.exporter.vcon(house.call.call_id, inline=True))
    assert made["signatures"][0]["protected"] == base64url(b'{"alg":"Ed25519"}')
    assert wrong(made, against(authority)) == []
    house.close()


def test_an_rs256_signature_of_another_maker_is_read(authority: Authority, signed: dict[str, Any]) -> None:
    """What the draft recommends; and a payload that was gzipped, which it allows."""
    key = rsa.generate_private_key(65537, 2048)
    files = authority.issue(key=key, name="rsa")  # type: ignore[arg-type]
    chain = x509.load_pem_x509_certificates(files.chain.read_bytes())
    vcon = gzip.compress(json.dumps(payload_of(signed)).encode())
    header = {"x5c": [_der(one) for one in chain]}
    made = jws.serialize_json(
        [{"protected": {"alg": "RS256"}, "header": header}], vcon, RSAKey.import_key(files.key.read_text())
    )
    assert wrong(made, against(authority)) == []


def _der(certificate: x509.Certificate) -> str:
    return b64encode(certificate.public_bytes(Encoding.DER)).decode()


def test_without_a_certificate_it_is_unsigned_and_says_so(
    tmp_path: Path, sqlite_url: str, authority: Authority
) -> None:
    house = recorded_call(tmp_path, sqlite_url, None)
    made = json.loads(house.wiring.exporter.vcon(house.call.call_id, inline=False))
    assert made["uuid"]
    assert wrong(made, against(authority)) == ["signature"]
    house.close()


def test_before_the_log_is_sealed_there_is_no_proof_and_that_is_told(
    tmp_path: Path, sqlite_url: str, authority: Authority
) -> None:
    house = recorded_call(tmp_path, sqlite_url, authority.issue().load(), sealed=False)
    made = house.wiring.exporter.vcon(house.call.call_id, inline=True)
    proof = next(one for one in check_vcon(made, against(authority, *house.wiring.log_keys)) if one.about == "proof")
    assert proof == Finding("proof", None, "no entry was under a signed checkpoint yet")
    house.close()


def test_entries_after_the_checkpoint_are_told_as_newer(house: House, authority: Authority) -> None:
    house.wiring.listening.open(house.call.call_id, "l.bakker", "leidinggevende", Purpose.RULES_KEPT)
    made = house.wiring.exporter.vcon(house.call.call_id, inline=True)
    proof = next(one for one in check_vcon(made, against(authority, *house.wiring.log_keys)) if one.about == "proof")
    assert proof.good
    assert proof.text.endswith("; 1 are newer")


# ---------------------------------------------------------------- what somebody may do to it


@given(st.integers(0, 1_000_000), st.sampled_from(["payload", "signature", "protected"]))
@settings(max_examples=40, deadline=None)
def test_no_bit_can_be_changed(place: int, part: str) -> None:
    made = json.loads(ONE["signed"])
    if part == "payload":
        made["payload"] = flip(made["payload"], place)
    else:
        made["signatures"][0][part] = flip(made["signatures"][0][part], place)
    try:
        findings = check_vcon(json.dumps(made).encode(), ONE["against"])
    except UnreadableVcon:
        return
    assert any(one.good is False for one in findings)


ONE: dict[str, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def one_vcon(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> None:
    """For the property test, which cannot have fixtures of its own."""
    vcon: dict[str, Any] = {
        "uuid": "4f0c8b6a-2d3e-4a5b-8c7d-9e0f1a2b3c4d",
        "parties": [],
        "dialog": [],
        "attachments": [],
    }
    certificate = authority.issue(name="one").load()
    ONE["signed"] = json.dumps(VconSigner(certificate).sign(vcon))
    ONE["against"] = against(authority)


def test_a_certificate_of_somebody_else_is_not_trusted(tmp_path: Path, signed: dict[str, Any]) -> None:
    stranger = Authority(tmp_path / "stranger", name="Een vreemde")
    findings = check_vcon(json.dumps(signed).encode(), Against([stranger.certificate], now()))
    told = next(one for one in findings if one.about == "certificate")
    assert told == Finding("certificate", False, "nobody whom you trust issued the certificate of Gemeente Voorbeeld")
    assert next(one for one in findings if one.about == "signature").good


def test_who_trusts_nobody_is_told_whom_the_file_names(signed: dict[str, Any]) -> None:
    assert wrong(signed, Against([], now())) == ["certificate"]


def test_a_signature_under_another_certificate_is_seen(authority: Authority, signed: dict[str, Any]) -> None:
    other = authority.issue("Een andere organisatie", name="other").load()
    chain = x509.load_pem_x509_certificates(other.chain_pem.encode())
    signed["signatures"][0]["header"]["x5c"] = [_der(one) for one in chain]
    assert wrong(signed, against(authority)) == ["signature"]


@pytest.mark.parametrize(
    ("days", "at_fault"), [(0, []), (400, ["certificate"]), (-400, ["certificate"])], ids=["now", "late", "early"]
)
def test_the_certificate_must_have_been_valid(
    authority: Authority, signed: dict[str, Any], days: int, at_fault: list[str]
) -> None:
    assert wrong(signed, against(authority, days=days)) == at_fault


def test_a_leaf_issues_nothing(tmp_path: Path, authority: Authority, signed: dict[str, Any]) -> None:
    """The agency's own certificate, used to issue another one, convinces nobody."""
    leaf = authority.issue(name="leaf-as-issuer")
    forged = Authority(tmp_path / "forged", name="ondertekenaar")
    chain = [
        x509.load_pem_x509_certificates(forged.issue(name="x").chain.read_bytes())[0],
        x509.load_pem_x509_certificates(leaf.chain.read_bytes())[0],
    ]
    signed["signatures"][0]["header"]["x5c"] = [_der(one) for one in chain]
    assert wrong(signed, against(authority)) == ["signature", "certificate"]


def test_a_certificate_for_something_else_is_refused(authority: Authority, signed: dict[str, Any]) -> None:
    issuing = authority.issue(purposes=[EMAIL], issues=True, ends=30 * DAY, name="issuing")
    chain = x509.load_pem_x509_certificates(issuing.chain.read_bytes())
    signed["signatures"][0]["header"]["x5c"] = [_der(one) for one in chain]
    assert wrong(signed, against(authority)) == ["signature", "certificate"]


Harm = Callable[[dict[str, Any]], object]


def resigned(signed: dict[str, Any], authority: Authority, harm: Harm) -> dict[str, Any]:
    """Signed again after the harm: what the agency itself could do, and what its signature does not show."""
    vcon = payload_of(signed)
    harm(vcon)
    return VconSigner(authority.issue(name="again").load()).sign(vcon)


def change_sound(vcon: dict[str, Any]) -> None:
    recording = next(one for one in vcon["dialog"] if one["type"] == "recording")
    recording["body"] = flip(recording["body"], 5_000)


def swap_sound(vcon: dict[str, Any]) -> None:
    recording = next(one for one in vcon["dialog"] if one["type"] == "recording")
    other = wav_of(SECONDS + 1)
    recording["body"] = base64url(other)
    recording["content_hash"] = [
        f"{name}-{base64url(hashlib.new(name, other).digest())}" for name in ("sha512", "sha256")
    ]


def drop_entry(vcon: dict[str, Any]) -> None:
    lines = attachment(vcon, ENTRIES)["body"].splitlines(keepends=True)
    attachment(vcon, ENTRIES)["body"] = "".join(lines[:4] + lines[5:])


def cut_entries(vcon: dict[str, Any]) -> None:
    """The end gone, and the record's lines with it."""
    lines = attachment(vcon, ENTRIES)["body"].splitlines(keepends=True)
    attachment(vcon, ENTRIES)["body"] = "".join(lines[:-1])
    attachment(vcon, RECORD)["body"]["log_entries"].pop()


def change_entry(vcon: dict[str, Any]) -> None:
    body = attachment(vcon, ENTRIES)
    body["body"] = body["body"].replace('"consent:given"', '"consent:refused"')


def change_record(vcon: dict[str, Any]) -> None:
    attachment(vcon, RECORD)["body"]["log_entries"][6]["tag"] = "consent:refused"


def change_proof(vcon: dict[str, Any]) -> None:
    body = attachment(vcon, PROOF)
    head, mark, note = body["body"].partition("\n\n")
    body["body"] = head.replace("index 13", "index 12") + mark + note


def other_call(vcon: dict[str, Any]) -> None:
    vcon["uuid"] = "4f0c8b6a-2d3e-4a5b-8c7d-9e0f1a2b3c4d"


def nonsense(vcon: dict[str, Any]) -> None:
    vcon["dialog"] = [{"type": "recording", "content_hash": 7}]


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (change_sound, {"recording"}),
        (swap_sound, {"recording"}),
        (drop_entry, {"log", "record"}),
        (cut_entries, {"proof"}),
        (change_entry, {"log", "record"}),
        (change_record, {"record"}),
        (change_proof, {"proof"}),
        (other_call, {"log"}),
        (nonsense, {"contents"}),
    ],
)
def test_what_the_agency_itself_changed_and_signed_again_is_named(
    house: House, authority: Authority, signed: dict[str, Any], harm: Harm, named: set[str]
) -> None:
    how = against(authority, *house.wiring.log_keys)
    assert wrong(signed, how) == []
    assert set(wrong(resigned(signed, authority, harm), how)) == named
    assert "signature" in wrong(with_payload(signed, harm), how)


def test_the_proof_of_another_log_is_refused(authority: Authority, signed: dict[str, Any]) -> None:
    other = NoteSigner.from_seed("elders.nl/log", bytes(32)).key
    assert wrong(signed, against(authority, other)) == ["proof"]


def test_the_id_beside_the_signature_must_be_that_of_the_vcon(authority: Authority, signed: dict[str, Any]) -> None:
    signed["signatures"][0]["header"]["uuid"] = "4f0c8b6a-2d3e-4a5b-8c7d-9e0f1a2b3c4d"
    assert wrong(signed, against(authority)) == ["identity"]


def test_a_second_signature_that_is_false_is_not_hidden_by_the_first(
    authority: Authority, signed: dict[str, Any]
) -> None:
    (signature,) = signed["signatures"]
    signed["signatures"].append({**signature, "signature": flip(signature["signature"], 3)})
    assert wrong(signed, against(authority)) == ["signature"]


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES512", "", None, 7])
def test_an_algorithm_that_is_not_for_vcons_is_refused(
    authority: Authority, signed: dict[str, Any], algorithm: object
) -> None:
    signed["signatures"][0]["protected"] = base64url(json.dumps({"alg": algorithm}).encode())
    assert wrong(signed, against(authority)) == ["signature"]


@pytest.mark.parametrize(
    "harm", [{}, {"header": {}}, {"header": {"x5c": []}}, {"header": {"x5c": ["!"]}}, {"header": {"x5c": [7]}}, 7]
)
def test_a_signature_without_certificates_is_none(authority: Authority, signed: dict[str, Any], harm: object) -> None:
    signed["signatures"] = [harm]
    assert wrong(signed, against(authority)) == ["signature"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"a":1}',
        b'{"payload":7,"signatures":[]}',
        b'{"payload":"!!!!","signatures":[{}]}',
        b'{"payload":"e30","payload":"e30","signatures":[{}]}',
        b'{"payload":"bm90IGpzb24","signatures":[{}]}',
        b'{"payload":"H4sIAAAA","signatures":[{}]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_what_is_no_vcon_is_said_to_be_none(authority: Authority, data: bytes) -> None:
    with pytest.raises(UnreadableVcon):
        check_vcon(data, against(authority))


def test_one_that_was_cut_short_is_said_to_be_no_vcon(authority: Authority, signed: dict[str, Any]) -> None:
    with pytest.raises(UnreadableVcon, match="only a part"):
        check_vcon(json.dumps(signed).encode()[:-1], against(authority))


def test_a_recording_that_is_not_what_was_stored_is_not_vouched_for(house: House, authority: Authority) -> None:
    """Only the digest that was logged is in the vCon: no new one is made of what lies there now."""
    with house.wiring.database.reading() as unit:
        row = unit.recordings.find_for_call(house.call.call_id)
    assert row is not None
    house.wiring.store.destroy(row.object_key)
    vcon = payload_of(json.loads(house.wiring.exporter.vcon(house.call.call_id, inline=True)))
    recording = next(one for one in vcon["dialog"] if one["type"] == "recording")
    assert recording["content_hash"] == [f"sha256-{base64url(bytes.fromhex(row.digest))}"]
    assert "body" not in recording
