"""Conversations that are recorded: what is in the recording, what interrupts and ends it, and who gets a copy."""

import re
import sys
from collections.abc import Mapping

import numpy as np
import pytest

from ivr.demo.play import CALLER_SCRIPT, EMPLOYEE_SCRIPT
from ivr.emulator.audio import RATE_HZ
from tests.journeys.running import (
    ALLOWED,
    ASK,
    GREET,
    HANG_UP,
    NO_COPY,
    PART,
    QUESTION,
    RECORD_BY_KEY,
    SKIP_GREETING,
    UNTIL_RECORDED,
    Call,
    Plan,
    Service,
    hear,
    hear_begin,
    pause,
    press,
    say,
)
from tests.journeys.sound import speech_in, speech_outside

pytestmark = pytest.mark.slow

WITHDRAWN = "De opname door ons is gestopt. Het gesprek gaat gewoon verder."
PAUSED = "De opname is onderbroken. Zolang u in de wacht staat, nemen wij niets op."
RESUMED = "De opname gaat weer verder."
UNREACHABLE = (
    "Er is nu geen medewerker vrij bij gemeente Voorbeeld. Wilt u later nog eens bellen? Excuses voor het ongemak."
)


# ---------------------------------------------------------------- an employee with a plain desk phone: `*` and keys

OBJECTED = "Uw bezwaar is doorgegeven. U gaat terug naar het gesprek."
OBJECTION = (
    "De medewerker heeft bezwaar tegen de opname. De opname raakt de privacy van iemand anders. Wij bieden u iets "
    "anders aan. U krijgt een schriftelijk verslag van dit gesprek. Bent u het er niet mee eens? Dan kunt u bij de "
    "gemeente een klacht indienen. Hoe dat gaat, leest u op onze website. U mag de medewerker vragen om uitleg."
)

objection = Plan(
    caller=[
        *RECORD_BY_KEY,
        hear("nemen wij niets op"),
        pause(1),
        say("Hallo? Hoort u mij?"),
        hear("Ik leg het u uit"),
        pause(0.5),
        say("Dat begrijp ik."),
        *NO_COPY,
    ],
    employee=[
        hear("neemt ook .* op"),
        pause(1),
        press("*"),
        hear("Wilt u terug naar het gesprek"),
        press("1"),
        hear_begin("Kies uw reden"),
        press("2"),
        hear_begin("Kies wat u de beller aanbiedt"),
        press("1"),
        hear("klacht indienen"),
        say("Ik leg het u uit."),
        hear("begrijp ik"),
        *PART,
    ],
    agency="gemeente-oldenzaal",
)


def test_de_medewerker_maakt_bezwaar_met_toetsen(calls: Mapping[Plan, Call]) -> None:
    """The caller waits unrecorded; then both hear the objection, and the conversation goes on."""
    call = calls[objection].finish()
    order = ["consent:given", "recording:started", "hold:started", "recording:paused", "prompt:played paused_hold",
             "objection:raised", "recording:stopped", "hold:ended", "prompt:played objection", "employee:left",
             "copy:offered", "copy:declined", "call:ended"]  # fmt: skip
    assert [tag for tag in call.tags() if tag in order] == order
    raised = call.entry("objection:raised")
    assert (raised.facts["reason"], raised.facts["alternative"]) == ("privacy", "verslag")
    assert call.heard_by_both() == [ALLOWED.replace("Voorbeeld", "Oldenzaal"), OBJECTION]
    assert PAUSED in call.heard_by_caller()
    assert PAUSED not in call.heard_by_employee()
    assert OBJECTED in call.heard_by_employee()
    assert not [text for text in call.heard_by_caller() if "Toets 1." in text or text == OBJECTED]
    words = [(event["text"], event["to"]) for event in call.said()]
    assert ("Hallo? Hoort u mij?", []) in words
    assert ("Ik leg het u uit.", [call.caller]) in words
    assert ("Dat begrijp ik.", [call.employee]) in words

    recording = call.recording()
    held = slice(round((recording.at_s(call.entry("recording:paused").occurred_at) + 0.5) * RATE_HZ), None)
    assert recording.caller[held].size > 10 * RATE_HZ
    assert not np.any(recording.caller[held])
    assert not np.any(recording.room[held])
    assert "recording:stored" in call.tags()


