"""The package for a caller who asks what is kept of their calls (AVG art. 15): a readable page, and everything as data.

A ZIP file: `lees-mij.html`, and for each call a folder with `gegevens.json` (the consent record, the number, notes),
the recording as WAV, and `wie-heeft-gekeken.csv`. Staff are named by role: who they are is no data of the caller's
(Court of Justice, C-579/21).
"""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from flask import render_template

from config.policy import AgencyPolicy
from ivr.calls.call_file import CallFile
from ivr.ports import RecordingStore
from ivr.records.forgetting import OF_STAFF
from ivr.web.formats import AMSTERDAM
from ivr.web.log_words import WORDS
from ivr.web.trail_words import role_words, words_of
from storage.oversight import SubjectRequest
from storage.records import Json, LoggedEntry, TrailRow
from storage.spreadsheet import plain_cell

PIECE_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 8 * 1024 * 1024
VIEWERS_HEADER = ("wanneer", "rol", "wat")


@dataclass(frozen=True, slots=True)
class CallToGive:
    """Everything that is kept of one call; `viewers` are all lines of the trail about it."""

    file: CallFile
    record: dict[str, Json]
    viewers: Sequence[TrailRow]


@dataclass(frozen=True, slots=True)
class PackagedCall:
    """A call as the package shows it; `sound` is the name of its file, None where there is none."""

    file: CallFile
    folder: str
    sound: str | None


def write_package(
    request: SubjectRequest, calls: Sequence[CallToGive], policy: AgencyPolicy, store: RecordingStore
) -> IO[bytes]:
    """The package, to be read from its start; the reader closes it. Each recording is read in pieces.

    Raises `ObjectMissing` or `ObjectDamaged` where one is not what was written.
    """
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - whoever reads it closes it
    try:
        _fill(file, request, calls, policy, store)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(
    file: IO[bytes], request: SubjectRequest, calls: Sequence[CallToGive], policy: AgencyPolicy, store: RecordingStore
) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        packaged = [_pack_call(package, at, one, store) for at, one in enumerate(calls, start=1)]
        page = render_template(
            "console/access_package.html",
            request_row=request,
            calls=packaged,
            policy=policy,
            words=WORDS,
            said=said,
        )
        package.writestr("lees-mij.html", page)


def said(entry: LoggedEntry) -> list[str]:
    """What was said by the caller or about them, without names of staff."""
    return [value for name, value in entry.personal.items() if name not in OF_STAFF]


def _pack_call(package: zipfile.ZipFile, number: int, given: CallToGive, store: RecordingStore) -> PackagedCall:
    one = given.file
    folder = f"gesprek-{number}-{one.call.opened_at.astimezone(AMSTERDAM):%Y-%m-%d}"
    data: dict[str, Json] = {
        "number": one.number,
        "notes": [{"at": note.at.isoformat(), "text": note.text} for note in one.notes],
        "record": _without_staff(given.record),
    }
    package.writestr(f"{folder}/gegevens.json", json.dumps(data, ensure_ascii=False, indent=2))
    package.writestr(f"{folder}/wie-heeft-gekeken.csv", _viewers(given.viewers))
    return PackagedCall(one, folder, _pack_sound(package, folder, one, store))


def _pack_sound(package: zipfile.ZipFile, folder: str, one: CallFile, store: RecordingStore) -> str | None:
    if one.recording is None:
        return None
    name = f"{folder}/opname.wav"
    with store.open(one.recording.object_key) as sound, package.open(name, "w", force_zip64=True) as sink:
        while piece := sound.read(PIECE_BYTES):
            sink.write(piece)
    return name


def _viewers(lines: Sequence[TrailRow]) -> str:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(VIEWERS_HEADER)
    for row in reversed(lines):
        if row.result < 400:
            texts = (role_words(row.role), words_of(row.action))
            writer.writerow([row.at.isoformat(timespec="seconds"), *map(plain_cell, texts)])
    return sink.getvalue()


def _without_staff(value: Json) -> Json:
    if isinstance(value, dict):
        kept = {name: _without_staff(item) for name, item in value.items()}
        personal = kept.get("personal")
        if isinstance(personal, dict):
            kept["personal"] = {name: item for name, item in personal.items() if name not in OF_STAFF}
        return kept
    return [_without_staff(item) for item in value] if isinstance(value, list) else value
