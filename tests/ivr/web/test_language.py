"""Which language a visitor gets, and that all of a page is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ivr.dialogue.states import AgencyRecording
from tests.ivr.web.frisian import add_frisian_catalog
from tests.ivr.web.house import CopyHouse, ready_house

ENGLISH_BROWSER = {"Accept-Language": "en-GB,en;q=0.9", "Accept": "text/html"}
FRENCH_BROWSER = {"Accept-Language": "fr-FR"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CopyHouse]:
    house = ready_house(tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def client(house: CopyHouse) -> FlaskClient:
    return house.app().test_client()


@pytest.mark.parametrize(
    ("query", "accepted", "language", "heading"),
    [
        ("", "", "nl", "Uw kopie of bewijs ophalen"),
        ("", "en-GB,en;q=0.9", "en", "Get your copy or proof"),
        ("", "fr-FR", "nl", "Uw kopie of bewijs ophalen"),
        ("", "fr-FR, en;q=0.2, nl;q=0.1", "en", "Get your copy or proof"),
        ("", "*;q=0.1,;;==", "nl", "Uw kopie of bewijs ophalen"),
        ("?taal=nl", "en", "nl", "Uw kopie of bewijs ophalen"),
        ("?taal=en", "nl", "en", "Get your copy or proof"),
        ("?taal=fy", "", "nl", "Uw kopie of bewijs ophalen"),
        ("?taal=", "", "nl", "Uw kopie of bewijs ophalen"),
        ("?taal=../en", "", "nl", "Uw kopie of bewijs ophalen"),
        (f"?taal={'e' * 2000}", "en", "en", "Get your copy or proof"),
    ],
)
def test_the_visitors_own_choice_comes_before_their_browsers(
    client: FlaskClient, query: str, accepted: str, language: str, heading: str
) -> None:
    page = client.get(f"/kopie{query}", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}"' in page.text
    assert f"<h1>{heading}</h1>" in page.text


def test_a_page_leads_to_itself_in_the_other_languages(client: FlaskClient) -> None:
    assert '<a href="?taal=en" lang="en" hreflang="en">English</a>' in client.get("/kopie").text
    english = client.get("/kopie?taal=en").text
    assert '<a href="?taal=nl" lang="nl" hreflang="nl">Nederlands</a>' in english
    assert "?taal=en" not in english.split("<main")[0]


def test_the_copy_page_is_english_with_english_dates_and_sizes(house: CopyHouse) -> None:
    page = house.visitor().get("/kopie/opname", headers=ENGLISH_BROWSER).text
    for words in (
        "Your copy of the call with the municipality of Voorbeeld",
        "3 November 2026, 14:05",
        "12 seconds",
        "sound file (WAV), 0.4 MB",
        "until 3 December 2026",
        "within 42 days",
        '<span lang="nl">Klachtencommissie gemeente Voorbeeld',
    ):
        assert words in page
    assert "U mag" not in page


def test_a_chosen_language_stays_from_the_code_to_the_copy(house: CopyHouse, client: FlaskClient) -> None:
    assert 'action="/kopie?taal=en"' in client.get("/kopie?taal=en").text
    answer = client.post("/kopie?taal=en", data={"code": house.code})
    assert answer.location == "/kopie/opname?taal=en"
    page = client.get(answer.location).text
    assert "Your copy of the call" in page
    assert "/kopie/opname/downloaden?taal=en" in page
    assert client.post("/kopie?taal=en", data={"code": "1"}).text.count("Enter the code of 12 digits.") == 1


def test_a_browsers_preference_is_not_written_into_addresses(house: CopyHouse, client: FlaskClient) -> None:
    answer = client.post("/kopie", data={"code": house.code}, headers=ENGLISH_BROWSER)
    assert answer.location == "/kopie/opname"


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (AgencyRecording.STOPPED, "Your copy is not ready yet"),
        (AgencyRecording.FAILED, "Our recording did not succeed"),
    ],
)
def test_why_there_is_no_copy_is_told_in_english(tmp_path: Path, recording: AgencyRecording, words: str) -> None:
    house = CopyHouse(tmp_path)
    house.add_call(recording)
    house.add_tickets()
    assert words in house.app().test_client().get(f"/kopie/{house.token}?taal=en").text
    house.database.close()


def test_error_pages_are_in_the_visitors_language(client: FlaskClient) -> None:
    assert "This page does not exist" in client.get("/nergens", headers=ENGLISH_BROWSER).text
    assert "Deze pagina bestaat niet" in client.get("/nergens", headers=FRENCH_BROWSER).text
    held_up = [client.post("/kopie?taal=en", data={"code": f"{n:012d}"}) for n in range(11)][-1]
    assert (held_up.status_code, "You have tried too often" in held_up.text) == (429, True)


def test_a_new_catalog_is_a_new_language(house: CopyHouse, tmp_path: Path) -> None:
    add_frisian_catalog(tmp_path / "locale")
    client = house.app(tmp_path / "locale").test_client()
    page = client.get("/kopie", headers={"Accept-Language": "fy-NL,fy"}).text
    assert '<html lang="fy"' in page
    assert "<h1>Frysk: Uw kopie of bewijs ophalen</h1>" in page
    assert '<a href="?taal=fy" lang="fy" hreflang="fy">Frysk</a>' in client.get("/kopie").text


def test_a_profile_without_the_language_keeps_its_own(house: CopyHouse, tmp_path: Path) -> None:
    """The example has no Frisian texts: half a Frisian page helps nobody."""
    add_frisian_catalog(tmp_path / "locale")
    client = house.app(tmp_path / "locale").test_client()
    page = client.get(f"/kopie/{house.token}?taal=fy").text
    assert '<html lang="nl"' in page
    assert "Frysk" not in page