# ---------------------------------------------------------------- gemeente Voorbeeld

happy = Plan(caller=CALLER_SCRIPT, employee=EMPLOYEE_SCRIPT)


def test_ik_wil_dit_gesprek_opnemen(calls: Mapping[Plan, Call], service: Service) -> None:
    """The main job: asked, confirmed, logged, announced, recorded, stored, and a copy for the caller."""
    call = calls[happy].finish()
    order = ["call:opened", "prompt:played greeting", "employee:joined", "request:heard", "consent:requested",
             "prompt:played confirm", "consent:given", "prompt:played allowed_recording", "recording:announced",
             "recording:started", "employee:left", "recording:stopped", "copy:offered", "copy:wanted",
             "call:ended"]  # fmt: skip
    tags = call.tags()
    assert [tag for tag in tags if tag in order] == order
    assert tags.index("recording:stored") < tags.index("recording:carrier-deleted")
    assert tags.index("recording:stored") < tags.index("copy:sent")
    assert call.heard_by_both() == [QUESTION, ALLOWED]
    assert call.entry("recording:announced").facts["entry"] == str(call.entry("consent:given").number)
    assert call.carrier_recordings()[-1]["status"] == "deleted"
    assert [service.wiring.links.copy(call.call_id) in text for text in call.messages()] == [True]
    sys.stdout.write(f"question after {call.answered_after_s('dit gesprek opnemen', 'Klopt dat'):.2f} s\n")


def test_mijn_opname_begint_na_de_mededeling_en_mist_daarna_niets(calls: Mapping[Plan, Call]) -> None:
    """Two channels, each with the words of its own party when they were said, and nothing else."""
    call = calls[happy].finish()
    recording = call.recording()
    [announced] = [event for event in call.prompts() if event["text"] == ALLOWED]
    assert recording.at_s(announced["ended_at"]) <= 0
    assert call.entry("recording:stored").facts["samples"] == recording.caller.size
    caller_s, employee_s = recording.spans(call, call.caller), recording.spans(call, call.employee)
    assert (len(caller_s), len(employee_s)) == (2, 2)
    for spoken, silent, spans in (
        (recording.caller, recording.room, caller_s),
        (recording.room, recording.caller, employee_s),
    ):
        assert speech_outside(spoken, spans) == 0
        for span in spans:
            assert speech_in(spoken, span) > 0.4 * (span[1] - span[0])  # the rest are pauses between words
            assert speech_in(silent, span) == 0


yes_and_gone = Plan(
    caller=[*ASK, say("Ja, dat klopt."), hear_begin("Dat mag"), HANG_UP], employee=[*GREET, hear("nooit"), HANG_UP]
)


def test_ik_zeg_ja_en_hang_meteen_op(calls: Mapping[Plan, Call]) -> None:
    """The yes is in the log; the announcement was not heard out, so nothing was recorded."""
    call = calls[yes_and_gone].finish()
    tags = call.tags()
    order = ["consent:given", "prompt:failed allowed_recording", "recording:blocked", "call:ended"]
    assert sorted(order) == sorted(tag for tag in tags if tag in order)
    assert tags.index("consent:given") < tags.index("recording:blocked") < tags.index("call:ended")
    assert "recording:started" not in tags
    assert not call.carrier_recordings()


stop = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, pause(2), say("Ik wil dat u stopt met opnemen."), *NO_COPY],
    employee=[UNTIL_RECORDED, hear("opname door ons is gestopt"), say("Dat is goed. Tot ziens."), HANG_UP],
)


def test_ik_zeg_stop_de_opname(calls: Mapping[Plan, Call]) -> None:
    """It stops at once and both hear that; what was recorded until then is kept, and a copy is offered."""
    call = calls[stop].finish()
    order = ["recording:started", "consent:withdrawn", "recording:stopped", "prompt:played withdrawn", "employee:left",
             "copy:offered", "copy:declined"]  # fmt: skip
    assert [tag for tag in call.tags() if tag in order] == order
    assert call.entry("recording:stopped").facts["reason"] == "withdrawn"
    assert call.heard_by_both() == [ALLOWED, WITHDRAWN]
    recording = call.recording()
    assert speech_outside(recording.room, recording.spans(call, call.employee)) == 0
    assert recording.spans(call, call.employee) == []


