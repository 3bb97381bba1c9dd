"""Check a consent log of Spelregel without Spelregel: an export of it, or the proof of one entry in a receipt.

    python3 verify_log.py EXPORT --key VKEY [--since CHECKPOINT]
    python3 verify_log.py PROOF ENTRY --key VKEY

VKEY is a public key that the agency published, CHECKPOINT a signed checkpoint or a proof that you kept; both more than
once if need be. It ends with 0: whole; 3: broken, with the first bad entry; 2: unusable. log-format.md says why so.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from functools import reduce
from math import inf
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST, DEEPEST = 1 << 20, 32  # bytes of an entry; levels of its facts
CHECKPOINT, PROOF = b'{"checkpoint":', "c2sp.org/tlog-proof@v1"
FIELDS = dict.fromkeys(("call_id", "event_id", "occurred_at", "previous", "tag"), str)
FIELDS |= {"call_number": int, "facts": dict, "number": int, "personal": dict, "schema": int}
NOTE = re.compile("(([^\x00-\x1f]+)\n(0|[1-9][0-9]*)\n([\\w+/]{43}=)\n)\n((?:\u2014 [^\x00-\x20]+ [\\w+/]{7,}=*\n)+)")
BAD = (ValueError, InvalidSignature, RecursionError)  # what reading something raises


def must(holds, otherwise):
    if not holds:
        raise ValueError(otherwise)


def canonical(value, depth=0):
    """The one way to write this value (RFC 8785). `depth` is 0 for the entry itself and 1 for its facts."""
    must(depth <= DEEPEST or not isinstance(value, dict | list), "nested too deep")
    if isinstance(value, dict):  # members in the order of their names' UTF-16 code units
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(item, depth + 1)}" for name, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, float):  # as ECMAScript: the fewest digits, and an exponent from 1e21 and below 1e-6
        must(abs(value) < inf, "not a number")
        return format(Decimal(repr(value)).normalize(), "f" if 1e-6 <= abs(value) < 1e21 else "e") if value else "0"
    must(not isinstance(value, int) or abs(value) < 2**53, "a number that JSON cannot keep exactly")
    return json.dumps(value, ensure_ascii=False)


def read_entry(body):
    must(len(body) <= LONGEST, "too long")
    entry = json.loads(body.decode())
    must(isinstance(entry, dict) and canonical(entry).encode() == body, "not an object in canonical form")
    filled = entry | {"previous": "0" * 64} if entry.get("previous", "") is None else entry
    must({name: type(value) for name, value in filled.items()} == FIELDS, "not the fields of an entry")
    digests, at = [filled["previous"], *filled["personal"].values()], entry["occurred_at"]
    must(all(type(one) is str and re.fullmatch("[0-9a-f]{64}", one) for one in digests), "a digest is not 64 digits")
    must(entry["schema"] == 1 and datetime.fromisoformat(at[:26]).isoformat("T", "microseconds") + "Z" == at, "no time")
    return entry


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def full_trees(leaves):
    """By level: the roots of the full trees of 1, 2, 4, 8... leaves, from the left."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append([sha256(b"\x01", *pair) for pair in zip(levels[-1][::2], levels[-1][1::2], strict=False)])
    return levels


def root_of(levels, size):
    """Of the first so many leaves: a full tree for each bit of their number, the smallest on the right."""
    trees = [roots[(size >> level) - 1] for level, roots in enumerate(levels) if size >> level & 1]
    return reduce(lambda right, left: sha256(b"\x01", left, right), trees or [sha256()])


def decode(text):  # base64, in the one spelling that there is for these bytes
    data = base64.b64decode(text, validate=True)
    must(base64.b64encode(data).decode() == text, "not the base64 of its bytes")
    return data


def read_key(vkey):
    name, key_id, encoded = vkey.split("+", 2)
    key = decode(encoded)
    must(key[:1] == b"\x01" and sha256(name.encode(), b"\n", key).hex()[:8] == key_id, "not an Ed25519 key of this id")
    return (name, bytes.fromhex(key_id)), Ed25519PublicKey.from_public_bytes(key[1:])


def open_checkpoint(note, keys):
    """(size, root), signed by a known key that has the log's own name."""
    parts = isinstance(note, str) and NOTE.fullmatch(note)
    must(parts, "not a signed checkpoint")
    text, origin, size, root, signatures = parts.groups()
    signed = [(name, decode(encoded)) for name, encoded in re.findall("\u2014 (.+) (.+)\n", signatures)]
    known = [(name, signature) for name, signature in signed if (name, signature[:4]) in keys]  # others: witnesses
    for name, signature in known:
        keys[name, signature[:4]].verify(signature[4:], text.encode())
    must(origin in dict(known), "not signed by a known key of this log")
    return int(size), decode(root)


