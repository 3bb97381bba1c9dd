"""One call to each agency, as it tells the caller its own rules; every text word for word as its profile has it."""

from collections.abc import Mapping

import pytest

from ivr.cases.case import Kind
from storage.records import CaseFilter, CaseRecord
from tests.journeys.running import (
    ASK_BY_KEY,
    GREET,
    HANG_UP,
    NO_COPY,
    PART,
    RECORD_BY_KEY,
    UNTIL_RECORDED,
    YES_AFTER_STAR,
    Call,
    Plan,
    hear,
    hear_begin,
    pause,
    press,
    say,
)
from tests.journeys.staff import staff

pytestmark = pytest.mark.slow

GREETING = (
    "Welkom bij {agency}. {opening} Zegt u dat dan even, of toets nu een 1. For English, press 9. "
    "Een moment, wij verbinden u door."
)
ALLOWED = "Dat mag. U kunt dit gesprek nu opnemen. Vanaf nu neemt ook {agency} dit gesprek op."
OBJECTION = (
    "De medewerker heeft bezwaar tegen de opname. {reason} Wij bieden u iets anders aan. {alternative} {complaint} "
    "U mag de medewerker vragen om uitleg."
)
COMPLAINT = "Bent u het er niet mee eens? Dan kunt u {how} een klacht indienen. Hoe dat gaat, leest u op onze website."
ASK_THEIRS = (
    "Wij willen graag een kopie van uw opname. U hoeft die niet te geven. Op onze website leest u hoe het gaat."
)
TRAINING = (
    "Mogen onze medewerkers leren van de opname van dit gesprek? U beslist. Zeg ja, of toets 1. "
    "Wilt u het niet? Zeg nee, of toets 2."
)


def cases(call: Call, kind: Kind) -> list[CaseRecord]:
    call_id = call.call_id
    with call.service.wiring.database.reading() as unit:
        found = unit.cases.list(CaseFilter(kind=kind), 100, None)
    return [case for case in found if case.call_id == call_id]


def greeting(call: Call) -> str:
    """What the bot said first, to its end or not."""
    return str(call.prompts()[0]["text"])


def object_to(call: Call, reason: str, alternative: str) -> None:
    """The employee objects on the screen as soon as the agency records."""
    call.wait_for("recording:started")
    staff(call.service).does(call, "objections", reason=reason, alternative=alternative)


# ---------------------------------------------------------------- de Nationale ombudsman


def name_mediation(call: Call) -> None:
    call.wait_for("employee:joined")
    staff(call.service).does(call, "conversation-kind", kind="bemiddelingsgesprek")


ombudsman = Plan(
    caller=[*ASK_BY_KEY, hear("vragen om uitleg"), pause(1), HANG_UP],
    employee=[pause(3), *GREET, hear("vragen om uitleg"), pause(2), HANG_UP],
    agency="nationale-ombudsman",
    work=name_mediation,
)
EXCLUDED = (
    "Dit gesprek kunt u niet opnemen. Dit is een bemiddelingsgesprek. Iedereen moet daar vrij kunnen praten. "
    "Wij bieden u iets anders aan. U krijgt een schriftelijk verslag van dit gesprek. "
    "Bent u het er niet mee eens? Dan kunt u bij ons een klacht indienen. Hoe dat gaat, leest u op onze website. "
    "U mag de medewerker vragen om uitleg."
)


def test_bij_de_nationale_ombudsman_mag_ik_een_bemiddelingsgesprek_niet_opnemen(calls: Mapping[Plan, Call]) -> None:
    """The employee names the kind of talk; the caller's yes is heard, and answered with the reason and a report."""
    call = calls[ombudsman].finish()
    assert greeting(call) == GREETING.format(agency="de Nationale ombudsman", opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == [EXCLUDED]
    assert "consent:given" not in call.tags()
    assert not call.carrier_recordings()
    assert call.entry("request:excluded").facts["alternative"] == "verslag"
    [case] = cases(call, Kind.REFUSAL)
    assert case.due_at is not None
    [text] = call.messages()
    assert text == (
        "de Nationale ombudsman: u kunt dit gesprek niet opnemen. Dit is een bemiddelingsgesprek. "
        "Iedereen moet daar vrij kunnen praten. Wij bieden u iets anders aan. "
        "U krijgt een schriftelijk verslag van dit gesprek. "
        "Niet mee eens? Zo dient u een klacht in: https://www.nationaleombudsman.nl "
        f"Hier vindt u het bewijs van dit gesprek: {call.service.wiring.links.receipt(call.call_id)} "
        "De link werkt 14 dagen. Geef de link niet aan anderen."
    )


# ---------------------------------------------------------------- de IND

ind = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, *NO_COPY, hear("kopie van uw opname")],
    employee=[UNTIL_RECORDED, *PART],
    agency="ind",
)


def test_de_ind_neemt_ook_op_en_vraagt_daarna_mijn_opname(calls: Mapping[Plan, Call]) -> None:
    """It reserves the right to record at the same time, and may ask for the caller's copy: it need not be given."""
    call = calls[ind].finish()
    assert greeting(call) == GREETING.format(agency="de IND", opening="U mag dit gesprek opnemen, voor uzelf.")
    assert call.heard_by_both() == [ALLOWED.format(agency="de IND")]
    assert call.heard_by_caller()[-2:] == ["Dat is goed. U krijgt geen kopie.", ASK_THEIRS]
    [text] = call.messages()
    assert call.service.wiring.links.copy(call.call_id) in text
    assert "U hoeft die niet te geven" in text
    [case] = cases(call, Kind.CITIZEN_COPY)
    assert case.state == "asked"


# ---------------------------------------------------------------- UWV

uwv = Plan(
    caller=[
        *RECORD_BY_KEY,
        UNTIL_RECORDED,
        *NO_COPY,
        hear_begin("leren van de opname"),
        press("1"),
        hear("geen kopie"),
    ],
    employee=[UNTIL_RECORDED, *PART],
    agency="uwv",
)


def test_uwv_vraagt_of_medewerkers_van_de_opname_mogen_leren(calls: Mapping[Plan, Call]) -> None:
    """Asked, never assumed: the caller's yes alone is not enough."""
    call = calls[uwv].finish()
    assert greeting(call) == GREETING.format(agency="UWV", opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == [ALLOWED.format(agency="UWV")]
    assert TRAINING in [event["text"] for event in call.prompts()]
    assert call.entry("training:asked").facts["agreed"] == "yes"
    [case] = cases(call, Kind.TRAINING)
    assert case.state == "asked"


# ---------------------------------------------------------------- een gecertificeerde instelling


def say_that_the_other_parent_listens(call: Call) -> None:
    call.wait_for("recording:started")
    staff(call.service).does(call, "third-persons", who="de andere ouder")


instelling = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, hear("Dat doet de gecertificeerde instelling ook"), *NO_COPY],
    employee=[UNTIL_RECORDED, hear("Dat doet de gecertificeerde instelling ook"), *PART],
    agency="gecertificeerde-instelling",
    work=say_that_the_other_parent_listens,
)


