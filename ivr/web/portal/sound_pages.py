"""The copy itself, for who is there: the page, and the sound to hear and to keep."""

from typing import BinaryIO

from flask import Blueprint, Response, make_response, render_template, request

from ivr.calls.copies import Copy, NoCopy, Use
from ivr.web.formats import AMSTERDAM
from ivr.web.portal.desk import Desk, no_copy, nothing
from ivr.web.sound import wav_response


def add_sound_pages(portal: Blueprint, desk: Desk) -> None:
    """Under /kopie/opname."""

    @portal.get("/opname")
    def show_copy() -> Response:
        visit = desk.visit()
        found, wish = desk.holder(visit)
        if isinstance(found, NoCopy):
            return no_copy(found, wish)
        if request.method != "HEAD":
            desk.copies.open(visit.ticket_id, visit.name)
        plays = request.args.get("luister") == "1"
        return make_response(render_template("kopie/copy.html", copy=found, visit=visit, wish=wish, plays=plays))

    @portal.get("/opname/luisteren")
    def listen() -> Response:
        return sound(Use.LISTEN)

    @portal.get("/opname/downloaden")
    def download() -> Response:
        return sound(Use.DOWNLOAD)

    def sound(use: Use) -> Response:
        """The WAV, whole or a range of it. A HEAD request gets no sound, so it is no use either."""
        visit = desk.visit()
        if request.method == "HEAD":
            looked = desk.copies.find(visit.ticket_id)
            return wav(looked, use, None) if isinstance(looked, Copy) else nothing(looked)
        handed = desk.copies.hand_over(visit.ticket_id, visit.name, use)
        return wav(handed[0], use, handed[1]) if isinstance(handed, tuple) else nothing(handed)


def wav(copy: Copy, use: Use, reader: BinaryIO | None) -> Response:
    name = f"gesprek-{copy.policy.slug}-{copy.call.opened_at.astimezone(AMSTERDAM):%Y-%m-%d-%H%M}.wav"
    return wav_response(copy.recording, reader, name if use is Use.DOWNLOAD else None)
