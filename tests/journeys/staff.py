"""People of an agency who use the API, each with a token of their own, as `spelregel users add` gives it."""

import json
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.journeys.agencies import SLUGS
from tests.journeys.running import Call, Service, start_command

NAMES = count(1)


EVERYBODY: "dict[tuple[int, str], Staff]" = {}
ADDING = Lock()


def staff(service: Service, role: str = "medewerker") -> "Staff":
    """The one of this role who works for all agencies of a service."""
    with ADDING:
        key = (id(service.household), role)
        if key not in EVERYBODY:
            EVERYBODY[key] = Staff.of(service, role, *SLUGS)
        return EVERYBODY[key]


@dataclass(frozen=True)
class Staff:
    """Somebody in a role, signed in."""

    service: Service
    name: str
    token: str

    @classmethod
    def of(cls, service: Service, role: str, *agencies: str) -> "Staff":
        name = f"journey.{role}.{next(NAMES)}"
        scope = [word for agency in agencies for word in ("--agency", agency)]
        arguments = ("users", "add", name, "--role", role, *scope)
        with start_command(*arguments, environment=service.household.environment) as process:
            told, faults = process.communicate()
        assert process.returncode == 0, faults
        return cls(service, name, told.splitlines()[-1].strip())

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and content of the answer."""
        url = f"{self.service.wiring.settings.public_url}/api/v1{path}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data=data, method=method)  # noqa: S310 - loopback
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                return answer.status, json.loads(answer.read())
        except HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def does(self, call: Call, what: str, **fields: object) -> Any:
        """Something on a call that goes on, such as `objections`; it took effect."""
        status, answer = self.ask("POST", f"/calls/{call.call_id}/{what}", fields or None)
        assert status in (200, 201), answer
        return answer

    def opens(self, kind: str, agency: str, call: Call | None = None, **fields: object) -> Any:
        """A case file; of a call where one is named."""
        about = {} if call is None else {"callId": call.call_id}
        status, case = self.ask("POST", "/cases", {"kind": kind, "agency": agency, **about, **fields})
        assert status == 201, case
        return case

    def acts(self, case_id: str, act: str, **fields: object) -> Any:
        """The case after an act that is allowed."""
        status, case = self.ask("POST", f"/cases/{case_id}/acts", {"act": act, **fields})
        assert status in (200, 201), case
        return case

    def cases(self, call: Call) -> list[Any]:
        """The case files of a call."""
        status, found = self.ask("GET", "/cases?limit=100")
        assert status == 200, found
        return [case for case in found["cases"] if case.get("callId") == call.call_id]
