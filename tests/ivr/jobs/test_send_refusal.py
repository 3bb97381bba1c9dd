"""The SMS about a refusal: reason, alternative and complaint route, once, to who can have it."""

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import KindNamed, ObjectionRaised, ObjectionWithdrawn, RefusalSent
from ivr.errors import CarrierBusy, CarrierRefused
from tests.builders import CALLER, House

OBJECTION = ObjectionRaised("privacy", "verslag", employee="balie 3")
TEXT = (
    "gemeente Voorbeeld: u kunt dit gesprek niet opnemen. De opname raakt de privacy van iemand anders. "
    "Wij bieden u iets anders aan. U krijgt een schriftelijk verslag van dit gesprek. "
    "Niet mee eens? Zo dient u een klacht in: https://voorbeeld.example/klacht"
)


def send(house: House) -> list[tuple[str, ...]]:
    """Gives the messages that were sent."""
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.SEND_REFUSAL)
    return [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]


def test_the_caller_gets_reason_alternative_and_complaint_route_in_writing(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    link = house.wiring.links.receipt(house.call.call_id)
    more = f" Hier vindt u het bewijs van dit gesprek: {link} De link werkt 14 dagen. Geef de link niet aan anderen."
    assert send(house) == [(CALLER, TEXT + more)]
    assert house.tags[-1] == "objection:sent"
    assert send(house) == []


def test_the_employees_own_sentence_is_sent_too(house: House) -> None:
    house.recorded()
    house.happens(ObjectionRaised("anders", "verslag", reason_text="Er is een kind bij"))
    ((_, text),) = send(house)
    assert "niet opnemen. Er is een kind bij. Wij bieden" in text


def test_a_kind_that_may_not_be_recorded_is_explained_too(house: House) -> None:
    """The example agency excludes none, so its reason is only a code here; the journeys have one that does."""
    house.recorded()
    house.happens(KindNamed("gewoon", "verslag"))
    ((_, text),) = send(house)
    assert "U krijgt een schriftelijk verslag van dit gesprek." in text


def test_an_objection_that_was_taken_back_is_not_sent(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    house.happens(ObjectionWithdrawn())
    assert send(house) == []


def test_what_was_sent_is_not_sent_again_but_a_new_objection_is(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    house.happens(RefusalSent())
    assert send(house) == []
    house.happens(ObjectionWithdrawn())
    house.happens(OBJECTION)
    assert len(send(house)) == 1


def test_a_busy_carrier_is_asked_again_and_a_refusal_is_logged(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    house.carrier.fail("send_sms", CarrierBusy("busy"))
    assert len(send(house)) == 1
    assert "objection:sent" not in house.tags
    house.carrier.fail("send_sms", CarrierRefused("a landline"))
    assert len(send(house)) == 1
    assert house.entry("objection:not-sent").facts["reason"] == "a landline"


def test_a_number_that_cannot_have_an_sms_gets_none(house: House) -> None:
    house.dial_in(From="+31701234567")
    house.leg(1)
    assert house.dialogue.rules.can_text is False
