"""Signing a copy: content credentials made with the C2PA project's own library (specification 2.x).

Signing comes last: it adds a `C2PA` chunk behind the sound of a WAV, or a frame to the ID3 tag of an MP3, and binds all
other bytes of the file by their digest.

The library holds a file about three times while it signs it. A WAV may be long, so it never gets one: it signs a
manifest that already states the digest (assertion `c2pa.hash.data`, specification section 18.5), which is worked out
here piece by piece. The sound is read where it lies.
"""

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any, BinaryIO

import c2pa

from config.certificate import Certificate
from ivr.copying.files import Form
from ivr.copying.joined import Joined
from ivr.copying.statement import LABEL
from ivr.errors import SpelregelError
from storage.records import Json

GENERATOR = "Spelregel"
RECORDED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
"""IPTC's word for sound that was taken up as it was."""

PARENT = "recording"
LARGEST_MP3_BYTES = 256 * 1024 * 1024
"""The library holds an MP3 about three times while it signs it. This is nine hours of a call."""

OFFLINE: Mapping[str, object] = {"remote_manifest_fetch": False, "ocsp_fetch": False}
WITHOUT_FILE: Mapping[str, object] = {**OFFLINE, "verify_after_sign_hash": False}
NO_FILE = "application/octet-stream", b"-"
"""What the library is given in place of the WAV; it copies this, and the manifest says nothing of it."""

PIECE_BYTES = 256 * 1024
RIFF = struct.Struct("<4sI4s")
CHUNK = struct.Struct("<4sI")
A_LENGTH = 0xFFFF
"""Of a manifest, for the first draft of one; how long it is depends only on how many bytes this number takes."""


class SigningFailed(SpelregelError):
    """The credentials could not be made."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the agency's certificate; `tsa` is the address of a time-stamp authority (RFC 3161)."""

    certificate: Certificate
    tsa: str | None = None

    def sign(
        self,
        form: Form,
        source: BinaryIO | io.RawIOBase,
        title: str,
        statement: Mapping[str, Json],
        parent: BinaryIO | None = None,
        *,
        stamped: bool = True,
    ) -> BinaryIO | io.RawIOBase:
        """The file with credentials in it, at its beginning. A WAV is read from `source` as it goes. An MP3 is in
        memory; it names the WAV that it was made of as its `parent`.

        Raises `SigningFailed`, also where the time-stamp authority does not answer, or wrongly; it is given 30 seconds.
        `stamped=False` does not ask it.
        """
        tsa = self.tsa if stamped else None
        try:
            if form is Form.WAV:
                return self._sign_wave(source, _manifest(form, title, statement), tsa)
            if source.seek(0, io.SEEK_END) > LARGEST_MP3_BYTES:
                raise SigningFailed("an MP3 of this length is not signed")
            source.seek(0)
            return self._sign_mp3(source, _manifest(form, title, statement, parent), tsa, parent)
        except c2pa.C2paError as fault:
            raise SigningFailed(f"the copy could not be signed: {fault}") from fault

    def _sign_mp3(
        self, source: BinaryIO | io.RawIOBase, manifest: Mapping[str, Any], tsa: str | None, parent: BinaryIO | None
    ) -> io.BytesIO:
        signed = io.BytesIO()
        with (
            c2pa.Context(c2pa.Settings.from_dict({"verify": dict(OFFLINE)})) as context,
            c2pa.Signer.from_info(self._info(tsa)) as signer,
            c2pa.Builder(json.dumps(manifest), context) as builder,
        ):
            if parent is not None:
                named = {"title": manifest["title"], "relationship": "parentOf", "label": PARENT}
                builder.add_ingredient(json.dumps(named), Form.WAV.mimetype, parent)
            builder.sign(signer, Form.MP3.mimetype, source, signed)
        signed.seek(0)
        return signed

    def _sign_wave(self, source: BinaryIO | io.RawIOBase, manifest: Mapping[str, Any], tsa: str | None) -> Joined:
        """A chunk begins and ends at an even byte; the digest is of all bytes but the `C2PA` chunk's own."""
        size = source.seek(0, io.SEEK_END)
        padded = size + size % 2
        length = A_LENGTH
        for _ in range(2):
            draft = self._signed(_bound(manifest, bytes(32), padded, CHUNK.size + length), None)
            length = len(draft) + self._stamp_bytes(tsa)
        filling = bytes(length % 2)
        head = _riff_head(source, padded + CHUNK.size + length + len(filling))
        digest = sha256(head)
        source.seek(RIFF.size)
        while piece := source.read(PIECE_BYTES):
            digest.update(piece)
        digest.update(bytes(size % 2) + filling)
        made = self._signed(_bound(manifest, digest.digest(), padded, CHUNK.size + length), tsa)
        if len(made) != length:
            raise SigningFailed(f"the credentials take {len(made)} bytes instead of {length}")
        tail = bytes(size % 2) + CHUNK.pack(b"C2PA", length) + made + filling
        return Joined(head, source, RIFF.size, size - RIFF.size, tail)

    def _signed(self, manifest: Mapping[str, Any], tsa: str | None) -> bytes:
        """The manifest store (JUMBF), for somebody else to put into the file."""
        mimetype, nothing = NO_FILE
        with (
            c2pa.Context(c2pa.Settings.from_dict({"verify": dict(WITHOUT_FILE)})) as context,
            c2pa.Signer.from_info(self._info(tsa)) as signer,
            c2pa.Builder(json.dumps(manifest), context) as builder,
        ):
            builder.set_no_embed()
            signed: bytes = builder.sign(signer, mimetype, io.BytesIO(nothing), io.BytesIO())
            return signed

    def _stamp_bytes(self, tsa: str | None) -> int:
        """How much longer credentials are with room for a time stamp: no authority is asked for a draft's."""
        sizes = list[int]()
        for address in (None, tsa):
            with c2pa.Signer.from_info(self._info(address)) as signer:
                sizes.append(signer.reserve_size())
        return sizes[1] - sizes[0]

    def _info(self, tsa: str | None) -> c2pa.C2paSignerInfo:
        pem = self.certificate.chain_pem.encode(), self.certificate.key_pem.encode()
        return c2pa.C2paSignerInfo(self.certificate.algorithm.encode(), *pem, None if tsa is None else tsa.encode())


