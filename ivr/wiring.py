"""The one place that builds adapters and hands them to services."""

import logging
import os
from functools import cached_property

from config import settings
from ivr.accounts.demo import list_demo_users
from ivr.accounts.local import LocalAccounts
from ivr.accounts.sealing import Sealer
from ivr.accounts.users import UserService
from ivr.adapters import Adapters
from ivr.calls.accounting import put_record
from ivr.calls.asking import CarrierDesk
from ivr.calls.call_file import CallFiles
from ivr.calls.copies import CopyService
from ivr.calls.copy_codes import CodeService
from ivr.calls.driver import CallDriver
from ivr.calls.exporting import CallExporter
from ivr.calls.indexing import CallIndexer
from ivr.calls.jobs import JobKind
from ivr.calls.listening_in import ListeningService
from ivr.calls.live import LiveCalls
from ivr.calls.notes import NoteBook
from ivr.calls.orders import Order
from ivr.calls.proving import ProofService
from ivr.calls.receipts import ReceiptService
from ivr.calls.supervision import Supervision
from ivr.calls.vcon_signing import VconSigner
from ivr.cases.compared import ComparedCopies
from ivr.cases.playback import PlaybackService
from ivr.cases.service import CaseService
from ivr.dialogue.events import Timer, TimerExpired
from ivr.doctor import Doctor
from ivr.jobs.account_processing import ProcessingAccountant
from ivr.jobs.apply_retention import RetentionKeeper
from ivr.jobs.ask_for_copy import CopyAsker
from ivr.jobs.check_upload import UploadChecker
from ivr.jobs.collect_recording import RecordingCollector
from ivr.jobs.compare_copy import CopyComparer
from ivr.jobs.prepare_copy import CopyPreparer
from ivr.jobs.queue import WakeUp, make_huey
from ivr.jobs.send_code import CodeSender
from ivr.jobs.send_copy import CopySender
from ivr.jobs.send_refusal import RefusalSender
from ivr.jobs.watch_calls import CallWatch
from ivr.jobs.worker import JobRunner, Work
from ivr.records.asked_seal import AskedSeal
from ivr.records.data_subject import DataSubjectService
from ivr.records.destruction_plan import DestructionPlan
from ivr.records.holds import HoldService
from ivr.records.log_watch import LogWatch
from ivr.records.record_check import RecordChecker
from ivr.records.recording_check import RecordingChecker
from ivr.records.recording_keys import RecordingKeys
from ivr.records.trail_keeping import TrailKeeper
from ivr.records.witnessing import Witnessing
from ivr.reporting.service import EvaluationService
from ivr.scanning.clamd import Clamd
from ivr.uploads.receiving import UploadService
from ivr.web.access import Access
from ivr.web.api.accounting import RequestAccountant
from ivr.web.formats import AMSTERDAM
from ivr.web.media_figures import ProcessFigures
from ivr.web.media_socket import MediaServer
from ivr.web.portal.visits import Visits
from ivr.web.sessions import Sessions
from ivr.web.sign_in.doorway import Doorway
from ivr.web.sign_in.page import SignInPage
from ivr.web.sign_in.provider import Provider
from ivr.web.sign_in.provider_pages import RETURN_PATH, AgencySignIn
from ivr.web.trail import Trail
from speech.recogniser import Engine
from storage.consent_log.consistency import ConsistencyProof, prove_consistency
from storage.consent_log.export import verify_log
from storage.consent_log.sealing import seal
from storage.records import Job, Json

LISTENING_THREADS = 4
OWN_THREADS = (
    JobKind.TIMER,
    JobKind.PREPARE_COPY,
    JobKind.COMPARE_COPY,
    JobKind.VERIFY_LOG,
    JobKind.SEND_CHECKPOINT,
    JobKind.ACCOUNT_PROCESSING,
    JobKind.CLEAR_RESIDUE,
)
DEMO_NUMBER = "+31201234567"
"""The example agency's: the local carrier's number."""

log = logging.getLogger(__name__)


