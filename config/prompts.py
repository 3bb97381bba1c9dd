"""What the bot says, by prompt key; the words stand in `config/prompts/<language>.toml`.

A file that misses a key, has one too many, or loses a place such as `{agency}` is refused when it is loaded: a caller
must never get silence, or a text without its reason or complaint route.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.toml_table import TomlFile

PLACES: Mapping[str, frozenset[str]] = {
    "greeting": frozenset({"agency", "opening", "languages"}),
    "greeting_excluded": frozenset({"agency", "reason", "languages"}),
    "choose_language": frozenset(),
    "not_in_service": frozenset(),
    "employee_unreachable": frozenset({"agency"}),
    "confirm": frozenset(),
    "confirm_again": frozenset(),
    "keys_only": frozenset(),
    "keypad": frozenset(),
    "keypad_employee": frozenset(),
    "allowed": frozenset(),
    "allowed_recording": frozenset({"agency"}),
    "recording_always": frozenset({"agency"}),
    "recording_instead": frozenset({"agency"}),
    "declined": frozenset(),
    "unconfirmed": frozenset(),
    "blocked": frozenset({"agency"}),
    "blocked_instead": frozenset({"agency"}),
    "withdrawn": frozenset(),
    "withdrawn_yours": frozenset(),
    "agency_goes_on": frozenset({"agency"}),
    "paused_hold": frozenset(),
    "paused_private": frozenset({"agency"}),
    "resumed": frozenset(),
    "objection": frozenset({"reason", "alternative", "complaint"}),
    "objection_withdrawn": frozenset(),
    "excluded": frozenset({"reason", "alternative", "complaint"}),
    "why": frozenset({"reason", "complaint"}),
    "third_person_both": frozenset({"agency"}),
    "third_person_caller": frozenset(),
    "third_person_agency": frozenset({"agency"}),
    "sound_only": frozenset(),
    "agency_records_yes": frozenset({"agency"}),
    "agency_records_paused": frozenset({"agency"}),
    "agency_records_later": frozenset({"agency"}),
    "agency_records_not": frozenset({"agency"}),
    "copy_noted": frozenset(),
    "copy_offer": frozenset(),
    "copy_sms": frozenset(),
    "copy_code": frozenset({"code"}),
    "copy_declined": frozenset(),
    "receipt_code": frozenset({"code"}),
    "copy_unavailable": frozenset(),
    "training_offer": frozenset(),
    "ask_theirs": frozenset(),
    "goodbye": frozenset({"agency"}),
    "menu_object": frozenset(),
    "menu_withdraw": frozenset(),
    "menu_third_person": frozenset(),
    "menu_pause": frozenset(),
    "menu_resume": frozenset(),
    "menu_stop": frozenset(),
    "menu_kind": frozenset(),
    "menu_back": frozenset(),
    "menu_reasons": frozenset(),
    "menu_other_reason": frozenset(),
    "menu_alternatives": frozenset(),
    "menu_kinds": frozenset(),
    "menu_item": frozenset({"text", "number"}),
    "menu_objected": frozenset(),
    "menu_done": frozenset(),
    "menu_not_now": frozenset(),
    "menu_over": frozenset(),
    "other_reason": frozenset(),
    "sms_refusal": frozenset({"agency", "reason", "alternative", "url"}),
    "sms_receipt": frozenset({"url", "days"}),
    "sms_copy": frozenset({"agency", "url", "days"}),
    "sms_code": frozenset({"agency", "code", "minutes"}),
    "sms_ask_theirs": frozenset({"agency", "url", "days"}),
    "sms_ask_again": frozenset({"agency", "url"}),
}
"""Each prompt key with the places that its text must have, in every language."""


class PromptError(Exception):
    """Texts that cannot be used, or a text asked for wrongly; one fault a line."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The checked texts of one language."""

    texts: Mapping[str, str]

    def text(self, key: str, **params: str) -> str:
        """Raises `PromptError` for an unknown key, and for params that are not exactly the text's places."""
        if key not in self.texts:
            raise PromptError(f"no prompt is called {key}")
        if params.keys() != PLACES[key]:
            raise PromptError(f"prompt {key} takes {_names(PLACES[key])}, not {_names(frozenset(params))}")
        return " ".join(self.texts[key].format_map(params).split())

    def places(self, key: str) -> frozenset[str]:
        """What has to be filled in."""
        return PLACES[key]


def load_prompts(path: Path) -> Prompts:
    """Raises `PromptError`, with a line `file:line: key what is expected` for each fault."""
    try:
        file = TomlFile(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PromptError(f"{path}: cannot be read: {fault}") from fault
    root = file.root
    texts = {key: root.text(key) for key in PLACES}
    for key, text in texts.items():
        if text and _places(text) != PLACES[key]:
            root.report(key, f"must have {_names(PLACES[key])}")
    root.finish()
    if file.faults:
        raise PromptError("\n".join(file.faults))
    return Prompts(texts)


def load_all_prompts(folder: Path) -> Mapping[str, Prompts]:
    """By language: a translator adds a file. Raises `PromptError` with the faults of all files."""
    faults: list[str] = []
    prompts: dict[str, Prompts] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            prompts[path.stem] = load_prompts(path)
        except PromptError as fault:
            faults.append(str(fault))
    if faults:
        raise PromptError("\n".join(faults))
    return prompts


def _places(text: str) -> frozenset[str] | None:
    """The names between braces; None for a text that `str.format` cannot fill with plain names."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    if any(specification or conversion for _, _, specification, conversion in parts):
        return None
    return frozenset(name for _, name, _, _ in parts if name is not None)


def _names(places: frozenset[str]) -> str:
    return " and ".join(f"{{{place}}}" for place in sorted(places)) or "no places in braces"
