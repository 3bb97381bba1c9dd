"""The second factor: a link alone opens the explanation; a code by SMS, once and for ten minutes, opens the copy."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.ivr.web.house import CALL_ID, CopyHouse, ready_house

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CopyHouse]:
    house = ready_house(tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def client(house: CopyHouse) -> FlaskClient:
    return house.app().test_client()


@pytest.fixture
def link(house: CopyHouse) -> str:
    return f"/kopie/{house.token}"


def ask(client: FlaskClient, link: str) -> TestResponse:
    return client.post(f"{link}/code/aanvragen")


def enter(client: FlaskClient, link: str, code: str, **more: str) -> TestResponse:
    return client.post(f"{link}/code", data={"code": code, **more})


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


# ------------------------------------------------------------ the way in


def test_a_link_alone_opens_the_explanation_only(house: CopyHouse, client: FlaskClient, link: str) -> None:
    page = client.get(link)
    assert page.status_code == 200
    for words in ("gemeente Voorbeeld", "Stuur mij een code", "Knip en plak niet", "17 november 2026, 14.05 uur"):
        assert words in page.text
    for hidden in ("<audio", "downloaden", house.recording.digest, "3 november 2026", "Set-Cookie"):
        assert hidden not in page.text
    assert "Set-Cookie" not in page.headers
    assert house.tags() == []


def test_from_the_sms_to_the_sound_in_three_clicks(house: CopyHouse, client: FlaskClient, link: str) -> None:
    """The link, `Stuur mij een code`, and the code; the page then plays by itself because that is what was pressed."""
    client.get(link)
    form = ask(client, link)
    assert (form.status_code, form.location) == (303, f"{link}/code")
    opened = enter(client, link, house.send_code(), dan="luisteren")
    assert (opened.status_code, opened.location) == (303, "/kopie/opname?luister=1")
    page = client.get(opened.location).text
    assert 'preload="none" autoplay' in page
    assert client.get("/kopie/opname/luisteren").data == house.sound
    assert house.tags() == ["copy:code-asked", "copy:opened", "copy:downloaded"]
    assert {entry.facts["ticket"] for entry in house.entries()} == {"sms"}


def test_the_page_can_be_opened_without_sound_that_begins_by_itself(
    house: CopyHouse, client: FlaskClient, link: str
) -> None:
    ask(client, link)
    opened = enter(client, link, house.send_code())
    assert opened.location == "/kopie/opname"
    assert "autoplay" not in client.get(opened.location).text


def test_who_is_inside_goes_on_from_the_link(house: CopyHouse, link: str) -> None:
    answer = house.visitor().get(link)
    assert (answer.status_code, answer.location) == (303, "/kopie/opname")


def test_a_visit_to_another_copy_does_not_open_this_one(house: CopyHouse, link: str) -> None:
    assert "Stuur mij een code" in house.visitor("code").get(link).text


def test_a_code_may_be_pasted_with_spaces(house: CopyHouse, client: FlaskClient, link: str) -> None:
    ask(client, link)
    code = house.send_code()
    assert enter(client, link, f" {code[:3]} {code[3:]} ").status_code == 303


# ------------------------------------------------------------ what does not open it


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "<script>alert(1)</script>", "1" * 999])
def test_what_is_no_code_is_asked_again_without_counting(
    house: CopyHouse, client: FlaskClient, link: str, typed: str
) -> None:
    ask(client, link)
    code = house.send_code()
    for _ in range(6):
        page = enter(client, link, typed)
        assert page.status_code == 422
        assert "6 cijfers" in page.text
        assert "<script" not in page.text
    assert enter(client, link, code).status_code == 303


def test_a_wrong_code_is_told_with_what_is_left_and_logged(house: CopyHouse, client: FlaskClient, link: str) -> None:
    ask(client, link)
    wrong = other_than(house.send_code())
    page = enter(client, link, wrong)
    assert page.status_code == 422
    assert "U kunt het nog 4 keer proberen" in page.text
    assert f'value="{wrong}"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert house.tags() == ["copy:code-asked", "copy:code-wrong"]


def test_after_five_wrong_tries_the_right_code_opens_nothing_either(
    house: CopyHouse, client: FlaskClient, link: str
) -> None:
    ask(client, link)
    code = house.send_code()
    for left in (4, 3, 2, 1, 0):
        page = enter(client, link, other_than(code))
        assert ("nieuwe code aan" if left == 0 else f"nog {left} keer") in page.text
    assert enter(client, link, code).status_code == 422
    house.clock.at += MINUTE
    ask(client, link)
    assert enter(client, link, house.send_code()).status_code == 303
    assert house.tags().count("copy:code-wrong") == 5


def test_a_code_works_once(house: CopyHouse, client: FlaskClient, link: str) -> None:
    ask(client, link)
    code = house.send_code()
    assert enter(client, link, code).status_code == 303
    replayed = enter(house.app().test_client(), link, code)
    assert replayed.status_code == 422
    assert "nieuwe code" in replayed.text


def test_a_code_works_for_ten_minutes_from_when_it_was_sent(house: CopyHouse, client: FlaskClient, link: str) -> None:
    ask(client, link)
    house.clock.at += 5 * MINUTE
    code = house.send_code()
    house.clock.at += 10 * MINUTE
    assert enter(client, link, code).status_code == 422
    ask(client, link)
    code = house.send_code()
    house.clock.at += 10 * MINUTE - timedelta(seconds=1)
    assert enter(client, link, code).status_code == 303


def test_only_the_newest_code_works(house: CopyHouse, client: FlaskClient, link: str) -> None:
    ask(client, link)
    first = house.send_code()
    house.clock.at += MINUTE
    ask(client, link)
    second = house.send_code()
    assert enter(client, link, first).status_code == 422
    assert enter(client, link, second).status_code == 303


def test_a_code_of_another_link_opens_nothing(house: CopyHouse, client: FlaskClient, link: str) -> None:
    """Codes are derived from a random id of their own, so one of another call is as good as a guess."""
    ask(client, link)
    house.send_code()
    foreign = house.links.opening_code("another call's code")
    assert enter(client, link, foreign).status_code == 422


def test_without_having_asked_no_code_works(house: CopyHouse, client: FlaskClient, link: str) -> None:
    assert "nog geen code aangevraagd" in client.get(f"{link}/code").text
    assert enter(client, link, "000000").status_code == 422
    ask(client, link)
    assert enter(client, link, "000000").status_code == 422  # asked for, not sent yet
    assert "copy:code-wrong" not in house.tags()


# ------------------------------------------------------------ limits


def test_five_codes_a_day(house: CopyHouse, client: FlaskClient, link: str) -> None:
    for _ in range(5):
        assert ask(client, link).status_code == 303
        house.clock.at += MINUTE
    page = ask(client, link)
    assert page.status_code == 429
    assert "vandaag al 5 codes" in page.text
    assert 'role="alert"' in page.text
    assert house.tags() == ["copy:code-asked"] * 5
    house.clock.at += timedelta(days=1)
    assert ask(client, link).status_code == 303


def test_a_key_that_is_pressed_twice_asks_once(house: CopyHouse, client: FlaskClient, link: str) -> None:
    assert [ask(client, link).status_code for _ in range(3)] == [303] * 3
    assert house.tags() == ["copy:code-asked"]


def test_a_code_that_could_not_be_sent_is_told_and_may_be_asked_again_at_once(
    house: CopyHouse, client: FlaskClient, link: str
) -> None:
    ask(client, link)
    with house.database.transaction() as unit:
        code = unit.copy_codes.find_latest(f"{CALL_ID}:sms")
        assert code is not None
        unit.copy_codes.failed(code.code_id, house.clock.now())
    assert "kon niet worden verstuurd" in client.get(f"{link}/code").text
    house.clock.at += timedelta(seconds=1)
    ask(client, link)
    assert "Wij sturen u nu een sms" in client.get(f"{link}/code").text


def test_a_number_that_was_erased_gets_no_code(house: CopyHouse, client: FlaskClient, link: str) -> None:
    with house.database.transaction() as unit:
        unit.calls.forget_caller_number(CALL_ID)
    page = ask(client, link)
    assert page.status_code == 409
    assert "Wij hebben uw telefoonnummer niet meer" in page.text


@pytest.mark.parametrize("path", ["/code/aanvragen", "/code"])
@pytest.mark.parametrize("token", ["0" * 32, "onzin", "A" * 32, "..%2f..%2fconsole"])
def test_an_unknown_link_asks_for_nothing(house: CopyHouse, client: FlaskClient, token: str, path: str) -> None:
    assert client.post(f"/kopie/{token}{path}", data={"code": "123456"}).status_code == 404
    assert house.tags() == []


def test_forms_of_another_site_are_refused(house: CopyHouse, client: FlaskClient, link: str) -> None:
    for path in ("/kopie", f"{link}/code/aanvragen", f"{link}/code", "/kopie/klaar"):
        answer = client.post(path, data={"code": "123456"}, headers={"Origin": "https://elders.example"})
        assert answer.status_code == 403
    assert house.tags() == []


# ------------------------------------------------------------ withdrawn


def test_a_withdrawn_copy_opens_nothing_any_more_not_even_for_who_is_inside(
    house: CopyHouse, client: FlaskClient, link: str
) -> None:
    visitor = house.visitor()
    ask(client, link)
    code = house.send_code()
    assert house.copies.withdraw(CALL_ID, "l.smit")
    assert not house.copies.withdraw(CALL_ID, "l.smit")
    for answer in (
        client.get(link),
        enter(client, link, code),
        ask(client, link),
        client.post("/kopie", data={"code": house.code}),
        visitor.get("/kopie/opname"),
        visitor.get("/kopie/opname/downloaden"),
        visitor.get("/kopie/opname/bewijs"),
    ):
        assert answer.status_code == 410
        assert "ingetrokken" in answer.text
    assert house.tags()[-1] == "copy:withdrawn"
    assert house.entries()[-1].personal == {"by": "l.smit"}
    assert house.uses() == 0


def test_a_copy_that_is_given_again_and_withdrawn_again_is_logged_twice(house: CopyHouse) -> None:
    house.copies.withdraw(CALL_ID, "l.smit")
    with house.database.transaction() as unit:
        ticket = unit.copies.list_call(CALL_ID)[0]
        unit.copies.add(type(ticket)("call-1:sms-2", CALL_ID, "e" * 64, house.clock.now(), ticket.expires_at))
    house.copies.withdraw(CALL_ID, "l.smit")
    assert house.tags() == ["copy:withdrawn"] * 2
