"""The carrier's REST side: our verbs -> Twilio's API of 2010-04-01; its library's exceptions and types end here."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.carrier.links import Links
from ivr.errors import CarrierBusy, CarrierError, CarrierRefused, RecordingNotReady

T = TypeVar("T")

TIMEOUT_S = 5.0
PUBLIC_API = "https://api.twilio.com"
TRIES = 3
PAUSE_S = 0.25
PASSING_STATUS = (408, 429)
CHUNK_BYTES = 64 * 1024
RING_S = 30
LEG_EVENTS = ["answered", "completed"]
CONFERENCE_EVENTS = ["start", "end", "join", "leave", "hold", "announcement"]

log = logging.getLogger(__name__)


class TwilioGateway:
    """Implements `ivr.ports.Carrier`.

    Only what may be repeated is repeated: reads, updates to a wanted state, and whatever was answered 429 (which
    is never processed). A create that may have happened is looked up before it is tried (`ring_employee`), or has a
    carrier that makes no second one (`start_recording`). A leg with keys is no participant while it rings, so one that
    was perhaps rung cannot be looked up; the port says what comes of it.
    """

    def __init__(self, account_sid: str, auth_token: str, api_url: str | None, sms_sender: str | None, links: Links):
        self._client = Client(account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_S))
        if api_url is not None:
            # The local carrier is in no region, whatever TWILIO_REGION and TWILIO_EDGE say.
            self._client.region = self._client.edge = None
            self._client.api.base_url = api_url
        self._sms_sender = sms_sender
        self._links = links
        self._media_auth = (account_sid, auth_token)
        api = api_url or self._client.get_hostname(PUBLIC_API)
        self._media_base = f"{api}/2010-04-01/Accounts/{account_sid}"
        self._session = requests.Session()

    # ------------------------------------------------------------ conference

    def ring_employee(self, room: str, to: str, caller_id: str, label: str, *, keys: bool) -> str:
        def create_with_keys() -> str:
            call = self._client.calls.create(
                from_=caller_id,
                to=to,
                timeout=RING_S,
                url=self._links.employee_leg(room),
                method="POST",
                status_callback=self._links.employee_events(room),
                status_callback_method="POST",
                status_callback_event=LEG_EVENTS,
            )
            return str(call.sid)

        def create() -> str:
            participant = self._client.conferences(room).participants.create(
                from_=caller_id,
                to=to,
                label=label,
                beep="false",
                timeout=RING_S,
                start_conference_on_enter=True,
                end_conference_on_exit=False,
                jitter_buffer_size="small",
                status_callback=self._links.employee_events(room),
                status_callback_method="POST",
                status_callback_event=LEG_EVENTS,
                conference_status_callback=self._links.conference_events(room),
                conference_status_callback_method="POST",
                conference_status_callback_event=CONFERENCE_EVENTS,
            )
            return str(participant.call_sid)

        def find() -> str | None:
            for conference in self._client.conferences.list(friendly_name=room, limit=5):
                if conference.status == "completed":
                    continue
                for participant in conference.participants.list(limit=10):
                    if participant.label == label:
                        return str(participant.call_sid)
            return None

        # The look comes first: a second leg of the same label would be refused, and its end taken for the employee's.
        found = self._ask(find)
        if found is not None:
            return found
        if keys:
            return self._ask(create_with_keys, repeat=False)
        try:
            return self._ask(create, repeat=False)
        except CarrierBusy:
            found = self._ask(find)
            return found if found is not None else self._ask(create, repeat=False)

    def announce(self, conference_sid: str, url: str) -> None:
        # Not repeated: an announcement that was begun in spite of an error would be heard twice.
        self._ask(
            lambda: self._client.conferences(conference_sid).update(announce_url=url, announce_method="POST"),
            repeat=False,
        )

    def end_conference(self, conference_sid: str) -> None:
        self._ask(lambda: self._client.conferences(conference_sid).update(status="completed"))

    # ------------------------------------------------------------ the caller's leg

    def move_caller(self, call_sid: str, url: str) -> None:
        self._ask(lambda: self._client.calls(call_sid).update(url=url, method="POST"))

    def call_status(self, call_sid: str) -> str:
        return str(self._ask(lambda: self._client.calls(call_sid).fetch()).status)

    def call_ended_at(self, call_sid: str) -> datetime | None:
        try:
            ended_at = self._ask(lambda: self._client.calls(call_sid).fetch()).end_time
        except CarrierRefused as fault:
            if fault.status != requests.codes.not_found:
                raise
            return None
        return ended_at if isinstance(ended_at, datetime) else None

    def start_stream(self, call_sid: str, call_id: str) -> str:
        def create() -> str:
            stream = self._client.calls(call_sid).streams.create(
                url=self._links.stream(),
                track="inbound_track",
                status_callback=self._links.stream_events(call_id),
                status_callback_method="POST",
                parameter1_name="call_id",
                parameter1_value=call_id,
            )
            return str(stream.sid)

        return self._ask(create, repeat=False)

    # ------------------------------------------------------------ recording

    def start_recording(self, call_sid: str, call_id: str) -> str:
        def create() -> str:
            recording = self._client.calls(call_sid).recordings.create(
                recording_channels="dual",
                recording_track="both",
                trim="do-not-trim",
                recording_status_callback=self._links.recording_events(call_id),
                recording_status_callback_method="POST",
                recording_status_callback_event=["in-progress", "completed", "absent"],
            )
            return str(recording.sid)

        return self._ask(create)

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        self._ask(
            lambda: (
                self._client.calls(call_sid)
                .recordings(recording_sid)
                .update(
                    status="paused",
                    pause_behavior="silence",  # the time line stays whole (R5)
                )
            )
        )

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        self._ask(lambda: self._client.calls(call_sid).recordings(recording_sid).update(status="in-progress"))

    def stop_recording(self, call_sid: str, recording_sid: str) -> None:
        self._ask(lambda: self._client.calls(call_sid).recordings(recording_sid).update(status="stopped"))

    def download_recording(self, recording_sid: str) -> Iterator[bytes]:
        response = self._fetch(f"{self._media_base}/Recordings/{recording_sid}.wav")
        with response:
            try:
                yield from response.iter_content(CHUNK_BYTES)
            except requests.RequestException as fault:
                raise CarrierBusy(f"the recording broke off: {type(fault).__name__}") from fault

    def _fetch(self, url: str) -> requests.Response:
        """The two-channel file; where none exists, the one the carrier has. A redirect to another host gets no
        credentials (requests drops them by itself)."""
        for params in ({"RequestedChannels": "2"}, {}):
            try:
                response = self._session.get(
                    url, params=params, auth=self._media_auth, timeout=TIMEOUT_S * 6, stream=True
                )
            except requests.RequestException as fault:
                raise CarrierBusy(f"the carrier cannot be reached: {type(fault).__name__}") from fault
            if response.status_code == requests.codes.ok:
                return response
            response.close()
            if response.status_code != requests.codes.bad_request:
                break
        if response.status_code == requests.codes.not_found:
            raise RecordingNotReady("the recording is not ready yet")
        raise _failure(response.status_code, "the recording cannot be fetched")

    def delete_recording(self, recording_sid: str) -> None:
        try:
            self._ask(lambda: self._client.recordings(recording_sid).delete())
        except CarrierRefused as fault:
            if fault.status != requests.codes.not_found:
                raise
            # It is gone already: the answer to an earlier request was lost.

    # ------------------------------------------------------------ messages

    def send_sms(self, to_e164: str, body: str) -> str:
        if self._sms_sender is None:
            raise CarrierRefused("no SMS sender is configured (SPELREGEL_SMS_SENDER)")
        return str(
            self._ask(
                lambda: self._client.messages.create(to=to_e164, from_=self._sms_sender or "", body=body), repeat=False
            ).sid
        )

    # ------------------------------------------------------------ asking

    def _ask(self, request: Callable[[], T], *, repeat: bool = True) -> T:
        """Ask, and again where that is safe. Raises `CarrierBusy` or `CarrierRefused`."""
        for attempt in range(1, TRIES + 1):
            try:
                return request()
            except (TwilioRestException, TwilioServiceException) as fault:
                error: CarrierError = _failure(fault.status, f"the carrier answered {fault.status}/{fault.code}")
                unprocessed = fault.status == requests.codes.too_many_requests
            except (TwilioException, requests.RequestException, ValueError) as fault:
                # ValueError: an answer that is no JSON, such as a proxy's page
                error, unprocessed = CarrierBusy(f"the carrier cannot be reached: {type(fault).__name__}"), False
            if attempt == TRIES or isinstance(error, CarrierRefused) or not (repeat or unprocessed):
                raise error
            log.warning("carrier busy", extra={"attempt": attempt, "error": str(error)})
            time.sleep(PAUSE_S * 2 ** (attempt - 1))
        raise AssertionError("unreachable")


def _failure(status: int, text: str) -> CarrierError:
    if status in PASSING_STATUS or status >= 500:
        return CarrierBusy(text)
    return CarrierRefused(text, status)
