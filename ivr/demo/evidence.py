"""What a caller and an outsider hold after the demo's call, as files, and the commands that check them."""

import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

from ivr.calls.copies import Handed
from ivr.calls.receipt_file import Issued
from ivr.calls.tickets import copy_tickets
from ivr.copying.files import Form
from ivr.demo.household import DemoFault
from ivr.wiring import Wiring
from storage.consent_log.export import export_jsonl
from storage.consent_log.tlog_proof import SUFFIX

FOLDER = "bewijs"
CALLERS_RECORDING = "beller.wav"
CUT = "beller-geknipt.wav"
CUT_FROM_S, CUT_TO_S = 3.0, 5.0
VISIT = "demo"
LANGUAGE = "nl"
COPIES_WITHIN_S = 30
POLL_S = 0.2


def write_evidence(wiring: Wiring, call_id: str, folder: Path) -> Path:
    """The copies and the receipt as the caller gets them, what their own telephone recorded, the same with two seconds
    taken out, and the log with its public key; gives the folder. Raises `DemoFault` where a copy does not come."""
    held = folder / FOLDER
    held.mkdir()
    ticket_id = _ticket_of(wiring, call_id)
    for form in Form:
        with _fetch(wiring, ticket_id, form).reader as sound:
            (held / f"kopie.{form}").write_bytes(sound.read())
    rules = wiring.links.rules(wiring.settings.default_agency or "example")
    issued = wiring.receipts.for_caller(ticket_id, VISIT, LANGUAGE, rules)
    if not isinstance(issued, Issued):
        raise DemoFault("there is no receipt")
    (held / "bewijs.json").write_bytes(issued.as_file())
    (held / f"bewijs{SUFFIX}").write_text(issued.proof.text(), encoding="utf-8")
    own = folder / CALLERS_RECORDING
    if own.exists():
        _cut(own.replace(held / CALLERS_RECORDING), held / CUT)
    with (held / "logboek.jsonl").open("wb") as log:
        export_jsonl(wiring.database, log)
    (held / "sleutel.txt").write_text(wiring.signer.key.vkey() + "\n", encoding="utf-8")
    return held


def commands(held: Path) -> Iterator[str]:
    """What to type in the project's folder; nothing but the last needs the service."""
    held = held.relative_to(Path.cwd()) if held.is_relative_to(Path.cwd()) else held
    key = f'--key "$(cat {held}/sleutel.txt)"'
    python, spelregel = ".venv/bin/python", ".venv/bin/spelregel"
    yield f"{python} docs/verify_log.py {held}/logboek.jsonl {key}"
    yield f"{python} docs/verify_receipt.py {held}/bewijs.json {key}"
    yield f"{spelregel} copy check {held}/kopie.mp3 --trust {held.parent}/certificate/authority.pem"
    yield f"{spelregel} compare {held}/kopie.wav {held}/{CALLERS_RECORDING}"
    yield f"{spelregel} compare {held}/kopie.wav {held}/{CUT}"


def _ticket_of(wiring: Wiring, call_id: str) -> str:
    with wiring.database.reading() as unit:
        tickets = copy_tickets(unit.copies.list_call(call_id))
    if not tickets:
        raise DemoFault("the caller has no link to a copy")
    return tickets[0].ticket_id


def _fetch(wiring: Wiring, ticket_id: str, form: Form) -> Handed:
    """The worker makes it after the call."""
    deadline = time.monotonic() + COPIES_WITHIN_S
    while time.monotonic() < deadline:
        handed = wiring.copies.download(ticket_id, VISIT, form)
        if isinstance(handed, Handed):
            return handed
        time.sleep(POLL_S)
    raise DemoFault(f"the copy as {form} was not made within {COPIES_WITHIN_S} s")


def _cut(whole: Path, target: Path) -> None:
    """What somebody would do who does not want two seconds of it to be heard."""
    with wave.open(str(whole)) as source, wave.open(str(target), "wb") as cut:
        cut.setparams(source.getparams())
        rate = source.getframerate()
        cut.writeframes(source.readframes(int(CUT_FROM_S * rate)))
        source.setpos(int(CUT_TO_S * rate))
        cut.writeframes(source.readframes(sys.maxsize // 4))
