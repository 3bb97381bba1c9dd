"""A call of a `House` whose recording is stored, and the addresses of its page."""

from ivr.calls.jobs import JobKind
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID

LENGTH_S = 20.0


def stored_call(house: House, sound: bytes | None = None, length_s: float = LENGTH_S) -> None:
    """The agency recorded for so long, fetched it, and signed the log."""
    house.carrier.files[RECORDING_SID] = wav_of(length_s) if sound is None else sound
    house.stopped(length_s)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    house.wiring.seal_log()


def page_of(house: House, suffix: str = "") -> str:
    return f"/console/gesprekken/{house.call.call_id}{suffix}"
