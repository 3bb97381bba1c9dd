"""Calls that are over, and the receipts of them."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from ivr.calls.jobs import JobKind
from ivr.calls.receipt_file import Issued
from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionRaised
from storage.records import CopyTicket
from tests.builders import BEGAN, CALL_SID, EMPLOYEE_SID, House, wav_of
from tests.fakes import RECORDING_SID


def _outsider() -> ModuleType:
    """The program in docs/, which uses nothing of ours."""
    path = Path(__file__).parents[3] / "docs" / "verify_receipt.py"
    spec = importlib.util.spec_from_file_location("verify_receipt", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OUTSIDER = _outsider()
PAGE = "/kopie/opname/bewijs"
LANDLINE = "+31701234567"
OBJECTION = ObjectionRaised("privacy", "verslag", employee="balie 3")
RULES = "https://spelregel.test/spelregels/example"


def finish(house: House, answer: str = "ja graag", length_s: float = 20.0) -> None:
    """From the agency's recording on: the caller wants the copy, the recording is kept and the copy lies ready."""
    house.clock.pass_s(length_s)
    house.happens(EmployeeLeft())
    house.hears(Heard.YES, answer)
    hang_up(house)
    house.carrier.files[RECORDING_SID] = wav_of(length_s)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    house.run_jobs(JobKind.PREPARE_COPY)


def refused_on_a_landline(house: House) -> None:
    """The caller, who can have no SMS, asked to record; the employee objected and is still on the line."""
    house.dial_in(From=LANDLINE)
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    house.room("participant-join", 2, EMPLOYEE_SID)
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)
    house.happens(OBJECTION)


def hang_up(house: House) -> None:
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})


def give_ticket(house: House) -> CopyTicket:
    """The right to a copy, for a call whose caller got none."""
    call_id = house.call.call_id
    ticket = CopyTicket(f"{call_id}:sms", call_id, "0" * 64, BEGAN, BEGAN.replace(year=BEGAN.year + 1))
    with house.wiring.database.transaction() as unit:
        unit.copies.add(ticket)
    return ticket


def issued(house: House, language: str = "nl") -> Issued:
    """As staff would print it."""
    return house.wiring.receipts.for_staff(house.call, "m.jansen", language, RULES)


def told(house: House) -> dict[str, Any]:
    file: dict[str, Any] = json.loads(issued(house).as_file())
    return file
