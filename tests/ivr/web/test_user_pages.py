"""`/console/gebruikers`: an administrator manages the people of their own agencies; nobody is locked out for good."""

import re
from collections.abc import Sequence

import pytest

from config.policy import Role
from ivr.accounts.local import WINDOW, WRONG_OF_A_NAME, name_key
from ivr.accounts.users import LastAdministrator
from tests.builders import PUBLIC_URL, House
from tests.ivr.web.signed_in import Colleague, sign_in
from tests.ivr.web.visiting import Visitor, with_account

USERS = "/console/gebruikers"


@pytest.fixture
def admin(house: House) -> Colleague:
    return sign_in(house, Role.ADMINISTRATOR)


def added(
    admin: Colleague, name: str = "m.jansen", role: str = "medewerker", agencies: Sequence[str] = ("example",)
) -> str:
    return admin.post(USERS, {"naam": name, "rol": role, "organisatie": list(agencies)}).text


def test_who_is_added_gets_a_link_that_is_shown_once(house: House, admin: Colleague) -> None:
    page = added(admin)
    found = re.search(rf'value="{PUBLIC_URL}(/console/uitnodiging/[\w-]+)"', page)
    assert found is not None
    assert Visitor(house, "m.jansen").get(found[1]).status_code == 200
    assert "uitnodiging/" not in admin.get(f"{USERS}/m.jansen").text
    user = house.wiring.users.find("m.jansen")
    assert user is not None
    assert (user.role, user.agencies, user.added_by, user.token_digest) == (
        "medewerker",
        ("example",),
        "beheerder",
        None,
    )


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"naam": "M. Jansen"}, "naam"),
        ({"naam": ""}, "naam"),
        ({"naam": "x" * 61}, "naam"),
        ({"naam": "beheerder"}, "naam"),
        ({"rol": ""}, "rol"),
        ({"rol": "directeur"}, "rol"),
        ({"organisatie": []}, "organisatie"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    house: House, admin: Colleague, form: dict[str, object], field: str
) -> None:
    typed = {"naam": "m.jansen", "rol": "leidinggevende", "organisatie": ["example"], **form}
    answer = admin.post(USERS, typed)
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert f'href="#{field}"' in answer.text
    if field != "naam":
        assert 'value="m.jansen"' in answer.text
    if field != "rol":
        assert '<option value="leidinggevende" selected>' in answer.text
    assert [user.name for user in house.wiring.users.list()] == ["beheerder"]


def test_what_was_typed_is_shown_again_harmlessly(admin: Colleague) -> None:
    assert "<script>alert" not in added(admin, name='"><script>alert(1)</script>')


def test_nobody_gives_away_another_agency(house: House, admin: Colleague) -> None:
    answer = admin.post(USERS, {"naam": "m.jansen", "rol": "medewerker", "organisatie": ["example", "ind"]})
    assert answer.status_code == 403
    added(admin)
    answer = admin.post(f"{USERS}/m.jansen/rol", {"rol": "medewerker", "organisatie": ["ind"]})
    assert answer.status_code == 403
    assert house.wiring.users.find("m.jansen").agencies == ("example",)  # type: ignore[union-attr]


def test_who_works_for_another_agency_too_is_seen_and_not_managed(house: House, admin: Colleague) -> None:
    house.wiring.users.introduce("a.beide", Role.EMPLOYEE, ["example", "ind"], "a test")
    house.wiring.users.introduce("a.elders", Role.EMPLOYEE, ["ind"], "a test")
    page = admin.get(USERS).text
    assert "a.beide" in page
    assert "a.elders" not in page
    assert admin.get(f"{USERS}/a.elders").status_code == 404
    assert "uitschakelen" not in admin.get(f"{USERS}/a.beide").text
    for act in ("rol", "uitschakelen", "ontgrendelen", "uitloggen", "uitnodigen", "toegangscode"):
        assert admin.post(f"{USERS}/a.beide/{act}").status_code == 403
        assert admin.post(f"{USERS}/a.elders/{act}").status_code == 404


