"""Steering the stand-in, under /local/: dial in, register phones, read what happened, ask for faults. Not Twilio."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ivr.emulator.caller import BadScript, ScriptedParty, ScriptedPhone, read_script
from ivr.emulator.dialing import address_key
from ivr.emulator.events import iso
from ivr.emulator.faults import BadFaults, read_faults
from ivr.emulator.phone import phone_socket
from ivr.emulator.rest_requests import EXCHANGE
from ivr.emulator.switchboard import dial_in

routes = web.RouteTableDef()
routes.get("/local/phone")(phone_socket)


@routes.post("/local/calls")
async def start_call(request: web.Request) -> web.Response:
    """{"from", "to", "script", "name"}: a scripted caller dials in."""
    exchange, body = request.app[EXCHANGE], await _body(request)
    from_ = str(body.get("from", "anonymous"))
    try:
        script = read_script(body.get("script", []))
    except BadScript as error:
        raise _bad(str(error)) from error
    party = ScriptedParty(exchange, str(body.get("name", from_)), script)
    leg = dial_in(exchange, from_, str(body.get("to", exchange.settings.number)), party)
    return web.json_response({"callSid": leg.sid}, status=201)


@routes.put("/local/phones/{identity}")
async def register_phone(request: web.Request) -> web.Response:
    """{"script", "name", "answer_after_s": 1.0, "answer": true | false | "busy"}: a party that answers by itself."""
    exchange, body = request.app[EXCHANGE], await _body(request)
    identity = request.match_info["identity"]
    answer = body.get("answer", True)
    if answer not in (True, False, "busy"):
        raise _bad("answer is true, false or 'busy'")
    try:
        script = read_script(body.get("script", []))
    except BadScript as error:
        raise _bad(str(error)) from error
    name = str(body.get("name", identity))
    phone = ScriptedPhone(exchange, name, script, float(body.get("answer_after_s", 1.0)), answer)
    exchange.phones[address_key(identity)] = phone
    return web.json_response({"identity": identity, "address": address_key(identity)})


@routes.delete("/local/phones/{identity}")
async def unregister_phone(request: web.Request) -> web.Response:
    request.app[EXCHANGE].phones.pop(address_key(request.match_info["identity"]), None)
    return web.Response(status=204)


@routes.get("/local/events")
async def list_events(request: web.Request) -> web.Response:
    """?since=N gives the events after number N; with wait_s it waits that long for the first."""
    events = request.app[EXCHANGE].events
    since, wait_s = int(request.query.get("since", "0")), float(request.query.get("wait_s", "0"))
    return web.json_response(await events.wait_since(since, wait_s) if wait_s > 0 else events.since(since))


@routes.get("/local/messages")
async def list_messages(request: web.Request) -> web.Response:
    return web.json_response(
        [
            {
                "messageSid": message.sid,
                "from": message.from_,
                "to": message.to,
                "body": message.body,
                "status": message.status,
                "at": iso(message.created_at),
            }
            for message in request.app[EXCHANGE].messages.values()
        ]
    )


@routes.put("/local/faults")
async def set_faults(request: web.Request) -> web.Response:
    """The JSON form of `faults.py`; replaces what was asked for before. `{}` ends all faults."""
    try:
        request.app[EXCHANGE].webhooks.faults = read_faults(await _body(request))
    except BadFaults as error:
        raise _bad(str(error)) from error
    return web.Response(status=204)


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise _bad(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise _bad("an object is wanted")
    return body


def _bad(reason: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": reason}), content_type="application/json")
