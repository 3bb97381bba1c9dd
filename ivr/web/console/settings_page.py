"""`/console/instellingen`: what `doctor` complains about, versions, how processes do, jobs that were given up."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from config.settings import Settings
from ivr.calls.jobs import JobKind
from ivr.doctor import Doctor, Trouble
from ivr.ports import Clock, Database
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import N_, gettext

MOST_SHOWN = 100
LONGEST_ID = 18
"""Digits of a job's number: more does not fit into the database."""

TROUBLES: Mapping[Trouble, str] = {
    Trouble.MODEL: N_(
        "Het Nederlandse spraakmodel (Vosk) is niet goed geïnstalleerd. Tot die tijd luistert Whisper. "
        "Installeer het op de server met de opdracht ‘spelregel models install’."
    ),
    Trouble.LOCAL_CARRIER: N_("Dit is een demo: TWILIO_API_URL wijst naar een telefooncentrale op deze machine."),
    Trouble.NO_SCANNER: N_("SPELREGEL_CLAMD is niet ingesteld. Opnames van bellers worden niet gescand op virussen."),
    Trouble.NO_CERTIFICATE: N_("SPELREGEL_CERTIFICATE is niet ingesteld. Kopieën en exports zijn niet ondertekend."),
    Trouble.CERTIFICATE_ENDS: N_(
        "Het certificaat van de organisatie is geldig tot %(until)s. Vraag op tijd een nieuw aan."
    ),
    Trouble.CERTIFICATE_OVER: N_(
        "Het certificaat van de organisatie is alleen geldig van %(since)s tot %(until)s. "
        "Kopieën worden nu niet ondertekend."
    ),
    Trouble.NO_PROXIES: N_("SPELREGEL_TRUSTED_PROXIES is 0. Achter een proxy telt iedereen dan als één netwerk."),
    Trouble.NO_SMS: N_("SPELREGEL_SMS_SENDER is niet ingesteld. Kopieën zijn er alleen met een ophaalcode."),
    Trouble.NO_NUMBER: N_(
        "Geen profiel heeft een eigen telefoonnummer. Zet het nummer in een profiel of stel SPELREGEL_AGENCY in."
    ),
    Trouble.UNUSED_PROMPT: N_("%(place)s: deze ingesproken tekst wordt nergens meer gebruikt: %(text)s"),
    Trouble.PARKED_JOBS: N_("Taken die zijn opgegeven en op u wachten: %(count)s."),
    Trouble.WORKER_LATE: N_("Taken wachten al sinds %(since)s. Draait de dienst ‘worker’?"),
    Trouble.LOG_BROKEN: N_("Het logboek van toestemming klopt niet. Kijk meteen bij Logboek."),
    Trouble.STORE_UNUSABLE: N_("Op de plaats voor opnames kan niets worden bewaard (SPELREGEL_RECORDINGS)."),
    Trouble.STORE_OVERWRITES: N_(
        "De opslag weigert niet om iets te overschrijven (If-None-Match). Laat één dienst ‘worker’ draaien."
    ),
    Trouble.STORE_KEEPS: N_("De opslag houdt vast wat is vernietigd. Een bewaartermijn is zo niet mogelijk."),
    Trouble.KEY_UNUSABLE: N_("De sleutel voor opnames werkt niet: %(fault)s"),
    Trouble.EARLIER_KEYS: N_(
        "SPELREGEL_EARLIER_RECORDING_KEYS is ingesteld. ‘spelregel recordings rewrap’ zegt wanneer die weg kunnen."
    ),
    Trouble.LOG_UNCHECKED: N_("Het logboek is twee dagen niet gecontroleerd. Draait de dienst ‘worker’?"),
    Trouble.UNSAFE_DATABASE: N_(
        "De databaseserver (PostgreSQL) staat op %(setting)s = off. Bij stroomuitval kan het logboek regels verliezen."
    ),
    Trouble.NO_WITNESS: N_(
        "SPELREGEL_WITNESSES is niet ingesteld. Niemand buiten dit systeem kan zien of het logboek is herschreven."
    ),
    Trouble.WITNESS_LATE: N_("%(witness)s heeft niet gekregen wat sinds %(since)s is ondertekend. Kijk bij Logboek."),
    Trouble.LOG_CONTRADICTED: N_("%(witness)s heeft een ander logboek gezien dan dit. Kijk meteen bij Logboek."),
}
JOBS: Mapping[JobKind, str] = {
    JobKind.TIMER: N_("klok van een gesprek"),
    JobKind.CARRIER_ORDER: N_("opdracht aan het telefoonbedrijf"),
    JobKind.COLLECT_RECORDING: N_("opname ophalen"),
    JobKind.PREPARE_COPY: N_("kopie klaarmaken"),
    JobKind.SEND_COPY: N_("kopie versturen"),
    JobKind.SEND_REFUSAL: N_("reden en alternatief versturen"),
    JobKind.SEND_CODE: N_("code voor een kopie versturen"),
    JobKind.ASK_FOR_COPY: N_("de beller om een opname vragen"),
    JobKind.CHECK_UPLOAD: N_("een opname van een beller nakijken"),
    JobKind.COMPARE_COPY: N_("een opname van een beller vergelijken"),
    JobKind.SEAL_LOG: N_("logboek ondertekenen"),
    JobKind.VERIFY_LOG: N_("logboek controleren"),
    JobKind.ACCOUNT_PROCESSING: N_("regel in het verwerkingenlogboek"),
    JobKind.SEND_CHECKPOINT: N_("ijkpunt naar een getuige sturen"),
    JobKind.CLEAR_RESIDUE: N_("resten van gewiste gegevens opruimen"),
}


def settings_pages(settings: Settings, doctor: Doctor, database: Database, clock: Clock) -> list[Page]:
    def show(_: User) -> ResponseReturnValue:
        with database.reading() as unit:
            parked = unit.outbox.list_parked(MOST_SHOWN)
            counts = unit.outbox.count_by_state()
            waits_since = unit.outbox.find_oldest_due(tuple(JobKind), clock.now())
        return render_template(
            "console/settings.html",
            complaints=[gettext(TROUBLES[one.trouble], **one.details) for one in doctor.examine()],
            parked=parked,
            job_words=job_words,
            counts=counts,
            waits_since=waits_since,
            version=version("spelregel"),
            python=platform.python_version(),
            settings=settings,
            database=settings.database_url.partition(":")[0].partition("+")[0],
        )

    def retry(_: User, job_id: str) -> ResponseReturnValue:
        known = job_id.isascii() and job_id.isdecimal() and len(job_id) <= LONGEST_ID
        with database.transaction() as unit:
            revived = known and unit.outbox.revive(int(job_id), clock.now())
        return see_other(url_for("console.settings"), "job-retried" if revived else "job-gone")

    see = Permission.SEE_SETTINGS
    return [
        Page("/instellingen", "settings", show, see, menu=N_("Instellingen")),
        Page("/instellingen/taken/<job_id>", "retry_job", retry, see, method="POST"),
    ]


def job_words(kind: str) -> str:
    """In the page's language."""
    return gettext(JOBS[JobKind(kind)]) if kind in set(JobKind) else kind
