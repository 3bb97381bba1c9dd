"""The gateway against the local carrier over HTTP: what it asks, and what it makes of every kind of answer.

Requests are also held against Twilio's own OpenAPI document, which lies in a `shared` folder beside the repository.
"""

import io
import json
import socket
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from openapi_core import OpenAPI

from ivr.carrier.links import Links
from ivr.carrier.twilio_gateway import TwilioGateway
from ivr.errors import CarrierBusy, CarrierError, CarrierRefused, RecordingNotReady
from tests.builders import ACCOUNT_SID, AUTH_TOKEN, CALLER, NUMBER
from tests.ivr.carrier.carrier_line import CALL_ID, EMPLOYEE, Line

DOCUMENT = Path(__file__).parents[4] / "shared" / "twilio_api_v2010.json"
NO_CALL = "CA" + "0" * 32
NO_RECORDING = "RE" + "0" * 32

Ask = Callable[[TwilioGateway], object]


@pytest.fixture
def line() -> Iterator[Line]:
    with Line() as line:
        yield line


def whats(line: Line) -> list[str]:
    return [tapped.what for tapped in line.tapped]


def test_everything_that_a_call_needs(line: Line) -> None:
    gateway = line.gateway()
    call_sid, room_sid = line.dial_in()
    assert gateway.call_status(call_sid) == "in-progress"

    employee_sid = gateway.ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=False)
    assert line.await_event("joined", callSid=employee_sid)["conferenceSid"] == room_sid
    gateway.announce(room_sid, f"{line.url}/voice/prompt/c1/1/token")
    gateway.start_stream(call_sid, CALL_ID)
    recording_sid = gateway.start_recording(call_sid, CALL_ID)
    gateway.pause_recording(call_sid, recording_sid)
    gateway.resume_recording(call_sid, recording_sid)
    line.await_event("digit", callSid=call_sid)  # by then there is something in it
    gateway.stop_recording(call_sid, recording_sid)
    line.await_event("recording", recordingSid=recording_sid, status="completed")
    with wave.open(io.BytesIO(b"".join(gateway.download_recording(recording_sid)))) as wav:
        assert (wav.getnchannels(), wav.getframerate()) == (2, 8000)
    gateway.delete_recording(recording_sid)
    gateway.delete_recording(recording_sid)  # the answer to the first one may have been lost
    gateway.move_caller(call_sid, f"{line.url}/voice/leg/c1")
    gateway.end_conference(room_sid)
    gateway.send_sms(CALLER, "Uw kopie")

    calls, room = f"Calls/{call_sid}", f"Conferences/{room_sid}"
    assert whats(line) == [
        f"GET {calls}.json",
        "GET Conferences.json",
        f"GET {room}/Participants.json",
        f"POST Conferences/{CALL_ID}/Participants.json",
        f"POST {room}.json",
        f"POST {calls}/Streams.json",
        f"POST {calls}/Recordings.json",
        *[f"POST {calls}/Recordings/{recording_sid}.json"] * 3,
        f"GET Recordings/{recording_sid}.wav",
        *[f"DELETE Recordings/{recording_sid}.json"] * 2,
        f"POST {calls}.json",
        f"POST {room}.json",
        "POST Messages.json",
    ]
    start = line.tapped[6].form
    assert (start["RecordingChannels"], start["RecordingTrack"], start["Trim"]) == (["dual"], ["both"], ["do-not-trim"])
    assert start["RecordingStatusCallbackEvent"] == ["in-progress", "completed", "absent"]
    assert line.tapped[7].form == {"Status": ["paused"], "PauseBehavior": ["silence"]}
    assert line.tapped[10].query == "RequestedChannels=2"
    assert all(tapped.authorization.startswith("Basic ") for tapped in line.tapped)
    validate(line)


def validate(line: Line) -> None:
    if not DOCUMENT.exists():
        pytest.skip(f"everything else passed, but Twilio's OpenAPI document is not at {DOCUMENT}")
    document = OpenAPI.from_dict(json.loads(DOCUMENT.read_text()))
    for tapped in line.tapped:
        if not tapped.path.endswith(".wav"):  # media files are not in the document
            document.validate_request(tapped)


def test_a_recording_whose_sid_was_never_told_is_stopped(line: Line) -> None:
    call_sid, _ = line.dial_in()
    recording_sid = line.gateway().start_recording(call_sid, CALL_ID)
    line.await_event("digit", callSid=call_sid)
    line.gateway().stop_recording(call_sid, "Twilio.CURRENT")
    line.await_event("recording", recordingSid=recording_sid, status="completed")


