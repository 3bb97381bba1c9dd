"""The link for handing in one's own recording: to who does not want ours, once, and only while the case waits."""

from dataclasses import replace

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyDeclined
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.errors import CarrierBusy, CarrierRefused, Unusable
from tests.builders import CALLER, House
from tests.ivr.uploads.asking import Sender, case_record, ticket_of, uploads
from tests.ivr.uploads.comparing import (
    COPY,
    SetComparer,
    collected,
    compare,
    handed_in,
    hollow,
    run_again,
    unreadable,
)

pytestmark = pytest.mark.asked


def send(house: House) -> list[tuple[str, ...]]:
    """Gives the messages that were sent."""
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.ASK_FOR_COPY)
    return [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]


def test_who_does_not_want_our_copy_gets_a_link_for_theirs(house: House) -> None:
    [(number, text)] = send(house)
    assert number == CALLER
    assert house.wiring.links.copy(house.call.call_id) in text
    assert "U hoeft die niet te geven" in text
    assert house.tags[-1] == "upload:link-sent"
    assert send(house) == []
    assert ticket_of(house).ticket_id.endswith(":sms")


@pytest.mark.asked(wants_copy=True)
def test_who_wants_our_copy_has_one_link_for_both(house: House) -> None:
    assert send(house) == []
    assert ticket_of(house).ticket_id.endswith(":sms")


def test_the_message_is_in_the_language_of_the_call(house: House) -> None:
    dialogue = replace(house.dialogue, language="en")
    with house.wiring.database.transaction() as unit:
        unit.calls.save(replace(house.call, dialogue=dialogue.to_json()))
    [(_, text)] = send(house)
    assert "You do not have to give it" in text


def test_a_case_that_waits_no_more_is_not_asked_for(house: House) -> None:
    house.wiring.cases.act(case_record(house).case_id, CopyDeclined(), Actor("m.jansen", Who.EMPLOYEE))
    assert send(house) == []


def test_a_busy_carrier_is_asked_again_and_a_refusal_is_logged(house: House) -> None:
    house.carrier.fail("send_sms", CarrierBusy("busy"), CarrierRefused("a landline"))
    assert len(send(house)) == 1
    assert len(send(house)) == 1
    assert house.entry("upload:link-failed").facts["reason"] == "a landline"
    assert send(house) == []


def test_a_link_that_was_withdrawn_is_not_sent(house: House) -> None:
    house.wiring.copies.withdraw(house.call.call_id, "m.jansen")
    assert send(house) == []


# ---------------------------------------------------------------- again, where the file cannot be read


def test_who_handed_in_what_cannot_be_read_is_told_so_and_may_try_again(house: House) -> None:
    send(house)
    unreadable(house)
    house.carrier.take()
    [(number, text)] = send(house)
    assert number == CALLER
    assert "wij kunnen uw opname niet lezen" in text
    assert "U hoeft dat niet te doen" in text
    assert house.wiring.links.copy(house.call.call_id) in text
    told = house.entry("upload:retry-sent").facts
    assert (told["case"], told["channel"]) == (case_record(house).case_id, "sms")


def test_it_is_told_once_however_many_files_cannot_be_read(house: House) -> None:
    send(house)
    unreadable(house)
    assert len(send(house)) == 1
    assert send(house) == []
    handed_in(house, hollow(6000))
    compare(house)
    assert send(house) == []
    assert house.tags.count("upload:retry-sent") == 1


def test_a_comparison_that_is_done_twice_tells_it_once(house: House) -> None:
    send(house)
    unreadable(house)
    run_again(house)
    assert len(send(house)) == 1


def test_who_sent_another_file_meanwhile_is_told_nothing(house: House) -> None:
    send(house)
    unreadable(house)
    Sender(house).send(COPY)
    assert send(house) == []
    house.run_jobs(JobKind.CHECK_UPLOAD)
    assert send(house) == []
    assert "upload:retry-sent" not in house.tags


def test_a_file_that_can_be_read_is_told_by_no_message(house: House) -> None:
    send(house)
    collected(house)
    handed_in(house)
    compare(house)
    assert send(house) == []


@pytest.mark.parametrize(
    "fault", [Unusable(is_agencys=False, too_long=True), Unusable(is_agencys=True, too_long=False)]
)
def test_a_file_that_is_not_compared_for_another_reason_is_told_by_no_message(
    house: House, comparer: SetComparer, fault: Unusable
) -> None:
    comparer.faults = [fault]
    send(house)
    collected(house)
    handed_in(house)
    compare(house)
    assert send(house) == []


def test_nobody_is_sent_to_a_link_that_does_not_work_any_more(house: House) -> None:
    send(house)
    unreadable(house)
    house.wiring.copies.withdraw(house.call.call_id, "m.jansen")
    assert send(house) == []


def test_nobody_is_sent_to_a_link_whose_days_are_over(house: House) -> None:
    send(house)
    unreadable(house)
    house.clock.pass_s(house.wiring.agencies.now("example").copy.valid_days * 86_400)
    assert send(house) == []


def test_nobody_is_told_to_try_again_who_has_no_tries_left(house: House) -> None:
    send(house)
    unreadable(house)
    for tries in range(4):
        handed_in(house, hollow(6000 + tries))
        compare(house)
    assert len(uploads(house)) == 5
    assert send(house) == []


def test_who_has_a_code_and_no_link_gets_no_message(house: House) -> None:
    """Handed in at a profile that reads codes out, from a number that can have no SMS."""
    send(house)
    unreadable(house)
    ticket = ticket_of(house)
    with house.wiring.database.transaction() as unit:
        unit.copies.revoke_all(ticket.call_id, house.clock.now())
        code = replace(ticket, ticket_id=f"{ticket.call_id}:code", token_digest="0" * 64)
        unit.copies.add(code)
    assert send(house) == []


def test_whose_number_was_erased_is_told_nothing_and_the_log_says_so(house: House) -> None:
    send(house)
    unreadable(house)
    with house.wiring.database.transaction() as unit:
        unit.calls.forget_caller_number(house.call.call_id)
    assert send(house) == []
    assert house.entry("upload:retry-failed").facts["reason"] == "the caller's number was erased"


def test_a_busy_carrier_is_asked_again_to_tell_it_and_a_refusal_is_logged(house: House) -> None:
    send(house)
    unreadable(house)
    house.carrier.take()
    house.carrier.fail("send_sms", CarrierBusy("busy"), CarrierRefused("a landline"))
    assert len(send(house)) == 1
    assert len(send(house)) == 1
    assert house.entry("upload:retry-failed").facts["reason"] == "a landline"
    assert send(house) == []


def test_that_it_cannot_be_read_is_told_in_the_language_of_the_call(house: House) -> None:
    send(house)
    unreadable(house)
    dialogue = replace(house.dialogue, language="en")
    with house.wiring.database.transaction() as unit:
        unit.calls.save(replace(house.call, dialogue=dialogue.to_json()))
    [(_, text)] = send(house)
    assert "we cannot read your recording" in text
