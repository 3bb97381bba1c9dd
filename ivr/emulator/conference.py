"""Conferences: who is in, who hears whom, and what is told about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.emulator.audio import beep, mix, waiting_music
from ivr.emulator.events import utc_now
from ivr.emulator.exchange import Exchange, new_sid, rfc2822
from ivr.emulator.legs import NO_CALLBACK, Callback, Leg, Party
from ivr.emulator.player import Clip, Player
from ivr.emulator.prompting import PromptRequest, play_document

_EVENT_GROUPS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
_END_REASONS = {
    "participant_hung_up": "participant-with-end-conference-on-exit-left",
    "participant_updated_via_api": "participant-with-end-conference-on-exit-kicked",
}


class DuplicateLabel(Exception):
    """16025: the conference has a participant with this label."""


class ConferenceFull(Exception):
    """The conference has as many participants as it may have."""


@dataclass(frozen=True)
class JoinOptions:
    label: str = ""
    muted: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: str = "true"
    wait: PromptRequest | None = None
    """None: the carrier's own music. An empty URL: silence."""
    max_participants: int = 250
    callback: Callback = NO_CALLBACK


@dataclass(eq=False)
class Participant:
    leg: Leg
    options: JoinOptions
    muted: bool
    end_on_exit: bool
    status: str = "queued"
    hold: bool = False
    hold_music: PromptRequest | None = None
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self.status == "connected"


