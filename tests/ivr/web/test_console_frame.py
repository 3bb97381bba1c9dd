"""What stands around every page of the console: who, for whom, where, help, notices, and trouble."""

from urllib.parse import parse_qs, urlsplit

import pytest
from markupsafe import escape

from config.policy import Role
from ivr.web.console.notices import NOTICES
from tests.builders import House
from tests.ivr.web.gallery import gallery_app
from tests.ivr.web.signed_in import BASE, Colleague, sign_in


def at_the_gallery(house: House, colleague: Colleague) -> Colleague:
    client = gallery_app(house.wiring).test_client()
    client.set_cookie(house.wiring.sessions.cookie, colleague.cookie)
    return Colleague(client, colleague.cookie, colleague.signed_in)


@pytest.fixture
def mia(house: House) -> Colleague:
    return at_the_gallery(house, sign_in(house, Role.SUPERVISOR, name="Mia <b>"))


def test_who_is_signed_in_and_for_whom_they_work(mia: Colleague) -> None:
    page = mia.get("/console?taal=en").text
    assert "Mia &lt;b&gt;" in page
    assert "(supervisor)" in page
    assert "Voorbeeld" in page.split("</header>")[0]


def test_the_page_one_is_on_is_marked_in_the_menu_by_words_for_machines(mia: Colleague) -> None:
    assert 'href="/console/zaken" aria-current="page"' in mia.get("/console/zaken").text
    assert 'href="/console/zaken" aria-current' not in mia.get("/console").text


@pytest.mark.parametrize(
    ("agencies", "address"), [(("example",), "/spelregels/example/werkinstructie"), (("example", "ind"), "/spelregels")]
)
def test_help_stands_on_every_page(house: House, agencies: tuple[str, ...], address: str) -> None:
    colleague = at_the_gallery(house, sign_in(house, Role.EMPLOYEE, agencies))
    for page in ("/console", "/console/galerij", "/console/galerij/nee-404"):
        assert f'<p class="help"><a href="{address}">Hulp: werkinstructie</a></p>' in colleague.get(page).text


def test_a_form_leads_on_to_a_page_that_says_so(mia: Colleague) -> None:
    answer = mia.post("/console/galerij")
    assert answer.status_code == 303
    page = mia.get(str(answer.location)).text
    assert f'role="status"><p>{NOTICES["saved"]}</p>' in page
    assert NOTICES["saved"] not in mia.get("/console/galerij").text


@pytest.mark.parametrize("forged", ["saved", "saved.", "saved.0123456789abcdef", "removed.{}", "<script>.{}", "é.é"])
def test_nobody_else_makes_a_page_say_that_something_was_done(mia: Colleague, forged: str) -> None:
    location = str(mia.post("/console/galerij").location)
    signature = parse_qs(urlsplit(location).query)["gedaan"][0].partition(".")[2]
    answer = mia.client.get("/console", base_url=BASE, query_string={"gedaan": forged.format(signature)})
    assert answer.status_code == 200
    assert not [notice for notice in NOTICES.values() if str(escape(notice)) in answer.text]


def test_a_notice_of_one_session_says_nothing_in_another(house: House, mia: Colleague) -> None:
    location = str(mia.post("/console/galerij").location)
    other = at_the_gallery(house, sign_in(house, Role.EMPLOYEE))
    assert NOTICES["saved"] not in other.get(location).text


def test_trouble_is_told_within_the_frame_and_to_a_script_as_a_part(mia: Colleague) -> None:
    whole = mia.get("/console/galerij/nee-404")
    assert whole.status_code == 404
    assert "<h1>Deze pagina bestaat niet</h1>" in whole.text
    assert 'aria-label="Hoofdmenu"' in whole.text
    assert 'aria-label="Hoofdmenu"' in mia.get("/console/nergens/te/vinden").text
    part = mia.get("/console/galerij/nee-404", **{"HX-Request": "true"})
    assert part.status_code == 404
    assert "Deze pagina bestaat niet." in part.text
    assert "<html" not in part.text


def test_who_is_not_signed_in_gets_no_frame(house: House) -> None:
    answer = gallery_app(house.wiring).test_client().get("/console/nergens", base_url=BASE)
    assert answer.status_code == 404
    assert "Hoofdmenu" not in answer.text


def test_forms_of_the_console_can_be_checked_for_their_origin(mia: Colleague) -> None:
    """A browser sends `Origin: null` from a page with `no-referrer`, and the gate refuses that."""
    assert mia.get("/console").headers["Referrer-Policy"] == "same-origin"
    assert mia.post("/console/galerij", Origin=BASE).status_code == 303
    assert mia.post("/console/galerij", Origin="null").status_code == 403


def test_another_language_keeps_what_was_asked(mia: Colleague) -> None:
    page = mia.get("/console/galerij?lijn=a&lijn=b&taal=nl").text
    assert 'href="?lijn=a&amp;lijn=b&amp;taal=en" lang="en"' in page
