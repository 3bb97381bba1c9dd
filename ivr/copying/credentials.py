"""Reading the content credentials in a copy, with the C2PA project's own library (specification 2.x).

What a stranger's file holds is read without asking anything of the network. The library reads up to 256 MB of a file at
once, and the next 256 MB meanwhile.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO

import c2pa

from ivr.copying.files import Form
from ivr.copying.signing import OFFLINE
from ivr.copying.statement import LABEL

UNTRUSTED = "signingCredential.untrusted"
EXPIRED = frozenset({"signingCredential.expired"})


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


def read_credentials(form: Form, file: BinaryIO | io.RawIOBase, anchors_pem: str = "") -> Credentials:
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
