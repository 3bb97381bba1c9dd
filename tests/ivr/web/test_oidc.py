"""Signing in with the agency's own account, against a real OpenID provider on loopback (npm's oidc-provider)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from config import settings
from config.policy import Role
from ivr.accounts.users import UserError
from ivr.wiring import Wiring
from tests.builders import House, environment
from tests.conftest import SERVERS_REQUIRED, free_port
from tests.ivr.web.visiting import BASE, Visitor

HERE = Path(__file__).parent / "oidc"
CACHE = Path(__file__).parents[3] / "build" / "oidc-provider"
RETURN = f"{BASE}/console/inloggen/oidc/terug"
ROLES = "spelregel-leiding=leidinggevende:example;spelregel-controle=controleur:example;spelregel-uwv=controleur:uwv"


def missing(reason: str) -> None:
    if SERVERS_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def installed_provider() -> Path:
    """The provider's folder, installed as the lock says, once for each lock."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        missing("no node and npm on this machine (Debian: apt install nodejs npm)")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE, folder)
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True, check=False
        )
        if done.returncode:
            missing(f"the OpenID provider cannot be installed: {done.stderr.decode()[-500:]}")
        (folder / "installed").touch()
    shutil.copyfile(HERE / "provider.mjs", folder / "provider.mjs")
    return folder


@contextmanager
def running() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    folder, port = installed_provider(), free_port()
    process = subprocess.Popen(
        ["node", "provider.mjs", str(port), RETURN],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NODE_ENV": "production"},
    )
    try:
        assert process.stdout is not None
        assert any(line.strip() == b"ready" for line in process.stdout), "the provider did not start"
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running() as (address, _):
        yield address


def served(tmp_path: Path, sqlite_url: str, issuer: str, **changes: str) -> House:
    """A house with that sign-in service, at the time of day that it has too."""
    house = House(tmp_path, sqlite_url)
    house.clock.at = datetime.now(UTC)
    variables = {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "spelregel",
        "OIDC_CLIENT_SECRET": "een-geheim-van-de-proef",
        "SPELREGEL_OIDC_ROLES": ROLES,
        "SPELREGEL_PUBLIC_URL": BASE,
        "DATABASE_URL": sqlite_url,
    }
    house.wiring = Wiring(settings.load(environment(tmp_path, **{**variables, **changes})))
    vars(house.wiring).update(carrier=house.carrier, clock=house.clock)
    return house


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, issuer: str) -> Iterator[House]:
    house = served(tmp_path, sqlite_url, issuer)
    yield house
    house.close()


@dataclass
class Colleague:
    """A browser that goes to and fro between us and the provider."""

    house: House
    hint: str = "a1"
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.house, "")

    def begin(self, target: str = "") -> str:
        """The provider's address that we send them to."""
        answer = self.visitor.client.get("/console/inloggen/oidc", base_url=BASE, query_string={"verder": target})
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def at_provider(self, address: str, **changes: str) -> str:
        """Signs in there; gives the address that the provider sends them back to."""
        split = urlsplit(address)
        query = {**dict(parse_qsl(split.query)), "login_hint": self.hint, **changes}
        address = split._replace(query=urlencode(query)).geturl()
        with requests.Session() as browser:
            for _ in range(6):
                answer = browser.get(address, allow_redirects=False, timeout=10)
                address = urljoin(address, answer.headers["Location"])
                if address.startswith(RETURN):
                    return address
        raise AssertionError(address)

    def come_back(self, address: str, **changes: str) -> TestResponse:
        split = urlsplit(address)
        query = {**dict(parse_qsl(split.query)), **changes}
        return self.visitor.client.get(split.path, base_url=BASE, query_string=query)

    def sign_in(self, target: str = "") -> TestResponse:
        return self.come_back(self.at_provider(self.begin(target)))


