"""Users of the API, and what they ask of it; every answer is held against the OpenAPI document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from config.policy import Role
from tests.builders import PUBLIC_URL, House

ROOT = "/api/v1"
CONFIG = Config(extra_media_type_deserializers={"application/problem+json": json.loads})


@dataclass
class Api:
    """The API of a house with one user a role, all for the agency `example`."""

    house: House
    tokens: dict[Role, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role in Role:
            self.tokens[role] = self.house.wiring.users.add(f"a.{role}", role, ["example"], "a test")
        self.document = json.loads(self.send("GET", "/openapi.json").data)
        self.checked = OpenAPI.from_dict(self.document, config=CONFIG)

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, data: bytes | str | None = None
    ) -> TestResponse:
        """Anything at all, unchecked."""
        return self.house.client.open(ROOT + path, base_url=PUBLIC_URL, method=method, headers=headers, data=data)

    def ask(
        self,
        method: str,
        path: str,
        role: Role = Role.EMPLOYEE,
        body: object = None,
        *,
        key: str | None = None,
        declared: bool = True,
    ) -> TestResponse:
        """As somebody of that role; the answer is as declared, and so is the request unless it is wrong on purpose."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} | ({"Idempotency-Key": key} if key else {})
        data = None if body is None else json.dumps(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        answer = self.send(method, path, headers=headers, data=data)
        environ = EnvironBuilder(
            ROOT + path, PUBLIC_URL, method=method, headers=Headers(headers), data=data
        ).get_environ()
        request = WerkzeugOpenAPIRequest(Request(environ))
        if declared:
            self.checked.validate_request(request)
        self.checked.validate_response(request, WerkzeugOpenAPIResponse(answer))
        return answer

    def good(self, method: str, path: str, role: Role = Role.EMPLOYEE, body: object = None, **how: Any) -> Any:
        """The answer's content, where all went well."""
        answer = self.ask(method, path, role, body, **how)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        assert answer.headers["API-Version"] == "1.0.0"
        return answer.json

    def bad(
        self, status: int, method: str, path: str, role: Role = Role.EMPLOYEE, body: object = None, **how: Any
    ) -> Any:
        """The problem, where it did not."""
        answer = self.ask(method, path, role, body, **{"declared": False, **how})
        return problem(status, answer)


def problem(status: int, answer: TestResponse) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["API-Version"] == "1.0.0"
    told = answer.json
    assert told is not None
    assert told["status"] == status
    return told


def pointers(told: Any) -> set[tuple[str, str]]:
    return {(error["in"], error["pointer"]) for error in told["errors"]}
