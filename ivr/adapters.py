"""The adapters of one process, each built from the settings when it is first asked for; `wiring.py` hands them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from gettext import NullTranslations
from pathlib import Path

import config
from config.policy import with_local_numbers
from config.policy_file import load_policies
from config.prompt_audio import PromptAudio, load_prompt_audio
from config.prompts import load_all_prompts
from config.recording_settings import RecordingKey
from config.settings import Settings, SettingsError
from config.translations import load_translations
from ivr.calls.accounting import ask_for_record
from ivr.calls.agencies import Agencies
from ivr.calls.numbers import NumberKey
from ivr.carrier.links import Links
from ivr.carrier.signature import SignatureCheck
from ivr.carrier.twilio_gateway import TwilioGateway
from ivr.clock import SystemClock
from ivr.comparing.own_process import ProcessComparer
from ivr.copying.signing import Signer
from ivr.evidence_ports import Witness
from ivr.processing_log.receiver import ProcessingLog
from ivr.witnesses.building import build_witnesses
from storage.consent_log.checkpoint import NoteKey, NoteSigner, parse_vkey
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.master_keys import Keyring, LocalKey, MasterKey
from storage.recordings.token_key import Token, TokenKey
from storage.session import SqlDatabase, migrate

CONFIG_DIR = Path(config.__file__).parent


@dataclass
class Adapters:
    settings: Settings

    def prepare(self) -> None:
        """Before the first call: the database at its newest migration."""
        migrate(self.settings.database_url)

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def database(self) -> SqlDatabase:
        """Where the agency has a processing log, each entry about somebody's data asks for a record in it."""
        follow = None if self.settings.processing_log is None else ask_for_record
        return SqlDatabase(self.settings.database_url, follow)

    @cached_property
    def processing_log(self) -> ProcessingLog | None:
        s = self.settings
        return None if s.processing_log is None else ProcessingLog(s.processing_log, s.processing_log_token)

    @cached_property
    def keyring(self) -> Keyring:
        """Asks no token anything yet."""
        s = self.settings
        tokens: dict[str, Token] = {}

        def master_key(key: RecordingKey) -> MasterKey:
            if isinstance(key, bytes):
                return LocalKey(key)
            token = tokens.setdefault(key.token, Token(s.pkcs11_module, key.token, s.pkcs11_pin))
            return TokenKey(token, key.label, key.key_id)

        return Keyring(master_key(s.recording_key), *map(master_key, s.earlier_recording_keys))

    @cached_property
    def store(self) -> EncryptedStore:
        s = self.settings
        if s.bucket is None:
            return FilesystemStore(s.recordings_dir, self.keyring)
        from storage.recordings.s3_store import S3Store  # boto3 takes 0.15 s at each start, and is for this alone

        return S3Store(s.bucket.name, s.bucket.prefix, self.keyring, s.s3_endpoint, s.s3_region)

    @cached_property
    def comparer(self) -> ProcessComparer:
        return ProcessComparer()

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.public_url, self.settings.media_url, self.settings.secret_key)

    @cached_property
    def numbers(self) -> NumberKey:
        return NumberKey(self.settings.secret_key)

    @cached_property
    def carrier(self) -> TwilioGateway:
        s = self.settings
        return TwilioGateway(s.twilio_account_sid, s.twilio_auth_token, s.twilio_api_url, s.sms_sender, self.links)

    @cached_property
    def signatures(self) -> SignatureCheck:
        s = self.settings
        return SignatureCheck(s.twilio_auth_token, s.public_url, self.links.stream())

    @cached_property
    def agencies(self) -> Agencies:
        policies = load_policies(self.settings.policies_dir, self.settings.default_agency)
        return Agencies(
            policies if self.settings.production else with_local_numbers(policies),
            load_all_prompts(CONFIG_DIR / "prompts"),
            self.database,
            sends_sms=self.settings.sms_sender is not None,
            recorded_s=self.prompt_audio.lengths_s(),
        )

    @cached_property
    def prompt_audio(self) -> PromptAudio:
        folder = self.settings.prompt_audio_dir
        return PromptAudio() if folder is None else load_prompt_audio(folder)

    @cached_property
    def translations(self) -> Mapping[str, NullTranslations]:
        return load_translations(CONFIG_DIR / "locale")

    @cached_property
    def signer(self) -> NoteSigner:
        """For the processes that sign: others need the public key only. Raises `SettingsError`."""
        seed, public = self.settings.signing_key, self.settings.log_key
        if seed is None:
            raise SettingsError("settings: SPELREGEL_SIGNING_KEY is missing: this process signs the consent log")
        signer = NoteSigner.from_seed(self.log_origin, seed)
        if public and parse_vkey(public) != signer.key:
            raise SettingsError("settings: SPELREGEL_LOG_KEY is not the public half of SPELREGEL_SIGNING_KEY")
        return signer

    @cached_property
    def log_key(self) -> NoteKey:
        """What this log's checkpoints are signed with now. Raises `SettingsError`."""
        if not self.settings.log_key:
            return self.signer.key
        key = parse_vkey(self.settings.log_key)
        if key.name != self.log_origin:
            raise SettingsError(f"settings: SPELREGEL_LOG_KEY is of another log than {self.log_origin}")
        return key

    @cached_property
    def copy_signer(self) -> Signer | None:
        certificate = self.settings.certificate
        return None if certificate is None else Signer(certificate, self.settings.c2pa_tsa)

    @cached_property
    def witnesses(self) -> Sequence[Witness]:
        """Raises `SettingsError` for a key or certificate that is none."""
        return build_witnesses(self.settings, self.log_keys, self.clock)

    @property
    def log_origin(self) -> str:
        """The log's name, as C2SP wants it: an address without its scheme."""
        return self.settings.public_url.split("://", 1)[1] + "/log"

    @cached_property
    def earlier_log_keys(self) -> list[NoteKey]:
        """Those that signed before `signer` took over."""
        return [parse_vkey(vkey) for vkey in self.settings.earlier_log_keys]

    @property
    def log_keys(self) -> list[NoteKey]:
        """What this log's checkpoints are signed with; the key that signs now is the first."""
        return [self.log_key, *self.earlier_log_keys]
