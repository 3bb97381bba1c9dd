"""Signing in with a local account: what opens, what does not, and that nobody learns why not."""

import re
from datetime import timedelta

import pytest

from config.policy import Role
from ivr.accounts.local import WINDOW, WRONG_OF_A_NAME, WRONG_OF_A_NETWORK, name_key
from ivr.carrier.links import token_digest
from ivr.web.csrf import CSRF_FIELD
from tests.builders import House
from tests.ivr.web.signed_in import sign_in
from tests.ivr.web.visiting import BASE, PASSWORD, Visitor, csrf_in, invited, secret_in, with_account


@pytest.fixture
def mia(house: House) -> Visitor:
    return with_account(house, "m.jansen")


def without_clock(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)


def test_who_has_password_and_code_comes_in(mia: Visitor) -> None:
    answer = mia.sign_in()
    assert (answer.status_code, answer.location) == (303, "/console")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "m.jansen" in mia.get("/console").text


def test_each_way_to_be_wrong_looks_the_same(mia: Visitor) -> None:
    used = mia.code()
    assert mia.sign_in(code=used).status_code == 303
    wrong = [
        mia.sign_in(code=used),
        mia.sign_in(wachtwoord="vier paarden en twee wagens"),
        mia.sign_in(code="000000"),
        mia.sign_in(code=""),
        mia.sign_in(naam="n.iemand"),
        mia.sign_in(naam="' OR 1=1 --"),
    ]
    assert {answer.status_code for answer in wrong} == {422}
    assert len({without_clock(answer.text) for answer in wrong}) == 1


def be_wrong(house: House, key: str, times: int) -> None:
    """As so many wrong tries would count, without their work."""
    now = house.clock.now()
    with house.wiring.database.transaction() as unit:
        for _ in range(times):
            unit.strikes.strike(key, now, now + WINDOW)


def test_a_locked_name_stays_shut_even_for_the_right_password_and_opens_by_itself(mia: Visitor) -> None:
    be_wrong(mia.house, name_key(mia.name), WRONG_OF_A_NAME - 1)
    wrong = mia.sign_in(wachtwoord="x")
    right = mia.sign_in()
    assert right.status_code == 422
    assert without_clock(right.text) == without_clock(wrong.text)
    mia.house.clock.pass_s(WINDOW.total_seconds())
    assert mia.sign_in().status_code == 303


def test_a_good_sign_in_clears_the_count(mia: Visitor) -> None:
    for _ in range(2):
        be_wrong(mia.house, name_key(mia.name), WRONG_OF_A_NAME - 1)
        assert mia.sign_in().status_code == 303


def test_a_network_that_guesses_at_many_names_is_held_back(house: House) -> None:
    be_wrong(house, "network:127.0.0.1", WRONG_OF_A_NETWORK)
    answer = Visitor(house, "n.iemand", b"x" * 20).sign_in()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    house.clock.pass_s(WINDOW.total_seconds())
    assert Visitor(house, "n.iemand", b"x" * 20).sign_in().status_code == 422


def test_names_are_typed_as_people_do(mia: Visitor) -> None:
    assert mia.sign_in(naam=" M.Jansen ").status_code == 303


def test_a_code_may_be_pasted_with_a_space(mia: Visitor) -> None:
    code = mia.code()
    assert mia.sign_in(code=f" {code[:3]} {code[3:]}\n").status_code == 303


def test_the_forms_help_password_managers(house: House) -> None:
    page = house.client.get("/console/inloggen").text
    for purpose in ("username", "current-password", "one-time-code"):
        assert f'autocomplete="{purpose}"' in page


ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example/console",
    "/\\elsewhere.example",
    "/kopie/x",
    "javascript:alert(1)",
    "/console/../kopie",
    "/console\\@elsewhere.example",
    "/consoles",
    " /console",
    "/console\n/x",
    "http:/console",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_led_elsewhere(mia: Visitor, address: str) -> None:
    assert mia.sign_in(verder=address).location == "/console"
    assert 'name="verder" value=""' in mia.client.get("/console/inloggen", query_string={"verder": address}).text


def test_one_goes_on_to_what_one_asked_for(mia: Visitor) -> None:
    assert mia.sign_in(verder="/console/gesprekken?q=a b&x=%2F".replace(" ", "%20")).location.startswith(
        "/console/gesprekken?q=a%20b"
    )


