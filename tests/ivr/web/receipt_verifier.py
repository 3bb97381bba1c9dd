"""Checks a receipt as somebody would who has the file, the log's public key, and nothing of ours: only the standard
library and `cryptography`, written from docs/receipt.md."""

import base64
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The receipt does not prove what it says."""


def verify_receipt(file: bytes, vkey: str) -> int:
    """How many entries of the log the receipt proves. Raises `Refused`."""
    try:
        told = json.loads(file)
        entries = [check_entry(item, vkey) for item in told["entries"]]
        issue, said = check_entry(told["issue"], vkey)
        demand(issue["tag"] == "copy:receipt", "the entry is not about a receipt")
        demand(issue["facts"]["receipt"] == told["receipt_id"], "the receipt's id")
        demand(issue["occurred_at"] == told["issued_at"], "when it was issued")
        content = json.dumps(told["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        demand(said["content"] == hashlib.sha256(content.encode()).hexdigest(), "what the receipt says")
        demand(len(entries) == len(told["receipt"]["events"]), "not an entry for each event")
        for event, (entry, personal) in zip(told["receipt"]["events"], entries, strict=True):
            check_event(event, entry, personal)
            demand(entry["call_id"] == told["receipt"]["record_id"] == issue["call_id"], "an entry of another call")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        raise Refused(f"unreadable: {fault!r}") from fault
    return len(entries)


def check_event(event: dict[str, Any], entry: dict[str, Any], personal: dict[str, str]) -> None:
    said = entry["facts"].get("text") or personal.get("text")
    told = {
        "entry": entry["number"],
        "event_time": entry["occurred_at"],
        "event_type": entry["tag"],
        "said": said,
        "answered": personal.get("words") or personal.get("answer"),
        "channel": entry["facts"].get("channel"),
    }
    for name, value in told.items():
        demand(event[name] == value, f"event {event['entry']}: {name}")


def check_entry(item: dict[str, Any], vkey: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The entry and the values that its digests are of."""
    entry: dict[str, Any] = json.loads(item["entry"])
    index = check_proof(item["proof"], item["entry"].encode(), vkey)
    demand(entry["number"] == index, "the proof is of another number")
    for name, value in item["personal"].items():
        digest = hashlib.sha256(bytes.fromhex(value["nonce"]) + value["value"].encode()).hexdigest()
        demand(entry["personal"][name] == digest, f"personal value {name}")
    return entry, {name: value["value"] for name, value in item["personal"].items()}


def check_proof(proof: str, entry: bytes, vkey: str) -> int:
    """The number of the entry that is proven to be in the signed log."""
    head, note = proof.split("\n\n", 1)
    first, index, *lines = head.split("\n")
    demand(first == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "not a tlog-proof")
    number = int(index.removeprefix("index "))
    origin, size, root = check_note(note, vkey)
    demand(origin == vkey.split("+")[0], "the checkpoint of another log")
    path = [base64.b64decode(line, validate=True) for line in lines]
    demand(is_included(number, size, hashlib.sha256(b"\0" + entry).digest(), path, root), "not in the signed log")
    return number


def check_note(note: str, vkey: str) -> tuple[str, int, bytes]:
    """The signed checkpoint: origin, size, root."""
    name, key_id, material = vkey.split("+", 2)
    key = base64.b64decode(material)
    demand(hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, "not a verifier key")
    text, signatures = note.split("\n\n")
    for line in signatures.splitlines():
        mark, signer, signature = line.split(" ")
        signed = base64.b64decode(signature)
        if mark == "—" and signer == name and signed[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(signed[4:], f"{text}\n".encode())
            except InvalidSignature:
                raise Refused("the signature is false") from None
            origin, size, root = text.split("\n")
            return origin, int(size), base64.b64decode(root, validate=True)
    raise Refused("not signed by this key")


def is_included(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            r = hashlib.sha256(b"\1" + p + r).digest()
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = hashlib.sha256(b"\1" + r + p).digest()
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == root


def demand(holds: bool, what: str) -> None:
    if not holds:
        raise Refused(what)
