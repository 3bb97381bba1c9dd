"""The copy itself, for who is there: the page, and the sound to hear and to keep."""

from typing import BinaryIO

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from ivr.calls.copies import Copy, Handed, NoCopy, Why
from ivr.copying.files import Form
from ivr.web.formats import AMSTERDAM
from ivr.web.portal.desk import Desk, no_copy, nothing
from ivr.web.sound import Stored, sound_response


def add_sound_pages(portal: Blueprint, desk: Desk) -> None:
    """Under /kopie/opname."""

    @portal.get("/opname")
    def show_copy() -> Response:
        visit = desk.visit()
        found, wish = desk.holder(visit)
        if isinstance(found, NoCopy) and found.why is Why.RECEIPT_ONLY:
            return make_response(redirect(url_for("portal.receipt"), 303))
        if isinstance(found, NoCopy):
            return no_copy(found, wish)
        if request.method != "HEAD":
            desk.copies.open(visit.ticket_id, visit.name)
        plays = request.args.get("luister") == "1"
        return make_response(render_template("kopie/copy.html", copy=found, visit=visit, wish=wish, plays=plays))

    @portal.get("/opname/luisteren")
    def listen() -> Response:
        """The recording, whole or a range of it. A HEAD request gets no sound, so it is no use either."""
        visit = desk.visit()
        if request.method == "HEAD":
            looked = desk.copies.find(visit.ticket_id)
            return sound_response(looked.recording, None) if isinstance(looked, Copy) else nothing(looked)
        handed = desk.copies.listen(visit.ticket_id, visit.name)
        return sound_response(handed.sound, handed.reader) if isinstance(handed, Handed) else nothing(handed)

    @portal.get("/opname/downloaden")
    def download() -> Response:
        return file_to_keep(Form.WAV)

    @portal.get("/opname/downloaden/mp3")
    def download_mp3() -> Response:
        return file_to_keep(Form.MP3)

    def file_to_keep(form: Form) -> Response:
        visit = desk.visit()
        if request.method == "HEAD":
            looked = desk.copies.find(visit.ticket_id)
            if not isinstance(looked, Copy):
                return nothing(looked)
            file = looked.find_file(form)
            return nothing(looked.not_ready()) if file is None else named(looked, form, file, None)
        handed = desk.copies.download(visit.ticket_id, visit.name, form)
        return named(handed.copy, form, handed.sound, handed.reader) if isinstance(handed, Handed) else nothing(handed)


def named(copy: Copy, form: Form, stored: Stored, reader: BinaryIO | None) -> Response:
    name = f"gesprek-{copy.policy.slug}-{copy.call.opened_at.astimezone(AMSTERDAM):%Y-%m-%d-%H%M}.{form}"
    return sound_response(stored, reader, name, form.mimetype)