class Conference:
    """A `Room`. The first participant, joined or being rung, decides about the callbacks."""

    def __init__(self, exchange: Exchange, friendly_name: str) -> None:
        self.exchange = exchange
        self.friendly_name = friendly_name
        self.sid = new_sid("CF")
        self.status = "init"
        self.created_at = self.updated_at = utc_now()
        self.participants: dict[str, Participant] = {}
        self.reason_ended = ""
        self.ended_by = ""
        self._callback: Callback | None = None
        self._sequence = 0
        self._announcing = asyncio.Lock()
        self._prompts = Player(self._everybody, exchange.report_prompt)
        self._chimes = Player()
        exchange.conferences[self.sid] = self
        exchange.rooms.add(self)

    # ------------------------------------------------------------ coming and going

    def expect(self, leg: Leg, options: JoinOptions) -> Participant:
        """Make a place for a leg that joins now or is being rung. Raises DuplicateLabel, ConferenceFull."""
        if options.label and any(other.options.label == options.label for other in self.participants.values()):
            raise DuplicateLabel(options.label)
        if len(self.participants) >= options.max_participants:
            raise ConferenceFull(self.friendly_name)
        if self._callback is None:
            self._callback = options.callback
        participant = Participant(leg, options, options.muted, options.end_on_exit)
        self.participants[leg.sid] = participant
        return participant

    def admit(self, participant: Participant) -> None:
        participant.status = "connected"
        participant.leg.room = self
        self.exchange.events.add("joined", conferenceSid=self.sid, **_who(participant))
        self._report("participant-join", participant)
        if participant.options.beep in ("true", "onEnter") and len(self._connected()) > 1:
            self._chimes.enqueue(Clip(beep()))
        if self.status == "init":
            present = self._connected()
            if len(present) > 1 and any(other.options.start_on_enter for other in present):
                self._begin()
            else:
                self._let_wait(participant)

    def leave(self, participant: Participant, reason: str) -> None:
        if self.participants.pop(participant.leg.sid, None) is None:
            return
        was_connected = participant.connected
        participant.status = "complete" if was_connected else "failed"
        self._stop_waiting(participant)
        participant.leg.music.stop()
        participant.leg.room = None
        participant.gone.set()
        if was_connected:
            self.exchange.events.add("left", conferenceSid=self.sid, reason=reason, **_who(participant))
        outcome = participant.leg.status if participant.leg.over else "in-progress"
        self._report(
            "participant-leave",
            participant,
            {"ParticipantCallStatus": outcome, "ReasonParticipantLeft": reason},
        )
        if participant.options.beep in ("true", "onExit") and self._connected():
            self._chimes.enqueue(Clip(beep()))
        if self.status == "completed":
            return
        if was_connected and participant.end_on_exit:
            self.end(_END_REASONS.get(reason, "participant-with-end-conference-on-exit-left"), participant)
        elif not self.participants:
            kicked = reason == "participant_updated_via_api"
            self.end("last-participant-kicked" if kicked else "last-participant-left", participant)

    def end(self, reason: str, by: Participant | None = None) -> None:
        """Everybody leaves; the room is closed."""
        if self.status == "completed":
            return
        self.status = "completed"
        self.reason_ended = reason
        self.ended_by = by.leg.sid if by else ""
        left = "moderator_ended_conference" if by else "conference_ended_via_api"
        for participant in list(self.participants.values()):
            self.leave(participant, left)
            if not participant.leg.in_progress:
                participant.leg.end("canceled")
        self._prompts.stop()
        self.exchange.rooms.discard(self)
        fields = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ")}
        if by:
            fields |= {
                "CallSidEndingConference": by.leg.sid,
                "ParticipantLabelEndingConference": by.options.label,
            }
        self._report("conference-end", fields=fields)

    def _begin(self) -> None:
        self.status = "in-progress"
        self.updated_at = utc_now()
        for participant in self._connected():
            self._stop_waiting(participant)
        self._report("conference-start")

    # ------------------------------------------------------------ waiting and holding

    def _let_wait(self, participant: Participant) -> None:
        participant.waiting = self.exchange.spawn(self._play_music(participant.leg, participant.options.wait, "wait"))

    @staticmethod
    def _stop_waiting(participant: Participant) -> None:
        if participant.waiting:
            participant.waiting.cancel()
            participant.waiting = None
            participant.leg.music.stop()

    async def _play_music(self, leg: Leg, request: PromptRequest | None, kind: str) -> None:
        if request is None:
            while True:
                await leg.music.play(Clip(waiting_music()))
        elif request.url:
            await play_document(self.exchange, leg.music, kind, request, self._fields(leg))

    def hold(self, participant: Participant, on: bool, music: PromptRequest | None = None) -> None:
        if participant.hold == on:
            return
        participant.hold = on
        participant.updated_at = utc_now()
        self._stop_waiting(participant)
        if on:
            participant.waiting = self.exchange.spawn(self._play_music(participant.leg, music, "hold"))
        self._report("participant-hold" if on else "participant-unhold", participant)

    def mute(self, participant: Participant, on: bool) -> None:
        if participant.muted == on:
            return
        participant.muted = on
        participant.updated_at = utc_now()
        self._report("participant-mute" if on else "participant-unmute", participant)

    def set_hold_by(self, leg: Leg, on: bool) -> None:
        for participant in self._connected():
            if participant.leg is not leg:
                self.hold(participant, on)

    # ------------------------------------------------------------ announcements

    async def announce(self, request: PromptRequest) -> None:
        """To everybody who is not on hold, over the talk; one announcement after the other."""
        await self._announce(request, self._prompts, None)

    async def announce_to(self, participant: Participant, request: PromptRequest) -> None:
        await self._announce(request, participant.leg.prompts, participant)

    async def _announce(self, request: PromptRequest, player: Player, to: Participant | None) -> None:
        fault = self.exchange.webhooks.faults.take_announcement_fault(request.url)
        about = {"AnnounceUrl": request.url}
        if fault and fault.outcome == "fail":
            self._report("announcement-fail", to, {**about, "ReasonAnnouncementFailed": "Internal error"})
            return
        if fault and fault.outcome == "silent":
            return
        cut_after_s = fault.cut_after_s if fault and fault.outcome == "cut" else None
        async with self._announcing:
            try:
                async with asyncio.timeout(cut_after_s):
                    fields = self._fields(to.leg if to else None)
                    played = await play_document(self.exchange, player, "announce", request, fields)
            except TimeoutError:
                played = False
                if fault and fault.event:
                    self._report(fault.event, to, about)
        if played and self.status != "completed":
            self._report("announcement-end", to, about)

    # ------------------------------------------------------------ sound

    def mix(self) -> None:
        present = self._connected()
        announcement, chime = self._prompts.next_frame(), self._chimes.next_frame()
        speaking = [] if self.status == "init" else [other for other in present if not (other.hold or other.muted)]
        for participant in present:
            if not participant.hold:
                heard = [other.leg.inbound for other in speaking if other is not participant]
                participant.leg.arriving = mix([*heard, announcement, chime])

    def hearers_of(self, leg: Leg) -> list[Leg]:
        speaker = self.participants.get(leg.sid)
        if speaker is None or speaker.hold or speaker.muted or self.status == "init":
            return []
        return [other.leg for other in self._connected() if other is not speaker and not other.hold]

    def _everybody(self) -> Sequence[Party]:
        return [other.leg.party for other in self._connected() if other.leg.party and not other.hold]

    def _connected(self) -> list[Participant]:
        return [participant for participant in self.participants.values() if participant.connected]

    # ------------------------------------------------------------ reporting

    def _fields(self, leg: Leg | None) -> dict[str, str]:
        """Of requests for sound: the conference's, and the call's where the sound is for one."""
        own = {
            "AccountSid": self.exchange.settings.account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.friendly_name,
        }
        return own if leg is None else {**leg.params(), **own}

    def modified(self, participant: Participant) -> None:
        participant.updated_at = utc_now()
        self._report("participant-modify", participant)

    def _report(self, event: str, participant: Participant | None = None, fields: dict[str, str] | None = None) -> None:
        if self._callback is None or _EVENT_GROUPS[event] not in self._callback.events:
            return
        self._sequence += 1
        body = {
            "AccountSid": self.exchange.settings.account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.friendly_name,
            "SequenceNumber": str(self._sequence),
            "StatusCallbackEvent": event,
            "Timestamp": rfc2822(utc_now()),
        }
        if participant:
            body |= {
                "CallSid": participant.leg.sid,
                "Muted": _text(participant.muted),
                "Hold": _text(participant.hold),
                "Coaching": "false",
                "EndConferenceOnExit": _text(participant.end_on_exit),
                "StartConferenceOnEnter": _text(participant.options.start_on_enter),
            }
            if participant.options.label:
                body["ParticipantLabel"] = participant.options.label
        self.exchange.webhooks.notify(
            "conference-status", self._callback.url, self._callback.method, {**body, **(fields or {})}
        )


def find_conference(exchange: Exchange, sid_or_name: str) -> Conference | None:
    """A running one by name, any by SID."""
    if found := exchange.conferences.get(sid_or_name):
        return found
    running = (room for room in exchange.conferences.values() if room.status != "completed")
    return next((room for room in running if room.friendly_name == sid_or_name), None)


def _text(value: bool) -> str:
    return "true" if value else "false"


def _who(participant: Participant) -> dict[str, str]:
    return {"party": participant.leg.name, "callSid": participant.leg.sid, "label": participant.options.label}