def test_bij_jeugdzorg_hoort_iedereen_dat_er_wordt_opgenomen_als_de_andere_ouder_meeluistert(
    calls: Mapping[Plan, Call],
) -> None:
    call = calls[instelling].finish()
    name = "de gecertificeerde instelling"
    assert greeting(call) == GREETING.format(agency=name, opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == [
        ALLOWED.format(agency=name),
        "Er is nog iemand bij dit gesprek. Daarom zeggen wij het aan iedereen. De beller neemt dit gesprek op. "
        "Dat doet de gecertificeerde instelling ook.",
    ]
    assert call.entry("third-person:present").personal == {"who": "de andere ouder"}
    record = call.service.wiring.consent_record(call.call_id)
    assert (record["third_person_present"], record["belongs_to_case_file"]) == (True, True)


# ---------------------------------------------------------------- de Raad voor de Kinderbescherming


def object_and_take_it_back(call: Call) -> None:
    object_to(call, "kind", "verslag")
    call.wait_for("prompt:played objection")
    staff(call.service).does(call, "objections/withdrawal")


raad = Plan(
    caller=[*RECORD_BY_KEY, hear("geen bezwaar meer"), *NO_COPY],
    employee=[hear("geen bezwaar meer"), *PART],
    agency="raad-voor-de-kinderbescherming",
    work=object_and_take_it_back,
)


def test_de_raad_voor_de_kinderbescherming_maakt_bezwaar_en_neemt_dat_terug(calls: Mapping[Plan, Call]) -> None:
    """Ja, tenzij: the objection names its reason and ends the agency's recording; taken back, the caller may record."""
    call = calls[raad].finish()
    name = "de Raad voor de Kinderbescherming"
    opening = "U mag dit gesprek opnemen, tenzij er een zwaarwegende reden is."
    assert greeting(call) == GREETING.format(agency=name, opening=opening)
    objection = OBJECTION.format(
        reason="De opname raakt de privacy van een kind.",
        alternative="U krijgt een schriftelijk verslag van dit gesprek.",
        complaint=COMPLAINT.format(how="bij de Raad"),
    )
    withdrawn = "De medewerker heeft geen bezwaar meer. U mag dit gesprek opnemen."
    assert call.heard_by_both() == [ALLOWED.format(agency=name), objection, withdrawn]
    assert call.entry("recording:stopped").facts["reason"] == "objection"
    [case] = cases(call, Kind.REFUSAL)
    assert case.state == "lapsed"


# ---------------------------------------------------------------- de Belastingdienst


def try_without_a_reason(call: Call) -> None:
    """No reason, no objection: a general ban is improper conduct."""
    call.wait_for("recording:started")
    employee = staff(call.service)
    path = f"/calls/{call.call_id}/objections"
    assert employee.ask("POST", path, {"alternative": "iemand-meebrengen"})[0] == 400
    assert employee.ask("POST", path, {"reason": "beleid", "alternative": "iemand-meebrengen"})[0] == 400
    employee.does(call, "objections", reason="verhoor", alternative="iemand-meebrengen")


belastingdienst = Plan(
    caller=[*RECORD_BY_KEY, hear("vragen om uitleg"), *NO_COPY],
    employee=[hear("vragen om uitleg"), *PART],
    agency="belastingdienst",
    work=try_without_a_reason,
)


def test_de_belastingdienst_heeft_een_zwaarwegende_reden_nodig_en_ik_mag_iemand_meebrengen(
    calls: Mapping[Plan, Call],
) -> None:
    call = calls[belastingdienst].finish()
    assert greeting(call) == GREETING.format(agency="de Belastingdienst", opening="U mag dit gesprek opnemen.")
    objection = OBJECTION.format(
        reason="Dit gesprek is een verhoor. Daarvoor gelden andere regels.",
        alternative="U mag iemand meebrengen die meeluistert.",
        complaint=COMPLAINT.format(how="bij de Belastingdienst"),
    )
    assert call.heard_by_both() == [ALLOWED.format(agency="de Belastingdienst"), objection]
    assert cases(call, Kind.REFUSAL) == []  # kept on the call itself
    assert call.tags().count("objection:raised") == 1


# ---------------------------------------------------------------- Defensie

defensie = Plan(
    caller=[
        hear_begin("Welkom bij"),
        press("5"),
        hear("wordt opgenomen door"),
        pause(2),
        *YES_AFTER_STAR,
        hear("kunt dit gesprek nu opnemen"),
        hear("Bedankt voor het bellen"),
    ],
    employee=[hear("kunt dit gesprek nu opnemen"), *PART],
    agency="defensie",
)


def test_defensie_neemt_altijd_op_en_zegt_dat_eerst_en_ik_mag_zelf_ook_opnemen(calls: Mapping[Plan, Call]) -> None:
    """Announced before it starts; the caller's own wish leaves it as it is; a copy is given on request only."""
    call = calls[defensie].finish()
    name = "het ministerie van Defensie"
    assert greeting(call) == GREETING.format(agency=name, opening="U mag dit gesprek zelf ook opnemen.")
    always = f"Dit gesprek wordt opgenomen door {name}. U mag het gesprek zelf ook opnemen. Zeg het dan even."
    assert call.heard_by_both() == [always, "Dat mag. U kunt dit gesprek nu opnemen."]
    assert f"Bedankt voor het bellen met {name}. Tot ziens." in call.heard_by_caller()
    tags = call.tags()
    order = ["recording:permitted", "prompt:played recording_always", "recording:started", "consent:given",
             "recording:stopped", "recording:stored"]  # fmt: skip
    assert [tag for tag in tags if tag in order] == order
    assert call.entry("recording:announced").facts["entry"] == str(call.entry("recording:permitted").number)
    [started] = [event for event in call.carrier_recordings() if event["status"] == "in-progress"]
    [announced] = [event for event in call.prompts() if event["text"] == always]
    assert announced["ended_at"] <= started["at"]


# ---------------------------------------------------------------- gemeente Oldenzaal

oldenzaal = Plan(
    caller=[hear_begin("Welkom bij"), press("1"), hear_begin("toets kiezen"), press("2"), hear("Tot ziens")],
    employee=[hear("gaat gewoon verder"), *PART],
    agency="gemeente-oldenzaal",
)


def test_bij_gemeente_oldenzaal_kost_een_nee_mij_niets(calls: Mapping[Plan, Call]) -> None:
    call = calls[oldenzaal].finish()
    assert greeting(call) == GREETING.format(agency="gemeente Oldenzaal", opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == ["Dat is goed. U neemt het gesprek niet op. Het gesprek gaat gewoon verder."]
    assert call.heard_by_caller()[-1] == "Bedankt voor het bellen met gemeente Oldenzaal. Tot ziens."
    assert not call.carrier_recordings()


# ---------------------------------------------------------------- het CJIB

cjib = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, *NO_COPY],
    employee=[UNTIL_RECORDED, *PART],
    agency="cjib",
    desk="client:cjib_2",
)


