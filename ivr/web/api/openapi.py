"""The OpenAPI document of the API, drawn from the declarations that its requests are checked by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from types import UnionType
from typing import Any, get_args, get_origin

from ivr.cases.shapes import AtMost, Between, Json, Text, camel, declared, unmarked, without_none
from ivr.web.api.declaring import IDEMPOTENCY_KEY, Operation, Variants
from ivr.web.api.problems import API_VERSION, PREFIX, TITLES, VERSION_HEADER

ANY_MAY_REFUSE = (400, 401, 403, 429, 503)
PLAIN: Mapping[object, dict[str, Json]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
PROBLEM: dict[str, Json] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Everything that is wrong with the request.",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "detail"],
                "properties": {
                    "in": {"type": "string", "enum": ["body", "query", "header"]},
                    "pointer": {"type": "string", "description": "RFC 6901"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
DESCRIPTION = (
    "What happens on calls and after them under the recording rules of Dutch public agencies. Sign in with a bearer "
    "token. Bodies hold only what is declared here. A request with an Idempotency-Key that came before is not done "
    "again. Where the agency keeps a processing log, a request with a traceparent (W3C Trace Context) is noted there "
    "in that trace. Times are UTC."
)


class Schemas:
    """Schemas of shapes, each drawn once and named as its shape."""

    def __init__(self) -> None:
        self.drawn: dict[str, Json] = {"Problem": PROBLEM}

    def of(self, kind: Any, marks: Sequence[object] = ()) -> dict[str, Json]:
        inner, optional = without_none(kind)
        if optional:
            return nullable(self.of(inner, marks))
        if is_dataclass(kind):
            shape: Any = kind
            return self._named(shape.__name__, lambda: self.fields(shape))
        if get_origin(kind) is tuple:
            return {"type": "array", "items": self.of(*unmarked(get_args(kind)[0])), **limits(marks)}
        if isinstance(kind, UnionType):
            return {"oneOf": [self.of(one) for one in get_args(kind)]}
        if get_origin(kind) is Mapping:
            values = get_args(kind)[1]
            return {"type": "object", "additionalProperties": self.of(values) if values in PLAIN else True}
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return {"type": "string", "enum": [member.value for member in kind]}
        return PLAIN[kind] | limits(marks)

    def variants(self, body: Variants) -> dict[str, Json]:
        """One of several shapes, told apart by a field."""
        refs: dict[str, Json] = {}
        for value, shape in body.shapes.items():
            draw = partial(self._variant, body, value, shape)
            refs[value] = self._named(f"{body.name}{shape.__name__}", draw)["$ref"]
        one_of: list[Json] = [{"$ref": ref} for ref in refs.values()]
        return {"oneOf": one_of, "discriminator": {"propertyName": body.tag, "mapping": refs}}

    def _variant(self, body: Variants, value: str, shape: type[object]) -> dict[str, Json]:
        tag: dict[str, Json] = {"type": "string", "enum": [value]}
        properties: dict[str, Json] = {body.tag: tag}
        required: list[Json] = [body.tag]
        for part in (body.head, shape):
            if part is not None:
                drawn = self.fields(part)
                properties |= drawn["properties"]  # type: ignore[arg-type]
                required += drawn.get("required", [])  # type: ignore[arg-type]
        return {
            "type": "object",
            "description": (shape.__doc__ or "").strip(),
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def fields(self, shape: type[object]) -> dict[str, Json]:
        fields = declared(shape)
        properties: dict[str, Json] = {camel(field.name): self.of(field.kind, field.marks) for field in fields}
        required: list[Json] = [camel(field.name) for field in fields if field.required]
        drawn: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": False}
        return drawn | ({"required": required} if required else {}) | {"description": (shape.__doc__ or "").strip()}

    def _named(self, name: str, draw: Callable[[], dict[str, Json]]) -> dict[str, Json]:
        if name not in self.drawn:
            self.drawn[name] = {}
            self.drawn[name] = draw()
        return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: dict[str, Json]) -> dict[str, Json]:
    """As OpenAPI 3.0 says it: null is no type of its own, and a closed set has to hold it too."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "object", "nullable": True, "enum": [None]}]}
    choices = schema.get("enum")
    return schema | {"nullable": True} | ({"enum": [*choices, None]} if isinstance(choices, list) else {})


def limits(marks: Sequence[object]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for mark in marks:
        match mark:
            case Text(least, most, pattern):
                found |= {"minLength": least, "maxLength": most}
                if pattern is not None:
                    found["pattern"] = f"^{pattern}$"
            case Between(least, most):
                found |= {"minimum": least, "maximum": most}
            case AtMost(most, least):
                found |= {"minItems": least, "maxItems": most}
    return found


def document(operations: Sequence[Operation], server: str) -> dict[str, Json]:
    """OpenAPI 3.0.3. `server` is the service's own address; the agency that runs it is whom to ask."""
    schemas = Schemas()
    paths: dict[str, dict[str, Json]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    paths["/openapi.json"] = {"get": _itself()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Spelregel",
            "version": API_VERSION,
            "description": DESCRIPTION,
            "contact": {"name": "The agency that runs this service", "url": server},
            "license": {"name": "EUPL-1.2"},
        },
        "servers": [{"url": f"{server}{PREFIX}"}],
        "security": [{"token": []}],
        "tags": [{"name": "calls"}, {"name": "cases"}],
        "paths": {path: dict(methods) for path, methods in paths.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": {VERSION_HEADER: {"required": True, "schema": {"type": "string"}}},
            "responses": {str(status): _problem(title) for status, title in TITLES.items()},
            "schemas": schemas.drawn,
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Json]:
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in operation.path_names
    ]
    if operation.query is not None:
        parameters += [
            {"name": camel(field.name), "in": "query", "schema": schemas.of(without_none(field.kind)[0], field.marks)}
            for field in declared(operation.query)
        ]
    drawn: dict[str, Json] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1]],
    }
    if operation.method == "POST":
        key: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 100}
        parameters.append({"name": IDEMPOTENCY_KEY, "in": "header", "schema": key})
    if operation.body is not None:
        body = operation.body
        schema = schemas.variants(body) if isinstance(body, Variants) else schemas.of(body)
        drawn["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if parameters:
        drawn["parameters"] = parameters
    refuses = {*ANY_MAY_REFUSE, *operation.refuses, *((413, 415) if operation.body is not None else ())}
    drawn["responses"] = {
        str(operation.status): {
            "description": "done" if operation.method == "POST" else "found",
            "headers": {VERSION_HEADER: {"$ref": f"#/components/headers/{VERSION_HEADER}"}},
            "content": {"application/json": {"schema": schemas.of(operation.answers)}},
        },
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refuses)},
    }
    return drawn


def _problem(title: str) -> dict[str, Json]:
    return {
        "description": title,
        "headers": {VERSION_HEADER: {"$ref": f"#/components/headers/{VERSION_HEADER}"}},
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _itself() -> dict[str, Json]:
    return {
        "operationId": "getOpenapi",
        "summary": "This document; for everybody.",
        "tags": ["cases"],
        "security": [],
        "responses": {
            "200": {
                "description": "found",
                "headers": {VERSION_HEADER: {"$ref": f"#/components/headers/{VERSION_HEADER}"}},
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }
