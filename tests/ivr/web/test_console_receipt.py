"""Staff print the receipt for a caller who has no internet."""

import io

import pikepdf
import pytest

from config.policy import Role
from storage.tables import log_personal
from tests.builders import House
from tests.ivr.web.receipts import OUTSIDER
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


def test_each_print_is_a_receipt_of_its_own(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    for _ in range(2):
        ann.post(page_of(stored, "/bewijs.pdf"))
    assert stored.tags.count("copy:receipt") == 2


def test_an_auditor_sees_no_button(stored: House) -> None:
    assert "bewijs.pdf" not in sign_in(stored, Role.AUDITOR).get(page_of(stored)).text


def test_of_a_log_that_was_changed_nothing_is_printed(stored: House) -> None:
    ann = sign_in(stored, Role.SUPERVISOR)
    with stored.wiring.database.transaction() as unit:
        unit.log._connection.execute(log_personal.update().values(value="nee"))
    assert ann.post(page_of(stored, "/bewijs.pdf")).status_code == 409
