"""The agencies of the journeys: the profiles as they are shipped, each with a number and phones of its own."""

import tomllib
from pathlib import Path
from typing import Any

import config
from ivr.wiring import DEMO_NUMBER

SHIPPED = Path(config.__file__).parent / "policies"
SLUGS = sorted(path.stem for path in SHIPPED.glob("*.toml"))


def number_of(agency: str) -> str:
    """The agency's number; the example agency keeps that of the demo."""
    return DEMO_NUMBER if agency == "example" else f"+3188{SLUGS.index(agency):07d}"


def first_address(agency: str) -> str:
    """Whom the agency rings first."""
    first = str(_content(agency)["employee"]["to"][0])
    return first if agency == "example" else first.replace("client:medewerker", f"client:{agency}")


def write_profiles(folder: Path) -> Path:
    """The shipped profiles with numbers, and with phones that are not the other agencies'."""
    folder.mkdir(parents=True)
    for agency in SLUGS:
        document = _document(agency)
        if agency != "example":
            document = document.replace("numbers = []", f'numbers = ["{number_of(agency)}"]', 1)
            document = document.replace('"client:medewerker', f'"client:{agency}')
        (folder / f"{agency}.toml").write_text(document, encoding="utf-8")
    return folder


def _document(agency: str) -> str:
    return (SHIPPED / f"{agency}.toml").read_text(encoding="utf-8")


def _content(agency: str) -> dict[str, Any]:
    return tomllib.loads(_document(agency))
