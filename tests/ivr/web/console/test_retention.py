"""`/console/bewaren`: the calendar by Dutch days, what is late, holds, and what was destroyed."""

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/bewaren"
SCRIPT = "<script>alert(1)</script>"
DAY_S = 86_400


@pytest.fixture
def call_id(house: House) -> str:
    """A call of 3 November late in the evening: its sound goes after 30 days, its number after 60."""
    house.clock.pass_s(9.5 * 3600)
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return house.call.call_id


def somebody(house: House, role: Role = Role.SUPERVISOR, name: str = "l.smit", agency: str = "example") -> Colleague:
    return sign_in(house, role, [agency], name=name)


def cells(page: str, heading: str) -> list[str]:
    """The texts of the row that has this heading."""
    row = page.partition(f">{heading}</th>")[2].partition("</tr>")[0]
    return [cell.partition("<")[0] for cell in row.split('<td class="number">')[1:]]


def test_the_calendar_counts_by_dutch_days(house: House, call_id: str) -> None:
    lies = somebody(house)
    assert "In deze maand hoeft niets te worden vernietigd." in lies.get(PATH).text
    december = lies.get(f"{PATH}?maand=2026-12").text
    assert cells(december, "3 december 2026") == ["1", "–", "–", "–", "–"]
    assert cells(december, "Samen") == ["1", "–", "–", "–", "–"]
    assert cells(lies.get(f"{PATH}?maand=2027-01").text, "2 januari 2027") == ["–", "1", "–", "–", "–"]
    assert cells(lies.get(f"{PATH}?maand=2031-11").text, "3 november 2031") == ["–", "–", "1", "–", "–"]


def test_what_is_late_is_warned_of(house: House, call_id: str) -> None:
    assert "Er is iets te laat." not in somebody(house).get(PATH).text
    house.clock.pass_s(61 * DAY_S)
    page = somebody(house, name="m.smit").get(PATH).text
    assert "Er is iets te laat." in page
    assert "Geluidsopnames: 1, Telefoonnummers: 1." in page
    house.wiring.retention.destroy_due()
    page = somebody(house, name="n.smit").get(PATH).text
    assert "Er is iets te laat." not in page
    assert "Geluidsopname vernietigd" in page
    assert "Telefoonnummer gewist" in page
    assert call_id in page


def test_holds_are_listed_with_the_state_of_their_release(house: House, call_id: str) -> None:
    house.wiring.holds.place(call_id, f"klacht {SCRIPT}", "l.smit")
    house.clock.pass_s(61 * DAY_S)
    page = somebody(house).get(PATH).text
    assert "klacht &lt;script&gt;" in page
    assert SCRIPT not in page
    assert "niet gevraagd" in page
    assert "geluidsopnames 1, telefoonnummers 1." in page
    assert "Er is iets te laat." not in page
    house.wiring.holds.ask_release(call_id, "klaar", "l.smit")
    page = somebody(house, Role.AUDITOR, "a.controle").get(PATH).text
    assert "wacht op een tweede persoon" in page
    assert "klacht" not in page
    assert "niet zichtbaar voor u" in page


def test_of_other_agencies_nothing_is_shown(house: House, call_id: str) -> None:
    house.wiring.holds.place(call_id, "klacht", "l.smit")
    stranger = somebody(house, name="s.vreemd", agency="ind")
    for path in (PATH, f"{PATH}?maand=2026-12"):
        page = stranger.get(path).text
        assert call_id not in page
        assert "In deze maand hoeft niets te worden vernietigd." in page


@pytest.mark.parametrize("month", ["december", "2026-13", "2026-1", "1999-01", "9999-12", "<b>"])
def test_a_month_that_is_none_is_told_at_the_field(house: House, month: str) -> None:
    answer = somebody(house).get(f"{PATH}?maand={month}")
    assert answer.status_code == 422
    assert 'id="maand-fault"' in answer.text
    assert "<b>" not in answer.text


def test_a_page_of_holds_that_is_not_there_is_empty(house: House, call_id: str) -> None:
    house.wiring.holds.place(call_id, "klacht", "l.smit")
    assert call_id not in somebody(house).get(f"{PATH}?na=nothing").text


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_who_may_not_look(house: House, role: Role) -> None:
    assert sign_in(house, role).get(PATH).status_code == 403
