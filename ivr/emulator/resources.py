"""REST resources as JSON, in the shapes of the carrier's OpenAPI document."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ivr.emulator.conference import Conference, Participant
from ivr.emulator.exchange import rfc2822
from ivr.emulator.legs import API_VERSION, Leg
from ivr.emulator.messages import Message
from ivr.emulator.recording import Recording
from ivr.emulator.stream import Stream

Json = dict[str, Any]


def call_json(leg: Leg, base: str) -> Json:
    uri = f"{base}/Calls/{leg.sid}"
    return {
        "sid": leg.sid,
        "account_sid": leg.exchange.settings.account_sid,
        "parent_call_sid": leg.parent_sid or None,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "to": leg.to,
        "to_formatted": leg.to,
        "phone_number_sid": None,
        "status": leg.status,
        "direction": leg.direction,
        "start_time": _time(leg.answered_at),
        "end_time": _time(leg.ended_at),
        "duration": str(leg.duration_s) if leg.ended_at else None,
        "date_created": _time(leg.created_at),
        "date_updated": _time(leg.updated_at),
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "api_version": API_VERSION,
        "caller_name": None,
        "forwarded_from": None,
        "group_sid": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "streams": f"{uri}/Streams.json"},
    }


def conference_json(room: Conference, base: str) -> Json:
    uri = f"{base}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": room.exchange.settings.account_sid,
        "friendly_name": room.friendly_name,
        "status": room.status,
        "region": "us1",
        "date_created": _time(room.created_at),
        "date_updated": _time(room.updated_at),
        "api_version": API_VERSION,
        "call_sid_ending_conference": room.ended_by or None,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
        # The document allows no null here, so a running conference goes without.
        **({"reason_conference_ended": room.reason_ended} if room.reason_ended else {}),
    }


def participant_json(participant: Participant, room: Conference, base: str) -> Json:
    leg = participant.leg
    return {
        "account_sid": leg.exchange.settings.account_sid,
        "call_sid": leg.sid,
        "conference_sid": room.sid,
        "label": participant.options.label or None,
        "call_sid_to_coach": None,
        "coaching": False,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.options.start_on_enter,
        "end_conference_on_exit": participant.end_on_exit,
        "status": "ringing" if leg.status == "ringing" and not participant.connected else participant.status,
        "queue_time": None,
        "date_created": _time(participant.created_at),
        "date_updated": _time(participant.updated_at),
        "uri": f"{base}/Conferences/{room.sid}/Participants/{leg.sid}.json",
    }


def call_recording_json(recording: Recording, base: str, live: bool = False) -> Json:
    """`live`: as the answer to a change shows it; a later look only tells processing from completed."""
    return {
        **_recording(recording, live),
        "track": recording.track,
        "price": None,
        "uri": f"{base}/Calls/{recording.leg.sid}/Recordings/{recording.sid}.json",
    }


def recording_json(recording: Recording, base: str) -> Json:
    uri = f"{base}/Recordings/{recording.sid}"
    return {
        **_recording(recording, live=False),
        "price": None,
        "media_url": f"{recording.exchange.base_url}{uri}",
        "uri": f"{uri}.json",
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
    }


def _recording(recording: Recording, live: bool) -> Json:
    done = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": recording.exchange.settings.account_sid,
        "call_sid": recording.leg.sid,
        "conference_sid": None,
        "api_version": API_VERSION,
        "status": "processing" if recording.live and not live else _shown(recording.status),
        "channels": recording.channels,
        "source": recording.source,
        "start_time": _time(recording.started_at),
        "duration": str(round(recording.duration_s)) if done else None,
        "date_created": _time(recording.started_at),
        "date_updated": _time(recording.updated_at),
        "price_unit": "USD",
        "error_code": 16101 if recording.status == "absent" else None,
        "encryption_details": None,
    }


def _shown(status: str) -> str:
    return "stopped" if status == "processing" else status


def stream_json(stream: Stream, base: str) -> Json:
    return {
        "sid": stream.sid,
        "account_sid": stream.leg.exchange.settings.account_sid,
        "call_sid": stream.leg.sid,
        "name": stream.order.name or None,
        "status": stream.status,
        "date_updated": _time(stream.updated_at),
        "uri": f"{base}/Calls/{stream.leg.sid}/Streams/{stream.sid}.json",
    }


def message_json(message: Message, base: str) -> Json:
    uri = f"{base}/Messages/{message.sid}"
    per_segment = 160 if message.body.isascii() else 70
    return {
        "sid": message.sid,
        "account_sid": message.exchange.settings.account_sid,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": str(max(1, -(-len(message.body) // per_segment))),
        "num_media": "0",
        "messaging_service_sid": None,
        "price": None,
        "price_unit": None,
        "error_code": None,
        "error_message": None,
        "api_version": API_VERSION,
        "date_created": _time(message.created_at),
        "date_sent": _time(message.updated_at) if message.status != "queued" else None,
        "date_updated": _time(message.updated_at),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def page_json(name: str, records: Sequence[Json], path: str, query: dict[str, str]) -> Json:
    """One page of a list, with the paging fields of the carrier."""
    size = min(int(query.get("PageSize", "50")), 1000)
    page = int(query.get("Page", "0"))
    shown = list(records[page * size : (page + 1) * size])

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': size, 'Page': number})}"

    return {
        name: shown,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(shown) - 1),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if (page + 1) * size < len(records) else None,
        "previous_page_uri": uri(page - 1) if page > 0 else None,
    }


def _time(at: datetime | None) -> str | None:
    return rfc2822(at) if at else None
