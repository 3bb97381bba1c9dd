"""Who was refused gets to the receipt of the call: by the link in the SMS, or by a code that is read out (R7)."""

import pytest

from ivr.dialogue.effects import FollowRefusal, OfferReceipt, OfferTicket, PromptKey
from ivr.dialogue.events import EmployeeLeft, Event, ObjectionWithdrawn, StarPressed
from ivr.dialogue.rules import Rules
from ivr.dialogue.states import State
from tests.ivr.dialogue.playing import (
    EXCLUDED,
    OBJECTION,
    OBJECTION_WITH_OUR_RECORDING,
    Call,
    asking,
    kinds,
    recording,
)

NO_SMS = [Rules(can_text=False), Rules(copy_by_sms=False), Rules(can_text=False, copy_by_sms=False)]


def last_words(call: Call) -> list[PromptKey | None]:
    """From the moment that the employee leaves until the line is closed."""
    call.play(EmployeeLeft())
    told = []
    while call.told() is not None:
        told.append(call.told())
        call.keyed(None)
    return told


@pytest.mark.parametrize("refusal", [OBJECTION, EXCLUDED])
def test_a_link_comes_with_the_sms_and_nothing_is_read_out(refusal: Event) -> None:
    call = asking()
    call.play(refusal)
    if refusal is EXCLUDED:
        call.keyed(None) if call.state() is State.KEYPAD else call.play(StarPressed())
        call.keyed("1")
    assert [one for one in call.effects if isinstance(one, OfferReceipt)] == [OfferReceipt(by_sms=True)]
    assert last_words(call) == [PromptKey.GOODBYE]


@pytest.mark.parametrize("rules", NO_SMS)
def test_without_a_link_a_code_is_read_out_before_the_last_word(rules: Rules) -> None:
    call = asking(rules)
    assert FollowRefusal("verslag", by_sms=rules.can_text) in call.play(OBJECTION)
    assert OfferReceipt not in kinds(call.effects)
    assert last_words(call) == [PromptKey.RECEIPT_CODE, PromptKey.GOODBYE]
    assert [one for one in call.effects if isinstance(one, OfferReceipt)] == [OfferReceipt(by_sms=False)]


@pytest.mark.parametrize("rules", [Rules(), *NO_SMS])
def test_who_was_not_refused_or_not_any_more_hears_of_no_receipt(rules: Rules) -> None:
    assert PromptKey.RECEIPT_CODE not in last_words(asking(rules))
    call = asking(rules)
    call.play(OBJECTION)
    call.all_played()
    call.play(ObjectionWithdrawn())
    assert PromptKey.RECEIPT_CODE not in last_words(call)


def test_who_gets_the_code_of_the_copy_needs_no_second_one() -> None:
    """The agency records in place of the caller; the copy's code opens the receipt as well."""
    call = recording(Rules(can_text=False))
    call.play(OBJECTION_WITH_OUR_RECORDING, EmployeeLeft())
    assert call.told() is PromptKey.COPY_OFFER
    call.keyed("1")
    assert call.told() is PromptKey.COPY_CODE
    assert OfferTicket(by_sms=False) in call.effects
    assert OfferReceipt not in kinds(call.effects)
    call.keyed(None)
    assert call.told() is None


def test_who_declines_the_copy_hears_the_code_of_the_receipt() -> None:
    call = recording(Rules(can_text=False))
    call.play(OBJECTION_WITH_OUR_RECORDING, EmployeeLeft())
    call.keyed("2")
    assert call.told() is PromptKey.COPY_DECLINED
    call.keyed(None)
    assert call.told() is PromptKey.RECEIPT_CODE


def test_a_second_refusal_offers_the_same_again() -> None:
    call = asking()
    call.play(OBJECTION)
    call.all_played()
    call.play(ObjectionWithdrawn())
    call.all_played()
    call.play(OBJECTION)
    assert kinds(call.effects).count(OfferReceipt) == 2
