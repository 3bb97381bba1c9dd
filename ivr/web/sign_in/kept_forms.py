"""A form that was sent too late is not lost: what was filled in goes along while its sender signs in, and comes back as
a form to send once more. Nothing is stored; it stays in the browser's own page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request

from ivr.web.csrf import CSRF_FIELD

PATH = "bewaard-adres"
PREFIX = "bewaard:"
SECRET = ("wachtwoord", "code")
"""Fields whose name begins so are never written into a page."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where it was sent to, and what was filled in. `files`: there were files, which a page cannot carry along."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: bool = False

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """As fields of the form to sign in."""
        return [(PATH, self.path), *((PREFIX + name, value) for name, value in self.fields)]


def keep_form(request: Request) -> KeptForm:
    fields = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != CSRF_FIELD and not name.startswith(SECRET)
    )
    return KeptForm(request.full_path.rstrip("?"), fields, files=bool(request.files))


def read_kept_form(form: Mapping[str, str], fields: Iterable[tuple[str, str]]) -> KeptForm | None:
    """What came along with the form to sign in; None where nothing did, or it would go elsewhere."""
    path = own_path(form.get(PATH, ""))
    if path is None:
        return None
    return KeptForm(
        path, tuple((name.removeprefix(PREFIX), value) for name, value in fields if name.startswith(PREFIX))
    )


def own_path(address: str) -> str | None:
    """An address within the console, and nothing that a browser could take for another host (CWE-601)."""
    if "\\" in address or any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    inside = parts.path == "/console" or parts.path.startswith("/console/")
    if parts.scheme or parts.netloc or not inside or "/../" in f"{parts.path}/":
        return None
    return address
