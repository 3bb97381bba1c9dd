"""One leg: the line between the carrier and one party, its status, its sound and what listens in on it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ivr.emulator.audio import SILENCE, Samples, mix, through_telephone
from ivr.emulator.events import utc_now
from ivr.emulator.exchange import Exchange, Room, new_sid, rfc2822
from ivr.emulator.player import Hearer, Player

if TYPE_CHECKING:
    from ivr.emulator.recording import Recording
    from ivr.emulator.stream import Stream

Programme = Callable[[], Coroutine[object, object, None]]
"""What a leg does from its answer to its end."""

API_VERSION = "2010-04-01"
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Party(Hearer, Protocol):
    """Whoever holds the other end of a leg."""

    def speak_frame(self) -> Samples: ...

    def hear_frame(self, frame: Samples) -> None: ...

    def connected(self, leg: "Leg") -> None: ...

    def ended(self, status: str) -> None: ...


@dataclass(frozen=True)
class Callback:
    """Where to report, how, and which events."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset()


NO_CALLBACK = Callback()


@dataclass(frozen=True)
class DocumentRequest:
    """A document to ask for, with the fields that come on top of the call's own."""

    kind: str
    url: str
    method: str = "POST"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Leg:
    exchange: Exchange
    from_: str
    to: str
    direction: str
    party: Party | None = None
    parent_sid: str = ""
    callback: Callback = NO_CALLBACK
    fallback: DocumentRequest | None = None

    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "queued"
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    room: Room | None = None
    digits: asyncio.Queue[str] | None = None
    """Where key presses go while a verb listens for them."""
    pending_action: DocumentRequest | None = None
    """The action of a running Dial; it is asked for even when the party hangs up."""
    leave_reason: str = "participant_hung_up"
    recordings: "list[Recording]" = field(default_factory=list)
    streams: "list[Stream]" = field(default_factory=list)
    sequence: int = 0
    ended_event: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.inbound: Samples = SILENCE
        self.arriving: Samples = SILENCE
        """What the room sends down this leg in this frame."""
        self.prompts = Player(self._audience, self.exchange.report_prompt)
        self.music = Player(self._audience, self.exchange.report_prompt)
        self._programme: asyncio.Task[None] | None = None
        self.exchange.legs[self.sid] = self

    def _audience(self) -> Sequence[Party]:
        return [self.party] if self.party else []

    # ------------------------------------------------------------ status

    @property
    def name(self) -> str:
        """The party's, for events."""
        return self.party.name if self.party else self.to

    @property
    def in_progress(self) -> bool:
        return self.status == "in-progress"

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def duration_s(self) -> int:
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())

    def set_status(self, status: str) -> None:
        self.status = status
        self.updated_at = utc_now()
        self.exchange.events.add(
            "call", callSid=self.sid, status=status, **{"from": self.from_}, to=self.to, direction=self.direction
        )

    def answer(self, party: Party | None = None) -> None:
        if self.in_progress or self.over:
            return
        self.party = party or self.party
        self.answered_at = utc_now()
        self.set_status("in-progress")
        self.report_progress("answered")
        self.exchange.connect(self)
        if self.party:
            self.party.connected(self)

    def end(self, status: str) -> None:
        """The leg is over, whoever ended it. A second time changes nothing."""
        if self.over:
            return
        self.ended_at = utc_now()
        self.set_status(status)
        self.ended_event.set()
        self.exchange.disconnect(self)
        self.prompts.stop()
        if self.pending_action:
            action, self.pending_action = self.pending_action, None
            self.exchange.webhooks.notify(action.kind, action.url, action.method, {**self.params(), **action.fields})
        for stream in list(self.streams):
            stream.stop()
        for recording in list(self.recordings):
            recording.stop()
        self._stop_programme()
        if self.party:
            self.party.ended(status)
        self.report_progress("completed")

    def hang_up(self) -> None:
        """By the party."""
        self.end("completed" if self.in_progress else "no-answer" if self.direction == "inbound" else "busy")

    # ------------------------------------------------------------ what the leg does

    def perform(self, programme: Programme) -> None:
        """Do this from now on, instead of what was being done; the leg ends with it."""
        self._stop_programme()
        self.prompts.stop()
        self._programme = self.exchange.spawn(self._perform(programme))

    async def _perform(self, programme: Programme) -> None:
        try:
            await programme()
        finally:
            if self._programme is asyncio.current_task():  # not replaced by another: over, or failed
                self._programme = None
                self.end("completed")

    def _stop_programme(self) -> None:
        if self._programme and self._programme is not asyncio.current_task():
            self._programme.cancel()
        self._programme = None

    def press(self, digit: str) -> None:
        self.exchange.events.add("digit", party=self.name, callSid=self.sid, digit=digit, taken=self.digits is not None)
        if self.digits is not None:
            self.digits.put_nowait(digit)

    # ------------------------------------------------------------ sound, 50 times a second

    def take_inbound(self) -> None:
        self.arriving = SILENCE
        self.inbound = through_telephone(self.party.speak_frame()) if self.party else SILENCE

    def deliver(self) -> None:
        outbound = mix([self.arriving, self.music.next_frame(), self.prompts.next_frame()])
        for recording in self.recordings:
            recording.write(self.inbound, outbound)
        for stream in self.streams:
            stream.feed(self.inbound, outbound)
        if self.party:
            self.party.hear_frame(through_telephone(outbound))

    # ------------------------------------------------------------ fields of requests to the customer

    def params(self) -> dict[str, str]:
        found = {
            "AccountSid": self.exchange.settings.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": self.status,
            "CallToken": '{"parentCallInfoToken":"local"}',
            "Called": self.to,
            "Caller": self.from_,
            "Direction": self.direction,
            "From": self.from_,
            "To": self.to,
            "LocalCarrierExtra": "a field that no documentation names",
        }
        for end in ("From", "To", "Caller", "Called"):
            found |= {f"{end}City": "", f"{end}State": "", f"{end}Zip": "", f"{end}Country": "NL"}
        if self.from_.startswith("sip:"):
            user, _, domain = self.from_.removeprefix("sip:").partition("@")
            found |= {"SipDomain": domain, "SipUsername": user, "SipCallId": self.sid, "SipSourceIp": "127.0.0.1"}
        if self.parent_sid:
            found["ParentCallSid"] = self.parent_sid
        return found

    def report_progress(self, event: str) -> None:
        if event not in self.callback.events:
            return
        fields = {
            **self.params(),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.sequence),
            "Timestamp": rfc2822(utc_now()),
        }
        self.sequence += 1
        if event == "initiated":
            fields["CallStatus"] = "initiated"
        if event == "completed":
            minutes = -(-self.duration_s // 60)
            fields |= {"CallDuration": str(self.duration_s), "Duration": str(minutes)}
            fields["SipResponseCode"] = {"no-answer": "487", "busy": "486", "failed": "404"}.get(self.status, "200")
        self.exchange.webhooks.notify("call-status", self.callback.url, self.callback.method, fields)
