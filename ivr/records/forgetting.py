"""Everything personal that is kept of a call goes; the log's entries stay and its chain stays whole (AVG art. 17).

What goes: the values beside the log, the caller's number, own words in the call's state, what staff wrote beside it,
and every link to a copy. The sound has a period of its own, and so have case files.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.dialogue.effects import Prompt
from ivr.dialogue.states import Dialogue
from ivr.ports import Unit
from ivr.records.residue import ask_to_clear
from storage.records import CallRecord, Json, LoggedEntry

OF_STAFF = {"by", "employee"}
"""Personal values that say who of the staff did something: they account for that, and stay as long as the log does."""

ACCOUNTS = ("legal-hold:", "data-subject:", "personal:")
"""Tags of entries that account for what was done with the data themselves."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much went of a call: personal values, whether its number was there, copies' links, and notes."""

    values: int
    number: bool
    copies: int
    notes: int

    def facts(self) -> dict[str, Json]:
        return {"values": self.values, "number": self.number, "copies": self.copies, "notes": self.notes}


def forget(unit: Unit, call: CallRecord, which: Callable[[LoggedEntry], bool], now: datetime) -> Forgotten:
    """`which` says beside which of its entries the values go. Whoever calls asked for a legal hold before."""
    number = unit.calls.find_caller_number(call.call_id) is not None
    unit.calls.forget_caller_number(call.call_id)
    unit.calls.save(replace(call, dialogue=without_own_words(call.dialogue)))
    entries = unit.log.list_call(call.call_id)
    ask_to_clear(unit, now)
    return Forgotten(
        values=unit.log.erase_personal([entry.number for entry in entries if which(entry)]),
        number=number,
        copies=unit.copies.revoke_all(call.call_id, now),
        notes=unit.notes.erase_call(call.call_id),
    )


def is_of_caller(entry: LoggedEntry) -> bool:
    """Its personal values are the caller's, or about them; those of case files go with their file."""
    return bool(entry.personal.keys() - OF_STAFF) and not entry.tag.startswith(ACCOUNTS) and is_of_call(entry)


def is_of_call(entry: LoggedEntry) -> bool:
    """It does not belong to a case file, which has a period of its own."""
    return not entry.is_of_a_case


def without_own_words(dialogue: str) -> str:
    """What an employee said about the caller in their own words, as a reason to object."""
    told = Dialogue.from_json(dialogue)
    refusal = None if told.refusal is None else replace(told.refusal, reason_text="")
    speaking, aside = (None if prompt is None else _plain(prompt) for prompt in (told.speaking, told.aside))
    queue = tuple(map(_plain, told.queue))
    return replace(told, refusal=refusal, speaking=speaking, aside=aside, queue=queue).to_json()


def _plain(prompt: Prompt) -> Prompt:
    return replace(prompt, params=tuple((name, value) for name, value in prompt.params if name != "reason_text"))
