"""Staff print the receipt for a caller who has no internet."""

import io

import pikepdf
import pytest

from config.policy import Role
from ivr.calls.receipts import ReceiptService
from ivr.errors import NotYetSigned
from storage.records import NewEntry
from storage.tables import log_personal
from tests.builders import House
from tests.ivr.web.receipts import OUTSIDER, RULES
from tests.ivr.web.recorded import page_of, stored_call
from tests.ivr.web.signed_in import sign_in


@pytest.fixture
def stored(house: House) -> House:
    stored_call(house)
    return house


@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Bewijs van uw gesprek met"), ("en", "Proof of your call with")]
)
def test_a_supervisor_prints_what_the_caller_would_get(stored: House, language: str, title: str) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    page = ann.get(page_of(stored))
    action = page_of(stored, f"/bewijs.pdf?taal={language}")
    assert f'action="{action}"' in page.text
    answer = ann.post(action)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert str(pdf.docinfo["/Title"]).startswith(title)
        [file] = pdf.attachments.values()
        assert OUTSIDER.check_receipt(file.get_file().read_bytes(), stored.wiring.signer.key.vkey())


def test_the_log_and_the_trail_say_who_did(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    ann.post(page_of(stored, "/bewijs.pdf"))
    issue = stored.entry("copy:receipt")
    assert (issue.facts["ticket"], issue.personal["by"]) == ("staff", ann.signed_in.user.name)
    with stored.wiring.database.reading() as unit:
        assert unit.trail.list_object(stored.call.call_id, 1)[0].action == "call_receipt"


def test_who_prints_again_within_a_day_prints_the_same_receipt(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    first = ann.post(page_of(stored, "/bewijs.pdf")).data
    assert ann.post(page_of(stored, "/bewijs.pdf")).data == first
    assert stored.tags.count("copy:receipt") == 1


def test_another_language_person_or_day_is_another_receipt(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    ann.post(page_of(stored, "/bewijs.pdf"))
    ann.post(page_of(stored, "/bewijs.pdf?taal=en"))
    sign_in(stored, Role.SUPERVISOR, name="b.other").post(page_of(stored, "/bewijs.pdf"))
    assert stored.tags.count("copy:receipt") == 3
    stored.clock.pass_s(25 * 3600)
    stored.wiring.receipts.for_staff(stored.call, ann.signed_in.user.name, "nl", RULES)
    assert stored.tags.count("copy:receipt") == 4


def test_a_receipt_that_waits_for_its_signature_is_logged_once(stored: House) -> None:
    """The worker that signs is away: staff try again and again, and the log is signed before they hear of it."""
    receipts = stored.wiring.receipts
    away = ReceiptService(
        stored.wiring.database,
        stored.wiring.copies,
        stored.wiring.agencies,
        stored.clock,
        not_signed,
        stored.wiring.log_keys,
    )
    for _ in range(3):
        with pytest.raises(NotYetSigned):
            away.for_staff(stored.call, "m.jansen", "nl", RULES)
        stored.clock.pass_s(2 * 3600)
    logged = stored.entry("copy:receipt")
    stored.wiring.seal_log()
    given = receipts.for_staff(stored.call, "m.jansen", "nl", RULES)
    assert (given.receipt_id, given.issued_at) == (logged.facts["receipt"], logged.occurred_at)
    assert OUTSIDER.check_receipt(given.as_file(), stored.wiring.signer.key.vkey())
    assert stored.tags.count("copy:receipt") == 1


def not_signed() -> None:
    raise NotYetSigned("the worker is away")


def test_when_the_call_went_on_the_retry_is_a_receipt_of_its_own(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    ann.post(page_of(stored, "/bewijs.pdf"))
    with stored.wiring.database.transaction() as unit:
        call_id = stored.call.call_id
        unit.log.append(NewEntry(call_id, "later", "copy:failed", stored.clock.now(), {"reason": "refused"}))
    ann.post(page_of(stored, "/bewijs.pdf"))
    assert stored.tags.count("copy:receipt") == 2


def test_an_auditor_sees_no_button(stored: House) -> None:
    assert "bewijs.pdf" not in sign_in(stored, Role.AUDITOR).get(page_of(stored)).text


def test_of_a_log_that_was_changed_nothing_is_printed(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    with stored.wiring.database.transaction() as unit:
        unit.log._connection.execute(log_personal.update().values(value="nee"))
    assert ann.post(page_of(stored, "/bewijs.pdf")).status_code == 409
