"""The effects that are written: consent-log entries, timers and jobs, in the transaction that saves the dialogue."""

from dataclasses import replace
from datetime import datetime, timedelta

from config.policy import AgencyPolicy
from ivr.calls.jobs import SEAL_KEY, JobKind
from ivr.calls.orders import find_order, order_key
from ivr.calls.speaking import Speaker
from ivr.calls.tickets import TicketKind, ticket_id
from ivr.carrier.links import Links, token_digest
from ivr.cases.opening import lapse_refusal, open_citizen_copy, open_refusal, open_training
from ivr.dialogue.effects import (
    Announce,
    AskTheirs,
    CloseCall,
    CollectRecording,
    Effect,
    FollowRefusal,
    LapseRefusal,
    LogConsent,
    Note,
    NoteTraining,
    OfferReceipt,
    OfferTicket,
    Prompt,
    StartTimer,
    StopTimer,
)
from ivr.dialogue.events import Timer
from ivr.ports import Unit
from storage.records import CallRecord, CopyTicket, Json, LoggedEntry, NewEntry

FETCH_AFTER_S = 15
"""The carrier's own word that a recording is complete usually comes within seconds; this is the net below it."""

ORDER_AFTER_S = 10
"""An order is given at once; this is the net below it. Longer than the carrier may take to answer."""

HIDDEN_CODE = "0" * 12


