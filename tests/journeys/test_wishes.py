"""What callers answer when they are asked whether they want to record, and what becomes of it."""

from collections.abc import Mapping

import pytest

from tests.journeys.running import (
    ALLOWED,
    ASK,
    ASK_BY_KEY,
    DECLINED,
    GREET,
    NO_COPY,
    PART,
    QUESTION,
    RECORD_BY_KEY,
    SKIP_GREETING,
    Call,
    Plan,
    hear,
    hear_begin,
    pause,
    press,
    say,
)

pytestmark = pytest.mark.slow

QUESTION_AGAIN = "Ik heb u niet goed verstaan. Wilt u dit gesprek opnemen? Zeg ja of nee."
KEYPAD = "U kunt ook een toets kiezen. Wilt u dit gesprek opnemen? Toets 1 voor ja, 2 voor nee."
ASIDE = (
    "De beller kiest met een toets of hij of zij het gesprek wil opnemen. De beller komt zo terug. "
    "Blijft u aan de lijn."
)
GOODBYE = "Bedankt voor het bellen met gemeente Voorbeeld. Tot ziens."


def employee_until(words: str) -> list[dict[str, object]]:
    """An employee who says goodbye once these words were heard."""
    return [*GREET, hear(words), *PART]


no = Plan(
    caller=[*ASK, say("Nee, dat klopt niet.")],
    employee=employee_until("gesprek gaat gewoon verder"),
)


def test_ik_zeg_nee_en_het_gesprek_gaat_gewoon_door(calls: Mapping[Plan, Call]) -> None:
    call = calls[no].finish()
    assert call.tags() == [
        "call:opened",
        "prompt:failed greeting",
        "employee:joined",
        "request:heard",
        "consent:requested",
        "prompt:played confirm",
        "consent:refused",
        "prompt:played declined",
        "employee:left",
        "prompt:played goodbye",
        "call:ended",
    ]
    assert call.heard_by_both() == [QUESTION, DECLINED]
    assert "Tot ziens." in [event["text"] for event in call.said()]
    assert call.heard_by_caller()[-1] == GOODBYE
    assert not call.carrier_recordings()


unclear = Plan(
    caller=[
        *ASK,
        say("Dat weet ik nog niet."),
        hear("niet goed verstaan"),
        say("Dat weet ik nog niet."),
        hear_begin("toets kiezen"),
        press("1"),
        *NO_COPY,
    ],
    employee=employee_until("neemt ook .* op"),
)


def test_ik_twijfel_tot_ik_een_toets_mag_kiezen(calls: Mapping[Plan, Call]) -> None:
    """Unclear is never a yes; after the second time a key says it, and the employee knows where the caller is."""
    call = calls[unclear].finish()
    tags = call.tags()
    assert [tag for tag in tags if tag.startswith(("answer", "consent"))] == [
        "consent:requested",
        "answer:unclear",
        "answer:unclear",
        "consent:given",
    ]
    assert call.entry("consent:given").facts["channel"] == "key"
    # A caller who is quick with the key is back before the employee has been told all of it.
    assert [text for text in call.heard_by_both() if text != ASIDE] == [QUESTION, QUESTION_AGAIN, ALLOWED]
    assert ASIDE in [event["text"] for event in call.prompts()]
    assert tags.index("prompt:played allowed_recording") < tags.index("recording:started")


silent = Plan(caller=ASK, employee=employee_until("niet zeker of u wilt opnemen"))


def test_ik_zeg_niets_en_kies_niets(calls: Mapping[Plan, Call]) -> None:
    """Silence counts as not confirmed, whatever is asked; the conversation goes on as before."""
    call = calls[silent].finish()
    assert [tag for tag in call.tags() if tag.startswith(("answer", "consent", "recording"))] == [
        "consent:requested",
        "answer:silence",
        "answer:silence",
        "answer:silence",
        "consent:unconfirmed",
    ]
    assert call.heard_by_both()[:2] == [QUESTION, QUESTION_AGAIN]
    assert KEYPAD in call.heard_by_caller()
    assert "Tot ziens." in [event["text"] for event in call.said()]
    assert not call.carrier_recordings()


key_in_greeting = Plan(
    caller=[*RECORD_BY_KEY, hear_begin("kopie van onze opname"), press("1")],
    employee=[hear("neemt ook .* op"), *PART],
)


def test_ik_toets_een_1_in_de_begroeting(calls: Mapping[Plan, Call]) -> None:
    call = calls[key_in_greeting].finish()
    tags = call.tags()
    assert call.entry("request:keyed").facts["digit"] == "1"
    assert call.entry("consent:given").facts["channel"] == "key"
    order = ["consent:given", "employee:joined", "prompt:played allowed_recording", "recording:announced",
             "recording:started", "recording:stopped", "copy:wanted", "call:ended"]  # fmt: skip
    assert [tag for tag in tags if tag in order] == order
    assert call.heard_by_both() == [ALLOWED]
    assert {"recording:stored", "recording:carrier-deleted", "copy:sent"} <= set(tags)
    assert len(call.messages()) == 1


star = Plan(
    caller=[*ASK_BY_KEY, *NO_COPY],
    employee=employee_until("neemt ook .* op"),
)


def test_ik_druk_op_het_sterretje_tijdens_het_gesprek(calls: Mapping[Plan, Call]) -> None:
    """Keys are not reported in a conference; `*` takes the caller out for a moment, and back to the same one."""
    call = calls[star].finish()
    assert call.entry("request:keyed").facts["digit"] == "*"
    rooms = {event["conferenceSid"] for event in call.service.events("joined", party=call.caller)}
    assert len(call.service.events("joined", party=call.caller)) == 2
    assert len(rooms) == 1
    assert any("De beller komt zo terug" in event["text"] for event in call.prompts())
    assert call.heard_by_both() == [ALLOWED]
    assert "recording:stored" in call.tags()


call_me_back = Plan(
    caller=[*SKIP_GREETING, hear("Waarmee kan ik"), say("Kunt u contact met mij opnemen?")],
    employee=[*GREET, hear("contact met mij"), pause(3), *PART],
)


def test_ik_vraag_of_u_contact_met_mij_opneemt(calls: Mapping[Plan, Call]) -> None:
    """ "Opnemen" has a dozen meanings; nobody is asked anything."""
    call = calls[call_me_back].finish()
    assert not [tag for tag in call.tags() if tag.startswith(("request", "consent", "recording"))]
    assert call.heard_by_both() == []


asked_alone = Plan(
    caller=[
        hear_begin("Welkom bij"),
        pause(0.5),
        say("Ik wil dit gesprek opnemen."),
        hear("Klopt dat"),
        say("Ja, dat klopt."),
        *NO_COPY,
    ],
    employee=[hear("neemt ook .* op"), *PART],
)


def test_ik_zeg_het_al_in_de_begroeting(calls: Mapping[Plan, Call]) -> None:
    """The caller is asked alone; the employee hears the announcement before anything is recorded."""
    call = calls[asked_alone].finish()
    tags = call.tags()
    assert QUESTION in call.heard_by_caller()
    assert QUESTION not in call.heard_by_employee()
    assert call.entry("consent:given").facts["channel"] == "speech"
    assert tags.index("consent:given") < tags.index("employee:joined")
    assert tags.index("prompt:played allowed_recording") < tags.index("recording:started")
    assert call.heard_by_both() == [ALLOWED]
