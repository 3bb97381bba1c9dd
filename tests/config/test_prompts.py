"""Spoken texts: complete, filled in exactly, and fit for what they are sent through."""

import re
from pathlib import Path

import pytest

import config.prompts
from config.policy_file import load_policies
from config.prompts import PLACES, PromptError, load_prompts

ROOM = Path(config.prompts.__file__).parent
DUTCH = ROOM / "prompts" / "nl.toml"
TEXT = DUTCH.read_text(encoding="utf-8")
PROMPTS = load_prompts(DUTCH)

# 3GPP TS 23.038, 6.2.1: the basic table; a character of the extension table counts twice, so we keep to this one.
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SMS_CHARACTERS = 160


def fault_of(folder: Path, text: str) -> str:
    path = folder / "nl.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PromptError) as caught:
        load_prompts(path)
    return str(caught.value)


def test_places_are_filled_in() -> None:
    assert PROMPTS.text("goodbye", agency="de IND") == "Bedankt voor het bellen met de IND. Tot ziens."
    objection = PROMPTS.text("objection", reason="Reden.", alternative="Iets anders.", complaint="Klagen kan.")
    assert re.search(r"Reden\..*Iets anders\..*Klagen kan\.", objection)


def test_what_is_filled_in_is_not_read_as_a_text_with_places() -> None:
    assert "{url}" in PROMPTS.text("goodbye", agency="{url}")


@pytest.mark.parametrize("params", [{}, {"agency": "de IND", "naam": "x"}, {"naam": "x"}])
def test_params_are_exactly_the_places(params: dict[str, str]) -> None:
    with pytest.raises(PromptError, match=r"prompt goodbye takes \{agency\}"):
        PROMPTS.text("goodbye", **params)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(PromptError, match="no prompt is called welkom"):
        PROMPTS.text("welkom")


def test_a_missing_text_and_one_too_many_are_named(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, TEXT.replace("\ndeclined =", "\ndeclinde ="))
    assert "declined is missing" in fault
    assert "declinde is not a known field" in fault


@pytest.mark.parametrize("damaged", ["", "{agency!r}", "{agency:>9}", "{agency", "{0}", "{agency} {caller}"])
def test_a_text_that_lost_its_place_is_refused_with_its_line(tmp_path: Path, damaged: str) -> None:
    line = next(n for n, row in enumerate(TEXT.splitlines(), start=1) if row.startswith("goodbye"))
    fault = fault_of(tmp_path, TEXT.replace("met {agency}", f"met {damaged}"))
    assert fault == f"{tmp_path}/nl.toml:{line}: goodbye must have {{agency}}"


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in fault_of(tmp_path, "greeting = ")


def test_questions_can_be_answered_by_yes_and_no_or_a_key() -> None:
    assert "ja of nee" in PROMPTS.text("confirm")
    assert "ja of nee" in PROMPTS.text("confirm_again")
    assert "Toets 1 voor ja, 2 voor nee" in PROMPTS.text("keypad")
    assert "Zeg ja, of toets 1" in PROMPTS.text("copy_offer")
    assert "toets nu een 1" in PROMPTS.texts["greeting"]


@pytest.mark.parametrize("key", sorted(PLACES))
def test_nobody_is_asked_why_or_warned_about_court(key: str) -> None:
    """What may never be asked: a justification, or a promise about court."""
    assert not re.search(r"\b(waarom|rechter|rechtbank|verplicht|verboden|fout)\b", PROMPTS.texts[key], re.IGNORECASE)


@pytest.mark.parametrize("key", sorted(PLACES.keys() - {"sms_copy"}))
def test_a_spoken_text_has_short_sentences_and_the_formal_form(key: str) -> None:
    assert not re.search(r"\b(je|jij|jou|jouw)\b", PROMPTS.texts[key], re.IGNORECASE)
    assert max(len(sentence.split()) for sentence in re.split(r"[.?!:]", PROMPTS.texts[key])) <= 14


def test_the_sms_fits_one_message_for_every_agency() -> None:
    for policy in load_policies(ROOM / "policies").by_slug.values():
        text = PROMPTS.text("sms_copy", agency=policy.name["nl"], url="", days=str(policy.copy.valid_days))
        assert set(text) <= GSM_7
        assert len(text) <= SMS_CHARACTERS
