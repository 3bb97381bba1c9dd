"""Staff see how a refused caller who can have no link by SMS gets the receipt of the call all the same (R7)."""

import pytest

from config.policy import Role
from ivr.dialogue.effects import PromptKey
from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionWithdrawn
from storage.tables import log_entries
from tests.builders import House
from tests.ivr.web.receipts import OBJECTION, hang_up, refused_on_a_landline
from tests.ivr.web.recorded import page_of
from tests.ivr.web.signed_in import sign_in

STAY = "Vraag de beller om aan de lijn te blijven"
LACKING = "De beller heeft nog geen bewijs."
BUTTON = "Naar het bewijs voor de beller"
PRINTS = "Een leidinggevende kan het bewijs printen."


def live_page(house: House, role: Role = Role.EMPLOYEE) -> str:
    return sign_in(house, role, name=f"l.{role}").get(f"/console/nu/{house.call.call_id}").text


def call_page(house: House) -> str:
    return sign_in(house, Role.SUPERVISOR, name="c.vries").get(page_of(house)).text


def code_is_read_out(house: House) -> None:
    house.happens(EmployeeLeft())
    while (speaking := house.dialogue.speaking) is not None:
        house.leg(speaking.prompt_id)
    hang_up(house)


def test_the_employee_reads_during_the_call_that_the_caller_is_to_stay_for_the_code(house: House) -> None:
    refused_on_a_landline(house)
    for page in (live_page(house), call_page(house)):
        assert STAY in page
        assert LACKING not in page


def test_nobody_reads_it_once_the_employee_has_hung_up(house: House) -> None:
    refused_on_a_landline(house)
    house.happens(EmployeeLeft())
    assert house.dialogue.speaking is not None
    assert house.dialogue.speaking.key is PromptKey.RECEIPT_CODE
    assert STAY not in live_page(house)


def test_who_hung_up_before_the_code_can_be_given_the_receipt_on_paper(house: House) -> None:
    refused_on_a_landline(house)
    hang_up(house)
    the_call = call_page(house)
    for page in (live_page(house, Role.SUPERVISOR), the_call):
        assert LACKING in page
        assert f'href="{page_of(house)}#bewijs-beller">{BUTTON}' in page
    assert 'id="bewijs-beller"' in the_call
    employees = live_page(house)
    assert LACKING in employees
    assert PRINTS in employees
    assert BUTTON not in employees


def test_half_a_code_is_none(house: House) -> None:
    refused_on_a_landline(house)
    house.happens(EmployeeLeft())
    hang_up(house)
    assert "prompt:failed" in house.tags
    assert LACKING in call_page(house)


def test_who_heard_the_code_lacks_nothing(house: House) -> None:
    refused_on_a_landline(house)
    code_is_read_out(house)
    for page in (live_page(house), call_page(house)):
        assert LACKING not in page


def test_who_was_given_the_receipt_since_lacks_nothing(house: House) -> None:
    refused_on_a_landline(house)
    hang_up(house)
    ann = sign_in(house, Role.SUPERVISOR)
    assert ann.post(page_of(house, "/bewijs.pdf")).status_code == 200
    assert LACKING not in ann.get(page_of(house)).text


@pytest.mark.parametrize("over", [False, True])
def test_of_who_gets_a_link_by_sms_nothing_is_said(house: House, over: bool) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)
    house.happens(OBJECTION)
    if over:
        hang_up(house)
    for page in (live_page(house), call_page(house)):
        assert STAY not in page
        assert LACKING not in page


def test_when_the_objection_is_taken_back_nothing_is_said(house: House) -> None:
    refused_on_a_landline(house)
    house.happens(ObjectionWithdrawn())
    assert STAY not in live_page(house)
    hang_up(house)
    assert LACKING not in call_page(house)


def test_of_a_log_that_cannot_be_read_nothing_is_said(house: House) -> None:
    refused_on_a_landline(house)
    hang_up(house)
    with house.wiring.database.transaction() as unit:
        unit.log._connection.execute(log_entries.update().values(body='{"schema":1}'))
    page = call_page(house)
    assert "Het logboek van dit gesprek is niet meer te lezen." in page
    assert LACKING not in page
