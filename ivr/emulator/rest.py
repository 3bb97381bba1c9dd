"""The REST side: calls, conferences, participants, streams and messages. Recordings have a page of their own."""

from functools import partial

from aiohttp import web

from ivr.emulator.conference import (
    Conference,
    ConferenceFull,
    DuplicateLabel,
    JoinOptions,
    Participant,
    find_conference,
)
from ivr.emulator.dialing import ring
from ivr.emulator.exchange import Exchange
from ivr.emulator.legs import DocumentRequest, Leg
from ivr.emulator.messages import Message
from ivr.emulator.prompting import PromptRequest
from ivr.emulator.resources import (
    call_json,
    conference_json,
    message_json,
    page_json,
    participant_json,
    stream_json,
)
from ivr.emulator.rest_requests import ACCOUNTS, EXCHANGE, Form, Refused, read_form
from ivr.emulator.stream import TRACKS, Stream, StreamOrder, StreamRefused
from ivr.emulator.twiml import run_document, run_text

_MAX_TWIML_CHARACTERS = 4000
_MAX_MESSAGE_CHARACTERS = 1600

routes = web.RouteTableDef()
_ACCOUNT = ACCOUNTS + "/{account_sid}"
_CALL = _ACCOUNT + "/Calls/{call_sid:CA[0-9a-f]{32}}"
_CONFERENCE = _ACCOUNT + "/Conferences/{conference}"
_PARTICIPANT = _CONFERENCE + "/Participants/{participant}.json"


def account_base(exchange: Exchange) -> str:
    return f"{ACCOUNTS}/{exchange.settings.account_sid}"


def not_found(request: web.Request) -> Refused:
    return Refused(404, 20404, f"The requested resource {request.path} was not found")


def leg_of(request: web.Request) -> Leg:
    leg = request.app[EXCHANGE].legs.get(request.match_info["call_sid"])
    if leg is None:
        raise not_found(request)
    return leg


def require_in_progress(leg: Leg) -> None:
    if not leg.in_progress:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")


# ---------------------------------------------------------------- calls


@routes.post(_ACCOUNT + "/Calls.json")
async def create_call(request: web.Request) -> web.Response:
    exchange, form = request.app[EXCHANGE], await read_form(request)
    to, from_ = form.required("To", 21201), form.required("From", 21213)
    url, twiml = form.text("Url"), form.text("Twiml")
    if not url and not twiml:
        raise Refused(400, 21205, "Url or Twiml is required")
    leg = Leg(exchange, from_, to, "outbound-api", callback=form.callback("", "completed"), fallback=_fallback(form))
    timeout_s, method = form.number("Timeout", 60), form.text("Method", "POST")
    leg.perform(partial(_ring_and_run, leg, timeout_s, url, method, twiml))
    return web.json_response(call_json(leg, account_base(exchange)), status=201)


async def _ring_and_run(leg: Leg, timeout_s: float, url: str, method: str, twiml: str) -> None:
    if await ring(leg, timeout_s):
        await (run_document(leg, DocumentRequest("voice", url, method)) if url else run_text(leg, twiml))


def _fallback(form: Form) -> DocumentRequest | None:
    url = form.text("FallbackUrl")
    return DocumentRequest("fallback", url, form.text("FallbackMethod", "POST")) if url else None


@routes.get(_CALL + ".json")
async def fetch_call(request: web.Request) -> web.Response:
    return web.json_response(call_json(leg_of(request), account_base(request.app[EXCHANGE])))


@routes.post(_CALL + ".json")
async def update_call(request: web.Request) -> web.Response:
    leg, form = leg_of(request), await read_form(request)
    url, twiml, status = form.text("Url"), form.text("Twiml"), form.text("Status")
    if url and twiml:
        raise Refused(400, 21218, "Url and Twiml exclude each other")
    if len(twiml) > _MAX_TWIML_CHARACTERS:
        raise Refused(400, 21617, "Twiml is longer than 4000 characters")
    if status:
        _end_call(leg, form.choice("Status", ("canceled", "completed")))
    elif url or twiml:
        require_in_progress(leg)
        if fallback := _fallback(form):
            leg.fallback = fallback
        leg.leave_reason = "participant_updated_via_api"
        leg.pending_action = None
        request_ = DocumentRequest("voice", url, form.text("Method", "POST"))
        leg.perform(partial(run_document, leg, request_) if url else partial(run_text, leg, twiml))
    return web.json_response(call_json(leg, account_base(request.app[EXCHANGE])))


