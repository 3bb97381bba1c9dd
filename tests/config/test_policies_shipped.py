"""The profiles of the eleven agencies: what is particular of each, and what all of them have to hold."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import config.policy
from config.policy import AgencyPolicy, CopyDelivery, ParallelRecording, Role, Words
from config.policy_file import load_policies
from config.prompts import load_prompts

ROOM = Path(config.policy.__file__).parent
PROMPTS = load_prompts(ROOM / "prompts" / "nl.toml")
POLICIES = load_policies(ROOM / "policies").by_slug
AGENCIES = (
    "nationale-ombudsman",
    "ind",
    "uwv",
    "gecertificeerde-instelling",
    "raad-voor-de-kinderbescherming",
    "belastingdienst",
    "defensie",
    "gemeente-oldenzaal",
    "cjib",
    "cak",
    "arts-patient",
)
ALL = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
OF_AGENCIES = pytest.mark.parametrize("policy", [POLICIES[slug] for slug in AGENCIES], ids=AGENCIES)

LONGEST_HEARD = 14
"""Words in a sentence that is heard once, on the phone."""
LONGEST_READ = 20

INFORMAL = re.compile(r"\b(?:je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
SEVERE = re.compile(
    r"\b(?:verplicht|verboden|strafbaar|illegaal|stiekem|overtreding|schuld|forbidden|prohibited|illegal|criminal|guilty)\b",
    re.IGNORECASE,
)
"""Words that blame or threaten."""


def texts_of(value: object, path: str = "") -> Iterator[tuple[str, Words]]:
    """Dotted path and text of everything that a profile says in words."""
    if isinstance(value, Mapping):
        if path != "sources":
            yield path, value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item, path)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts_of(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))


def spoken_of(policy: AgencyPolicy) -> Iterator[Words]:
    yield from (words for path, words in texts_of(policy) if path.endswith(("opening", "spoken")))


def longest_sentence(text: str) -> int:
    return max(len(sentence.split()) for sentence in re.split(r"[.?!:](?:\s|$)", text))


def whole_page(policy: AgencyPolicy, language: str) -> str:
    return " ".join(words[language] for _, words in texts_of(policy))


# ---------------------------------------------------------------- each row of the agencies' table


def test_nationale_ombudsman_allows_recording_except_in_mediation_talks() -> None:
    policy = POLICIES["nationale-ombudsman"]
    excluded = [kind for kind in policy.conversation_kinds if kind.excluded]
    assert [kind.code for kind in excluded] == ["bemiddelingsgesprek"]
    assert excluded[0].excluded is not None
    assert "vrij kunnen praten" in excluded[0].excluded.spoken["nl"]
    assert policy.find_alternative(excluded[0].excluded.alternative) is not None
    assert policy.find_kind("gewoon") is not None


def test_nationale_ombudsman_is_the_reference_for_the_rules() -> None:
    sources = POLICIES["nationale-ombudsman"].sources
    assert all("2014/166" in sources[f"R{number}"] for number in range(1, 7))


def test_only_mediation_talks_are_excluded() -> None:
    assert {
        (policy.slug, kind.code) for policy in POLICIES.values() for kind in policy.conversation_kinds if kind.excluded
    } == {("nationale-ombudsman", "bemiddelingsgesprek")}


def test_ind_reserves_to_record_at_the_same_time_and_asks_for_a_copy() -> None:
    policy = POLICIES["ind"]
    assert policy.parallel_recording is ParallelRecording.WHEN_THE_CALLER_RECORDS
    assert policy.copy.offer
    assert policy.copy.ask_theirs
    assert len(policy.alternatives) >= 2


def test_ind_own_use_and_sound_only_and_complaints_at_the_ind() -> None:
    policy = POLICIES["ind"]
    assert "voor eigen gebruik" in policy.public.intro["nl"]
    assert any(paragraph.heading["nl"] == "Geluid wel, beeld niet" for paragraph in policy.public.paragraphs)
    assert "bij de IND een klacht" in policy.complaint.spoken["nl"]
    assert "IND" in policy.complaint.who["nl"]


@pytest.mark.parametrize(
    ("code", "whom"),
    [
        ("asielgehoor", "de planning van het AC"),
        ("ambtelijke-commissie", "de voorzitter voordat de zitting begint"),
        ("loket", "de medewerker van het loket voordat het gesprek begint"),
    ],
)
def test_ind_other_channels_say_whom_to_tell(code: str, whom: str) -> None:
    channel = POLICIES["ind"].find_channel(code)
    assert channel is not None
    assert whom in channel.instruction["nl"]


def test_ind_asylum_interview_is_told_to_the_planning_in_the_invitation() -> None:
    channel = POLICIES["ind"].find_channel("asielgehoor")
    assert channel is not None
    assert "uw uitnodiging" in channel.instruction["nl"]


def test_uwv_all_divisions_since_2017_with_leaflet_and_work_instruction() -> None:
    public = POLICIES["uwv"].public
    assert "alle onderdelen van UWV, sinds 1 januari 2017" in public.intro["nl"]
    assert "folder" in public.leaflet["nl"]
    assert "Vraag niet naar de reden" in public.work_instruction["nl"]


def test_uwv_protocol_for_misuse_on_social_media() -> None:
    steps = POLICIES["uwv"].misuse_steps
    assert [step.code for step in steps][-1] == "besluit"
    assert any("sociale media" in step.duty.todo["nl"] for step in steps)


def test_uwv_nobody_signs_a_statement() -> None:
    paragraph = POLICIES["uwv"].public.paragraphs[1]
    assert paragraph.heading["nl"] == "U hoeft niets te tekenen"
    assert "rechter" in paragraph.text["nl"]
    assert "laat niets tekenen" in POLICIES["uwv"].public.work_instruction["nl"]


def test_gecertificeerde_instelling_records_itself_whenever_the_caller_does() -> None:
    policy = POLICIES["gecertificeerde-instelling"]
    assert policy.parallel_recording is ParallelRecording.WHEN_THE_CALLER_RECORDS
    assert policy.public.paragraphs[0].heading["nl"] == "Wij nemen zelf ook op"
    assert "geknipt" in policy.public.paragraphs[0].text["nl"]


def test_gecertificeerde_instelling_sharing_leads_to_a_talk_first() -> None:
    assert POLICIES["gecertificeerde-instelling"].misuse_steps[0].code == "gesprek"


def test_gecertificeerde_instelling_decides_whether_a_recording_is_in_the_case_file() -> None:
    assert [slug for slug, policy in POLICIES.items() if policy.dossier] == ["gecertificeerde-instelling"]


def test_gecertificeerde_instelling_thinks_of_an_ex_partner_and_a_child() -> None:
    policy = POLICIES["gecertificeerde-instelling"]
    assert "een kind of uw ex-partner" in policy.third_person["nl"]
    assert policy.find_reason("kind") is not None
    assert policy.find_reason("ex-partner") is not None


def test_raad_voor_de_kinderbescherming_says_yes_unless() -> None:
    policy = POLICIES["raad-voor-de-kinderbescherming"]
    assert "tenzij er een zwaarwegende reden is" in policy.opening["nl"]
    assert policy.public.paragraphs[0].heading["nl"] == "Ja, tenzij"


def test_raad_voor_de_kinderbescherming_does_not_appreciate_a_secret_recording_and_points_to_the_policy() -> None:
    covert = POLICIES["raad-voor-de-kinderbescherming"].covert
    assert "niet op prijs" in covert.message["nl"]
    assert "In ons beleid op onze website" in covert.message["nl"]
    others = [policy for slug, policy in POLICIES.items() if slug != "raad-voor-de-kinderbescherming"]
    assert not [policy.slug for policy in others if "op prijs" in policy.covert.message["nl"]]


def test_raad_voor_de_kinderbescherming_weighs_purpose_and_harm_to_staff() -> None:
    policy = POLICIES["raad-voor-de-kinderbescherming"]
    assert policy.covert.publication is not None
    assert {"doel", "schade", "medewerkers"} <= set(re.findall(r"\w+", policy.covert.publication["nl"]))
    assert "wegen" in [step.code for step in policy.misuse_steps]


def test_belastingdienst_judges_each_request_and_has_no_general_ban() -> None:
    policy = POLICIES["belastingdienst"]
    assert "Wij kijken bij elk verzoek naar uw situatie" in policy.public.intro["nl"]
    assert "geen algemeen verbod" in policy.public.paragraphs[0].text["nl"]
    assert "2015/038" in policy.sources["R1"]


def test_belastingdienst_bringing_somebody_along_only_with_a_weighty_reason() -> None:
    policy = POLICIES["belastingdienst"]
    assert policy.alternatives[0].code == "iemand-meebrengen"
    assert "Bied alleen dan iets anders aan" in policy.public.work_instruction["nl"]


def test_belastingdienst_medical_reasons_may_be_told_and_need_not() -> None:
    text = POLICIES["belastingdienst"].public.paragraphs[1].text["nl"]
    assert "U hoeft ons dat niet te vertellen. U mag het wel vertellen." in text


def test_defensie_records_itself_always() -> None:
    assert [slug for slug, policy in POLICIES.items() if policy.parallel_recording is ParallelRecording.ALWAYS] == [
        "defensie"
    ]


def test_defensie_listening_as_often_as_wanted_with_rewinding_notes_and_a_representative() -> None:
    policy = POLICIES["defensie"]
    assert policy.listening.online
    assert policy.listening.on_site is not None
    for word in ("zo vaak als u wilt", "terugspoelen", "aantekeningen", "vertegenwoordiger"):
        assert word in policy.listening.on_site["nl"]
    assert [item.code for item in policy.alternatives] == [
        "beluisteren",
        "aantekeningen",
        "vertegenwoordiger",
        "verslag",
    ]
    assert policy.alternatives[0].agency_records


def test_defensie_gives_a_copy_on_request() -> None:
    policy = POLICIES["defensie"]
    assert not policy.copy.offer
    assert any("Wilt u een kopie" in paragraph.text["nl"] for paragraph in policy.public.paragraphs)
    assert "Vraagt de beller om een kopie? Dan krijgt de beller die." in policy.public.work_instruction["nl"]


def test_gemeente_oldenzaal_allows_kitchen_table_talks_and_has_a_text_for_its_site() -> None:
    policy = POLICIES["gemeente-oldenzaal"]
    kind = policy.find_kind("keukentafelgesprek")
    assert kind is not None
    assert kind.excluded is None
    assert policy.find_channel("keukentafelgesprek") is not None
    assert any("website" in paragraph.text["nl"] for paragraph in policy.public.paragraphs)


def test_cjib_visits_and_phone_calls() -> None:
    policy = POLICIES["cjib"]
    assert [kind.code for kind in policy.conversation_kinds] == ["telefoongesprek", "bezoek"]
    assert policy.find_channel("bezoek") is not None


def test_cak_customer_contact_room_and_phone() -> None:
    policy = POLICIES["cak"]
    assert [kind.code for kind in policy.conversation_kinds] == ["telefoongesprek", "klantcontactruimte"]
    assert policy.find_channel("klantcontactruimte") is not None


def test_arts_patient_listens_at_home_for_personal_use() -> None:
    policy = POLICIES["arts-patient"]
    assert "thuis terug te luisteren" in policy.opening["nl"]
    assert "voor uzelf" in policy.public.intro["nl"]


def test_arts_patient_publication_only_with_the_doctors_explicit_permission() -> None:
    policy = POLICIES["arts-patient"]
    assert policy.covert.publication is not None
    assert "uw arts dat uitdrukkelijk goed vindt" in policy.covert.publication["nl"]
    assert "uitdrukkelijk" in policy.public.paragraphs[1].text["nl"]


def test_arts_patient_gets_the_information_in_writing_after_an_objection() -> None:
    first = POLICIES["arts-patient"].alternatives[0]
    assert first.code == "schriftelijk"
    assert first.follow is not None
    assert "7:448 BW" in first.follow.todo["nl"]


def test_arts_patient_rests_on_the_treatment_contract_and_all_others_on_their_public_task() -> None:
    assert {slug: policy.lawful_basis for slug, policy in POLICIES.items() if policy.lawful_basis != "6(1)(e)"} == {
        "arts-patient": "6(1)(b)"
    }


def test_arts_patient_copy_is_fetched_with_a_code() -> None:
    assert [slug for slug, policy in POLICIES.items() if policy.copy.by is CopyDelivery.CODE] == ["arts-patient"]


# ---------------------------------------------------------------- all profiles


def test_the_eleven_agencies_and_the_example_are_there() -> None:
    assert set(POLICIES) == {*AGENCIES, "example"}


@OF_AGENCIES
def test_no_number_is_taken_from_the_installation(policy: AgencyPolicy) -> None:
    assert policy.numbers == ()


@ALL
def test_each_profile_has_reasons_and_alternatives_one_of_them_in_writing(policy: AgencyPolicy) -> None:
    assert len(policy.objection_reasons) >= 3
    assert len(policy.alternatives) >= 2
    written = [item for item in policy.alternatives if item.code in {"verslag", "schriftelijk"}]
    assert [item.follow for item in written] != [None]
    assert len(written) == 1


@ALL
def test_each_profile_has_a_channel_a_step_against_misuse_and_a_source_for_every_rule(policy: AgencyPolicy) -> None:
    assert policy.channels
    assert policy.misuse_steps
    assert all(policy.sources.values())


@ALL
def test_a_report_and_a_recording_are_owned_and_have_a_day(policy: AgencyPolicy) -> None:
    for item in policy.alternatives:
        if item.agency_records or item.code == "verslag":
            assert item.follow is not None, item.code
            assert item.follow.owner in (Role.EMPLOYEE, Role.SUPERVISOR)


@ALL
def test_a_link_works_no_longer_than_the_recording_is_kept(policy: AgencyPolicy) -> None:
    assert policy.copy.valid_days <= policy.retention.recording_days
    assert policy.retention.recording_days <= policy.retention.number_days


@ALL
def test_every_text_is_there_in_dutch_and_english_and_they_differ(policy: AgencyPolicy) -> None:
    assert policy.languages == ("nl", "en")
    same = [path for path, words in texts_of(policy) if set(words) != {"nl", "en"} or words["nl"] == words["en"]]
    assert same == (["name"] if policy.slug == "uwv" else [])


@ALL
def test_what_is_heard_has_short_sentences(policy: AgencyPolicy) -> None:
    for words in spoken_of(policy):
        assert all(longest_sentence(text) <= LONGEST_HEARD for text in words.values()), words


@ALL
def test_what_is_read_has_short_sentences(policy: AgencyPolicy) -> None:
    long = [words for _, words in texts_of(policy) for text in words.values() if longest_sentence(text) > LONGEST_READ]
    assert not long


@ALL
def test_the_reader_is_addressed_formally_and_nobody_is_blamed(policy: AgencyPolicy) -> None:
    dutch, english = whole_page(policy, "nl"), whole_page(policy, "en")
    assert not INFORMAL.search(dutch)
    assert not SEVERE.search(dutch)
    assert not SEVERE.search(english)


@ALL
def test_a_recording_without_notice_is_met_with_the_law_and_a_pointer_to_the_rules(policy: AgencyPolicy) -> None:
    message = policy.covert.message["nl"]
    assert "Dat mag" in message
    assert re.search(r"leest u hoe het gaat", message)


@ALL
def test_every_objection_can_be_told_as_whole_sentences(policy: AgencyPolicy) -> None:
    for reason in policy.objection_reasons:
        for alternative in policy.alternatives:
            said = PROMPTS.text(
                "objection",
                reason=reason.spoken["nl"],
                alternative=alternative.spoken["nl"],
                complaint=policy.complaint.spoken["nl"],
            )
            assert longest_sentence(said) <= LONGEST_HEARD
            assert not re.search(r"[.?!]{2}|[^.?!] [.?!]", said)
            assert re.search(r"klacht|klachtenfunctionaris", said)


@ALL
def test_staff_are_told_not_to_ask_for_the_reason(policy: AgencyPolicy) -> None:
    assert "niet naar de reden" in policy.public.work_instruction["nl"]


@ALL
def test_every_address_on_the_web_is_https(policy: AgencyPolicy) -> None:
    addresses = re.findall(r"\w+://[^\s\"]+", policy.document)
    assert addresses
    assert all(address.startswith("https://") for address in addresses)


def test_every_sort_of_employee_address_occurs_and_queues_are_rung_again() -> None:
    addresses = [address for slug in AGENCIES for address in POLICIES[slug].employee.to]
    assert {re.sub(r"[:\d].*", "", address) for address in addresses} == {"client", "sip", "+"}
    queues = [POLICIES[slug].employee for slug in AGENCIES if POLICIES[slug].employee.rounds > 1]
    assert queues
    assert all(len(queue.to) > 1 for queue in queues)


def test_learning_from_a_recording_is_asked_at_uwv_and_cak_only() -> None:
    assert {slug for slug, policy in POLICIES.items() if policy.training} == {"uwv", "cak"}