# ---------------------------------------------------------------- what may be repeated

CREATES: dict[str, Ask] = {
    "announce": lambda gateway: gateway.announce("CF" + "0" * 32, "http://127.0.0.1/"),
    "send_sms": lambda gateway: gateway.send_sms(CALLER, "Uw kopie"),
    "start_stream": lambda gateway: gateway.start_stream(NO_CALL, CALL_ID),
}
REPEATABLE: dict[str, Ask] = {
    "call_status": lambda gateway: gateway.call_status(NO_CALL),
    "move_caller": lambda gateway: gateway.move_caller(NO_CALL, "http://127.0.0.1/"),
    "start_recording": lambda gateway: gateway.start_recording(NO_CALL, CALL_ID),
    "stop_recording": lambda gateway: gateway.stop_recording(NO_CALL, NO_RECORDING),
    "end_conference": lambda gateway: gateway.end_conference("CF" + "0" * 32),
    "delete_recording": lambda gateway: gateway.delete_recording(NO_RECORDING),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between tries are a setting of the gateway."""
    monkeypatch.setattr("ivr.carrier.twilio_gateway.PAUSE_S", 0)


def errors(status: int, times: int) -> list[web.Response]:
    body = {"code": 20000, "message": "a fault", "more_info": "", "status": status}
    return [web.json_response(body, status=status) for _ in range(times)]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("status", [408, 500, 503])
@pytest.mark.parametrize(("asks", "tries"), [(CREATES, 1), (REPEATABLE, 3)])
def test_only_what_does_no_harm_is_repeated(line: Line, asks: dict[str, Ask], tries: int, status: int) -> None:
    """A second announcement would be heard, a second SMS be read."""
    gateway = line.gateway()
    for name, ask in asks.items():
        line.tapped.clear()
        line.instead = errors(status, 3)
        with pytest.raises(CarrierBusy):
            ask(gateway)
        assert len(line.tapped) == tries, name


@pytest.mark.usefixtures("quick")
def test_too_many_requests_were_never_processed(line: Line) -> None:
    call_sid, room_sid = line.dial_in()
    gateway = line.gateway()
    line.instead = errors(429, 2)
    gateway.announce(room_sid, f"{line.url}/voice/prompt/c1/1/token")
    line.instead = errors(429, 2)
    assert gateway.send_sms(CALLER, "Uw kopie").startswith("SM")
    line.instead = errors(429, 3)
    with pytest.raises(CarrierBusy):
        gateway.call_status(call_sid)


@pytest.mark.usefixtures("quick")
def test_a_ring_in_doubt_makes_no_second_leg(line: Line) -> None:
    """The carrier rang, and its answer was lost: the leg that is there is found."""
    line.dial_in()
    line.faults(rest=[{"match": "POST .*/Participants", "status": 500, "after_effect": True}])
    employee_sid = line.gateway().ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=False)
    assert [what for what in whats(line) if what.startswith("POST")] == [
        f"POST Conferences/{CALL_ID}/Participants.json"
    ]
    line.tapped.clear()
    assert line.gateway().ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=False) == employee_sid
    assert not [what for what in whats(line) if what.startswith("POST")]


@pytest.mark.usefixtures("quick")
def test_a_ring_that_did_not_happen_is_tried_again(line: Line) -> None:
    line.dial_in()
    line.faults(rest=[{"match": "POST .*/Participants", "status": 500}])
    assert line.gateway().ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=False).startswith("CA")


def test_an_employee_with_keys_is_rung_as_a_call_with_our_document(line: Line) -> None:
    """The carrier takes them into no room: their own document does."""
    line.dial_in()
    call_sid = line.gateway().ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=True)
    assert call_sid.startswith("CA")
    [asked] = [tapped for tapped in line.tapped if tapped.method == "post"]
    assert asked.what == "POST Calls.json"
    employee = f"{line.url}/voice/employee/{CALL_ID}"
    assert asked.form == {
        "To": [EMPLOYEE],
        "From": [NUMBER],
        "Timeout": ["30"],
        "Url": [f"{employee}/leg#rc=3&rp=ct,5xx"],
        "Method": ["POST"],
        "StatusCallback": [f"{employee}#rc=3&rp=ct,5xx"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["answered", "completed"],
    }
    line.await_event("webhook", hook="voice", url=asked.form["Url"][0])
    validate(line)


@pytest.mark.usefixtures("quick")
def test_a_ring_with_keys_is_repeated_only_where_it_was_not_dealt_with(line: Line) -> None:
    line.dial_in()
    gateway = line.gateway()
    line.instead = [web.json_response({"conferences": []}), *errors(429, 2)]
    assert gateway.ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=True).startswith("CA")
    line.tapped.clear()
    line.faults(rest=[{"match": "POST .*/Calls.json", "status": 500, "after_effect": True}])
    with pytest.raises(CarrierBusy):
        gateway.ring_employee(CALL_ID, EMPLOYEE, NUMBER, "employee", keys=True)
    assert whats(line).count("POST Calls.json") == 1


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("ask", REPEATABLE.values(), ids=REPEATABLE)
def test_what_the_carrier_does_not_know_is_refused(line: Line, ask: Ask, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.id == "delete_recording":
        ask(line.gateway())  # gone is what it was to be
        return
    with pytest.raises(CarrierRefused) as refused:
        ask(line.gateway())
    assert refused.value.status == 404
    assert len(line.tapped) == 1


def test_a_wrong_token_is_refused(line: Line) -> None:
    gateway = line.gateway(token="wrong")
    with pytest.raises(CarrierRefused) as refused:
        gateway.call_status(NO_CALL)
    assert refused.value.status == 401
    with pytest.raises(CarrierRefused):
        list(gateway.download_recording(NO_RECORDING))


def test_a_landline_gets_no_sms(line: Line) -> None:
    with pytest.raises(CarrierRefused, match="21614"):
        line.gateway().send_sms("+31201111111", "Uw kopie")
    with pytest.raises(CarrierRefused, match="SPELREGEL_SMS_SENDER"):
        line.gateway(sender=None).send_sms(CALLER, "Uw kopie")


def test_a_refusal_in_the_shape_of_rfc_9457(line: Line) -> None:
    problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "code": 20403}
    line.instead = [web.json_response(problem, status=403)]
    with pytest.raises(CarrierRefused) as refused:
        line.gateway().call_status(NO_CALL)
    assert refused.value.status == 403


# ---------------------------------------------------------------- no carrier


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("ask", [*REPEATABLE.values(), *CREATES.values()], ids=[*REPEATABLE, *CREATES])
def test_a_carrier_that_cannot_be_reached_is_busy(ask: Ask) -> None:
    url = "http://127.0.0.1:9"
    with pytest.raises(CarrierBusy) as busy:
        ask(TwilioGateway(ACCOUNT_SID, AUTH_TOKEN, url, "Voorbeeld", Links(url, "ws://127.0.0.1:9/media", "a secret")))
    assert AUTH_TOKEN not in str(busy.value)
    assert CALLER not in str(busy.value)


@pytest.mark.usefixtures("quick")
def test_an_answer_that_is_no_json_is_busy(line: Line) -> None:
    for status in (200, 502):
        page = "<html>proxy</html>"
        line.instead = [web.Response(status=status, text=page, content_type="text/html") for _ in range(3)]
        with pytest.raises(CarrierError):
            line.gateway().call_status(NO_CALL)


# ---------------------------------------------------------------- the recording's file


def test_a_file_that_is_late_is_not_ready(line: Line) -> None:
    with pytest.raises(RecordingNotReady):
        list(line.gateway().download_recording(NO_RECORDING))


def test_where_there_are_no_two_channels_one_is_taken(line: Line) -> None:
    line.instead = [web.Response(status=400), web.Response(body=b"RIFF")]
    assert b"".join(line.gateway().download_recording(NO_RECORDING)) == b"RIFF"
    assert [tapped.query for tapped in line.tapped] == ["RequestedChannels=2", ""]


@pytest.mark.parametrize("said_bytes", [5, 1_000_000])
def test_a_file_that_ends_before_the_size_that_the_carrier_gave_has_broken_off(said_bytes: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {said_bytes}\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode() + b"RIFF")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        gateway = TwilioGateway(ACCOUNT_SID, AUTH_TOKEN, url, None, Links(url, "ws://127.0.0.1:9/media", "a secret"))
        with pytest.raises(CarrierBusy, match="broke off"):
            list(gateway.download_recording(NO_RECORDING))
        thread.join()


def test_a_file_that_is_refused(line: Line) -> None:
    line.instead = [web.Response(status=400), web.Response(status=400)]
    with pytest.raises(CarrierRefused):
        list(line.gateway().download_recording(NO_RECORDING))
    line.instead = [web.Response(status=503)]
    with pytest.raises(CarrierBusy):
        list(line.gateway().download_recording(NO_RECORDING))
