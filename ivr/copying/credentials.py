"""Content credentials in a copy: made and read with the C2PA project's own library (specification 2.x).

Signing comes last: it adds a `C2PA` chunk behind the sound of a WAV, or a frame to the ID3 tag of an MP3, and binds all
other bytes of the file by their digest. What a stranger's file holds is read without asking anything of the network.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from typing import Any, BinaryIO

import c2pa

from config.certificate import Certificate
from ivr.copying.files import Form
from ivr.copying.statement import LABEL
from ivr.errors import SpelregelError
from storage.records import Json

GENERATOR = "Spelregel"
RECORDED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
"""IPTC's word for sound that was taken up as it was."""

PARENT = "recording"
LARGEST_SIGNED_BYTES = 256 * 1024 * 1024
"""The library holds a file about three times while it signs. As a WAV this is more than two hours of a call."""

UNTRUSTED = "signingCredential.untrusted"
EXPIRED = frozenset({"signingCredential.expired"})
OFFLINE: Mapping[str, object] = {"remote_manifest_fetch": False, "ocsp_fetch": False}


class SigningFailed(SpelregelError):
    """The credentials could not be made."""


class State(StrEnum):
    """What the credentials of a file come to.

    `TRUSTED`: unchanged, and signed under one of the authorities that the reader trusts. `VALID`: unchanged, but who
    signed is not known to the reader. `EXPIRED`: unchanged, but nothing shows that it was signed while the certificate
    was good. `CHANGED`: the file is not what was signed. `NONE`: there are none, or no longer.
    """

    TRUSTED = "trusted"
    VALID = "valid"
    EXPIRED = "expired"
    CHANGED = "changed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was read. `statement` is the agency's (`statement_of`), None where there is none of ours; `faults` are
    codes of the C2PA specification; `stamped_at` is the time stamp of a third party."""

    state: State
    organisation: str = ""
    title: str = ""
    stamped_at: datetime | None = None
    statement: Mapping[str, Any] | None = None
    faults: tuple[str, ...] = ()


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
    ) -> io.BytesIO:
        """The file with credentials in it, in memory. An MP3 names the WAV that it was made of as its `parent`.

        Raises `SigningFailed`, also where the time-stamp authority does not answer; `stamped=False` does not ask it.
        """
        signed = io.BytesIO()
        tsa = self.tsa.encode() if self.tsa is not None and stamped else None
        pem = self.certificate.chain_pem.encode(), self.certificate.key_pem.encode()
        info = c2pa.C2paSignerInfo(self.certificate.algorithm.encode(), *pem, tsa)
        try:
            with (
                c2pa.Context(c2pa.Settings.from_dict({"verify": dict(OFFLINE)})) as context,
                c2pa.Signer.from_info(info) as signer,
                c2pa.Builder(_manifest(form, title, statement, is_made_of=parent is not None), context) as builder,
            ):
                if parent is not None:
                    named = {"title": title, "relationship": "parentOf", "label": PARENT}
                    builder.add_ingredient(json.dumps(named), Form.WAV.mimetype, parent)
                builder.sign(signer, form.mimetype, source, signed)
        except c2pa.C2paError as fault:
            raise SigningFailed(f"the copy could not be signed: {fault}") from fault
        signed.seek(0)
        return signed


def _manifest(form: Form, title: str, statement: Mapping[str, Json], *, is_made_of: bool) -> str:
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
    created = {"action": "c2pa.created", "digitalSourceType": RECORDED}
    actions = [opened, {"action": "c2pa.transcoded"}] if is_made_of else [created]
    return json.dumps(
        {
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
    )


def read_credentials(form: Form, file: BinaryIO, anchors_pem: str = "") -> Credentials:
    """`anchors_pem` are the authorities that the reader trusts; without any, nobody is.

    What cannot be read, or not to its end, counts as changed.
    """
    verify = {**OFFLINE, "verify_trust": bool(anchors_pem)}
    settings: dict[str, object] = {"verify": verify}
    if anchors_pem:
        settings["trust"] = {"user_anchors": anchors_pem}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
            c2pa.Reader(form.mimetype, file, context=context) as reader,
        ):
            found = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return Credentials(State.NONE)
    except c2pa.C2paError as fault:
        return Credentials(State.CHANGED, faults=(f"unreadable: {fault}",))
    return _credentials(found)


def _credentials(found: dict[str, Any]) -> Credentials:
    """From the library's report; `found["manifests"]` are those of the file and of what it was made of."""
    manifest = found["manifests"].get(found.get("active_manifest"))
    if manifest is None:
        return Credentials(State.CHANGED, faults=("unreadable: there is no active manifest",))
    signature = manifest.get("signature_info", {})
    results = found.get("validation_results", {}).get("activeManifest", {})
    faults = tuple(sorted({str(fault["code"]) for fault in results.get("failure", [])}))
    stated = [one["data"] for one in manifest.get("assertions", []) if one["label"] == LABEL]
    stamp = signature.get("time")
    return Credentials(
        state=_state(str(found.get("validation_state", "")), frozenset(faults) - {UNTRUSTED}),
        organisation=str(signature.get("issuer", "")),
        title=str(manifest.get("title", "")),
        stamped_at=None if stamp is None else datetime.fromisoformat(stamp).astimezone(UTC),
        statement=stated[0] if stated and isinstance(stated[0], dict) else None,
        faults=faults,
    )


def _state(told: str, faults: frozenset[str]) -> State:
    match told:
        case "Trusted":
            return State.TRUSTED
        case "Valid":
            return State.VALID
        case _:
            return State.EXPIRED if faults and faults <= EXPIRED else State.CHANGED
