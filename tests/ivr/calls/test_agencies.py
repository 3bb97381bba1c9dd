"""From a profile to a call: what its dialogue may do, the words it is told in, and the profile that it keeps."""

from pathlib import Path

import pytest

import config.policy
from config.policy import AgencyPolicy, PolicyError
from config.policy_file import load_policies, parse_policy
from config.prompts import load_all_prompts
from ivr.calls.agencies import Agencies
from ivr.dialogue.effects import Prompt, PromptKey
from ivr.dialogue.rules import AgencyRecords
from ivr.dialogue.states import Refusal
from ivr.ports import Database
from tests.builders import BEGAN, CALL_SID, CALLER, House

CONFIG = Path(config.policy.__file__).parent
LANDLINE = "+31201112222"
MEDIATION_LINE = "+31703563563"
PROMPTS = load_all_prompts(CONFIG / "prompts")
POLICIES = load_policies(CONFIG / "policies")
ALL = pytest.mark.parametrize("policy", POLICIES.by_slug.values(), ids=POLICIES.by_slug.keys())


@pytest.fixture
def agencies(sqlite_database: Database) -> Agencies:
    return Agencies(POLICIES, PROMPTS, sqlite_database)


def changed(slug: str, old: str, new: str) -> AgencyPolicy:
    document = POLICIES.get(slug).document
    assert old in document
    return parse_policy(document.replace(old, new), slug)


def told(agencies: Agencies, slug: str, key: PromptKey, language: str = "nl", **params: str) -> str:
    prompt = Prompt(1, key, tuple(params.items()), language)
    return agencies.speaker(POLICIES.get(slug)).words(prompt, "123456789012")


# ---------------------------------------------------------------- what the dialogue may do


@ALL
def test_the_numbers_of_the_conversation_are_the_profiles(agencies: Agencies, policy: AgencyPolicy) -> None:
    rules = agencies.rules_for(policy, CALLER)
    own = policy.rules
    assert (rules.reprompts, rules.answer_timeout_s, rules.start_timeout_s) == (
        own.reprompts,
        own.answer_timeout_s,
        own.start_timeout_s,
    )
    assert rules.attempts == len(policy.employee.to) * policy.employee.rounds
    assert (rules.language, rules.other_language) == ("nl", "en")
    assert (rules.ask_theirs, rules.ask_training) == (policy.copy.ask_theirs, policy.training)


@pytest.mark.parametrize(
    ("slug", "records"), [("ind", AgencyRecords.WITH_THE_CALLER), ("defensie", AgencyRecords.ALWAYS)]
)
def test_when_the_agency_records(agencies: Agencies, slug: str, records: AgencyRecords) -> None:
    assert agencies.rules_for(POLICIES.get(slug), CALLER).agency_records is records


def test_an_agency_may_never_record(agencies: Agencies) -> None:
    policy = changed("ind", 'parallel_recording = "when-the-caller-records"', 'parallel_recording = "never"')
    assert agencies.rules_for(policy, CALLER).agency_records is AgencyRecords.NEVER


@pytest.mark.parametrize(
    ("slug", "offered", "by_sms"), [("ind", True, True), ("defensie", False, True), ("arts-patient", True, False)]
)
def test_how_a_copy_is_offered(agencies: Agencies, slug: str, offered: bool, by_sms: bool) -> None:
    rules = agencies.rules_for(POLICIES.get(slug), CALLER)
    assert (rules.offer_copy, rules.copy_by_sms) == (offered, by_sms)


def test_only_a_mobile_number_gets_a_text_and_only_where_there_is_a_sender(
    agencies: Agencies, sqlite_database: Database
) -> None:
    policy = POLICIES.get("uwv")
    assert agencies.rules_for(policy, CALLER).can_text
    assert not agencies.rules_for(policy, LANDLINE).can_text
    assert not Agencies(POLICIES, PROMPTS, sqlite_database, sends_sms=False).rules_for(policy, CALLER).can_text


def test_calls_to_the_number_of_an_excluded_kind_begin_as_that_kind(agencies: Agencies) -> None:
    slug, kind = "nationale-ombudsman", 'code = "bemiddelingsgesprek"\n'
    line = f'numbers = ["{MEDIATION_LINE}"]'
    document = POLICIES.get(slug).document.replace("numbers = []", line).replace(kind, f"{kind}{line}\n")
    policy = parse_policy(document, slug)
    begun = agencies.begin(policy, MEDIATION_LINE, CALLER)
    assert (begun.kind, begun.exclusion) == ("bemiddelingsgesprek", "verslag")
    ordinary = agencies.begin(policy, LANDLINE, CALLER)
    assert (ordinary.kind, ordinary.exclusion) == ("", "")