def test_bij_het_cjib_neemt_de_tweede_medewerker_op(calls: Mapping[Plan, Call]) -> None:
    """Nobody is at the first phone; the next one is rung, and the caller's wish is not lost meanwhile."""
    call = calls[cjib].finish()
    assert greeting(call) == GREETING.format(agency="het CJIB", opening="U mag dit gesprek opnemen.")
    tags = call.tags()
    assert tags.count("employee:unreached") == 1
    assert tags.index("employee:unreached") < tags.index("employee:joined")
    assert call.heard_by_both() == [ALLOWED.format(agency="het CJIB")]


# ---------------------------------------------------------------- het CAK


def pause_for_something_private(call: Call) -> None:
    call.wait_for("recording:started")
    staff(call.service).does(call, "recording-pauses")


PAUSED = (
    "De opname door het CAK is onderbroken. Zeg het als de opname weer verder mag. "
    "U kunt dan ook een sterretje toetsen."
)
cak = Plan(
    caller=[
        *RECORD_BY_KEY,
        hear("sterretje toetsen"),
        say("Mijn pincode is een twee drie vier."),
        press("*"),
        hear("gaat weer verder"),
        *NO_COPY,
        hear_begin("leren van de opname"),
        press("2"),
        hear("geen kopie"),
    ],
    employee=[hear("gaat weer verder"), *PART],
    agency="cak",
    work=pause_for_something_private,
)