class Wiring(Adapters):
    """One process's services, each built when it is first asked for."""

    @classmethod
    def from_environment(cls) -> "Wiring":
        """Of this process. Raises `SettingsError`."""
        return cls(settings.load(os.environ))

    # ------------------------------------------------------------ services

    @cached_property
    def desk(self) -> CarrierDesk:
        return CarrierDesk(self.carrier, self.database, self.agencies, self.links)

    @cached_property
    def wake_up(self) -> WakeUp:
        s = self.settings
        return WakeUp(make_huey(s.database_url, s.redis_url, s.data_dir), lambda: self.runner.run_due(self.job_kinds))

    @cached_property
    def driver(self) -> CallDriver:
        return CallDriver(
            self.database,
            self.desk,
            self.agencies,
            self.links,
            self.numbers,
            self.clock,
            wake_worker=self.wake_up.ring,
        )

    @cached_property
    def live(self) -> LiveCalls:
        return LiveCalls(self.database, self.agencies)

    @cached_property
    def copies(self) -> CopyService:
        return CopyService(self.database, self.store, self.agencies, self.clock)

    @cached_property
    def receipts(self) -> ReceiptService:
        """Each is signed at once: here, where the key is, else by the worker."""
        asked = AskedSeal(self.database, self.clock, self.wake_up.ring)
        sign = asked.seal if self.settings.signing_key is None else self.seal_log
        return ReceiptService(self.database, self.copies, self.agencies, self.clock, sign, self.log_keys)

    @cached_property
    def copy_codes(self) -> CodeService:
        return CodeService(self.database, self.links, self.clock, wake_worker=self.wake_up.ring)

    @cached_property
    def copy_visits(self) -> Visits:
        return Visits(self.database, self.clock, secure=self.settings.public_url.startswith("https://"))

    @cached_property
    def uploads(self) -> UploadService:
        return UploadService(self.database, self.store, self.clock, wake_worker=self.wake_up.ring)

    @cached_property
    def scanner(self) -> Clamd | None:
        address = self.settings.clamd
        return None if address is None else Clamd(address)

    @cached_property
    def users(self) -> UserService:
        return UserService(self.database, self.agencies.policies, self.clock)

    @cached_property
    def accounts(self) -> LocalAccounts:
        return LocalAccounts(self.database, self.clock, self.settings.secret_key)

    @cached_property
    def access(self) -> Access:
        return Access(self.database, self.clock)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.database, self.clock, secure=self.settings.public_url.startswith("https://"))

    @cached_property
    def trail(self) -> Trail:
        return Trail(self.database, self.clock)

    @cached_property
    def sign_in_page(self) -> SignInPage:
        with_provider = self.settings.oidc is not None
        if self.settings.production:
            return SignInPage(with_provider)
        return SignInPage(with_provider, lambda: list_demo_users(self.users))

    @cached_property
    def doorway(self) -> Doorway:
        return Doorway(self.sessions, self.accounts, self.database, self.trail, self.sign_in_page)

    @cached_property
    def agency_sign_in(self) -> AgencySignIn | None:
        """Raises `UserError` where a role is for an agency that is not served."""
        s = self.settings
        if s.oidc is None:
            return None
        for grant in s.oidc.roles:
            self.users.check_scope(grant.agencies)
        provider = Provider(s.oidc, s.public_url + RETURN_PATH, self.clock)
        sealer = Sealer(s.secret_key, "sign-in service")
        return AgencySignIn(provider, s.oidc.roles, self.users, sealer, self.clock, f"{s.public_url}/console/inloggen")

    @cached_property
    def cases(self) -> CaseService:
        return CaseService(self.database, self.agencies, self.clock)

    @cached_property
    def supervision(self) -> Supervision:
        return Supervision(self.database, self.clock)

    @cached_property
    def indexer(self) -> CallIndexer:
        return CallIndexer(self.database, self.agencies, self.numbers)

    @cached_property
    def exporter(self) -> CallExporter:
        s = self.settings
        signer = None if s.certificate is None else VconSigner(s.certificate)
        account = None if s.processing_log is None else put_record
        return CallExporter(
            self.database, self.store, self.agencies, self.links, self.numbers, signer, account, self.clock
        )

    @cached_property
    def playback(self) -> PlaybackService:
        return PlaybackService(self.database, self.store, self.listening, self.cases, self.clock)

    @cached_property
    def compared_copies(self) -> ComparedCopies:
        return ComparedCopies(self.database, self.store, self.listening, self.clock)

    @cached_property
    def evaluations(self) -> EvaluationService:
        return EvaluationService(self.database, self.agencies, self.clock)

    @cached_property
    def holds(self) -> HoldService:
        return HoldService(self.database, self.clock)

    @cached_property
    def doctor(self) -> Doctor:
        return Doctor(
            self.settings,
            self.agencies,
            self.prompt_audio,
            self.database,
            self.log_watch,
            self.witnessing,
            lambda: self.store,
            self.clock,
        )

    @cached_property
    def destruction_plan(self) -> DestructionPlan:
        return DestructionPlan(self.database, self.agencies, self.clock, AMSTERDAM)

    @cached_property
    def data_subjects(self) -> DataSubjectService:
        return DataSubjectService(self.database, self.store, self.agencies, self.numbers, self.clock)

    @cached_property
    def trail_keeper(self) -> TrailKeeper:
        return TrailKeeper(self.database, self.clock)

    @cached_property
    def record_checker(self) -> RecordChecker:
        return RecordChecker(self.database)

    @cached_property
    def log_watch(self) -> LogWatch:
        def verify_last() -> str | None:
            with self.database.reading() as unit:
                return unit.checks.check_last(self.log_keys)

        return LogWatch(
            self.database,
            self.clock,
            self.trail_keeper,
            self.record_checker,
            lambda: verify_log(self.database, self.log_keys, self.witnessing.seen_outside()),
            verify_last,
        )

    @cached_property
    def witnessing(self) -> Witnessing:
        return Witnessing(self.database, self.clock, self.witnesses, self.settings.checkpoint_every, self.seal_log)

    @cached_property
    def recording_checker(self) -> RecordingChecker:
        return RecordingChecker(self.database, self.store)

    @cached_property
    def recording_keys(self) -> RecordingKeys:
        return RecordingKeys(self.store)

    @cached_property
    def call_files(self) -> CallFiles:
        return CallFiles(self.database, self.agencies, self.links)

    @cached_property
    def proofs(self) -> ProofService:
        return ProofService(self.database, self.store, self.log_keys, self.clock)

    @cached_property
    def listening(self) -> ListeningService:
        return ListeningService(self.database, self.store, self.clock)

    @cached_property
    def notes(self) -> NoteBook:
        return NoteBook(self.database, self.clock)

    def media_server(self, engine: Engine, figures: ProcessFigures) -> MediaServer:
        return MediaServer(
            self.driver,
            self.database,
            self.carrier,
            self.clock,
            self.signatures,
            engine,
            figures,
            threads=LISTENING_THREADS,
            with_captions=not self.settings.production,
        )

    def collect_now(self, call_id: str, recording_sid: str, absent: bool) -> None:
        """The carrier says that a recording is complete, or that there is none; saying it again changes nothing."""
        with self.database.transaction() as unit:
            if not unit.inbox.take(f"{call_id}:{recording_sid}:ended", self.clock.now()):
                return
            payload: dict[str, Json] = {"call_id": call_id, "absent": absent}
            unit.outbox.put(JobKind.COLLECT_RECORDING, call_id, payload, self.clock.now())
        self.wake_up.ring()

    # ------------------------------------------------------------ jobs

    @cached_property
    def retention(self) -> RetentionKeeper:
        return RetentionKeeper(self.database, self.store, self.agencies, self.clock)

    def tidy_recordings(self) -> None:
        """Remove what killed writers left. Raises `StorageUnavailable`."""
        self.store.tidy()

    @cached_property
    def watch(self) -> CallWatch:
        return CallWatch(self.driver, self.database, self.carrier, self.clock)

    @cached_property
    def accountant(self) -> ProcessingAccountant:
        log, application = self.processing_log, self.settings.calling_application
        return ProcessingAccountant(
            self.database, self.agencies, self.links, self.numbers, log, application, self.clock
        )

    @cached_property
    def request_accountant(self) -> RequestAccountant | None:
        return None if self.settings.processing_log is None else RequestAccountant(self.database, self.clock)

    @cached_property
    def preparer(self) -> CopyPreparer:
        return CopyPreparer(
            self.database, self.store, self.agencies, self.clock, self.copy_signer, self.log_origin, AMSTERDAM
        )

    @cached_property
    def runner(self) -> JobRunner:
        collector = RecordingCollector(self.driver, self.database, self.store, self.carrier, self.agencies, self.clock)
        sender = CopySender(self.driver, self.database, self.carrier, self.agencies, self.links)
        refusals = RefusalSender(self.driver, self.database, self.carrier, self.agencies, self.links)
        codes = CodeSender(self.driver, self.database, self.carrier, self.agencies, self.links, self.clock)
        asker = CopyAsker(self.driver, self.database, self.carrier, self.agencies, self.links, self.uploads, self.clock)
        uploads = UploadChecker(self.database, self.store, self.agencies, self.clock, self.scanner)
        comparer = CopyComparer(self.database, self.store, self.agencies, self.listening, self.comparer, self.clock)
        work: dict[JobKind, Work] = {
            JobKind.TIMER: self._expire_timer,
            JobKind.CARRIER_ORDER: self._repeat_order,
            JobKind.COLLECT_RECORDING: collector.run,
            JobKind.PREPARE_COPY: self.preparer.run,
            JobKind.SEND_COPY: sender.run,
            JobKind.SEND_REFUSAL: refusals.run,
            JobKind.SEND_CODE: codes.run,
            JobKind.ASK_FOR_COPY: asker.run,
            JobKind.CHECK_UPLOAD: uploads.run,
            JobKind.COMPARE_COPY: comparer.run,
            JobKind.SEAL_LOG: lambda _: self.witnessing.seal(),
            JobKind.VERIFY_LOG: lambda job: self.log_watch.verify(int(str(job.payload["check_id"]))),
            JobKind.SEND_CHECKPOINT: self.witnessing.deliver,
            JobKind.ACCOUNT_PROCESSING: self.accountant.run,
            JobKind.CLEAR_RESIDUE: lambda _: self.database.clear_residue(),
        }
        return JobRunner(self.database, self.clock, work)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        """All kinds but those that have threads of their own: nothing may wait for a long recording or a witness."""
        return tuple(kind for kind in JobKind if kind not in OWN_THREADS)

    def _expire_timer(self, job: Job) -> None:
        prompt_id = job.payload.get("prompt_id")
        event = TimerExpired(Timer(str(job.payload["timer"])), None if prompt_id is None else int(str(prompt_id)))
        self.driver.handle(str(job.payload["call_id"]), event)

    def _repeat_order(self, job: Job) -> None:
        self.driver.repeat(str(job.payload["call_id"]), Order(str(job.payload["order"])))

    def seal_log(self) -> str:
        """Sign the head of the consent log. Raises `LogBroken`."""
        with self.database.transaction() as unit:
            return seal(unit, self.signer, self.log_origin, self.clock.now(), self.earlier_log_keys)

    def prove_consistency(self, old_note: str) -> ConsistencyProof:
        """That the last signed checkpoint continues one that somebody kept. Raises `LogBroken`."""
        with self.database.reading() as unit:
            note = unit.log.find_last_checkpoint()
            return prove_consistency(old_note, note, self.log_keys, unit.log.subtree_at)

    def consent_record(self, call_id: str) -> dict[str, Json]:
        """With all personal values. Raises `UnknownCall`."""
        return self.exporter.record(call_id, personal=True)
