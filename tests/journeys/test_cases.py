"""The cases that the service must carry beyond the happy call, each from the call to its close."""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.running import (
    ALLOWED,
    GREET,
    NO_COPY,
    PART,
    RECORD_BY_KEY,
    UNTIL_RECORDED,
    Call,
    Plan,
    Service,
    hear,
    hear_begin,
    pause,
    press,
    say,
    start_command,
)
from tests.journeys.staff import Staff, staff

pytestmark = pytest.mark.slow

COMPLAINT = "Bent u het er niet mee eens? Dan kunt u een klacht indienen. Hoe dat gaat, leest u op onze website."
OBJECTION = (
    "De medewerker heeft bezwaar tegen de opname. Er is iemand bij het gesprek die geen opname wil. "
    "Wij bieden u iets anders aan. U krijgt een schriftelijk verslag van dit gesprek. "
    f"{COMPLAINT} U mag de medewerker vragen om uitleg."
)
WHY = (
    "Er is iemand bij het gesprek die geen opname wil. Daarom kunt u dit gesprek niet opnemen. "
    f"De medewerker legt het u graag uit. {COMPLAINT}"
)
THIRD_PERSON = (
    "Er is nog iemand bij dit gesprek. Daarom zeggen wij het aan iedereen. De beller neemt dit gesprek op. "
    "Dat doet gemeente Voorbeeld ook."
)


# ---------------------------------------------------------------- 2. a third person

accompanied = Plan(
    caller=[
        *RECORD_BY_KEY,
        UNTIL_RECORDED,
        hear("Waarmee kan ik"),
        say("Mijn moeder is ook aan de telefoon."),
        hear("Dat doet gemeente Voorbeeld ook"),
        *NO_COPY,
    ],
    employee=[UNTIL_RECORDED, *GREET, hear("Dat doet gemeente Voorbeeld ook"), *PART],
)


def test_mijn_moeder_luistert_mee_en_iedereen_hoort_dat_er_wordt_opgenomen(calls: Mapping[Plan, Call]) -> None:
    """Everybody on the line is told, and the record says so, for whoever has to weigh her privacy later."""
    call = calls[accompanied].finish()
    assert call.heard_by_both() == [ALLOWED, THIRD_PERSON]
    assert call.entry("third-person:present").facts["by"] == "caller"
    assert call.service.wiring.consent_record(call.call_id)["third_person_present"] is True


# ---------------------------------------------------------------- questions on the call (R8, R9) and a private word

curious = Plan(
    caller=[
        hear_begin("Welkom bij"),
        press("5"),
        hear("Waarmee kan ik"),
        say("Ik vraag me af of u dit gesprek opneemt."),
        hear("Voordat een opname begint"),
        say("Kan ik dit filmen?"),
        hear("Beeld opnemen mag niet"),
    ],
    employee=[*GREET, hear("Beeld opnemen mag niet"), *PART],
)


def test_ik_vraag_of_jullie_opnemen_en_of_ik_mag_filmen(calls: Mapping[Plan, Call]) -> None:
    call = calls[curious].finish()
    assert call.heard_by_both() == [
        "Nee. Dit gesprek wordt nu niet opgenomen door gemeente Voorbeeld. Voordat een opname begint, hoort u dat.",
        "U mag alleen het geluid opnemen. Beeld opnemen mag niet.",
    ]
    assert {"agency-recording:asked", "video:asked"} <= set(call.tags())
    assert not call.carrier_recordings()


private = Plan(
    caller=[
        *RECORD_BY_KEY,
        UNTIL_RECORDED,
        hear("Waarmee kan ik"),
        say("Kan je even stoppen met opnemen?"),
        hear("sterretje toetsen"),
        pause(1),
        say("Ik ben klaar, kan je nu weer opnemen?", voice="nl+m3"),
        hear("gaat weer verder"),
        *NO_COPY,
    ],
    employee=[UNTIL_RECORDED, *GREET, hear("gaat weer verder"), *PART],
)


def test_ik_vraag_om_een_pauze_voor_iets_prives(calls: Mapping[Plan, Call]) -> None:
    """It is no withdrawal: the recording is silent for a while, both hear it begin and end."""
    call = calls[private].finish()
    paused = (
        "De opname door gemeente Voorbeeld is onderbroken. Zeg het als de opname weer verder mag. "
        "U kunt dan ook een sterretje toetsen."
    )
    assert call.heard_by_both() == [ALLOWED, paused, "De opname gaat weer verder."]
    order = ["recording:started", "pause:asked", "recording:paused", "pause:ended", "recording:resumed"]
    assert [tag for tag in call.tags() if tag in order] == order
    assert "consent:withdrawn" not in call.tags()


