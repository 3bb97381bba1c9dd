"""Styles and scripts: asked for once, small on the way, and only what is meant to be served."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.web.assets import load_assets
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from tests.builders import House
from tests.ivr.web.signed_in import sign_in

PACKED = {"Accept-Encoding": "gzip, br"}
FIRST_PAGE_BYTES = 100_000
ADDRESS = re.compile(r"""(?:href|src)="(/assets/[^"]+)\"""")


@pytest.fixture
def client() -> FlaskClient:
    return client_with(None)


def client_with(theme: Path | None) -> FlaskClient:
    app = Flask("assets under test")
    register_headers(app)
    register_pages(app, theme=theme)
    app.add_url_rule("/address/<path:name>", "address", lambda name: app.url_for("pages.static", filename=name))
    return app.test_client()


def address(client: FlaskClient, name: str) -> str:
    return client.get(f"/address/{name}").text


def test_an_address_names_the_content_and_is_kept_for_good(client: FlaskClient) -> None:
    answer = client.get(address(client, "look.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef"])
def test_another_address_is_asked_again_and_answered_briefly(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/assets/page.css{query}")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get(f"/assets/page.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_file_has_another_address(tmp_path: Path) -> None:
    theme = tmp_path / "theme.css"
    theme.write_text(".spelregel-theme { --blue: #154273; }")
    plain, themed = client_with(None), client_with(theme)
    assert address(plain, "look.css") != address(themed, "look.css")
    assert themed.get(address(themed, "look.css")).text.endswith("--blue: #154273; }")


def test_who_refuses_packing_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get("/assets/look.css", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in answer.headers


def test_what_is_packed_is_the_same(client: FlaskClient) -> None:
    plain, packed = client.get("/assets/look.css"), client.get("/assets/look.css", headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(
    "path",
    ["vendor/package.json", "vendor/README.md", "../pages.py", "..%2fpages.py", "bel/../../pages.py", "bel", "nee.css"],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/assets/{path}").status_code == 404


def test_no_style_or_script_names_another_server() -> None:
    elsewhere = re.compile(rb"""(?:url\(\s*['"]?|@import\s+['"]|from\s+['"]|import\(['"])(?:https?:)?//""")
    assert not [name for name, asset in load_assets().items() if elsewhere.search(asset.content)]


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = House(tmp_path, sqlite_url)
    yield house
    house.close()


def test_the_first_page_of_the_console_is_small(house: House) -> None:
    """All that a browser fetches for it, without what it does not know yet: what scripts import."""
    mia = sign_in(house, Role.SUPERVISOR)
    page = mia.get("/console")
    parts = [mia.get(address, **PACKED) for address in sorted(set(ADDRESS.findall(page.text)))]
    assert len(parts) >= 4
    assert all(part.status_code == 200 for part in parts)
    assert sum(map(_sent_bytes, [page, *parts])) <= FIRST_PAGE_BYTES


def _sent_bytes(answer: TestResponse) -> int:
    return len(answer.data) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
