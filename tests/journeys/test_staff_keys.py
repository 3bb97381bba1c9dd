"""An employee with a plain desk phone: no screen, so `*` and keys."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from ivr.emulator.audio import RATE_HZ
from tests.guards.tree import ROOT
from tests.journeys.conftest import household
from tests.journeys.running import (
    ALLOWED,
    NO_COPY,
    PART,
    RECORD_BY_KEY,
    Call,
    Plan,
    Service,
    hear,
    hear_begin,
    pause,
    press,
    say,
)

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "config" / "policies" / "example.toml"
PAUSED = "De opname is onderbroken. Zolang u in de wacht staat, nemen wij niets op."
OBJECTED = "Uw bezwaar is doorgegeven. U gaat terug naar het gesprek."
OBJECTION = (
    "De medewerker heeft bezwaar tegen de opname. De opname raakt de privacy van iemand anders. Wij bieden u iets "
    "anders aan. U krijgt een schriftelijk verslag van dit gesprek. Bent u het er niet mee eens? Dan kunt u een klacht "
    "indienen. Hoe dat gaat, leest u op onze website. U mag de medewerker vragen om uitleg."
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
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Service]:
    """One whose agency gives keys to its employees."""
    folder, profiles = tmp_path_factory.mktemp("plain-phones"), tmp_path_factory.mktemp("profiles")
    document = EXAMPLE.read_text(encoding="utf-8").replace("keys = false", "keys = true")
    (profiles / EXAMPLE.name).write_text(document, encoding="utf-8")
    with household(folder, model_folder, SPELREGEL_POLICIES=str(profiles)) as running, Service(running) as service:
        yield service


def test_de_medewerker_maakt_bezwaar_met_toetsen(calls: Mapping[Plan, Call]) -> None:
    """The caller waits unrecorded; then both hear the objection, and the conversation goes on."""
    call = calls[objection].finish()
    order = ["consent:given", "recording:started", "hold:started", "recording:paused", "prompt:played paused_hold",
             "objection:raised", "recording:stopped", "hold:ended", "prompt:played objection", "employee:left",
             "copy:offered", "copy:declined", "call:ended"]  # fmt: skip
    assert [tag for tag in call.tags() if tag in order] == order
    raised = call.entry("objection:raised")
    assert (raised.facts["reason"], raised.facts["alternative"]) == ("privacy", "verslag")
    assert call.heard_by_both() == [ALLOWED, OBJECTION]
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
