"""A recording as an answer that a player can seek in; one home for everybody who may listen."""

from typing import BinaryIO

from flask import Response, request
from werkzeug.wsgi import wrap_file

from storage.records import RecordingRow

PIECE_BYTES = 64 * 1024


def wav_response(recording: RecordingRow, reader: BinaryIO | None, download_name: str | None = None) -> Response:
    """The agency's own; as a file to keep with a `download_name`."""
    response = sound_response(reader, "audio/wav", recording.size_bytes, recording.digest)
    if download_name is not None:
        response.headers.set("Content-Disposition", "attachment", filename=download_name)
    return response


def sound_response(reader: BinaryIO | None, mime_type: str, size_bytes: int, digest: str) -> Response:
    """Whole, or the range that was asked for (RFC 9110 section 14): only the chunks that it touches are decrypted.

    The answer closes `reader`; without one, for HEAD, it has no body.
    """
    body = None if reader is None else wrap_file(request.environ, reader, PIECE_BYTES)
    response = Response(body, mimetype=mime_type, direct_passthrough=True)
    response.content_length = size_bytes
    response.set_etag(digest)
    if "," not in request.headers.get("Range", ""):  # several ranges at once: giving all of it is allowed, and enough
        response.make_conditional(request, accept_ranges=True, complete_length=size_bytes)
    return response