def test_another_role_takes_a_new_sign_in(house: House, admin: Colleague) -> None:
    mia = sign_in(house, Role.EMPLOYEE)
    answer = admin.post(f"{USERS}/medewerker/rol", {"rol": "leidinggevende", "organisatie": ["example"]})
    assert "De gebruiker moet opnieuw inloggen" in admin.get(answer.location).text
    assert mia.get("/console").status_code == 303
    assert house.wiring.users.find("medewerker").role == "leidinggevende"  # type: ignore[union-attr]


def test_a_disabled_user_is_out_everywhere_and_stays_out(house: House, admin: Colleague) -> None:
    mia = with_account(house, "m.jansen")
    mia.sign_in()
    token, _ = house.wiring.users.new_token("m.jansen")
    assert admin.post(f"{USERS}/m.jansen/uitschakelen").status_code == 303
    assert mia.get("/console").status_code == 303
    assert mia.sign_in().status_code == 422
    assert house.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    for act in ("uitnodigen", "toegangscode"):
        assert admin.post(f"{USERS}/m.jansen/{act}").status_code == 422
    assert admin.post(f"{USERS}/m.jansen/rol", {"rol": "medewerker", "organisatie": ["example"]}).status_code == 422
    assert "niet terug te draaien" in admin.get(f"{USERS}/m.jansen").text


def test_the_last_administrator_stays(house: House, admin: Colleague) -> None:
    other = {"rol": "medewerker", "organisatie": ["example"]}
    for act, form in (("uitschakelen", {}), ("rol", other)):
        answer = admin.post(f"{USERS}/beheerder/{act}", form)
        assert answer.status_code == 422
        assert "laatste beheerder" in answer.text
    house.wiring.users.introduce("b.tweede", Role.ADMINISTRATOR, ["ind"], "a test")
    with pytest.raises(LastAdministrator):
        house.wiring.users.disable("beheerder")
    house.wiring.users.introduce("b.derde", Role.ADMINISTRATOR, ["example"], "a test")
    assert admin.post(f"{USERS}/beheerder/uitschakelen").status_code == 303
    assert admin.get(USERS).status_code == 303


def test_an_administrator_unlocks_a_name(house: House, admin: Colleague) -> None:
    mia = with_account(house, "m.jansen")
    with house.wiring.database.transaction() as unit:
        for _ in range(WRONG_OF_A_NAME):
            unit.strikes.strike(name_key("m.jansen"), house.clock.now(), house.clock.now() + WINDOW)
    assert mia.sign_in().status_code == 422
    assert "tijdelijk geblokkeerd" in admin.get(f"{USERS}/m.jansen").text
    assert admin.post(f"{USERS}/m.jansen/ontgrendelen").status_code == 303
    assert mia.sign_in().status_code == 303


def test_a_new_token_is_shown_once_and_replaces_the_old(house: House, admin: Colleague) -> None:
    added(admin, role="klachtencommissie")
    tokens = []
    for _ in range(2):
        found = re.search(
            r'name="toegangscode"[^>]* value="([\w-]{43})"', admin.post(f"{USERS}/m.jansen/toegangscode").text
        )
        assert found is not None
        tokens.append(found[1])
    statuses = [
        house.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code for token in tokens
    ]
    assert statuses == [401, 200]
    assert "geldig tot 3 november 2027" in admin.get(f"{USERS}/m.jansen").text


def test_somebody_can_be_signed_out_by_an_administrator(house: House, admin: Colleague) -> None:
    mia = sign_in(house, Role.EMPLOYEE)
    assert admin.post(f"{USERS}/medewerker/uitloggen").status_code == 303
    assert mia.get("/console").status_code == 303


def test_who_managed_whom_is_in_the_trail(house: House, admin: Colleague) -> None:
    added(admin)
    admin.post(f"{USERS}/m.jansen/toegangscode")
    admin.post(f"{USERS}/m.jansen/uitschakelen")
    with house.wiring.database.reading() as unit:
        lines = [(line.actor, line.action, line.result) for line in unit.trail.list_object("m.jansen", 10)]
    assert lines == [
        ("beheerder", "disable_user", 303),
        ("beheerder", "new_token", 200),
        ("beheerder", "add_user", 200),
    ]
