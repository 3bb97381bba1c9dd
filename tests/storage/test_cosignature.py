"""Keys of witnesses as text, and messages as C2SP tlog-cosignature lays them out."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from storage.consent_log.checkpoint import Checkpoint, NoteSigner
from storage.consent_log.cosignature import cosigned_message, find_cosignature, parse_cosigner
from storage.errors import LogBroken

CHECKPOINT = Checkpoint(
    "example.com/behind-the-sofa", 20852163, base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
)
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
ML_DSA = MLDSA44PrivateKey.from_seed_bytes(bytes(32)).public_key().public_bytes_raw()


def vkey(name: str, material: bytes) -> str:
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"


def test_the_ed25519_message_is_the_one_of_the_specification() -> None:
    key = parse_cosigner(vkey("witness.example.com/w1", b"\x04" + ED25519))
    assert cosigned_message(CHECKPOINT, 1679315147, key) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_the_ml_dsa_message_names_the_cosigner_and_the_whole_tree() -> None:
    key = parse_cosigner(vkey("w.example", b"\x06" + ML_DSA))
    message = cosigned_message(CHECKPOINT, 1, key)
    assert message[:12] == b"subtree/v1\n\0"
    assert message[12:22] == b"\x09w.example"
    assert message[22:30] == (1).to_bytes(8)
    assert message[30:58] == b"\x1bexample.com/behind-the-sofa"
    assert message[58:] == bytes(8) + (20852163).to_bytes(8) + CHECKPOINT.root


@pytest.mark.parametrize(
    "text",
    [
        "",
        "w.example",
        vkey("w example", b"\x04" + ED25519),
        vkey("w.example", b"\x01" + ED25519),
        vkey("w.example", b"\x04" + ED25519[:-1]),
        vkey("w.example", b"\x06" + ED25519),
        vkey("w" * 256, b"\x06" + ML_DSA),
        vkey("w.example", b"\x04" + ED25519).replace("w.example", "v.example"),
        NoteSigner.from_seed("spelregel.test/log", bytes(32)).key.vkey(),
    ],
)
def test_text_that_is_no_key_of_a_witness_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_cosigner(text)


def test_a_time_beyond_all_times_is_refused() -> None:
    key = parse_cosigner(vkey("w.example", b"\x04" + ED25519))
    stamped = key.key_id + b"\xff" * 8 + bytes(64)
    with pytest.raises(LogBroken, match="malformed"):
        find_cosignature(CHECKPOINT, [f"— w.example {base64.b64encode(stamped).decode()}"], key)
