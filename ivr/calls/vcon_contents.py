"""What a vCon holds against what it says of it: the sound, and the call's lines of the consent log."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.calls.vcon import ENTRIES, PROOF, RECORD
from ivr.calls.vcon_evidence import content_hash
from storage.consent_log.chain import leaf_hash
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.entry import Entry, parse_entry
from storage.consent_log.tlog_proof import check_tlog_proof, parse_tlog_proof
from storage.errors import LogBroken

DIGESTS = ("sha256", "sha512")
STORED = ("recording:stored", "recording:degraded")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `good` is None where there was nothing to compare it with."""

    about: str
    good: bool | None
    text: str


def decode_base64url(text: str) -> bytes:
    """Without padding (RFC 7515, section 2). Raises `ValueError`."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def check_contents(vcon: Mapping[str, Any], log_keys: Sequence[NoteKey], recording: bytes | None) -> Iterator[Finding]:
    """Never raises for what somebody made of it: a part that cannot be read is a finding."""
    try:
        bodies = {one["purpose"]: one["body"] for one in vcon.get("attachments", []) if "purpose" in one}
        recorded = [one for one in vcon.get("dialog", []) if one.get("type") == "recording"]
        lines = str(bodies.get(ENTRIES, "")).encode().splitlines()
        entries = [parse_entry(line) for line in lines]
        yield from _check_sound(recorded, recording)
        yield from _check_chain(vcon, lines, entries)
        yield from _check_record(bodies.get(RECORD), lines)
        yield from _check_logged(recorded, entries)
        yield from _check_proof(bodies.get(PROOF), lines, entries, log_keys)
    except (ValueError, TypeError, KeyError, AttributeError):
        yield Finding("contents", False, "a part of it is not of the form that it should have")


def _check_sound(recorded: Sequence[Mapping[str, Any]], recording: bytes | None) -> Iterator[Finding]:
    if recording is not None and not recorded:
        yield Finding("recording", False, "the vCon tells of no recording")
    for one in recorded:
        hashes = one["content_hash"]
        known = [hashes] if isinstance(hashes, str) else list(hashes)
        for where, sound in (("in the vCon", one.get("body")), ("in your file", recording)):
            if sound is None:
                continue
            data = sound if isinstance(sound, bytes) else decode_base64url(sound)
            same = {content_hash(name, hashlib.new(name, data).digest()) for name in DIGESTS} >= set(known)
            text = "has the digests" if same else "does not have all the digests"
            yield Finding("recording", same and bool(known), f"the sound {where} {text} that are named")
        if one.get("body") is None and recording is None:
            yield Finding("recording", None, "the sound is elsewhere; its file can be compared with --recording")


def _check_chain(vcon: Mapping[str, Any], lines: Sequence[bytes], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Each entry names the one before it; all are of this call, from its first one on."""
    call_id = str(vcon.get("uuid", "")).replace("-", "")
    previous: str | None = None
    for place, (line, entry) in enumerate(zip(lines, entries, strict=True)):
        if (entry.call_id, entry.call_number, entry.previous) != (call_id, place, previous):
            yield Finding("log", False, f"entry {entry.number} does not follow the one before it")
            return
        previous = leaf_hash(line).hex()
    yield Finding("log", bool(entries) or None, f"{len(entries)} entries, each of which names the one before it")


def _check_record(record: Any, lines: Sequence[bytes]) -> Iterator[Finding]:
    """The consent record tells of the same entries."""
    if record is None:
        yield Finding("record", False, "there is no consent record in it")
        return
    told = [(line["entry_hash"], line["tag"], line["facts"]) for line in record["log_entries"]]
    logged = [(leaf_hash(line).hex(), *map(json.loads(line).get, ("tag", "facts"))) for line in lines]
    same = told == logged
    yield Finding(
        "record", same, f"the consent record {'tells' if same else 'does not tell'} what the log's entries say"
    )


def _check_logged(recorded: Sequence[Mapping[str, Any]], entries: Sequence[Entry]) -> Iterator[Finding]:
    """The recording is the one whose digest was logged when it was stored."""
    digests = {
        content_hash("sha256", bytes.fromhex(str(entry.facts["digest"]))) for entry in entries if entry.tag in STORED
    }
    for one in recorded:
        named = one["content_hash"]
        same = not digests.isdisjoint([named] if isinstance(named, str) else named)
        yield Finding("recording", same, f"its digest {'was' if same else 'was not'} logged when it was stored")


def _check_proof(
    proof: str | None, lines: Sequence[bytes], entries: Sequence[Entry], keys: Sequence[NoteKey]
) -> Iterator[Finding]:
    if proof is None:
        yield Finding("proof", None, "no entry was under a signed checkpoint yet")
        return
    if not keys:
        yield Finding("proof", None, "the log's public key is needed to check it: --log-key")
        return
    try:
        number = parse_tlog_proof(proof).index
        place = next(place for place, entry in enumerate(entries) if entry.number == number)
        checkpoint = check_tlog_proof(proof, lines[place], keys)
    except (LogBroken, StopIteration) as fault:
        yield Finding("proof", False, str(fault) or "it is not the proof of one of these entries")
        return
    newer = len(entries) - place - 1
    text = f"the first {place + 1} entries are in the log that was signed at {checkpoint.size} entries"
    yield Finding("proof", True, text + (f"; {newer} are newer" if newer else ""))
