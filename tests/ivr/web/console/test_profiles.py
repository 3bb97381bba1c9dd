"""`/console/profielen`: versions that are kept, reading one, comparing two, and only of one's own agencies."""

import pytest

from config.policy import Role
from ivr.web.console.profiles import Change, differences
from tests.builders import House
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/profielen"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def lies(house: House) -> Colleague:
    return sign_in(house, Role.SUPERVISOR, name="l.smit")


def keep(house: House, digest: str, document: str, version: str = "oud") -> None:
    with house.wiring.database.transaction() as unit:
        unit.policies.keep(digest, "example", version, document, house.clock.now())


def test_a_profile_that_nobody_was_told_by_yet_is_read_too(house: House, lies: Colleague) -> None:
    assert "gemeente Voorbeeld" in lies.get(PATH).text
    page = lies.get(f"{PATH}/example").text
    assert "nog niet gebruikt" in page
    assert "Bewaartermijnen" in page
    assert "30 dagen" in page
    assert "[controller]" in page


def test_the_version_of_a_call_is_kept_and_its_calls_are_counted(house: House, lies: Colleague) -> None:
    house.stopped(5)
    page = lies.get(f"{PATH}/example").text
    assert '<td class="number">1</td>' in page
    assert "nog niet gebruikt" not in page


def test_two_versions_are_compared_in_words(house: House, lies: Colleague) -> None:
    today = house.wiring.agencies.now("example")
    keep(house, "d1", today.document.replace("recording_days = 30", f"recording_days = 31 # {SCRIPT}"))
    page = lies.get(f"{PATH}/example?versie={today.digest}&met=d1").text
    assert "<ins>recording_days = 30</ins>" in page
    assert "<del>recording_days = 31 # &lt;script&gt;" in page
    assert "toegevoegd" in page
    assert "verwijderd" in page
    assert SCRIPT not in page
    same = lies.get(f"{PATH}/example?versie=d1&met=d1").text
    assert "De tekst van deze versies is gelijk." in same


def test_a_version_that_is_no_profile_any_more_is_shown_as_text(house: House, lies: Colleague) -> None:
    keep(house, "d1", f'version = "{SCRIPT}"\n', SCRIPT)
    page = lies.get(f"{PATH}/example?versie=d1").text
    assert "past niet meer in onze indeling" in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["/ind", "/nothing", "/example?versie=nothing", "/example?met=nothing"])
def test_what_is_not_there_or_anothers_is_not_found(house: House, lies: Colleague, path: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.policies.keep("of-ind", "ind", "1", "secret", house.clock.now())
    assert lies.get(PATH + path).status_code == 404
    assert lies.get(f"{PATH}/example?versie=of-ind").status_code == 404
    assert lies.get(f"{PATH}/example?met=of-ind").status_code == 404


def test_a_committee_does_not_see_profiles(house: House) -> None:
    assert sign_in(house, Role.COMMITTEE).get(PATH).status_code == 403


def test_differences_name_each_line_that_changed_and_leave_out_what_is_far_away() -> None:
    old = "\n".join(f"line {number}" for number in range(20))
    new = old.replace("line 3\n", "").replace("line 18", "line eighteen")
    found = [(line.change, line.text) for line in differences(old, new)]
    assert (Change.REMOVED, "line 3") in found
    assert (Change.ADDED, "line eighteen") in found
    assert (Change.SAME, "line 10") not in found
    assert [change for change, _ in found].count(Change.GAP) == 2
    assert list(differences(old, old)) == []
