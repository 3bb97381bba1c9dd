"""Listening to the agency's recording for the sake of a case file: a complaint, or to learn from it. Each playback, and
each one that is refused, is in the consent log before the first byte can be read."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from ivr.calls.listening_in import ListeningService
from ivr.cases.acts import Played
from ivr.cases.case import Case, Complaint, Training
from ivr.cases.complaint import why_no_playback
from ivr.cases.service import Actor, CaseService
from ivr.cases.table import STAFF
from ivr.cases.training import NOT_BOTH, may_be_used
from ivr.ports import Clock, Database, RecordingStore
from storage.records import RecordingRow

NOT_NOW = "listening was possible earlier, and is not now"
NOTHING = "there is nothing to listen to"


class NoSound(Exception):
    """There is no recording to listen to, or not any more."""


class PlaybackRefused(Exception):
    """This person may not listen now; the text says why, as the log does."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that can be listened to; `reader` is seekable and closed by the taker."""

    recording: RecordingRow
    reader: BinaryIO


class PlaybackService:
    """Safe to share between threads. A `visit` names one sitting: seeking in it is one playback."""

    def __init__(
        self,
        database: Database,
        store: RecordingStore,
        recordings: ListeningService,
        cases: CaseService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._recordings = recordings
        self._cases = cases
        self._clock = clock

    def find_recording(self, case: Case) -> RecordingRow | None:
        """The one that the case is about, while it is there and can be heard."""
        if case.call_id is None:
            return None
        with self._database.reading() as unit:
            return self._recordings.find_recording(unit, case.call_id)

    def may_listen(self, case: Case, by: Actor) -> bool:
        """At this moment; asks nothing of the log."""
        return _why_not(case, by, self._clock.now()) is None

    def play(self, case: Case, by: Actor, visit: str) -> Sound:
        """Hand over the sound. Somebody who may not is refused, and that is in the log once a visit.

        Raises `PlaybackRefused`, `NoSound`, and `NotAllowed` where the case is about no playing at all, or not now.
        """
        if not self.may_listen(case, by):
            # what was allowed earlier in the visit need not be now, and then that is an entry of its own
            refused = self._cases.act(case.case_id, Played(), by, key=f"{visit}-refused").refused
            raise PlaybackRefused(refused or NOT_NOW)
        recording = self.find_recording(case)
        if recording is None:
            raise NoSound
        reader = self._store.open(recording.object_key)
        try:
            acted = self._cases.act(case.case_id, Played(), by, key=visit)
            why = acted.refused or _why_not(acted.case, by, self._clock.now())
            if why is not None:
                raise PlaybackRefused(why)
        except BaseException:
            reader.close()
            raise
        return Sound(recording, reader)


def _why_not(case: Case, by: Actor, now: datetime) -> str | None:
    """None for who may listen now."""
    match case.about:
        case Complaint() as about:
            return why_no_playback(about, by.name, now)
        case Training() as about:
            return None if may_be_used(about, case.state) and by.role in STAFF else NOT_BOTH
        case _:
            return NOTHING
