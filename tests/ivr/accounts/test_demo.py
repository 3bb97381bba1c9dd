"""The demo's way in: beside the local carrier, as the demo's own users, and nowhere else."""

from pathlib import Path

import pytest

from config import settings
from config.policy import Role
from ivr.accounts.demo import add_demo_users
from ivr.accounts.users import Disabled
from ivr.app import create_app
from ivr.wiring import Wiring
from tests.builders import House, environment
from tests.ivr.web.visiting import BASE, Visitor

DEMO = "/console/inloggen/demo"


@pytest.fixture
def visitor(house: House) -> Visitor:
    add_demo_users(house.wiring.users, ["example"])
    return Visitor(house, "")


def test_somebody_at_the_demo_comes_in_as_any_role(visitor: Visitor) -> None:
    for role in Role:
        assert f'value="demo.{role}"' in visitor.get("/console/inloggen").text
        assert visitor.post(DEMO, {"naam": f"demo.{role}"}).status_code == 303
        assert f"demo.{role}" in visitor.get("/console").text


def test_only_the_demos_own_users_come_in_so(visitor: Visitor) -> None:
    visitor.house.wiring.users.introduce("m.jansen", Role.ADMINISTRATOR, ["example"], "a test")
    assert "m.jansen" not in visitor.get("/console/inloggen").text
    for name in ("m.jansen", "", "demo.directeur"):
        assert visitor.post(DEMO, {"naam": name}).status_code == 404
    assert visitor.post(DEMO, {"naam": "demo.beheerder"}, Origin="https://elsewhere.example").status_code == 403


def test_a_demo_user_who_was_disabled_is_out(visitor: Visitor) -> None:
    visitor.house.wiring.users.disable("demo.medewerker")
    assert visitor.post(DEMO, {"naam": "demo.medewerker"}).status_code == 404
    add_demo_users(visitor.house.wiring.users, ["example"])
    assert visitor.post(DEMO, {"naam": "demo.medewerker"}).status_code == 404
    with pytest.raises(Disabled):
        visitor.house.wiring.users.new_token("demo.medewerker")


def test_beside_a_real_carrier_there_is_no_such_way(visitor: Visitor, tmp_path: Path, sqlite_url: str) -> None:
    changes = {"TWILIO_API_URL": "", "SPELREGEL_PUBLIC_URL": "https://spelregel.test", "DATABASE_URL": sqlite_url}
    wiring = Wiring(settings.load(environment(tmp_path, **changes)))
    client = create_app(wiring).test_client()
    assert [user.name for user in wiring.users.list()]
    assert "demo" not in client.get("/console/inloggen", base_url=BASE).text
    assert client.post(DEMO, base_url=BASE, data={"naam": "demo.beheerder"}).status_code == 404
    wiring.database.close()
