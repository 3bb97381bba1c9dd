"""The trail in words: each page of the console and operation of the API that leaves a line, by its name there."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.policy import Role
from ivr.web.language import N_, gettext
from ivr.web.public.telling import ROLE_WORDS

CALL, CASE, USER, PROFILE, REQUEST = "call", "case", "user", "profile", "data_subject_request"
"""Endpoints of the pages that show the object of a line."""

PARAMETERS: Mapping[str, str] = {CALL: "call_id", CASE: "case_id", USER: "name", PROFILE: "slug", REQUEST: "request_id"}
"""How such a page's address names the object."""


@dataclass(frozen=True, slots=True)
class Action:
    """`words` are untranslated; `shown_by` is the page of the object, None where there is none."""

    words: str
    shown_by: str | None = None


ACTIONS: Mapping[str, Action] = {
    # the console
    "start": Action(N_("Beginpagina bekeken")),
    "calls": Action(N_("Gesprekken gezocht")),
    "calls_by_number": Action(N_("Gesprekken gezocht op telefoonnummer")),
    "export_calls": Action(N_("Gevonden gesprekken gedownload")),
    "save_search": Action(N_("Eigen zoekopdracht bewaard")),
    "rename_search": Action(N_("Eigen zoekopdracht hernoemd")),
    "delete_search": Action(N_("Eigen zoekopdracht verwijderd")),
    "live": Action(N_("Lopende gesprekken bekeken")),
    "live_call": Action(N_("Lopend gesprek bekeken"), CALL),
    "live_object": Action(N_("Bezwaar gemaakt"), CALL),
    "live_withdraw_objection": Action(N_("Bezwaar ingetrokken"), CALL),
    "live_third_person": Action(N_("Derde persoon gemeld"), CALL),
    "live_name_kind": Action(N_("Soort gesprek genoemd"), CALL),
    "live_pause": Action(N_("Opname onderbroken"), CALL),
    "live_resume": Action(N_("Opname hervat"), CALL),
    "live_stop": Action(N_("Opname gestopt"), CALL),
    "cases": Action(N_("Zaken bekeken")),
    "case_new": Action(N_("Formulier voor een nieuwe zaak bekeken")),
    "case_open": Action(N_("Zaak geopend")),
    "case": Action(N_("Zaak bekeken"), CASE),
    "case_act": Action(N_("Handeling in een zaak"), CASE),
    "case_sound": Action(N_("Opname beluisterd in een zaak"), CASE),
    "case_compare_listen": Action(N_("Kopie en opname geopend om te luisteren"), CASE),
    "withdraw_copies": Action(N_("Kopieën ingetrokken"), CALL),
    "trail": Action(N_("Inzagelogboek bekeken")),
    "trail_file": Action(N_("Inzagelogboek gedownload")),
    "hold": Action(N_("Bewaarplicht opgelegd"), CALL),
    "hold_page": Action(N_("Bewaarplicht bekeken"), CALL),
    "hold_release": Action(N_("Gevraagd om de bewaarplicht op te heffen"), CALL),
    "hold_keep": Action(N_("Bewaarplicht gehandhaafd"), CALL),
    "hold_confirm": Action(N_("Bewaarplicht opgeheven"), CALL),
    "log_health": Action(N_("Toestand van het logboek bekeken")),
    "log_check": Action(N_("Controle van het logboek gevraagd")),
    "checkpoints": Action(N_("IJkpunten bekeken")),
    "checkpoint": Action(N_("IJkpunt gedownload")),
    "call": Action(N_("Gesprek bekeken"), CALL),
    "call_record": Action(N_("Opnamebewijs gedownload"), CALL),
    "call_receipt": Action(N_("Bewijs voor de beller gedownload"), CALL),
    "call_note": Action(N_("Notitie geschreven"), CALL),
    "listen": Action(N_("Opname geopend om te luisteren"), CALL),
    "verify_call": Action(N_("Gesprek gecontroleerd"), CALL),
    "verify_call:whole": Action(N_("Gesprek gecontroleerd: alles klopte"), CALL),
    "verify_call:open": Action(N_("Gesprek gecontroleerd: nog niet alles was verzegeld"), CALL),
    "verify_call:broken": Action(N_("Gesprek gecontroleerd: er klopte iets niet"), CALL),
    "evaluation": Action(N_("Evaluatie geopend")),
    "evaluation_report": Action(N_("Verslag van de evaluatie bekeken")),
    "evaluation_table": Action(N_("Cijfers van de evaluatie gedownload")),
    "retention": Action(N_("Bewaarkalender bekeken")),
    "data_subject": Action(N_("Verzoeken van betrokkenen bekeken")),
    "data_subject_find": Action(N_("Gesprekken van een betrokkene gezocht")),
    "data_subject_register": Action(N_("Verzoek van een betrokkene vastgelegd")),
    "data_subject_request": Action(N_("Verzoek van een betrokkene bekeken"), REQUEST),
    "data_subject_package": Action(N_("Inzagepakket gemaakt"), REQUEST),
    "data_subject_erase": Action(N_("Persoonsgegevens gewist"), REQUEST),
    "data_subject_answer": Action(N_("Verzoek van een betrokkene beantwoord"), REQUEST),
    "profiles": Action(N_("Profielen bekeken")),
    "profile": Action(N_("Profiel bekeken"), PROFILE),
    "settings": Action(N_("Instellingen bekeken")),
    "retry_job": Action(N_("Taak opnieuw gestart")),
    # signing in, and users
    "sign-in": Action(N_("Ingelogd"), USER),
    "sign-in-refused": Action(N_("Inloggen mislukt"), USER),
    "sign-out": Action(N_("Uitgelogd"), USER),
    "account-set": Action(N_("Account ingesteld"), USER),
    "users": Action(N_("Gebruikers bekeken")),
    "user": Action(N_("Gebruiker bekeken"), USER),
    "new_user": Action(N_("Formulier voor een nieuwe gebruiker bekeken")),
    "add_user": Action(N_("Gebruiker toegevoegd"), USER),
    "change_user": Action(N_("Rol of organisaties van een gebruiker veranderd"), USER),
    "disable_user": Action(N_("Gebruiker uitgeschakeld"), USER),
    "unlock_user": Action(N_("Gebruiker ontgrendeld"), USER),
    "sign_out_user": Action(N_("Gebruiker overal uitgelogd"), USER),
    "invite_user": Action(N_("Gebruiker uitgenodigd"), USER),
    "new_token": Action(N_("Nieuwe toegangscode gemaakt"), USER),
    "account": Action(N_("Eigen account bekeken")),
    "change_password": Action(N_("Eigen wachtwoord veranderd")),
    "renew_recovery_codes": Action(N_("Nieuwe herstelcodes gemaakt")),
    "end_session": Action(N_("Eigen sessie beëindigd")),
    "end_other_sessions": Action(N_("Andere eigen sessies beëindigd")),
    # the API
    "listCalls": Action(N_("Lopende gesprekken opgevraagd (API)")),
    "getCall": Action(N_("Gesprek opgevraagd (API)"), CALL),
    "getConsentRecord": Action(N_("Vastgelegde toestemming opgevraagd (API)"), CALL),
    "objectToRecording": Action(N_("Bezwaar gemaakt (API)"), CALL),
    "withdrawObjection": Action(N_("Bezwaar ingetrokken (API)"), CALL),
    "noteThirdPerson": Action(N_("Derde persoon gemeld (API)"), CALL),
    "nameConversationKind": Action(N_("Soort gesprek genoemd (API)"), CALL),
    "pauseRecording": Action(N_("Opname onderbroken (API)"), CALL),
    "resumeRecording": Action(N_("Opname hervat (API)"), CALL),
    "stopRecording": Action(N_("Opname gestopt (API)"), CALL),
    "listCases": Action(N_("Zaken opgevraagd (API)")),
    "getCase": Action(N_("Zaak opgevraagd (API)"), CASE),
    "openCase": Action(N_("Zaak geopend (API)")),
    "actOnCase": Action(N_("Handeling in een zaak (API)"), CASE),
}


def words_of(action: str) -> str:
    """In the page's language; a line of an action that is no longer there keeps its name.

    Translated here: a template's `_()` takes what it is given for text of ours, and does not escape it.
    """
    return gettext(ACTIONS[action].words) if action in ACTIONS else action


def role_words(role: str) -> str:
    """In the page's language."""
    return gettext(ROLE_WORDS[Role(role)]) if role in set(Role) else role


def result_words(status: int) -> tuple[str, str]:
    """What came of it, untranslated, and the kind of badge that says so."""
    if status < 400:
        return N_("gelukt"), "good"
    return RESULTS.get(status, (N_("mislukt"), "fault"))


RESULTS: Mapping[int, tuple[str, str]] = {
    400: (N_("niet goed ingevuld"), "neutral"),
    401: (N_("niet ingelogd"), "warning"),
    403: (N_("geweigerd"), "warning"),
    404: (N_("niet gevonden"), "neutral"),
    409: (N_("kon niet meer"), "neutral"),
    422: (N_("niet goed ingevuld"), "neutral"),
    429: (N_("te vaak geprobeerd"), "warning"),
}
