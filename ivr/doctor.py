"""What stands between an installation and production, found once for the command `doctor` and for the console."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from config.prompt_audio import PromptAudio, find_unused
from config.settings import Settings
from ivr.calls.agencies import Agencies
from ivr.calls.jobs import JobKind
from ivr.evidence_ports import RecordingPlace
from ivr.ports import Clock, Database
from ivr.records.log_watch import LogWatch
from ivr.records.witnessing import Witnessing
from speech import models
from storage.errors import StorageUnavailable
from storage.records import StoreFault

DEMO_AGENCY = "example"
WORKER_MAY_WAIT = timedelta(minutes=5)
CERTIFICATE_IN_TIME = timedelta(days=30)


class Trouble(StrEnum):
    MODEL = "model"
    LOCAL_CARRIER = "local-carrier"
    NO_SMS = "no-sms"
    NO_SCANNER = "no-scanner"
    NO_CERTIFICATE = "no-certificate"
    CERTIFICATE_ENDS = "certificate-ends"
    CERTIFICATE_OVER = "certificate-over"
    NO_PROXIES = "no-proxies"
    NO_NUMBER = "no-number"
    UNUSED_PROMPT = "unused-prompt"
    PARKED_JOBS = "parked-jobs"
    WORKER_LATE = "worker-late"
    LOG_BROKEN = "log-broken"
    LOG_UNCHECKED = "log-unchecked"
    UNSAFE_DATABASE = "unsafe-database"
    NO_WITNESS = "no-witness"
    WITNESS_LATE = "witness-late"
    LOG_CONTRADICTED = "log-contradicted"
    STORE_UNUSABLE = "store-unusable"
    STORE_OVERWRITES = "store-overwrites"
    STORE_KEEPS = "store-keeps"
    KEY_UNUSABLE = "key-unusable"
    EARLIER_KEYS = "earlier-keys"


WORDS: Mapping[Trouble, str] = {
    Trouble.MODEL: "the Dutch Vosk model is {state}: {detail} (until then Whisper listens)",
    Trouble.LOCAL_CARRIER: "TWILIO_API_URL points at a local carrier: this is a demo, not production",
    Trouble.NO_SMS: "SPELREGEL_SMS_SENDER is not set: copies are handed out by pick-up code only",
    Trouble.NO_SCANNER: "SPELREGEL_CLAMD is not set: recordings that callers hand in are not scanned for malware",
    Trouble.NO_CERTIFICATE: "SPELREGEL_CERTIFICATE is not set: copies and exports go out unsigned",
    Trouble.CERTIFICATE_ENDS: "the agency's certificate ends on {until}: get a new one in time",
    Trouble.CERTIFICATE_OVER: "the agency's certificate is good from {since} until {until}: copies go out unsigned",
    Trouble.NO_PROXIES: "SPELREGEL_TRUSTED_PROXIES is 0: behind a proxy everybody shares one limit of wrong tries",
    Trouble.NO_NUMBER: "no profile has a number of yours: add it to a profile or set SPELREGEL_AGENCY",
    Trouble.UNUSED_PROMPT: "{place}: no prompt says this any more, so it is not played: {text}",
    Trouble.PARKED_JOBS: "{count} jobs were given up and wait for you",
    Trouble.WORKER_LATE: "jobs are due since {since}: does the worker run?",
    Trouble.LOG_BROKEN: "the consent log is not what was written: run `spelregel log verify`",
    Trouble.LOG_UNCHECKED: "the consent log was not checked for two days: does the worker run?",
    Trouble.UNSAFE_DATABASE: "the PostgreSQL server has {setting} = off: it can lose entries that it acknowledged",
    Trouble.NO_WITNESS: "SPELREGEL_WITNESSES is not set: whoever holds database and key can rewrite the consent log",
    Trouble.WITNESS_LATE: "{witness} has not got what was signed since {since}; it is tried again: {fault}",
    Trouble.LOG_CONTRADICTED: "{witness} saw another consent log than this one: run `spelregel witness check`",
    Trouble.STORE_UNUSABLE: "nothing can be written where recordings have to lie (SPELREGEL_RECORDINGS)",
    Trouble.STORE_OVERWRITES: "the bucket's server ignores If-None-Match: run one worker only, so that none overwrites",
    Trouble.STORE_KEEPS: "the bucket keeps what is destroyed, as an object lock does: no retention period can be kept",
    Trouble.KEY_UNUSABLE: "SPELREGEL_RECORDING_KEY cannot be used: {fault}",
    Trouble.EARLIER_KEYS: "SPELREGEL_EARLIER_RECORDING_KEYS is set: `spelregel recordings rewrap` tells when it may go",
}

FAULTS: Mapping[StoreFault, Trouble] = {
    StoreFault.UNUSABLE: Trouble.STORE_UNUSABLE,
    StoreFault.OVERWRITES: Trouble.STORE_OVERWRITES,
    StoreFault.KEEPS: Trouble.STORE_KEEPS,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """`details` fill the places of the words."""

    trouble: Trouble
    details: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return WORDS[self.trouble].format(**self.details)


class Doctor:
    def __init__(
        self,
        settings: Settings,
        agencies: Agencies,
        prompt_audio: PromptAudio,
        database: Database,
        log_watch: LogWatch,
        witnessing: Witnessing,
        store: Callable[[], RecordingPlace],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._agencies = agencies
        self._prompt_audio = prompt_audio
        self._database = database
        self._log_watch = log_watch
        self._witnessing = witnessing
        self._store = store
        self._clock = clock

    def examine(self) -> list[Complaint]:
        """Looks at the settings, the models on disk, and the database as it is now."""
        parts: list[Callable[[], list[Complaint]]] = [
            self._settings_and_files,
            self._certificate,
            self._server,
            self._jobs,
            self._log,
            self._witnesses,
            self._recordings,
        ]
        return [complaint for part in parts for complaint in part()]

    def _settings_and_files(self) -> list[Complaint]:
        found = []
        model = models.check(models.VOSK, self._settings.model_dir)
        if model.state is not models.ModelState.GOOD:
            found.append(Complaint(Trouble.MODEL, {"state": model.state, "detail": model.detail}))
        if not self._settings.production:
            found.append(Complaint(Trouble.LOCAL_CARRIER))
        if self._settings.sms_sender is None:
            found.append(Complaint(Trouble.NO_SMS))
        if self._settings.production and not self._settings.trusted_proxies:
            found.append(Complaint(Trouble.NO_PROXIES))
        policies = self._agencies.policies.by_slug.values()
        if self._settings.clamd is None and any(policy.copy.ask_theirs for policy in policies):
            found.append(Complaint(Trouble.NO_SCANNER))
        served = any(policy.numbers and policy.slug != DEMO_AGENCY for policy in policies)
        if not served and self._settings.default_agency is None:
            found.append(Complaint(Trouble.NO_NUMBER))
        unused = find_unused(self._prompt_audio, policies, self._agencies.prompts)
        return found + [Complaint(Trouble.UNUSED_PROMPT, {"place": str(one.place), "text": one.text}) for one in unused]

    def _server(self) -> list[Complaint]:
        with self._database.reading() as unit:
            unsafe = unit.checks.list_unsafe_settings()
        return [Complaint(Trouble.UNSAFE_DATABASE, {"setting": setting}) for setting in unsafe]

    def _certificate(self) -> list[Complaint]:
        certificate, now = self._settings.certificate, self._clock.now()
        if certificate is None:
            return [Complaint(Trouble.NO_CERTIFICATE)]
        since, until = f"{certificate.valid_from:%Y-%m-%d}", f"{certificate.valid_until:%Y-%m-%d}"
        if not certificate.is_valid_at(now):
            return [Complaint(Trouble.CERTIFICATE_OVER, {"since": since, "until": until})]
        ends = certificate.valid_until - now < CERTIFICATE_IN_TIME
        return [Complaint(Trouble.CERTIFICATE_ENDS, {"until": until})] if ends else []

    def _jobs(self) -> list[Complaint]:
        now = self._clock.now()
        with self._database.reading() as unit:
            parked = unit.outbox.count_by_state().get("parked", 0)
            since = unit.outbox.find_oldest_due(tuple(JobKind), now)
        found = [Complaint(Trouble.PARKED_JOBS, {"count": str(parked)})] if parked else []
        if since is not None and since + WORKER_MAY_WAIT <= now:
            found.append(Complaint(Trouble.WORKER_LATE, {"since": f"{since:%Y-%m-%d %H:%M}Z"}))
        return found

    def _log(self) -> list[Complaint]:
        """An installation that has no log yet has nothing to check."""
        health = self._log_watch.look()
        if health.broken:
            return [Complaint(Trouble.LOG_BROKEN)]
        return [Complaint(Trouble.LOG_UNCHECKED)] if health.state.size and health.check_is_late else []

    def _witnesses(self) -> list[Complaint]:
        healths = self._witnessing.look()
        if not healths:
            return [Complaint(Trouble.NO_WITNESS)] if self._settings.production else []
        found = []
        for health in healths:
            if health.contradiction is not None:
                found.append(Complaint(Trouble.LOG_CONTRADICTED, {"witness": health.name}))
            elif health.late:
                since, fault = f"{health.waits_since:%Y-%m-%d %H:%M}Z", health.fault or "not tried yet"
                details = {"witness": health.name, "since": since, "fault": fault}
                found.append(Complaint(Trouble.WITNESS_LATE, details))
        return found

    def _recordings(self) -> list[Complaint]:
        """Tries the store and the key out."""
        found = []
        try:
            store = self._store()
            found += [Complaint(FAULTS[fault]) for fault in store.find_faults()]
        except StorageUnavailable:
            return [Complaint(Trouble.STORE_UNUSABLE)]
        try:
            _ = store.current_key_id
        except StorageUnavailable as fault:
            found.append(Complaint(Trouble.KEY_UNUSABLE, {"fault": str(fault)}))
        if self._settings.earlier_recording_keys:
            found.append(Complaint(Trouble.EARLIER_KEYS))
        return found
