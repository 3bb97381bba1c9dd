"""The REST side of recordings: start, pause, resume, stop, look up, download, delete."""

import asyncio
import wave
from pathlib import Path

from aiohttp import web

from ivr.emulator.audio import Samples, mix, samples_of, wav_bytes
from ivr.emulator.legs import Leg
from ivr.emulator.recording import Recording
from ivr.emulator.resources import call_recording_json, page_json, recording_json
from ivr.emulator.rest import account_base, leg_of, not_found, require_in_progress
from ivr.emulator.rest_requests import ACCOUNTS, EXCHANGE, Refused, read_form

routes = web.RouteTableDef()
_ACCOUNT = ACCOUNTS + "/{account_sid}"
_OF_CALL = _ACCOUNT + "/Calls/{call_sid:CA[0-9a-f]{32}}/Recordings"
_RECORDING = _ACCOUNT + "/Recordings/{recording:RE[0-9a-f]{32}}"
_CURRENT = "Twilio.CURRENT"


@routes.post(_OF_CALL + ".json")
async def create_call_recording(request: web.Request) -> web.Response:
    leg, form = leg_of(request), await read_form(request)
    require_in_progress(leg)
    base = account_base(leg.exchange)
    if leg.recordings:  # a second start succeeds and makes no second recording
        return web.json_response(call_recording_json(leg.recordings[0], base, live=True), status=201)
    channels = form.choice("RecordingChannels", ("mono", "dual"), "mono")
    track = form.choice("RecordingTrack", ("inbound", "outbound", "both"), "both")
    callback = form.callback("Recording", "completed")
    recording = Recording(leg, 2 if channels == "dual" else 1, track, callback)
    return web.json_response(call_recording_json(recording, base, live=True), status=201)


@routes.get(_OF_CALL + ".json")
async def list_call_recordings(request: web.Request) -> web.Response:
    leg = leg_of(request)
    base = account_base(leg.exchange)
    found = [call_recording_json(recording, base) for recording in _of_leg(leg)]
    return web.json_response(page_json("recordings", found, request.path, dict(request.query)))


@routes.get(_OF_CALL + "/{recording}.json")
async def fetch_call_recording(request: web.Request) -> web.Response:
    recording = _call_recording(request)
    return web.json_response(call_recording_json(recording, account_base(recording.exchange)))


@routes.post(_OF_CALL + "/{recording}.json")
async def update_call_recording(request: web.Request) -> web.Response:
    recording, form = _call_recording(request), await read_form(request)
    status = form.choice("Status", ("paused", "in-progress", "stopped"))
    if not recording.live:
        raise Refused(400, 21220, "The recording is not in progress")
    if status == "paused":
        recording.pause(form.choice("PauseBehavior", ("skip", "silence"), "silence"))
    elif status == "in-progress":
        recording.resume()
    else:
        recording.stop()
    return web.json_response(call_recording_json(recording, account_base(recording.exchange), live=True))


@routes.delete(_OF_CALL + "/{recording}.json")
async def delete_call_recording(request: web.Request) -> web.Response:
    return _delete(_call_recording(request))


def _of_leg(leg: Leg) -> list[Recording]:
    return [recording for recording in leg.exchange.recordings.values() if recording.leg is leg]


def _call_recording(request: web.Request) -> Recording:
    leg, wanted = leg_of(request), request.match_info["recording"]
    if wanted == _CURRENT:
        if len(leg.recordings) != 1:
            raise Refused(400, 20001, f"{_CURRENT} needs exactly one running recording")
        return leg.recordings[0]
    recording = next((found for found in _of_leg(leg) if found.sid == wanted and found.status != "deleted"), None)
    if recording is None:
        raise not_found(request)
    return recording


# ---------------------------------------------------------------- by SID alone


def _recording(request: web.Request) -> Recording:
    recording = request.app[EXCHANGE].recordings.get(request.match_info["recording"])
    if recording is None or recording.status == "deleted":
        raise not_found(request)
    return recording


@routes.get(_RECORDING + ".json")
async def fetch_recording(request: web.Request) -> web.Response:
    recording = _recording(request)
    return web.json_response(recording_json(recording, account_base(recording.exchange)))


@routes.delete(_RECORDING + ".json")
async def delete_recording(request: web.Request) -> web.Response:
    return _delete(_recording(request))


def _delete(recording: Recording) -> web.Response:
    if recording.status != "completed":
        raise Refused(400, 20001, "Only completed recordings can be deleted")
    recording.delete()
    return web.Response(status=204)


@routes.get(_RECORDING)
@routes.get(_RECORDING + ".wav")
async def download_recording(request: web.Request) -> web.StreamResponse:
    recording = _recording(request)
    if not recording.downloadable:
        raise not_found(request)
    wanted = request.query.get("RequestedChannels", str(recording.channels))
    if wanted not in ("1", "2") or int(wanted) > recording.channels:
        raise Refused(400, 20001, "RequestedChannels is not available for this recording")
    headers = {"Content-Type": "audio/x-wav"}
    if int(wanted) == recording.channels:
        return web.FileResponse(recording.path, headers=headers)
    return web.Response(body=await asyncio.to_thread(_mono, recording.path), headers=headers)


def _mono(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        both = _channels(file.readframes(file.getnframes()))
    return wav_bytes([mix(both)])


def _channels(pcm: bytes) -> list[Samples]:
    flat = samples_of(pcm)
    return [flat[0::2], flat[1::2]]