def test_the_employee_sees_the_number_that_the_profile_says(house: House) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    rung = [asked.arguments for asked in house.carrier.asked if asked.verb == "ring_employee"]
    employee = POLICIES.get("example").employee
    assert [arguments[1:3] for arguments in rung] == [(employee.to[0], employee.caller_id)]


# ---------------------------------------------------------------- the words


def test_the_greeting_has_the_agencys_name_and_opening_and_offers_the_other_language(agencies: Agencies) -> None:
    dutch = told(agencies, "arts-patient", PromptKey.GREETING)
    assert dutch.startswith("Welkom bij de artsenpraktijk. U mag dit gesprek opnemen, om thuis terug te luisteren.")
    assert "For English, press 9." in dutch
    english = told(agencies, "arts-patient", PromptKey.GREETING, "en")
    assert english.startswith("Welcome to the doctor's practice. You may record this call")
    assert "press 9" not in english


@pytest.mark.parametrize("language", ["nl", "en"])
@ALL
def test_every_objection_is_told_in_the_agencys_words(agencies: Agencies, policy: AgencyPolicy, language: str) -> None:
    for reason in policy.objection_reasons:
        for alternative in policy.alternatives:
            codes = {"reason": reason.code, "alternative": alternative.code}
            text = told(agencies, policy.slug, PromptKey.OBJECTION, language, **codes)
            for words in (reason.spoken, alternative.spoken, policy.complaint.spoken):
                assert words[language] in text


def test_an_employees_own_reason_is_told_as_a_sentence(agencies: Agencies) -> None:
    codes = {"reason": "anders", "reason_text": "er is nu een kind bij", "alternative": "verslag"}
    assert "er is nu een kind bij. Wij bieden" in told(agencies, "uwv", PromptKey.OBJECTION, **codes)


@pytest.mark.parametrize("key", [PromptKey.EXCLUDED, PromptKey.WHY, PromptKey.GREETING_EXCLUDED])
def test_why_a_kind_of_conversation_is_excluded_is_told_in_the_profiles_words(
    agencies: Agencies, key: PromptKey
) -> None:
    codes = {"kind": "bemiddelingsgesprek"} | ({"alternative": "verslag"} if key is PromptKey.EXCLUDED else {})
    text = told(agencies, "nationale-ombudsman", key, **codes)
    assert "Iedereen moet daar vrij kunnen praten." in text


def test_the_message_about_a_refusal_says_where_to_complain(agencies: Agencies) -> None:
    speaker = agencies.speaker(POLICIES.get("uwv"))
    text = speaker.refusal_message(Refusal("privacy", "verslag"), "nl")
    assert text.startswith("UWV: ")
    assert "De opname raakt de privacy van iemand anders." in text
    assert "U krijgt een schriftelijk verslag van dit gesprek." in text
    assert text.endswith("https://www.uwv.nl")


def test_the_margin_of_a_prompt_is_the_profiles(agencies: Agencies) -> None:
    prompt = Prompt(1, PromptKey.CONFIRM)
    patient = changed("uwv", "prompt_margin_s = 5.0", "prompt_margin_s = 9.0")
    longer = agencies.speaker(patient).longest_s(prompt) - agencies.speaker(POLICIES.get("uwv")).longest_s(prompt)
    assert longer == pytest.approx(4.0)


# ---------------------------------------------------------------- the profile that held then


def test_a_call_keeps_the_profile_that_it_was_told_by(agencies: Agencies, sqlite_database: Database) -> None:
    then = changed("uwv", "within_days = 10", "within_days = 9")
    with sqlite_database.transaction() as unit:
        unit.policies.keep(then.digest, then.slug, then.version, then.document, BEGAN)
    assert agencies.by_digest("uwv", then.digest) == then
    assert agencies.now("uwv") == POLICIES.get("uwv")
    assert agencies.by_digest("uwv", POLICIES.get("uwv").digest) == POLICIES.get("uwv")


def test_a_profile_that_was_not_kept_is_not_guessed(agencies: Agencies) -> None:
    with pytest.raises(PolicyError, match=rf"the profile of uwv with digest {'0' * 64} was not kept"):
        agencies.by_digest("uwv", "0" * 64)


def test_a_kept_profile_that_is_not_what_was_kept_is_refused(agencies: Agencies, sqlite_database: Database) -> None:
    forged = changed("uwv", "within_days = 10", "within_days = 9")
    with sqlite_database.transaction() as unit:
        unit.policies.keep("1" * 64, "uwv", "2", forged.document, BEGAN)
    with pytest.raises(PolicyError, match=r"that was kept as 1{64} has digest"):
        agencies.by_digest("uwv", "1" * 64)
