"""Recordings of a leg: what it says and what it hears, frame by frame into a WAV file."""

import asyncio
import wave
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ivr.emulator.audio import FRAME_MS, FRAME_SAMPLES, RATE_HZ, SILENCE, Samples, mix
from ivr.emulator.events import utc_now
from ivr.emulator.exchange import new_sid, rfc2822
from ivr.emulator.legs import Callback, Leg

_PROCESSING_S = 0.3
_TOO_SHORT_FRAMES = 5


class Recording:
    def __init__(self, leg: Leg, channels: int, track: str, callback: Callback) -> None:
        self.leg = leg
        self.exchange = leg.exchange
        self.sid = new_sid("RE")
        self.channels = channels if track == "both" else 1
        self.track = track
        self.source = "StartCallRecordingAPI"
        self.callback = callback
        self.status = "in-progress"
        self.started_at = self.updated_at = utc_now()
        self.available_at: datetime | None = None
        self._pause_behaviour = "silence"
        self._frames = 0
        self.path: Path = self.exchange.settings.state_dir / f"{self.sid}.wav"
        self._file = wave.open(str(self.path), "wb")  # noqa: SIM115 -- open as long as the recording runs
        self._file.setnchannels(self.channels)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)
        self._frame = np.empty((FRAME_SAMPLES, self.channels), dtype="<i2")
        self.exchange.recordings[self.sid] = self
        leg.recordings.append(self)
        self._changed()

    @property
    def live(self) -> bool:
        return self.status in ("in-progress", "paused")

    @property
    def duration_s(self) -> float:
        return self._frames * FRAME_MS / 1000

    @property
    def downloadable(self) -> bool:
        return self.status == "completed" and self.available_at is not None and utc_now() >= self.available_at

    def write(self, inbound: Samples, outbound: Samples) -> None:
        if self.status == "paused":
            if self._pause_behaviour == "skip":
                return
            inbound = outbound = SILENCE
        if self.channels == 2:
            self._frame[:, 0], self._frame[:, 1] = inbound, outbound
        else:
            self._frame[:, 0] = {"inbound": inbound, "outbound": outbound}.get(self.track, mix([inbound, outbound]))
        self._file.writeframesraw(self._frame.tobytes())
        self._frames += 1

    def pause(self, behaviour: str) -> None:
        self._pause_behaviour = behaviour
        self._set_status("paused")

    def resume(self) -> None:
        self._set_status("in-progress")

    def stop(self) -> None:
        if not self.live:
            return
        self.leg.recordings.remove(self)
        self._file.close()
        self._set_status("processing")
        self.exchange.spawn(self._process())

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
        self._set_status("deleted")

    async def _process(self) -> None:
        await asyncio.sleep(_PROCESSING_S)
        self.available_at = utc_now() + timedelta(seconds=self.exchange.webhooks.faults.recording_late_s)
        self._set_status("absent" if self._frames < _TOO_SHORT_FRAMES else "completed")

    def _set_status(self, status: str) -> None:
        self.status = status
        self.updated_at = utc_now()
        self._changed()

    def _changed(self) -> None:
        self.exchange.events.add(
            "recording", recordingSid=self.sid, callSid=self.leg.sid, status=self.status, duration_s=self.duration_s
        )
        if self.status not in self.callback.events or (self.status == "in-progress" and self._frames):
            return
        settings = self.exchange.settings
        base = f"{self.exchange.base_url}/2010-04-01/Accounts/{settings.account_sid}"
        fields = {
            "AccountSid": settings.account_sid,
            "CallSid": self.leg.sid,
            "RecordingSid": self.sid,
            "RecordingUrl": f"{base}/Recordings/{self.sid}",
            "RecordingStatus": self.status,
            "RecordingChannels": str(self.channels),
            "RecordingStartTime": rfc2822(self.started_at),
            "RecordingSource": self.source,
            "RecordingTrack": self.track,
            "ErrorCode": "16101" if self.status == "absent" else "0",
        }
        if self.status == "completed":
            fields["RecordingDuration"] = str(round(self.duration_s))
        self.exchange.webhooks.notify("recording-status", self.callback.url, self.callback.method, fields)