hold = Plan(
    caller=[
        *RECORD_BY_KEY,
        UNTIL_RECORDED,
        hear("Een ogenblik"),
        pause(2),
        say("Hallo? Hoort u mij?"),
        hear("gaat weer verder"),
        pause(0.5),
        say("Ja, ik ben er nog."),
        *NO_COPY,
    ],
    employee=[
        UNTIL_RECORDED,
        say("Een ogenblik."),
        {"hold": True},
        hear("nemen wij niets op"),
        pause(2),
        {"hold": False},
        hear("ben er nog"),
        *PART,
    ],
)


def test_ik_word_in_de_wacht_gezet(calls: Mapping[Plan, Call]) -> None:
    """The recording keeps silence until both have heard that it goes on; its time line stays whole."""
    call = calls[hold].finish()
    order = ["recording:started", "hold:started", "recording:paused", "hold:ended", "prompt:played resumed",
             "recording:resumed", "recording:stopped"]  # fmt: skip
    assert [tag for tag in call.tags() if tag in order] == order
    assert PAUSED in call.heard_by_employee()
    assert PAUSED not in call.heard_by_caller()
    assert RESUMED in call.heard_by_both()
    recording = call.recording()
    paused_s, resumed_s = (
        recording.at_s(call.entry(f"recording:{what}").occurred_at) for what in ("paused", "resumed")
    )
    held = slice(round((paused_s + 0.5) * RATE_HZ), round((resumed_s - 0.5) * RATE_HZ))
    assert held.stop - held.start > 5 * RATE_HZ
    assert not np.any(recording.caller[held])
    assert not np.any(recording.room[held])
    unheard, kept = recording.spans(call, call.caller)
    assert speech_in(recording.caller, unheard) == 0
    assert speech_in(recording.caller, kept) > 0.5
    assert "recording:stored" in call.tags()


employee_first = Plan(
    caller=[*RECORD_BY_KEY, hear("kopie van onze opname"), say("Nee, dat wil ik niet.")],
    employee=[UNTIL_RECORDED, *PART],
)


def test_de_medewerker_hangt_op_en_ik_wil_geen_kopie(calls: Mapping[Plan, Call]) -> None:
    call = calls[employee_first].finish()
    order = ["employee:left", "recording:stopped", "copy:offered", "copy:declined", "call:ended"]
    assert [tag for tag in call.tags() if tag in order] == order
    assert call.entry("copy:declined").facts["channel"] == "speech"
    assert "Dat is goed. U krijgt geen kopie." in call.heard_by_caller()
    assert not call.messages()


unanswered = Plan(caller=SKIP_GREETING, employee=[], answers=False)


def test_de_medewerker_neemt_niet_op(calls: Mapping[Plan, Call]) -> None:
    call = calls[unanswered].finish()
    assert call.entry("employee:unreached").facts["reason"] == "no-answer"
    assert call.heard_by_caller()[-1].startswith(UNREACHABLE)
    assert call.tags()[-1] == "call:ended"
    assert not call.carrier_recordings()


landline = Plan(
    caller=[*RECORD_BY_KEY, hear_begin("kopie van onze opname"), press("1"), hear("De code is")],
    employee=[UNTIL_RECORDED, *PART],
    number="+31701234567",
)


def test_ik_bel_met_een_vaste_telefoon_en_krijg_een_code(calls: Mapping[Plan, Call], service: Service) -> None:
    """A landline gets no SMS: the code is read out, twice, and the log does not hold it."""
    call = calls[landline].finish()
    [told] = [text for text in call.heard_by_caller() if "De code is" in text]
    once, again = re.findall(r"code(?: is)?: ([\d ,]+)", told)
    code = re.sub(r"\D", "", once)
    assert code == re.sub(r"\D", "", again) == service.wiring.links.copy_code(call.call_id)
    assert not any(code in re.sub(r"\D", "", str(entry.facts)) for entry in call.entries())
    assert not call.messages()
