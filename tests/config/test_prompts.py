"""Spoken texts: complete, filled in exactly, and fit for what they are sent through."""

import re
from pathlib import Path

import pytest

import config.prompts
from config.demands import find_demand
from config.policy_file import load_policies
from config.prompts import PLACES, PromptError, load_all_prompts, load_prompts

ROOM = Path(config.prompts.__file__).parent
TEXT = (ROOM / "prompts" / "nl.toml").read_text(encoding="utf-8")
LANGUAGES = load_all_prompts(ROOM / "prompts")
PROMPTS = LANGUAGES["nl"]
POLICIES = load_policies(ROOM / "policies").by_slug.values()

QUESTIONS = {
    "nl": {
        "greeting": "toets nu een 1",
        "confirm": "ja of nee",
        "confirm_again": "ja of nee",
        "keypad": "Toets 1 voor ja, 2 voor nee",
        "copy_offer": "Zeg ja, of toets 1",
        "training_offer": "Zeg ja, of toets 1. Wilt u het niet? Zeg nee, of toets 2",
    },
    "en": {
        "greeting": "Press 1 now",
        "confirm": "ja for yes or nee for no",
        "confirm_again": "ja for yes or nee for no",
        "keypad": "Press 1 for yes, 2 for no",
        "copy_offer": "Press 1",
        "training_offer": "Press 1 for yes, 2 for no",
    },
}
"""How each question can be answered: by the words that are understood, which are Dutch, or by a key."""

NEVER = {
    "nl": r"\b(?:waarom|rechter|rechtbank|verplicht|verboden|fout)\b",
    "en": r"\b(?:why do|why you|judge|court|obliged|must|forbidden|wrong|fault)\b",
}
"""What may never be asked or sounds like it: a justification, a promise about court, blame."""
EACH_LANGUAGE = pytest.mark.parametrize("language", sorted(LANGUAGES))

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


def test_the_same_is_asked_of_every_language() -> None:
    assert LANGUAGES.keys() == QUESTIONS.keys() == NEVER.keys()


@EACH_LANGUAGE
def test_questions_can_be_answered_by_yes_and_no_or_a_key(language: str) -> None:
    for key, answers in QUESTIONS[language].items():
        assert answers in LANGUAGES[language].texts[key]


@EACH_LANGUAGE
@pytest.mark.parametrize("key", sorted(PLACES))
def test_nobody_is_asked_why_or_warned_about_court(language: str, key: str) -> None:
    """What may never be asked: a justification, or a promise about court."""
    text = LANGUAGES[language].texts[key]
    assert not re.search(NEVER[language], text, re.IGNORECASE)
    assert find_demand(text) is None


@EACH_LANGUAGE
@pytest.mark.parametrize("key", sorted(key for key in PLACES if not key.startswith("sms_")))
def test_a_spoken_text_has_short_sentences_and_the_formal_form(language: str, key: str) -> None:
    text = LANGUAGES[language].texts[key]
    assert not re.search(r"\b(je|jij|jou|jouw)\b", text, re.IGNORECASE)
    assert max(len(sentence.split()) for sentence in re.split(r"[.?!:]", text)) <= 14


def test_every_profile_can_be_spoken_in_all_its_languages() -> None:
    assert {language for policy in POLICIES for language in policy.languages} <= LANGUAGES.keys()


@EACH_LANGUAGE
@pytest.mark.parametrize("key", ["sms_copy", "sms_ask_again"])
def test_the_sms_fits_one_message_for_every_agency(language: str, key: str) -> None:
    for policy in POLICIES:
        given = {"agency": policy.name[language], "url": "", "days": str(policy.copy.valid_days)}
        text = LANGUAGES[language].text(key, **{place: given[place] for place in PLACES[key]})
        assert set(text) <= GSM_7
        assert len(text) <= SMS_CHARACTERS