class Writer:
    """Writes the effects of one step. One instance serves one transaction."""

    def __init__(
        self,
        unit: Unit,
        call: CallRecord,
        policy: AgencyPolicy,
        speaker: Speaker,
        links: Links,
        now: datetime,
        *,
        leg_waits: bool,
    ) -> None:
        self._unit = unit
        self._call = call
        self._policy = policy
        self._speaker = speaker
        self._links = links
        self._now = now
        self._leg_waits = leg_waits
        self._entries = 0

    def write(self, effect: Effect, prompts: dict[int, Prompt]) -> LoggedEntry | None:
        """Write one effect; gives the entry of a `LogConsent`.

        `prompts` are those that the dialogue knew before and after the step, by id.
        """
        match effect:
            case Note(tag, facts, personal):
                self._note(tag, dict(facts), dict(personal), prompts)
            case LogConsent(tag, facts, personal):
                return self._append(tag, self._with_profile(dict(facts)), dict(personal))
            case Announce(prompt):
                self._wait(Timer.PROMPT, self._speaker.longest_s(prompt), prompt.prompt_id)
            case StartTimer(timer, after_s):
                self._wait(timer, after_s, None)
            case StopTimer(timer):
                self._unit.outbox.cancel(JobKind.TIMER, self._timer_key(timer, None))
            case CollectRecording():
                self._put(JobKind.COLLECT_RECORDING, self._call.call_id, FETCH_AFTER_S, {})
            case OfferTicket(by_sms):
                self._offer_ticket(by_sms)
            case FollowRefusal(alternative, by_sms):
                open_refusal(self._unit, self._policy, self._call.call_id, alternative, self._now)
                if by_sms:
                    self._put(JobKind.SEND_REFUSAL, self._call.call_id, 0, {})
            case OfferReceipt(by_sms):
                self._give_ticket(TicketKind.RECEIPT_SMS if by_sms else TicketKind.RECEIPT_CODE)
            case LapseRefusal():
                lapse_refusal(self._unit, self._policy, self._call.call_id, self._now)
            case AskTheirs(by_sms):
                self._ask_theirs(by_sms)
            case NoteTraining(agreed):
                open_training(self._unit, self._policy, self._call.call_id, self._now, agreed)
            case CloseCall():
                self._call = replace(self._call, closed_at=self._now)
                self._put(JobKind.SEAL_LOG, SEAL_KEY, 0, {})
            case _:
                self._write_order(effect)
        return None

    @property
    def call(self) -> CallRecord:
        """The call as it has to be saved."""
        return self._call

    # ------------------------------------------------------------ the consent log

    def _append(self, tag: str, facts: dict[str, Json], personal: dict[str, str]) -> LoggedEntry:
        self._entries += 1
        if tag == "call:opened":
            facts = self._with_profile({**facts, "agency": self._policy.slug})
        return self._unit.log.append(
            NewEntry(
                call_id=self._call.call_id,
                event_id=f"{self._call.call_id}:{self._call.version}:{self._entries}",
                tag=tag,
                occurred_at=self._now,
                facts=facts,
                personal={name: value for name, value in personal.items() if value},
            )
        )

    def _with_profile(self, facts: dict[str, Json] | dict[str, str]) -> dict[str, Json]:
        """By which rules: the profile's version and digest stand with what they permitted."""
        return {**facts, "profile_version": self._policy.version, "profile_digest": self._policy.digest}

    def _note(
        self, tag: str, facts: dict[str, str], personal: dict[str, str], prompts: dict[int, Prompt]
    ) -> LoggedEntry:
        """What was said is evidence: an entry about a prompt carries its exact text, but never the pick-up code.

        A text with an employee's own sentence may speak of somebody, so it is kept beside the log.
        """
        prompt = prompts.get(int(facts["prompt"])) if "prompt" in facts else None
        if prompt is None:
            return self._append(tag, {**facts}, personal)
        text = self._speaker.words(prompt, HIDDEN_CODE)
        told: dict[str, Json] = {**facts, "language": prompt.language, "profile_version": self._policy.version}
        if any(name == "reason_text" for name, _ in prompt.params):
            return self._append(tag, told, {**personal, "text": text})
        return self._append(tag, {**told, "text": text}, personal)

    # ------------------------------------------------------------ timers and jobs

    def _timer_key(self, timer: Timer, prompt_id: int | None) -> str:
        return f"{self._call.call_id}:{timer}" + (f":{prompt_id}" if prompt_id is not None else "")

    def _wait(self, timer: Timer, after_s: float, prompt_id: int | None) -> None:
        self._unit.outbox.put(
            JobKind.TIMER,
            self._timer_key(timer, prompt_id),
            {"call_id": self._call.call_id, "timer": timer, "prompt_id": prompt_id},
            self._now + timedelta(seconds=after_s),
        )

    def _put(self, kind: JobKind, key: str, after_s: float, payload: dict[str, Json]) -> None:
        payload = {"call_id": self._call.call_id, **payload}
        self._unit.outbox.put(kind, key, payload, self._now + timedelta(seconds=after_s))

    def _write_order(self, effect: Effect) -> None:
        order = find_order(effect, leg_waits=self._leg_waits)
        if order is not None:
            key = order_key(self._call.call_id, order)
            self._put(JobKind.CARRIER_ORDER, key, ORDER_AFTER_S, {"order": order})

    # ------------------------------------------------------------ what the caller may fetch

    def _offer_ticket(self, by_sms: bool) -> None:
        """The caller's right to the copy, and the SMS that tells of it."""
        self._give_ticket(TicketKind.SMS if by_sms else TicketKind.CODE)
        self._put(JobKind.PREPARE_COPY, self._call.call_id, 0, {})
        if by_sms:
            self._put(JobKind.SEND_COPY, self._call.call_id, 0, {})

    def _ask_theirs(self, by_sms: bool) -> None:
        """Who gets the link to our copy can hand in theirs there; who does not want ours gets a link for that alone."""
        asks = open_citizen_copy(self._unit, self._policy, self._call.call_id, self._now) is not None
        if asks and by_sms and self._give_ticket(TicketKind.SMS):
            self._put(JobKind.ASK_FOR_COPY, self._call.call_id, 0, {})

    def _give_ticket(self, kind: TicketKind) -> bool:
        """Tokens are derived, only their digests are stored. False where the caller has this ticket."""
        call_id = self._call.call_id
        secrets = {
            TicketKind.SMS: self._links.copy_token,
            TicketKind.CODE: self._links.copy_code,
            TicketKind.RECEIPT_SMS: self._links.receipt_token,
            TicketKind.RECEIPT_CODE: self._links.receipt_code,
        }
        digest = token_digest(secrets[kind](call_id))
        if self._unit.copies.find_by_digest(digest) is not None:
            return False
        self._unit.copies.add(
            CopyTicket(
                ticket_id=ticket_id(call_id, kind),
                call_id=call_id,
                token_digest=digest,
                created_at=self._now,
                expires_at=self._now + timedelta(days=self._policy.copy.valid_days),
            )
        )
        return True