def test_another_site_cannot_sign_somebody_in(mia: Visitor) -> None:
    form: dict[str, object] = {"naam": mia.name, "wachtwoord": PASSWORD, "code": mia.code()}
    assert mia.post("/console/inloggen", form, Origin="https://elsewhere.example").status_code == 403
    assert mia.post("/console/inloggen", form, Origin="null").status_code == 403
    assert mia.post("/console/inloggen", form, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert mia.post("/console/inloggen", form).status_code == 303


def test_a_session_from_before_ends_at_a_new_sign_in(mia: Visitor) -> None:
    mia.sign_in()
    first = mia.client.get_cookie("spelregel")
    assert first is not None
    mia.sign_in()
    other = Visitor(mia.house, mia.name)
    other.client.set_cookie("spelregel", first.value)
    assert other.get("/console").status_code == 303
    assert mia.get("/console").status_code == 200


def test_a_cookie_that_somebody_planted_is_not_taken_over(mia: Visitor) -> None:
    mia.client.set_cookie("spelregel", "planted")
    mia.sign_in()
    cookie = mia.client.get_cookie("spelregel")
    assert cookie is not None
    assert cookie.value != "planted"


def test_huge_input_is_wrong_input(mia: Visitor) -> None:
    assert mia.sign_in(naam="x" * 10_000).status_code == 422
    assert mia.sign_in(wachtwoord="x" * 100_000).status_code == 422
    assert mia.sign_in(code="9" * 10_000).status_code == 422
    assert mia.sign_in(wachtwoord="x" * 300_000).status_code == 413


def test_what_was_typed_is_shown_again_harmlessly(mia: Visitor) -> None:
    page = mia.sign_in(naam='"><script>alert(1)</script>').text
    assert "<script>alert" not in page
    assert PASSWORD not in page


def test_signing_in_and_out_leaves_lines(mia: Visitor) -> None:
    mia.sign_in(wachtwoord="x")
    mia.sign_in(naam="geheim-wachtwoord-in-het-verkeerde-veld")
    mia.sign_in()
    mia.submit("/console/uitloggen")
    with mia.house.wiring.database.reading() as unit:
        lines = [line.action for line in unit.trail.list_object("m.jansen", 10)]
        unknown = [line.actor for line in unit.trail.list_object("", 10) if line.action == "sign-in-refused"]
    assert lines == ["sign-out", "sign-in", "sign-in-refused", "account-set"]
    assert unknown == [""]


# ------------------------------------------------------------ invitations


def accepting(visitor: Visitor, **changes: str) -> dict[str, object]:
    return {"wachtwoord": PASSWORD, "wachtwoord-nogmaals": PASSWORD, "code": visitor.code(), **changes}


def test_an_invitation_works_once(house: House) -> None:
    mia, path = invited(house, "m.jansen", Role.EMPLOYEE)
    page = mia.get(path)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert 'src="data:image/svg+xml' in page.text
    mia.secret = secret_in(page.text)
    done = mia.post(path, accepting(mia))
    assert len(re.findall(r"<li><code>([a-z2-7-]{19})</code>", done.text)) == 10
    assert mia.get("/console").status_code == 200
    assert mia.get(path).status_code == 404
    assert mia.post(path, accepting(mia)).status_code == 404
    assert mia.sign_in().status_code == 303


def test_an_invitation_ends_after_three_days_or_by_a_newer_one(house: House) -> None:
    mia, path = invited(house, "m.jansen", Role.EMPLOYEE)
    newer = f"/console/uitnodiging/{house.wiring.accounts.invite('m.jansen', 'a test')}"
    assert mia.get(path).status_code == 404
    house.clock.pass_s(timedelta(hours=71).total_seconds())
    assert mia.get(newer).status_code == 200
    house.clock.pass_s(timedelta(hours=1).total_seconds())
    assert mia.get(newer).status_code == 404
    assert mia.get("/console/uitnodiging/" + "x" * 43).status_code == 404


def test_the_picture_stays_the_same_and_is_nobody_elses(house: House) -> None:
    mia, path = invited(house, "m.jansen", Role.EMPLOYEE)
    ali, other = invited(house, "a.bakker", Role.EMPLOYEE)
    assert secret_in(mia.get(path).text) == secret_in(mia.get(path).text) != secret_in(ali.get(other).text)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"wachtwoord-nogmaals": "iets anders dan dat"}, "wachtwoord-nogmaals", "niet hetzelfde"),
        ({"wachtwoord": "elf tekens!", "wachtwoord-nogmaals": "elf tekens!"}, "wachtwoord", "te kort"),
        ({"wachtwoord": "x1" * 129, "wachtwoord-nogmaals": "x1" * 129}, "wachtwoord", "te lang"),
        ({"wachtwoord": "Welkom123456!", "wachtwoord-nogmaals": "Welkom123456!"}, "wachtwoord", "te raden"),
        ({"wachtwoord": "m.jansen1234", "wachtwoord-nogmaals": "m.jansen1234"}, "wachtwoord", "te raden"),
        ({"wachtwoord": "aaaabbbbaaaabbbb", "wachtwoord-nogmaals": "aaaabbbbaaaabbbb"}, "wachtwoord", "te raden"),
        ({"wachtwoord": "123456789012", "wachtwoord-nogmaals": "123456789012"}, "wachtwoord", "te raden"),
        ({"code": "000000"}, "code", "klopt niet"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(house: House, changes: dict[str, str], field: str, words: str) -> None:
    mia, path = invited(house, "m.jansen", Role.EMPLOYEE)
    mia.secret = secret_in(mia.get(path).text)
    answer = mia.post(path, accepting(mia, **changes))
    assert answer.status_code == 422
    assert words in re.sub(r"\s+", " ", answer.text.split(f'id="{field}-fault">')[1].split("</p>")[0])
    assert f'href="#{field}"' in answer.text
    assert mia.get("/console").status_code == 303
    assert mia.post(path, accepting(mia)).status_code == 200


def test_whoever_is_invited_anew_is_out_at_once(mia: Visitor) -> None:
    mia.sign_in()
    mia.house.wiring.accounts.invite("m.jansen", "a test")
    assert mia.get("/console").status_code == 303
    assert mia.sign_in().status_code == 422


def test_a_recovery_code_opens_once(house: House) -> None:
    mia, path = invited(house, "m.jansen", Role.EMPLOYEE)
    mia.secret = secret_in(mia.get(path).text)
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code>", mia.post(path, accepting(mia)).text)
    assert mia.sign_in(code=codes[0].upper().replace("-", " ")).status_code == 303
    assert mia.sign_in(code=codes[0]).status_code == 422
    assert mia.sign_in(code=codes[1]).status_code == 303
    assert "nog 8 herstelcodes" in mia.get("/console/account").text


# ------------------------------------------------------------ a session that ends while a form is open


FORM = {"reden": "<b>privacy</b> & rust", "vinkje": ["a", "b"], "wachtwoord": "niet bewaren", "code": "123456"}


def test_a_form_that_came_too_late_is_kept_while_one_signs_in(mia: Visitor) -> None:
    mia.sign_in()
    csrf = mia.csrf()
    mia.house.clock.pass_s(timedelta(hours=1).total_seconds())
    late = mia.post("/console/account/sessies/einde?x=1", {CSRF_FIELD: csrf, **FORM})
    assert late.status_code == 401
    assert "niet bewaren" not in late.text
    hidden = dict(re.findall(r'type="hidden" name="(bewaard[^"]*)" value="([^"]*)"', late.text))
    assert hidden["bewaard-adres"] == "/console/account/sessies/einde?x=1"
    assert hidden["bewaard:reden"] == "&lt;b&gt;privacy&lt;/b&gt; &amp; rust"
    kept = {
        "bewaard-adres": "/console/account/sessies/einde?x=1",
        "bewaard:reden": FORM["reden"],
        "bewaard:vinkje": ["a", "b"],
    }
    wrong = mia.sign_in(wachtwoord="x", **kept)  # type: ignore[arg-type]
    assert wrong.status_code == 422
    assert wrong.text.count('name="bewaard:vinkje"') == 2
    again = mia.sign_in(**kept)  # type: ignore[arg-type]
    assert again.status_code == 200
    assert 'action="/console/account/sessies/einde?x=1"' in again.text
    assert again.text.count('name="vinkje"') == 2
    assert "<b>privacy" not in again.text
    assert mia.post("/console/account/sessies/einde", {CSRF_FIELD: csrf_in(again.text), **FORM}).status_code == 303


def test_a_form_of_another_site_is_not_kept(mia: Visitor) -> None:
    mia.sign_in()
    csrf = mia.csrf()
    mia.house.clock.pass_s(timedelta(hours=1).total_seconds())
    for form, origin in (({}, BASE), ({CSRF_FIELD: "0" * 64}, BASE), ({CSRF_FIELD: csrf}, "https://elsewhere.example")):
        late = mia.post("/console/account/sessies/einde", {**FORM, **form}, Origin=origin)
        assert late.status_code == 401
        assert "bewaard" not in late.text


def test_a_kept_form_goes_nowhere_else(mia: Visitor) -> None:
    answer = mia.sign_in(**{"bewaard-adres": "https://elsewhere.example/", "bewaard:x": "y"})
    assert answer.status_code == 303


def test_a_page_of_an_earlier_session_may_send_its_form_once_more(mia: Visitor) -> None:
    mia.sign_in()
    earlier = mia.csrf()
    mia.sign_in()
    answer = mia.post("/console/account/sessies/einde", {CSRF_FIELD: earlier, **FORM})
    assert answer.status_code == 403
    assert "Wilt u dit alsnog versturen?" in answer.text
    assert mia.post("/console/account/sessies/einde", {CSRF_FIELD: csrf_in(answer.text)}).status_code == 303
    foreign = mia.post("/console/account/sessies/einde", {CSRF_FIELD: earlier}, Origin="https://elsewhere.example")
    assert (foreign.status_code, "alsnog" in foreign.text) == (403, False)


def test_who_signed_in_on_another_tab_goes_on_with_the_form(mia: Visitor) -> None:
    kept: dict[str, object] = {"bewaard-adres": "/console/account/sessies/einde", "bewaard:reden": "rust"}
    assert mia.post("/console/inloggen/verder", kept).status_code == 401
    mia.sign_in()
    assert 'name="reden" value="rust"' in mia.post("/console/inloggen/verder", kept).text
    assert mia.post("/console/inloggen/verder", kept, Origin="https://elsewhere.example").status_code == 403


def test_a_part_of_a_page_says_it_beside_what_is_open(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    house.clock.pass_s(timedelta(hours=1).total_seconds())
    for method, path in (("GET", "/console"), ("POST", "/console/account/sessies/einde")):
        answer = mia.client.open(path, method=method, base_url=BASE, headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer.headers["HX-Retarget"] == "#sessie"
        assert "<html" not in answer.text


# ------------------------------------------------------------ one's own account


def test_a_new_password_signs_out_everywhere_else(mia: Visitor) -> None:
    elsewhere = Visitor(mia.house, mia.name, mia.secret)
    elsewhere.sign_in()
    mia.sign_in()
    new = "zes schapen op een dijk"
    form: dict[str, object] = {"wachtwoord": PASSWORD, "wachtwoord-nieuw": new, "wachtwoord-nogmaals": new}
    assert mia.submit("/console/account/wachtwoord", {**form, "code": "000000"}).status_code == 422
    assert (
        mia.submit("/console/account/wachtwoord", {**form, "code": mia.code(), "wachtwoord-nogmaals": "x"}).status_code
        == 422
    )
    assert mia.submit("/console/account/wachtwoord", {**form, "code": mia.code(), "wachtwoord": "x"}).status_code == 422
    assert mia.submit("/console/account/wachtwoord", {**form, "code": mia.code()}).status_code == 303
    assert elsewhere.get("/console").status_code == 303
    assert mia.get("/console").status_code == 200
    assert mia.sign_in().status_code == 422
    assert mia.sign_in(wachtwoord=new).status_code == 303


def test_one_sees_and_ends_ones_own_sessions_only(mia: Visitor) -> None:
    elsewhere = Visitor(mia.house, mia.name, mia.secret)
    elsewhere.sign_in()
    mia.sign_in()
    ali = with_account(mia.house, "a.bakker")
    ali.sign_in()
    cookie = elsewhere.client.get_cookie("spelregel")
    assert cookie is not None
    other = token_digest(cookie.value)
    assert f"/console/account/sessies/{other}/einde" in mia.get("/console/account").text
    assert ali.submit(f"/console/account/sessies/{other}/einde").status_code == 404
    assert elsewhere.get("/console").status_code == 200
    assert mia.submit(f"/console/account/sessies/{other}/einde").status_code == 303
    assert elsewhere.get("/console").status_code == 303
    assert mia.get("/console").status_code == 200


def test_new_recovery_codes_replace_the_old(mia: Visitor) -> None:
    mia.sign_in()
    answer = mia.submit("/console/account/herstelcodes", {"wachtwoord": PASSWORD, "code": mia.code()})
    (*_, last) = re.findall(r"<li><code>([a-z2-7-]{19})</code>", answer.text)
    assert mia.submit("/console/account/herstelcodes", {"wachtwoord": PASSWORD, "code": "000000"}).status_code == 422
    assert mia.sign_in(code=last).status_code == 303


def test_cookies_on_https_are_the_hosts_alone(house: House) -> None:
    from ivr.web.sessions import Sessions

    sessions = Sessions(house.wiring.database, house.clock, secure=True)
    response = house.client.application.response_class()
    sessions.set_cookie(response, "token")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-spelregel=token;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