def refused(answer: TestResponse) -> bool:
    """A clear page, and no session."""
    cookies = " ".join(answer.headers.getlist("Set-Cookie"))
    return answer.status_code == 403 and "niet gelukt" in answer.text and "spelregel=" not in cookies


def test_two_people_come_in_as_what_the_service_says(house: House) -> None:
    mia, ali = Colleague(house), Colleague(house, "a2")
    assert mia.sign_in("/console/account").location == "/console/account"
    assert ali.sign_in().location == "/console"
    users = {user.name: (user.role, user.agencies) for user in house.wiring.users.list()}
    assert users == {"m.jansen": ("leidinggevende", ("example",)), "a.bakker": ("controleur", ("example", "uwv"))}
    page = mia.visitor.get("/console/account").text
    assert "m.jansen" in page
    assert "het account van uw organisatie" in page


def test_who_comes_again_is_the_same_user(house: House) -> None:
    mia = Colleague(house)
    for _ in range(2):
        mia.sign_in()
    (user,) = house.wiring.users.list()
    assert user.subject is not None
    assert user.subject.endswith(" a1")


def test_a_name_that_is_somebodys_becomes_another(house: House) -> None:
    house.wiring.users.introduce("m.jansen", Role.EMPLOYEE, ["example"], "a test")
    Colleague(house).sign_in()
    assert [user.name for user in house.wiring.users.list()] == ["m.jansen", "m.jansen-2"]


def test_what_is_asked_of_the_service_is_strict(house: House) -> None:
    mia = Colleague(house)
    first, second = (dict(parse_qsl(urlsplit(mia.begin()).query)) for _ in range(2))
    assert first["response_type"] == "code"
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == RETURN
    for secret in ("state", "nonce", "code_challenge"):
        assert len(first[secret]) >= 43
        assert first[secret] != second[secret]


def test_a_cookie_of_another_browser_is_no_help(house: House) -> None:
    mia, other = Colleague(house), Colleague(house)
    address = mia.at_provider(mia.begin())
    assert refused(other.come_back(address))
    other.begin()
    assert refused(other.come_back(address))
    assert mia.come_back(address).status_code == 303


@pytest.mark.parametrize(
    "change", [{"state": "x" * 43}, {"state": ""}, {"iss": "https://elsewhere.example"}, {"code": "x"}]
)
def test_a_changed_answer_is_refused(house: House, change: dict[str, str]) -> None:
    mia = Colleague(house)
    assert refused(mia.come_back(mia.at_provider(mia.begin()), **change))
    assert house.wiring.users.list() == []


def test_a_token_for_another_nonce_is_refused(house: House) -> None:
    mia = Colleague(house)
    assert refused(mia.come_back(mia.at_provider(mia.begin(), nonce="x" * 43)))


def test_a_code_works_once(house: House) -> None:
    mia = Colleague(house)
    begun = mia.begin()
    cookie = mia.visitor.client.get_cookie("spelregel-begun")
    assert cookie is not None
    address = mia.at_provider(begun)
    assert mia.come_back(address).status_code == 303
    assert mia.visitor.client.get_cookie("spelregel-begun") is None
    assert refused(mia.come_back(address))
    mia.visitor.client.set_cookie("spelregel-begun", cookie.value)
    assert refused(mia.come_back(address))


def test_a_sign_in_that_was_begun_long_ago_is_over(house: House) -> None:
    mia = Colleague(house)
    address = mia.at_provider(mia.begin())
    house.clock.pass_s(timedelta(minutes=10).total_seconds())
    assert refused(mia.come_back(address))


def test_a_token_that_has_ended_is_refused(house: House) -> None:
    mia = Colleague(house)
    address = mia.at_provider(mia.begin())
    house.clock.pass_s(timedelta(minutes=3).total_seconds())  # the provider's last one
    assert refused(mia.come_back(address))


def test_who_has_no_role_with_us_stays_out(house: House) -> None:
    answer = Colleague(house, "a3").sign_in()
    assert refused(answer)
    assert "geen rol" in answer.text
    assert house.wiring.users.list() == []


