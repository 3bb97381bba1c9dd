"""Is this request really from the carrier? X-Twilio-Signature for webhooks and for the WebSocket handshake."""

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator


class SignatureCheck:
    """Checks requests against the address that is configured, never against what a proxy or client claims.

    Takes    the account's primary auth token; `public_url` is the origin that the carrier
             calls, `stream_url` the streams' address (wss).
    Source   Twilio's "Security" page; a WebSocket handshake is signed over the address with scheme wss, and the
             carrier's own advice is to accept that address with a slash at the end too.
    """

    def __init__(self, auth_token: str, public_url: str, stream_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url
        self._stream_url = stream_url

    def is_webhook_genuine(self, path_and_query: str, form: Mapping[str, Any], signature: str) -> bool:
        """`path_and_query` is the raw request target, undecoded; `form` the posted fields, blanks kept."""
        return bool(self._validator.validate(self._public_url + path_and_query, form, signature))

    def is_handshake_genuine(self, signature: str) -> bool:
        return any(self._validator.validate(url, {}, signature) for url in (self._stream_url, self._stream_url + "/"))
