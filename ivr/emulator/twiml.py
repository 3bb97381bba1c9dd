"""Carrying out TwiML on one leg."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

from ivr.emulator.conference import Conference, ConferenceFull, DuplicateLabel, JoinOptions, find_conference
from ivr.emulator.dialing import Callee, dial, first_of, pressed_star
from ivr.emulator.legs import Callback, DocumentRequest, Leg
from ivr.emulator.prompting import (
    SOUND_VERBS,
    BadDocument,
    PromptRequest,
    audio_clip,
    clips_of,
    parse_document,
    parse_text,
    speech_clip,
)
from ivr.emulator.stream import TRACKS, Stream, StreamOrder, StreamRefused
from ivr.emulator.webhooks import FetchFailed

_APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
_DIAL_NOUNS = frozenset({"Number", "Client", "Sip"})

Next = DocumentRequest | None
"""What a verb leads to: another document, or simply the next verb."""


async def run_document(leg: Leg, request: DocumentRequest) -> None:
    """Fetch and carry out a document and all it leads to. The leg ends with it."""
    await _Run(leg).from_request(request)


async def run_text(leg: Leg, twiml: str) -> None:
    await _Run(leg).from_text(twiml)


class _Run:
    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._exchange = leg.exchange
        self._url = ""
        self._verbs: dict[str, Callable[[ET.Element], Awaitable[Next]]] = {
            **dict.fromkeys(SOUND_VERBS, self._make_sound),
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Hangup": self._hang_up,
            "Reject": self._reject,
            "Dial": self._dial,
            "Start": self._start,
            "Stop": self._stop,
        }

    async def from_text(self, twiml: str) -> None:
        try:
            after = await self._perform(parse_text(twiml))
        except BadDocument as failed:
            await self._give_up(failed.code, failed.reason)
        else:
            if after:
                await self.from_request(after)

    async def from_request(self, request: DocumentRequest) -> None:
        fallback = self._leg.fallback
        after: Next = request
        while after and not self._leg.over:
            request = after
            try:
                after = await self._one_document(request)
            except (BadDocument, FetchFailed) as failed:
                if fallback is None:
                    await self._give_up(failed.code, failed.reason, request.url)
                    return
                self._exchange.report_error(failed.code, failed.reason, url=request.url)
                fields = {"ErrorCode": str(failed.code), "ErrorUrl": request.url}
                after = DocumentRequest("fallback", fallback.url, fallback.method, fields)
                fallback = None

    async def _one_document(self, request: DocumentRequest) -> Next:
        leg = self._leg
        self._url = request.url
        answer = await self._exchange.webhooks.fetch(
            request.kind, request.url, request.method, {**leg.params(), **request.fields}, leg.cookies
        )
        if answer.content_type.startswith("audio/"):
            leg.answer()
            await leg.prompts.play(await audio_clip(answer, request.url))
            return None
        return await self._perform(parse_document(answer))

    async def _perform(self, verbs: list[ET.Element]) -> Next:
        for number, verb in enumerate(verbs):
            do = self._verbs.get(verb.tag)
            if do is None:
                raise BadDocument(12100, f"unknown verb {verb.tag}")
            if verb.tag not in ("Reject", "Redirect") and not (verb.tag == "Pause" and number == 0):
                self._leg.answer()
            after = await do(verb)
            if after or self._leg.over:
                return after
        return None

    async def _give_up(self, code: int, reason: str, url: str = "") -> None:
        self._exchange.report_error(code, reason, url=url, callSid=self._leg.sid)
        self._leg.answer()
        await self._leg.prompts.play(await speech_clip(_APPLICATION_ERROR, "en-us+f2", _APPLICATION_ERROR))

    # ------------------------------------------------------------ plain verbs

    async def _make_sound(self, verb: ET.Element) -> Next:
        if verb.tag == "Pause" and not self._leg.in_progress:
            await asyncio.sleep(float(verb.get("length", "1")))
            return None
        async for clip in clips_of(self._exchange, verb, self._url):
            await self._leg.prompts.play(clip)
        return None

    async def _redirect(self, verb: ET.Element) -> Next:
        return DocumentRequest("voice", self._absolute(verb.text or ""), verb.get("method", "POST"))

    async def _hang_up(self, _: ET.Element) -> Next:
        self._leg.end("completed")
        return None

    async def _reject(self, verb: ET.Element) -> Next:
        busy = verb.get("reason") == "busy"
        self._leg.end("completed" if self._leg.in_progress else "busy" if busy else "no-answer")
        return None

    def _absolute(self, url: str) -> str:
        found = urljoin(self._url, url.strip())
        if "://" not in found:
            raise BadDocument(11100, f"relative URL {url!r} without a document URL")
        return found

    def _action(self, verb: ET.Element, kind: str, fields: dict[str, str]) -> DocumentRequest:
        return DocumentRequest(kind, self._absolute(verb.get("action", "")), verb.get("method", "POST"), fields)

    # ------------------------------------------------------------ Gather

    async def _gather(self, verb: ET.Element) -> Next:
        for child in verb:
            if child.tag not in SOUND_VERBS:
                raise BadDocument(12100, f"{child.tag} inside Gather")
        keys: asyncio.Queue[str] = asyncio.Queue()
        self._leg.digits = keys
        prompt = asyncio.create_task(self._prompt(verb))
        try:
            digits, ended_by = await self._collect(verb, keys, prompt)
        finally:
            self._leg.digits = None
            prompt.cancel()
        if not digits and not _flag(verb, "actionOnEmptyResult"):
            return None
        fields = {"Digits": digits, "msg": "Gather End"}
        if ended_by:
            fields["FinishedOnKey"] = ended_by
        return self._action(verb, "gather", fields)

    async def _prompt(self, verb: ET.Element) -> None:
        for child in verb:
            await self._make_sound(child)

    async def _collect(self, verb: ET.Element, keys: asyncio.Queue[str], prompt: asyncio.Task[None]) -> tuple[str, str]:
        """The digits, and the key that finished them. The clock starts after the prompt or the first key."""
        timeout = verb.get("timeout", "5")
        timeout_s = float(timeout) if timeout.isdigit() else 5.0
        limit = int(verb.get("numDigits", "0"))
        finish_on = verb.get("finishOnKey", "#")
        first_key = asyncio.create_task(keys.get())
        try:
            await asyncio.wait({prompt, first_key}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({first_key}, timeout=timeout_s)
            pressed = first_key.result() if first_key.done() else ""
        finally:
            first_key.cancel()
        prompt.cancel()
        digits = ""
        while pressed:
            if pressed in finish_on:
                return digits, pressed
            digits += pressed
            if len(digits) == limit:
                return digits, ""
            pressed = await _next_key(keys, timeout_s)
        return digits, ""

    # ------------------------------------------------------------ Start and Stop

    async def _start(self, verb: ET.Element) -> Next:
        for child in verb:
            if child.tag != "Stream":
                raise BadDocument(12100, f"{child.tag} inside Start")
            track = child.get("track", "inbound_track")
            url = child.get("url", "")
            if track not in TRACKS or not url or "?" in url:
                raise BadDocument(12200, f"Stream url={url!r} track={track!r}")
            parameters = {item.get("name", ""): item.get("value", "") for item in child if item.tag == "Parameter"}
            if any(len(name) + len(value) >= 500 for name, value in parameters.items()):
                raise BadDocument(12200, "a Stream Parameter of 500 characters or more")
            callback = Callback(child.get("statusCallback", ""), child.get("statusCallbackMethod", "POST"))
            try:
                Stream(self._leg, StreamOrder(self._absolute(url), child.get("name", ""), track, callback, parameters))
            except StreamRefused as refused:
                self._exchange.report_error(31941, str(refused), callSid=self._leg.sid)
        return None

    async def _stop(self, verb: ET.Element) -> Next:
        for child in verb:
            for stream in list(self._leg.streams):
                if child.tag == "Stream" and child.get("name") in (stream.order.name, stream.sid):
                    stream.stop()
        return None

    # ------------------------------------------------------------ Dial

    async def _dial(self, verb: ET.Element) -> Next:
        target = next(iter(verb), None)
        if target is not None and target.tag == "Conference":
            return await self._dial_conference(verb, target)
        callees = [_callee(noun) for noun in verb if noun.tag in _DIAL_NOUNS]
        if len(callees) < len(verb):
            raise BadDocument(12100, "unknown noun inside Dial")
        if not callees and (verb.text or "").strip():
            callees = [Callee((verb.text or "").strip())]
        result = await dial(
            self._leg,
            callees,
            caller_id=verb.get("callerId", self._leg.from_),
            timeout_s=float(verb.get("timeout", "30")),
            limit_s=float(verb.get("timeLimit", "14400")),
            hang_up_on_star=_flag(verb, "hangupOnStar"),
        )
        return self._action(verb, "dial-action", result) if verb.get("action") is not None else None

    async def _dial_conference(self, verb: ET.Element, noun: ET.Element) -> Next:
        name = (noun.text or "").strip()
        conference = find_conference(self._exchange, name) or Conference(self._exchange, name)
        leg = self._leg
        try:
            participant = conference.expect(leg, _join_options(noun, self._absolute))
        except DuplicateLabel as duplicate:
            self._exchange.report_error(16025, f"label {duplicate} is taken", callSid=leg.sid)
            return None
        except ConferenceFull:
            self._exchange.report_error(16020, f"conference {name} is full", callSid=leg.sid)
            return None
        action: Next = None
        if verb.get("action") is not None:
            action = self._action(verb, "dial-action", {"DialCallStatus": "answered"})
        leg.pending_action = action
        leg.leave_reason = "participant_hung_up"
        conference.admit(participant)
        star = _flag(verb, "hangupOnStar")
        try:
            async with asyncio.timeout(float(verb.get("timeLimit", "14400"))):
                await (first_of(participant.gone.wait(), pressed_star(leg)) if star else participant.gone.wait())
        except TimeoutError:
            pass  # timeLimit: the leg leaves
        finally:
            leg.digits = None
            leg.pending_action = None
            conference.leave(participant, leg.leave_reason)
        return action


async def _next_key(keys: asyncio.Queue[str], timeout_s: float) -> str:
    """Empty when none comes in time."""
    try:
        async with asyncio.timeout(timeout_s):
            return await keys.get()
    except TimeoutError:
        return ""


def _join_options(noun: ET.Element, absolute: Callable[[str], str]) -> JoinOptions:
    wait_url = noun.get("waitUrl")
    wait = None
    if wait_url is not None:
        wait = PromptRequest(absolute(wait_url) if wait_url else "", noun.get("waitMethod", "POST"))
    return JoinOptions(
        label=noun.get("participantLabel", ""),
        muted=_flag(noun, "muted"),
        start_on_enter=_flag(noun, "startConferenceOnEnter", "true"),
        end_on_exit=_flag(noun, "endConferenceOnExit"),
        beep=noun.get("beep", "true"),
        wait=wait,
        max_participants=int(noun.get("maxParticipants", "250")),
        callback=_callback(noun),
    )


def _callee(noun: ET.Element) -> Callee:
    address = (noun.text or noun.findtext("Identity") or "").strip()
    if noun.tag == "Client":
        address = f"client:{address}"
    return Callee(address, _callback(noun))


def _callback(noun: ET.Element) -> Callback:
    events = frozenset(noun.get("statusCallbackEvent", "").split())
    return Callback(noun.get("statusCallback", ""), noun.get("statusCallbackMethod", "POST"), events)


def _flag(element: ET.Element, name: str, default: str = "false") -> bool:
    return element.get(name, default).lower() == "true"