def check_export(export, keys, kept):
    """What a whole log shows, and the first fault, (entry number or infinity, what), or None; raises for no export."""
    faults, leaves, calls, events, following, heads = [], [], {}, set(), 0, {"kept": set(), "file": set()}

    def expect(holds, number, otherwise):
        if not holds:
            faults.append((number, otherwise))

    *lines, rest = export.split(b"\n")
    lines += [rest + b"?"] if rest else []  # a last line that lost its line feed was cut short
    notes = [("file", line) for line in lines if line.startswith(CHECKPOINT)]
    for body in (line for line in lines if not line.startswith(CHECKPOINT)):
        number = following
        leaves.append(sha256(b"\x00", body))
        try:
            entry = read_entry(body)
            number, place, event = entry["number"], entry["call_number"], entry["event_id"]
            last, last_place, last_leaf = calls.get(entry["call_id"], (number, -1, None))
            expect(event not in events, number, "its event is in the log before it already")
            expect(place == last_place + 1, number, "does not follow the one of its call before it")
            followed = place != last_place + 1 or entry["previous"] == last_leaf
            expect(followed, last, f"is not the one that entry {number} of the same call follows")
            calls[entry["call_id"]] = (number, place, leaves[-1].hex())
            events.add(event)
        except BAD as error:
            faults.append((number, f"is not an entry: {error}"))
        expect(number == following, min(number, following), "is missing, or not in its place")
        following = max(following, number + 1)
    must(events or notes, "not an export of a consent log: no line is an entry or a checkpoint")
    for where, line in notes + [("kept", canonical({"checkpoint": note}).encode()) for note in kept]:
        try:
            text = json.loads(line)["checkpoint"]
            must(canonical({"checkpoint": text}).encode() == line, "a damaged line")
            heads[where].add(open_checkpoint(text, keys))
        except BAD as error:
            faults.append((inf, f"a checkpoint is not good: {error}"))
    for size, _ in heads["kept"] - heads["file"]:  # heads are signed in the order of their sizes
        expect(size >= max(heads["file"] | {(0, b"")})[0], inf, f"the checkpoint of {size} was kept, and is gone here")
    levels, sealed, unsealed = full_trees(leaves), [0], []
    for size, root in sorted(heads["file"] | heads["kept"]):
        expect(size <= len(leaves), following, f"is missing: a checkpoint signed {size} entries")
        if size <= len(leaves):
            (sealed if root == root_of(levels, size) else unsealed).append(size)
    for size in unsealed:  # unless something since the last good checkpoint explains it
        start = max(good for good in sealed if good < size or good == 0)
        explained = any(start <= number < size for number, _ in faults)
        expect(explained, start, f"or one after it is not among the {size} that a checkpoint signed")
    return f"whole: {len(leaves)} entries, {sealed[-1]} of them under a signed checkpoint", min(faults, default=None)


def check_proof(proof, entry, keys):
    """What a good proof shows, and what is wrong, or None; as `check_export`."""
    try:
        body, (head, _, note) = entry.removesuffix(b"\n"), proof.decode().partition("\n\n")
        number, (version, index, *lines) = read_entry(body)["number"], head.split("\n")
        must((version, index) == (PROOF, f"index {number}"), "not a proof of this entry")
        (size, root), path = open_checkpoint(note, keys), [decode(line) for line in lines]
        inner = (number ^ (size - 1)).bit_length()  # above these levels all that joins the entry stands left of it
        must(len(path) == inner + (number >> inner).bit_count() and 0 <= number < size, "not a proof of so many")
        node = sha256(b"\x00", body)
        for level, other in enumerate(path):
            node = sha256(b"\x01", *((node, other) if level < inner and not number >> level & 1 else (other, node)))
        must(node == root, "the proof does not lead to the checkpoint")
    except BAD as error:
        return None, (inf, error)
    return f"proven: entry {number} is among the first {size}", None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--key", action="append", required=True, type=read_key)
    parser.add_argument("--since", action="append", default=[], type=Path)
    given = parser.parse_args()
    try:
        texts = [path.read_text("utf-8") for path in given.since]
        kept = [text.partition("\n\n")[2] if text.startswith(PROOF) else text for text in texts]
        export, *entry = [path.read_bytes() for path in given.files]
        keys = dict(given.key)
        told, fault = check_proof(export, *entry, keys) if entry else check_export(export, keys, kept)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if fault:
        told = f"broken: {'' if fault[0] == inf else f'entry {fault[0]} '}{fault[1]}"
    sys.stdout.write(f"{told}\n")
    sys.exit(3 if fault else 0)


if __name__ == "__main__":
    main()
