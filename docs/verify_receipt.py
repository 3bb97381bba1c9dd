#!/usr/bin/env python3
"""Check a caller's receipt without Spelregel, and without the internet.

    python3 verify_receipt.py bewijs.json --key VKEY

The file is what the page of the receipt gives as JSON; it is attached to the PDF too. VKEY is the public key of the
agency's log: ask the agency, or compare the keys in several receipts. Needs Python 3.11 and `cryptography`. Exit code
0: all of it is proven; 3: it is not, and what is wrong is named; 2: this is no receipt. receipt.md says why each step.
"""

import argparse
import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST = 64 * 1024 * 1024


class Refused(Exception):
    """The receipt does not prove what it says."""


class NoReceipt(Exception):
    """The file is something else."""


def check_receipt(file, vkey):
    """How many entries of the log the receipt proves. `file` is bytes. Raises `Refused`, `NoReceipt`."""
    try:
        told = json.loads(file, object_pairs_hook=without_doubles)
        demand(told["schema_version"] == "spelregel-receipt/2", "not a receipt that this program knows", NoReceipt)
        said, items, issue = told["receipt"], told["entries"], told["issue"]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise NoReceipt(f"not a receipt: {fault}") from None
    try:
        # What the receipt says is what the agency wrote in its log that it gave out, at that moment, under that id.
        entry, personal = check_entry(issue, vkey)
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        demand(entry["tag"] == "copy:receipt", "issue: the entry is not about a receipt")
        demand(personal["content"] == hashlib.sha256(canonical).hexdigest(), "receipt: it was changed")
        demand(entry["facts"]["receipt"] == told["receipt_id"], "receipt_id: it was changed")
        demand(entry["occurred_at"] == told["issued_at"], "issued_at: it was changed")
        # What it says of each event is what the log says of it.
        demand(len(said["events"]) == len(items), "entries: there is not one for each event")
        for event, item in zip(said["events"], items, strict=True):
            check_event(event, *check_entry(item, vkey), call_id=entry["call_id"])
        demand(said["record_id"].replace("-", "") == entry["call_id"], "record_id: another call's")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        raise Refused(f"it cannot be read: {fault!r}") from None
    return len(items)


def check_event(event, entry, personal, call_id):
    number = event["entry"]
    demand(entry["call_id"] == call_id, f"event {number}: the entry is another call's")
    told = {
        "entry": entry["number"],
        "event_time": entry["occurred_at"],
        "event_type": entry["tag"],
        "said": entry["facts"].get("text") or personal.get("text"),
        "answered": personal.get("words") or personal.get("answer"),
        "channel": entry["facts"].get("channel"),
    }
    for name, value in told.items():
        demand(event[name] == value, f"event {number}: {name} is not what the log says")


def check_entry(item, vkey):
    """The entry, and those of its personal values that came with it: the log itself has their salted digests only."""
    entry = json.loads(item["entry"])
    number = check_proof(item["proof"], item["entry"].encode(), vkey)
    demand(entry["number"] == number, f"entry {number}: the proof is of another one")
    for name, kept in item["personal"].items():
        digest = hashlib.sha256(bytes.fromhex(kept["nonce"]) + kept["value"].encode()).hexdigest()
        demand(entry["personal"][name] == digest, f"entry {number}: its personal value {name} was changed")
    return entry, {name: kept["value"] for name, kept in item["personal"].items()}


def check_proof(proof, entry, vkey):
    """The number of an entry that is in the log up to a checkpoint that this key signed (c2sp.org/tlog-proof)."""
    head, _, note = proof.partition("\n\n")
    first, index, *hashes = head.split("\n")
    demand(first == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "not a proof of a log entry")
    number = int(index.removeprefix("index "))
    size, root = check_checkpoint(note, vkey)
    path = [base64.b64decode(line, validate=True) for line in hashes]
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    demand(climb(number, size, leaf, path) == root, f"entry {number}: it is not in the log that was signed")
    return number


def climb(index, size, leaf, path):
    """The root to which `path` leads (RFC 9162, section 2.1.3.2); None where it does not lead to the top."""
    fn, sn, r = index, size - 1, leaf
    if not 0 <= index < size:
        return None
    for p in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def check_checkpoint(note, vkey):
    """Size and root of the signed log (c2sp.org/signed-note, c2sp.org/tlog-checkpoint). Others may have signed too."""
    name, key_id, public = read_key(vkey)
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")
    for line in signatures.splitlines():
        mark, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if mark == "\u2014" and signer == name == origin and signature[:4] == key_id:
            try:
                public.verify(signature[4:], f"{text}\n".encode())
            except InvalidSignature:
                raise Refused("the signature under the log is false") from None
            return int(size), base64.b64decode(root, validate=True)
    raise Refused("the log is not signed with this key")


def read_key(vkey):
    """Name, id and public key. Raises `ValueError`."""
    name, key_id, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[:1] != b"\x01" or expected.hex() != key_id:
        raise ValueError("not the public key of a log")
    return name, expected, Ed25519PublicKey.from_public_bytes(key[1:])


def without_doubles(pairs):
    """Two members of one name: each reader could see another one."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member occurs twice")
    return dict(pairs)


def demand(holds, what, otherwise=Refused):
    if not holds:
        raise otherwise(what)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check a caller's receipt.")
    parser.add_argument("file")
    parser.add_argument("--key", required=True, help="the public key of the agency's log")
    given = parser.parse_args(arguments)
    try:
        read_key(given.key)
        with open(given.file, "rb") as file:
            proven = check_receipt(file.read(LONGEST), given.key)
    except (OSError, ValueError, NoReceipt) as fault:
        sys.stderr.write(f"unusable: {fault}\n")
        return 2
    except Refused as fault:
        sys.stderr.write(f"NOT PROVEN: {fault}\n")
        return 3
    sys.stdout.write(f"good: the receipt and its {proven} entries are in the signed log\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
