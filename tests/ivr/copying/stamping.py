"""Time stamp authorities that answer wrongly: each with a stamp of a real one that was harmed on the way."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from asn1crypto import cms, core, tsp  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.ivr.witnesses.outsiders import Answering, OpensslAuthority, Reply

REPLY = {"Content-Type": "application/timestamp-reply"}
REJECTED = bytes.fromhex("30053003020102")


def changing(authority: OpensslAuthority, query: Callable[[tsp.TimeStampReq], None]) -> Answering:
    """It stamps something else than it was asked."""

    def answer(_: str, body: bytes) -> Reply:
        asked = tsp.TimeStampReq.load(body)
        query(asked)
        return Reply(200, authority.stamp(asked.dump(force=True)), REPLY)

    return answer


def _other_digest(asked: tsp.TimeStampReq) -> None:
    asked["message_imprint"]["hashed_message"] = sha256(b"something else").digest()


def _other_nonce(asked: tsp.TimeStampReq) -> None:
    asked["nonce"] = asked["nonce"].native ^ 1


def harming(authority: OpensslAuthority, harm: Callable[[bytes], bytes]) -> Answering:
    return lambda _, body: Reply(200, harm(authority.stamp(body)), REPLY)


def _replaying(authority: OpensslAuthority) -> Answering:
    first: list[bytes] = []

    def answer(_: str, body: bytes) -> Reply:
        first.append(authority.stamp(body))
        return Reply(200, first[0] if len(first) > 1 else b"", REPLY)

    return answer


WRONG: Mapping[str, Callable[[OpensslAuthority], Answering]] = {
    "another digest": lambda authority: changing(authority, _other_digest),
    "another nonce": lambda authority: changing(authority, _other_nonce),
    "an earlier answer": _replaying,
    "a bad signature": lambda authority: harming(authority, lambda stamp: stamp[:-1] + bytes([stamp[-1] ^ 1])),
    "the half of it": lambda authority: harming(authority, lambda stamp: stamp[: len(stamp) // 2]),
    "no stamp": lambda _: lambda *_: Reply(200, REJECTED, REPLY),
    "garbage": lambda _: lambda *_: Reply(200, b"garbage", REPLY),
    "nothing": lambda _: lambda *_: Reply(200, b"", REPLY),
    "ten megabytes": lambda _: lambda *_: Reply(200, bytes(10_000_000), REPLY),
    "a page": lambda _: lambda *_: Reply(200, b"<html>", {"Content-Type": "text/html"}),
    "who are you": lambda _: lambda *_: Reply(401),
    "out of order": lambda _: lambda *_: Reply(503),
    "ask another": lambda _: lambda *_: Reply(302, b"", {"Location": "http://127.0.0.1:9/"}),
}


def dated(authority: OpensslAuthority, later: timedelta) -> Answering:
    """Its clock is wrong by so much; all else is as it should be, and well signed."""
    key = load_pem_private_key((authority.folder / "tsa.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)

    def answer(_: str, body: bytes) -> Reply:
        reply = tsp.TimeStampResp.load(authority.stamp(body))
        signed = reply["time_stamp_token"]["content"]
        stated = signed["encap_content_info"]["content"].parsed
        at = stated["gen_time"].native + later
        stated["gen_time"] = at
        signed["encap_content_info"]["content"] = core.ParsableOctetString(stated.dump(force=True))
        [signer] = signed["signer_infos"]
        for attribute in signer["signed_attrs"]:
            if attribute["type"].native == "message_digest":
                attribute["values"] = [sha256(stated.dump()).digest()]
            elif attribute["type"].native == "signing_time":
                attribute["values"] = [cms.Time("utc_time", core.UTCTime(at))]
        attributes = core.SetOf.load(b"\x31" + signer["signed_attrs"].dump(force=True)[1:]).dump()
        signer["signature"] = key.sign(attributes, ec.ECDSA(SHA256()))
        return Reply(200, reply.dump(force=True), REPLY)

    return answer
