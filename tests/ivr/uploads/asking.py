"""A finished call whose caller recorded it and was asked for a copy of that, on the whole service."""

from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.cases.case import CitizenCopy, Kind
from ivr.cases.writing import case_of
from ivr.dialogue.events import EmployeeLeft, Heard
from storage.records import CaseRecord, CopyTicket, UploadRow
from tests.builders import CALL_SID, House

EXAMPLE = (Path(__file__).parents[3] / "config" / "policies" / "example.toml").read_text(encoding="utf-8")
PAGE = "/kopie/opname/inleveren"
FILES = f"{PAGE}/bestanden"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {"Content-Type": "application/offset+octet-stream"}


def asked_house(folder: Path, database_url: str, *, wants_copy: bool = False) -> House:
    """The caller gets a link, for this alone unless they want our copy as well."""
    profiles = folder / "profiles"
    profiles.mkdir()
    document = EXAMPLE.replace("ask_theirs = false", "ask_theirs = true")
    assert document != EXAMPLE
    (profiles / "example.toml").write_text(document, encoding="utf-8")
    house = House(folder, database_url, profiles=profiles)
    house.recorded()
    house.happens(EmployeeLeft())
    house.hears(Heard.YES if wants_copy else Heard.NO, "ja" if wants_copy else "nee")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    return house


def ticket_of(house: House) -> CopyTicket:
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        [ticket] = unit.copies.list_call(call_id)
    return ticket


def case_record(house: House) -> CaseRecord:
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        return next(case for case in unit.cases.list_call(call_id) if case.kind == Kind.CITIZEN_COPY)


def about(house: House) -> CitizenCopy:
    known = case_of(case_record(house)).about
    assert isinstance(known, CitizenCopy)
    return known


def uploads(house: House) -> list[UploadRow]:
    case_id = case_record(house).case_id
    with house.wiring.database.reading() as unit:
        return list(unit.uploads.list_case(case_id))


def objects(house: House) -> list[str]:
    """What lies in the store."""
    root = house.wiring.settings.recordings_dir
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


class Sender:
    """The caller's browser, in a visit of their own."""

    def __init__(self, house: House, ticket_id: str | None = None) -> None:
        self.client: FlaskClient = house.app.test_client()
        visits = house.wiring.copy_visits
        self.visit = visits.begin(ticket_id or ticket_of(house).ticket_id)
        self.client.set_cookie(visits.cookie, self.visit.token)
        self.csrf = {"X-CSRF-Token": self.visit.csrf}

    def page(self) -> TestResponse:
        return self.client.get(PAGE)

    def begin(self, length: object, **headers: str) -> TestResponse:
        return self.client.post(FILES, headers={**TUS, **self.csrf, "Upload-Length": str(length), **headers})

    def piece(self, address: str, offset: object, piece: bytes, **headers: str) -> TestResponse:
        given = {**TUS, **PIECE, **self.csrf, "Upload-Offset": str(offset), **headers}
        return self.client.patch(address, data=piece, headers=given)

    def offset(self, address: str) -> int:
        answer = self.client.head(address, headers=TUS)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def send(self, file: bytes, piece_bytes: int = 100_000) -> str:
        """A whole file; gives its address."""
        address = self.begin(len(file)).location
        for at in range(0, len(file), piece_bytes):
            answer = self.piece(address, at, file[at : at + piece_bytes])
            assert answer.status_code == 204, answer.text
        return address

    def send_form(self, file: bytes, csrf: str | None = None, name: str = "opname.wav") -> TestResponse:
        """As the page does without its script; the bytes are made here, so that a test can break them."""
        form = multipart(("csrf", self.visit.csrf if csrf is None else csrf), ("bestand", file), name=name)
        return self.client.post(PAGE, data=form, content_type="multipart/form-data; boundary=grens")


def multipart(*fields: tuple[str, str | bytes], name: str = "opname.wav", end: bytes = b"--grens--\r\n") -> bytes:
    body = b""
    for field, value in fields:
        file = f'; filename="{name}"\r\nContent-Type: audio/wav' if isinstance(value, bytes) else ""
        value = value if isinstance(value, bytes) else value.encode()
        body += f'--grens\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode() + value + b"\r\n"
    return body + end
