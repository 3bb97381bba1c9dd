"""The public pages of a folder of profiles."""

from collections.abc import Collection
from pathlib import Path

from flask import Flask

from config.policy_file import load_policies
from config.translations import load_translations
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from ivr.web.public.rule_pages import make_public_pages
from tests.builders import SetClock
from tests.guards.tree import ROOT

PROFILES = ROOT / "config" / "policies"
LOCALE = ROOT / "config" / "locale"
EXAMPLE = (PROFILES / "example.toml").read_text(encoding="utf-8")

LOG_KEY = "spelregel.test/log+01234567+AQ=="


def public_app(profiles: Path, locale: Path = LOCALE, spoken: Collection[str] = ("nl", "en")) -> Flask:
    app = Flask("public pages under test")
    register_headers(app)
    register_pages(app, load_translations(locale))
    app.register_blueprint(
        make_public_pages(load_policies(profiles), spoken, SetClock(), "https://spelregel.test", [LOG_KEY])
    )
    return app


def changed_app(folder: Path, *changes: tuple[str, str], locale: Path = LOCALE) -> Flask:
    """With the example's profile, each change made once in its text."""
    text = EXAMPLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "profiles").mkdir()
    (folder / "profiles" / "example.toml").write_text(text, encoding="utf-8")
    return public_app(folder / "profiles", locale)
