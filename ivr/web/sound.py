"""Sound as an answer that a player can seek in; one home for everybody who may listen."""

from typing import BinaryIO, Protocol

from flask import Response, request
from werkzeug.wsgi import wrap_file

PIECE_BYTES = 64 * 1024


class Stored(Protocol):
    """What is known of stored bytes: how many, and the SHA-256."""

    @property
    def size_bytes(self) -> int: ...
    @property
    def digest(self) -> str: ...


def sound_response(
    stored: Stored, reader: BinaryIO | None, download_name: str | None = None, mimetype: str = "audio/wav"
) -> Response:
    """Whole, or the range that was asked for (RFC 9110 section 14): only the chunks that it touches are decrypted.

    The answer closes `reader`; without one, for HEAD, it has no body. With a `download_name` it is a file to keep.
    """
    body = None if reader is None else wrap_file(request.environ, reader, PIECE_BYTES)
    response = Response(body, mimetype=mimetype, direct_passthrough=True)
    response.content_length = stored.size_bytes
    response.set_etag(stored.digest)
    if download_name is not None:
        response.headers.set("Content-Disposition", "attachment", filename=download_name)
    if "," not in request.headers.get("Range", ""):  # several ranges at once: giving all of it is allowed, and enough
        response.make_conditional(request, accept_ranges=True, complete_length=stored.size_bytes)
    return response