def test_het_cak_onderbreekt_de_opname_als_ik_iets_prives_zeg(calls: Mapping[Plan, Call]) -> None:
    """Announced, logged, kept as silence, and announced to go on."""
    call = calls[cak].finish()
    assert greeting(call) == GREETING.format(agency="het CAK", opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == [ALLOWED.format(agency="het CAK"), PAUSED, "De opname gaat weer verder."]
    order = ["recording:started", "pause:asked", "recording:paused", "pause:ended", "recording:resumed"]
    assert [tag for tag in call.tags() if tag in order] == order
    recording = call.recording()
    [(began_s, ended_s)] = recording.spans(call, call.caller)
    private = recording.caller[int(began_s * 8000) : int(ended_s * 8000)]
    assert not private.any()
    assert call.entry("training:asked").facts["agreed"] == "no"


# ---------------------------------------------------------------- de artsenpraktijk


def object_as_a_doctor(call: Call) -> None:
    """The doctor says something first, so there is a recording to have a copy of."""
    call.service.wait_until("the doctor speaks", lambda: call.service.events("said", party=call.employee))
    object_to(call, "privacy", "schriftelijk")


arts = Plan(
    caller=[
        *RECORD_BY_KEY,
        hear("vragen om uitleg"),
        hear_begin("kopie van onze opname"),
        press("1"),
        hear("De code is"),
    ],
    employee=[UNTIL_RECORDED, say("Dat heb ik liever niet."), hear("vragen om uitleg"), *PART],
    agency="arts-patient",
    work=object_as_a_doctor,
)


def test_mijn_arts_maakt_bezwaar_en_geeft_de_informatie_op_papier(calls: Mapping[Plan, Call]) -> None:
    """Art. 7:448 BW: in writing; a copy of what was recorded until then comes by a code that is read out."""
    call = calls[arts].finish()
    opening = "U mag dit gesprek opnemen, om thuis terug te luisteren."
    assert greeting(call) == GREETING.format(agency="de artsenpraktijk", opening=opening)
    objection = OBJECTION.format(
        reason="De opname raakt de privacy van iemand anders.",
        alternative="U krijgt de informatie op papier. Daarin staat wat de arts met u heeft besproken.",
        complaint="Bent u het er niet mee eens? Dan kunt u naar onze klachtenfunctionaris. "
        "Hoe dat gaat, leest u op onze website.",
    )
    assert call.heard_by_both() == [ALLOWED.format(agency="de artsenpraktijk"), objection]
    code = " ".join(call.service.wiring.links.copy_code(call.call_id)[:3])
    assert f"De code is: {code}" in call.heard_by_caller()[-1]
    [case] = cases(call, Kind.REFUSAL)
    assert case.due_at is not None
    assert (case.due_at - case.opened_at).days == 5


# ---------------------------------------------------------------- gemeente Voorbeeld, in English

english = Plan(
    caller=[
        hear_begin("Welkom bij"),
        press("9"),
        hear_begin("Welcome to"),
        press("1"),
        hear_begin("Please press a key"),
        press("1"),
        hear("From now on"),
        hear_begin("copy of our recording"),
        press("2"),
    ],
    employee=[hear("From now on"), *PART],
)


def test_i_called_the_municipality_and_chose_english(calls: Mapping[Plan, Call]) -> None:
    call = calls[english].finish()
    assert greeting(call) == GREETING.format(agency="gemeente Voorbeeld", opening="U mag dit gesprek opnemen.")
    assert call.heard_by_both() == [
        "That is fine. You can record this call now. From now on, the municipality of Voorbeeld records this call too."
    ]
    assert call.entry("language:chosen").facts["language"] == "en"
    played = [entry for entry in call.entries() if entry.facts.get("key") == "allowed_recording"]
    assert [entry.facts["language"] for entry in played] == ["en"]
