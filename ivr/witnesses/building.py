"""From the addresses in the settings to the witnesses."""

from collections.abc import Sequence
from pathlib import Path

from config.settings import Settings, SettingsError
from config.witness_addresses import WitnessAddress, WitnessKind
from ivr.evidence_ports import Witness
from ivr.ports import Clock
from ivr.witnesses.cosigner import Cosigner
from ivr.witnesses.folder import Folder
from ivr.witnesses.mail import Mail
from ivr.witnesses.poster import Poster
from ivr.witnesses.time_stamp import TimeStamper, load_authority
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.cosignature import parse_cosigner


def build_witnesses(settings: Settings, keys: Sequence[NoteKey], clock: Clock) -> Sequence[Witness]:
    """`keys` are the log's. Raises `SettingsError` for a key or certificate that is none."""
    return [_build(address, settings, keys, clock) for address in settings.witnesses]


def _build(address: WitnessAddress, settings: Settings, keys: Sequence[NoteKey], clock: Clock) -> Witness:
    name, target = address.name, address.target
    try:
        match address.kind:
            case WitnessKind.MAIL:
                if settings.mail_server is None:
                    raise ValueError("needs SPELREGEL_SMTP_URL")
                return Mail(name, target, settings.mail_from, settings.mail_server, clock)
            case WitnessKind.FOLDER:
                return Folder(name, Path(target), keys)
            case WitnessKind.POST:
                return Poster(name, target)
            case WitnessKind.COSIGNER:
                return Cosigner(name, target, parse_cosigner(address.pinned))
            case WitnessKind.TIME_STAMP:
                return TimeStamper(name, target, load_authority(Path(address.pinned)))
    except (ValueError, OSError) as fault:
        raise SettingsError(f"settings: SPELREGEL_WITNESSES {name}: {fault}") from fault
