"""Which pictures there are. A new page is a new line."""

from dataclasses import dataclass
from typing import Literal

from config.policy import Role


@dataclass(frozen=True)
class Shot:
    """One picture: of which page, for whom (nobody signed in where `role` is None), and what it shows in words.

    `path` may name what the day has, like `{recorded}`; `then` are selectors that are clicked one after the
    other before the picture, which is taken where the last one brought the page.
    """

    name: str
    role: Role | None
    path: str
    shows: str
    screen: Literal["wide", "phone"] = "wide"
    scheme: Literal["light", "dark"] = "light"
    then: tuple[str, ...] = ()


CALL = "/console/gesprekken/{recorded}"
LISTEN = ("input[name=purpose]", "text=Open de speler", "a[href='#luisteren']")

SHOTS = (
    Shot("begin", Role.EMPLOYEE, "/console", "What an employee begins with: calls that go on, promises, case files"),
    Shot("nu", Role.EMPLOYEE, "/console/nu", "The calls that go on now, without reloading"),
    Shot("gesprek-nu", Role.EMPLOYEE, "/console/nu/{live}", "One call while it goes on, and what can be done in it"),
    Shot("gesprek-nu-klein", Role.EMPLOYEE, "/console/nu/{live}", "The same, small and at night", "phone", "dark"),
    Shot("gesprekken", Role.SUPERVISOR, "/console/gesprekken", "Searching all calls, saved filters, exports"),
    Shot("gesprek", Role.SUPERVISOR, CALL, "One call: timeline, record, proofs, and its sound"),
    Shot("luisteren", Role.SUPERVISOR, CALL, "Listening, for a purpose that is logged", then=LISTEN),
    Shot("zaken", Role.SUPERVISOR, "/console/zaken", "Case files, with what is due first"),
    Shot("zaak", Role.SUPERVISOR, "/console/zaken/{case}", "A complaint: where it stands, and what can be done"),
    Shot("evaluatie", Role.SUPERVISOR, "/console/evaluatie", "The evaluation of a period"),
    Shot("logboek", Role.AUDITOR, "/console/logboek", "Whether the log is whole, and since when that is known"),
    Shot("inzage", Role.PRIVACY_OFFICER, "/console/inzage", "Who looked at what, and when"),
    Shot("betrokkene", Role.PRIVACY_OFFICER, "/console/betrokkene", "Requests of a caller: access and erasure"),
    Shot("bewaren", Role.SUPERVISOR, "/console/bewaren", "The retention calendar and legal holds"),
    Shot("profielen", Role.PRIVACY_OFFICER, "/console/profielen", "Agency profiles and their versions"),
    Shot("instellingen", Role.ADMINISTRATOR, "/console/instellingen", "What is still missing for production"),
    Shot("gebruikers", Role.ADMINISTRATOR, "/console/gebruikers", "Users, their roles and agencies"),
    Shot("spelregels", None, "/spelregels/example", "The public page with an agency's rules"),
    Shot("werkinstructie", None, "/spelregels/example/werkinstructie", "The employee's work instruction"),
    Shot("kopie", None, "{copy}", "The caller fetches their copy"),
    Shot("inloggen", None, "/console/inloggen", "Signing in"),
)


def index() -> str:
    """The pictures in one document."""
    parts = [f"## {shot.shows}\n\n![{shot.shows}]({shot.name}.png)\n" for shot in SHOTS]
    return "# The pages in pictures\n\nMade by `make screenshots`.\n\n" + "\n".join(parts)