# ---------------------------------------------------------------- 3. recorded without notice


def test_mijn_gesprek_bleek_zonder_melding_opgenomen(calls: Mapping[Plan, Call]) -> None:
    """Registered by staff; the agency's message without blame; a talk is planned and its outcome noted."""
    call = calls[curious].finish()
    supervisor = staff(call.service, "leidinggevende")
    case = supervisor.opens(
        "covert", "example", call, discovered="De beller stuurde ons een fragment.", published=False
    )
    case_id = case["caseId"]
    supervisor.acts(case_id, "message-sent", how="Per brief, met de spelregels.")
    planned = supervisor.acts(case_id, "talk-planned", on=(datetime.now(UTC) + timedelta(days=7)).date().isoformat())
    assert planned["owner"] == "leidinggevende"
    closed = supervisor.acts(case_id, "closed", outcome="Het vertrouwen is hersteld.")
    assert closed["closedAt"] is not None
    assert [tag for tag in call.tags() if tag.startswith("covert:")] == [
        "covert:registered",
        "covert:message-sent",
        "covert:talk-planned",
        "covert:closed",
    ]


# ---------------------------------------------------------------- 4. the complaint procedure


def test_de_klachtencommissie_luistert_pas_als_het_echt_nodig_is(calls: Mapping[Plan, Call]) -> None:
    """Necessity first, then the employee's objection, the mother's privacy, named people, a term, every playback."""
    call = calls[accompanied].finish()
    committee = staff(call.service, "klachtencommissie")
    case_id = committee.opens("complaint", "example", call, complaint="De medewerker was onheus.")["caseId"]
    until = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    access = {"people": [committee.name], "until": until, "weighing": "De klacht gaat over de toon van het gesprek."}

    def refused(act: str, **fields: object) -> int:
        return committee.ask("POST", f"/cases/{case_id}/acts", {"act": act, **fields})[0]

    assert refused("access-granted", **access) == 409
    committee.acts(case_id, "listening-needed", why="De toon staat niet in het verslag.")
    assert refused("access-granted", **access) == 409
    staff(call.service).acts(case_id, "employee-answered", objects=True, reason="Het gesprek was gevoelig.")
    assert refused("access-granted", **access) == 409  # somebody else was there
    committee.acts(case_id, "third-persons-weighed", weighing="De moeder zegt niets persoonlijks.")
    committee.acts(case_id, "access-granted", **access)
    committee.acts(case_id, "played")
    stranger = Staff.of(call.service, "klachtencommissie", "example")
    assert stranger.ask("POST", f"/cases/{case_id}/acts", {"act": "played"})[0] == 403
    committee.acts(case_id, "closed", outcome="De klacht is gegrond.")
    tags = call.tags()
    assert (tags.count("complaint:played"), tags.count("complaint:playback-refused")) == (1, 1)


# ---------------------------------------------------------------- 5. misuse


def test_een_fragment_van_mijn_gesprek_staat_geknipt_op_internet(calls: Mapping[Plan, Call]) -> None:
    """Report, evidence, the profile's steps in their order, outcome."""
    call = calls[accompanied].finish()
    supervisor, officer = staff(call.service, "leidinggevende"), staff(call.service, "privacyfunctionaris")
    case_id = supervisor.opens("misuse", "example", call, what="cutting", report="Een fragment staat op internet.")[
        "caseId"
    ]
    edit = {
        "kind": "cut",
        "agencyStartS": 3.0,
        "agencyEndS": 5.5,
        "copyStartS": 3.0,
        "copyEndS": 3.0,
        "confidence": 0.9,
    }
    comparison = {"verdict": "cut", "coverage": 0.8, "driftPpm": 12.0, "edits": [edit]}
    supervisor.acts(case_id, "evidence-added", evidence="Vergeleken met onze opname.", comparison=comparison)
    wrong = {"act": "step-done", "step": "besluit", "result": "Te vroeg."}
    assert officer.ask("POST", f"/cases/{case_id}/acts", wrong)[0] == 409
    for step, by in (("verwijderen-vragen", supervisor), ("gesprek", supervisor), ("besluit", officer)):
        by.acts(case_id, "step-done", step=step, result="Gedaan.")
    closed = officer.acts(case_id, "closed", outcome="De beller heeft het fragment weggehaald.")
    assert closed["closedAt"] is not None
    assert call.tags().count("misuse:step-done") == 3


# ---------------------------------------------------------------- 6. other channels


