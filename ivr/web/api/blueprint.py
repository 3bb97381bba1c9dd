"""The routes under /api/v1: sign in, check, answer (NL API Design Rules 2.1.0)."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError

from ivr.calls.trace_context import TRACEPARENT, read_traceparent
from ivr.cases.service import KeyUsedBefore
from ivr.cases.shapes import camel, write
from ivr.cases.turn import NotAllowed, WrongRole
from ivr.web.access import Access
from ivr.web.api.accounting import RequestAccountant
from ivr.web.api.declaring import Asked, Operation
from ivr.web.api.openapi import document
from ivr.web.api.problems import API_VERSION, PREFIX, VERSION_HEADER, Ignored, Wrong, problem, problem_of
from ivr.web.api.requests import read_body, read_key, read_query
from ivr.web.trail import Trail
from storage.errors import StorageError

RETRY_AFTER_S = 30
STATUS: Mapping[type[Exception], int] = {
    WrongRole: 403,
    KeyUsedBefore: 422,
    NotAllowed: 409,
    Ignored: 409,
    Wrong: 400,
    StorageError: 503,
}
"""What an operation may raise besides exceptions of HTTP; the first kind that fits."""

log = logging.getLogger(__name__)


def make_api(
    access: Access, trail: Trail, accountant: RequestAccountant | None, operations: Sequence[Operation], server: str
) -> Blueprint:
    """`accountant` is None where the agency has no processing log."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    described = json.dumps(document(operations, server), ensure_ascii=False)

    @api.get("/openapi.json")
    def openapi() -> Response:
        response = Response(described, mimetype="application/json")
        response.headers["Access-Control-Allow-Origin"] = "*"  # any viewer of API documents may fetch it
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    for operation in operations:
        view = view_of(operation, access, trail, accountant)
        api.add_url_rule(operation.rule, operation.name, view, methods=[operation.method])

    @api.after_request
    def add_version(response: Response) -> Response:
        response.headers[VERSION_HEADER] = API_VERSION
        return response

    @api.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return problem_of(error)

    @api.errorhandler(Wrong)
    def wrong(error: Wrong) -> Response:
        return problem(status_of(error), "see the errors", error.faults)

    @api.errorhandler(NotAllowed)
    def not_allowed(error: NotAllowed) -> Response:
        return problem(status_of(error), str(error))

    @api.errorhandler(Ignored)
    def ignored(error: Ignored) -> Response:
        return problem(status_of(error), str(error))

    @api.errorhandler(StorageError)
    def unavailable(error: StorageError) -> Response:
        log.error("a request to the API was not dealt with", extra={"path": request.path, "error": str(error)})
        response = problem(status_of(error), "try again in a moment")
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    @api.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        """The outermost loop of the API: a fault of ours is a problem too, without a word about our insides."""
        log.exception("a request to the API failed", exc_info=error, extra={"path": request.path})
        return problem_of(InternalServerError("this is not your doing"))

    return api


def status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def view_of(operation: Operation, access: Access, trail: Trail, accountant: RequestAccountant | None) -> Any:
    """The operation behind all checks; each request of a known user leaves a line in the trail, refused ones too, and
    each one that is answered its records in the agency's processing log."""

    def accounted(asked: Asked) -> object:
        if accountant is None or operation.processing is None:
            return operation.answer(asked)
        began_at, parent = accountant.now(), read_traceparent(request.headers.get(TRACEPARENT))
        answer = operation.answer(asked)
        accountant.write(operation.processing, asked, answer, began_at, parent)
        return answer

    def view(**path: str) -> Response:
        user = access.find_user(request.headers.get("Authorization"), request.remote_addr)
        try:
            user.require(operation.permission)
            asked = Asked(
                user,
                path,
                query=read_query(request, operation.query),
                key=read_key(request),
                body=read_body(request, operation.body),
            )
            answer = write(accounted(asked), camel)
        except Exception as error:
            trail.write(user, operation.name, path, status_of(error))
            raise
        trail.write(user, operation.name, path, operation.status)
        return Response(json.dumps(answer, ensure_ascii=False), operation.status, mimetype="application/json")

    return view