def test_who_is_refused_there_is_not_signed_in_here(house: House) -> None:
    assert refused(Colleague(house, "nobody").sign_in())


def test_a_user_whom_we_disabled_stays_out(house: House) -> None:
    mia = Colleague(house)
    mia.sign_in()
    house.wiring.users.disable("m.jansen")
    assert mia.visitor.get("/console").status_code == 303
    assert "uitgeschakeld" in mia.sign_in().text


def test_another_role_there_is_another_role_here(house: House) -> None:
    mia = Colleague(house)
    mia.sign_in()
    house.wiring.users.change("m.jansen", Role.EMPLOYEE, ["uwv"])
    mia.sign_in()
    (user,) = house.wiring.users.list()
    assert (user.role, user.agencies) == ("leidinggevende", ("example",))


def test_a_level_of_assurance_can_be_demanded(tmp_path: Path, sqlite_url: str, issuer: str) -> None:
    house = served(tmp_path, sqlite_url, issuer, SPELREGEL_OIDC_ACR="hoog")
    assert Colleague(house).sign_in().status_code == 303
    assert refused(Colleague(house, "a4").sign_in())
    house.close()


def test_signing_out_goes_to_the_service_too(house: House) -> None:
    mia = Colleague(house)
    mia.sign_in()
    page = mia.visitor.submit("/console/uitloggen")
    assert page.status_code == 200
    address = page.text.split("url=")[1].split('"')[0].replace("&amp;", "&")
    query = dict(parse_qsl(urlsplit(address).query))
    assert query["post_logout_redirect_uri"] == f"{BASE}/console/inloggen"
    assert query["id_token_hint"].count(".") == 2
    assert requests.get(address, timeout=10).status_code == 200
    assert mia.visitor.get("/console").status_code == 303


def test_a_service_under_another_name_is_not_believed(tmp_path: Path, sqlite_url: str, issuer: str) -> None:
    house = served(tmp_path, sqlite_url, issuer.replace("127.0.0.1", "localhost"))
    answer = Visitor(house, "").get("/console/inloggen/oidc")
    assert answer.status_code == 503
    assert "niet bereikbaar" in answer.text
    house.close()


def test_a_service_that_is_down_gets_a_clear_page(tmp_path: Path, sqlite_url: str) -> None:
    house = served(tmp_path, sqlite_url, f"http://127.0.0.1:{free_port()}")
    answer = Visitor(house, "").get("/console/inloggen/oidc")
    assert answer.status_code == 503
    assert "niet bereikbaar" in answer.text
    assert "Naar inloggen" in answer.text
    house.close()


def test_a_service_that_goes_down_meanwhile_gets_one_too(tmp_path: Path, sqlite_url: str) -> None:
    with running() as (address, process):
        house = served(tmp_path, sqlite_url, address)
        mia = Colleague(house)
        back = mia.at_provider(mia.begin())
        process.kill()
        process.wait()
        assert mia.come_back(back).status_code == 503
        assert mia.visitor.get("/console").status_code == 303
        house.close()


def test_nothing_of_the_service_is_there_where_it_was_not_set_up(tmp_path: Path, sqlite_url: str) -> None:
    house = House(tmp_path, sqlite_url)
    visitor = Visitor(house, "")
    assert visitor.get("/console/inloggen/oidc").status_code == 404
    assert "organisatie" not in visitor.get("/console/inloggen").text
    house.close()


def test_a_role_for_an_agency_that_is_not_served_stops_the_start(tmp_path: Path, sqlite_url: str) -> None:
    house = served(tmp_path, sqlite_url, "http://127.0.0.1:9", SPELREGEL_OIDC_ROLES="x=controleur:elders")
    with pytest.raises(UserError, match="no profile is called elders"):
        _ = house.client
    house.close()