def test_ik_vroeg_het_aan_het_loket_van_de_ind(service: Service) -> None:
    """Registered by staff in the same log, refused for a reason, and the promised report is watched over."""
    employee = staff(service)
    asked_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    case_id = employee.opens(
        "channel-request", "ind", channel="loket", askedAt=asked_at, conversation="gewoon", thirdPersons=True
    )["caseId"]
    employee.acts(case_id, "refused", reason="derde-persoon", alternative="verslag")
    status, found = employee.ask("GET", "/cases?agency=ind&kind=refusal&limit=100")
    assert status == 200
    [promise] = [case for case in found["cases"] if case["fromCase"] == case_id]
    assert employee.acts(promise["caseId"], "delivered", how="Aan het loket meegegeven.")["closedAt"] is not None
    status, file = employee.ask("GET", f"/cases/{case_id}")
    assert [entry["tag"] for entry in file["history"]][:2] == [
        "channel-request:registered",
        "channel-request:refused",
    ]
    assert service.command("log", "verify") == 0


# ---------------------------------------------------------------- 1. refusal: the longest call, so nobody waits for it


def object_with_a_report(call: Call) -> None:
    call.wait_for("recording:started")
    staff(call.service).does(call, "objections", reason="derde-persoon", alternative="verslag")


refused = Plan(
    caller=[
        *RECORD_BY_KEY,
        hear("vragen om uitleg"),
        pause(1),
        say("Waarom kan dat niet?"),
        hear("legt het u"),
        *NO_COPY,
    ],
    employee=[hear("legt het u graag uit"), *PART],
    work=object_with_a_report,
)


def test_ik_mag_niet_opnemen_vraag_waarom_niet_en_krijg_een_verslag(calls: Mapping[Plan, Call]) -> None:
    """Weighty reason, explanation, alternative, complaint route: told, sent, and the report is delivered."""
    call = calls[refused].finish()
    assert call.heard_by_both() == [ALLOWED, OBJECTION, WHY]
    assert call.messages()[0] == (
        "gemeente Voorbeeld: u kunt dit gesprek niet opnemen. Er is iemand bij het gesprek die geen opname wil. "
        "Wij bieden u iets anders aan. U krijgt een schriftelijk verslag van dit gesprek. "
        "Niet mee eens? Zo dient u een klacht in: https://voorbeeld.example/klacht "
        f"Hier vindt u het bewijs van dit gesprek: {call.service.wiring.links.receipt(call.call_id)} "
        "De link werkt 14 dagen. Geef de link niet aan anderen."
    )
    employee = staff(call.service)
    [case] = employee.cases(call)
    assert (case["kind"], case["state"], case["overdue"], case["owner"]) == ("refusal", "promised", False, "medewerker")
    closed = employee.acts(case["caseId"], "delivered", how="Het verslag is per brief verstuurd.")
    assert closed["closedAt"] is not None
    order = ["objection:raised", "refusal:promised", "objection:sent", "reason:asked", "refusal:delivered"]
    assert sorted(tag for tag in call.tags() if tag in order) == sorted(order)
    assert call.service.command("log", "verify") == 0


# ---------------------------------------------------------------- 7. evaluation


def test_na_een_jaar_telt_de_gemeente_wat_er_gebeurde_zonder_dat_iemand_te_herkennen_is(
    calls: Mapping[Plan, Call], service: Service
) -> None:
    """What the calls of this file left in the log, counted; what happened to one or two callers is only "< 5"."""
    for call in calls.values():
        call.finish()
    month = f"{datetime.now(UTC):%Y-%m}"
    arguments = ("report", "--agency", "example", "--from", month, "--to", month, "--format", "csv")
    with start_command(*arguments, environment=service.household.environment) as process:
        told, faults = process.communicate()
    assert process.returncode == 0, faults
    facts = {(row["measure"], row["detail"]): row["value"] for row in csv.DictReader(told.splitlines())}
    for happened in (
        ("calls", ""),
        ("confirmed", ""),
        ("refused-reason", "derde-persoon"),
        ("alternative-promised-by", "verslag"),
        ("third-persons", ""),
        ("pauses-asked", ""),
    ):
        assert facts[happened] in ("< 5", "x") or int(facts[happened]) >= 5, happened
    assert ("refused-reason", "eerder-misbruik") not in facts
    assert "journey." not in told
    assert "moeder" not in told


# ---------------------------------------------------------------- 8. learning

learning = Plan(
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


def test_de_opname_mag_pas_voor_training_als_wij_het_allebei_goedvinden(calls: Mapping[Plan, Call]) -> None:
    call = calls[learning].finish()
    employee = staff(call.service)
    [case] = employee.cases(call)
    assert (case["kind"], case["state"]) == ("training", "asked")
    agreed = employee.acts(case["caseId"], "answered", party="employee", agrees=True)
    assert agreed["state"] == "agreed"
    withdrawn = employee.acts(case["caseId"], "withdrawn", party="caller")
    assert withdrawn["state"] != "agreed"