def _end_call(leg: Leg, status: str) -> None:
    if leg.over or (status == "canceled" and leg.in_progress):
        raise Refused(400, 21220, "Call is not in the expected state")
    leg.end("completed" if leg.in_progress else "canceled")


# ---------------------------------------------------------------- conferences


def _conference(request: web.Request) -> Conference:
    room = request.app[EXCHANGE].conferences.get(request.match_info["conference"])
    if room is None:
        raise not_found(request)
    return room


@routes.get(_ACCOUNT + "/Conferences.json")
async def list_conferences(request: web.Request) -> web.Response:
    exchange, query = request.app[EXCHANGE], dict(request.query)
    base = account_base(exchange)
    found = [
        conference_json(room, base)
        for room in exchange.conferences.values()
        if query.get("FriendlyName", room.friendly_name) == room.friendly_name
        and query.get("Status", room.status) == room.status
    ]
    return web.json_response(page_json("conferences", found[::-1], request.path, query))


@routes.get(_CONFERENCE + ".json")
async def fetch_conference(request: web.Request) -> web.Response:
    return web.json_response(conference_json(_conference(request), account_base(request.app[EXCHANGE])))


@routes.post(_CONFERENCE + ".json")
async def update_conference(request: web.Request) -> web.Response:
    room, form = _conference(request), await read_form(request)
    if room.status == "completed":
        raise Refused(400, 20001, "The conference has ended")
    if "Status" in form:
        form.choice("Status", ("completed",))
        room.end("conference-ended-via-api")
    elif url := form.text("AnnounceUrl"):
        room.exchange.spawn(room.announce(PromptRequest(url, form.text("AnnounceMethod", "POST"))))
    return web.json_response(conference_json(room, account_base(room.exchange)))


# ---------------------------------------------------------------- participants


def _participant(request: web.Request) -> tuple[Conference, Participant]:
    room = find_conference(request.app[EXCHANGE], request.match_info["conference"])
    wanted = request.match_info["participant"]
    for participant in room.participants.values() if room else ():
        if room and wanted in (participant.leg.sid, participant.options.label):
            return room, participant
    raise not_found(request)


@routes.post(_CONFERENCE + "/Participants.json")
async def create_participant(request: web.Request) -> web.Response:
    exchange, form = request.app[EXCHANGE], await read_form(request)
    to, from_ = form.required("To", 21201), form.required("From", 21213)
    name = request.match_info["conference"]
    room = find_conference(exchange, name)
    if room is None and name in exchange.conferences:
        raise Refused(400, 20001, "The conference has ended")
    timeout_s = form.number("Timeout", 60)
    options = JoinOptions(
        label=form.text("Label"),
        muted=form.flag("Muted"),
        start_on_enter=form.flag("StartConferenceOnEnter", default=True),
        end_on_exit=form.flag("EndConferenceOnExit"),
        beep=form.choice("Beep", ("true", "false", "onEnter", "onExit"), "true"),
        wait=PromptRequest(form.text("WaitUrl"), form.text("WaitMethod", "POST")) if "WaitUrl" in form else None,
        callback=form.callback("Conference", "start end"),
    )
    room = room or Conference(exchange, name)
    leg = Leg(exchange, from_, to, "outbound-api", callback=form.callback("", "completed"))
    try:
        participant = room.expect(leg, options)
    except (DuplicateLabel, ConferenceFull) as error:
        del exchange.legs[leg.sid]
        code = 16025 if isinstance(error, DuplicateLabel) else 16020
        raise Refused(400, code, f"The participant cannot be added: {error}") from error
    leg.perform(partial(_ring_into, room, participant, timeout_s))
    return web.json_response(participant_json(participant, room, account_base(exchange)), status=201)


async def _ring_into(room: Conference, participant: Participant, timeout_s: float) -> None:
    try:
        if await ring(participant.leg, timeout_s):
            room.admit(participant)
            await participant.gone.wait()
    finally:
        room.leave(participant, participant.leg.leave_reason if participant.connected else "participant_add_failed")