def _manifest(
    form: Form, title: str, statement: Mapping[str, Json], parent: BinaryIO | None = None
) -> Mapping[str, Any]:
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    created = {"action": "c2pa.created", "digitalSourceType": RECORDED}
    actions = [created] if parent is None else [opened, {"action": "c2pa.transcoded"}]
    return {
        "claim_generator_info": [
            {"name": GENERATOR, "version": version("spelregel"), "organisation": statement["agency"]}
        ],
        "title": title,
        "format": form.mimetype,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": LABEL, "kind": "Json", "data": statement},
        ],
    }


def _bound(manifest: Mapping[str, Any], digest: bytes, start: int, length: int) -> Mapping[str, Any]:
    """Bound to the file whose SHA-256 this is, but for so many bytes from `start` on."""
    excluded = [{"start": start, "length": length}]
    data = {"name": "jumbf manifest", "alg": "sha256", "hash": list(digest), "pad": [], "exclusions": excluded}
    return {**manifest, "assertions": [*manifest["assertions"], {"label": "c2pa.hash.data", "data": data}]}


def _riff_head(source: BinaryIO | io.RawIOBase, size: int) -> bytes:
    """The first bytes of the WAV when it has `size` bytes. Raises `SigningFailed` for what is none, or too long."""
    source.seek(0)
    found = source.read(RIFF.size) or b""
    try:
        riff, _, wave = RIFF.unpack(found)
        if (riff, wave) != (b"RIFF", b"WAVE"):
            raise SigningFailed("this is no WAV")
        return RIFF.pack(riff, size - CHUNK.size, wave)
    except struct.error as fault:
        raise SigningFailed("this is no WAV, or one with no room for credentials") from fault