@routes.get(_CONFERENCE + "/Participants.json")
async def list_participants(request: web.Request) -> web.Response:
    room, query = _conference(request), dict(request.query)
    base = account_base(room.exchange)
    found = [participant_json(participant, room, base) for participant in room.participants.values()]
    for name in ("Muted", "Hold"):
        if name in query:
            found = [record for record in found if record[name.lower()] == (query[name].lower() == "true")]
    return web.json_response(page_json("participants", found, request.path, query))


@routes.get(_PARTICIPANT)
async def fetch_participant(request: web.Request) -> web.Response:
    room, participant = _participant(request)
    return web.json_response(participant_json(participant, room, account_base(room.exchange)))


@routes.post(_PARTICIPANT)
async def update_participant(request: web.Request) -> web.Response:
    (room, participant), form = _participant(request), await read_form(request)
    if "Muted" in form:
        room.mute(participant, form.flag("Muted"))
    if "Hold" in form:
        music = PromptRequest(form.text("HoldUrl"), form.text("HoldMethod", "GET")) if "HoldUrl" in form else None
        room.hold(participant, form.flag("Hold"), music)
    if "EndConferenceOnExit" in form:
        participant.end_on_exit = form.flag("EndConferenceOnExit")
        room.modified(participant)
    if url := form.text("AnnounceUrl"):
        prompt = PromptRequest(url, form.text("AnnounceMethod", "POST"))
        room.exchange.spawn(room.announce_to(participant, prompt))
    return web.json_response(participant_json(participant, room, account_base(room.exchange)))


@routes.delete(_PARTICIPANT)
async def delete_participant(request: web.Request) -> web.Response:
    room, participant = _participant(request)
    leg = participant.leg
    room.leave(participant, "participant_updated_via_api")
    if not leg.in_progress:
        leg.end("canceled")
    return web.Response(status=204)


# ---------------------------------------------------------------- streams


@routes.post(_CALL + "/Streams.json")
async def create_stream(request: web.Request) -> web.Response:
    leg, form = leg_of(request), await read_form(request)
    require_in_progress(leg)
    order = StreamOrder(
        url=form.required("Url", 21205),
        name=form.text("Name"),
        track=form.choice("Track", tuple(TRACKS), "inbound_track"),
        callback=form.callback("", ""),
        parameters=form.numbered_parameters(),
    )
    try:
        stream = Stream(leg, order)
    except StreamRefused as refused:
        raise Refused(400, 31941, str(refused)) from refused
    return web.json_response(stream_json(stream, account_base(leg.exchange)))


@routes.post(_CALL + "/Streams/{stream}.json")
async def update_stream(request: web.Request) -> web.Response:
    leg, form = leg_of(request), await read_form(request)
    form.choice("Status", ("stopped",))
    wanted = request.match_info["stream"]
    # The newest first: a name may be used again after its stream ended.
    streams = [stream for stream in reversed(leg.exchange.streams.values()) if stream.leg is leg]
    stream = next((stream for stream in streams if wanted in (stream.sid, stream.order.name)), None)
    if stream is None:
        raise not_found(request)
    stream.stop()
    return web.json_response(stream_json(stream, account_base(leg.exchange)))


# ---------------------------------------------------------------- messages


@routes.post(_ACCOUNT + "/Messages.json")
async def create_message(request: web.Request) -> web.Response:
    exchange, form = request.app[EXCHANGE], await read_form(request)
    to, body = form.required("To", 21604), form.required("Body", 21602)
    if "From" not in form and "MessagingServiceSid" not in form:
        raise Refused(400, 21603, "A 'From' phone number is required")
    if to.startswith("+31") and not to.startswith("+316"):
        raise Refused(400, 21614, "'To' number is not a valid mobile number")
    if len(body) > _MAX_MESSAGE_CHARACTERS:
        raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    message = Message(exchange, form.text("From"), to, body, form.text("StatusCallback"))
    message.send()
    return web.json_response(message_json(message, account_base(exchange)), status=201)


@routes.get(_ACCOUNT + "/Messages/{message}.json")
async def fetch_message(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    message = exchange.messages.get(request.match_info["message"])
    if message is None:
        raise not_found(request)
    return web.json_response(message_json(message, account_base(exchange)))
